"""Plans that compile and yet say nothing that anybody asks: conditions that exclude each other, one figure
twice, a part of itself, a change that goes back in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations

from agents.models.embedded.masked import Masked
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import (
    DateTest,
    FieldTest,
    Filter,
    Measure,
    MetricQuery,
    NamedTest,
    RelatedTest,
    ValueTest,
)
from tools.purchasing import SuppliersOf
from tools.where_used import WhereUsed

_FAST = frozenset(
    {"fastest", "quickest", "soonest", "schnellste", "schnellsten", "schnellster", "rápido", "rapide"}
)
_CHEAP = frozenset(
    {
        "cheapest",
        "price",
        "cost",
        "billigste",
        "günstigste",
        "günstigsten",
        "preis",
        "barato",
        "precio",
        "prix",
    }
)
_LATE = frozenset({"late", "after", "missed", "overdue", "delayed"})
_FINISHED = ("finished good", "finishedgoods")
_NOT = "not_"
_TO_CURRENCY = "fx_rate.to_currency"


def fastest(call: SuppliersOf, words: Iterable[str]) -> SuppliersOf:
    """Suppliers by lead time where a question has a word for speed and none for price."""
    said = {word.casefold() for word in words}
    if _FAST.isdisjoint(said) or not _CHEAP.isdisjoint(said):
        return call
    return call.model_copy(update={"fastest_first": True, "limit": call.limit or 1})


def of_finished_goods(call: WhereUsed, words: Iterable[str]) -> WhereUsed:
    """The use in what is sold, on whatever level, where a question says `finished goods`."""
    said = " ".join(words).casefold()
    if call.levels == "direct" or not any(term in said for term in _FINISHED):
        return call
    return call.model_copy(update={"levels": "all", "finished_only": True})


def as_taught(call: ToolCall) -> ToolCall:
    """The call without what the network was never taught to say."""
    if not isinstance(call.arguments, WhereUsed) or not call.arguments.finished_only:
        return call
    return ToolCall(call.name, call.arguments.model_copy(update={"finished_only": False}))


def makes_sense(query: MetricQuery) -> bool:
    """False where a reader must have taken a word for what it is not."""
    shown = [_content(measure, query) for measure in query.measures if not measure.hidden]
    if len(set(shown)) < len(shown):
        return False
    if any(_of_itself(measure, query) for measure in query.measures if measure.derive):
        return False
    if _ranks_one(query):
        return False
    sets: list[Sequence[Filter]] = [
        query.where,
        *((*query.where, *m.where) for m in query.measures if m.where),
    ]
    return all(_goes_together(tests) for tests in sets) and not any(
        _doubly_negated(test) or _with_itself(test) for tests in sets for test in _inside(tests)
    )


def _content(measure: Measure, query: MetricQuery) -> object:
    """What a measure shows, whatever it is called."""
    named = {other.name: other for other in query.measures}
    parts = tuple(named[name].model_dump_json(exclude={"name", "label", "hidden"}) for name in measure.of)
    return measure.model_dump_json(exclude={"name", "label", "hidden", "of"}), parts


def _ranks_one(query: MetricQuery) -> bool:
    """`the dearest of Road-150 Red, 62`: one record has no first."""
    if not (query.extreme or query.limit is not None) or not query.order:
        return False
    ranked = {f"{name}.name" for name in (query.rows_of, *(group.entity for group in query.by)) if name}
    fixed = {
        test.path
        for test in query.where
        if isinstance(test, ValueTest) and test.op == "=" and len(test.values) == 1 and not test.label
    }
    return len(ranked) == 1 and ranked <= fixed and not any(group.path or group.grain for group in query.by)


def _of_itself(measure: Measure, query: MetricQuery) -> bool:
    """`X in percent of X`."""
    named = {other.name: other for other in query.measures}
    if len(measure.of) != 2:
        return False
    # What limits the whole query makes no part of it.
    one, other = (
        named[name].model_copy(
            update={"where": tuple(test for test in named[name].where if test not in query.where)}
        )
        for name in measure.of
    )
    return _content(one, query) == _content(other, query)


def _goes_together(tests: Sequence[Filter]) -> bool:
    return not any(_excludes(one, other) for one, other in combinations(tests, 2)) and all(
        _goes_together(test.where) for test in tests if isinstance(test, RelatedTest)
    )


def _excludes(one: Filter, other: Filter) -> bool:
    """True where two conditions of the same records can never both hold, or the second says nothing new."""
    match one, other:
        case ValueTest(), ValueTest() if one.path == other.path:
            return {one.op, other.op} == {"=", "<>"} or (
                one.op == other.op == "=" and not set(one.values) & set(other.values)
            )
        case NamedTest(), NamedTest():
            same = (one.entity, one.condition, one.via) == (other.entity, other.condition, other.via)
            return same and one.negated != other.negated
        case RelatedTest(), RelatedTest():
            same = (one.entity, one.of, one.where) == (other.entity, other.of, other.where)
            return same and one.negated != other.negated
        case DateTest(), DateTest() if (one.entity, one.role) == (other.entity, other.role):
            return _apart(one, other) or _apart(other, one)
        case _:
            return False


def _apart(one: DateTest, other: DateTest) -> bool:
    return one.end is not None and other.start is not None and one.end < other.start


def _doubly_negated(test: Filter) -> bool:
    """`not not rejected`."""
    return isinstance(test, NamedTest) and test.negated and test.condition.startswith(_NOT)


def _with_itself(test: Filter) -> bool:
    """`whose price is not its price`."""
    return isinstance(test, FieldTest) and test.path == test.other


def _inside(tests: Iterable[Filter]) -> Iterator[Filter]:
    for test in tests:
        yield test
        if isinstance(test, RelatedTest):
            yield from _inside(test.where)


_THAN = frozenset({"than", "less", "minus", "fewer", "lower"})
"""With them a difference is wanted the way it is said."""


def forward(query: MetricQuery, words: Iterable[str] = ()) -> MetricQuery:
    """The query with changes from an earlier period to a later one: nobody asks for them backwards."""
    as_said = not _THAN.isdisjoint(words)
    named = {measure.name: measure for measure in query.measures}
    turned = tuple(
        measure.model_copy(update={"of": measure.of[::-1]})
        if (measure.derive == "change_percent" or (measure.derive == "difference" and not as_said))
        and _backwards(*(named[name] for name in measure.of))
        else measure
        for measure in query.measures
    )
    return query if turned == query.measures else query.model_copy(update={"measures": turned})


def _backwards(later: Measure, earlier: Measure) -> bool:
    """True where what a change is given as going to is over before what it goes from begins."""
    ends = [test for test in later.where if isinstance(test, DateTest)]
    starts = [test for test in earlier.where if isinstance(test, DateTest)]
    return len(ends) == len(starts) == 1 and _apart(ends[0], starts[0])


_LATER = frozenset({"later", "after", "afterwards", "thereafter"})


def later(query: MetricQuery, question: Masked) -> MetricQuery:
    """The query of what began up to a day and `ended later`: what ended on that day is over by its end."""
    if question.language != "en" or not _ends_later(question.words):
        return query
    days = [test for test in query.where if isinstance(test, DateTest)]
    ends = {test.end for test in days if test.start is None}
    where = tuple(
        test.model_copy(update={"start": test.start + timedelta(days=1)})
        if isinstance(test, DateTest)
        and test.end is None
        and test.start
        and test.start in ends
        and test.start < date.max
        else test
        for test in query.where
    )
    return query if where == query.where else query.model_copy(update={"where": where})


def _ends_later(words: Sequence[str]) -> bool:
    """False for `on or after` and `or later`, which take the day in."""
    return any(
        word in _LATER and "or" not in (*words[at - 1 : at], *words[at + 1 : at + 2])
        for at, word in enumerate(words)
    )


def as_judged(query: MetricQuery, words: Iterable[str], catalogue: Catalogue) -> MetricQuery:
    """The query with the bad end first where the worst is asked for, and the good one where the best is."""
    said = {word.casefold() for word in words}
    # Who says how many were late wants to see these, and not the others from their bad end.
    if ("worst" in said) == ("best" in said) or len(query.order) != 1 or said & _LATE:
        return query
    measure = next((one for one in query.measures if one.name == query.order[0].by), None)
    good = (
        catalogue.metrics[measure.metric].good if measure and measure.metric in catalogue.metrics else "none"
    )
    if good == "none":
        return query
    descending = (good == "up") == ("best" in said)
    order = query.order[0].model_copy(update={"descending": descending})
    return query if order == query.order[0] else query.model_copy(update={"order": (order,)})


def abroad(query: MetricQuery, base: str) -> MetricQuery:
    """The query without the currency that rates are quoted from among those they lead to.

    `USD/EUR` names one rate; the mean of it and of the dollar's own, which is one, is nobody's figure.
    """
    where = tuple(_abroad(test, base) for test in query.where)
    return query if where == query.where else query.model_copy(update={"where": where})


def _abroad(test: Filter, base: str) -> Filter:
    if not isinstance(test, ValueTest) or not test.path.endswith(_TO_CURRENCY) or base not in test.values:
        return test
    others = tuple(value for value in test.values if value != base)
    return test.model_copy(update={"values": others}) if others else test
