"""Working days of a site: a lead time counted back or forth over weekends and holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

MONDAY_TO_FRIDAY = frozenset(range(5))
_LONGEST_BREAK = 366


class NoWorkingDays(ValueError):
    """A calendar on which nobody works for a year."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked."""

    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    """0 is Monday."""
    closed: frozenset[date] = frozenset()
    """Days off on which one would work otherwise."""
    opened: frozenset[date] = frozenset()
    """Days worked on which one would not work otherwise."""

    def works(self, day: date) -> bool:
        """True where the day is worked."""
        return day in self.opened or (day.weekday() in self.weekdays and day not in self.closed)

    def on_or_before(self, day: date) -> date:
        """The day itself, or the last one worked before it."""
        return self._next(day, -1, 0)

    def on_or_after(self, day: date) -> date:
        """The day itself, or the first one worked after it."""
        return self._next(day, 1, 0)

    def before(self, day: date, days: int) -> date:
        """The working day that lies so many working days before a day.

        A day that is not worked counts as the last one worked before it: what is needed on a Sunday has to be
        there on Friday.
        """
        return self._next(self.on_or_before(day), -1, days)

    def after(self, day: date, days: int) -> date:
        """The working day that lies so many working days after a day."""
        return self._next(self.on_or_after(day), 1, days)

    def _next(self, day: date, direction: int, days: int) -> date:
        idle = 0
        while True:
            if self.works(day):
                if days == 0:
                    return day
                days, idle = days - 1, 0
            elif (idle := idle + 1) > _LONGEST_BREAK:
                raise NoWorkingDays(f"no working day within a year of {day.isoformat()}")
            day += timedelta(days=direction)
