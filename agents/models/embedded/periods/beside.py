"""Periods told from another one: `the same quarter last year`, `a year earlier`, `the month after`."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence
from datetime import date, timedelta

from agents.models.embedded.periods.period import FoundPeriod, Period, month_end, month_of, quarter_of
from agents.models.embedded.periods.relative import unit_of
from agents.models.embedded.periods.said import Said
from agents.models.embedded.periods.shared_years import in_year

_YEAR_EARLIER = (
    ("year", "before"),
    ("year", "earlier"),
    ("year", "ago"),
    ("last", "year"),
    ("previous", "year"),
    ("prior", "year"),
)
_UNITS = ("month", "quarter", "week", "period", "day", "time")
_OF_TODAY = ("month", "quarter", "week")
_ARTICLES = ("the", "a", "one")
_BETWEEN = ("of", "in", *_ARTICLES)
_STEPS = {
    "before": -1,
    "earlier": -1,
    "after": 1,
    "later": 1,
    "following": 1,
    "subsequent": 1,
    "preceding": -1,
    "previous": -1,
}
_BESIDE = ("preceding", "previous", "following", "subsequent")


def beside(said: Said, i: int, found: Sequence[FoundPeriod], before: Period | None) -> FoundPeriod | None:
    """A period told from the one named just before it, or else from that of the turn before.

    `the same month last year` without any is told from today's.
    """
    base = found[-1].period if found else before
    return _of_another_year(said, i, base) or _next_to(said, i, base)


def _of_another_year(said: Said, i: int, base: Period | None) -> FoundPeriod | None:
    """`same quarter last year`, `same period of 2023`, `a year earlier`."""
    at = i
    same = said.word(at) == "same"
    unit = said.word(at + 1) if same and said.word(at + 1) in _UNITS else ""
    if same:
        at += 2 if unit else 1
    while said.word(at) in _BETWEEN and (same or said.word(at) in _ARTICLES):
        at += 1
    base = base or (unit_of(said.today, 0, unit) if unit in _OF_TODAY else None)
    if base is None or base.start is None or base.end is None:
        return None
    year = said.year(at) if same else None
    if year is not None:
        return FoundPeriod(_moved(base, base.start, base.end, year), i, at + 1)
    if (said.word(at), said.word(at + 1)) not in (_YEAR_EARLIER if same else _YEAR_EARLIER[:3]):
        return None
    return FoundPeriod(_moved(base, base.start, base.end, base.start.year - 1), i, at + 2)


def _next_to(said: Said, i: int, base: Period | None) -> FoundPeriod | None:
    """`the month after`, `the following quarter`: of the same length as the one it is told from."""
    if (
        base is None
        or base.start is None
        or base.end is None
        or base.grain not in ("month", "quarter", "year")
    ):
        return None
    at = i + 1 if said.word(i) in _ARTICLES else i
    first, second = said.word(at), said.word(at + 1)
    unit, step = (second, first) if first in _BESIDE else (first, second)
    if unit != base.grain or step not in _STEPS:
        return None
    day = timedelta(days=1)
    inside = base.start - day if _STEPS[step] < 0 else base.end + day
    return FoundPeriod(_around(inside, base), i, at + 2)


def _around(day: date, base: Period) -> Period:
    """The month, quarter or year of the same kind as another that holds a day."""
    match base.grain:
        case "month":
            return month_of(day.year, day.month)
        case "quarter":
            return quarter_of(day.year, (day.month + 2) // 3)
        case _:
            return Period(date(day.year, 1, 1), date(day.year, 12, 31), "year")


def _moved(period: Period, start: date, end: date, year: int) -> Period:
    """The same stretch of another year, day by day where it is no unit of the calendar."""
    whole = in_year(period, year)
    if whole is not None:
        return whole
    years = year - start.year
    moved = _in(end, end.year + years)
    if end == month_end(end.year, end.month):
        moved = month_end(moved.year, moved.month)
    return Period(_in(start, start.year + years), moved, period.grain)


def _in(day: date, year: int) -> date:
    leap = (day.month, day.day) == (2, 29)
    return date(year, 2, 28) if leap and not isleap(year) else day.replace(year=year)
