"""Periods in digits: `15.07.2021`, `30/09/2021`, `06/2024`, `2024-03-05`."""

from __future__ import annotations

import calendar
import re
from datetime import date

from agents.models.embedded.periods.period import FoundPeriod, day_of, month_of, year_of
from agents.models.embedded.periods.said import JOINS, Said

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_DAY_AND_MONTH = re.compile(r"(\d{1,2})\.(\d{1,2})")


def numeric(said: Said, i: int) -> FoundPeriod | None:
    """`15.07.2021`, `30/09/2021`, `06/2024`, `01-06/2013`; the day comes first where both could."""
    lettered = _lettered(said, i) or _without_year(said, i)
    if lettered is not None:
        return lettered
    one, two, three = (said.number(i + k) for k in (0, 2, 4))
    first, second = said.word(i + 1), said.word(i + 3)
    if one is None or two is None or first not in (".", "/", "-") or _in_code(said, i):
        return None
    if three is not None and second == first and said.joined(i, i + 5):
        return _numeric_day(said, i, (one, two, three), first)
    if not 1 <= one <= 12:
        return None
    if said.year(i + 2) is not None and said.joined(i, i + 3):
        return FoundPeriod(month_of(two, one), i, i + 3)
    later = said.year(i + 4) if first == "-" and second in ("/", ".") else None
    if later is not None and one < two <= 12 and said.joined(i, i + 5):
        return FoundPeriod(month_of(later, one), i, i + 1)
    return None


def _lettered(said: Said, i: int) -> FoundPeriod | None:
    """`3-Jun-2024`."""
    day, month, year = said.number(i), _MONTHS.get(said.word(i + 2)), said.number(i + 4)
    dashed = said.word(i + 1) == said.word(i + 3) == "-" and said.joined(i, i + 5)
    if not dashed or day is None or month is None or year is None:
        return None
    try:
        return FoundPeriod(day_of(date(year + 2000 if year < 100 else year, month, day)), i, i + 5)
    except ValueError:
        return None


def _without_year(said: Said, i: int) -> FoundPeriod | None:
    """`1.1.` in `1.1. to 31.3.2024`: its year stands with the second."""
    found = _DAY_AND_MONTH.fullmatch(said.word(i))
    if found is None or said.word(i + 1) != "." or said.word(i + 2) not in JOINS:
        return None
    last = numeric(said, i + 3)
    if last is None or last.period.grain != "day" or last.period.start is None:
        return None
    try:
        on = date(last.period.start.year, int(found[2]), int(found[1]))
    except ValueError:
        return None
    return FoundPeriod(day_of(on), i, i + 2) if on < last.period.start else None


def iso(said: Said, i: int, year: int) -> FoundPeriod:
    """`2024-03-05`, `2024-03`, or the year alone where no month follows it."""
    month = said.number(i + 2)
    if month is None or not 1 <= month <= 12:
        return FoundPeriod(year_of(year), i, i + 1)
    day = said.number(i + 4) if said.word(i + 3) == "-" else None
    if day is not None and 1 <= day <= calendar.monthrange(year, month)[1]:
        return FoundPeriod(day_of(date(year, month, day)), i, i + 5)
    return FoundPeriod(month_of(year, month), i, i + 3)


def _in_code(said: Said, i: int) -> bool:
    """True inside a number of a part or a document such as `FR-01-2024`."""
    return i >= 2 and said.joined(i - 2, i + 1) and said.tokens[i - 2].kind == "word"


def _numeric_day(said: Said, i: int, numbers: tuple[int, int, int], mark: str) -> FoundPeriod | None:
    day, month, year = numbers
    if said.year(i) is not None:
        year, month, day = numbers
    elif month > 12 or (mark == "/" and _month_first(said)):
        day, month = month, day
    if len(str(year)) <= 2 and len(said.word(i + 4)) == 2:
        if mark == "-":
            return None
        year += 2000
    if not 1950 <= year <= 2099:
        return None
    try:
        return FoundPeriod(day_of(date(year, month, day)), i, i + 5)
    except ValueError:
        return None


def _month_first(said: Said) -> bool:
    """True where another date of the question can only have its month first: `3/11/2024-3/17/2024`."""
    firsts = [
        (said.number(i) or 0, said.number(i + 2) or 0)
        for i in range(len(said.tokens) - 4)
        if said.word(i + 1) == said.word(i + 3) == "/" and said.joined(i, i + 5)
    ]
    return any(second > 12 for _, second in firsts) and all(first <= 12 for first, _ in firsts)
