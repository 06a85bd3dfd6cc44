"""Claims: one worker at a time holds an outbox row, and every later change names the fence of its claim."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, LiteralString, TypeAlias
from uuid import UUID

from erp_adapters.errors import CopilotError
from policies.execution.parts import Part, parts_of
from policies.register import Connection, ProposalRow, proposal_row, rows
from policies.states import State

Purpose: TypeAlias = Literal["send", "verify", "search"]
"""`send`: bring it to the ERP; `verify`: look once more when every copy must be visible; `search`: look for
what a person is asked about."""


class Fenced(CopilotError):
    """Another worker has claimed the row since: nothing more is done under this claim."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on one outbox row: on the one document of a proposal, or on one of several."""

    row: ProposalRow
    fence: int
    nth: int
    part: str
    """Name of the part; empty where the proposal is one document."""
    marker: str
    """Stands in the part's document."""
    state: State
    """Of the part; that of the proposal where it is one document."""
    document_number: str
    purpose: Purpose
    sent_at: datetime | None
    """When the last call may have begun; None where certainly none is out."""
    sent: int
    """How many calls may have been made."""
    attempts: int
    """How often it was put off."""
    refusal: str
    """What the system said to a repeated call."""


_DUE: LiteralString = (
    "w.done_at is null and w.due_at <= %(now)s and (w.lease_until is null or w.lease_until <= %(now)s)"
    " and (w.state <> 'confirmed' or not exists (select from app.outbox b where b.proposal = w.proposal"
    " and b.nth < w.nth and b.state in ('confirmed', 'dispatching')))"
)


async def take(
    connection: Connection, proposal: UUID, worker: str, now: datetime, lease: timedelta
) -> Claim | None:
    """The claim, where a row is due and nobody else's: of several the first.

    A part is sent once those before it are in the ERP: where one is not, the others are not what was
    confirmed.
    """
    taken = await rows(
        connection,
        "update app.outbox o set fence = fence + 1, claimed_by = %(worker)s, lease_until = %(until)s"
        f" from (select proposal, nth from app.outbox w where w.proposal = %(proposal)s and {_DUE}"
        " order by nth limit 1 for update) due where (o.proposal, o.nth) = (due.proposal, due.nth)"
        " returning o.fence, o.nth, o.part, o.marker, o.state, o.document_number, o.purpose, o.sent_at,"
        " o.sent, o.attempts, o.refusal",
        {"worker": worker, "until": now + lease, "proposal": proposal, "now": now},
    )
    if not taken:
        return None
    row = await proposal_row(connection, proposal)
    assert row is not None, "an outbox row refers to its proposal"
    return Claim(row, **taken[0])


async def mark_sent(connection: Connection, claim: Claim, now: datetime, lease: timedelta) -> None:
    """Write down that a call may begin from now on.

    Raises:
        Fenced: another worker has claimed it.
    """
    await _change(
        connection, claim, "sent_at = %(now)s, sent = sent + 1, lease_until = %(until)s, why = ''",
        {"now": now, "until": now + lease},
    )  # fmt: skip


async def put_off(
    connection: Connection,
    claim: Claim,
    due_at: datetime,
    why: str,
    *,
    purpose: Purpose = "send",
    refusal: str | None = None,
    not_sent: bool = False,
) -> None:
    """Let go of the row until later.

    Raises:
        Fenced: another worker has claimed it.
    """
    await _change(
        connection,
        claim,
        "lease_until = null, claimed_by = '', attempts = attempts + 1, due_at = %(due)s, why = %(why)s,"
        " purpose = %(purpose)s, refusal = coalesce(%(refusal)s, refusal),"
        " sent_at = case when %(not_sent)s then null else sent_at end,"
        " sent = sent - case when %(not_sent)s then 1 else 0 end",
        {"due": due_at, "why": why, "purpose": purpose, "refusal": refusal, "not_sent": not_sent},
    )


async def close(connection: Connection, claim: Claim, now: datetime) -> None:
    """Be done with the row for good.

    Raises:
        Fenced: another worker has claimed it.
    """
    await _change(
        connection, claim, "lease_until = null, claimed_by = '', why = '', done_at = %(now)s", {"now": now}
    )


async def now_in(
    connection: Connection, claim: Claim, state: State, number: str, now: datetime
) -> tuple[Part, ...]:
    """Every part of the proposal, once this one is in that state.

    Where it ends otherwise than written, those that wait end too: they are not sent.

    Raises:
        Fenced: another worker has claimed it.
    """
    await _change(
        connection, claim, "state = %(state)s, document_number = %(number)s",
        {"state": state, "number": number},
    )  # fmt: skip
    if state not in ("confirmed", "dispatching", "executed"):
        await connection.execute(
            "update app.outbox set state = %(state)s, done_at = %(now)s, lease_until = null, claimed_by = '',"
            " why = '', fence = fence + 1 where proposal = %(proposal)s and state = 'confirmed'",
            {
                "state": "refused" if state == "needs_reconciliation" else state,
                "now": now,
                "proposal": claim.row.id,
            },
        )
    return await parts_of(connection, claim.row.id)


async def _change(connection: Connection, claim: Claim, changes: str, params: dict[str, object]) -> None:
    done = await connection.execute(
        f"update app.outbox set {changes} where proposal = %(proposal)s and nth = %(nth)s"
        " and fence = %(fence)s".encode(),
        {**params, "proposal": claim.row.id, "nth": claim.nth, "fence": claim.fence},
    )
    if done.rowcount != 1:
        raise Fenced(f"another worker goes on with proposal {str(claim.row.id)!r}")


async def due(connection: Connection, now: datetime, limit: int = 100) -> tuple[UUID, ...]:
    """Proposals whose outbox rows wait for a worker, the longest first."""
    return tuple(
        row["proposal"]
        for row in await rows(
            connection,
            f"select proposal from app.outbox w where {_DUE} group by proposal order by min(due_at)"
            " limit %(limit)s",
            {"now": now, "limit": limit},
        )
    )
