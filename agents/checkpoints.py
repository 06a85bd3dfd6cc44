"""Where the graph keeps its checkpoints: its own schema, role and pool of the same Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from erp_adapters.errors import StoreUnavailable
from erp_adapters.store.failures import translated

_PATIENCE = 60.0
_BETWEEN = 0.1


@asynccontextmanager
async def checkpointer(dsn: str, *, max_size: int = 4) -> AsyncIterator[AsyncPostgresSaver]:
    """A saver in schema `langgraph`; creates its tables where they are missing.

    Args:
        dsn: connection string of the role that owns the checkpoints and nothing else.
        max_size: most connections held at a time.

    Raises:
        StoreUnavailable: the database does not answer, or another server does not end making the tables.
    """
    pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
        dsn,
        min_size=0,
        max_size=max_size,
        timeout=10.0,
        reconnect_timeout=2.0,
        check=AsyncConnectionPool.check_connection,
        kwargs={
            "autocommit": True,
            "row_factory": dict_row,
            "prepare_threshold": 0,
            "options": "-c search_path=langgraph",
        },
        open=False,
        name="checkpoints",
    )
    try:
        with translated():
            await pool.open()
            await _made(pool)
        # Strict whatever the environment says: a checkpoint can revive only plain types.
        yield AsyncPostgresSaver(pool, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
    finally:
        await pool.close()


async def _made(pool: AsyncConnectionPool[AsyncConnection[DictRow]]) -> None:
    """The tables are there afterwards: servers that start at once make them one after the other.

    The lock is tried, never waited for: LangGraph builds its indexes concurrently, and such a build waits for
    every statement that runs, one that waits for a lock included.
    """
    async with pool.connection() as connection:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE
        while not await _locked(connection):
            if loop.time() > deadline:
                raise StoreUnavailable(
                    "another server has been making the checkpoint tables for a minute; look at its log, "
                    "then start this one again"
                )
            await asyncio.sleep(_BETWEEN)
        try:
            await AsyncPostgresSaver(connection).setup()
        finally:
            await connection.execute("select pg_advisory_unlock(hashtext('checkpoint tables'))")


async def _locked(connection: AsyncConnection[DictRow]) -> bool:
    row = await (
        await connection.execute("select pg_try_advisory_lock(hashtext('checkpoint tables')) as held")
    ).fetchone()
    return row is not None and bool(row["held"])
