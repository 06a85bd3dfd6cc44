"""Reading that holds a connection only while it reads: a model may take seconds in between.

What was read is not read again, so that before and after such a rest the same is seen.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import LiteralString

from agents.context import ReadingStore
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction, Rows, Store, asked_key


class _Looking(ReadTransaction):
    """A read transaction that begins with its first query, and anew with the first new one after a rest."""

    def __init__(self, store: ReadingStore, caller: Caller) -> None:
        self.caller = caller
        self._store = store
        self._held = AsyncExitStack()
        self._tx: ReadTransaction | None = None
        self._seen: dict[tuple[object, ...], Rows] = {}

    async def fetch(self, sql: str, params: Mapping[str, object] | None = None) -> Rows:
        key = asked_key(sql, params)
        if key is None:
            return await self._asked(sql, params)
        found = self._seen.get(key)
        if found is None:
            # What a model was told is what its plan is checked with, a few seconds later.
            found = self._seen[key] = await self._asked(sql, params)
        return found

    async def _asked(self, sql: str, params: Mapping[str, object] | None) -> Rows:
        if self._tx is None:
            self._tx = await self._held.enter_async_context(self._store.reading(self.caller))
        return await self._tx.fetch(sql, params)

    async def ahead(self, *asked: LiteralString) -> None:
        # Begin, statements and end in one round trip; each by itself would be one.
        if self._tx is None and isinstance(self._store, Store):
            wanted = [sql for sql in dict.fromkeys(asked) if asked_key(sql, None) not in self._seen]
            found = await self._store.at_once(self.caller, *((sql, {}) for sql in wanted)) if wanted else ()
            self._seen |= {(sql,): rows for sql, rows in zip(wanted, found, strict=True)}

    async def rest(self) -> None:
        self._tx = None
        await self._held.aclose()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[ReadTransaction]:
        """Itself, let go of at the end, as failed where the block failed."""
        async with self._held:
            yield self


def looking(store: ReadingStore, caller: Caller) -> AbstractAsyncContextManager[ReadTransaction]:
    """A read transaction under the caller's scope whose connection others may have while it rests."""
    return _Looking(store, caller).held()
