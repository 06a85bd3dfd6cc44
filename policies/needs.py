"""What a draft is for, so that the same need is not drafted twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from psycopg.rows import class_row

from erp_adapters.caller import Caller
from policies.drafts.cancellation import CancellationDraft
from policies.drafts.floor import OrderHoldDraft, WorkOrderDraft
from policies.drafts.hold import HoldDraft
from policies.drafts.proposal import AnyDraft
from policies.drafts.published_text import PublishedTextDraft
from policies.drafts.redating import RedatingDraft
from policies.drafts.replanning import ReplanningDraft
from policies.drafts.requisition import RequisitionDraft
from policies.drafts.transfer import TransferDraft
from policies.register import PROPOSAL, Connection, ProposalRow
from policies.states import PENDING


@dataclass(frozen=True, slots=True)
class Need:
    """What a draft is for, so that the same need is not drafted twice."""

    keys: tuple[str, ...]
    first: date
    last: date


def need_of(draft: AnyDraft) -> Need:
    """What the draft is for: materials and days, stock, orders, or what is published or taken back."""
    match draft:
        case RequisitionDraft():
            days = [line.needed_on for line in draft.lines]
            materials = sorted({line.material.code for line in draft.lines})
            return Need(tuple(materials), min(days), max(days))
        case TransferDraft():
            return Need((draft.material.code,), draft.needed_on, draft.needed_on)
        case HoldDraft():
            location = draft.location.code if draft.location else ""
            return Need((f"{draft.material.code}\n{draft.batch or ''}\n{location}",), date.min, date.max)
        case ReplanningDraft():
            return Need(tuple(sorted(move.order for move in draft.moves)), date.min, date.max)
        case RedatingDraft():
            return Need((f"{draft.order}\n{draft.line}",), date.min, date.max)
        case PublishedTextDraft():
            return Need((draft.publication,), date.min, date.max)
        case WorkOrderDraft():
            return Need((draft.material.code,), draft.due_on, draft.due_on)
        case OrderHoldDraft():
            return Need((draft.order,), date.min, date.max)
        case CancellationDraft():
            return Need((draft.marker,), date.min, date.max)
        case _:
            assert_never(draft)


async def hold_need(connection: Connection, caller: Caller, draft: AnyDraft, need: Need) -> None:
    """One at a time for a requester, and for a need: what is pending or counted can't change meanwhile."""
    keys = [f"requester {caller.subject}", *(f"need {draft.kind} {draft.site} {key}" for key in need.keys)]
    for key in sorted(keys):
        await connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 12))", (key,))


async def pending_for(
    connection: Connection, draft: AnyDraft, need: Need, beside: UUID | None, now: datetime
) -> ProposalRow | None:
    """The draft that is under way for the same need, in another series than the one named."""
    async with connection.cursor(row_factory=class_row(ProposalRow)) as cursor:
        await cursor.execute(
            PROPOSAL + " where kind = %(kind)s and site = %(site)s and state = any(%(pending)s)"
            " and needs && %(needs)s::text[] and needed_from <= %(last)s and needed_to >= %(first)s"
            " and (state <> 'awaiting_confirmation' or expires_at > %(now)s)"
            " and series is distinct from %(beside)s order by created_at limit 1",
            {
                "kind": draft.kind,
                "site": draft.site,
                "pending": sorted(PENDING),
                "needs": list(need.keys),
                "first": need.first,
                "last": need.last,
                "now": now,
                "beside": beside,
            },
        )
        return await cursor.fetchone()
