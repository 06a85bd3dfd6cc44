"""Fiscal periods of a site: calendar months, or weeks in the pattern of a retail calendar."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, TypeAlias

from pydantic import Field, field_validator, model_validator

from erp_adapters.store.terms import Strict

CalendarKind: TypeAlias = Literal["months", "4-4-5", "4-5-4", "5-4-4"]

_CODE = re.compile(r"\{(year|period)(?::([1-3]))?\}")
_CANONICAL = re.compile(r"(\d{4})-(\d\d)\Z", re.ASCII)
_LAST = 12


class FiscalCalendar(Strict):
    """Which days a fiscal period has, and how the site writes periods; canonical is `2026-03`."""

    because: str = Field(min_length=1)
    kind: CalendarKind = "months"
    first_month: int = Field(default=1, ge=1, le=12)
    """With months: the calendar month of period 1. A year is named by the month that it ends in."""
    first_days: dict[int, date] = Field(default={})
    """With weeks: the first day of each fiscal year, and of the one after the last."""
    periods: list[str] = Field(default=[])
    """Codes such as `{year}/P{period:2}`."""
    special_periods: int = Field(default=0, ge=0, le=9)
    """Periods after the twelfth, for closing entries, that count into it."""

    @field_validator("periods")
    @classmethod
    def _with_year_and_period(cls, codes: list[str]) -> list[str]:
        for code in codes:
            if sorted(found[1] for found in _CODE.finditer(code)) != ["period", "year"]:
                raise ValueError(f"{code!r} must hold {{year}} and {{period}} once each")
        return codes

    @model_validator(mode="after")
    def _first_days_fit(self) -> FiscalCalendar:
        if self.kind == "months":
            if self.first_days:
                raise ValueError("first_days are for calendars of weeks")
            return self
        if self.first_month != 1:
            raise ValueError("first_month is for calendars of months")
        years = sorted(self.first_days)
        if len(years) < 2 or years != list(range(years[0], years[-1] + 1)):
            raise ValueError("first_days must name two years or more, without a gap")
        for year in years[:-1]:
            length = (self.first_days[year + 1] - self.first_days[year]).days
            if length not in (52 * 7, 53 * 7):
                raise ValueError(f"fiscal year {year} has {length} days, neither 52 nor 53 weeks")
        return self

    def canonical(self, code: str) -> str | None:
        """A period as `2026-03` from the site's code for it, or from that itself; None for anything else."""
        for pattern in self._patterns:
            found = pattern.match(code)
            if found:
                number = int(found["period"])
                if 1 <= number <= _LAST + self.special_periods:
                    return f"{found['year']}-{min(number, _LAST):02}"
        return None

    def period_of(self, day: date) -> str | None:
        """The period of a day; None outside the years that the calendar knows."""
        if self.kind == "months":
            months = day.year * 12 + day.month - self.first_month
            # Named by the month it ends in: only a year that starts in January carries its own number.
            year = months // 12 + (self.first_month > 1)
            return f"{year}-{months % 12 + 1:02}"
        for year, first in sorted(self.first_days.items(), reverse=True):
            if day >= first:
                week = (day - first).days // 7
                return f"{year}-{self._period_of_week(week):02}" if year + 1 in self.first_days else None
        return None

    def days_of(self, period: str) -> tuple[date, date] | None:
        """First and last day of a canonical period; None where the calendar does not know its year."""
        found = _CANONICAL.match(period)
        if not found or not 1 <= int(found[2]) <= _LAST:
            return None
        year, number = int(found[1]), int(found[2])
        if self.kind == "months":
            months = (year - (self.first_month > 1)) * 12 + self.first_month - 1 + number - 1
            return _month(months), _month(months + 1) - timedelta(days=1)
        if year not in self.first_days or year + 1 not in self.first_days:
            return None
        first = self.first_days[year]
        ends = self.first_days[year + 1] if number == _LAST else first + timedelta(weeks=self._weeks[number])
        return first + timedelta(weeks=self._weeks[number - 1]), ends - timedelta(days=1)

    def written(self, period: str) -> str:
        """A canonical period in the site's first code."""
        year, number = period.split("-")
        if not self.periods:
            return period

        def part(found: re.Match[str]) -> str:
            return year if found[1] == "year" else str(int(number)).zfill(int(found[2] or 1))

        return _CODE.sub(part, self.periods[0])

    def _period_of_week(self, week: int) -> int:
        return next((number for number in range(1, _LAST) if week < self._weeks[number]), _LAST)

    @cached_property
    def _weeks(self) -> list[int]:
        """Weeks of the year that have passed at the end of each period, from none."""
        quarter = [int(weeks) for weeks in self.kind.split("-")]
        passed = [0]
        for weeks in quarter * 4:
            passed.append(passed[-1] + weeks)
        return passed

    @cached_property
    def _patterns(self) -> list[re.Pattern[str]]:
        return [_CANONICAL_CODE, *(_pattern(code) for code in self.periods)]


_CANONICAL_CODE = re.compile(r"(?P<year>\d{4})-(?P<period>\d\d)\Z", re.ASCII)


def _pattern(code: str) -> re.Pattern[str]:
    text, at = "", 0
    for found in _CODE.finditer(code):
        width = found[2] or "1,3"
        text += re.escape(code[at : found.start()])
        text += r"(?P<year>\d{4})" if found[1] == "year" else rf"(?P<period>\d{{{width}}})"
        at = found.end()
    return re.compile(text + re.escape(code[at:]) + r"\Z", re.ASCII)


def _month(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)
