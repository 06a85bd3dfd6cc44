"""The first or last days, months or quarters of a period: `first six months of 2023`, `last of March`."""

from __future__ import annotations

from datetime import date, timedelta

from agents.models.embedded.periods.days import day
from agents.models.embedded.periods.months import MONTHS, month
from agents.models.embedded.periods.period import (
    FoundPeriod,
    Period,
    day_of,
    month_end,
    month_of,
    quarter_of,
    year_of,
)
from agents.models.embedded.periods.said import Said


def first_of(said: Said, i: int) -> FoundPeriod | None:
    """`first six months of 2023`, `last quarter of 2024`, `last day of 2023`, `last of March`."""
    opening = said.ordinal(i)
    word, after = ("first", opening[1]) if opening and opening[0] == 1 else (said.word(i), i + 1)
    if word not in ("first", "last", "final"):
        return None
    if said.word(i + 1) == "of" and word == "last":
        named = month(said, i + 2)
        if named is None or named.period.end is None:
            return None
        return FoundPeriod(day_of(named.period.end), i, named.after, named.dated)
    number, at = _count(said, after)
    unit = said.word(at).rstrip("s")
    if unit not in ("month", "quarter", "week", "day") or said.word(at + 1) not in ("of", "in"):
        return None
    whole = _whole(said, said.past_fillers(at + 1), unit)
    if whole is None or whole.period.start is None or whole.period.end is None:
        return None
    period = _part(whole.period.start, whole.period.end, number, unit, last=word != "first")
    return FoundPeriod(period, i, whole.after) if period else None


def half_of_month(said: Said, i: int) -> FoundPeriod | None:
    """`first half of March 2024`: up to its 15th; the second is the rest."""
    counted = said.ordinal(i)
    if counted is None or counted[0] > 2 or said.word(counted[1]) != "half":
        return None
    at = said.past_fillers(counted[1] + 1)
    named = month(said, at) if said.word(at) in MONTHS else None
    if named is None or named.period.start is None or named.period.end is None:
        return None
    middle = named.period.start.replace(day=15)
    half = (named.period.start, middle) if counted[0] == 1 else (middle + timedelta(days=1), named.period.end)
    return FoundPeriod(Period(*half, "range"), i, named.after, named.dated)


def months_until(said: Said, i: int) -> FoundPeriod | None:
    """`3 months to June 2024`, `quarter ending June 2024`, `year ended 30 June 2024`: whole months."""
    number = said.tokens[i].number
    unit, at = (said.word(i + 1).rstrip("s"), i + 2) if number is not None else (said.word(i), i + 1)
    if unit == "half":
        at = next((k for k in range(at, at + 3) if said.word(k) not in ("-", "year")), at)
    elif said.word(i - 1) in ("half", "-"):
        return None
    many = int(number or 1) * _MONTHS_OF.get(unit, 0)
    plain = number is not None or (unit == "year" and said.word(i - 1) == "the")
    if not 1 <= many <= 36 or said.word(at) not in (("to", *_ENDING) if plain else _ENDING):
        return None
    at = said.past_fillers(at + 1)
    at = said.past_fillers(at + 1) if said.word(at) in ("end", "on") else at
    last = day(said, at) or (month(said, at) if said.word(at) in MONTHS else None)
    if last is None or last.period.end is None:
        return None
    end = last.period.end
    if end != month_end(end.year, end.month):
        return None
    first = end.year * 12 + end.month - many
    return FoundPeriod(Period(date(first // 12, first % 12 + 1, 1), end, "range"), i, last.after, last.dated)


_MONTHS_OF = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_ENDING = ("ending", "ended")


def opening_of(said: Said, i: int) -> FoundPeriod | None:
    """`at the start of 2024`, `at the beginning of March 2024`; a day in brackets behind it is the same."""
    if said.word(i) not in ("start", "beginning") or said.word(i + 1) != "of":
        return None
    if said.word(i - 1) != "the" or said.word(i - 2) != "at":
        return None
    whole = _whole(said, said.past_fillers(i + 2), "day")
    if whole is None or whole.period.start is None:
        return None
    first, at = day_of(whole.period.start), whole.after
    again = day(said, at + 1) if said.word(at) == "(" else None
    if again is not None and said.word(again.after) == ")" and _is_same_day(again.period.start, first.start):
        at = again.after + 1
    return FoundPeriod(first, i, at)


def _is_same_day(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and (one.month, one.day) == (other.month, other.day)


def _whole(said: Said, at: int, unit: str) -> FoundPeriod | None:
    """The year that a part is of, or for days and weeks a month with its year."""
    year = said.year(at)
    if year is not None:
        return FoundPeriod(year_of(year), at, at + 1)
    named = month(said, at) if unit in ("day", "week") else None
    return named if named and named.dated else None


def _count(said: Said, i: int) -> tuple[int, int]:
    number = said.tokens[i].number if i < len(said.tokens) else None
    return (int(number), i + 1) if number is not None else (1, i)


def _part(start: date, end: date, number: int, unit: str, *, last: bool) -> Period | None:
    """So many units at the start or the end of a year, or days of a month; a week is seven of them."""
    if unit in ("day", "week"):
        number *= 7 if unit == "week" else 1
        days = timedelta(days=number - 1)
        if not 1 <= number <= (end - start).days:
            return None
        first, final = (end - days, end) if last else (start, start + days)
        return Period(first, final, "day" if number == 1 else "range")
    months = number * (3 if unit == "quarter" else 1)
    if not 1 <= months <= 12:
        return None
    year = start.year
    if number == 1:
        at = (4 if unit == "quarter" else 12) if last else 1
        return quarter_of(year, at) if unit == "quarter" else month_of(year, at)
    if last:
        return Period(date(year, 13 - months, 1), end, "range")
    return Period(start, month_end(year, months), "range")
