"""Pooled connections: the last used is used next, and whether it still stands is seen without asking."""

from __future__ import annotations

import select
from collections import deque
from typing import Any, Generic, TypeVar

import psycopg
from psycopg_pool import AsyncConnectionPool

_C = TypeVar("_C", bound=psycopg.AsyncConnection[Any])


class _Stack(deque[_C], Generic[_C]):
    """What is laid down last is taken first."""

    def append(self, connection: _C, /) -> None:
        self.appendleft(connection)


def by_turns_no_more(pool: AsyncConnectionPool[_C]) -> None:
    """Have a pool hand out the connection that came back last, whose server process is warm.

    It takes the one that has rested longest: eight processes each with cold caches where one would do.
    """
    pool._pool = _Stack(pool._pool)


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
