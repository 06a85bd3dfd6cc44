"""The write port of a connected system. Only the executor may hold one; import-linter keeps it so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol, TypeAlias, runtime_checkable
from weakref import WeakValueDictionary

from erp_adapters.errors import ErpError, WriteOutcomeUnknown
from erp_adapters.ports import Authorisation
from erp_adapters.records import Document, DocumentKind, PostedDocument

DuplicateStrength: TypeAlias = Literal["rejects", "none"]
"""`rejects`: the system refuses a second document with the same marker, for good; `none`: it takes it."""


@dataclass(frozen=True, slots=True)
class WriteTraits:
    """What the executor has to know of a system before it writes."""

    system: str
    """Name of the system, as evidence names it."""
    kinds: frozenset[DocumentKind]
    """Documents that it takes."""
    duplicates: DuplicateStrength
    settle_time: timedelta
    """How long a committed document may stay invisible to read-back: before that, not found means nothing."""
    call_time: timedelta
    """How long one call may take before the executor gives it up; it may still commit until `settle_time`
    has passed."""
    authorisation: Authorisation
    """By whose rights a document is written."""
    cancels: frozenset[DocumentKind] = frozenset()
    """Documents that it can cancel again; such a system's port is a CancellingPort."""


@contextmanager
def read_back(system: str) -> Iterator[None]:
    """Around what follows a write that was made: nothing that is said then may make it look unsent.

    Raises:
        WriteOutcomeUnknown: whatever went wrong, for the write itself did not.
    """
    try:
        yield
    except WriteOutcomeUnknown:
        raise
    except (ErpError, LookupError, ValueError, StopIteration) as error:
        raise WriteOutcomeUnknown(
            f"{system} took the write, and it could not be read back as it should be: {error}"
        ) from error


class SingleFlight:
    """One call at a time for a marker or a document, where the system itself takes a second one.

    Whoever is alone looks, then writes. Between processes the claim of the outbox sees to that.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def alone(self, *keys: str) -> AsyncIterator[None]:
        """Wait until nobody else has any of these keys; taken in their order."""
        async with AsyncExitStack() as held:
            for key in keys:
                await held.enter_async_context(self._locks.setdefault(key, asyncio.Lock()))
            yield


class WritePort(Protocol):
    """Writes to one system, for one site's documents."""

    @property
    def traits(self) -> WriteTraits:
        """What the system is like."""
        ...

    async def create(self, document: Document, marker: str) -> PostedDocument:
        """Create the document once, with the marker inside it.

        Raises:
            WriteOutcomeUnknown: it was sent and whether it took effect is not known.
            ErpRefused: the system understood it and said no; nothing was written.
            ErpUnavailable: it was certainly not sent.
            CapabilityMissing: the system takes no such document.
        """
        ...

    async def find(self, kind: DocumentKind, marker: str) -> tuple[PostedDocument, ...]:
        """Every document that carries the marker, oldest first; empty where none can be seen yet.

        Raises:
            ErpUnavailable: the system does not answer; a later call may.
        """
        ...


class CancellingPort(WritePort, Protocol):
    """Writes to a system that can also cancel what was created through it."""

    async def cancel(self, kind: DocumentKind, marker: str) -> PostedDocument:
        """Cancel the document that carries the marker, and nothing that others have acted on since.

        Raises:
            RecordNotFound: not exactly one document carries the marker.
            ErpRefused: it has gone too far, or was changed in this moment; nothing was done.
            ErpUnavailable: it was certainly not sent.
            WriteOutcomeUnknown: it was sent and whether it took effect is not known.
        """
        ...


@runtime_checkable
class LookingPort(Protocol):
    """A write port of a system with no place for the marker in some documents, which tells them otherwise."""

    async def look(self, document: Document, marker: str) -> tuple[PostedDocument, ...]:
        """What the system has of this very document; empty where nothing can be seen yet.

        Raises:
            ErpUnavailable: the system does not answer; a later call may.
        """
        ...
