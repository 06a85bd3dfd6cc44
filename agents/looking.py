"""Reading that holds a connection only while it reads: a model may take seconds in between.

What was read is not read again, so that before and after such a rest the same is seen.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final, LiteralString, Protocol

from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction, Rows, Store, asked_key
from tools.metrics.sites import SITES

LOADS: Final = "select max(finished_at)::text, count(*) from erp.load"
"""What whoever keeps something of the data asks each time: whether it is still the same."""


class ReadingStore(Protocol):
    """What the agent needs of the store: read transactions under a caller's scope."""

    def reading(self, caller: Caller) -> AbstractAsyncContextManager[ReadTransaction]:
        """One transaction that sees the caller's rows and no others."""
        ...


def reading(store: ReadingStore, caller: Caller) -> AbstractAsyncContextManager[ReadTransaction]:
    """A read transaction that knows the caller's sites from its beginning, where the store can do that."""
    return store.reading(caller, SITES) if isinstance(store, Store) else store.reading(caller)


class Looking(ReadTransaction):
    """A read transaction that begins with its first query, and anew with the first new one after a rest."""

    def __init__(self, store: ReadingStore, caller: Caller) -> None:
        self.caller = caller
        self._store = store
        self._held = AsyncExitStack()
        self._tx: ReadTransaction | None = None
        self._seen: dict[tuple[object, ...], Rows] = {}

    def know(self, found: Mapping[LiteralString, Rows]) -> None:
        """Take statements as asked that somebody else asked for this caller a moment ago."""
        self._seen |= {(sql,): rows for sql, rows in found.items()}

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
            self._tx = await self._held.enter_async_context(reading(self._store, self.caller))
        return await self._tx.fetch(sql, params)

    async def ahead(self, *asked: LiteralString) -> None:
        # Begin, statements and end in one round trip; each by itself would be one.
        if self._tx is None and isinstance(self._store, Store):
            wanted = [sql for sql in dict.fromkeys(asked) if asked_key(sql, None) not in self._seen]
            found = await self._store.at_once(self.caller, *((sql, {}) for sql in wanted)) if wanted else ()
            self.know(dict(zip(wanted, found, strict=True)))

    async def rest(self) -> None:
        self._tx = None
        await self._held.aclose()

    def handed_on(self) -> AbstractAsyncContextManager[ReadTransaction] | None:
        """The transaction that is open here, for whoever goes on in it; None where there is none that can."""
        if self._tx is None or not self._tx.is_sound:
            return None
        tx, held = self._tx, self._held.pop_all()
        self._tx = None

        @asynccontextmanager
        async def going_on() -> AsyncIterator[ReadTransaction]:
            async with held:
                yield tx

        return going_on()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[ReadTransaction]:
        """Itself, held on to at the end, and let go of as failed where the block failed."""
        try:
            yield self
        except BaseException:
            self._tx = None
            await self._held.__aexit__(*sys.exc_info())
            raise
