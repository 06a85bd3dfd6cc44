"""Where the graph keeps its checkpoints: its own schema, role and pool of the same Postgres."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from erp_adapters.store.failures import translated


@asynccontextmanager
async def checkpointer(dsn: str, *, max_size: int = 4) -> AsyncIterator[AsyncPostgresSaver]:
    """A saver in schema `langgraph`; creates its tables where they are missing.

    Args:
        dsn: connection string of the role that owns the checkpoints and nothing else.
        max_size: most connections held at a time.

    Raises:
        StoreUnavailable: the database does not answer.
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
            # Strict whatever the environment says: a checkpoint can revive only plain types.
            saver = AsyncPostgresSaver(pool, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
            await saver.setup()
        yield saver
    finally:
        await pool.close()
