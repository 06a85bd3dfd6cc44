"""How many, how much of it, and what share."""

from __future__ import annotations

from dataclasses import replace

from agents.models.embedded.compound.columns import Columns
from agents.models.embedded.compound.conditions import Conditions
from agents.models.embedded.compound.draft import Column
from agents.models.embedded.compound.pieces import (
    Attribute,
    Figure,
    Piece,
    Record,
    Test,
    Thing,
)
from agents.models.embedded.compound.sentence import Sentence

_NEAR = 8


class Counts:
    """Adds counts and shares."""

    def __init__(self, sentence: Sentence, columns: Columns, conditions: Conditions) -> None:
        self._s = sentence
        self._columns = columns
        self._conditions = conditions

    def count(self, index: int) -> None:
        """`how many lines`, `from how many suppliers`, `number of orders`, or `how many` alone."""
        if self._of_them(index):
            self._s.out.columns.append(Column(counts=Record(), clause=self._s.clause))
            return
        at = self._s.after(index, through=3, over=("of", "verb"))
        adjectives: list[int] = []
        while at is not None and not self._s.pieces[at].all(Record, Thing) and self._s.pieces[at].all(Test):
            if self._s.pieces[at].all(Attribute) and not self._s.noun_follows(at):
                break
            adjectives.append(at)
            at = self._s.after(at, through=1, over=())
        if at is not None and self._kind_and_number(at):
            self._columns.add(Column(counts=Record()))
            return
        if at is None or (self._s.pieces[at].mark is not None and not self._s.pieces[at].meanings):
            if adjectives:
                # `how many repairs`: a condition that stands for the records that meet it.
                self._columns.add(Column(counts=Record(), where=self._conditions.local(adjectives)))
                return
            self._columns.add(Column(counts=Record()))
            return
        aggregated = self._s.pieces[at]
        if aggregated.mark == "aggregate" and aggregated.aggregate == "count_distinct":
            self._s.used.add(at)
            at = self._s.after(at)
        if at is None:
            self._columns.add(Column(counts=Record()))
            return
        piece = self._s.pieces[at]
        records, things = piece.all(Record), piece.all(Thing)
        attributes = [one for one in piece.all(Attribute) if isinstance(one, Attribute)]
        numbers = [one for one in attributes if one.kind in ("quantity", "count", "days")]
        if records or things:
            self._and_of(at)
        if records and (self._s.clause == 0 or not things):
            self._s.used.add(at)
            local = self._conditions.local(adjectives)
            self._columns.add(Column(counts=Record(), where=local))
            self._s.out.head = self._s.out.head or Record()
        elif things:
            self._s.used.add(at)
            thing = things[0]
            assert isinstance(thing, Thing)
            self._columns.add(Column(counts=thing, where=self._conditions.local(adjectives)))
        elif numbers:
            self._s.used.add(at)
            self._columns.add(self._columns.column_of(piece) or Column(attribute=numbers[0]))
            self._s.out.totals = self._s.out.totals or not self._columns.lists_records
        elif self._s.is_pieces(at):
            self._s.used.add(at)
            self._columns.add(Column(attribute=self._columns.main("pieces")))
            self._s.out.totals = self._s.out.totals or not self._columns.lists_records
        elif attributes and attributes[0].kind == "money":
            self._s.used.add(at)
            self._columns.add(Column(attribute=attributes[0]))
            self._s.out.totals = True
        elif attributes:
            self._s.used.add(at)
            if attributes[0].kind == "date":
                self._s.out.doubts += 1.0  # `how many ended up as scrap` counts no days
            self._columns.add(Column(attribute=attributes[0], aggregate="count_distinct"))
        else:
            self._columns.add(Column(counts=Record(), where=self._conditions.local(adjectives)))

    def _and_of(self, at: int) -> None:
        """`number of orders and of lines`: the second is counted as well."""
        link, lead, further = (self._s.piece(at + step) for step in (1, 2, 3))
        if link is None or lead is None or further is None or link.mark != "and" or lead.mark != "of":
            return
        if self._s.tokens[lead.first].norm != "of":
            return
        things = [one for one in further.all(Thing) if isinstance(one, Thing)]
        counted = Record() if further.all(Record) else things[0] if things else None
        if counted is not None:
            self._s.used.add(at + 3)
            self._columns.add(Column(counts=counted))

    def _kind_and_number(self, at: int) -> bool:
        """`priority 1` of `how many priority 1 notifications`."""
        following = self._s.piece(at + 1)
        return following is not None and following.number is not None and self._s.close(at, at + 1)

    def _of_them(self, index: int) -> bool:
        """`how many of them`: records, whatever is said of them then."""
        piece = self._s.pieces[index]
        words = [token.norm for token in self._s.tokens[piece.after - 1 : piece.after + 2]]
        them = {"them", "those", "these", "which"}
        return (self._s.clause > 0 and (words[:1] == ["of"] and words[1:2] and words[1] in them)) or (
            self._s.clause > 0 and words[1:2] == ["of"] and bool(words[2:]) and words[2] in them
        )

    def of_it(self, index: int) -> bool:
        """`how much of it is overdue`: what was measured last, under a condition of its own."""
        first = self._s.pieces[index].after
        words = [token.norm for token in self._s.tokens[first : first + 2]]
        columns = [one for one in self._s.out.columns if not one.share and not one.of_total]
        if words[:1] != ["of"] or words[1:] not in (["it"], ["them"], ["that"], ["those"], ["this"]):
            return False
        if not columns or self._s.clause == 0:
            return False
        self._s.out.columns.append(
            replace(columns[-1], where=[], clause=self._s.clause, partial=True, ranked=False)
        )
        return True

    def share(self, index: int) -> None:
        """`what share of the orders was late`: the last columns in percent, or one of a metric."""
        nearby = [self._s.pieces[at] for at in (index - 1, index + 1) if 0 <= at < len(self._s.pieces)]
        for piece in nearby:
            kinds = [one.kind for one in piece.all(Attribute) if isinstance(one, Attribute)]
            figures = [one for one in piece.all(Figure) if isinstance(one, Figure)]
            if "percent" in kinds or any(
                self._s.catalogue.metrics[one.metric].kind == "percent" for one in figures
            ):
                return
        if self._in_percent(index):
            return
        if self._s.out.change or any(
            piece.mark == "change" for piece in self._s.pieces[max(0, index - 4) : index]
        ):
            self._s.out.changes_percent = True
            return
        if self._of_total(index) or self._ratio(index) or self._is_unit(index):
            return
        after = self._s.after(index, over=("of", "verb"))
        shared = self._s.pieces[after] if after is not None else None
        amount = None
        if shared is not None and not shared.all(Record):
            amount = self._s.attribute(shared, numbers=True)
        if amount is not None and after is not None and amount.kind in ("money", "quantity"):
            self._s.used.add(after)
            self._columns.add(Column(attribute=amount, share=True))
        else:
            self._columns.add(Column(counts=Record(), share=True))
            self._shared_noun(index)

    def _shared_noun(self, index: int) -> None:
        """`lines` of `percent of received lines`, beside suppliers: what is counted, and no column."""
        at = index + 1
        while (piece := self._s.piece(at)) is not None and piece.all(Test) and not piece.all(Record):
            at += 1
        if piece is not None and piece.all(Record) and isinstance(self._s.out.head, Thing):
            self._s.used.add(at)

    def _in_percent(self, index: int) -> bool:
        """`the rise, in percent`: the last column as the field or figure that has it in percent."""
        last = self._s.out.columns[-1] if self._s.out.columns else None
        following = self._s.piece(index + 1)
        said = self._s.tokens[self._s.pieces[index].first].norm == "in"
        if last is None or not said or (following is not None and following.mark == "of"):
            return False
        if last.figure is not None and f"{last.figure.metric}_pct" in self._s.catalogue.metrics:
            last.figure = Figure(f"{last.figure.metric}_pct")
            return True
        if last.attribute is None or last.figure is not None:
            return False
        entity, _, name = last.attribute.path.rpartition("/")[2].partition(".")
        known = self._s.catalogue.entity(entity).fields.get(f"{name}_pct")
        if known is not None:
            last.attribute = replace(last.attribute, path=f"{last.attribute.path}_pct", kind=known.kind)
        return known is not None

    def _of_total(self, index: int) -> bool:
        """`with the share of each in the total`: of groups, in percent of all of them together."""
        first = self._s.pieces[index].first
        words = {token.norm for token in self._s.tokens[first : first + _NEAR]}
        grouped = bool(self._s.out.by) or isinstance(self._s.out.head, Thing)
        if not grouped or not words & {"each", "total", "whole"} or not self._s.out.columns:
            return False
        self._columns.add(replace(self._s.out.columns[-1], where=[], share=False, of_total=True))
        return True

    def _is_unit(self, index: int) -> bool:
        """`in percent` at the end of what asks for a share already: only its unit."""
        following = self._s.piece(index + 1)
        if following is not None and following.mark not in ("break", "comma"):
            return False
        words = [token.norm for token in self._s.tokens[self._s.pieces[index].first :][:3]]
        said = words[:1] in (["in"], ["as"])
        return said and any(column.share or self._is_percent(column) for column in self._s.out.columns)

    def _is_percent(self, column: Column) -> bool:
        figure = column.figure
        return figure is not None and self._s.catalogue.metrics[figure.metric].kind == "percent"

    def _ratio(self, index: int) -> bool:
        """`rejected as a percent of inspected`: one figure in percent of another."""
        piece = self._s.pieces[index]
        leads = {token.norm for token in self._s.tokens[max(0, piece.first - 2) : piece.first + 1]}
        at = self._s.after(index, over=("of",))
        last = self._s.out.columns[-1] if self._s.out.columns else None
        if "as" not in leads or at is None:
            return False
        if (
            last is None
            or last.attribute is None
            or (last.clause != self._s.clause and self._s.listed(index - 1))
        ):
            return False
        attribute = self._s.attribute(self._s.pieces[at], numbers=True)
        if attribute is None:
            return False
        self._s.used.add(at)
        self._columns.add(Column(attribute=last.attribute, figure=last.figure, in_percent_of=attribute))
        return True

    def number_and(self, index: int, piece: Piece) -> bool:
        """`number and hours of stops`."""
        following = self._s.piece(index + 1)
        alone = self._s.tokens[piece.first].norm == "number" and piece.after - piece.first == 1
        if not alone or following is None or following.mark != "and":
            return False
        if piece.meanings and not self._s.out.by:
            return False
        self._columns.add(Column(counts=Record()))
        return True
