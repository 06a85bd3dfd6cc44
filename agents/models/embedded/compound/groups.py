"""What figures are broken down by: `per supplier`, `by month and category`."""

from __future__ import annotations

from agents.models.embedded.compound.columns import Columns
from agents.models.embedded.compound.marks import GRAINS
from agents.models.embedded.compound.pieces import (
    Attribute,
    Figure,
    Piece,
    Record,
    Thing,
)
from agents.models.embedded.compound.sentence import Sentence
from tools.metrics.query import (
    Grouping,
)


class Groups:
    """Adds groups."""

    def __init__(self, sentence: Sentence, columns: Columns) -> None:
        self._s = sentence
        self._columns = columns

    def grouped(self, index: int, piece: Piece) -> bool:
        """`per supplier`, `by reason`, `for each plant`; `by value` orders."""
        before = self._s.before(index, ("per", "each"))
        if before is None:
            return self._ranked_kind(index, piece)
        things = [one for one in piece.all(Thing) if isinstance(one, Thing)]
        attributes = [one for one in piece.all(Attribute) if isinstance(one, Attribute)]
        kinds = [one for one in attributes if one.kind in ("category", "text", "flag", "id")]
        nearest = min((one.depth for one in kinds), default=9)
        ordered = bool(self._s.out.limit) and not things and not kinds
        if ordered or (not things and not kinds):
            column = self._columns.column_of(piece)
            if column is not None and self._s.pieces[before].mark == "per":
                column.ranked = True
                self._columns.add(column)
                return True
            return False
        if piece.all(Record) and not kinds:
            return False
        own = [one for one in kinds if one.depth == 0]
        if own and not (things and piece.all(Record)):
            self._s.by(Grouping(path=own[0].path, missing=self._keeps_missing()))
        elif things and self._s.words.depth(things[0].entity) <= nearest:
            self._s.by(Grouping(entity=things[0].entity, missing=self._keeps_missing()))
        else:
            best = min(kinds, key=lambda one: one.depth)
            self._s.by(Grouping(path=best.path, missing=self._keeps_missing()))
        self._s.used.add(index)
        self._more_groups(index)
        return True

    def _ranked_kind(self, index: int, piece: Piece) -> bool:
        """`top 5 statuses by quantity`: the kinds are the rows."""
        before = self._s.piece(index - 1)
        kinds = [one for one in piece.all(Attribute) if isinstance(one, Attribute) and one.kind == "category"]
        if before is None or before.mark != "top" or not kinds or piece.all(Record, Thing, Figure):
            return False
        following = self._s.piece(index + 1)
        if following is None or following.mark != "per":
            return False
        self._s.by(Grouping(path=min(kinds, key=lambda one: one.depth).path))
        self._s.used.add(index)
        return True

    def _keeps_missing(self) -> bool:
        return any(piece.mark == "missing" for piece in self._s.pieces)

    def _more_groups(self, index: int) -> None:
        """`by month and category`."""
        link, further = self._s.piece(index + 1), self._s.piece(index + 2)
        if link is None or further is None or link.mark != "and":
            return
        things = [one for one in further.all(Thing) if isinstance(one, Thing)]
        kinds = [
            one for one in further.all(Attribute) if isinstance(one, Attribute) and one.kind == "category"
        ]
        if things and not further.all(Record):
            self._s.by(Grouping(entity=things[0].entity))
            self._s.used.add(index + 2)
        elif kinds:
            self._s.by(Grouping(path=kinds[0].path))
            self._s.used.add(index + 2)

    def and_grain(self, index: int, piece: Piece) -> bool:
        """`per cost centre and month`."""
        before = self._s.piece(index - 1)
        grain = GRAINS.get(self._s.tokens[piece.first].norm)
        if grain is None or before is None or before.mark != "and" or not self._s.out.by:
            return False
        self._s.by(Grouping(grain=grain))
        return True

    def grain(self, piece: Piece) -> None:
        dates = self._s.catalogue.entity(self._s.out.entity).dates
        role = next(
            (
                name
                for name, one in dates.items()
                if piece.unit
                and (name.startswith(piece.unit[:4]) or piece.unit in " ".join(one.words).split())
            ),
            "",
        )
        grain = piece.grain or "month"
        if not any(other.grain == grain for other in self._s.out.by):
            self._s.out.by.append(Grouping(grain=grain, role=role))
