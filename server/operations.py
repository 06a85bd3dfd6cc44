"""What whoever runs the service has to know of a home: drafts, outbox, workers, record, age of the data.

Read with the worker's login, which sees the drafts of every site; nothing of their contents is looked at.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from erp_adapters.errors import AuditUnavailable, StoreUnavailable
from erp_adapters.store.failures import translated
from erp_adapters.store.provision import WORKER_ROLE
from policies.audit.checkpoints import Checkpoint, last_checkpoint
from server.database import Database
from server.settings import Settings

ALIVE_S = 60
"""A worker tells every ten seconds that it is there."""
FRESH_S = 5.0
"""What was read within so many seconds is told again."""
_DRAFTS = """
select case when state = 'awaiting_confirmation' and expires_at <= now() then 'expired' else state end,
       count(*)
from app.proposal group by 1
"""
_OUTBOX = """
select purpose, count(*), coalesce(extract(epoch from now() - min(p.confirmed_at)
       filter (where o.purpose = 'send')), 0)::float8
from app.outbox o join app.proposal p on p.id = o.proposal
where o.done_at is null and (o.purpose = 'send' or p.state = 'needs_reconciliation') group by 1
"""
_WORKERS = """
select count(*) filter (where last_heartbeat > now() - make_interval(secs => %s)),
       extract(epoch from now() - max(last_heartbeat))::float8
from jobs.procrastinate_workers
"""
_MESSAGES = "select state, count(*) from app.delivery where state <> 'delivered' group by 1"
_JOBS = "select state, count(*) from app.finance_job where state in ('queued', 'working') group by 1"
_SERVER = """
select current_setting('server_version'),
       array(select extname || ' ' || extversion from pg_extension where extname <> 'plpgsql' order by 1)
"""
_SWITCHES = "select target, name from app.switch where is_off order by target, name"
_SOURCES = "select source_system, site, loaded_at, data_as_of, failed_at from app.source_ages()"


@dataclass(frozen=True, slots=True)
class SourceAge:
    """The last complete load of a source."""

    system: str
    site: str
    loaded_at: datetime
    data_as_of: datetime | None
    failed_at: datetime | None
    """When a later load failed."""


@dataclass(frozen=True, slots=True)
class Operations:
    """How a home is doing at a moment."""

    at: datetime
    """By the database's clock."""
    drafts: Mapping[str, int]
    """How many are in each state."""
    outbox: Mapping[str, int]
    """How much is not done, by purpose: to be sent, or searched for."""
    outbox_oldest_s: float
    """How long ago the oldest draft was confirmed that still has to be sent; 0 where none has."""
    workers: int
    """With a heartbeat within the last minute."""
    heartbeat_s: float | None
    """Since the latest heartbeat; None where no worker has ever been here, or all ended in order."""
    messages: Mapping[str, int]
    """How many webhook messages are still to be sent, or were given up."""
    jobs: Mapping[str, int]
    """How many explanations wait for a worker, or are being computed."""
    off: tuple[str, ...]
    """What is switched off, such as `site KAS`."""
    audit_position: int
    checkpoint: Checkpoint | None
    """The last one in the second place; None where there is none, or it cannot be read."""
    checkpoint_trouble: str
    sources: tuple[SourceAge, ...]
    database: str
    """Version of the Postgres."""
    extensions: tuple[str, ...]


class OperationsDesk:
    """Reads how a home is doing, at most every few seconds."""

    def __init__(self, settings: Settings, home: Database) -> None:
        self._settings, self._home = settings, home
        self._last: Operations | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def look(self) -> Operations:
        """How it is doing now, or was a moment ago.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with self._reading:
            if self._last is None or time.monotonic() - self._read_at > FRESH_S:
                self._last = await self._read()
                self._read_at = time.monotonic()
            return self._last

    async def _read(self) -> Operations:
        checkpoint, trouble = await asyncio.to_thread(self._checkpoint)
        try:
            connection = await psycopg.AsyncConnection.connect(
                self._home.dsn(WORKER_ROLE), connect_timeout=5, autocommit=True
            )
        except psycopg.OperationalError as error:
            reason = str(error).partition("\n")[0]
            raise StoreUnavailable(f"the database does not answer the worker's login ({reason})") from error
        with translated():
            async with connection:
                await connection.execute("set statement_timeout = 5000")
                return await self._seen(connection, checkpoint, trouble)

    def _checkpoint(self) -> tuple[Checkpoint | None, str]:
        try:
            return last_checkpoint(self._settings.checkpoints), ""
        except AuditUnavailable as error:
            return None, str(error)

    async def _seen(
        self,
        connection: psycopg.AsyncConnection[tuple[Any, ...]],
        checkpoint: Checkpoint | None,
        trouble: str,
    ) -> Operations:
        async def rows(sql: str, *values: object) -> list[tuple[Any, ...]]:
            return await (await connection.execute(sql.encode(), values or None)).fetchall()

        outbox = await rows(_OUTBOX)
        ((alive, heartbeat),) = await rows(_WORKERS, ALIVE_S)
        ((version, extensions),) = await rows(_SERVER)
        ((at, position),) = await rows("select now(), position from audit.latest()")
        return Operations(
            at=at,
            drafts={str(state): int(count) for state, count in await rows(_DRAFTS)},
            outbox={str(purpose): int(count) for purpose, count, _ in outbox},
            outbox_oldest_s=max((float(age) for _, _, age in outbox), default=0.0),
            workers=int(alive),
            heartbeat_s=None if heartbeat is None else float(heartbeat),
            messages={str(state): int(count) for state, count in await rows(_MESSAGES)},
            jobs={str(state): int(count) for state, count in await rows(_JOBS)},
            off=tuple(f"{target} {name}".strip() for target, name in await rows(_SWITCHES)),
            audit_position=int(position),
            checkpoint=checkpoint,
            checkpoint_trouble=trouble,
            database=str(version),
            extensions=tuple(map(str, extensions)),
            sources=tuple([SourceAge(*row) for row in await rows(_SOURCES)]),
        )
