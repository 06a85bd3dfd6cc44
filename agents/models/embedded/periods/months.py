"""Months: `March 2024`, `Sept. 2024`, `Nov 24`, `June '13`, `May`, `month 3 of 2024`."""

from __future__ import annotations

import calendar

from agents.models.embedded.periods.period import FoundPeriod, Period, month_of
from agents.models.embedded.periods.said import APOSTROPHES, JOINS, SUFFIXES, Said
from agents.models.embedded.periods.years import other_year

MONTHS = {
    name.lower(): i
    for names in (calendar.month_name, calendar.month_abbr)
    for i, name in enumerate(names)
    if name
} | {"sept": 9}
_AFTER_YEARS = frozenset({
    "", "?", ".", ",", ";", ":", ")", "and", "or", "to", "by", "per", "for", "in", "with", "how",
    "which", "what", "was", "were", "is", "are", "did", "do", "on", "at", "of", "from", "please",
    "until", "-",
})  # fmt: skip
_ALSO_WORDS = ("may", "march", "mar", "dec")
"""Names of months that mean something else too."""


def month(said: Said, i: int) -> FoundPeriod | None:
    """A month with the year that it names, or else the last one."""
    if said.word(i) in ("month", "months"):
        return _numbered(said, i)
    number = MONTHS.get(said.word(i))
    if number is None or (said.word(i) in _ALSO_WORDS and not _certain(said, i)):
        return None
    following = said.past_fillers(i + 1)
    told = said.year_here(following) or _behind_a_mark(said, i)
    if told is not None:
        return FoundPeriod(month_of(told[0], number), i, told[1])
    spoken = other_year(said, following) if said.word(following) == "twenty" else None
    if spoken is not None and spoken.period.start is not None:
        return FoundPeriod(month_of(spoken.period.start.year, number), i, spoken.after)
    short = short_year_of_month(said, i)
    if short is not None:
        return FoundPeriod(month_of(short[0], number), i, short[1])
    return FoundPeriod(month_of(said.recent_year(number), number), i, i + 1, dated=False)


def _behind_a_mark(said: Said, i: int) -> tuple[int, int] | None:
    """The year of `Sept. 2024`, `May, 2024` and `Sep-24`, and the position after it."""
    mark, year = said.word(i + 1), said.year(i + 2)
    if mark in (".", ",") and year is not None:
        # `in May, 2000 pieces` is no year.
        return (year, i + 3) if mark == "." or said.word(i + 3) in _AFTER_YEARS else None
    if mark != "-" or not said.joined(i, i + 3):
        return None
    year = year or said.short_year(i + 2)
    recent = year is not None and said.today.year - 7 <= year <= said.today.year + 1
    return (year, i + 3) if year is not None and recent else None


def _numbered(said: Said, i: int) -> FoundPeriod | None:
    """`month 3 of 2024`, `months 1 to 6 of 2024`."""
    first, last, at = said.number(i + 1), said.number(i + 1), i + 2
    if said.word(at) in JOINS and said.number(at + 1) is not None:
        last, at = said.number(at + 1), at + 2
    told = said.year_here(said.past_fillers(at))
    if first is None or last is None or told is None or not 1 <= first <= last <= 12:
        return None
    start, end = month_of(told[0], first), month_of(told[0], last)
    period = start if first == last else Period(start.start, end.end, "range")
    return FoundPeriod(period, i, told[1])


def _certain(said: Said, i: int) -> bool:
    return (
        said.tokens[i].capital
        or said.year_here(said.past_fillers(i + 1)) is not None
        or short_year_of_month(said, i) is not None
        or said.word(i - 1) in ("in", "and", "to", "for")
    )


def short_year_of_month(said: Said, i: int) -> tuple[int, int] | None:
    """The year of `Nov 24` or `June '13` and the position after it; `Nov 24, 2024`, `on Nov 24`,
    `including Nov 24` and `Nov 24 to Nov 30` name a day."""
    year = said.short_year(i + 1)
    if year is None:
        return None
    if said.word(i + 1) in APOSTROPHES:
        return year, i + 3
    if not said.today.year - 7 <= year <= said.today.year + 1:
        return None
    after = i + 2
    following = said.word(after)
    if following in SUFFIXES or said.word(i - 1) in ("on", "the"):
        return None
    if said.word(i - 1) == "including" and not _has_short_years(said, i):
        return None
    comma = after + 1 if following == "," else after
    if said.year(comma) is not None or said.short_year(after) is not None:
        return None
    if following in (*JOINS, "and") and said.word(after + 1) in MONTHS:
        other = said.day(after + 2)
        if other is not None and other > said.today.year - 2000 + 1:
            return None
    return year, after


def _has_short_years(said: Said, i: int) -> bool:
    """True where another month has two digits too: `from Jan 24 up to and including Nov 24`."""
    others = (at for at in range(len(said.tokens)) if at != i and said.word(at) in MONTHS)
    return any(said.short_year(at + 1) is not None for at in others)
