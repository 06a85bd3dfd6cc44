"""What became of a draft by the ERP's own tables: how many documents, of how many calls, and which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import psycopg

from erp_adapters.demo.erp.mapping import posted_of
from erp_adapters.records import Cancellation, Writing
from policies.drafts.proposal import Proposal, documents_of

_Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

OVER = frozenset(
    {"executed", "partly_written", "refused", "rejected", "expired", "superseded", "needs_reconciliation"}
)
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
        "select p.state, p.canonical, p.marker, p.document_number, p.parts, p.markers, not exists"
        " (select from app.outbox o where o.proposal = p.id and o.done_at is null)"
        " from app.proposal p where p.id = %s",
        (proposal_id,),
    ).fetchone()
    if row is None:
        return Count("gone", True, 0, 0, ("the proposal is gone",))
    state, canonical, marker, number, parts, markers, settled = row
    proposal = Proposal.model_validate_json(canonical)
    shown = dict(documents_of(proposal.draft, proposal.requester))
    states: dict[str, str] = dict(
        app.execute(
            "select part, (state, document_number)::text from app.outbox where proposal = %s", (proposal_id,)
        ).fetchall()
    )
    found = []
    for part, mark in zip(parts or [""], markers or [marker], strict=True):
        of_part, named = (state, number) if not part else _pair(states.get(part, f"({state},)"))
        found.append(_of_part(erp, of_part, shown[part], mark, named, part))
    if set(parts) != set(shown) - {""}:
        found.append(_Found(0, 0, ("its parts are not the orders that were shown",)))
    if parts and (amiss := _whole(state, [_pair(one)[0] for one in states.values()])):
        found.append(_Found(0, 0, (amiss,)))
    return Count(
        state,
        bool(settled),
        max(one.documents for one in found),
        max(one.calls for one in found),
        tuple(problem for one in found for problem in one.problems),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    documents: int
    calls: int
    problems: tuple[str, ...]


def _pair(text: str) -> tuple[str, str]:
    state, _, number = text.strip("()").partition(",")
    return state, number.strip('"')


def _whole(state: str, parts: Sequence[str]) -> str:
    """What of a proposal's state its parts do not bear out; empty where all is well."""
    written, doubtful = parts.count("executed"), parts.count("needs_reconciliation")
    if not parts or state == "awaiting_confirmation":
        return ""
    if doubtful:
        wanted = "needs_reconciliation"
    elif written == len(parts):
        wanted = "executed"
    elif written:
        wanted = "partly_written"
    else:
        return f"{state}, and no part is written" if state in ("executed", "partly_written") else ""
    return "" if state == wanted else f"{state}, and {written} of {len(parts)} parts are written"


def _taken_back(erp: _Connection, state: str, shown: Cancellation, number: str) -> _Found:
    """A document that was to be cancelled: whether it is, by how many calls."""
    found = erp.execute(
        "select doc_no, cancelled_at is not null, (select count(distinct delivery) from demo_erp.cancelling c"
        " where c.doc_no = d.doc_no) from demo_erp.document d where marker = %s",
        (shown.marker,),
    ).fetchall()
    cancelled = [str(document) for document, is_cancelled, _ in found if is_cancelled]
    calls = max((int(calls) for _, _, calls in found), default=0)
    problems = [f"cancelled by {calls} calls"] if calls > 1 else []
    match state:
        case "executed" if cancelled != [number]:
            problems.append(f"lost: taken back as {number!r}, and the ERP has cancelled {cancelled}")
        case "executed" | "needs_reconciliation":
            pass
        case "refused" | "rejected" | "expired" | "superseded" | "awaiting_confirmation":
            if cancelled:
                problems.append(f"{state}, and the ERP has cancelled {cancelled}")
        case _:
            problems.append(f"stuck: still {state}")
    return _Found(len(cancelled), calls, tuple(problems))


def _of_part(erp: _Connection, state: str, shown: Writing, marker: str, number: str, part: str) -> _Found:
    if isinstance(shown, Cancellation):
        return _taken_back(erp, state, shown, number)
    found = erp.execute(
        "select demo_erp.document_of(doc_no), delivery from demo_erp.document where marker = %s"
        " order by posted_at, doc_no",
        (marker,),
    ).fetchall()
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
    return _Found(len(documents), calls, tuple(f"{part}: {one}" if part else one for one in problems))


def strays(app: _Connection, erp: _Connection) -> tuple[str, ...]:
    """Documents that nobody confirmed."""
    confirmed = {
        marker
        for (marker,) in app.execute(
            "select unnest(array_append(markers, marker)) from app.proposal where confirmed_at is not null"
        )
    }
    taken_back = {
        marker
        for (marker,) in app.execute(
            "select needs[1] from app.proposal where kind = 'cancellation' and confirmed_at is not null"
        )
    }
    unasked = erp.execute("select doc_no, marker from demo_erp.document where cancelled_at is not null")
    return tuple(
        f"document {number} is cancelled, which nobody confirmed"
        for number, marker in unasked.fetchall()
        if marker not in taken_back
    ) + tuple(
        f"document {number} carries {marker!r}, which nobody confirmed"
        for number, marker in erp.execute("select doc_no, marker from demo_erp.document")
        if marker not in confirmed
    )
