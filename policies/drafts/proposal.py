"""The proposal: exactly what is hashed, and therefore exactly what a person confirms."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Any, NewType, TypeAlias
from uuid import UUID

import rfc8785
from pydantic import AwareDatetime, Field, TypeAdapter

from erp_adapters.records import Writing
from policies.drafts.cancellation import CancellationDraft
from policies.drafts.floor import OrderHoldDraft, WorkOrderDraft
from policies.drafts.hold import HoldDraft
from policies.drafts.parts import Code, Part
from policies.drafts.published_text import PublishedTextDraft
from policies.drafts.redating import RedatingDraft
from policies.drafts.replanning import ReplanningDraft
from policies.drafts.requisition import RequisitionDraft
from policies.drafts.transfer import TransferDraft

AnyDraft: TypeAlias = (
    RequisitionDraft
    | TransferDraft
    | HoldDraft
    | ReplanningDraft
    | RedatingDraft
    | PublishedTextDraft
    | WorkOrderDraft
    | OrderHoldDraft
    | CancellationDraft
)
Draft: TypeAlias = Annotated[AnyDraft, Field(discriminator="kind")]
DRAFT: TypeAdapter[AnyDraft] = TypeAdapter(Draft)

Digest = NewType("Digest", str)
"""`sha256:` and 64 hexadecimal digits."""


class Proposal(Part):
    """A draft with everything that its confirmation is bound to."""

    id: UUID
    """Of this version; an edit makes another."""
    series: UUID
    """The same for every version of one draft."""
    version: Annotated[int, Field(ge=1)]
    draft: Draft
    requester: Code
    """Subject of the person who asked for it."""
    policy_hash: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    """Of the policies and limits that admitted it."""
    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    created_at: Annotated[datetime, AwareDatetime]
    expires_at: Annotated[datetime, AwareDatetime]

    @property
    def canonical(self) -> bytes:
        """The bytes that are hashed, kept, and shown: RFC 8785 JSON, decimals as strings."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    @property
    def digest(self) -> Digest:
        """What a confirmation names."""
        return digest_of(self.canonical)


def digest_of(canonical: bytes) -> Digest:
    """SHA-256 of canonical bytes, as a confirmation names it."""
    return Digest("sha256:" + hashlib.sha256(canonical).hexdigest())


def documents_of(draft: AnyDraft, requester: str) -> tuple[tuple[str, Writing], ...]:
    """What is written to the ERP, part by part: one part without a name, or one for each order moved."""
    if isinstance(draft, ReplanningDraft):
        return draft.documents(requester)
    return (("", draft.document(requester)),)


def draft_schema() -> dict[str, Any]:
    """JSON schema of every kind of draft, for whoever reads proposals from outside."""
    return DRAFT.json_schema()
