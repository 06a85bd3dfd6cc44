"""Years that one period takes from another: `January and February 2024`."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.periods.period import (
    FoundPeriod,
    Period,
    day_of,
    half_of,
    month_of,
    quarter_of,
    year_of,
)


def shared_years(found: Sequence[FoundPeriod]) -> list[FoundPeriod]:
    """The periods with the years that they share: `Q1 and Q2 2024` the next one's, `the second half of 2024
    and the first half` that of the one before."""
    result = list(found)
    for index in range(len(result) - 2, -1, -1):
        result[index] = _dated_like(result[index], result[index + 1])
    for index in range(1, len(result)):
        if result[index].period.grain != "day":
            result[index] = _dated_like(result[index], result[index - 1])
    return _in_the_year(result)


def _in_the_year(found: Sequence[FoundPeriod]) -> list[FoundPeriod]:
    """`2024 by quarter, Q1 to Q4`: in the one year that is named."""
    years = {one.period.start for one in found if one.dated and one.period.grain == "year"}
    year = next(iter(years)) if len(years) == 1 else None
    if year is None or any(one.dated and one.period.grain != "year" for one in found):
        return list(found)
    return [_within(one, year.year) for one in found]


def _within(here: FoundPeriod, year: int) -> FoundPeriod:
    if here.dated or here.period.start is None or here.period.grain not in ("quarter", "half"):
        return here
    period = in_year(here.period, year)
    return FoundPeriod(period, here.first, here.after) if period else here


def _dated_like(here: FoundPeriod, other: FoundPeriod) -> FoundPeriod:
    if here.dated or not other.dated or here.period.grain != other.period.grain:
        return here
    if here.period.start is None or other.period.start is None:
        return here
    period = in_year(here.period, other.period.start.year)
    return FoundPeriod(period, here.first, here.after) if period else here


def in_year(period: Period, year: int) -> Period | None:
    """The same part of another year."""
    start = period.start
    assert start is not None
    match period.grain:
        case "month":
            return month_of(year, start.month)
        case "quarter":
            return quarter_of(year, (start.month + 2) // 3)
        case "half":
            return half_of(year, 1 if start.month == 1 else 2)
        case "year":
            return year_of(year)
        case "day" if (start.month, start.day) != (2, 29):
            return day_of(start.replace(year=year))
        case _:
            return None
