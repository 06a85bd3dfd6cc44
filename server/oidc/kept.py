"""A document of the identity provider, kept for a while and used on where the provider is away."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from server.errors import ProviderUnavailable

log = logging.getLogger("plantwright")

MAX_AGE_S: Final = 3600.0
STALE_S: Final = 3600.0
"""How much longer it is used where the provider does not answer."""
AGAIN_S: Final = 30.0
"""Fetched before its time at most so often, for a key that is not in it; after a failure likewise."""
FAILED_S: Final = 5.0
"""After a failure without a document to use on, callers are told the same for so long."""

Document = Mapping[str, object]


class Kept:
    """The document that `fetch` brings; callers at the same time wait for one call."""

    def __init__(
        self, fetch: Callable[[], Awaitable[Document]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = asyncio.Lock()
        self._held: Document | None = None
        self._fetched_at = 0.0
        self._renewed_at = float("-inf")
        self._failed_at = float("-inf")
        self._trouble = ""

    async def get(self) -> Document:
        """The document, at most an hour old, or two where the provider is away.

        Raises:
            ProviderUnavailable: there is none, or only one that is too old.
        """
        if self._held is not None and self._age < MAX_AGE_S:
            return self._held
        async with self._lock:
            if self._held is not None and self._age < MAX_AGE_S:
                return self._held
            may_serve = self._held if self._age < MAX_AGE_S + STALE_S else None
            patience = FAILED_S if may_serve is None else AGAIN_S
            if self._clock() - self._failed_at < patience:
                if may_serve is None:
                    raise ProviderUnavailable(self._trouble)
                return may_serve
            try:
                return await self._asked()
            except ProviderUnavailable as error:
                if may_serve is None:
                    raise
                log.warning("a document of the identity provider is used on for a while: %s", error)
                return may_serve

    async def anew(self) -> Document | None:
        """The document fetched again; None where that was done a moment ago, or it is not to be had."""
        before = self._held
        async with self._lock:
            if self._held is not before:
                return self._held
            if self._clock() - self._renewed_at < AGAIN_S:
                return None
            self._renewed_at = self._clock()
            try:
                return await self._asked()
            except ProviderUnavailable as error:
                log.warning("the identity provider's keys cannot be fetched: %s", error)
                return None

    @property
    def _age(self) -> float:
        return self._clock() - self._fetched_at

    async def _asked(self) -> Document:
        try:
            found = await self._fetch()
        except ProviderUnavailable as error:
            self._failed_at, self._trouble = self._clock(), str(error)
            raise
        self._held, self._fetched_at = found, self._clock()
        return found
