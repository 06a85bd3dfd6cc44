"""A live source of series, and what takes its samples: both ends of a link that may break at any moment."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import numpy as np

from erp_adapters.errors import ErpError, ErpRefused, ErpUnavailable, StoreUnavailable
from erp_adapters.series.batch import Batch, micros
from erp_adapters.series.keeping import Keeper, Taken
from erp_adapters.series.signal import Rule, Signal

MOST_PENDING: Final = 1_000_000
"""Samples that wait for the store at most; more would be memory without end."""
_LONGEST_PAUSE_S: Final = 60.0


class Sink(Protocol):
    """Where samples go."""

    async def take(self, columns: Columns, *, is_history: bool = False) -> None:
        """Keep samples; they are kept when this returns.

        Raises:
            StoreUnavailable: nothing was kept, and the same may be handed over again.
        """
        ...

    async def last(self) -> Mapping[str, datetime]:
        """Up to when each signal is kept, by name."""
        ...

    async def alive(self) -> None:
        """The source was reached, whether or not it has anything to say."""
        ...


class WatchedSink(Sink, Protocol):
    """One that people are told through where the source fails."""

    async def failing(self, error: ErpError) -> None:
        """The source cannot be reached, and why."""
        ...


class LiveSource(Protocol):
    """A source that tells of samples as long as it is connected."""

    @property
    def kind(self) -> str:
        """What it is, in sentences."""
        ...

    @property
    def signals(self) -> Sequence[Signal]:
        """What it is to tell of."""
        ...

    async def follow(self, sink: Sink) -> None:
        """Connect, catch up, and hand over what comes until cancelled.

        Raises:
            ErpUnavailable: the link broke, or never was.
            ErpRefused: it does not let the program in, or has not what it was asked for.
        """
        ...


@dataclass(slots=True)
class Columns:
    """Samples that wait to be handed over, in the order in which they came."""

    signals: Sequence[Signal]
    which: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    qualities: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.which)

    def add(self, which: int, at: datetime, value: float, quality: int) -> None:
        """Note a sample of the signal of that place.

        Raises:
            ErpUnavailable: more wait than may: the source is let go of, and its history fills the gap.
        """
        if len(self.which) >= MOST_PENDING:
            raise ErpUnavailable(
                f"{MOST_PENDING:,} samples wait for the store; the link is let go of until it answers"
            )
        self.which.append(which)
        self.at.append(micros(at))
        self.values.append(value)
        self.qualities.append(quality)

    def extend(self, others: Columns) -> None:
        """Note others' samples as well.

        Raises:
            ErpUnavailable: more wait than may.
        """
        if len(self) + len(others) > MOST_PENDING:
            raise ErpUnavailable(f"{MOST_PENDING:,} samples wait for the store; the link is let go of")
        self.which += others.which
        self.at += others.at
        self.values += others.values
        self.qualities += others.qualities

    def taken(self) -> Columns:
        """What waits, which waits no longer."""
        waiting = Columns(self.signals, self.which, self.at, self.values, self.qualities)
        self.which, self.at, self.values, self.qualities = [], [], [], []
        return waiting

    def batch(self, source: str, sequence: int, arrived_at: datetime, *, is_history: bool) -> Batch:
        """Them as a batch."""
        places, which = np.unique(np.array(self.which, np.int32), return_inverse=True)
        return Batch(
            source,
            sequence,
            tuple(self.signals[place].name for place in places),
            which.astype(np.int32),
            np.array(self.at, np.int64),
            np.array(self.values, np.float64),
            np.array(self.qualities, np.uint8),
            arrived_at,
            is_history,
        )


def number_of(value: object, rule: Rule) -> float:
    """A value of a source as a number; NaN where it is none, and no word of the signal's rule."""
    match value:
        case bool() | int() | float():
            return float(value)
        case str():
            return rule.words.get(value, float("nan"))
        case _:
            return float("nan")


def as_sent(now: datetime, rule: Rule) -> datetime:
    """A moment of our own clock as the source would send it, so that its rule reads it right."""
    return now.astimezone(ZoneInfo(rule.time_zone)).replace(tzinfo=UTC) if rule.time_zone else now


class StoreSink:
    """Hands samples to a keeper, each batch under a number that is never used again."""

    def __init__(self, keeper: Keeper, source: str, kind: str, signals: Sequence[Signal]) -> None:
        self._keeper, self._source = keeper, source
        self._sites = tuple(dict.fromkeys(signal.site for signal in signals))
        self._kind, self._signals = kind, signals
        self._sequence = time.time_ns() // 1000
        # One connection: batches take turns.
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Make the signals known."""
        async with self._turn:
            await asyncio.to_thread(self._keeper.declare, self._source, self._signals)
            await asyncio.to_thread(self._keeper.note_source, self._source, self._kind, self._signals)

    async def take(self, columns: Columns, *, is_history: bool = False) -> None:
        """Keep samples; see `Sink`."""
        if not len(columns):
            return
        self._sequence += 1
        batch = columns.batch(self._source, self._sequence, datetime.now(UTC), is_history=is_history)
        async with self._turn:
            await asyncio.to_thread(self._kept, batch)

    def _kept(self, batch: Batch) -> Taken:
        taken = self._keeper.keep(batch)
        self._keeper.note_heard(self._source, self._sites)
        return taken

    async def last(self) -> Mapping[str, datetime]:
        """Up to when each signal is kept, by name."""
        async with self._turn:
            return await asyncio.to_thread(self._keeper.last, self._source)

    async def alive(self) -> None:
        """Note that the source was reached."""
        async with self._turn:
            await asyncio.to_thread(self._keeper.note_heard, self._source, self._sites)

    async def failing(self, error: ErpError) -> None:
        """Note that the source cannot be reached, and since when."""
        async with self._turn:
            await asyncio.to_thread(self._keeper.note_failing, self._source, self._sites, str(error))


async def followed(
    source: LiveSource,
    sink: WatchedSink,
    *,
    first_pause_s: float = 1.0,
    told: Callable[[ErpError], None] = lambda error: None,
) -> None:
    """Follow a source for good: a link that breaks is made anew, after pauses that grow to a minute.

    Raises:
        StoreUnavailable: the store does not answer; whoever runs this tries again.
    """
    pause = first_pause_s
    while True:
        began = time.monotonic()
        try:
            await source.follow(sink)
        except StoreUnavailable:
            raise
        except (ErpUnavailable, ErpRefused) as error:
            told(error)
            await sink.failing(error)
        if time.monotonic() - began > 2 * _LONGEST_PAUSE_S:
            pause = first_pause_s
        # Many plants' links break at the same moment; they should not come back at the same moment.
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))
        pause = min(2 * pause, _LONGEST_PAUSE_S)
