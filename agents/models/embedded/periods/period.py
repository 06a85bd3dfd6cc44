"""A period, the same as found in a question, and the periods of the calendar."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """A period with both ends included; an open end is None."""

    start: date | None
    end: date | None
    grain: str
    """`year`, `quarter`, `half`, `month`, `day` or `range`."""


@dataclass(frozen=True, slots=True)
class FoundPeriod:
    """A period and the tokens that name it, as positions [first, after)."""

    period: Period
    first: int
    after: int
    dated: bool = True
    """False where the year is not named but guessed."""


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def year_of(year: int) -> Period:
    """A calendar year."""
    return Period(date(year, 1, 1), date(year, 12, 31), "year")


def quarter_of(year: int, quarter: int) -> Period:
    """A calendar quarter."""
    return Period(date(year, 3 * quarter - 2, 1), month_end(year, 3 * quarter), "quarter")


def half_of(year: int, half: int) -> Period:
    """Half a calendar year."""
    return Period(date(year, 6 * half - 5, 1), month_end(year, 6 * half), "half")


def month_of(year: int, month: int) -> Period:
    """A calendar month."""
    return Period(date(year, month, 1), month_end(year, month), "month")


def day_of(on: date) -> Period:
    """A day."""
    return Period(on, on, "day")


def period_of(start: date | None, end: date | None) -> Period:
    """The period between two days, as the unit of the calendar that it is."""
    if start is not None and end is not None:
        units = (
            year_of(start.year),
            quarter_of(start.year, (start.month + 2) // 3),
            month_of(start.year, start.month),
        )
        for unit in (*units, day_of(start)):
            if (unit.start, unit.end) == (start, end):
                return unit
    return Period(start, end, "range")
