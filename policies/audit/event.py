"""What is put on record, and where it is put."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NewType, Protocol, TypeAlias

import psycopg

EventKind: TypeAlias = Literal[
    "question",
    "tool_call",
    "policy_decision",
    "model_call",
    "answer",
    "proposal",
    "edit",
    "confirmation",
    "rejection",
    "expiry",
    "supersession",
    "escalation",
    "dispatch",
    "execution",
    "refusal",
    "unknown_outcome",
    "reconciliation",
    "override",
    "switch",
    "limits_change",
    "predictor",
    "people_change",
    "explanation",
    "publication",
    "explanation_rejected",
    "webhook",
    "channel",
    "erasure",
    "key_rotation",
]

Position = NewType("Position", int)
"""Place in the chain, from 1."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing that happened."""

    kind: EventKind
    at: datetime
    """Wall clock, aware."""
    actor: str
    """Subject of the person who did it, or `system`."""
    about: str
    """Subject of the person whose data the payload holds: their key encrypts it, and goes with an erasure."""
    payload: Mapping[str, Any]
    """JSON; decimals and moments as strings. Large contents by their SHA-256."""
    proposal: str = ""
    """Id of the proposal that it belongs to, so that one decision's packet can be put together."""
    site: str = ""


class AuditTrail(Protocol):
    """Where events go.

    Both ways raise AuditUnavailable where the event cannot be kept; nothing may then be written anywhere.
    """

    async def append(self, events: Sequence[AuditEvent]) -> Position:
        """Keep events in a transaction of their own; returns the last one's place once all are durable.

        Events of several callers share one transaction and one fsync.
        """
        ...

    async def append_in(
        self, connection: psycopg.AsyncConnection[Any], events: Sequence[AuditEvent]
    ) -> Position:
        """Keep events in the caller's transaction, to stand or fall with what else it does.

        Call it last in the transaction: it holds the head of the chain until the transaction ends.
        """
        ...
