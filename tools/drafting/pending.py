"""Drafts that wait or are on their way for the same material: supply that no plan knows yet."""

from __future__ import annotations

from dataclasses import dataclass

from policies.drafts.parts import Supply
from policies.drafts.proposal import Proposal
from policies.drafts.requisition import RequisitionDraft
from tools.drafting.names import seen
from tools.rows import Queries

_MOST = 10
# A person's own drafts that wait are the ones that they may be changing with this very sentence.
_PENDING = """
select p.digest, p.canonical, p.state, p.requester from app.proposal p
where p.kind = 'purchase_requisition' and p.site = %(site)s and %(code)s = any(p.needs)
  and (p.state in ('confirmed', 'dispatching', 'needs_reconciliation')
       or p.state = 'awaiting_confirmation' and p.expires_at > now() and p.requester <> %(asks)s)
order by p.created_at limit %(most)s
"""
_NOTES = {
    "awaiting_confirmation": "waits for its confirmation",
    "confirmed": "confirmed, about to be written",
    "dispatching": "being written",
    "needs_reconciliation": "perhaps written: a person has to look",
}


@dataclass(frozen=True, slots=True)
class _Row:
    digest: str
    canonical: bytes
    state: str
    requester: str


async def pending(queries: Queries, site: str, code: str) -> tuple[Supply, ...]:
    """What others' drafts would bring, and what is confirmed and not written yet, in the caller's scope."""
    asks = {"site": site, "code": code, "asks": queries.tx.caller.subject, "most": _MOST}
    found = []
    for row in await queries.rows(_Row, _PENDING, asks):
        draft = Proposal.model_validate_json(row.canonical).draft
        assert isinstance(draft, RequisitionDraft), "the statement names the kind"
        note = f"{_NOTES[row.state]}; asked for by {seen(row.requester)}"
        found += [
            Supply(
                kind="draft",
                number=row.digest.removeprefix("sha256:")[:8],
                quantity=line.quantity,
                due_on=line.needed_on,
                note=note,
            )
            for line in draft.lines
            if line.material.code == code
        ]
    return tuple(found)
