"""A collector at work: each source into the buffer, the buffer into the service, and word of both."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from erp_adapters.errors import CopilotError, ErpError, ErpRefused, ErpUnavailable, StoreUnavailable
from erp_adapters.series.buffer import Buffer
from erp_adapters.series.source import Columns, LiveSource, followed
from policies.clock import Clock, now_utc
from server.collecting.sending import Sending, Service
from server.collecting.telling import CollectorState, Declaration, SourceState

_log = logging.getLogger(__name__)
_TELL_S: Final = 20.0
_AGAIN_S: Final = 15.0
"""After which a source is looked at again that could not be followed, such as for want of room."""


class Listened(Protocol):
    """Machines that a collector listens to."""

    def source(self) -> LiveSource:
        """What tells of their samples.

        Raises:
            ConfigurationError: its files cannot be used.
        """
        ...


@dataclass(slots=True)
class _Known:
    """How the sources and the buffer stand, as far as this run of the program knows."""

    problems: dict[str, str] = field(default_factory=dict)
    full_since: datetime | None = None


class BufferSink:
    """Takes a source's samples to the disk, whether or not the service is there."""

    def __init__(
        self, buffer: Buffer, source: str, known: _Known, tell: Callable[[], None], clock: Clock
    ) -> None:
        self._buffer, self._source, self._known, self._tell = buffer, source, known, tell
        self._clock = clock

    async def take(self, columns: Columns, *, is_history: bool = False) -> None:
        """Keep samples; see `Sink`."""
        if not len(columns):
            return
        batch = columns.batch(self._source, 1, self._clock(), is_history=is_history)
        try:
            await asyncio.to_thread(self._buffer.put, batch)
        except StoreUnavailable:
            self._known.full_since = self._known.full_since or self._clock()
            raise
        self._known.full_since = None
        self._tell()

    async def last(self) -> Mapping[str, datetime]:
        """Up to when each signal was collected, by name."""
        return await asyncio.to_thread(self._buffer.last, self._source)

    async def alive(self) -> None:
        """Note that the source was reached."""
        self._known.problems[self._source] = ""

    async def failing(self, error: ErpError) -> None:
        """Note that the source cannot be reached."""
        self._known.problems[self._source] = str(error)


class Collector:
    """Everything that a collector does at once; none of it waits for the service."""

    def __init__(
        self,
        sources: Mapping[str, Listened],
        buffer: Buffer,
        service: Service,
        version: str = "",
        clock: Clock = now_utc,
    ) -> None:
        self._clock = clock
        self._sources, self._buffer, self._service, self._version = sources, buffer, service, version
        self._known = _Known()
        self._declared: dict[str, bytes] = {}
        self.sending = Sending(buffer, service, self._declared)

    async def run(self, first_pause_s: float = 1.0, tell_s: float = _TELL_S) -> None:
        """Collect and hand over until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.sending.run(first_pause_s), name="sending")
            tasks.create_task(self._telling(tell_s), name="telling")
            for name, system in self._sources.items():
                tasks.create_task(self._follow(name, system, first_pause_s), name=f"source {name}")

    def state(self) -> CollectorState:
        """How things stand here."""
        held = self._buffer.standing()
        return CollectorState(
            version=self._version,
            waiting_batches=held.batches,
            waiting_samples=held.samples,
            waiting_since=held.since,
            full_since=self._known.full_since,
            set_aside=held.set_aside,
            sources=tuple(
                SourceState(source=name, problem=problem[:2000])
                for name, problem in self._known.problems.items()
            ),
        )

    async def _follow(self, name: str, system: Listened, first_pause_s: float) -> None:
        sink = BufferSink(self._buffer, name, self._known, self.sending.wakes.set, self._clock)
        while True:
            try:
                source = await asyncio.to_thread(system.source)
                await self._declare(name, source)
                await followed(source, sink, first_pause_s=first_pause_s, told=lambda e: _said(name, e))
            except CopilotError as error:
                # No room on the disk, or a file that somebody has to mend: the others go on.
                _said(name, error)
                self._known.problems[name] = str(error)
            await asyncio.sleep(_AGAIN_S)

    async def _declare(self, name: str, source: LiveSource) -> None:
        told = Declaration(kind=source.kind, signals=tuple(source.signals)).model_dump_json().encode()
        if self._declared.get(name) != told:
            await asyncio.to_thread(self._buffer.declare, name, told)
            self._declared[name] = told
            self.sending.wakes.set()

    async def _telling(self, tell_s: float) -> None:
        while True:
            try:
                state = await asyncio.to_thread(self.state)
                await self._service.tell(state.model_dump_json().encode())
            except (ErpUnavailable, ErpRefused) as error:
                _log.info("the service was not told how things stand: %s", error)
            await asyncio.sleep(tell_s)


def _said(name: str, error: CopilotError) -> None:
    _log.warning("%s: %s", name, error)
