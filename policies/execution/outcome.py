"""What a call to a connected system came to, as far as its caller knows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from erp_adapters.errors import CapabilityMissing, ErpRefused, ErpUnavailable, WriteOutcomeUnknown
from erp_adapters.records import Document, PostedDocument
from erp_adapters.write import WritePort


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


async def call(port: WritePort, document: Document, marker: str) -> Outcome:
    """Create the document, with the time that the system's traits allow."""
    try:
        async with asyncio.timeout(port.traits.call_time.total_seconds()):
            return Posted(await port.create(document, marker))
    except TimeoutError:
        return Unknown(
            f"{port.traits.system} did not answer within {port.traits.call_time.total_seconds():g} s"
        )
    except WriteOutcomeUnknown as error:
        return Unknown(str(error))
    except (ErpRefused, CapabilityMissing) as error:
        return Refused(str(error))
    except ErpUnavailable as error:
        return NotSent(str(error))


async def documents(port: WritePort, document: Document, marker: str) -> tuple[PostedDocument, ...] | NotSent:
    """What the system has under the marker, or why it cannot be said now."""
    try:
        async with asyncio.timeout(port.traits.call_time.total_seconds()):
            return await port.find(document.kind, marker)
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
