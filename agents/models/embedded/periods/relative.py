"""Periods told from today: `last month`, `past 90 days`, `next week`, `year to date`, `two months ago`."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from agents.models.embedded.periods.period import FoundPeriod, Period, day_of, month_of, quarter_of, year_of
from agents.models.embedded.periods.said import JOINS, Said

_UNITS = ("year", "month", "quarter", "week")
_BEFORE = ("last", "previous", "past", "latest")
_AFTER = ("next", "coming", "upcoming")
_SHORT = {"q": "quarter", "qtr": "quarter", "d": "day", "wk": "week", "mo": "month", "mth": "month"}
_TO_DATE = {"ytd": "year", "mtd": "month", "qtd": "quarter"}
_ARTICLES = ("a", "one")
_STARTING = ("start", "starts", "started", "starting", "begin", "begins")
_ON_TODAY = ("due", "needed", "planned", "scheduled", *_STARTING)
"""Words before which, or after which, `today` is the day itself."""
_AFTER_THE_FIRST = (*JOINS, "on", "onward", "onwards", "and", ",", ".", "?", ";", ")", "")


def relative(said: Said, i: int) -> FoundPeriod | None:
    """A period that is told from today."""
    return _to_date(said, i) or _whole(said, i) or _stretch(said, i) or _ago(said, i) or _day(said, i)


def _to_date(said: Said, i: int) -> FoundPeriod | None:
    """`year to date`, `YTD`, `this month so far`, `so far this year`, `the year so far`."""
    at, unit = i, _TO_DATE.get(said.word(i), "")
    if unit:
        at += 1
    elif said.word(i) in _UNITS and (after := _past(said, i + 1, "-", "to", "-", "date")):
        at, unit = after, said.word(i)
    elif said.word(i) in ("this", "current") and said.word(i + 1) in _UNITS:
        at, unit = _past(said, i + 2, "so", "far") or _past(said, i + 2, "to", "date") or i, said.word(i + 1)
    elif (after := _past(said, i, "so", "far", "this")) and said.word(after) in _UNITS:
        at, unit = after + 1, said.word(after)
    elif said.word(i) == "the" and said.word(i + 1) in _UNITS and (after := _past(said, i + 2, "so", "far")):
        at, unit = after, said.word(i + 1)
    if at == i:
        return None
    start = unit_of(said.today, 0, unit).start
    return FoundPeriod(Period(start, said.today, "range"), i, at)


def _past(said: Said, i: int, *words: str) -> int | None:
    """The position after words that begin here, hyphens optional."""
    for word in words:
        if said.word(i) == word:
            i += 1
        elif word != "-":
            return None
    return i


def _whole(said: Said, i: int) -> FoundPeriod | None:
    """`last month`, `this year`, `next quarter`, `the month before last`."""
    word, following = said.word(i), said.word(i + 1)
    unit = _SHORT.get(following, following)
    if word in _UNITS and (after := _past(said, i + 1, "before", "last")):
        return FoundPeriod(unit_of(said.today, 2, word), i, after)
    if unit not in _UNITS:
        return None
    if word in _BEFORE:
        return FoundPeriod(unit_of(said.today, 1, unit), i, i + 2)
    if word in ("this", "current"):
        return FoundPeriod(unit_of(said.today, 0, unit), i, i + 2)
    if word in _AFTER:
        return FoundPeriod(unit_of(said.today, -1, unit), i, i + 2)
    return None


def _stretch(said: Said, i: int) -> FoundPeriod | None:
    """`past 90 days`, which end today; `next 30 days`, which begin tomorrow."""
    number, unit = _number(said, i + 1), _named(said, i + 2)
    if number is None or unit not in (*_UNITS, "day"):
        return None
    day = timedelta(days=1)
    if said.word(i) in ("last", "past", "previous", "trailing", "rolling"):
        return FoundPeriod(Period(_moved(said.today, -number, unit) + day, said.today, "range"), i, i + 3)
    if said.word(i) in _AFTER:
        return FoundPeriod(Period(said.today + day, _moved(said.today, number, unit), "range"), i, i + 3)
    return None


def _ago(said: Said, i: int) -> FoundPeriod | None:
    """`two months ago`, `a week ago`: the whole unit, or the day."""
    number = 1 if said.word(i) in _ARTICLES else _number(said, i)
    unit = _named(said, i + 1)
    if number is None or said.word(i + 2) != "ago":
        return None
    if unit == "day":
        return FoundPeriod(day_of(said.today - timedelta(days=number)), i, i + 3)
    return FoundPeriod(unit_of(said.today, number, unit), i, i + 3) if unit in _UNITS else None


def _day(said: Said, i: int) -> FoundPeriod | None:
    """`yesterday`, `tomorrow`, `due today`, `from today`: elsewhere `today` is mostly said for `now`."""
    word = said.word(i)
    before, behind = said.word(i - 1), said.word(i + 1)
    is_first = before == "from" and behind in _AFTER_THE_FIRST  # not `from today's stock`
    if word == "today" and (before in _ON_TODAY or behind in _STARTING or is_first):
        return FoundPeriod(day_of(said.today), i, i + 1)
    if word == "day" and (behind, said.word(i + 2)) in (("before", "yesterday"), ("after", "tomorrow")):
        days = timedelta(days=-2 if behind == "before" else 2)
        return FoundPeriod(day_of(said.today + days), i, i + 3)
    if word in ("yesterday", "tomorrow"):
        days = timedelta(days=-1 if word == "yesterday" else 1)
        return FoundPeriod(day_of(said.today + days), i, i + 1)
    return None


def _named(said: Said, i: int) -> str:
    """A unit as it stands, in the plural or cut short."""
    word = said.word(i).rstrip("s")
    return _SHORT.get(word, word)


def _number(said: Said, i: int) -> int | None:
    number = said.tokens[i].number if 0 <= i < len(said.tokens) else None
    return int(number) if number is not None and 0 < number < 1000 else None


def unit_of(today: date, ago: int, unit: str) -> Period:
    """The whole unit so many before today's; one to come where it is negative."""
    match unit:
        case "year":
            return year_of(today.year - ago)
        case "month":
            year, month = divmod(today.year * 12 + today.month - 1 - ago, 12)
            return month_of(year, month + 1)
        case "quarter":
            quarter = today.year * 4 + (today.month - 1) // 3 - ago
            return quarter_of(quarter // 4, quarter % 4 + 1)
        case _:
            monday = today - timedelta(days=today.weekday() + 7 * ago)
            return Period(monday, monday + timedelta(days=6), "range")


def _moved(today: date, number: int, unit: str) -> date:
    """The day so many units after today; before it where the number is negative."""
    match unit:
        case "day":
            return today + timedelta(days=number)
        case "week":
            return today + timedelta(weeks=number)
        case _:
            months = number * {"month": 1, "quarter": 3, "year": 12}[unit]
            year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
            return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
