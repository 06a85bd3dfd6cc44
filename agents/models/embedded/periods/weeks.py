"""Calendar weeks and the days of a week by name: `CW 13`, `week 13 of 2026`, `by Friday`, `next Monday`."""

from __future__ import annotations

import re
from datetime import date, timedelta

from agents.models.embedded.periods.ahead import looks_ahead, looks_back
from agents.models.embedded.periods.months import MONTHS
from agents.models.embedded.periods.period import FoundPeriod, Period, day_of
from agents.models.embedded.periods.said import JOINS, Said

_CALENDAR = ("cw", "kw")
_NAMES = ("week", "wk")
_JOINED = re.compile(r"^[ck]w(\d{1,2})$")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OF_A_YEAR = re.compile(r"w(\d{1,2})")
_UNTIL = ("by", "until", "till", "through", "thru", "to", "before", "including")
_COMING = ("next", "coming")
_OF = ("of", "in", "im", "de", "/", ",", "-")
_EACH = ("per", "a", "each", "every")
_GONE = ("last", "past", "previous", "latest")
_WEEK = timedelta(days=7)
_MONTH = timedelta(days=31)
_MOST = 53


def week(said: Said, i: int) -> FoundPeriod | None:
    """The days of calendar weeks, of the year nearest to today where none is said."""
    found = _numbered(said, i)
    if found is None:
        return None
    number, after = found
    last = number
    if said.word(after) in JOINS and said.number(after + 1) is not None and said.year(after + 1) is None:
        last, after = said.number(after + 1) or 0, after + 2  # `CW 13 to 15`
    at = after
    while said.word(at).removeprefix("_") in (*_OF, "the"):
        at += 1
    if said.word(at) in MONTHS or not number <= last <= _MOST:
        return None  # `week 3 of June` is none of the calendar's
    year = said.year(at)
    monday = _monday(year, number) if year is not None else _meant(said, number)
    if monday is None:
        return None
    period = Period(monday, monday + (last - number) * _WEEK + timedelta(days=6), "range")
    return FoundPeriod(period, i, at + 1 if year is not None else after, year is not None)


def iso_week(said: Said, i: int) -> FoundPeriod | None:
    """`2024-W12` and `W12 2024`."""
    year, at, after = said.year(i), i + 1, i + 3
    if year is None:
        year, at, after = said.year(i + 1), i, i + 2
    elif said.word(at) == "-":
        at += 1
    else:
        after = i + 2
    named = _OF_A_YEAR.fullmatch(said.word(at))
    monday = _monday(year, int(named[1])) if named and year is not None else None
    return FoundPeriod(Period(monday, monday + timedelta(days=6), "range"), i, after) if monday else None


def _numbered(said: Said, i: int) -> tuple[int, int] | None:
    """The number of a week that is named here, and the position after it."""
    word = said.word(i)
    joined = _JOINED.match(word)
    if joined:
        number, after = int(joined[1]), i + 1
    else:
        at = i + 1 if word == "calendar" and said.word(i + 1) in _NAMES else i
        if said.word(at) not in (*_CALENDAR, *_NAMES) or _is_measured(said, i):
            return None
        after = at + 2
        number = said.number(at + 1) or 0
        days = said.word(after) in (*JOINS, "and") and said.number(after + 1) is not None
        if word in _NAMES and (days or said.word(after) in MONTHS):
            return None  # `in the week 3 to 9 June`
        if said.word(after) in ("week", "weeks", "day", "days"):
            return None
    return (number, after) if 0 < number <= _MOST else None


def _is_measured(said: Said, i: int) -> bool:
    """True for `per week 40 hours` and the kilowatts of `5 kW 40 hours`."""
    if said.word(i) in _CALENDAR:
        return i > 0 and said.tokens[i - 1].kind == "number" and said.year(i - 1) is None
    return said.word(i - 1) in _EACH


def _monday(year: int, number: int) -> date | None:
    try:
        return date.fromisocalendar(year, number, 1)
    except ValueError:
        return None


def _meant(said: Said, number: int) -> date | None:
    """The Monday of the last such week; where a question looks ahead, of the one nearest to today.

    What begins within a month is no week of eleven months ago, unless something has been in it.
    """
    words, today = _words(said), said.today
    year = today.isocalendar().year
    mondays = [one for one in (_monday(year + step, number) for step in (-1, 0, 1)) if one is not None]
    gone = [one for one in mondays if one <= today]
    if looks_back(words):
        return gone[-1] if gone else None
    if not looks_ahead(words):
        soon = [one for one in mondays if today < one <= today + _MONTH]
        return next(iter([*soon, *reversed(gone)]), None)
    return min(mondays, key=lambda one: (one - today).days * 2 if one > today else (today - one).days)


def _words(said: Said) -> list[str]:
    return [token.norm.removeprefix("_").lower() for token in said.tokens]


def weekday(said: Said, i: int) -> FoundPeriod | None:
    """`by Friday` and `next Monday`, the next such day, `last Monday` and `this Monday`; what was done by
    Friday was done by the last; a date beside it says more."""
    at = i + 1 if said.word(i) in (*_COMING, *_GONE, "this") else i
    if said.word(at) not in WEEKDAYS:
        return None
    following = at + 2 if said.word(at + 1) in (",", "the") else at + 1
    if said.day(following) is not None or (at == i and said.word(i - 1) not in _UNTIL):
        return None
    if said.word(i - 2) in WEEKDAYS:
        return None  # `from Monday to Friday` is no Friday alone
    wanted, today = WEEKDAYS.index(said.word(at)), said.today
    if said.word(i) in _GONE:
        return FoundPeriod(day_of(today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1)), i, at + 1)
    if said.word(i) == "this":
        return FoundPeriod(day_of(today + timedelta(days=wanted - today.weekday())), i, at + 1)
    words = _words(said)
    if at == i and looks_back(words) and not looks_ahead(words):
        return FoundPeriod(day_of(today - timedelta(days=(today.weekday() - wanted) % 7)), i, at + 1)
    ahead = (wanted - today.weekday()) % 7
    on = today + timedelta(days=ahead)
    if said.word(i) in _COMING and on == today:
        on += _WEEK
    return FoundPeriod(day_of(on), i, at + 1)
