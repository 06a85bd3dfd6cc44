"""Drafts as programs read them: one JSON for the HTTP interface, the page and `--json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel

from erp_adapters.caller import Caller
from policies.cards import Card
from policies.deciding import Action
from policies.drafts.hold import HoldDraft
from policies.drafts.parts import Price, plain
from policies.drafts.proposal import Draft
from policies.drafts.requisition import RequisitionDraft
from policies.drafts.transfer import TransferDraft
from policies.proposals import Shown, State
from server.desk import Desk

MOST_COUNTED = 200


class SignaturesShown(BaseModel):
    """Who has to confirm."""

    count: int
    roles: tuple[str, ...]
    requester_may: bool
    reason: str


class SignedShown(BaseModel):
    """Who has confirmed."""

    by: str
    name: str
    at: datetime
    acting_for: str = ""
    """Whose substitute signed; empty where nobody's."""


class Editable(BaseModel):
    """What may be changed of a line."""

    line: int
    material: str
    quantity: str
    unit: str
    needed_on: date | None


class StepShown(BaseModel):
    """Something that happened to a draft."""

    at: datetime
    what: str
    by: str
    reason: str


class DraftShown(BaseModel):
    """A draft as it stands."""

    id: str
    series: str
    version: int
    digest: str
    """What a confirmation names."""
    kind: str
    site: str
    sites: tuple[str, ...]
    state: State
    requester: str
    requester_name: str
    created_at: datetime
    expires_at: datetime
    value: Price | None
    document_number: str
    """In the ERP; empty before."""
    reason: str
    """Why it was rejected, refused or could not be written."""
    signatures: SignaturesShown
    signed: tuple[SignedShown, ...]
    may: tuple[Action, ...]
    """What whoever asks could do with it now."""
    editable: tuple[Editable, ...]
    card: Card
    """What a person is shown: made from the hashed bytes, never from a model's words."""


class DraftDetail(DraftShown):
    """The same with what it rests on and what happened to it."""

    history: tuple[StepShown, ...]
    evidence: tuple[str, ...]
    """Ids of the evidence that it was drafted from."""
    draft: Draft
    """The draft itself, as it is hashed."""


class DraftList(BaseModel):
    """Drafts, newest first."""

    drafts: tuple[DraftShown, ...]
    counts: dict[str, int]
    """How many of the newest 200 are in each state."""
    to_confirm: int
    """How many of them whoever asks could confirm."""


class OffShown(BaseModel):
    """Something that is switched off."""

    target: str
    name: str
    what: str
    by: str
    since: datetime
    reason: str


class SwitchList(BaseModel):
    """What is switched off."""

    off: tuple[OffShown, ...]


def editable_of(draft: Draft) -> tuple[Editable, ...]:
    """The lines of a draft with what may be changed of each."""
    match draft:
        case RequisitionDraft():
            return tuple(
                Editable(
                    line=i,
                    material=f"{line.material.code} {line.material.name}".strip(),
                    quantity=plain(line.lot.asked.value),
                    unit=line.lot.asked.unit,
                    needed_on=line.needed_on,
                )
                for i, line in enumerate(draft.lines, 1)
            )
        case TransferDraft():
            needed: date | None = draft.needed_on
        case HoldDraft():
            needed = None
    name = f"{draft.material.code} {draft.material.name}".strip()
    amount = draft.quantity
    return (Editable(line=1, material=name, quantity=plain(amount.value), unit=amount.unit, needed_on=needed),)


async def shown_of(desk: Desk, shown: Shown) -> DraftShown:
    """The draft as it stands, for whoever it was read for."""
    return DraftShown(**await _members(desk, shown))


async def detail_of(desk: Desk, caller: Caller, shown: Shown) -> DraftDetail:
    """The same with its history, grounds and evidence."""
    steps = await desk.proposals.history(caller, shown.proposal.id)
    draft = shown.proposal.draft
    return DraftDetail(
        **await _members(desk, shown),
        history=tuple([await _step(desk, step) for step in steps]),
        evidence=draft.grounds.evidence,
        draft=draft,
    )


async def list_of(
    desk: Desk, caller: Caller, states: frozenset[State], site: str, limit: int
) -> DraftList:
    """The newest drafts in these states (all where none is named) at this site (all where it is empty)."""
    every = [
        shown
        for shown in await desk.proposals.list(caller, limit=MOST_COUNTED)
        if not site or site in shown.proposal.draft.sites
    ]
    wanted: Sequence[Shown] = [shown for shown in every if not states or shown.state in states]
    return DraftList(
        drafts=tuple([await shown_of(desk, shown) for shown in wanted[:limit]]),
        counts=Counter(shown.state for shown in every),
        to_confirm=sum("confirm" in shown.may for shown in every),
    )
