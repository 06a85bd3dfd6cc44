"""Queries that no record can meet, or that hold amounts of one kind against those of another.

What comes of them is zero everywhere, or a list that says nothing: late orders that are not finished, where late
are those that were finished after their due date; stock below the standard cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tools.metrics.catalogue import Catalogue
from tools.metrics.query import DateTest, FieldTest, Filter, MetricQuery, NamedTest, NullTest, RelatedTest

_MISSING = re.compile(r"(\w+) is null(?: and .*)?")
_HELD = re.compile(r"\b(\w+) (?:[<>]=?|=) (\w+)\b")
_UNFINISHED = {
    ("production_order", "open_order"): "end_on",
    ("production_order", "start_overdue"): "end_on",
}
"""Conditions by a status that says as well that a day is not there yet."""
_UNLIKE = (
    frozenset({"quantity", "money"}),
    frozenset({"quantity", "percent"}),
    frozenset({"money", "percent"}),
)
"""Kinds of figures of which one is never below the other."""


def is_impossible(query: MetricQuery, catalogue: Catalogue) -> bool:
    """True where records would need a day that others of its conditions say is missing, or units are mixed."""
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
    kinds = frozenset(_kind(path, catalogue) for path in (test.path, test.other))
    return kinds in _UNLIKE


def _kind(path: str, catalogue: Catalogue) -> str:
    entity, _, name = path.rpartition("/")[2].partition(".")
    known = catalogue.entities.get(entity)
    field = known.fields.get(name) if known else None
    return field.kind if field else ""
