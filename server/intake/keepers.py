"""What collectors hand over into the store: each through a connection of its own."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from typing import TypeVar

import psycopg

from erp_adapters.errors import StoreUnavailable
from erp_adapters.series.keeping import CollectorTold, Keeper, Taken
from erp_adapters.series.wire import received
from erp_adapters.store.failures import translated
from server.collecting.telling import CollectorState, Declaration

_Result = TypeVar("_Result")


def source_of(collector: str, source: str) -> str:
    """What a collector's source is called here: two sites may call theirs alike."""
    return f"{collector}/{source}"


class Keepers:
    """Keeps what any number of collectors hand over; those of one take turns."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._open: dict[str, tuple[Keeper, ExitStack]] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def declare(self, collector: str, source: str, told: Declaration) -> None:
        """Make a source's signals known.

        Raises:
            StoreUnavailable: the database does not answer.
        """

        def work(keeper: Keeper) -> None:
            keeper.declare(source_of(collector, source), told.signals)
            keeper.note_source(source_of(collector, source), told.kind, told.signals)

        await self._with(collector, work)

    async def keep(self, collector: str, source: str, body: bytes) -> Taken:
        """Keep a batch, once.

        Raises:
            StoreUnavailable: the database does not answer.
            ConfigurationError: it has a signal that was never declared.
            ValueError: it is no batch.
        """

        def work(keeper: Keeper) -> Taken:
            return keeper.keep(received(source_of(collector, source), body, datetime.now(UTC)))

        return await self._with(collector, work)

    async def tell(self, collector: str, sites: frozenset[str], state: CollectorState) -> None:
        """Note how things stand at a site.

        Raises:
            StoreUnavailable: the database does not answer.
        """

        def work(keeper: Keeper) -> None:
            for source in state.sources:
                name = source_of(collector, source.source)
                if source.problem:
                    keeper.note_failing(name, sorted(sites), source.problem)
                else:
                    keeper.note_heard(name, sorted(sites))
            keeper.note_collector(
                [
                    CollectorTold(
                        collector,
                        site,
                        state.version,
                        state.waiting_batches,
                        state.waiting_samples,
                        state.waiting_since,
                        state.full_since,
                        state.set_aside,
                    )
                    for site in sorted(sites)
                ]
            )

        await self._with(collector, work)

    async def close(self) -> None:
        """Let go of every connection."""
        for name in list(self._open):
            async with self._turns[name]:
                await asyncio.to_thread(self._let_go, name)

    async def _with(self, collector: str, work: Callable[[Keeper], _Result]) -> _Result:
        async with self._turns[collector]:
            return await asyncio.to_thread(self._work, collector, work)

    def _work(self, collector: str, work: Callable[[Keeper], _Result]) -> _Result:
        if collector not in self._open:
            stack = ExitStack()
            with translated():
                self._open[collector] = stack.enter_context(Keeper.open(self._dsn)), stack
        try:
            return work(self._open[collector][0])
        except StoreUnavailable:
            self._let_go(collector)
            raise

    def _let_go(self, collector: str) -> None:
        _, stack = self._open.pop(collector)
        # It may be gone already: that is why it is let go of.
        with suppress(psycopg.Error, StoreUnavailable):
            stack.close()
