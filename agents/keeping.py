"""An answer kept together with what led to it: one message to the database, one transaction, one fsync."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString, Protocol

from agents.conversations import PostgresConversations, StoredAnswer
from erp_adapters.caller import Caller
from erp_adapters.errors import AuditUnavailable, ErpError, StoreUnavailable
from erp_adapters.store.session import Rows
from policies.audit.event import AuditEvent
from policies.audit.sealing import Sealed
from policies.audit.trail import PostgresTrail


@dataclass(frozen=True, slots=True)
class Kept:
    """What of an answer is durable."""

    answer: bool = False
    events: bool = False


class Keeping(Protocol):
    """Keeps an answer and its events in one transaction, as far as that can be."""

    async def sealed(self, events: Sequence[AuditEvent]) -> Sequence[Sealed]:
        """Events as they will go on record, made ahead of their being kept.

        Raises:
            AuditUnavailable: they cannot be kept.
        """
        ...

    async def keep(self, caller: Caller, kept: StoredAnswer, events: Sequence[AuditEvent | Sealed]) -> Kept:
        """What was kept; the rest is still to be kept by itself.

        Args:
            caller: whose answer it is.
            kept: the answer.
            events: what is on record of it, in its order, those that are sealed already as such.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class KeptTogether:
    """Conversations and the audit of one database."""

    conversations: PostgresConversations
    trail: PostgresTrail

    async def sealed(self, events: Sequence[AuditEvent]) -> Sequence[Sealed]:
        """See `Keeping.sealed`."""
        return await self.trail.sealed(events)

    async def keep(self, caller: Caller, kept: StoredAnswer, events: Sequence[AuditEvent | Sealed]) -> Kept:
        """See `Keeping.keep`."""
        is_kept = False

        async def write(sql: LiteralString, params: Mapping[str, object]) -> Rows:
            nonlocal is_kept
            rows = await self.conversations.save_along(caller, kept, (sql, params))
            is_kept = True
            return rows

        try:
            place = await self.trail.append_along(events, write)
        except StoreUnavailable:
            raise
        except (AuditUnavailable, ErpError):
            # Refused as one; each by itself says which of the two cannot be kept, and the other one is.
            return Kept()
        return Kept(is_kept, place is not None)
