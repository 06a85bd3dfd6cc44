"""What became of a draft by the ERP's own tables: how many documents, of how many calls, and which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import psycopg

from erp_adapters.demo.erp.mapping import posted_of
from policies.drafts.proposal import Proposal

_Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

OVER = frozenset({"executed", "refused", "rejected", "expired", "superseded", "needs_reconciliation"})
"""States in which a draft is done, or in which a person sees that there is something to do."""


@dataclass(frozen=True, slots=True)
class Count:
    """A draft as the program has it, and its documents as the ERP has them."""

    state: str
    is_settled: bool
    """Nothing will be done with it any more unless a person does it."""
    documents: int
    calls: int
    """Calls of the program that a document came of; the network may make several documents of one."""
    problems: tuple[str, ...]


def count(app: _Connection, erp: _Connection, proposal_id: UUID) -> Count:
    """Count at both sides, and say what must not be."""
    row = app.execute(
        "select p.state, p.canonical, p.marker, p.document_number,"
        " o.done_at is not null or o.proposal is null"
        " from app.proposal p left join app.outbox o on o.proposal = p.id where p.id = %s",
        (proposal_id,),
    ).fetchone()
    if row is None:
        return Count("gone", True, 0, 0, ("the proposal is gone",))
    state, canonical, marker, number, settled = row
    found = erp.execute(
        "select demo_erp.document_of(doc_no), delivery from demo_erp.document where marker = %s"
        " order by posted_at, doc_no",
        (marker,),
    ).fetchall()
    proposal = Proposal.model_validate_json(canonical)
    shown = proposal.draft.document(proposal.requester)
    documents = [posted_of(document) for document, _ in found]
    calls = len({delivery for _, delivery in found})
    problems = []
    if calls > 1:
        problems.append(f"written by {calls} calls")
    match state:
        case "executed":
            if not documents:
                problems.append("lost: executed, and the ERP has nothing")
            elif len(documents) > 1:
                problems.append(f"executed, and the ERP has {len(documents)} documents")
            elif documents[0].document != shown:
                problems.append("executed, and the ERP has something else than was shown")
            elif documents[0].number != number:
                problems.append(f"executed as {number!r}, and the ERP has {documents[0].number!r}")
        case "needs_reconciliation":
            pass
        case "refused" | "rejected" | "expired" | "superseded" | "awaiting_confirmation":
            if documents:
                problems.append(f"{state}, and the ERP has {len(documents)} documents")
        case _:
            problems.append(f"stuck: still {state}")
    return Count(state, bool(settled), len(documents), calls, tuple(problems))


def strays(app: _Connection, erp: _Connection) -> tuple[str, ...]:
    """Documents that nobody confirmed."""
    confirmed = {
        marker for (marker,) in app.execute("select marker from app.proposal where confirmed_at is not null")
    }
    return tuple(
        f"document {number} carries {marker!r}, which nobody confirmed"
        for number, marker in erp.execute("select doc_no, marker from demo_erp.document")
        if marker not in confirmed
    )
