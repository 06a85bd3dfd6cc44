"""Public holidays of the countries that the demo's plants lie in, and the days between the years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

YEARS = range(2023, 2027)

_FIXED: dict[str, tuple[tuple[int, int], ...]] = {
    "DE": ((1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)),
    "US": ((1, 1), (7, 4), (12, 24), (12, 25)),
    "MX": ((1, 1), (5, 1), (9, 16), (12, 12), (12, 25)),
    "CA": ((1, 1), (7, 1), (12, 25), (12, 26)),
    "PL": ((1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26)),
    "CZ": (
        *((1, 1), (5, 1), (5, 8), (7, 5), (7, 6), (9, 28), (10, 28)),
        *((11, 17), (12, 24), (12, 25), (12, 26)),
    ),
    "IT": ((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)),
}
_AFTER_EASTER: dict[str, tuple[int, ...]] = {
    "DE": (-2, 1, 39, 50, 60),
    "MX": (-3, -2),
    "CA": (-2,),
    "PL": (1, 60),
    "CZ": (-2, 1),
    "IT": (1,),
}
_MONDAYS: dict[str, tuple[tuple[int, int], ...]] = {
    "US": ((5, -1), (9, 1)),
    "MX": ((2, 1), (3, 3), (11, 3)),
    "CA": ((2, 3), (5, -2), (8, 1), (9, 1), (10, 2)),
}
"""Month, and which Monday of it: 1 the first, -1 the last."""


@cache
def holidays_of(country: str) -> frozenset[date]:
    """Days without work that would else be working days."""
    return frozenset(day for year in YEARS for day in _of(country, year))


def easter(year: int) -> date:
    """Easter Sunday, by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    offset = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * offset) // 451
    month, day = divmod(h + offset - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _of(country: str, year: int) -> Iterator[date]:
    yield from (date(year, month, day) for month, day in _FIXED[country])
    yield from (easter(year) + timedelta(days=days) for days in _AFTER_EASTER.get(country, ()))
    yield from (_monday(year, month, which) for month, which in _MONDAYS.get(country, ()))
    if country == "US":
        thanksgiving = _weekday(date(year, 11, 1), 3) + timedelta(weeks=3)
        yield from (thanksgiving, thanksgiving + timedelta(days=1))


def _monday(year: int, month: int, which: int) -> date:
    if which > 0:
        return _weekday(date(year, month, 1), 0) + timedelta(weeks=which - 1)
    # The last Monday is the one before the first of the next month.
    return _weekday(date(year, month + 1, 1), 0) + timedelta(weeks=which)


def _weekday(first: date, weekday: int) -> date:
    """The first such weekday from a day on."""
    return first + timedelta(days=(weekday - first.weekday()) % 7)
