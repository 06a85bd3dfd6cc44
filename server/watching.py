"""The worker's part of following machines: each source by one worker at a time, for as long as it runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import psycopg

from erp_adapters.errors import CopilotError, ErpError, StoreUnavailable
from erp_adapters.store.failures import translated
from erp_adapters.store.provision import LOADER_ROLE
from server.database import Database

if TYPE_CHECKING:
    from server.systems import MachineSystem

_log = logging.getLogger(__name__)
_FORGET_S: Final = 3600.0
_AGAIN_S: Final = 15.0


@asynccontextmanager
async def watching(
    home: Database,
    machines: Mapping[str, MachineSystem],
    keep_days: int | None = None,
    *,
    again_s: float = _AGAIN_S,
) -> AsyncIterator[None]:
    """Follows every source of series until the block is left, where no other worker does.

    Args:
        home: the started database of the home.
        machines: the sources by name.
        keep_days: for how long samples are kept, also those that collectors hand over; None for good.
        again_s: after which another worker's source, or a store that did not answer, is looked at again.
    """
    tasks = [] if keep_days is None else [asyncio.create_task(_forget(home, keep_days), name="old samples")]
    tasks += [
        asyncio.create_task(_watch(home, name, system, again_s), name=f"machines of {name}")
        for name, system in machines.items()
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _forget(home: Database, days: int) -> None:
    from erp_adapters.series.forgetting import forget_samples

    while True:
        try:
            before = (datetime.now(UTC) - timedelta(days=days)).date()
            if gone := await asyncio.to_thread(forget_samples, home.dsn(LOADER_ROLE), before):
                _log.info("samples of %s days up to %s are gone", len(gone), gone[-1])
        except CopilotError as error:
            _log.warning("old samples could not be dropped: %s", error)
        await asyncio.sleep(_FORGET_S)


async def _watch(home: Database, name: str, system: MachineSystem, again_s: float) -> None:
    while True:
        try:
            await _follow(home.dsn(LOADER_ROLE), name, system)
        except StoreUnavailable as error:
            _log.warning("what %s tells cannot be kept: %s", name, error)
        except CopilotError as error:
            # Whoever mends it need not start the service anew.
            _log.error("%s is not followed: %s", name, error)
        await asyncio.sleep(again_s)


async def _follow(dsn: str, name: str, system: MachineSystem) -> None:
    # numpy and the protocols' libraries are only taken in where there is a machine to listen to.
    from erp_adapters.series.keeping import Keeper
    from erp_adapters.series.source import StoreSink, followed

    source = await asyncio.to_thread(system.source)
    connection = await asyncio.to_thread(_turn, dsn, name)
    if connection is None:
        return
    try:
        sink = StoreSink(await asyncio.to_thread(Keeper, connection), name, source.kind, source.signals)
        await sink.open()
        await followed(source, sink, told=lambda error: _said(name, error))
    finally:
        await asyncio.to_thread(connection.close)


def _said(name: str, error: ErpError) -> None:
    _log.warning("%s: %s", name, error)


def _turn(dsn: str, name: str) -> psycopg.Connection[tuple[object, ...]] | None:
    """A connection that has the source for itself; None where another worker has."""
    with translated():
        connection = psycopg.connect(dsn, connect_timeout=15)
        try:
            row = connection.execute("select pg_try_advisory_lock(hashtext(%s), 40)", (name,)).fetchone()
            connection.commit()
        except psycopg.Error:
            connection.close()
            raise
    if row == (True,):
        return connection
    connection.close()
    return None
