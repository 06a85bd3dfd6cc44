"""Averages and extremes: `the longest stop`, `most repairs`, `oldest due date first`."""

from __future__ import annotations

from agents.models.embedded.compound.columns import Columns
from agents.models.embedded.compound.conditions import Conditions
from agents.models.embedded.compound.draft import Column
from agents.models.embedded.compound.marks import DATED
from agents.models.embedded.compound.pieces import (
    Attribute,
    Piece,
    Record,
    Test,
    Thing,
)
from agents.models.embedded.compound.sentence import Sentence

_UNITS = frozenset({"minute", "minutes", "hour", "hours", "day", "days"})


class Ranking:
    """Adds averages and extremes."""

    def __init__(self, sentence: Sentence, columns: Columns, conditions: Conditions) -> None:
        self._s = sentence
        self._columns = columns
        self._conditions = conditions

    def aggregate(self, index: int, piece: Piece) -> None:
        """`average days late`, `the most repairs`, `the worst one`."""
        if self._sorts(index, piece):
            return
        at = self._s.after(index, through=2, over=("of", "and", "comma"))
        following = self._s.pieces[at] if at is not None else None
        extreme = piece.aggregate in ("maximum", "minimum")
        if following is not None and at is not None and following.mark == "aggregate":
            # `average and worst`: the field stands after the second.
            further = self._s.after(at, through=2, over=("of",))
            if further is not None and self._s.pieces[further].all(Attribute):
                attribute = self._s.attribute(self._s.pieces[further], numbers=True)
                if attribute is not None:
                    self._columns.add(Column(attribute=attribute, aggregate=piece.aggregate))
                    return
        if following is None or not following.meanings or at is None:
            self._again(piece)
            return
        attribute = self._s.attribute(following, numbers=True, dates=extreme)
        figure = self._s.figure(following)
        if piece.aggregate == "count_distinct":
            self._s.used.add(at)
            things = [one for one in following.all(Thing) if isinstance(one, Thing)]
            if things:
                self._columns.add(Column(counts=things[0]))
            elif attribute := self._s.attribute(following):
                self._columns.add(Column(attribute=attribute, aggregate="count_distinct"))
            return
        if figure is not None and (attribute is None or extreme or attribute.depth):
            self._s.used.add(at)
            self._columns.add(
                Column(figure=figure, attribute=attribute, ranked=extreme, up=piece.up, aggregate=None)
            )
            if piece.unit in ("best", "worst"):
                self._s.out.top = self._s.out.top or piece.unit
            return
        if attribute is not None:
            self._s.used.add(at)
            column = Column(attribute=attribute, aggregate=piece.aggregate, ranked=extreme, up=piece.up)
            self._columns.add(column)
            return
        if extreme and following.all(Record, Test) and not following.all(Thing):
            self._ranked_records(at, following, piece)
            return
        if extreme and following.all(Thing):
            self._s.out.top, self._s.out.top_up = piece.unit or "most", piece.up
            self._s.out.limit = self._s.out.limit or 1
            return
        self._s.out.doubts += 0.5

    def sorted_by(self, index: int) -> None:
        """`sorted by due date`: the order of the rows, lowest first unless it is said otherwise."""
        piece = self._s.piece(index + 1)
        attribute = self._s.attribute(piece, numbers=True, dates=True) if piece is not None else None
        if piece is None or attribute is None:
            return
        self._s.used.add(index + 1)
        after = {token.norm for token in self._s.tokens[piece.after : piece.after + 2]}
        self._columns.add(
            Column(attribute=attribute, ranked=True, up=bool(after & {"descending", "highest", "largest"}))
        )

    def _sorts(self, index: int, piece: Piece) -> bool:
        """`oldest due date first`: only the order of the rows."""
        if piece.aggregate not in ("maximum", "minimum"):
            return False
        end = next(
            (
                at
                for at in range(index + 1, len(self._s.pieces))
                if self._s.pieces[at].mark in ("break", "comma")
            ),
            len(self._s.pieces),
        )
        firsts = [
            at
            for at in range(index + 1, end)
            if self._s.tokens[self._s.pieces[at].first].norm in ("first", "top")
            and self._s.pieces[at].period is None
        ]
        if not firsts or firsts[0] - index > 3:
            return False
        for at in range(index + 1, firsts[0] + 1):
            self._s.used.add(at)
        named = next(
            (self._s.pieces[at] for at in range(index + 1, firsts[0]) if self._s.pieces[at].meanings), None
        )
        attribute = self._s.attribute(named, numbers=True, dates=True) if named is not None else None
        if attribute is not None:
            self._columns.add(
                Column(
                    attribute=attribute,
                    figure=self._s.figure(named) if named else None,
                    ranked=True,
                    up=piece.up,
                )
            )
        else:
            self._s.out.first_up = piece.up
            self._s.out.first_dated = piece.unit in DATED
        return True

    def _ranked_records(self, at: int, following: Piece, piece: Piece) -> None:
        """`the most repairs` counts them; `the longest stop` is one of them."""
        if piece.unit in ("most", "fewest", "least"):
            if following.all(Record):
                self._s.used.add(at)
                self._columns.add(Column(counts=Record(), ranked=True, up=piece.up))
            else:
                self._s.used.add(at)
                self._columns.add(
                    Column(counts=Record(), where=self._conditions.local([at]), ranked=True, up=piece.up)
                )
            return
        main = self._columns.main("pieces") or self._columns.main("money")
        if piece.unit in DATED:
            main = self._columns.main("date")
        main = self._in_unit(at) or self._waiting(at, piece) or main
        if main is not None:
            self._s.out.of_each = self._s.out.of_each or not self._s.out.columns
            # `..., and the longest stop` beside other figures of groups is one of them.
            ranked = not (self._s.out.columns and self._s.out.by)
            self._columns.add(Column(attribute=main, ranked=ranked, up=piece.up, aggregate=piece.aggregate))

    def _waiting(self, at: int, piece: Piece) -> Attribute | None:
        """The days of `the longest overdue order`."""
        if piece.unit not in ("longest", "worst"):
            return None
        words = {token.norm for token in self._s.tokens[piece.after : self._s.pieces[at].after + 1]}
        if words & {"late", "delayed"}:
            return self._columns.main("late")
        return self._columns.main("age") if words & {"overdue", "open", "outstanding", "waiting"} else None

    def _in_unit(self, at: int) -> Attribute | None:
        """The minutes of `the longest stop in minutes`."""
        unit, link = self._s.piece(at + 2), self._s.piece(at + 1)
        if unit is None or link is None or self._s.tokens[link.first].norm != "in":
            return None
        words = {token.norm for token in self._s.tokens[unit.first : unit.after]}
        attribute = self._s.attribute(unit, numbers=True) if words & _UNITS else None
        if attribute is not None:
            self._s.used.add(at + 2)
        return attribute

    def _again(self, piece: Piece) -> None:
        """`and the worst one`: another aggregate of what was measured last."""
        if piece.unit in ("most", "least") and self._s.out.columns and self._s.out.head is not None:
            measured = self._s.out.columns[-1]
            if measured.figure is not None and measured.attribute is None:
                # `overspent its plan the most`
                measured.ranked, measured.up = True, piece.up
                if isinstance(self._s.out.head, Thing) and not self._s.out.head_plural:
                    self._s.out.limit = self._s.out.limit or 1
                return
        last = next((one for one in reversed(self._s.out.columns) if one.attribute is not None), None)
        figure = next((one.figure for one in reversed(self._s.out.columns) if one.figure is not None), None)
        attribute = (
            last.attribute
            if last is not None
            else self._columns.field_of(figure) or self._columns.main("pieces")
        )
        if attribute is None or attribute.kind in ("text", "id", "category", "flag"):
            self._s.out.doubts += 0.5
            return
        self._columns.add(Column(attribute=attribute, aggregate=piece.aggregate, ranked=False, up=piece.up))
