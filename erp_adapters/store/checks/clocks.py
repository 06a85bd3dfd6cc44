"""Whether days that say UTC were written by a clock in local time: it shows where that clock is changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from erp_adapters.store.checks.histories import Day
from erp_adapters.store.checks.limits import limits

_HOURS = 24
_HALF_HOURS = 2 * _HOURS


@dataclass(frozen=True, slots=True)
class Clock:
    """What a history shows of its clock."""

    is_local: bool
    confidence: float
    days: tuple[date, ...]
    """Days of 23 or 25 hours."""


def changes(time_zone: str, first: date, last: date) -> list[tuple[date, int]]:
    """The days on which the zone's clock changes, with the minutes that such a day is longer than others."""
    zone, found = ZoneInfo(time_zone), []
    day = first
    while day <= last:
        begins = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        after = day + timedelta(days=1)
        ends = datetime(after.year, after.month, after.day, tzinfo=zone).astimezone(UTC)
        longer = int((ends - begins).total_seconds() / 60) - 24 * 60
        if longer:
            found.append((day, longer))
        day = after
    return found


def clock_of(days: Sequence[Day], time_zone: str) -> Clock:
    """What the days say: by their lengths at the changes, or else by the hours at which the plant works."""
    at_change = dict(changes(time_zone, days[0].day, days[-1].day))
    long_days = tuple(
        day.day
        for day in days
        if day.day in at_change and len(day.readings) * day.step_minutes == 24 * 60 + at_change[day.day]
    )
    if long_days and _others_are_whole(days):
        return Clock(True, 0.98, long_days)
    if at_change and _keeps_its_hours(days, time_zone):
        return Clock(True, 0.8, ())
    return Clock(False, 0.0, ())


def _others_are_whole(days: Sequence[Day]) -> bool:
    whole = sum(1 for day in days if len(day.readings) * day.step_minutes == 24 * 60)
    return whole >= 0.5 * len(days)


def _keeps_its_hours(days: Sequence[Day], time_zone: str) -> bool:
    """Whether the day's pattern stays where it is at each change of a clock that people work by.

    By a true UTC clock the pattern of a plant moves by the change, to the other side. Moves at two changes of
    opposite sign are held together, so that a season's slow drift does not count.
    """
    limit = limits("sensor_histories")
    weeks = timedelta(days=int(limit["clock_days"]))
    moves: dict[int, list[int]] = defaultdict(list)
    for change, longer in changes(time_zone, days[0].day + weeks, days[-1].day - weeks):
        before = _pattern([day for day in days if change - weeks <= day.day < change])
        after = _pattern([day for day in days if change < day.day <= change + weeks])
        if before is None or after is None:
            return False
        move = _move(before, after, limit["clear_pattern"])
        if move is None:
            return False
        # Half hours that the pattern went later by, in the direction that UTC would show.
        moves[longer].append(move * (1 if longer > 0 else -1))
    if not any(longer > 0 for longer in moves) or not any(longer < 0 for longer in moves):
        return False
    return all(abs(move) == 0 for of_sign in moves.values() for move in of_sign)


def _pattern(days: Sequence[Day]) -> NDArray[np.float64] | None:
    """How the readings rise and fall over working days, by half hours; None where they tell too little."""
    whole = [
        day.readings
        for day in days
        if len(day.readings) * day.step_minutes == 24 * 60 and day.day.weekday() < 5
        and not np.isnan(day.readings).any()
    ]  # fmt: skip
    if len(whole) < limits("sensor_histories")["clock_days"] / 3 or len(whole[0]) % _HALF_HOURS:
        return None
    same = [readings for readings in whole if len(readings) == len(whole[0])]
    by_half_hour = np.asarray(same, np.float64).reshape(len(same), _HALF_HOURS, -1).mean(axis=2)
    return np.asarray(np.median(by_half_hour, axis=0))


def _move(before: NDArray[np.float64], after: NDArray[np.float64], clear: float) -> int | None:
    """By how many half hours the pattern moved, of none and two either way; None where it is not clear."""
    if min(_edge(before), _edge(after)) < limits("sensor_histories")["least_edge"]:
        return None
    one, other = before - before.mean(), after - after.mean()
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    if size == 0:
        return None
    fits = {move: float(np.dot(np.roll(one, move), other)) / size for move in (-2, 0, 2)}
    best = max(fits, key=lambda move: fits[move])
    runner_up = max(fit for move, fit in fits.items() if move != best)
    return best if fits[best] > 0.9 and fits[best] - runner_up > clear else None


def _edge(pattern: NDArray[np.float64]) -> float:
    """The steepest step of a pattern as a share of its height: shifts have edges, the sun has none."""
    height = float(np.ptp(pattern))
    return float(np.max(np.abs(np.diff(pattern)))) / height if height else 0.0
