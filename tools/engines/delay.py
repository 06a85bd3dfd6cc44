"""Where the time of a late order went: working time between moments, and what claims each part of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]
"""From a moment up to another."""


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When a plant works: a window on each working day."""

    zone: ZoneInfo
    opens: time = time.min
    hours: float = 24.0
    closed: frozenset[date] = field(default_factory=frozenset)
    """Days on which it does not work."""

    def end_of(self, day: date) -> datetime:
        """When work ends on a day; the last working day before it, where it is none."""
        while day in self.closed:
            day -= timedelta(days=1)
        return self._window(day)[1]

    def start_of(self, day: date) -> datetime:
        """When work begins on a day; the first working day after it, where it is none."""
        while day in self.closed:
            day += timedelta(days=1)
        return self._window(day)[0]

    def minutes(self, start: datetime, end: datetime) -> int:
        """Working minutes from one moment to another; negative where the second is the earlier one."""
        if end < start:
            return -self.minutes(end, start)
        total = timedelta()
        # A shift may run past midnight: the window of the day before reaches into this one.
        day = start.astimezone(self.zone).date() - timedelta(days=1)
        last = end.astimezone(self.zone).date()
        while day <= last:
            if day not in self.closed:
                opens, closes = self._window(day)
                total += max(timedelta(), min(closes, end) - max(opens, start))
            day += timedelta(days=1)
        return round(total.total_seconds() / 60)

    def before(self, moment: datetime, minutes: int) -> datetime:
        """The moment so many working minutes before another."""
        left = timedelta(minutes=minutes)
        day = moment.astimezone(self.zone).date()
        while left > timedelta():
            if day not in self.closed:
                opens, closes = self._window(day)
                worked = min(closes, moment) - opens
                if worked >= left:
                    return min(closes, moment) - left
                left -= max(timedelta(), worked)
            day -= timedelta(days=1)
        return moment

    def _window(self, day: date) -> Span:
        opens = datetime.combine(day, self.opens, self.zone)
        # The window ends by the clock on the wall; differences are taken in UTC, where no hour is missing.
        closes = opens + timedelta(hours=self.hours)
        return opens.astimezone(UTC), closes.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that held an order up in some time."""

    kind: str
    span: Span
    what: str = ""
    """What it was, for whoever reads on: a reason, an order, a part."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Minutes of one wait that a claim explains."""

    kind: str
    what: str
    minutes: int


def explained(wait: Span, claims: Sequence[Claim], working: WorkingTime) -> tuple[list[Taken], int]:
    """Which claims explain a wait, each minute given to the first that covers it, and what is left over."""
    left: list[Span] = [wait] if wait[0] < wait[1] else []
    found: list[Taken] = []
    rest = working.minutes(*wait) if left else 0
    for claim in claims:
        took = 0
        after: list[Span] = []
        for span in left:
            start, end = max(span[0], claim.span[0]), min(span[1], claim.span[1])
            if start >= end:
                after.append(span)
                continue
            took += working.minutes(start, end)
            after += [part for part in ((span[0], start), (end, span[1])) if part[0] < part[1]]
        left = after
        # Rounding to minutes must not give away more than there was.
        took = min(took, rest)
        if took > 0:
            found.append(Taken(claim.kind, claim.what, took))
            rest -= took
    return found, rest


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of a delay."""

    kind: str
    minutes: int
    """Negative where it made the order faster."""
    where: str = ""
    what: str = ""


def tied(reasons: Iterable[Reason], total: int) -> list[Reason]:
    """The reasons with equal ones added up, the largest first, and what is left of the total as "
    "`unexplained`."""
    sums: dict[tuple[str, str, str], int] = {}
    for one in reasons:
        key = (one.kind, one.where, one.what)
        sums[key] = sums.get(key, 0) + one.minutes
    found = [Reason(kind, minutes, where, what) for (kind, where, what), minutes in sums.items() if minutes]
    found.sort(key=lambda one: (-one.minutes, one.kind, one.where, one.what))
    rest = total - sum(one.minutes for one in found)
    return [*found, Reason("unexplained", rest)] if rest else found


@dataclass(frozen=True, slots=True)
class Worked:
    """An operation as it was confirmed."""

    operation: int
    work_centre: str
    span: Span
    planned: int
    """Minutes for set-up and run."""
    rework: int
    """Minutes that its reworked pieces take by plan."""


def delay_of(
    operations: Sequence[Worked],
    due: datetime,
    end: datetime,
    working: WorkingTime,
    waits: Mapping[str, Sequence[Claim]],
    next_centre: str = "",
) -> list[Reason]:
    """Why an order ended, or is still open, so many working minutes after it was due.

    The latest start is the due moment less the planned minutes of the operations done. Waiting before an
    operation, time longer than planned, and a start after the latest one make up the delay; a start before it
    is a cushion and counts against them.

    Args:
        end: when the last operation ended, or now for an open order.
        waits: what may explain waiting, by work centre; those under the empty name hold for any.
        next_centre: work centre that an open order waits for.
    """
    total = working.minutes(due, end)
    reasons: list[Reason] = []
    latest = working.before(due, sum(one.planned for one in operations))
    at = latest
    for number, one in enumerate(operations):
        start, finish = one.span
        where = f"{one.operation} {one.work_centre}"
        if start > at:
            reasons += _waited((at, start), one.work_centre, where, working, waits)[0]
        elif number == 0:
            reasons.append(Reason("cushion", working.minutes(at, start), where))
        reasons += _worked(one, where, max(start, at) if number else start, working, waits)
        at = max(at, finish) if number else finish
    if at < end:
        waited, rest = _waited((at, end), next_centre, next_centre, working, waits)
        # It may be under way already: an operation is known only when it is confirmed.
        reasons += [*waited, Reason("unconfirmed", rest if next_centre else 0, next_centre)]
    return tied(reasons, total)


def _waited(
    wait: Span, centre: str, where: str, working: WorkingTime, waits: Mapping[str, Sequence[Claim]]
) -> tuple[list[Reason], int]:
    """What claims explain of a wait; the rest stays for the remainder."""
    found, rest = explained(wait, [*waits.get("", ()), *waits.get(centre, ())], working)
    return [Reason(one.kind, one.minutes, where, one.what) for one in found], rest


def _worked(
    one: Worked, where: str, start: datetime, working: WorkingTime, waits: Mapping[str, Sequence[Claim]]
) -> list[Reason]:
    span = (start, max(start, one.span[1]))
    over = working.minutes(*span) - one.planned
    if over <= 0:
        return [Reason("faster", over, where)] if over else []
    stopped, _ = explained(span, [c for c in waits.get(one.work_centre, ()) if c.kind == "downtime"], working)
    reasons: list[Reason] = []
    for stop in stopped:
        took = min(stop.minutes, over)
        reasons.append(Reason(stop.kind, took, where, stop.what))
        over -= took
    rework = min(over, one.rework)
    reasons.append(Reason("rework", rework, where))
    reasons.append(Reason("longer", over - rework, where))
    return reasons
