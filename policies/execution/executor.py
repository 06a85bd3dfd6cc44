"""The executor: writes what was confirmed to the ERP, at most once, and finds out what became of it."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import TypeAlias, assert_never
from uuid import UUID

from erp_adapters.errors import ConfirmationInvalid, CopilotError, SwitchedOff
from erp_adapters.records import FLOOR_KINDS, Cancellation, Writing
from erp_adapters.tracing import span
from erp_adapters.write import WritePort
from policies.audit.event import AuditTrail
from policies.clock import Clock, now_utc
from policies.deciding import Policy
from policies.drafts.proposal import Proposal, documents_of
from policies.execution import claim as claims
from policies.execution.cancelling import CancelledBefore, stands
from policies.execution.claim import Claim, Fenced
from policies.execution.marker import marker_of
from policies.execution.outcome import (
    NotSent,
    Outcome,
    Posted,
    Refused,
    Unknown,
    call,
    certain_after,
    documents,
)
from policies.execution.readback import AsSent, NotAsSent, NothingThere, differences, judge
from policies.execution.recheck import TOO_LATE, Cleared, Held, Rechecker, Stopped, too_late
from policies.execution.settling import Settling, backoff, hold, of_part
from policies.execution.sweeping import Sweeper
from policies.facts import Facts
from policies.failpoints import Failpoint, Failpoints, NoFailpoints
from policies.people import People
from policies.register import Register, add_step, proposal_row
from policies.showing import proposal_of
from policies.states import State
from policies.switches import check_switches

Ports: TypeAlias = Mapping[str, WritePort]
"""The write port of each site."""
Written: TypeAlias = Callable[[], Awaitable[None]]
"""What is done where a document has come into being, such as reading it back for the next question."""
Ended: TypeAlias = Callable[[State], None]
"""Told in which state a proposal was left."""

_log = logging.getLogger(__name__)
_MOST_CALLS = 5
"""Calls for one confirmation, where the system rejects duplicates; then a person decides."""
_AT_ONCE = 4
"""How many a sweep brings further at the same time."""
_MARGIN = timedelta(seconds=5)
"""What a claim lasts beyond the calls that it is for."""
_SEARCHED = timedelta(days=7)
"""How long the ERP is searched for a document that a person has to find."""


class Executor:
    """Brings confirmed proposals to the ERP; any number of them may run, in any number of processes."""

    def __init__(
        self,
        register: Register,
        ports: Ports,
        *,
        policy: Policy,
        trail: AuditTrail,
        facts: Facts,
        people: People,
        clock: Clock = now_utc,
        failpoints: Failpoints | None = None,
        worker: str = "",
        stopwatch: Callable[[], float] = time.monotonic,
        written: Written | None = None,
        ended: Ended | None = None,
        floors: Ports | None = None,
    ) -> None:
        self._register = register
        self._ports = ports
        self._floors = floors or {}
        self._clock = clock
        self._failpoints = failpoints or NoFailpoints()
        self._worker = worker or f"{socket.gethostname()}:{os.getpid()}"
        self._stopwatch = stopwatch
        self._written = written
        self._ended = ended
        self._rechecker = Rechecker(register, policy, facts, people)
        self._sweeper = Sweeper(register, trail, clock)
        self._settling = Settling(register, trail, clock, self._failpoints)

    @classmethod
    async def open(
        cls,
        dsn: str,
        ports: Ports,
        *,
        policy: Policy,
        trail: AuditTrail,
        facts: Facts,
        people: People,
        clock: Clock = now_utc,
        failpoints: Failpoints | None = None,
        worker: str = "",
        written: Written | None = None,
        ended: Ended | None = None,
        floors: Ports | None = None,
    ) -> Executor:
        """An executor behind the worker's login (`plantwright_worker`); a context manager.

        Args:
            written: called after each document that the ERP has, outside of every transaction.
            ended: told the state in which a proposal was left, each time that something was due.
            floors: the write port of each site's MES, which takes what concerns its shop floor.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return cls(
            await Register.open(dsn),
            ports,
            policy=policy,
            trail=trail,
            facts=facts,
            people=people,
            clock=clock,
            failpoints=failpoints,
            worker=worker,
            written=written,
            ended=ended,
            floors=floors,
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._register.close()

    async def __aenter__(self) -> Executor:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def run(self, proposal: UUID) -> State | None:
        """Do what is due for a confirmed proposal; its state then, or None where nothing was due.

        Raises:
            AuditUnavailable: what happens could not be put on record; a later run goes on from what is.
            StoreUnavailable: the database does not answer.
        """
        state: State | None = None
        has_written = False
        while (done := await self._run_one(proposal)) is not None:
            claim, state = done
            has_written |= state == "executed"
            # Of several documents the next may be sent now.
            goes_on = bool(claim.part) and state == "executed"
            if claim.part:
                state = await self._whole(claim, state)
            if not goes_on:
                break
        if state is None:
            return None
        if self._ended is not None:
            self._ended(state)
        if has_written and self._written is not None:
            try:
                await self._written()
            except CopilotError as error:
                # The document is there and on record; only what is told of it later would be older.
                _log.warning("proposal %s is executed; what follows from it failed: %s", proposal, error)
        return state

    async def _run_one(self, proposal: UUID) -> tuple[Claim, State] | None:
        """Do what is due for one document of it; the state of that document."""
        async with self._register.working() as connection:
            claim = await claims.take(connection, proposal, self._worker, self._clock(), _MARGIN)
        if claim is None:
            return None
        self._failpoints.reach(Failpoint.CLAIMED)
        try:
            with span("execution", proposal=str(proposal)) as seen:
                state = await self._go_on(claim)
                seen.note("state", state)
        except Fenced:
            _log.info("another worker goes on with proposal %s", proposal)
            return None
        return claim, state

    async def _whole(self, claim: Claim, state: State) -> State:
        async with self._register.working() as connection:
            row = await proposal_row(connection, claim.row.id)
        return row.state if row is not None else state

    async def sweep(self) -> int:
        """Do everything that is due: expiries, escalations, outbox rows without a worker; how many rows."""
        await self._sweeper.sweep()
        self._failpoints.reach(Failpoint.SWEPT)
        async with self._register.working() as connection:
            waiting = await claims.due(connection, self._clock())
        room = asyncio.Semaphore(_AT_ONCE)
        for outcome in await asyncio.gather(
            *(self._run_in(room, proposal) for proposal in waiting), return_exceptions=True
        ):
            # A fault of the program surfaces once the others have had their turn.
            if isinstance(outcome, BaseException):
                raise outcome
        return len(waiting)

    async def _run_in(self, room: asyncio.Semaphore, proposal: UUID) -> None:
        async with room:
            try:
                await self.run(proposal)
            except CopilotError as error:
                # Its lease ends, and it is due again.
                _log.warning("proposal %s could not be brought further: %s", proposal, error)

    async def _go_on(self, claim: Claim) -> State:
        row = claim.row
        if claim.state not in ("confirmed", "dispatching", "executed", "refused", "needs_reconciliation"):
            return await self._settling.let_go(claim)
        try:
            proposal = proposal_of(row)
            sent = dict(documents_of(proposal.draft, row.requester))
            if claim.part not in sent or claim.marker != marker_of(row.id, row.digest, claim.part):
                raise ConfirmationInvalid("its marker is not the one that belongs to its digest")
        except ConfirmationInvalid as error:
            return await self._settling.doubtful(claim, str(error))
        port = (self._floors if row.kind in FLOOR_KINDS else self._ports).get(row.site)
        if port is None:
            if claim.state == "confirmed" and too_late(row, self._clock()):
                return await self._settling.end(claim, "expired", TOO_LATE)
            why = f"no connected system takes documents of the site {row.site!r} here"
            return await self._settling.wait(claim, why, timedelta(seconds=30), purpose=claim.purpose)
        document = sent[claim.part]
        match claim.state:
            case "confirmed":
                return await self._send(claim, proposal, port, document)
            case "dispatching":
                return await self._look(claim, proposal, port, document)
            case _:
                return await self._search(claim, port, document)

    async def _send(self, claim: Claim, proposal: Proposal, port: WritePort, document: Writing) -> State:
        """Look again, put on record that a call follows, call, and keep what came of it."""
        row = claim.row
        look = await self._rechecker.look(row, proposal, self._clock(), claim.part)
        self._failpoints.reach(Failpoint.RECHECKED)
        match look:
            case Held(why):
                return await self._settling.wait(claim, why, backoff(claim))
            case Stopped(state, why, decided):
                return await self._settling.end(claim, state, why, decided=decided)
            case Cleared():
                pass
            case _:
                assert_never(look)
        if isinstance(document, Cancellation):
            match await stands(port, document):
                case NotSent(why):
                    return await self._settling.wait(claim, why, backoff(claim))
                case CancelledBefore(number) if claim.sent:
                    return await self._settling.executed(claim, port, number)
                case CancelledBefore(number):
                    why = f"document {number} is cancelled in {port.traits.system} already, and not from here"
                    return await self._settling.end(claim, "refused", why)
                case Refused(why):
                    return await self._settling.end(claim, "refused", why, decided=look.decided)
                case None:
                    pass
        try:
            claim = await self._dispatch(claim, look, port)
        except SwitchedOff as off:
            return await self._settling.wait(claim, str(off), backoff(claim))
        begun = self._stopwatch()
        self._failpoints.reach(Failpoint.DISPATCHED)
        if self._stopwatch() - begun > port.traits.call_time.total_seconds():
            # The process was stopped in between: by now another may have read back that nothing is there.
            outcome: Outcome = NotSent("the worker was held up before the call")
        else:
            outcome = await call(port, document, claim.marker)
        self._failpoints.reach(Failpoint.CALLED)
        return await self._keep(claim, port, document, outcome)

    async def _dispatch(self, claim: Claim, cleared: Cleared, port: WritePort) -> Claim:
        """The claim with a call that may begin; on record before it does."""
        row, now = claim.row, self._clock()
        async with self._register.working() as connection:
            await hold(connection, claim)
            await claims.mark_sent(connection, claim, now, 2 * port.traits.call_time + _MARGIN)
            # Once more, in the transaction after which nothing can be taken back.
            await check_switches(connection, row.sites, row.tool, row.kind)
            await self._settling.sending(connection, claim, now)
            await add_step(
                connection, row.id, now, "system", "dispatching", of_part(claim, f"call {claim.sent + 1}")
            )
            await self._settling.record(
                connection,
                claim,
                "dispatch",
                now,
                {
                    "system": port.traits.system,
                    "marker": claim.marker,
                    "call": claim.sent + 1,
                    "fence": claim.fence,
                    "worker": self._worker,
                    "policies": list(cleared.policies),
                    "policy_hash": cleared.policy_hash,
                },
                cleared.decided,
            )
            self._failpoints.reach(Failpoint.DISPATCH_WRITTEN)
        return replace(
            claim,
            row=replace(row, state="dispatching"),
            state="dispatching",
            sent_at=now,
            sent=claim.sent + 1,
        )

    async def _keep(self, claim: Claim, port: WritePort, document: Writing, outcome: Outcome) -> State:
        is_first = claim.sent == 1
        match outcome:
            case Posted(posted):
                wrong = differences(posted, document, claim.marker)
                if wrong:
                    return await self._settling.doubtful(
                        claim,
                        f"the ERP's document {posted.number} is not what was confirmed; it differs in"
                        f" {', '.join(wrong)}",
                    )
                return await self._settling.executed(claim, port, posted.number)
            case NotSent(why) if is_first:
                return await self._settling.back(claim, why)
            case Refused(why) if is_first:
                # A delivery that happened twice is accepted once and refused once.
                there = await documents(port, document, claim.marker)
                if there == ():
                    return await self._settling.end(
                        claim, "refused", why, verify_at=self._clock() + certain_after(port)
                    )
                return await self._settling.unknown(
                    claim, f"refused ({why}), though it may be there", refusal=why
                )
            case Refused(why):
                # Perhaps because an earlier call did get through; only reading back can say.
                return await self._settling.unknown(claim, why, refusal=why)
            case NotSent(why) | Unknown(why):
                return await self._settling.unknown(claim, why)
            case _:
                assert_never(outcome)

    async def _look(self, claim: Claim, proposal: Proposal, port: WritePort, document: Writing) -> State:
        """Find out by reading back what became of a call whose answer is not known."""
        looked_at = self._clock()
        assert claim.sent_at is not None, "it is dispatching because a call may have begun"
        certain_at = claim.sent_at + certain_after(port)
        there = await documents(port, document, claim.marker)
        self._failpoints.reach(Failpoint.READ_BACK)
        if isinstance(there, NotSent):
            return await self._settling.wait(claim, f"cannot be read back: {there.why}", backoff(claim))
        finding = judge(there, document, claim.marker)
        match finding:
            case AsSent(number):
                return await self._settling.executed(claim, port, number)
            case NotAsSent(what, several):
                if several or looked_at >= certain_at:
                    return await self._settling.doubtful(claim, what)
            case NothingThere():
                if looked_at >= certain_at:
                    return await self._not_there(claim, proposal, port, document)
            case _:
                assert_never(finding)
        soon = min(certain_at, self._clock() + backoff(claim))
        return await self._settling.wait(
            claim, "waits to see what the ERP made of the call", soon - self._clock()
        )

    async def _not_there(self, claim: Claim, proposal: Proposal, port: WritePort, document: Writing) -> State:
        """Nothing came of the calls, as far as reading back can say."""
        if claim.refusal:
            return await self._settling.end(claim, "refused", claim.refusal)
        if port.traits.duplicates == "none":
            return await self._settling.doubtful(
                claim,
                f"{port.traits.system} was called and shows no document; it would take a second one, so a"
                " person has to look",
                search=True,
            )
        if claim.sent >= _MOST_CALLS:
            return await self._settling.doubtful(
                claim, f"{claim.sent} calls were made and none left a document", search=True
            )
        return await self._send(claim, proposal, port, document)

    async def _search(self, claim: Claim, port: WritePort, document: Writing) -> State:
        """Look once more at what was decided, by an answer or by a person."""
        row, now = claim.row, self._clock()
        there = await documents(port, document, claim.marker)
        self._failpoints.reach(Failpoint.READ_BACK)
        if isinstance(there, NotSent):
            return await self._settling.wait(claim, "", backoff(claim), purpose=claim.purpose)
        finding = judge(there, document, claim.marker)
        match claim.state, finding:
            case "needs_reconciliation", AsSent(number):
                return await self._settling.executed(claim, port, number)
            case "needs_reconciliation", NothingThere() if now < row.changed_at + _SEARCHED:
                return await self._settling.wait(claim, "", timedelta(minutes=1), purpose="search")
            case "refused", AsSent(number):
                return await self._settling.doubtful(
                    claim, f"it counts as not written, and the ERP has document {number}"
                )
            case "refused" | "executed", NotAsSent(what, _):
                return await self._settling.doubtful(claim, what)
            case "executed", NothingThere() if claim.purpose == "verify":
                return await self._settling.doubtful(
                    claim, f"the ERP named document {claim.document_number} and does not show it", search=True
                )
            case _:
                return await self._settling.let_go(claim)
