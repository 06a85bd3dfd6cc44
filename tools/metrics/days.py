"""Whether a query asks for less than whole months: sums by month cannot answer it then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from tools.metrics.query import AnyTest, DateTest, Filter, MetricQuery, RelatedTest

_WITHIN_MONTHS = frozenset({"day", "week", "weekday"})


def asks_for_days(query: MetricQuery) -> bool:
    """True where a period begins or ends within a month, or rows are for days or weeks."""
    if any(grouping.grain in _WITHIN_MONTHS for grouping in query.by):
        return True
    tests = [*query.where, *(test for measure in query.measures for test in measure.where)]
    return any(not _of_whole_months(test) for test in _dates(tests))


def _of_whole_months(test: DateTest) -> bool:
    begins = test.start is None or test.start.day == 1
    return begins and (test.end in (None, date.max) or (test.end + timedelta(days=1)).day == 1)


def _dates(tests: Iterable[Filter]) -> Iterator[DateTest]:
    for test in tests:
        match test:
            case DateTest():
                yield test
            case RelatedTest():
                yield from _dates(test.where)
            case AnyTest():
                yield from _dates(test.of)
            case _:
                pass
