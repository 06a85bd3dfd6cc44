"""Drafts over HTTP: what waits, one card, and the decisions that bind to its digest."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from erp_adapters.errors import DraftInvalid
from erp_adapters.records import DraftKind
from policies.drafts.parts import Code, Line, Positive, Price, Words
from policies.drafts.proposal import draft_schema
from policies.states import State
from server.draft_records import (
    DraftDetail,
    DraftList,
    DraftShown,
    SwitchList,
    detail_of,
    list_of,
    shown_of,
    switches_of,
)
from server.drafting import Change, propose
from server.drafting import edit as edited
from server.errors import UsageError
from server.idempotency import Once
from server.identity import Asker, OpenDesk, Spoken
from server.paging import After, Cursor, Limit
from tools.languages import speaking
from tools.replanning.drafting import DraftReplanning

router = APIRouter(prefix="/v1/drafts", tags=["drafts"], route_class=Once)
switches = APIRouter(prefix="/v1/switches", tags=["drafts"], route_class=Once)

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
MOST_AT_ONCE = 50


class _Body(BaseModel):
    """Exactly these members: whoever sends others means something that is not done."""

    model_config = ConfigDict(extra="forbid")


class Confirmed(_Body):
    """What a confirmation is bound to. Who confirms is whoever asks."""

    digest: Digest
    proposal_id: UUID | None = None
    """The id of the path once more."""


class Rejected(_Body):
    """Why a draft is turned down."""

    digest: Digest
    reason: Annotated[Words, Field(min_length=1)]


class Edited(_Body):
    """What is to change; a new version with a digest of its own comes of it."""

    digest: Digest
    quantity: Positive | None = None
    needed_on: date | None = None
    note: Words | None = None


class Asked(_Body):
    """What is wanted, as a person would say it; everything else is found in the data, with reasons."""

    kind: DraftKind
    material: Code | None = None
    """Number or name; a hold may name its batch instead."""
    quantity: Positive | None = None
    """All that lies there, where a hold names none."""
    unit: Code | None = None
    """The material's own where none is named."""
    site: Code | None = None
    """Code or name; needed where the caller sees several."""
    needed_on: date | None = None
    """Not for a hold."""
    from_site: Code | None = None
    """Of a transfer."""
    supplier: Code | None = None
    """Only one that a person asked for; of a requisition."""
    cost_centre: Code | None = None
    """Only one that a person asked for; of a requisition."""
    batch: Code | None = None
    """Of a hold."""
    location: Code | None = None
    """Of a hold."""
    order: Code | None = None
    """Of an `order_hold`: number of the work order as the shop floor has it; or of the purchase order."""
    line: Code | None = None
    """Of a `purchase_order_redating`; may be left out where one line of the order is open."""
    action: Literal["hold", "resume"] | None = None
    """Of an `order_hold`."""
    priority: Annotated[int, Field(ge=1, le=999)] | None = None
    """Of a `work_order`: the lower, the more urgent."""
    reason: Words | None = None
    document: Code | None = None
    """Of a `cancellation`: number of the document that is taken back, or id of its draft."""
    moves: DraftReplanning | None = None
    """Of `order_rescheduling`, in place of all else: what has happened and the way, or the earlier draft."""


class Reconciled(_Body):
    """What a person found in the ERP where the program could not tell."""

    digest: Digest
    outcome: Literal["found", "not_written"]
    number: Annotated[Line, Field(max_length=64)] = ""
    reason: Annotated[Words, Field(min_length=1)]
    part: Annotated[Line, Field(max_length=64)] = ""
    """Which of several documents, where more than one is in doubt: the number of the work order."""


class One(_Body):
    """A draft and the digest that was shown."""

    proposal_id: UUID
    digest: Digest


class Together(_Body):
    """Drafts in the order in which they were shown, and what they come to together."""

    drafts: Annotated[tuple[One, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]
    total: Price | None
    """None where a price is unknown."""


class SignedTogether(BaseModel):
    """The drafts that were signed, in the order given."""

    drafts: tuple[DraftShown, ...]


class Switched(_Body):
    """A site, a tool, a flow or everything, off or on."""

    state: Literal["off", "on"]
    target: Literal["site", "tool", "flow", "all"]
    name: Annotated[Line, Field(max_length=64)] = ""
    """Code of the site, name of the tool or flow; empty for `all`."""
    reason: Annotated[Words, Field(min_length=3)]


@router.get("")
async def listed(
    caller: Asker,
    desk: OpenDesk,
    spoken: Spoken,
    state: Annotated[tuple[State, ...], Query(max_length=11)] = (),
    site: Annotated[str, Query(max_length=64)] = "",
    own: bool = False,
    limit: Limit = 50,
    cursor: After = "",
) -> DraftList:
    """The drafts of the caller's sites, newest first, with how many there are in each state.

    `own` leaves only those that the caller asked for.
    """
    after = Cursor.parsed(cursor)
    with speaking(spoken):
        return await list_of(desk, caller, frozenset(state), site, limit, after, is_own=own)


@router.post("", status_code=201)
async def draft(body: Asked, caller: Asker, desk: OpenDesk, spoken: Spoken, response: Response) -> DraftShown:
    """A draft for a person to confirm; 200 where a pending one for the same need is shown in its place."""
    if body.kind == "order_rescheduling":
        if body.moves is None:
            raise DraftInvalid("moves: say what has happened, or which earlier draft it follows")
        arguments = body.moves.model_dump()
    else:
        arguments = body.model_dump(exclude={"kind", "moves"})
    proposed = await propose(desk, caller, body.kind, arguments)
    response.status_code = 201 if proposed.is_new else 200
    with speaking(spoken):
        return await shown_of(desk, proposed.shown)


@router.get("/schema")
async def schema(caller: Asker) -> dict[str, Any]:
    """JSON schema of every kind of draft; `schema_version` of a draft says which of its versions."""
    return draft_schema()


@router.get("/{proposal_id}")
async def read(proposal_id: UUID, caller: Asker, desk: OpenDesk, spoken: Spoken) -> DraftDetail:
    """One version of a draft: its card, grounds, state, history, and what the caller may do with it now."""
    shown = await desk.proposals.read(caller, proposal_id)
    with speaking(spoken):
        return await detail_of(desk, caller, shown)


@router.post("/{proposal_id}/confirm")
async def confirm(
    proposal_id: UUID, body: Confirmed, caller: Asker, desk: OpenDesk, spoken: Spoken
) -> DraftShown:
    """Sign exactly what was shown; the last signature that is needed sends it to the ERP."""
    _refuse_another(proposal_id, body.proposal_id)
    shown = await desk.proposals.read(caller, proposal_id)
    day = await desk.day(caller, shown.proposal.draft.site)
    done = await desk.confirmations.confirm(caller, proposal_id, body.digest, business_date=day)
    with speaking(spoken):
        return await shown_of(desk, done)


@router.post("/{proposal_id}/reject")
async def reject(
    proposal_id: UUID, body: Rejected, caller: Asker, desk: OpenDesk, spoken: Spoken
) -> DraftShown:
    """Turn the draft down for good; the reason is kept."""
    done = await desk.confirmations.reject(caller, proposal_id, body.digest, body.reason)
    with speaking(spoken):
        return await shown_of(desk, done)


@router.post("/{proposal_id}/edit")
async def edit(proposal_id: UUID, body: Edited, caller: Asker, desk: OpenDesk, spoken: Spoken) -> DraftShown:
    """A new version with other figures; the old one can be confirmed no more."""
    shown = await desk.proposals.read(caller, proposal_id)
    made = await edited(desk, caller, shown, body.digest, Change(body.quantity, body.needed_on, body.note))
    with speaking(spoken):
        return await shown_of(desk, made.shown)


@router.post("/{proposal_id}/reconcile")
async def reconcile(
    proposal_id: UUID, body: Reconciled, caller: Asker, desk: OpenDesk, spoken: Spoken
) -> DraftShown:
    """Say what the ERP has, where the program could not find out."""
    done = await desk.confirmations.reconcile(
        caller, proposal_id, body.digest, body.outcome, body.number, body.reason, body.part
    )
    with speaking(spoken):
        return await shown_of(desk, done)


@router.post("/confirm-together")
async def confirm_together(body: Together, caller: Asker, desk: OpenDesk, spoken: Spoken) -> SignedTogether:
    """Sign several as they were shown and what they come to: all or none."""
    given = [(each.proposal_id, each.digest) for each in body.drafts]
    shown = await desk.proposals.read(caller, given[0][0])
    day = await desk.day(caller, shown.proposal.draft.site)
    done = await desk.confirmations.confirm_together(caller, given, body.total, business_date=day)
    with speaking(spoken):
        return SignedTogether(drafts=tuple([await shown_of(desk, shown) for shown in done]))


@switches.get("")
async def what_is_off(caller: Asker, desk: OpenDesk, spoken: Spoken) -> SwitchList:
    """What is switched off of what the caller may see."""
    with speaking(spoken):
        return await switches_of(desk)


@switches.post("")
async def switch(body: Switched, caller: Asker, desk: OpenDesk, spoken: Spoken) -> SwitchList:
    """Stop or resume drafting and writing for a site, a tool, a flow or everywhere."""
    await desk.switch(caller, body.state, body.target, body.name, body.reason)
    with speaking(spoken):
        return await switches_of(desk)


def _refuse_another(path: UUID, body: UUID | None) -> None:
    if body is not None and body != path:
        raise UsageError(f"the body confirms {body}, and the address is that of {path}")
