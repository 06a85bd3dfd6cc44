"""The register of proposals: connections to where they are kept, and its rows as typed records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, LiteralString, TypeAlias
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, class_row, dict_row
from psycopg_pool import AsyncConnectionPool

from erp_adapters.caller import Caller
from erp_adapters.store.failures import translated
from policies.drafts.proposal import Digest
from policies.jobs import QUEUE_OPTIONS
from policies.states import State

Connection: TypeAlias = "psycopg.AsyncConnection[Any]"

PROPOSAL: LiteralString = (
    "select id, series, version, kind, site, other_sites, requester, tool, canonical, digest, marker,"
    " signatures_needed, requester_may, state, reason, document_number, created_at, expires_at, confirmed_at,"
    " escalated_at, changed_at from app.proposal p"
)


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal as it is kept."""

    id: UUID
    series: UUID
    version: int
    kind: str
    site: str
    other_sites: list[str]
    requester: str
    tool: str
    canonical: bytes
    digest: Digest
    marker: str
    signatures_needed: int
    requester_may: bool
    state: State
    reason: str
    document_number: str
    created_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None
    escalated_at: datetime | None
    changed_at: datetime

    @property
    def sites(self) -> frozenset[str]:
        """Every site that it touches."""
        return frozenset({self.site, *self.other_sites})

    def state_at(self, now: datetime) -> State:
        """Its state; one that nobody confirmed in time has expired, whether or not that is recorded yet."""
        if self.state == "awaiting_confirmation" and self.expires_at <= now:
            return "expired"
        return self.state


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's confirmation of one digest."""

    subject: str
    name: str
    acting_for: str
    """Whose substitute signed; empty where nobody's."""
    roles: list[str]
    batch: str
    """Digest of the ordered list that was confirmed together; empty where it was confirmed alone."""
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a proposal."""

    at: datetime
    actor: str
    state: State
    what: str


class Register:
    """Connections to the register under one login; open it once a process."""

    def __init__(self, pool: AsyncConnectionPool[Connection], statement_timeout_ms: int) -> None:
        self._pool = pool
        self._timeout_ms = statement_timeout_ms

    @classmethod
    async def open(cls, dsn: str, *, max_size: int = 8, statement_timeout_ms: int = 15_000) -> Register:
        """A register that answers.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            # The queue's functions name its tables without their schema.
            make_conninfo(dsn, options=QUEUE_OPTIONS, application_name="plantwright-register"),
            min_size=1,
            max_size=max_size,
            timeout=10.0,
            reconnect_timeout=2.0,
            check=AsyncConnectionPool.check_connection,
            # Whatever is more than one statement opens its transaction by itself.
            kwargs={"autocommit": True},
            open=False,
            name="register",
        )
        with translated():
            try:
                await pool.open(wait=True, timeout=10.0)
            except BaseException:
                await pool.close()
                raise
        return cls(pool, statement_timeout_ms)

    async def close(self) -> None:
        """Give the connections back."""
        await self._pool.close()

    async def __aenter__(self) -> Register:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def under(self, caller: Caller) -> AsyncIterator[Connection]:
        """A transaction that sees the proposals of the caller's sites; committed at its end."""
        with translated():
            async with self._pool.connection() as connection, connection.transaction():
                await connection.execute(
                    "select app.enter_scope(%s, %s::text[], %s::text[], %s, %s::text[])",
                    (
                        caller.subject,
                        sorted(caller.sites),
                        sorted(caller.companies),
                        self._timeout_ms,
                        sorted(caller.roles),
                    ),
                )
                yield connection

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Connection]:
        """A transaction of the worker, which sees every proposal; committed at its end."""
        with translated():
            async with self._pool.connection() as connection, connection.transaction():
                yield connection

    @asynccontextmanager
    async def at_once(self) -> AsyncIterator[Connection]:
        """The same for single statements: each is committed by itself, without asking thrice."""
        with translated():
            async with self._pool.connection() as connection:
                yield connection


async def rows(connection: Connection, sql: LiteralString, params: dict[str, object]) -> list[DictRow]:
    """All rows of a statement, by column."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(sql, params)).fetchall()


async def proposal_row(
    connection: Connection, proposal_id: UUID, *, lock: bool = False
) -> ProposalRow | None:
    """A proposal within what the transaction sees; locked until its end where it is about to change."""
    async with connection.cursor(row_factory=class_row(ProposalRow)) as cursor:
        await cursor.execute(PROPOSAL + " where p.id = %s" + (" for update" if lock else ""), (proposal_id,))
        return await cursor.fetchone()


async def signatures_of(
    connection: Connection, proposals: Sequence[UUID]
) -> dict[UUID, tuple[Signature, ...]]:
    """Who signed which proposal, in the order of signing."""
    found: dict[UUID, list[Signature]] = {proposal: [] for proposal in proposals}
    for row in await rows(
        connection,
        "select proposal, subject, name, acting_for, roles, batch, signed_at from app.signature"
        " where proposal = any(%(proposals)s) order by signed_at, subject",
        {"proposals": list(proposals)},
    ):
        proposal = row.pop("proposal")
        found[proposal].append(Signature(**row))
    return {proposal: tuple(signed) for proposal, signed in found.items()}


async def add_step(
    connection: Connection, proposal_id: UUID, at: datetime, actor: str, state: State, what: str = ""
) -> None:
    """Write down one thing that happened to a proposal."""
    await connection.execute(
        "insert into app.proposal_step (proposal, at, actor, state, what) values (%s, %s, %s, %s, %s)",
        (proposal_id, at, actor, state, what),
    )


async def move(
    connection: Connection,
    proposal_id: UUID,
    digest: str,
    came_from: State,
    to: State,
    at: datetime,
    *,
    reason: str = "",
    number: str = "",
) -> bool:
    """Bring a proposal from one state to another; False where it is no longer in the first."""
    done = await connection.execute(
        "update app.proposal set state = %s, reason = %s, document_number = %s, changed_at = %s"
        " where id = %s and digest = %s and state = %s",
        (to, reason, number, at, proposal_id, digest, came_from),
    )
    return done.rowcount == 1
