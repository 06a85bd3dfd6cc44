"""What a call to a connected system came to, as far as its caller knows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias, cast

from erp_adapters.errors import (
    CapabilityMissing,
    ErpRefused,
    ErpUnavailable,
    RecordNotFound,
    WriteOutcomeUnknown,
)
from erp_adapters.records import Cancellation, Document, DocumentKind, PostedDocument, Writing
from erp_adapters.write import CancellingPort, LookingPort, WritePort


@dataclass(frozen=True, slots=True)
class Posted:
    """The system says that it has the document."""

    document: PostedDocument


@dataclass(frozen=True, slots=True)
class Refused:
    """The system says no."""

    why: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing reached the system."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have taken effect, or may yet."""

    why: str


Outcome: TypeAlias = Posted | Refused | NotSent | Unknown


async def call(port: WritePort, document: Writing, marker: str) -> Outcome:
    """Create the document, or cancel what it takes back, with the time that the system's traits allow."""
    try:
        async with asyncio.timeout(port.traits.call_time.total_seconds()):
            if isinstance(document, Cancellation):
                return Posted(
                    await cast(CancellingPort, port).cancel(document.original.kind, document.marker)
                )
            return Posted(await port.create(document, marker))
    except TimeoutError:
        return Unknown(
            f"{port.traits.system} did not answer within {port.traits.call_time.total_seconds():g} s"
        )
    except WriteOutcomeUnknown as error:
        return Unknown(str(error))
    except (ErpRefused, CapabilityMissing, RecordNotFound) as error:
        return Refused(str(error))
    except ErpUnavailable as error:
        return NotSent(str(error))


async def documents(port: WritePort, document: Writing, marker: str) -> tuple[PostedDocument, ...] | NotSent:
    """What the system has under the marker, or has cancelled of what is taken back; or why it cannot say."""
    if isinstance(document, Cancellation):
        found = await originals(port, document)
        return found if isinstance(found, NotSent) else tuple(one for one in found if one.is_cancelled)
    return await _found(port, document.kind, marker, document)


async def originals(port: WritePort, document: Cancellation) -> tuple[PostedDocument, ...] | NotSent:
    """What the system has of that which is taken back, cancelled or not; or why it cannot be said now."""
    return await _found(port, document.original.kind, document.marker)


async def _found(
    port: WritePort, kind: DocumentKind, marker: str, document: Document | None = None
) -> tuple[PostedDocument, ...] | NotSent:
    try:
        async with asyncio.timeout(port.traits.call_time.total_seconds()):
            if document is not None and isinstance(port, LookingPort):
                return await port.look(document, marker)
            return await port.find(kind, marker)
    except TimeoutError:
        return NotSent(f"{port.traits.system} does not answer")
    except ErpUnavailable as error:
        return NotSent(str(error))


def certain_after(port: WritePort) -> timedelta:
    """How long after a call was allowed to begin its document must be visible, if there is one.

    The call begins within one call time, or is not made; it may commit until another has passed, and stay
    invisible for the settle time.
    """
    return 2 * port.traits.call_time + port.traits.settle_time
