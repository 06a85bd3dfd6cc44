"""Queries that no record can meet, or that hold amounts of one kind against those of another.

What comes of them is zero everywhere, or says nothing: late orders that are not finished, where late
are those that were finished after their due date; stock below the standard cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agents.models.embedded.accounting.doing import kind_of
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import (
    DateTest,
    FieldTest,
    Filter,
    Measure,
    MetricQuery,
    NamedTest,
    NullTest,
    RelatedTest,
)

_MISSING = re.compile(r"(\w+) is null(?: and .*)?")
_HELD = re.compile(r"\b(\w+) (?:[<>]=?|=) (\w+)\b")
_UNFINISHED = {
    ("production_order", "open_order"): "end_on",
    ("production_order", "start_overdue"): "end_on",
}
"""Conditions by a status that says as well that a day is not there yet."""
_LATE_BY_NOW = {"production_order": ("late", "open_order", "overdue")}
"""By kind of record the conditions of what ended late, of what is open, and of what is late by today."""
_UNLIKE = (
    frozenset({"quantity", "money"}),
    frozenset({"quantity", "percent"}),
    frozenset({"money", "percent"}),
)
"""Kinds of figures of which one is never below the other."""


def is_impossible(query: MetricQuery, catalogue: Catalogue) -> bool:
    """True where records need a day that is missing by others of its conditions, or units are mixed."""
    if any(_is_unlike(test, catalogue) for test in _each(query)):
        return True
    if query.rows_of and _excluded(query.rows_of, query.where, "", catalogue):
        return True
    for measure in query.measures:
        metric = catalogue.metrics.get(measure.metric)
        entity = metric.entity if metric else measure.count_of
        tests = (*query.where, *measure.where)
        if entity in catalogue.entities and _excluded(
            entity, tests, metric.filter if metric else "", catalogue
        ):
            return True
    return False


def late_by_now(query: MetricQuery, catalogue: Catalogue) -> MetricQuery:
    """The query of late records that are not finished as one of those overdue: others end late."""
    for entity, (late, still_open, overdue) in _LATE_BY_NOW.items():
        open_one = NamedTest(entity=entity, condition=still_open)
        if entity not in catalogue.entities or open_one not in query.where:
            continue
        sql = catalogue.entities[entity].conditions[late].sql
        late_one = NamedTest(entity=entity, condition=late)
        measures = tuple(
            Measure(name=one.name, count_of=entity, where=one.where) if _counts(one, sql, catalogue) else one
            for one in query.measures
        )
        if measures == query.measures and late_one not in query.where:
            continue
        kept = (one for one in query.where if one not in (open_one, late_one))
        where = (*kept, NamedTest(entity=entity, condition=overdue))
        return query.model_copy(update={"measures": measures, "where": where})
    return query


def says_as_well(entity: str, condition: str) -> frozenset[str]:
    """Conditions that records meet by one: what is overdue is late, and not finished."""
    late, still_open, overdue = _LATE_BY_NOW.get(entity, ("", "", ""))
    return frozenset({late, still_open}) if condition == overdue else frozenset()


def _counts(measure: Measure, sql: str, catalogue: Catalogue) -> bool:
    metric = catalogue.metrics.get(measure.metric)
    return metric is not None and metric.filter == sql and metric.value == "count(*)"


def _each(query: MetricQuery) -> Iterator[Filter]:
    for tests in (query.where, *(measure.where for measure in query.measures)):
        yield from _inside(tests)


def _inside(tests: Sequence[Filter]) -> Iterator[Filter]:
    for test in tests:
        yield test
        if isinstance(test, RelatedTest):
            yield from _inside(test.where)


def _excluded(entity: str, tests: Sequence[Filter], formula: str, catalogue: Catalogue) -> bool:
    """True where a field of the records must be missing, and be there, at once."""
    missing: set[str] = set()
    there = set(_needed(formula))
    for test in tests:
        match test:
            case NamedTest(negated=False) if test.entity == entity and not test.via:
                sql = catalogue.entities[entity].conditions[test.condition].sql
                gone = _MISSING.fullmatch(sql)
                missing |= {gone[1]} if gone and " or " not in sql else set()
                missing |= {_UNFINISHED.get((entity, test.condition), "")} - {""}
                there |= set() if gone else set(_needed(sql))
            case NullTest() if test.path.rpartition(".")[0] == entity:
                (missing if test.missing else there).add(test.path.rpartition(".")[2])
            case DateTest() if test.role and test.entity in ("", entity):
                role = catalogue.entities[entity].dates.get(test.role)
                there |= {role.field} if role else set()
            case _:
                pass
    return bool(missing & there)


def _needed(sql: str) -> Iterator[str]:
    """Fields that a plain comparison needs: `end_on > due_on`."""
    if " or " in sql or "case " in sql:
        return
    for one, other in _HELD.findall(sql):
        yield from (one, other)


def _is_unlike(test: Filter, catalogue: Catalogue) -> bool:
    """True for a quantity that is held against an amount of money."""
    if not isinstance(test, FieldTest) or test.op in ("=", "<>"):
        return False
    kinds = frozenset(kind_of(path, catalogue) for path in (test.path, test.other))
    return kinds in _UNLIKE
