"""What a batch comes to by the rules of its signals: in order, in UTC, in the unit kept, and what was wrong.

Everything is done for all samples at once: at 20,000 a second a loop over them would be the whole cost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from erp_adapters.series.batch import (
    BAD,
    FROZEN,
    LATE,
    MICROSECONDS,
    MOVED,
    OUT_OF_RANGE,
    Batch,
    Moments,
    Places,
    Qualities,
    Values,
    micros,
    moment,
)
from erp_adapters.series.signal import Rule, Signal, conversion

FlawKind: TypeAlias = Literal[
    "gap", "frozen", "late", "out_of_order", "duplicate", "conflicting", "out_of_range", "no_number", "bad",
    "other_unit", "local_time", "wrong_clock", "ambiguous_time",
]  # fmt: skip
Mask: TypeAlias = NDArray[np.bool_]
_HOUR_US: Final = 3600 * MICROSECONDS
_NEVER: Final = np.iinfo(np.int64).min // 4
_AHEAD_US: Final = 120 * MICROSECONDS
"""A clock this far ahead is wrong; less is a network of clocks."""
_SAME_CLOCK_US: Final = 300 * MICROSECONDS
"""How near a clock's error is to the site's offset from UTC, to be that."""
_MOST_DAYS_AHEAD = timedelta(days=1)
_OLDEST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Known:
    """A signal as it is kept, and its latest sample."""

    id: int
    signal: Signal
    site_zone: str
    last_at: int | None = None
    last_value: float = float("nan")
    same_since: int | None = None


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that was wrong with samples of a signal, from a moment to another."""

    signal: int
    """Its place among the signals of the batch."""
    kind: FlawKind
    since: int
    until: int
    number: int
    worst: float | None = None


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest sample of a signal."""

    signal: int
    at: int
    value: float
    quality: int
    same_since: int


@dataclass(frozen=True, slots=True)
class Normalised:
    """Samples by signal and time, each moment of a signal once."""

    which: Places
    at: Moments
    values: Values
    qualities: Qualities
    flaws: tuple[Flaw, ...]
    latest: tuple[Latest, ...]
    older: tuple[int, ...]
    """Signals of which samples came that are no newer than what there was: gaps may be filled."""


Existing: TypeAlias = Callable[[int, int, int], tuple[Moments, Values]]
"""Moments and values that a signal (by its place) has, from a moment to another."""


def normalised(batch: Batch, known: Sequence[Known], existing: Existing) -> Normalised:
    """What a batch comes to."""
    return _Work(batch, known, existing).done()


class _Work:
    def __init__(self, batch: Batch, known: Sequence[Known], existing: Existing) -> None:
        self._batch, self._known, self._existing = batch, known, existing
        self._rules: list[Rule] = [each.signal.rule for each in known]
        self._flaws: list[Flaw] = []
        self._arrived = micros(batch.arrived_at)
        self.which = batch.which
        self.at: Moments = batch.at.astype(np.int64, copy=True)
        self.values: Values = batch.values.astype(np.float64, copy=True)
        self.qualities: Qualities = (batch.qualities & 3).astype(np.uint8)
        self._last: Moments = np.array(
            [_NEVER if each.last_at is None else each.last_at for each in known], np.int64
        )

    def done(self) -> Normalised:
        self._in_utc()
        self._possible_times()
        if not self._batch.is_history:
            self._clocks()
            self._order()
        self._units()
        self._sorted()
        older = self._once()
        self._useless()
        latest = self._runs()
        self._gaps()
        return Normalised(
            self.which, self.at, self.values, self.qualities, tuple(self._flaws), latest, tuple(older)
        )

    def _keep(self, mask: Mask) -> None:
        self.which, self.at, self.values, self.qualities = (
            self.which[mask],
            self.at[mask],
            self.values[mask],
            self.qualities[mask],
        )

    def _note(self, kind: FlawKind, mask: Mask, worst: Values | None = None) -> None:
        """An hour's count of what is marked, for each signal."""
        if not mask.any():
            return
        which, hour = self.which[mask], self.at[mask] // _HOUR_US
        bad = None if worst is None else worst[mask]
        order = np.lexsort((hour, which))
        which, hour = which[order], hour[order]
        starts = np.flatnonzero(np.r_[True, (which[1:] != which[:-1]) | (hour[1:] != hour[:-1])])
        counts = np.diff(np.r_[starts, len(which)])
        tops = None if bad is None else np.maximum.reduceat(bad[order], starts)
        for place, (start, count) in enumerate(zip(starts, counts, strict=True)):
            since = int(hour[start]) * _HOUR_US
            top = None if tops is None else float(tops[place])
            self._flaws.append(Flaw(int(which[start]), kind, since, since + _HOUR_US, int(count), top))

    def _in_utc(self) -> None:
        """Wall clocks that a source sends as if they were UTC become UTC."""
        zones = [rule.time_zone for rule in self._rules]
        for name in {zone for zone in zones if zone}:
            of_zone = np.array([zone == name for zone in zones])[self.which]
            if not of_zone.any():
                continue
            first, second = _wall_in_utc(self.at[of_zone], ZoneInfo(name))
            twice = first != second
            chosen = first
            if twice.any() and not self._batch.is_history:
                chosen = np.where(
                    np.abs(self._arrived - second) < np.abs(self._arrived - first), second, first
                )
            elif twice.any():
                chosen, told = _by_going_back(self.which[of_zone], self.at[of_zone], first, second)
                unsure = np.zeros(len(self.at), np.bool_)
                unsure[np.flatnonzero(of_zone)[twice & ~told]] = True
                self.at[of_zone] = chosen
                self._note("ambiguous_time", unsure)
            self.at[of_zone] = chosen
            self.qualities[of_zone] |= MOVED

    def _possible_times(self) -> None:
        """What cannot be a time of these years is set aside, since no day has a place for it."""
        soon = micros(self._batch.arrived_at + _MOST_DAYS_AHEAD)
        impossible = (self.at > soon) | (self.at < micros(self._batch.arrived_at - _OLDEST))
        if not impossible.any():
            return
        places, counts = np.unique(self.which[impossible], return_counts=True)
        hour = self._arrived // _HOUR_US * _HOUR_US
        for place, count in zip(places, counts, strict=True):
            self._flaws.append(Flaw(int(place), "wrong_clock", hour, hour + _HOUR_US, int(count)))
        self._keep(~impossible)

    def _clocks(self) -> None:
        """Times that are not when it arrived: a clock that is ahead, local time, a sample that is late."""
        age = self._arrived - self.at
        late_after = np.array([rule.late_s for rule in self._rules])[self.which] * MICROSECONDS
        late, ahead = age > late_after, age < -_AHEAD_US
        if not (late | ahead).any():
            return
        offsets = np.array([_offset(each.site_zone, self._batch.arrived_at) for each in self._known])
        offset = offsets[self.which]
        local = (offset != 0) & (np.abs(age + offset) < _SAME_CLOCK_US)
        seconds = np.abs(age) / MICROSECONDS
        self._note("local_time", local, seconds)
        self._note("wrong_clock", ahead & ~local, seconds)
        self._note("late", late & ~local, seconds)
        self.qualities[late & ~local] |= LATE

    def _order(self) -> None:
        """Samples that came after a later one of the same signal."""
        if len(self.at) == 0:
            return
        order = np.argsort(self.which, kind="stable")
        which, at = self.which[order], self.at[order]
        starts = np.r_[True, which[1:] != which[:-1]]
        # Each signal's times are lifted above those of the one before: one running maximum serves all.
        low = int(at.min())
        span = int(at.max()) - low + 1
        group = np.cumsum(starts) - 1
        lifted = (at - low) + group * span
        before = np.r_[-1, np.maximum.accumulate(lifted)[:-1]]
        back = np.zeros(len(at), np.bool_)
        back[order] = (lifted < before) & ~starts
        self._note("out_of_order", back | (self.at < self._last[self.which]))

    def _units(self) -> None:
        factors = np.array([conversion(each.signal) for each in self._known]).reshape(-1, 2)
        if (factors != (1.0, 0.0)).any():
            self.values = self.values * factors[self.which, 0] + factors[self.which, 1]

    def _sorted(self) -> None:
        order = np.lexsort((self.at, self.which))
        self._keep(order)  # type: ignore[arg-type]

    def _once(self) -> list[int]:
        """Each moment of a signal once: the first that came stays."""
        again = np.zeros(len(self.at), np.bool_)
        again[1:] = (self.which[1:] == self.which[:-1]) & (self.at[1:] == self.at[:-1])
        previous = np.r_[0, np.arange(len(self.at) - 1)] if len(self.at) else np.arange(0)
        same = _equal(self.values, self.values[previous])
        old = self.at <= self._last[self.which]
        places = [int(place) for place in np.unique(self.which[old & ~again])]
        for place in places:
            mine = np.flatnonzero(old & (self.which == place))
            there, values = self._existing(place, int(self.at[mine[0]]), int(self.at[mine[-1]]))
            if len(there) == 0:
                continue
            found = np.minimum(np.searchsorted(there, self.at[mine]), len(there) - 1)
            hit = there[found] == self.at[mine]
            again[mine[hit]] = True
            same[mine[hit]] = _equal(self.values[mine[hit]], values[found[hit]])
        if again.any():
            # A history that is read over what is known repeats it on purpose.
            if not self._batch.is_history:
                self._note("duplicate", again & same)
            self._note("conflicting", again & ~same)
            self._keep(~again)
        return places

    def _useless(self) -> None:
        """Marks what counts for nothing: no number, said to be bad, or what cannot be."""
        nothing = ~np.isfinite(self.values)
        said_bad = ((self.qualities & 3) == BAD) & ~nothing
        low = np.array([-np.inf if rule.low is None else rule.low for rule in self._rules])[self.which]
        high = np.array([np.inf if rule.high is None else rule.high for rule in self._rules])[self.which]
        outside = ~nothing & ((self.values < low) | (self.values > high))
        self.values[nothing] = np.nan
        self.qualities[nothing] = (self.qualities[nothing] & ~np.uint8(3)) | BAD
        self.qualities[outside] |= OUT_OF_RANGE
        self._note("no_number", nothing)
        self._note("bad", said_bad)
        if outside.any():
            far = np.where(self.values > high, self.values - high, low - self.values)
            self._note("out_of_range", outside, far)
            self._look_like_fahrenheit(outside, nothing, low, high)

    def _look_like_fahrenheit(self, outside: Mask, nothing: Mask, low: Values, high: Values) -> None:
        """A thermometer of which most is off, and all that is off would be sound in the other unit."""
        is_celsius = np.array(
            [each.signal.unit == "C" and each.signal.rule.source_unit in ("", "C") for each in self._known]
        )
        as_celsius = (self.values - 32.0) / 1.8
        sound = outside & is_celsius[self.which] & (as_celsius >= low) & (as_celsius <= high)
        number = len(self._known)
        of_all, of_off, of_sound = (
            np.bincount(self.which[mask], minlength=number) for mask in (~nothing, outside, sound)
        )
        suspect = (of_sound > 0) & (of_sound == of_off) & (of_off * 2 > of_all)
        self._note("other_unit", sound & suspect[self.which], self.values)

    def _runs(self) -> tuple[Latest, ...]:
        """The latest of each signal, and stretches in which a sensor that never stands still did."""
        fresh = np.flatnonzero((self.at > self._last[self.which]) & np.isfinite(self.values))
        newest = np.flatnonzero(self.at > self._last[self.which])
        if len(newest) == 0:
            return ()
        since = self._freeze(fresh)
        ends = np.flatnonzero(np.r_[self.which[newest][1:] != self.which[newest][:-1], True])
        found = []
        for at in newest[ends]:
            place, now = int(self.which[at]), int(self.at[at])
            before = self._known[place].same_since
            begins = since.get(place, before if before is not None else now)
            found.append(Latest(place, now, float(self.values[at]), int(self.qualities[at]), begins))
        return tuple(found)

    def _freeze(self, fresh: NDArray[np.intp]) -> dict[int, int]:
        """By signal, since when it says the same; notes what is too long for a sensor."""
        if len(fresh) == 0:
            return {}
        which, at, values = self.which[fresh], self.at[fresh], self.values[fresh]
        last = np.array([each.last_value for each in self._known])
        first_of = np.r_[True, which[1:] != which[:-1]]
        before = np.where(first_of, last[which], np.r_[np.nan, values[:-1]])
        changed = values != before
        starts = np.flatnonzero(changed | first_of)
        begins = at[starts].copy()
        for place in np.flatnonzero(~changed[starts]):
            held = self._known[int(which[starts[place]])].same_since
            begins[place] = begins[place] if held is None else held
        ends = np.r_[starts[1:], len(which)] - 1
        limit = np.array([np.inf if r.frozen_s is None else r.frozen_s for r in self._rules])
        length = (at[ends] - begins) / MICROSECONDS
        for place in np.flatnonzero(length >= limit[which[starts]]):
            signal, begin, end = int(which[starts[place]]), int(begins[place]), int(at[ends[place]])
            stuck = fresh[starts[place] : ends[place] + 1]
            late = self.at[stuck] - begin >= limit[signal] * MICROSECONDS
            self.qualities[stuck[late]] |= FROZEN
            self._flaws.append(Flaw(signal, "frozen", begin, end, len(stuck), float(self.values[stuck[0]])))
        return {int(which[starts[place]]): int(begins[place]) for place in range(len(starts))}

    def _gaps(self) -> None:
        """Times without a sample that are longer than the rule lets them be."""
        if len(self.at) == 0:
            return
        limit = np.array([np.inf if r.gap_s is None else r.gap_s for r in self._rules])
        first_of = np.r_[True, self.which[1:] != self.which[:-1]]
        before = np.where(first_of, self._last[self.which], np.r_[_NEVER, self.at[:-1]])
        length = (self.at - before) / MICROSECONDS
        # Between older samples there may be others in the store: whoever keeps them looks there.
        gap = (length > limit[self.which]) & (before > _NEVER) & (before >= self._last[self.which])
        for place in np.flatnonzero(gap):
            self._flaws.append(
                Flaw(
                    int(self.which[place]),
                    "gap",
                    int(before[place]),
                    int(self.at[place]),
                    1,
                    float(length[place]),
                )
            )


def _equal(one: Values, other: Values) -> Mask:
    both: Mask = (one == other) | (np.isnan(one) & np.isnan(other))
    return both


def _offset(zone: str, at: datetime) -> int:
    """Microseconds by which a zone's wall clock is ahead of UTC."""
    ahead = at.astimezone(ZoneInfo(zone)).utcoffset() if zone else None
    return 0 if ahead is None else int(ahead.total_seconds()) * MICROSECONDS


def _wall_in_utc(wall: Moments, zone: ZoneInfo) -> tuple[Moments, Moments]:
    """What a wall clock's times are in UTC; the second differs in the hour that comes twice."""
    # Offsets change at whole quarters of an hour, so that each quarter has to be looked up only once.
    quarter = 900 * MICROSECONDS
    slots, back = np.unique(wall // quarter, return_inverse=True)
    shifts = np.empty((len(slots), 2), np.int64)
    for place, slot in enumerate(slots):
        local = moment(int(slot) * quarter).replace(tzinfo=None)
        for fold in (0, 1):
            ahead = local.replace(tzinfo=zone, fold=fold).utcoffset()
            assert ahead is not None, "a zone of the database has an offset"
            shifts[place, fold] = int(ahead.total_seconds()) * MICROSECONDS
    # In the hour that does not exist both folds differ too, and the later offset is the one that holds.
    missing = shifts[:, 1] > shifts[:, 0]
    shifts[missing] = shifts[missing][:, :1]
    return wall - shifts[back, 0], wall - shifts[back, 1]


def _by_going_back(which: Places, wall: Moments, first: Moments, second: Moments) -> tuple[Moments, Mask]:
    """The doubled hour of a history: what comes after its clock went back is of the second time.

    Also which signals' clocks were seen to go back; of the others nobody can tell.
    """
    chosen, told = first.copy(), np.zeros(len(wall), np.bool_)
    for place in np.unique(which):
        mine = np.flatnonzero(which == place)
        back = np.flatnonzero(np.diff(wall[mine]) < 0)
        if len(back):
            told[mine] = True
            after = mine[back[0] + 1 :]
            chosen[after] = second[after]
    return chosen, told


__all__ = ["Existing", "Flaw", "FlawKind", "Known", "Latest", "Normalised", "normalised"]
