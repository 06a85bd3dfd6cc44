"""Whether a pooled connection still stands, found out without asking the server each time."""

from __future__ import annotations

import select
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool


async def still_there(connection: psycopg.AsyncConnection[Any]) -> None:
    """Ask the server only where the connection's socket has news: one that broke, or was ended, has.

    Raises:
        OperationalError: it is gone.
    """
    try:
        has_news = bool(select.select([connection.fileno()], [], [], 0)[0])
    except ValueError:
        # More files are open than `select` can look at.
        has_news = True
    if has_news:
        await AsyncConnectionPool.check_connection(connection)
