"""Calls to the system: where it is, who asks, and rows of a table in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from erp_adapters.errors import ErpUnavailable
from erp_adapters.http import Secret
from erp_adapters.ports import Cell

SYSTEM: Final = "the new system"


@dataclass(frozen=True, slots=True)
class Connection:
    """How the system is reached."""

    url: str
    login: str
    password: Secret
    reason: str
    """Why a user of the program's own asks, and not the person with their own login."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the system has it."""

    key: str
    """What the system knows it by, for good; rows come in its order."""
    changed_at: datetime | None
    """None where the system does not say."""
    cells: Sequence[Cell]
    """In the order of the columns that were asked for: figures exact, times with their zone."""


class Client:
    """Calls to one system; `erp_adapters/http.py` has the HTTP client with patience and redaction."""

    def __init__(self, connection: Connection) -> None:
        self._at = connection

    @classmethod
    @asynccontextmanager
    async def open(cls, connection: Connection) -> AsyncIterator[Client]:
        """The system, which is first called with the first question."""
        yield cls(connection)

    async def version(self) -> str:
        """The release, as the system says itself; this also shows that it lets the user in."""
        raise ErpUnavailable(f"{SYSTEM} is not called yet: write `Client.version`")

    async def rows(
        self, table: str, columns: Sequence[str], *, after: str, most: int, since: datetime | None
    ) -> list[Row]:
        """Rows behind a key in the order of keys, at most so many; of those that changed since, if given."""
        raise ErpUnavailable(f"{SYSTEM} is not called yet: write `Client.rows`, to read {table!r}")
