"""Periods told from today: `last month`, `this year`, `past 90 days`, `yesterday`."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from agents.models.embedded.periods.period import FoundPeriod, Period, day_of, month_of, quarter_of, year_of
from agents.models.embedded.periods.said import Said

_UNITS = ("year", "month", "quarter", "week")


def relative(said: Said, i: int) -> FoundPeriod | None:
    """`last month`, `this year`, `past 90 days`, `yesterday`, and `due today`."""
    word, following = said.word(i), said.word(i + 1)
    if word in ("last", "previous", "past", "latest") and following in _UNITS:
        return FoundPeriod(_ago(said.today, 1, following), i, i + 2)
    if word in ("this", "current") and following in _UNITS:
        return FoundPeriod(_ago(said.today, 0, following), i, i + 2)
    if word in ("last", "past", "previous"):
        number = said.tokens[i + 1].number if following else None
        unit = said.word(i + 2).rstrip("s")
        if number is not None and unit in (*_UNITS, "day"):
            return FoundPeriod(Period(_back(said.today, int(number), unit), said.today, "range"), i, i + 3)
    if word == "today" and said.word(i - 1) == "due":
        return FoundPeriod(day_of(said.today), i, i + 1)
    if word == "yesterday":
        return FoundPeriod(day_of(said.today - timedelta(days=1)), i, i + 1)
    return None


def _ago(today: date, number: int, unit: str) -> Period:
    """The whole unit so many before today's."""
    match unit:
        case "year":
            return year_of(today.year - number)
        case "month":
            first = today.replace(day=1)
            for _ in range(number):
                first = (first - timedelta(days=1)).replace(day=1)
            return month_of(first.year, first.month)
        case "quarter":
            quarter = today.year * 4 + (today.month - 1) // 3 - number
            return quarter_of(quarter // 4, quarter % 4 + 1)
        case _:
            monday = today - timedelta(days=today.weekday() + 7 * number)
            return Period(monday, monday + timedelta(days=6), "range")


def _back(today: date, number: int, unit: str) -> date:
    """The day so many units before today."""
    match unit:
        case "day":
            return today - timedelta(days=number)
        case "week":
            return today - timedelta(weeks=number)
        case _:
            months = number * {"month": 1, "quarter": 3, "year": 12}[unit]
            year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
            return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
