"""What a claim ends in: the state, the step, the outbox row and the record, in one transaction each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from erp_adapters.write import WritePort
from policies.asking import Decided
from policies.audit.event import AuditEvent, AuditTrail, EventKind
from policies.clock import Clock
from policies.execution import claim as claims
from policies.execution.claim import Claim, Fenced, Purpose
from policies.execution.outcome import certain_after
from policies.execution.parts import Part, numbers_of, told_of, whole_of
from policies.failpoints import Failpoint, Failpoints
from policies.recorded import decision_event
from policies.register import Connection, ProposalRow, Register, add_step, move, proposal_row
from policies.states import State

_EVENTS: Mapping[State, EventKind] = {
    "executed": "execution",
    "refused": "refusal",
    "partly_written": "execution",
    "superseded": "supersession",
    "expired": "expiry",
    "needs_reconciliation": "unknown_outcome",
}


class Settling:
    """Keeps what came of a claim; whatever another worker has claimed since is left alone."""

    def __init__(self, register: Register, trail: AuditTrail, clock: Clock, failpoints: Failpoints) -> None:
        self._register = register
        self._trail = trail
        self._clock = clock
        self._failpoints = failpoints

    async def sending(self, connection: Connection, claim: Claim, now: datetime) -> None:
        """Being sent from now on, within the transaction that says so.

        Raises:
            Fenced: it is not as it was.
        """
        if claim.state != "confirmed":
            return
        row = claim.row
        await claims.now_in(connection, claim, "dispatching", "", now)
        held = await proposal_row(connection, row.id) if claim.part else row
        if held is not None and held.state == "dispatching":
            return
        if not await move(connection, row.id, row.digest, "confirmed", "dispatching", now):
            raise Fenced("its state has changed")

    async def executed(self, claim: Claim, port: WritePort, number: str) -> State:
        """Executed; once every copy of the call must be visible, the ERP is looked at again."""
        sent_at = claim.sent_at or self._clock()
        return await self.end(
            claim, "executed", "", number=number, verify_at=max(sent_at, self._clock()) + certain_after(port)
        )

    async def end(
        self,
        claim: Claim,
        state: State,
        why: str,
        *,
        number: str = "",
        verify_at: datetime | None = None,
        decided: Sequence[Decided] = (),
    ) -> State:
        """Bring it to an end, and put that on record in the same transaction, after what policy said."""
        now = self._clock()
        async with self._register.working() as connection:
            await hold(connection, claim)
            if verify_at is None:
                await claims.close(connection, claim, now)
            else:
                await claims.put_off(connection, claim, verify_at, "", purpose="verify")
            await self._move(connection, claim, state, now, why, number, decided=decided)
            self._failpoints.reach(Failpoint.SETTLE_WRITTEN)
        self._failpoints.reach(Failpoint.SETTLED)
        return state

    async def doubtful(self, claim: Claim, why: str, *, search: bool = False) -> State:
        """Leave it to a person; the ERP is searched on where a document may still turn up."""
        now = self._clock()
        if claim.state == "confirmed":
            # Nothing was sent, so there is nothing to look for: it is kept otherwise than it was hashed.
            return await self.end(claim, "refused", why)
        async with self._register.working() as connection:
            await hold(connection, claim)
            if search:
                await claims.put_off(connection, claim, now + timedelta(minutes=1), "", purpose="search")
            else:
                await claims.close(connection, claim, now)
            if claim.state != "needs_reconciliation":
                await self._move(connection, claim, "needs_reconciliation", now, why, claim.document_number)
            self._failpoints.reach(Failpoint.SETTLE_WRITTEN)
        self._failpoints.reach(Failpoint.SETTLED)
        return "needs_reconciliation"

    async def back(self, claim: Claim, why: str) -> State:
        """Confirmed as before, since nothing was sent; due again after a while."""
        now = self._clock()
        async with self._register.working() as connection:
            await hold(connection, claim)
            due = now + backoff(claim)
            await claims.put_off(connection, claim, due, f"not sent: {why}", not_sent=True)
            await self._move(connection, claim, "confirmed", now, "", "", what=f"not sent: {why}")
        return "confirmed"

    async def unknown(self, claim: Claim, why: str, *, refusal: str | None = None) -> State:
        """Dispatching as before: the ERP is read back soon."""
        row, now = claim.row, self._clock()
        async with self._register.working() as connection:
            await claims.put_off(connection, claim, now + timedelta(seconds=1), why, refusal=refusal)
            await add_step(
                connection, row.id, now, "system", "dispatching", of_part(claim, f"outcome unknown: {why}")
            )
            await self.record(connection, claim, "unknown_outcome", now, {"why": why, "call": claim.sent})
        return "dispatching"

    async def wait(self, claim: Claim, why: str, wait: timedelta, *, purpose: Purpose = "send") -> State:
        """As it was, and due again later."""
        async with self._register.working() as connection:
            await claims.put_off(connection, claim, self._clock() + wait, why, purpose=purpose)
        return claim.state

    async def let_go(self, claim: Claim) -> State:
        """As it was, and nothing more is due."""
        async with self._register.working() as connection:
            await claims.close(connection, claim, self._clock())
        return claim.state

    async def _move(
        self,
        connection: Connection,
        claim: Claim,
        to: State,
        now: datetime,
        why: str,
        number: str,
        *,
        what: str = "",
        decided: Sequence[Decided] = (),
    ) -> None:
        row = claim.row
        parts = await claims.now_in(connection, claim, to, number, now)
        if claim.part:
            whole = whole_of([part.state for part in parts])
            await self._whole(connection, row, parts, whole, now, of_part(claim, why) if why else "")
        else:
            whole = to
            if not await move(connection, row.id, row.digest, row.state, to, now, reason=why, number=number):
                raise Fenced("its state has changed")
        await add_step(
            connection,
            row.id,
            now,
            "system",
            whole,
            of_part(claim, what or why or number or to) if claim.part else what or why or number,
        )
        payload: dict[str, object] = {"from": claim.state, "to": to, "number": number, "why": why or what}
        await self.record(
            connection, claim, _EVENTS.get(to, "dispatch"), now, {**payload, "fence": claim.fence}, decided
        )

    async def _whole(
        self,
        connection: Connection,
        row: ProposalRow,
        parts: Sequence[Part],
        whole: State,
        now: datetime,
        why: str,
    ) -> None:
        """Bring a proposal of several parts to where they are; its row is held."""
        held = await proposal_row(connection, row.id)
        assert held is not None, "proposals are kept"
        if held.state == whole:
            return
        reason, number = "", ""
        if whole not in ("confirmed", "dispatching"):
            reason, number = told_of(parts, why), numbers_of(parts)
        if not await move(
            connection, row.id, row.digest, held.state, whole, now, reason=reason, number=number
        ):
            raise Fenced("its state has changed")

    async def record(
        self,
        connection: Connection,
        claim: Claim,
        kind: EventKind,
        now: datetime,
        payload: dict[str, object],
        decided: Sequence[Decided] = (),
    ) -> None:
        """Put it on record, last in the transaction; before it what policy said, about each person."""
        row = claim.row
        if claim.part:
            payload = {**payload, "part": claim.part}
        payload |= cancels(row)
        event = AuditEvent(
            kind,
            now,
            "system",
            row.requester,
            {"digest": row.digest, **payload},
            proposal=str(row.id),
            site=row.site,
        )
        asked = [
            decision_event(said, actor="system", proposal=str(row.id), site=row.site, digest=row.digest)
            for said in decided
        ]
        await self._trail.append_in(connection, [*asked, event])


def cancels(row: ProposalRow) -> dict[str, str]:
    """The marker of what a proposal takes back, for the record; empty where it takes nothing back."""
    return {"cancels": json.loads(row.canonical)["draft"]["marker"]} if row.kind == "cancellation" else {}


async def hold(connection: Connection, claim: Claim) -> None:
    """Let nobody else change a proposal of several parts until the transaction ends.

    Taken before any outbox row, so that two workers with parts of one proposal never wait for each other.
    """
    if claim.part:
        await proposal_row(connection, claim.row.id, lock=True)


def of_part(claim: Claim, what: str) -> str:
    """What happened, with the part that it happened to."""
    return f"{claim.part}: {what}" if claim.part else what


def backoff(claim: Claim) -> timedelta:
    """1 s, 2 s, 4 s ... 30 s."""
    return timedelta(seconds=min(30, 2 ** min(claim.attempts, 5)))
