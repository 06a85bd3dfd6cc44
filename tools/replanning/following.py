"""What follows a draft of moves that was written: its rest, or the way back. Each is a draft of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from policies.drafts.parts import Grounds
from policies.drafts.proposal import Proposal
from policies.drafts.replanning import Dates, OrderMoved, ReplanningDraft
from tools.drafting.parts import ages, relied_on
from tools.errors import ToolError
from tools.languages import said
from tools.naming import site_by_code
from tools.rows import Queries

FollowUp: TypeAlias = Literal["rest", "undo"]
"""`rest`: what was not written; `undo`: back to the dates that were before."""


@dataclass(frozen=True, slots=True)
class _Earlier:
    id: str
    state: str
    canonical: bytes


@dataclass(frozen=True, slots=True)
class _Part:
    part: str
    state: str


@dataclass(frozen=True, slots=True)
class _Order:
    order_id: str
    start_on: date | None
    due_on: date | None


_EARLIER = """
select p.id::text as id, p.state, p.canonical from app.proposal p
where p.kind = 'order_rescheduling' and right(p.id::text, length(%(draft)s)) = lower(%(draft)s)
order by p.created_at desc limit 2
"""
_PARTS = "select o.part, o.state from app.outbox o where o.proposal = %(id)s::uuid order by o.nth"
_ORDERS = """
select order_id, start_on, due_on from erp.production_order
where site = %(site)s and order_id = any(%(orders)s)
"""
_ENDED = frozenset({"executed", "partly_written", "refused", "superseded", "expired"})


async def followed(queries: Queries, draft: str, what: FollowUp) -> tuple[ReplanningDraft, date]:
    """The draft that follows, and the site's day.

    Raises:
        ToolError: there is no such draft, it is not decided what of it is written, or nothing is left to do.
    """
    earlier = await _earlier(queries, draft)
    short = earlier.id[-8:]
    before = Proposal.model_validate_json(earlier.canonical).draft
    assert isinstance(before, ReplanningDraft), "the statement names the kind"
    if earlier.state not in _ENDED:
        raise ToolError(
            said(
                "it is not decided what of draft [[draft]] is written ([[state]]); ask again once it is",
                draft=short,
                state=earlier.state.replace("_", " "),
            )
        )
    parts = await queries.rows(_Part, _PARTS, {"id": earlier.id})
    written = {one.part for one in parts if one.state == "executed"}
    moves = [one for one in before.moves if (one.order in written) == (what == "undo")]
    if not moves:
        raise ToolError(
            said("nothing of draft [[draft]] was written", draft=short)
            if what == "undo"
            else said("draft [[draft]] is written as a whole", draft=short)
        )
    site = await site_by_code(queries.tx, before.site)
    orders = {
        one.order_id: one
        for one in await queries.rows(
            _Order, _ORDERS, {"site": before.site, "orders": [one.order for one in moves]}
        )
    }
    changed = [_again(one, orders.get(one.order), site.today, what) for one in moves]
    told, stale = await ages(queries, (before.site,))
    later = [
        f"Order {one.order} cannot go back behind today: it starts on {one.after.start_on}."
        for one, old in zip(changed, moves, strict=True)
        if what == "undo" and one.after.start_on != old.before.start_on
    ]
    event = f"{'Takes back' if what == 'undo' else 'The rest of'} draft {short}: {before.event}"
    return (
        ReplanningDraft(
            site=before.site,
            zone=before.zone,
            now=await _now(queries, before),
            event=event,
            way=None,
            moves=tuple(changed),
            currency=before.currency,
            relaxed=tuple(later),
            follows=earlier.id,
            note=event,
            grounds=Grounds(
                why=(
                    "Back to the days that the orders had before; their times are left to the shop floor."
                    if what == "undo"
                    else "As it was confirmed, for the orders that were not written.",
                ),
                without_it="The orders stay as the ERP has them now.",
                freshness=told,
                flags=stale,
                facts=await relied_on(
                    queries, before.site, [("production_order", (one.order,)) for one in changed]
                ),
            ),
        ),
        site.today,
    )


async def _now(queries: Queries, before: ReplanningDraft) -> datetime:
    found = await queries.tx.fetch(
        "select coalesce(as_of, now()) from erp.site where site = %(site)s", {"site": before.site}
    )
    now = found.rows[0][0]
    assert isinstance(now, datetime), "the column is a moment"
    return now.astimezone(ZoneInfo(before.zone))


async def _earlier(queries: Queries, draft: str) -> _Earlier:
    found = await queries.rows(_Earlier, _EARLIER, {"draft": draft})
    if len(found) == 1:
        return found[0]
    raise ToolError(
        said("[[draft]] ends the ids of several drafts of moves; give more of it", draft=repr(draft))
        if found
        else said("there is no draft of moves [[draft]] at your sites", draft=repr(draft))
    )


def _again(move: OrderMoved, order: _Order | None, today: date, what: FollowUp) -> OrderMoved:
    if order is None:
        raise ToolError(said("work order [[order]] is not there any more", order=move.order))
    wanted = move.before if what == "undo" else move.after
    start, due = wanted.start_on or today, wanted.due_on or today
    # No system moves an order into the past; what has begun keeps its start.
    start = start if start == order.start_on else max(start, today)
    due = due if due == order.due_on else max(due, today, start)
    now = move.after if what == "undo" else move.before
    after = Dates(start_on=min(start, due), due_on=due)
    if what == "rest":
        after = move.after.model_copy(update={"start_on": min(start, due), "due_on": due})
    return OrderMoved(
        order=move.order,
        material=move.material,
        before=now.model_copy(update={"start_on": order.start_on, "due_on": order.due_on}),
        after=after,
    )
