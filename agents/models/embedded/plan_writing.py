"""Typed calls as words of a plan: each value a pointer to where it stands in the question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from agents.models.embedded.masked import Masked
from agents.models.embedded.plan_words import (
    SIDES,
    SMALL_NUMBERS,
    NotSayable,
    Pointer,
    Word,
    by_name,
    edge,
    fragment,
    fragment_of,
    held_at,
    month_of,
    path_words,
    plainly_counted,
)
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import (
    AnyTest,
    ContainsTest,
    DateTest,
    FieldTest,
    Filter,
    Grouping,
    Measure,
    MetricQuery,
    NamedTest,
    NullTest,
    RelatedTest,
    ValidTest,
    ValueTest,
)


class PlanWriter:
    """Words of queries and look-ups for one question."""

    def __init__(self, catalogue: Catalogue, question: Masked) -> None:
        self._catalogue = catalogue
        self._spots = question.spots
        self._base_currency = question.base_currency
        self._names: dict[str, str] = {}

    def query(self, query: MetricQuery) -> list[Word]:
        found: list[Word] = []
        query = _plainest(query, self._catalogue)
        if query.rows_of:
            found.append(f"rows:{query.rows_of}")
        measures = sorted(query.measures, key=lambda measure: measure.hidden)
        self._names = {measure.name: f"M{at + 1}" for at, measure in enumerate(measures)}
        for measure in measures:
            found += self._measure(measure)
        for grouping in query.by:
            found += self._grouping(grouping)
        if query.show:
            found.append("show")
            for path in query.show:
                found += path_words(path)
        if query.where:
            found.append("where")
            found += self._tests(query.where)
        for having in query.having:
            found += ["having", *self._column(having.left), f"op:{having.op}"]
            found += self._column(having.right) if having.right is not None else [self._number(having.value)]
        for order in query.order:
            found += ["order", *self._column(order.by), "down" if order.descending else "up"]
        if query.limit is not None:
            found += ["limit", self._number(Decimal(query.limit))]
        if query.extreme:
            found.append("extreme")
        if query.output != "rows":
            found.append(f"output:{query.output}")
        return found

    def _measure(self, measure: Measure) -> Iterator[Word]:
        yield "measure"
        if measure.hidden:
            yield "hidden"
        if measure.metric and (counted := plainly_counted(measure.metric, self._catalogue)):
            yield f"count:{counted}"
        elif measure.metric:
            yield f"metric:{measure.metric}"
        elif measure.count_of:
            yield f"count:{measure.count_of}"
        elif measure.field:
            yield f"agg:{measure.aggregate}"
            yield from path_words(measure.field)
            if measure.records:
                yield f"over:{measure.records}"
        else:
            yield f"derive:{measure.derive}"
            for name in measure.of:
                yield self._names[name]
        if measure.where:
            yield "("
            yield from self._tests(measure.where)
            yield ")"

    @staticmethod
    def _grouping(grouping: Grouping) -> Iterator[Word]:
        yield "by"
        if grouping.via:
            yield f"via:{grouping.via}"
        if grouping.entity:
            yield f"entity:{grouping.entity}"
        elif grouping.path:
            yield from path_words(grouping.path)
        else:
            yield f"grain:{grouping.grain}"
            if grouping.role:
                yield f"role:{grouping.role}"
        if grouping.missing:
            yield "missing"

    def _column(self, name: str) -> list[Word]:
        if name in self._names:
            return [self._names[name]]
        if "." in name:
            return list(path_words(name))
        return [f"column:{name}"]

    def _tests(self, tests: Sequence[Filter]) -> list[Word]:
        """Conditions in an order of their own, so that one meaning has one wording."""
        parts = [list(self._test(test)) for test in tests]
        parts.sort(key=lambda part: [(isinstance(word, Pointer), str(word)) for word in part])
        return [word for part in parts for word in part]

    def _test(self, test: Filter) -> Iterator[Word]:
        match test:
            case ValueTest() if (at := self._group(test)) is not None:
                yield "value"
                yield from path_words(by_name(test.path, self._catalogue))
                if test.op != "=":
                    yield f"op:{test.op}"
                yield Pointer(at)
            case ValueTest():
                yield "value"
                yield from path_words(test.path)
                if test.op != "=":
                    yield f"op:{test.op}"
                yield from self._values(test)
            case ContainsTest():
                yield "contains"
                yield from path_words(test.path)
                yield self._text(test.text)
            case NullTest():
                yield "null" if test.missing else "present"
                yield from path_words(test.path)
            case FieldTest():
                yield "compare"
                yield from path_words(test.path)
                yield f"op:{test.op}"
                yield from path_words(test.other)
            case NamedTest():
                yield "not" if test.negated else "is"
                if test.via:
                    yield f"via:{test.via}"
                yield f"named:{test.entity}.{test.condition}"
            case DateTest():
                yield "date"
                if test.role:
                    yield f"role:{test.role}"
                yield from self._period(test.start, test.end)
            case ValidTest():
                yield "valid"
                yield f"entity:{test.entity}"
                yield self._day(test.on)
            case RelatedTest():
                yield "without" if test.negated else "with"
                yield f"entity:{test.entity}"
                if test.of:
                    yield f"of:{test.of}"
                if test.at_least != 1:
                    yield "at_least"
                    yield self._number(Decimal(test.at_least))
                if test.where:
                    yield "("
                    yield from self._tests(test.where)
                    yield ")"
            case AnyTest():
                yield "any"
                yield "("
                yield from self._tests(test.of)
                yield ")"

    def _group(self, test: ValueTest) -> int | None:
        """Where the name stands that is short for all these values: an account for those below it."""
        entity, _, name = test.path.split("/")[-1].partition(".")
        wanted = {str(value) for value in test.values}
        for at, spot in enumerate(self._spots):
            for meaning in spot.meanings:
                named = meaning.group and (meaning.entity, meaning.field) == (entity, name)
                if named and set(meaning.values) == wanted:
                    return at
        return None

    def _values(self, test: ValueTest) -> Iterator[Word]:
        entity, _, name = test.path.split("/")[-1].partition(".")
        field = self._catalogue.entity(entity).fields[name]
        left = list(test.values)
        if field.kind == "date":
            for value in left:
                yield self._side(date.fromisoformat(str(value)), test.op)
            return
        names = all(isinstance(value, str) and value not in field.values for value in left)
        if names and not field.is_number:
            yield from self._named(entity, name, [str(value) for value in left])
            return
        for value in sorted(left, key=str):
            if isinstance(value, bool):
                yield "yes" if value else "no"
            elif isinstance(value, str) and value in field.values:
                yield f"v:{value}"
            else:
                yield self._number(Decimal(str(value)), one=True)

    def _named(self, entity: str, name: str, values: Sequence[str]) -> Iterator[Word]:
        """Pointers to the names that together are these values."""
        wanted = {value.lower() for value in values}
        hits: list[tuple[int, frozenset[str]]] = []
        for at, spot in enumerate(self._spots):
            held = held_at(spot, entity, name, self._catalogue)
            repeated = bool(at and spot.meanings) and self._spots[at - 1].meanings == spot.meanings
            if held and held <= wanted and not repeated:
                hits.append((at, held))
        covered = frozenset().union(*(held for _, held in hits))
        if covered != wanted:
            raise NotSayable(f"{sorted(wanted - covered)} of {entity}.{name} stand nowhere in the question")
        done: set[str] = set()
        for at, held in sorted(hits, key=lambda hit: (-len(hit[1]), hit[0])):
            if not held <= done:
                done |= held
                yield Pointer(at)

    def _number(self, value: Decimal | None, *, one: bool = False) -> Word:
        """A number of the question, or a small one that goes without saying; `one` alone mostly counts
        nothing."""
        assert value is not None
        spoken = [
            at for at, spot in enumerate(self._spots) if spot.number == value and (one or spot.word != "one")
        ]
        for at in sorted(spoken, key=lambda at: self._spots[at].word != "NUMBER"):
            return Pointer(at)
        if value in SMALL_NUMBERS:
            return f"n:{value.normalize():f}"
        raise NotSayable(f"the number {value} stands nowhere in the question")

    def _period(self, start: date | None, end: date | None) -> list[Word]:
        """`P`, `P P` from the start of one to the end of another, or one side of `P`."""
        named = [(at, spot.period) for at, spot in enumerate(self._spots) if spot.period is not None]
        for at, period in named:
            if (period.start, period.end) == (start, end):
                return [Pointer(at)]
        for at, period in named:
            for way, sides in SIDES.items():
                if sides(period) == (start, end):
                    return [way, Pointer(at)]
        for at, first in named:
            for other, last in named:
                if at != other and start and end and (first.start, last.end) == (start, end):
                    return [Pointer(at), Pointer(other)]
        raise NotSayable(f"the period {start} to {end} stands nowhere in the question")

    def _side(self, day: date, op: str) -> Word:
        """A day that a date is compared with: a side of what is named."""
        for at, spot in enumerate(self._spots):
            if spot.period is not None and edge(spot.period, op) == day:
                return Pointer(at)
        raise NotSayable(f"the day {day} stands nowhere in the question")

    def _day(self, day: date) -> Word:
        for at, spot in enumerate(self._spots):
            if spot.period is not None and day in (spot.period.start, spot.period.end):
                return Pointer(at)
        raise NotSayable(f"the day {day} stands nowhere in the question")

    def _text(self, text: str) -> Word:
        for at, spot in enumerate(self._spots):
            if text.lower() in (spot.text.lower(), spot.word) or fragment(spot) == fragment_of(text):
                return Pointer(at)
        raise NotSayable(f"{text!r} stands nowhere in the question")

    # ── look-ups ──
    def arguments(self, arguments: BaseModel) -> list[Word]:
        found: list[Word] = []
        for name in sorted(type(arguments).model_fields):
            value = getattr(arguments, name)
            default = type(arguments).model_fields[name].default
            if value is None or value == default:
                continue
            try:
                word = self._argument(name, value, type(arguments))
            except NotSayable:
                if default is None and value == self._base_currency:
                    continue  # what is left out is one's own currency
                raise
            found += [f"arg:{name}", word]
        return found

    def _argument(self, name: str, value: object, model: type[BaseModel]) -> Word:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if "Literal[" in str(model.model_fields[name].annotation):
            return f"lit:{value}"
        if isinstance(value, int | Decimal):
            return self._number(Decimal(value))
        if isinstance(value, date):
            return self._day(value)
        text = str(value)
        for at, spot in enumerate(self._spots):
            named = any(text.lower() in (v.lower() for v in (m.shown, *m.values)) for m in spot.meanings)
            if named or text.lower() == spot.text.lower():
                return Pointer(at)
            if spot.period is not None and month_of(spot, name) == text:
                return Pointer(at)
        if text.isidentifier() and text.islower():
            return f"lit:{text}"
        for entity in self._catalogue.entities.values():
            if text.lower() in (entity.singular, *entity.words):
                return f"lit:{text.lower()}"
        raise NotSayable(f"{text!r} stands nowhere in the question")


def _plainest(query: MetricQuery, catalogue: Catalogue) -> MetricQuery:
    """The query in the one form of several that mean the same."""
    if not query.rows_of:
        return query
    entity = catalogue.entity(query.rows_of)
    if query.output == "count" and not query.measures and not query.having:
        counted = Measure(name="m1", count_of=query.rows_of)
        return MetricQuery(measures=(counted,), where=query.where)
    given = {f"{query.rows_of}.{name}" for name in (entity.key, entity.name)}
    return query.model_copy(update={"show": tuple(path for path in query.show if path not in given)})
