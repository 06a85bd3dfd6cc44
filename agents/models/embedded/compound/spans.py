"""The periods of a table: each said once, side by side, one after the other, or as bounds of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from agents.models.embedded.compound.draft import Dated
from agents.models.embedded.periods import Period
from tools.metrics.query import AnyTest, DateTest, Filter, ValueTest


def said_once(periods: Sequence[Dated]) -> list[Dated]:
    """The periods without one that is said again, or holds the others: the year of `Feb against March`."""
    kept: list[Dated] = []
    for at, one in enumerate(periods):
        others = [other for other in periods if other is not one and other.column is one.column]
        again = any(
            _within(one.period, other.period) and _within(other.period, one.period)
            for other in periods[:at]
            if other.column is one.column and (not one.role or other.role in ("", one.role))
        )
        whole = (
            len(others) > 1 and not one.role and all(_within(other.period, one.period) for other in others)
        )
        if not again and not whole:
            kept.append(one)
    roles = {one.role for one in periods if one.role}
    if len(kept) == 1 and not kept[0].role and len(roles) == 1:
        # `this month (stops that started in March)`: the day is said beside one of them.
        said = next(one for one in periods if one.role)
        return [replace(kept[0], role=said.role, field=said.field)]
    return kept


def _within(one: Period, other: Period) -> bool:
    if None in (one.start, one.end, other.start, other.end):
        return one == other
    return other.start <= one.start and one.end <= other.end  # type: ignore[operator]


def together(dated: Sequence[DateTest]) -> Filter:
    """Months one after the other as one period."""
    ordered = sorted(dated, key=lambda test: str(test.start))
    day = timedelta(days=1)
    follow = all(
        one.end is not None and other.start is not None and one.end + day == other.start
        for one, other in pairwise(ordered)
    )
    if not follow:
        return AnyTest(of=tuple(dated))
    return ordered[0].model_copy(update={"end": ordered[-1].end})


def overlap(one: DateTest, other: DateTest) -> bool:
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return True
    return one.start <= other.end and other.start <= one.end


def either(sides: Sequence[Sequence[Filter]]) -> list[Filter]:
    tests = [test for side in sides for test in side]
    return [AnyTest(of=tuple(tests))] if tests else []


def bounds(path: str, period: Period) -> list[Filter]:
    found: list[Filter] = []
    if period.start is not None:
        found.append(ValueTest(path=path, op=">=", values=(period.start.isoformat(),)))
    if period.end is not None:
        found.append(ValueTest(path=path, op="<=", values=(period.end.isoformat(),)))
    return found
