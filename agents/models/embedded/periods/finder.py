"""The periods of a question in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from agents.models.embedded.periods.ahead import ahead
from agents.models.embedded.periods.beside import beside
from agents.models.embedded.periods.days import closing_day, day, day_of_range
from agents.models.embedded.periods.ends import first_of, half_of_month, months_until, opening_of
from agents.models.embedded.periods.months import month
from agents.models.embedded.periods.numeric import numeric
from agents.models.embedded.periods.period import FoundPeriod, Period
from agents.models.embedded.periods.ranges import ranges
from agents.models.embedded.periods.relative import relative
from agents.models.embedded.periods.said import Said
from agents.models.embedded.periods.shared_years import in_year, shared_years
from agents.models.embedded.periods.weeks import iso_week, week, weekday
from agents.models.embedded.periods.years import part_of_year, quarter_of_two_digits, year
from agents.models.embedded.text import Token

# The first that reads something wins: what takes more words comes before what takes fewer.
_READERS = (
    closing_day,
    first_of,
    opening_of,
    half_of_month,
    months_until,
    iso_week,
    week,
    weekday,
    relative,
    numeric,
    quarter_of_two_digits,
    part_of_year,
    day_of_range,
    day,
    month,
    year,
)


class Periods:
    """Finds the periods of a question, relative to `today` and to the period of the turn before."""

    def __init__(self, today: date, before: Period | None = None) -> None:
        self._today = today
        self._before = before

    def find(self, tokens: Sequence[Token]) -> list[FoundPeriod]:
        """All periods in order, ranges joined."""
        said = Said(tokens, self._today)
        return self._dated(ahead(said, shared_years(ranges(said, self._found(said)))))

    def parts(self, tokens: Sequence[Token]) -> list[FoundPeriod]:
        """All periods in order, each as it is named: `from March to June 2024` is two."""
        said = Said(tokens, self._today)
        return self._dated(ahead(said, shared_years(self._found(said))))

    def _found(self, said: Said) -> list[FoundPeriod]:
        found: list[FoundPeriod] = []
        index = 0
        while index < len(said.tokens):
            hit = beside(said, index, found, self._before)
            hit = hit or next(filter(None, (read(said, index) for read in _READERS)), None)
            if hit:
                found.append(hit)
            index = hit.after if hit else index + 1
        return found

    def _dated(self, found: list[FoundPeriod]) -> list[FoundPeriod]:
        """`and in March?` stays in the year that the turn before was about."""
        before = self._before
        if (
            before is None
            or before.start is None
            or before.end is None
            or before.start.year != before.end.year
        ):
            return found
        return [
            one if one.dated else replace(one, period=in_year(one.period, before.start.year) or one.period)
            for one in found
        ]
