"""Persons' keys: made when somebody first appears, cached, and gone for good after an erasure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import psycopg
from psycopg_pool import AsyncConnectionPool

from erp_adapters.errors import ConfigurationError
from erp_adapters.store.ids import new_id
from policies.audit.keys import WrappingKey
from policies.audit.sealing import SubjectKey, new_key, unwrapped, wrapped

Pool = AsyncConnectionPool[psycopg.AsyncConnection[tuple[Any, ...]]]

SYSTEM = "system"
"""The program itself, where no person acts."""
_MOST = 10_000


class Subjects:
    """The keys of the persons that a process has met."""

    def __init__(self, pool: Pool, wrapping: WrappingKey) -> None:
        self._pool = pool
        self._wrapping = wrapping
        self._known: dict[str, SubjectKey] = {}

    async def adopt(self) -> None:
        """Make sure that this chain is kept under our wrapping key.

        Raises:
            ConfigurationError: it is kept under another.
        """
        async with self._pool.connection() as connection:
            row = await (await connection.execute("select audit.adopt(%s)", (self._wrapping.tag,))).fetchone()
        if row is None or bytes(row[0]) != self._wrapping.tag:
            raise ConfigurationError(
                "the audit of this database is kept under another wrapping key; put the key file that belongs"
                " to it back, or name its folder with PLANTWRIGHT_AUDIT_KEYS"
            )

    def forget(self) -> None:
        """Ask the database again: somebody's key was erased."""
        self._known.clear()

    async def of(self, subjects: Iterable[str]) -> dict[str, SubjectKey]:
        """The key of each person; made now for those who never appeared."""
        wanted = set(subjects)
        if missing := sorted(wanted - self._known.keys()):
            if len(self._known) + len(missing) > _MOST:
                self._known.clear()
                missing = sorted(wanted)
            async with self._pool.connection() as connection:
                for subject in missing:
                    self._known[subject] = await self._kept(connection, subject)
        return {subject: self._known[subject] for subject in wanted}

    async def existing(
        self, connection: psycopg.AsyncConnection[tuple[Any, ...]], subject: str
    ) -> UUID | None:
        """The id of a person's key; None where they never appeared, or were erased."""
        found = await _row(connection, self._wrapping.digest(subject))
        return None if found is None else found[0]

    async def _kept(self, connection: psycopg.AsyncConnection[tuple[Any, ...]], subject: str) -> SubjectKey:
        tag = self._wrapping.digest(subject)
        if (found := await _row(connection, tag)) is None:
            fresh = new_key(new_id(), subject)
            await connection.execute(
                "select audit.keep_key(%s, %s, %s)", (fresh.id, tag, wrapped(fresh, self._wrapping))
            )
            # Another process may have been first; the row says whose key stands.
            found = await _row(connection, tag)
        if found is None:
            raise ConfigurationError("the audit cannot keep a person's key")
        return unwrapped(*found, self._wrapping)


async def _row(connection: psycopg.AsyncConnection[tuple[Any, ...]], tag: bytes) -> tuple[UUID, bytes] | None:
    row = await (await connection.execute("select * from audit.key_of(%s)", (tag,))).fetchone()
    return None if row is None else (row[0], bytes(row[1]))
