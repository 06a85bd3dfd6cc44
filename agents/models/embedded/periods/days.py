"""Days: `3 June 2024`, `June 3`, `first of June`, and each end of `March 11-17, 2024`."""

from __future__ import annotations

from datetime import date

from agents.models.embedded.periods.months import MONTHS, short_year_of_month
from agents.models.embedded.periods.period import FoundPeriod, day_of
from agents.models.embedded.periods.said import JOINS, SUFFIXES, Said

_DAY_WORDS = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
    "nineteenth", "twentieth",
]  # fmt: skip
_DAYS = {word: at for at, word in enumerate(_DAY_WORDS, start=1)} | {"thirtieth": 30}

_WEEK = ("week", "wk", "cw", "kw")


def day(said: Said, i: int) -> FoundPeriod | None:
    """`3 June 2024`, `3rd of June 2024`, `first of June`, `June 3, 2024`."""
    number = said.day(i)
    if number is None and said.word(i + 1) == "of":
        number = _DAYS.get(said.word(i))
    # `week 3 of June` is no day of it.
    if number is not None and not (said.word(i - 1) in _WEEK and said.word(i + 1) == "of"):
        at = i + 1
        while said.word(at) in ("of", *SUFFIXES):
            at += 1
        month = MONTHS.get(said.word(at))
        if month:
            return _on(said, number, month, at + 1, i)
    month = MONTHS.get(said.word(i))
    if month:
        at = i + 2 if said.word(i + 1) == "the" else i + 1
        number = said.day(at)
        if number is not None and short_year_of_month(said, i) is None:
            return _on(said, number, month, _past_range(said, at + 1), i, at + 1)
    return None


def day_of_range(said: Said, i: int) -> FoundPeriod | None:
    """`3` in `from 3 to 9 February 2025`, `1` in `between 1 and 31 December`: the month stands with the
    second."""
    number = said.day(i)
    if number is None:
        return None
    after = i + 2 if said.word(i + 1) in SUFFIXES else i + 1
    between = "between" in (said.word(i - 1), said.word(i - 2))
    if said.word(after) not in JOINS and not (said.word(after) == "and" and between):
        return None
    at = after + 2 if said.word(after + 1) == "the" else after + 1
    last = day(said, at) if said.day(at) is not None else None
    if last is None or last.period.start is None or last.period.start.day <= number:
        return None
    return FoundPeriod(day_of(last.period.start.replace(day=number)), i, after, last.dated)


def closing_day(said: Said, i: int) -> FoundPeriod | None:
    """`17, 2024` in `March 11-17, 2024`."""
    month, number = MONTHS.get(said.word(i - 3)), said.day(i)
    if month is None or number is None or said.word(i - 1) not in JOINS:
        return None
    if said.day(i - 2) is None or _past_range(said, i - 1) != i + 1:
        return None
    return _on(said, number, month, i + 1, i)


def _past_range(said: Said, at: int) -> int:
    """The position after the second day of `March 11-17, 2024`, where its year stands."""
    if said.word(at) in JOINS and said.day(at + 1) is not None:
        year = at + 3 if said.word(at + 2) == "," else at + 2
        return at + 2 if said.year(year) is not None else at
    return at


def _on(
    said: Said, number: int, month: int, end: int, first: int, before: int | None = None
) -> FoundPeriod | None:
    """A day with the year that stands at a position; its own words end `before` that."""
    at = end
    while said.word(at) in (",", *SUFFIXES):
        at += 1
    year = said.year(at)
    after = at + 1 if year is not None else end
    if year is None and (short := said.short_year(end)) is not None:
        year, after = short, said.after_short_year(end)
    try:
        on = date(year or said.recent_year(month), month, number)
    except ValueError:
        return None
    if before is not None and before != end:
        after = before
    return FoundPeriod(day_of(on), first, after, year is not None)
