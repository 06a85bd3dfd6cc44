"""The day of need: on the site's calendar, not past, in a period that is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tools.engines.sourcing import last_working, next_working
from tools.errors import ToolError
from tools.languages import said
from tools.languages.forms import day_text
from tools.naming import Site
from tools.rows import Queries

_CALENDAR = """
select c.day, bool_or(c.is_working) as is_working from erp.work_calendar c
where c.site = %(site)s and c.day between %(first)s::date - 60 and %(first)s::date + 800 group by c.day
"""
_PERIODS = """
select f.period, f.starts_on, f.ends_on, f.status from erp.fiscal_period f
where f.site = %(site)s and f.ends_on >= %(first)s order by f.starts_on, f.company
"""


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    is_working: bool


@dataclass(frozen=True, slots=True)
class Period:
    """A fiscal period of the site."""

    period: str
    starts_on: date
    ends_on: date
    status: str


@dataclass(frozen=True)
class Calendar:
    """The days of a site."""

    site: Site
    days: Mapping[date, bool]
    """Empty where the site keeps no calendar: Monday to Friday are worked then."""
    periods: Sequence[Period]

    def is_working(self, day: date) -> bool:
        """True on a day that is worked."""
        return self.days.get(day, day.weekday() < 5)

    @property
    def works(self) -> Callable[[date], bool]:
        """The same as a function."""
        return self.is_working

    def period_of(self, day: date) -> Period | None:
        """The fiscal period of a day; None where none is kept."""
        return next((one for one in self.periods if one.starts_on <= day <= one.ends_on), None)

    @property
    def last(self) -> date | None:
        """The last day that is planned for; None where nothing says so."""
        # A calendar of holidays alone says nothing about how far it reaches.
        ends = [max(self.days)] if any(self.days.values()) else []
        ends += [max(one.ends_on for one in self.periods)] if self.periods else []
        return min(ends, default=None)

    def needed_on(self, day: date, *, no_later: bool = False) -> date:
        """The day, if something can be needed on it.

        Args:
            no_later: True where an earlier one does as well: of days off, the working day before is taken.

        Raises:
            ToolError: it is past, outside the calendar, not worked, or in a closed period; the message says
                which day would do.
        """
        here = {"day": day_text(day), "site": self.site.site}
        if day < self.site.today:
            raise ToolError(
                said(
                    "[[day]] is past at [[site]], where today is [[today]]; name a day from today on",
                    today=day_text(self.site.today),
                    **here,
                )
            )
        if self.last is not None and day > self.last:
            raise ToolError(
                said(
                    "[[day]] is outside the calendar of [[site]], which ends on [[last]]; name a day up"
                    " to then",
                    last=day_text(self.last),
                    **here,
                )
            )
        if not self.is_working(day):
            before = last_working(day, self.is_working) if no_later else None
            if before is None or before < self.site.today:
                raise ToolError(self._not_worked(day, here))
            day = before
            here["day"] = day_text(day)
        period = self.period_of(day)
        if period is not None and period.status != "open":
            later = next((one for one in self.periods if one.status == "open" and one.starts_on > day), None)
            raise ToolError(self._closed(period, later, here))
        return day

    def _closed(self, period: Period, later: Period | None, here: Mapping[str, str]) -> str:
        told = said(
            "[[day]] lies in fiscal period [[period]], which is closed at [[site]]",
            period=period.period,
            **here,
        )
        if later is None:
            return said("[[told]]; no later one is open: have one opened", told=told)
        opens = next_working(later.starts_on, self.is_working) or later.starts_on
        return said(
            "[[told]]; the next open one is [[open]], whose first working day is [[opens]]",
            told=told,
            open=later.period,
            opens=day_text(opens),
        )

    def _not_worked(self, day: date, here: Mapping[str, str]) -> str:
        after, before = next_working(day, self.is_working), last_working(day, self.is_working)
        text = said(
            "[[day]] is no working day at [[site]]; the next one is [[after]]",
            after=day_text(after) if after else said("none"),
            **here,
        )
        if before is None or before < self.site.today:
            return text
        return said("[[text]], the one before [[before]]", text=text, before=day_text(before))


def moved(asked: date, day: date) -> tuple[str, ...]:
    """Says on the card, in English as all of it, that another day than the asked one was taken."""
    if asked == day:
        return ()
    return (
        f"Asked for by {asked} ({asked:%A}), which is no working day: {day} ({day:%A}), the working day"
        " before, was taken.",
    )


def moved_sentence(asked: date, day: date) -> str:
    """The same behind a draft's sentence, which names the day; empty where nothing was moved."""
    if asked == day:
        return ""
    return " " + said("Nobody works on the day that was asked for: taken is the working day before.")


async def calendar_of(queries: Queries, site: Site) -> Calendar:
    """The calendar and the fiscal periods of a site from its today on."""
    asked = {"site": site.site, "first": site.today}
    days = await queries.rows(_Day, _CALENDAR, asked)
    periods = await queries.rows(Period, _PERIODS, asked)
    return Calendar(site, {one.day: one.is_working for one in days}, periods)
