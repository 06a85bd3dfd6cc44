"""What is on record about a draft, for those whom it concerns."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from erp_adapters.caller import Caller
from erp_adapters.errors import Denied
from erp_adapters.store.provision import AUDITOR_ROLE
from policies.audit.keys import wrapping_key
from policies.audit.packet import Packet, as_html, as_json, packet_of
from policies.audit.reading import entries_of, subject_keys, tables
from server.desk import Desk
from server.identity import Asker, OpenDesk

router = APIRouter(prefix="/v1/audit", tags=["audit"])

OVERSEERS = frozenset({"admin", "controller"})
"""They may read what is on record about every draft of their sites; others only where they had a part."""


class AuditEventShown(BaseModel):
    """One event as it is on record."""

    position: int
    kind: str
    at: str
    actor: str | None
    """Who did it; null where they were erased."""
    site: str | None = None
    hash: str
    as_written: bool
    """False where the event is not what its hash is of."""
    contents: dict[str, Any] | None
    """Null where the person they are about was erased."""


class AuditPacket(BaseModel):
    """Everything on record about one decision."""

    proposals: tuple[str, ...]
    chain: str
    made_at: str
    events: tuple[AuditEventShown, ...]


@router.get(
    "/drafts/{proposal_id}",
    response_model=AuditPacket,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
async def packet(
    proposal_id: UUID, caller: Asker, desk: OpenDesk, accept: Annotated[str, Header()] = ""
) -> Response | AuditPacket:
    """What is on record about one version of a draft: JSON, or a page where the client prefers `text/html`.

    For administrators and controllers of its sites, and for whoever had a part in it. Each event is held
    against its own hash; `plantwright audit verify` looks at the chain as a whole.
    """
    shown = await desk.read(caller, proposal_id)
    history = await desk.proposals.history(caller, proposal_id)
    _refuse_bystanders(caller, {shown.proposal.requester, *(step.actor for step in history)})
    found = await asyncio.to_thread(_packet, desk, str(proposal_id))
    if "text/html" in accept.partition(",")[0]:
        return HTMLResponse(as_html(found), headers={"content-security-policy": _PAGE})
    return AuditPacket.model_validate(as_json(found))


_PAGE = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The page has its style within, and nothing else."""


def _refuse_bystanders(caller: Caller, involved: set[str]) -> None:
    if not caller.roles & OVERSEERS and caller.subject not in involved:
        raise Denied(
            "what is on record about a draft is for administrators, controllers and whoever had a part in it"
        )


def _packet(desk: Desk, proposal: str) -> Packet:
    with tables(desk.home.dsn(AUDITOR_ROLE)) as (source, connection):
        return packet_of(
            (proposal,),
            source.chain,
            entries_of(connection, proposals=(proposal,)),
            subject_keys(connection, wrapping_key(desk.settings.keys)),
            datetime.now(UTC),
        )
