"""A source of machines is followed by one worker at a time, for as long as that one runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg
import pytest

from erp_adapters.errors import ConfigurationError
from erp_adapters.series.signal import Signal
from erp_adapters.series.source import Columns, Sink
from erp_adapters.store.provision import LOADER_ROLE
from server.watching import watching
from tests.conftest import Database

pytestmark = pytest.mark.slow
WARM = Signal(site="KAS", name="warm", address="w", measures="temperature", unit="C")


@dataclass
class Machines:
    """Machines that count who listens, and tell one sample to each."""

    listens: int = 0
    began: int = 0
    is_there: bool = True
    told: asyncio.Event = field(default_factory=asyncio.Event)

    kind = "OPC UA"
    signals: Sequence[Signal] = (WARM,)

    def source(self) -> Machines:
        if not self.is_there:
            raise ConfigurationError("its file of signals is gone")
        return self

    async def follow(self, sink: Sink) -> None:
        self.listens += 1
        self.began += 1
        try:
            columns = Columns(self.signals)
            columns.add(0, datetime.now(UTC), 20.0, 0)
            await sink.take(columns)
            self.told.set()
            await asyncio.Event().wait()
        finally:
            self.listens -= 1


@asynccontextmanager
async def working(database: Database, machines: Machines) -> AsyncIterator[None]:
    async with watching(database, {"hall": machines}, again_s=0.1):  # type: ignore[arg-type, dict-item]
        yield


async def until(machines: Machines, began: int) -> None:
    for _ in range(200):
        if machines.began == began:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{machines.began} began to listen, not {began}")


async def test_one_worker_listens_and_another_takes_over(database: Database, owner_dsn: str) -> None:
    """Two workers do not listen twice; when one ends, the other goes on; what cannot be read stops nobody."""
    machines, broken = Machines(), Machines(is_there=False)
    async with watching(database, {"broken": broken}, again_s=0.1):  # type: ignore[arg-type, dict-item]
        async with working(database, machines):
            await asyncio.wait_for(machines.told.wait(), 20)
            with psycopg.connect(owner_dsn) as owner:
                logins = owner.execute(
                    "select distinct a.usename from pg_locks l join pg_stat_activity a using (pid)"
                    " where l.locktype = 'advisory' and a.datname = current_database()"
                ).fetchall()
            assert logins == [(LOADER_ROLE,)], "what follows machines has not the owner's login"
            async with working(database, machines):
                await asyncio.sleep(0.5)
                assert (machines.listens, machines.began) == (1, 1)
            assert machines.listens == 1
        assert machines.listens == 0
        async with working(database, machines):
            await until(machines, 2)
        broken.is_there = True
        await until(broken, 1)
    assert (machines.listens, broken.listens) == (0, 0)
    with psycopg.connect(owner_dsn) as owner:
        row = owner.execute("select count(*) from app.signal where source = 'hall'").fetchone()
    assert row == (1,)
