"""Several documents of one confirmation: where each stands, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from policies.register import Connection, rows
from policies.states import State


@dataclass(frozen=True, slots=True)
class Part:
    """One document of a proposal that has several."""

    name: str
    state: State
    document_number: str


async def parts_of(connection: Connection, proposal: UUID) -> tuple[Part, ...]:
    """The parts of a confirmed proposal, in their order."""
    found = await rows(
        connection,
        "select part, state, document_number from app.outbox where proposal = %(proposal)s order by nth",
        {"proposal": proposal},
    )
    return tuple(Part(row["part"], row["state"], row["document_number"]) for row in found)


def whole_of(parts: Sequence[State]) -> State:
    """Where a proposal is whose parts are there: executed only where all of them are."""
    found = frozenset(parts)
    if found == {"confirmed"}:
        return "confirmed"
    if found & {"confirmed", "dispatching"}:
        return "dispatching"
    if "needs_reconciliation" in found:
        return "needs_reconciliation"
    if found == {"executed"}:
        return "executed"
    if "executed" in found:
        return "partly_written"
    # Nothing was written. Whatever ended the first ended the others.
    return next(state for state in ("refused", "superseded", "expired") if state in found)


def told_of(parts: Sequence[Part], why: str) -> str:
    """How many are written, which are not, and why; empty where all are."""
    written = [part.name for part in parts if part.state == "executed"]
    doubtful = [part.name for part in parts if part.state == "needs_reconciliation"]
    missing = [part.name for part in parts if part.state not in ("executed", "needs_reconciliation")]
    if not written and not doubtful:
        return why
    if len(written) == len(parts):
        return ""
    told = [f"written: {len(written)} of {len(parts)} ({', '.join(written) or 'none'})"]
    if doubtful:
        told.append(f"perhaps written: {', '.join(doubtful)}")
    if missing:
        told.append(f"not written: {', '.join(missing)}")
    return "; ".join(told) + (f". {why}" if why else "")


def numbers_of(parts: Sequence[Part]) -> str:
    """The numbers of the documents that are there, as one text."""
    numbers = [part.document_number for part in parts if part.document_number]
    if len(numbers) <= 3:
        return ", ".join(numbers)
    return f"{numbers[0]} and {len(numbers) - 1} more"
