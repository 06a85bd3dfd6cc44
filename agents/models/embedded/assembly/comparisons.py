"""Comparisons: of a figure with a number, or of one field with another of the same record."""

from __future__ import annotations

from decimal import Decimal

from agents.models.embedded.assembly.figures import Figures
from agents.models.embedded.assembly.question import Question, path_of
from agents.models.embedded.chunks import Chunk
from agents.models.embedded.lexicon import EntityWord, FieldWord, MetricWord
from tools.metrics.query import FieldTest, Having, Measure, ValueTest

_FITTING = {
    "days": {"days"},
    "percent": {"percent"},
    "pieces": {"quantity", "count"},
    "money": {"money", "rate"},
}


class Comparisons:
    """Places `more than 100` and `above the average`."""

    def __init__(self, question: Question, figures: Figures) -> None:
        self._question = question
        self._figures = figures
        self._catalogue = question.catalogue
        self._out = question.out

    def of(self, index: int) -> int | None:
        """Index of a `more than 100` that belongs to this chunk: right after it, or right before it."""
        question = self._question
        before = index - 2 if question.marker(index - 1) == "aggregate" else index - 1
        for other in (index + 1, before, index + 2):
            if (
                question.marker(other) != "compare"
                or other in question.taken
                or not question.near(index, other, 3)
            ):
                continue
            if other == before and question.near(other, index, 2):
                return other
            if other == index + 1 or (other > index and question.marker(index + 1) in ("with", "each")):
                return None if self._binds_right(other) else other
        return None

    def _binds_right(self, other: int) -> bool:
        """`three or more different locations`: the number counts the noun that follows it."""
        question = self._question
        if question.chunks[other].unit:
            return False
        following = other + 1
        if question.marker(following) == "aggregate":
            following += 1
        return question.near(following - 1, following, 1) and bool(
            question.words(following, EntityWord) or question.words(following, MetricWord)
        )

    # ── with a number ──
    def as_compared(self, index: int) -> bool:
        """`scrap rate above 5 percent`, `with more than 3 orders`."""
        other = self.of(index)
        if other is None:
            return False
        chunk, out = self._question.chunks[other], self._out
        field = next(iter(self._fields(index, chunk)), None)
        measure = self._metric(index, chunk)
        if field and not (out.grouped and measure):
            out.where.append(ValueTest(path=path_of(field), op=chunk.op, values=(_value(chunk),)))
            out.show_also(path_of(field))
            self._question.use(other)
            return True
        measure = measure or self._counted(index, chunk)
        if measure is None:
            return False
        if measure not in out.measures:
            out.measures.append(measure)
        out.having.append(Having(left=measure.name, op=chunk.op, value=_value(chunk)))
        self._question.use(other)
        return True

    def _fields(self, index: int, chunk: Chunk) -> list[FieldWord]:
        return [
            word
            for word in self._question.numbers(index)
            if _fits(self._question.field(word).kind, chunk.unit)
        ]

    def _metric(self, index: int, chunk: Chunk) -> Measure | None:
        measure = self._figures.metric(index)
        if measure and measure.metric and not _fits(self._catalogue.metrics[measure.metric].kind, chunk.unit):
            return None
        return measure

    def _counted(self, index: int, chunk: Chunk) -> Measure | None:
        """The number of the records, or of the different things, that a noun names."""
        if chunk.unit not in ("", "pieces"):
            return None
        question, out = self._question, self._out
        entities = question.entities(index)
        head = out.head or out.entity
        facts = [name for name in entities if head in self._catalogue.paths[name] and name != head]
        near = [name for name in entities if name in question.paths and name not in (head, out.entity)]
        if out.entity in entities and out.grouped:
            return Measure(name=out.name(), count_of=out.entity)
        if near and out.grouped:
            return self._figures.distinct(near[0])
        return Measure(name=out.name(), count_of=facts[0]) if facts else None

    def place_amount(self, index: int) -> None:
        """`locations holding fewer than 1,000 pieces`: a number of pieces of whatever such records hold."""
        chunk, out = self._question.chunks[index], self._out
        head = out.head or out.entity
        metric = self._catalogue.entity(head).quantity or self._catalogue.entity(out.entity).quantity
        if chunk.unit != "pieces" or not metric or chunk.number is None:
            return
        if head not in self._catalogue.paths[self._catalogue.metrics[metric].entity]:
            return
        measure = next((measure for measure in out.measures if measure.metric == metric), None)
        if measure is None:
            measure = Measure(name=out.name(), metric=metric)
            out.measures.append(measure)
        out.having.append(Having(left=measure.name, op=chunk.op, value=chunk.number))
        self._question.use(index)

    # ── with another field ──
    def against(self, index: int) -> bool:
        """`closing rate above the average rate`: a field against another one of the same record."""
        question, out = self._question, self._out
        left = self._first_sortable(range(index - 1, max(-1, index - 4), -1))
        right = self._first_sortable(range(index + 1, min(len(question.chunks), index + 4)))
        if left is None or right is None:
            return False
        first, second = question.sortable(left)[0], question.sortable(right)[0]
        if first == second:
            return False
        out.where.append(FieldTest(path=path_of(first), op=question.chunks[index].op, other=path_of(second)))
        for used in (left, right, index):
            question.use(used)
        for path in (path_of(first), path_of(second)):
            if path in out.show:
                out.show.remove(path)
            out.show.append(path)
        out.measures = [
            measure
            for measure in out.measures
            if not measure.metric or self._figures.summed(measure.metric) not in (first.field, second.field)
        ]
        return True

    def _first_sortable(self, indices: range) -> int | None:
        return next((index for index in indices if self._question.sortable(index)), None)


def _value(chunk: Chunk) -> Decimal:
    return chunk.number if chunk.number is not None else Decimal(0)


def _fits(kind: str, unit: str) -> bool:
    """True for a figure that can be so many days, percent, pieces or dollars."""
    return not unit or kind in _FITTING[unit]
