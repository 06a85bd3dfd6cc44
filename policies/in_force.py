"""The policy in force: packaged limits with the approved changes over them, read again within a second."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from erp_adapters.errors import CopilotError
from erp_adapters.records import DraftKind
from erp_adapters.store.failures import translated
from policies.deciding import Decision, Request, Signatures
from policies.engine import CedarPolicy
from policies.limits_changes import ChangeRecord, changes

LOOK_EVERY_S = 0.4
"""A change takes effect within a second."""
STALE_AFTER_S = 15.0
"""Limits that could not be read for so long may have changed."""
_STATE = "select count(*), count(decided_at) from app.limits_change"


@dataclass(frozen=True)
class Timeline:
    """Which policy held when."""

    since: tuple[datetime, ...]
    policies: tuple[CedarPolicy, ...]
    """One more than `since`: the first is the packaged one."""

    @classmethod
    def of(cls, packaged: CedarPolicy, records: Sequence[ChangeRecord]) -> Timeline:
        """The packaged policy with the approved changes over it, in the order in which they came into force.

        Raises:
            ConfigurationError: a change cannot be read, or cannot be made to what was there.
        """
        dated = sorted(
            (begins, record.version, record) for record in records if (begins := record.in_force_from)
        )
        policies = [packaged]
        for _, version, record in dated:
            policies.append(policies[-1].changed(record.change, f"change {version}"))
        return cls(tuple(begins for begins, _, _ in dated), tuple(policies))

    def at(self, moment: datetime) -> CedarPolicy:
        """What held at that moment."""
        return self.policies[bisect_right(self.since, moment)]


class PolicyInForce:
    """The policies and limits in force; implements `Policy`. Open it once a process.

    ::

        async with PolicyInForce.watching(dsn) as policy:
            decision = policy.decide(request)
    """

    def __init__(self, timeline: Timeline, tick: Callable[[], float] = time.monotonic) -> None:
        self._timeline = timeline
        self._tick = tick
        self._read_at = tick()
        self._trouble = ""

    @classmethod
    @asynccontextmanager
    async def watching(
        cls, dsn: str, packaged: CedarPolicy | None = None, *, every_s: float = LOOK_EVERY_S
    ) -> AsyncIterator[PolicyInForce]:
        """The policy of a home, kept up to date while it is open.

        Args:
            dsn: of the application's login, or the worker's.

        Raises:
            StoreUnavailable: the database does not answer.
            ConfigurationError: the policies or the limits in force cannot be.
        """
        base = packaged or CedarPolicy.packaged()
        base.check()
        with translated():
            async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
                records, state = await _read(connection)
        policy = cls(Timeline.of(base, records))
        watch = asyncio.create_task(policy._watch(dsn, base, state, every_s), name="limits")
        try:
            yield policy
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    def hash(self, at: datetime) -> str:
        """Of the policies, their schema and the limits in force at that moment."""
        return self._timeline.at(at).digest

    def decide(self, request: Request) -> Decision:
        """Allow or deny; nothing but reading is allowed while the limits in force are not known."""
        policy = self._timeline.at(request.at)
        if request.action in ("read", "switch", "reject", "turn_down"):
            return policy.decide(request)
        trouble = self._trouble or (
            f"the limits in force could not be read for {STALE_AFTER_S:.0f} seconds"
            if self._tick() - self._read_at > STALE_AFTER_S
            else ""
        )
        if trouble:
            return Decision(False, ("limits",), policy.digest, f"This cannot be decided now: {trouble}.")
        return policy.decide(request)

    def signatures(self, request: Request) -> Signatures:
        """Who has to confirm a draft that may be proposed."""
        return self._timeline.at(request.at).signatures(request)

    def window_days(self, site: str, at: datetime) -> int:
        """Length of the rolling window that `Recent` is counted over."""
        return self._timeline.at(at).window_days(site, at)

    def lifetime_hours(self, site: str, kind: DraftKind, at: datetime) -> int:
        """How long a proposal may wait for its confirmation."""
        return self._timeline.at(at).lifetime_hours(site, kind, at)

    def escalate_after_hours(self, site: str, kind: DraftKind, at: datetime) -> int:
        """After what time without an answer others are told."""
        return self._timeline.at(at).escalate_after_hours(site, kind, at)

    def at(self, moment: datetime) -> CedarPolicy:
        """The one version that held at that moment."""
        return self._timeline.at(moment)

    async def _watch(self, dsn: str, base: CedarPolicy, seen: tuple[Any, ...], every_s: float) -> None:
        """Look for changes until it is cancelled; a lost connection is made anew."""
        while True:
            with suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(
                    dsn, autocommit=True, connect_timeout=5
                ) as connection:
                    while True:
                        state = await (await connection.execute(_STATE)).fetchone()
                        if state is not None and tuple(state) != seen:
                            records, seen = await _read(connection)
                            self._take(base, records)
                        self._read_at = self._tick()
                        await asyncio.sleep(every_s)
            await asyncio.sleep(every_s)

    def _take(self, base: CedarPolicy, records: Sequence[ChangeRecord]) -> None:
        try:
            self._timeline, self._trouble = Timeline.of(base, records), ""
        except CopilotError as error:
            self._trouble = f"the limits in force cannot be read ({error})".rstrip(".")


async def _read(connection: psycopg.AsyncConnection[Any]) -> tuple[tuple[ChangeRecord, ...], tuple[Any, ...]]:
    state = await (await connection.execute(_STATE)).fetchone()
    return await changes(connection), tuple(state or ())
