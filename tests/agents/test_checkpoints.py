"""The checkpoints' tables: made once, however many servers start at once."""

from __future__ import annotations

import asyncio

import psycopg

from agents.checkpoints import checkpointer
from erp_adapters.store.provision import GRAPH_ROLE
from tests.conftest import Database

_DROPPED = """
drop table if exists langgraph.checkpoints, langgraph.checkpoint_blobs, langgraph.checkpoint_writes,
    langgraph.checkpoint_migrations
"""


async def test_servers_that_start_at_once_on_an_empty_database_all_come_up(database: Database) -> None:
    """Made side by side, the tables end in a unique violation or a deadlock for all but one."""

    graph_dsn = database.dsn(GRAPH_ROLE)

    async def started(together: asyncio.Barrier) -> None:
        async with checkpointer(graph_dsn) as saver:
            assert [kept async for kept in saver.alist(None)] == []
            await together.wait()

    with psycopg.connect(graph_dsn, autocommit=True) as connection:
        connection.execute(_DROPPED)
    together = asyncio.Barrier(6)
    await asyncio.gather(*(started(together) for _ in range(6)))
