"""Drafts as programs read them: one JSON for the HTTP interface, the page and `--json`."""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never

from pydantic import BaseModel

from erp_adapters.caller import Caller
from policies.cards import Card, amount
from policies.deciding import Action
from policies.drafts.cancellation import CancellationDraft
from policies.drafts.floor import OrderHoldDraft, WorkOrderDraft
from policies.drafts.hold import HoldDraft
from policies.drafts.parts import Amount, Named, Price, plain
from policies.drafts.proposal import Draft
from policies.drafts.published_text import PublishedTextDraft
from policies.drafts.redating import RedatingDraft
from policies.drafts.replanning import ReplanningDraft
from policies.drafts.requisition import RequisitionDraft
from policies.drafts.transfer import TransferDraft
from policies.lettering import made_visible
from policies.proposals import Shown
from policies.register import Step
from policies.states import STATES, State
from server.desk import Desk
from server.errors import UsageError
from server.lateness import of_draft
from server.paging import Cursor
from tools.languages.cards import card_in_words
from tools.languages.reasons import in_words as said_of_policy
from tools.languages.retelling import retold
from tools.requisition_trail import in_words, steps_of, trail_of
from tools.rows import Queries

MOST_COUNTED = 200

OPEN: frozenset[State] = frozenset({"drafted", "policy_checked", "awaiting_confirmation"})
"""Nobody has decided yet, or not everybody who has to."""
_WAITING: frozenset[State] = frozenset({"awaiting_confirmation"})
MOVING: frozenset[State] = frozenset({"confirmed", "dispatching"})
"""Whoever waits will see another state by itself."""


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
    """What may be changed."""

    material: str
    quantity: str
    unit: str
    needed_on: date | None


class PartOfDraft(BaseModel):
    """One document of a draft that has several."""

    name: str
    """What it is about: the number of the work order that it moves."""
    state: State
    document_number: str
    """In the ERP; empty before."""
    waits_for: str


class StepShown(BaseModel):
    """Something that happened to a draft."""

    at: datetime
    state: State
    what: str
    """In words; empty where the state says it all."""
    by: str


class DraftShown(BaseModel):
    """A draft as it stands."""

    id: str
    series: str
    version: int
    digest: str
    """What a confirmation names."""
    kind: str
    summary: str
    """What it is about in a line, made by code."""
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
    parts: tuple[PartOfDraft, ...] = ()
    """Where each document stands, once it is confirmed; empty where the draft is one document."""
    signatures: SignaturesShown
    signed: tuple[SignedShown, ...]
    escalated_at: datetime | None
    """Since when it has waited too long."""
    may: tuple[Action, ...]
    """What whoever asks could do with it now."""
    editable: Editable | None
    """What an edit may change; None where the draft has several materials."""
    card: Card
    """What a person is shown: made from the hashed bytes, never from a model's words."""


class VersionShown(BaseModel):
    """A version of a draft."""

    id: str
    version: int


class DraftDetail(DraftShown):
    """The same with what it rests on and what happened to it."""

    history: tuple[StepShown, ...]
    versions: tuple[VersionShown, ...]
    """All of the draft's, this one among them, the oldest first."""
    evidence: tuple[str, ...]
    """Ids of the evidence that it was drafted from."""
    draft: Draft
    """The draft itself, as it is hashed."""
    came_late: tuple[str, ...] = ()
    """What it did not know since a source of its site was away when it was drafted, and is back."""


class DraftList(BaseModel):
    """Drafts, newest first."""

    drafts: tuple[DraftShown, ...]
    counts: dict[str, int]
    """How many are in each state."""
    to_confirm: int
    """How many of those that wait whoever asks could confirm."""
    next: str | None = None
    """What `cursor` is for the next page; None on the last one."""


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


def summary_of(draft: Draft) -> str:
    """A draft in a line: how much of what, for where, by when."""
    if isinstance(draft, ReplanningDraft):
        orders = ", ".join(move.order for move in draft.moves[:3])
        more = f" and {len(draft.moves) - 3} more" if len(draft.moves) > 3 else ""
        return made_visible(f"Moves of work orders {orders}{more} at {draft.site}: {draft.event}")
    if isinstance(draft, RedatingDraft):
        what = f"Line {draft.line} of purchase order {draft.order} at {draft.site}"
        return made_visible(f"{what}: {draft.expected_due.isoformat()} to {draft.due_on.isoformat()}")
    if isinstance(draft, PublishedTextDraft):
        return made_visible(f"Text of an explanation at {draft.object.code}, {draft.period}")
    if isinstance(draft, WorkOrderDraft):
        what = f"{amount(draft.quantity)} of {draft.material.code} {draft.material.name}".rstrip()
        return made_visible(f"Work order: {what} at {draft.site} by {draft.due_on.isoformat()}")
    if isinstance(draft, OrderHoldDraft):
        noun = "Stop" if draft.action == "hold" else "Let go on"
        return made_visible(f"{noun} work order {draft.order} at {draft.site}: {draft.reason}")
    if isinstance(draft, CancellationDraft):
        return made_visible(f"Take back {draft.number}: {summary_of(draft.original)}")
    material, _, needed_on = _one_need(draft)
    match draft:
        case RequisitionDraft():
            noun, first = "Requisition", amount(draft.lines[0].quantity)
            more = f" and {len(draft.lines) - 1} more lines" if len(draft.lines) > 1 else ""
            where = f"for {draft.site}"
        case TransferDraft():
            noun, first, more = "Transfer", amount(draft.quantity), ""
            where = f"from {draft.from_site} to {draft.site}"
        case HoldDraft():
            noun, first = "Hold", amount(draft.quantity)
            more = f", batch {draft.batch}" if draft.batch else ""
            where = f"at {draft.site}"
        case _:
            assert_never(draft)
    by = f" by {needed_on.isoformat()}" if needed_on else ""
    return made_visible(
        f"{noun}: {first} of {material.code} {material.name}".rstrip() + f"{more} {where}{by}"
    )


def editable_of(draft: Draft) -> Editable | None:
    """What may be changed of a draft; nothing where it has several materials."""
    if isinstance(draft, ReplanningDraft | PublishedTextDraft | OrderHoldDraft | CancellationDraft):
        return None
    if isinstance(draft, RedatingDraft):
        name = f"{draft.material.code} {draft.material.name}".strip()
        left = draft.open
        return Editable(material=name, quantity=plain(left.value), unit=left.unit, needed_on=draft.due_on)
    if isinstance(draft, WorkOrderDraft):
        name = f"{draft.material.code} {draft.material.name}".strip()
        unit = draft.quantity.unit
        return Editable(
            material=name, quantity=plain(draft.quantity.value), unit=unit, needed_on=draft.due_on
        )
    material, asked, needed_on = _one_need(draft)
    if asked is None:
        return None
    name = f"{material.code} {material.name}".strip()
    return Editable(material=name, quantity=plain(asked.value), unit=asked.unit, needed_on=needed_on)


def _one_need(
    draft: RequisitionDraft | TransferDraft | HoldDraft,
) -> tuple[Named, Amount | None, date | None]:
    match draft:
        case RequisitionDraft():
            first = draft.lines[0]
            # A lot may be split into lines: they were asked for as one.
            is_one = all(
                (each.material, each.lot.asked) == (first.material, first.lot.asked) for each in draft.lines
            )
            return first.material, first.lot.asked if is_one else None, first.needed_on
        case TransferDraft():
            return draft.material, draft.quantity, draft.needed_on
        case HoldDraft():
            return draft.material, draft.quantity, None
        case _:
            assert_never(draft)


async def list_of(
    desk: Desk,
    caller: Caller,
    states: frozenset[State],
    site: str,
    limit: int,
    after: Cursor | None = None,
    *,
    is_own: bool = False,
) -> DraftList:
    """The newest drafts in these states (all where none is named) at this site (all where it is empty).

    Args:
        is_own: only those that the caller asked for.
    """
    most = MOST_COUNTED if site else limit
    found = await desk.proposals.list(
        caller,
        states=states or None,
        requester=caller.subject if is_own else None,
        limit=most + 1,
        before=(after.at, after.id) if after else None,
    )
    matching = [shown for shown in found[:most] if not site or site in shown.proposal.draft.sites]
    listed = matching[:limit]
    # Of a site's drafts a page may hold few, or none: the next one goes on after the last that was looked at.
    last = listed[-1] if len(matching) > limit else found[most - 1] if len(found) > most else None
    # Only what was read of every site and requester tells how many there are to confirm.
    is_waiting = states == _WAITING and not after and not is_own and most >= MOST_COUNTED
    waiting = found if is_waiting else await desk.proposals.list(caller, states=_WAITING, limit=MOST_COUNTED)
    return DraftList(
        next=str(Cursor(last.proposal.created_at, last.proposal.id)) if last else None,
        drafts=tuple([await shown_of(desk, shown) for shown in listed]),
        counts=await desk.counts(caller),
        to_confirm=sum("confirm" in shown.may for shown in waiting),
    )


async def detail_of(desk: Desk, caller: Caller, shown: Shown) -> DraftDetail:
    """The draft with its history, grounds and evidence."""
    steps = await desk.proposals.history(caller, shown.proposal.id)
    versions = await desk.proposals.versions(caller, shown.proposal.id)
    draft = shown.proposal.draft
    async with desk.store.reading(caller) as tx:
        came_late = await of_draft(tx, draft.site, shown.proposal.created_at)
    return DraftDetail.model_validate(
        {
            **await _members(desk, shown),
            "history": (
                *[await _step(desk, step) for step in steps],
                *await _in_the_erp(desk, caller, shown),
            ),
            "versions": tuple(VersionShown(id=str(each), version=number) for each, number in versions),
            "evidence": draft.grounds.evidence,
            "draft": draft,
            "came_late": came_late,
        }
    )


async def switches_of(desk: Desk) -> SwitchList:
    """What is switched off."""
    return SwitchList(
        off=tuple(
            [
                OffShown(
                    target=each.target.kind,
                    name=each.target.name,
                    what=_capital(said_of_policy(each.target.worded)),
                    by=await desk.name(each.changed_by),
                    since=each.changed_at,
                    reason=each.reason,
                )
                for each in await desk.switches.list()
                if each.is_off
            ]
        )
    )


def states_of(named: str | None) -> frozenset[State]:
    """The state of that name, as a set; empty where none is named.

    Raises:
        UsageError: there is no such state.
    """
    found = frozenset(state for state in STATES if state == named)
    if named is not None and not found:
        raise UsageError(f"{named!r} is no state; there are {', '.join(sorted(STATES))}")
    return found


async def shown_of(desk: Desk, shown: Shown) -> DraftShown:
    """The draft as it stands, for whoever it was read for."""
    return DraftShown.model_validate(await _members(desk, shown))


async def _members(desk: Desk, shown: Shown) -> dict[str, object]:
    proposal = shown.proposal
    draft = proposal.draft
    needed = shown.signatures
    return {
        "id": str(proposal.id),
        "series": str(proposal.series),
        "version": proposal.version,
        "digest": shown.digest,
        "kind": draft.kind,
        "summary": retold(summary_of(draft)),
        "site": draft.site,
        "sites": tuple(sorted(draft.sites)),
        "state": shown.state,
        "requester": proposal.requester,
        "requester_name": await desk.name(proposal.requester),
        "created_at": proposal.created_at,
        "expires_at": proposal.expires_at,
        "value": draft.value,
        "document_number": shown.document_number,
        "reason": _why(shown.state, shown.reason),
        "parts": tuple(
            PartOfDraft(
                name=each.name,
                state=each.state,
                document_number=each.document_number,
                waits_for=retold(each.waits_for),
            )
            for each in shown.parts
        ),
        "signatures": SignaturesShown(
            count=needed.count,
            roles=tuple(sorted(needed.roles)),
            requester_may=needed.requester_may,
            reason=said_of_policy(needed.reason),
        ),
        "signed": tuple(
            SignedShown(by=each.subject, name=each.name, at=each.signed_at, acting_for=each.acting_for)
            for each in shown.signed
        ),
        "escalated_at": shown.escalated_at,
        "may": tuple(sorted(shown.may)),
        "editable": editable_of(draft),
        "card": card_in_words(shown.card),
    }


async def _in_the_erp(desk: Desk, caller: Caller, shown: Shown) -> list[StepShown]:
    """What became of its requisition there, as it was read."""
    if shown.state != "executed" or shown.proposal.draft.kind != "purchase_requisition":
        return []
    number, site = shown.document_number, shown.proposal.draft.site
    async with desk.store.reading(caller) as tx:
        lines = await trail_of(Queries(tx), number, site)
    if not lines:
        return []
    at, by = max(line.read_at for line in lines), lines[0].order_system or lines[0].source_system
    return [
        StepShown(at=at, state=shown.state, what=made_visible(in_words(step, number)), by=by)
        for step in steps_of(lines)
    ]


async def _step(desk: Desk, step: Step) -> StepShown:
    return StepShown(
        at=step.at, state=step.state, what=_why(step.state, step.what), by=await desk.name(step.actor)
    )


def _why(state: State, text: str) -> str:
    """What became of it in words; a rejection has those of whoever rejected."""
    return text if state == "rejected" else retold(text)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
