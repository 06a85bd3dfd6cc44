"""A site's working time as one line of minutes: nights, weekends and holidays are not on it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

_DAYS = 400
"""Days after now that the line reaches; work behind it counts as around the clock."""


@dataclass(frozen=True, slots=True)
class Evening:
    """The end of a shift after which nobody works for a while."""

    minute: int
    """Minutes of work before it."""
    closes: datetime
    """In the zone of the site."""
    free: int
    """Minutes on the clock until work begins again."""


@dataclass(frozen=True, slots=True)
class _Window:
    opens: datetime
    closes: datetime
    first: int
    """Minutes of work before it."""


class Hours:
    """Minutes of work from now on; an operation may pause overnight, which costs none of them."""

    def __init__(
        self,
        zone: str,
        now: datetime,
        shifts: Sequence[tuple[time, time]],
        closed: frozenset[date],
    ) -> None:
        self.zone = ZoneInfo(zone)
        self.now = now.astimezone(self.zone).replace(second=0, microsecond=0)
        windows: list[_Window] = []
        total = 0
        day = self.now.date() - timedelta(days=1)
        for _ in range(_DAYS):
            for opens, closes in _joined([] if day in closed else [self._span(day, *one) for one in shifts]):
                opens = max(opens, self.now.astimezone(UTC))
                if windows:
                    opens = max(opens, windows[-1].closes)
                if opens < closes:
                    windows.append(_Window(opens, closes, total))
                    total += round((closes - opens).total_seconds() / 60)
            day += timedelta(days=1)
        self._windows = windows
        self._firsts = [one.first for one in windows]
        self._opens = [one.opens for one in windows]
        self.total = total

    def _span(self, day: date, opens: time, closes: time) -> tuple[datetime, datetime]:
        ends = day if closes > opens else day + timedelta(days=1)
        # Wall clock at both ends, differences in UTC: the night on which clocks change has its true length.
        return (
            datetime.combine(day, opens, self.zone).astimezone(UTC),
            datetime.combine(ends, closes, self.zone).astimezone(UTC),
        )

    def minute(self, moment: datetime) -> int:
        """Minutes of work from now to a moment; not below zero."""
        at = bisect_right(self._opens, moment) - 1
        if at < 0:
            return 0
        window = self._windows[at]
        return window.first + round((min(moment, window.closes) - window.opens).total_seconds() / 60)

    def start(self, minute: int) -> datetime:
        """When the work of a minute begins: at the start of a shift, never at the end of the one before."""
        at = max(0, bisect_right(self._firsts, minute) - 1)
        return self._moment(at, minute)

    def end(self, minute: int) -> datetime:
        """When the work of the minutes before is done: the end of a shift, not the start of the next."""
        at = max(0, bisect_right(self._firsts, minute - 1) - 1) if minute > 0 else 0
        return self._moment(at, minute)

    def _moment(self, at: int, minute: int) -> datetime:
        window = self._windows[at]
        return (window.opens + timedelta(minutes=minute - window.first)).astimezone(self.zone)

    def day_begins(self, day: date) -> int:
        """Minutes of work before a day."""
        return self.minute(datetime.combine(day, time.min, self.zone))

    def day_ends(self, day: date) -> int:
        """Minutes of work up to the end of a day; below zero for a day that is over.

        A shift that runs past midnight belongs to the day on which it begins.
        """
        if day < self.now.date():
            return -self.typical * (self.now.date() - day).days
        begun = [one for one in self._windows if one.opens.astimezone(self.zone).date() <= day]
        if not begun:
            return 0
        last = begun[-1]
        return last.first + round((last.closes - last.opens).total_seconds() / 60)

    def evenings(self, until: date) -> tuple[Evening, ...]:
        """The ends of shifts up to a day, each with the time until the next begins."""
        found = []
        for one, following in pairwise(self._windows):
            closes = one.closes.astimezone(self.zone)
            if closes.date() > until:
                break
            free = round((following.opens - one.closes).total_seconds() / 60)
            if free > 0:
                found.append(Evening(following.first, closes, free))
        return tuple(found)

    @property
    def typical(self) -> int:
        """Minutes of work of a full day."""
        lengths = [round((one.closes - one.opens).total_seconds() / 60) for one in self._windows[1:8]]
        return max(lengths, default=1440)


def _joined(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Shifts that follow each other without a gap are one span."""
    found: list[tuple[datetime, datetime]] = []
    for opens, closes in sorted(spans):
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], closes))
        else:
            found.append((opens, closes))
    return found
