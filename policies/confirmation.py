"""Confirming: a person signs one digest, once; with the last signature the proposal is consumed."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

import procrastinate
import rfc8785

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfirmationInvalid, Denied, DraftInvalid, SwitchedOff
from policies.asking import Acting, Decided, Question, acting_as, first_allowed, recent_of, subject_of
from policies.audit.event import AuditEvent, EventKind
from policies.deciding import Action
from policies.drafts.parts import Price, plain
from policies.drafts.proposal import Proposal
from policies.execution.parts import numbers_of, parts_of, told_of, whole_of
from policies.execution.settling import cancels
from policies.facts import Facts, drifted
from policies.failpoints import Failpoint
from policies.jobs import put_job
from policies.proposals import Proposals
from policies.reasons import reason_of
from policies.recorded import decision_event, decision_payload
from policies.register import (
    Connection,
    ProposalRow,
    Signature,
    add_step,
    move,
    signatures_of,
)
from policies.showing import Shown, eligible, found, proposal_of, waiting
from policies.states import State
from policies.switches import check_switches

Outcome: TypeAlias = Literal["found", "not_written"]
_OWN = "who asked for it may not confirm it: somebody else has to"


class Confirmations:
    """What persons decide about proposals of a home."""

    def __init__(self, proposals: Proposals, facts: Facts | None = None) -> None:
        self._proposals = proposals
        self._facts = facts
        self._jobs = procrastinate.App(connector=procrastinate.PsycopgConnector())

    async def confirm(self, caller: Caller, proposal_id: UUID, digest: str, *, business_date: date) -> Shown:
        """The proposal with the caller's signature; confirmed where that was the last one needed.

        Raises:
            RecordNotFound: no such proposal within what the caller may see.
            ConfirmationInvalid: another digest, expired, superseded, decided, signed by the caller
                already, or what it rests on has changed; nothing happened.
            Denied: the caller may not confirm it.
            SwitchedOff: the site, the tool or this kind of draft is switched off.
            AuditUnavailable: it could not be put on record; nothing happened.
        """
        (shown,) = await self._sign(caller, [(proposal_id, digest)], "", business_date)
        return shown

    async def confirm_together(
        self,
        caller: Caller,
        given: Sequence[tuple[UUID, str]],
        total: Price | None,
        *,
        business_date: date,
    ) -> tuple[Shown, ...]:
        """All of the proposals with the caller's signature, or none of them.

        Args:
            given: ids and digests in the order in which they were shown.
            total: the sum that was shown with them; None where one of them has no price or currencies differ.

        Raises as `confirm` does.
        """
        if not given:
            raise ConfirmationInvalid("nothing is named to be confirmed: name at least one proposal")
        if len({proposal for proposal, _ in given}) != len(given):
            raise ConfirmationInvalid("a proposal is named twice: name each once, in the order shown")
        return await self._sign(caller, given, batch_digest(given, total), business_date, total)

    async def sign_text(
        self, connection: Connection, caller: Caller, row: ProposalRow, business_date: date
    ) -> AuditEvent | None:
        """The publisher's signature under the text, within the transaction that published it, for the record.

        Where policy does not let them, what it said; None where a switch does not. The text then waits for
        somebody who may.
        """
        try:
            return await self._sign_one(connection, caller, row, "", self._proposals.clock(), business_date)
        except _Refused as refused:
            return refused.event
        except (Denied, SwitchedOff, ConfirmationInvalid):
            return None

    async def reject(self, caller: Caller, proposal_id: UUID, digest: str, reason: str) -> Shown:
        """The proposal, rejected for a reason.

        Raises:
            DraftInvalid: no reason is given.
            RecordNotFound, ConfirmationInvalid, Denied, AuditUnavailable: as `confirm` does.
        """
        reason = reason_of(reason, "a rejection")
        proposals, now = self._proposals, self._proposals.clock()
        async with self._refusals_on_record(), proposals.register.under(caller) as connection:
            row = await waiting(connection, proposal_id, digest, now)
            said, proposal = await self._may(connection, caller, row, "reject", now, now.date(), ())
            _moved(
                await move(
                    connection, row.id, digest, "awaiting_confirmation", "rejected", now, reason=reason
                )
            )
            await add_step(connection, row.id, now, caller.subject, "rejected", reason)
            shown = await proposals.shown(connection, caller, row.id, now.date())
            payload = {"reason": reason, "requester": proposal.requester}
            await proposals.trail.append_in(connection, [_event("rejection", now, row, said, payload)])
        return shown

    async def reconcile(
        self,
        caller: Caller,
        proposal_id: UUID,
        digest: str,
        outcome: Outcome,
        number: str = "",
        reason: str = "",
        part: str = "",
    ) -> Shown:
        """The proposal, with what a person found in the ERP: its document's number, or that there is none.

        Args:
            part: which of several documents; may be left out where one of them alone is in doubt.

        Raises:
            DraftInvalid: the number or the reason is missing.
            RecordNotFound, ConfirmationInvalid, Denied, AuditUnavailable: as `confirm` does.
        """
        reason = reason_of(reason, "a reconciliation")
        if (outcome == "found") != bool(number.strip()):
            raise DraftInvalid("give the document's number where it was found, and none where it was not")
        proposals, now = self._proposals, self._proposals.clock()
        async with self._refusals_on_record(), proposals.register.under(caller) as connection:
            row = await found(connection, proposal_id, lock=True)
            if row.digest != digest or row.state != "needs_reconciliation":
                raise ConfirmationInvalid(
                    f"the proposal {str(proposal_id)!r} with that digest waits for no reconciliation, it is"
                    f" {row.state_at(now).replace('_', ' ')}"
                )
            said, _ = await self._may(connection, caller, row, "reconcile", now, now.date(), ())
            part = await _in_doubt(connection, row, part)
            to: Literal["executed", "refused"] = "executed" if outcome == "found" else "refused"
            await connection.execute(
                "update app.outbox set state = %s, document_number = %s where proposal = %s and part = %s",
                (to, number.strip(), row.id, part),
            )
            whole, why, numbers = await _whole(connection, row, part, to, reason, number.strip())
            if whole != "needs_reconciliation":
                _moved(
                    await move(
                        connection,
                        row.id,
                        digest,
                        "needs_reconciliation",
                        whole,
                        now,
                        reason=why,
                        number=numbers,
                    )
                )
            what = f"{part}: {to}, " if part else ""
            await add_step(
                connection, row.id, now, caller.subject, whole, f"{what}reconciled by a person: {reason}"
            )
            shown = await proposals.shown(connection, caller, row.id, now.date())
            payload = {"outcome": outcome, "number": number.strip(), "reason": reason, "was": row.reason}
            if part:
                payload["part"] = part
            payload |= cancels(row)
            await proposals.trail.append_in(connection, [_event("reconciliation", now, row, said, payload)])
        return shown

    async def _sign(
        self,
        caller: Caller,
        given: Sequence[tuple[UUID, str]],
        batch: str,
        business_date: date,
        total: Price | None = None,
    ) -> tuple[Shown, ...]:
        proposals = self._proposals
        async with self._refusals_on_record(), proposals.register.under(caller) as connection:
            began = proposals.clock()
            locked = {
                # In the order of ids, so that two lists never wait for each other.
                proposal_id: await waiting(connection, proposal_id, digest, began)
                for proposal_id, digest in sorted(given)
            }
            known = [proposal_of(locked[proposal_id]) for proposal_id, _ in given]
            if batch:
                _check_total(known, total)
            await self._check_facts(caller, known)
            # The facts are read from the store, which may take its time: what expired meanwhile has expired.
            now = proposals.clock()
            events = []
            for proposal_id, _ in given:
                events.append(
                    await self._sign_one(connection, caller, locked[proposal_id], batch, now, business_date)
                )
            shown = tuple(
                [
                    await proposals.shown(connection, caller, proposal_id, business_date)
                    for proposal_id, _ in given
                ]
            )
            proposals.failpoints.reach(Failpoint.CONSUMED)
            await proposals.trail.append_in(connection, events)
        proposals.failpoints.reach(Failpoint.CONFIRMED)
        return shown

    async def _check_facts(self, caller: Caller, proposals: Sequence[Proposal]) -> None:
        """Refuse early what the executor would refuse: what is shown is no longer so."""
        if self._facts is None:
            return
        relied = [fact for proposal in proposals for fact in proposal.draft.grounds.facts]
        current = await self._facts.versions(caller, relied)
        for proposal in proposals:
            changed = drifted(proposal.draft.grounds.facts, current)
            if changed:
                raise ConfirmationInvalid(
                    f"what the proposal {str(proposal.id)!r} rests on has changed since it was drafted:"
                    f" {', '.join(changed)}; draft it again and confirm what is shown then"
                )

    async def _sign_one(
        self,
        connection: Connection,
        caller: Caller,
        row: ProposalRow,
        batch: str,
        now: datetime,
        business_date: date,
    ) -> AuditEvent:
        await check_switches(connection, row.sites, row.tool, row.kind)
        signed = (await signatures_of(connection, [row.id]))[row.id]
        said, proposal = await self._may(connection, caller, row, "confirm", now, business_date, signed)
        acting, decision = said.acting, said.decision
        await connection.execute(
            "insert into app.signature (proposal, digest, subject, name, acting_for, roles, policies,"
            " policy_hash, batch, signed_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                row.id,
                row.digest,
                caller.subject,
                caller.name,
                acting.acting_for,
                sorted(acting.caller.roles),
                list(decision.policies),
                decision.policy_hash,
                batch,
                # Their order counts, and another server's clock may be ahead.
                max([now, *(s.signed_at + timedelta(microseconds=1) for s in signed)]),
            ),
        )
        self._proposals.failpoints.reach(Failpoint.SIGNED)
        needed = await self._needed(connection, row, proposal, acting, now, business_date)
        count = len(signed) + 1
        is_last = count >= needed
        if is_last:
            await self._consume(connection, row, caller, now)
        else:
            what = f"signed by {caller.name or caller.subject}, {count} of {needed}"
            await add_step(connection, row.id, now, caller.subject, "awaiting_confirmation", what)
        payload = {
            "signature": count,
            "of": needed,
            "consumed": is_last,
            "batch": batch,
            "requester": row.requester,
            "roles": sorted(acting.caller.roles),
        }
        return _event("confirmation", now, row, said, payload)

    async def _consume(self, connection: Connection, row: ProposalRow, caller: Caller, now: datetime) -> None:
        """Confirm it, once: the database makes the outbox row, and a job stands beside it."""
        consumed = await connection.execute(
            "update app.proposal set state = 'confirmed', confirmed_at = %(now)s, changed_at = %(now)s"
            " where id = %(id)s and digest = %(digest)s and state = 'awaiting_confirmation'"
            " and expires_at > %(now)s returning id",
            {"now": now, "id": row.id, "digest": row.digest},
        )
        _moved(consumed.rowcount == 1)
        await add_step(connection, row.id, now, caller.subject, "confirmed")
        await put_job(self._jobs, connection, row.id)

    async def _needed(
        self,
        connection: Connection,
        row: ProposalRow,
        proposal: Proposal,
        acting: Acting,
        now: datetime,
        business_date: date,
    ) -> int:
        """How many have to sign, with what else the requester has under way: the executor counts that too."""
        policy = self._proposals.policy
        subject = subject_of(proposal.draft, row.requester, row.tool)
        recent = await recent_of(connection, policy, subject, row.series, now, row.created_at)
        question = Question("confirm", subject, now, business_date, recent)
        return max(row.signatures_needed, policy.signatures(question.asked_by(acting)).count)

    async def _may(
        self,
        connection: Connection,
        caller: Caller,
        row: ProposalRow,
        action: Action,
        now: datetime,
        business_date: date,
        signed: tuple[Signature, ...],
    ) -> tuple[Decided, Proposal]:
        """In whose place the caller may do it, and what policy said.

        Raises:
            Denied: in nobody's.
            ConfirmationInvalid: the caller has signed already, or the bytes are not what was hashed.
        """
        proposal = proposal_of(row)
        policy = self._proposals.policy
        candidates = await acting_as(connection, caller)
        if caller.subject in {person for s in signed for person in (s.subject, s.acting_for)}:
            raise ConfirmationInvalid(f"{caller.subject!r} has signed already: somebody else has to")
        able = eligible(candidates, row, signed) if action == "confirm" else candidates
        subject = subject_of(proposal.draft, row.requester, row.tool)
        recent = await recent_of(connection, policy, subject, row.series, now, row.created_at)
        signers = tuple(signature.subject for signature in signed)
        question = Question(action, subject, now, business_date, recent, signers)
        said = first_allowed(policy, question, able or candidates)
        if not said.decision.allowed:
            event = decision_event(said, proposal=str(row.id), site=row.site, digest=row.digest)
            raise _Refused(said.decision.reason if able else _OWN, event)
        if not able:
            # The limits would allow it now, and did not when it was proposed.
            raise Denied(_OWN)
        return said, proposal

    @asynccontextmanager
    async def _refusals_on_record(self) -> AsyncIterator[None]:
        """Put what policy refused on record, after the transaction that it ended."""
        try:
            yield
        except _Refused as refused:
            if refused.event is not None:
                await self._proposals.trail.append([refused.event])
            raise


class _Refused(Denied):
    """What policy refused, with its event."""

    def __init__(self, why: str, event: AuditEvent | None = None) -> None:
        super().__init__(why)
        self.event = event


async def _in_doubt(connection: Connection, row: ProposalRow, named: str) -> str:
    """Which of its documents is reconciled; empty where there is but one.

    Raises:
        DraftInvalid: it is not clear which; the message names those in doubt.
    """
    doubtful = [
        each.name for each in await parts_of(connection, row.id) if each.state == "needs_reconciliation"
    ]
    if named in doubtful:
        return named
    if named or len(doubtful) != 1:
        raise DraftInvalid(
            f"{named!r} is no part of it that is in doubt; name one of {', '.join(doubtful) or 'none'}"
            if named
            else f"several documents of it are in doubt: name one of {', '.join(doubtful)} as its part"
        )
    return doubtful[0]


async def _whole(
    connection: Connection, row: ProposalRow, part: str, to: State, reason: str, number: str
) -> tuple[State, str, str]:
    """The proposal's state, reason and numbers once that part is reconciled."""
    if not part:
        return to, reason, number
    parts = await parts_of(connection, row.id)
    why = f"{part}: {reason}"
    return whole_of([each.state for each in parts]), told_of(parts, why) or why, numbers_of(parts)


def batch_digest(given: Sequence[tuple[UUID, str]], total: Price | None) -> str:
    """What a confirmation of several is bound to: the digests in their order, and the total."""
    bound = {
        "proposals": [[str(proposal), digest] for proposal, digest in given],
        "total": total.model_dump(mode="json") if total else None,
    }
    return "sha256:" + hashlib.sha256(rfc8785.dumps(bound)).hexdigest()


def total_of(proposals: Sequence[Proposal]) -> Price | None:
    """What several come to; None where one has no price or currencies differ."""
    values = [proposal.draft.value for proposal in proposals]
    known = [value for value in values if value is not None]
    if len(known) < len(values) or len({value.currency for value in known}) != 1:
        return None
    return Price(amount=sum((value.amount for value in known), Decimal(0)), currency=known[0].currency)


def _check_total(proposals: Sequence[Proposal], total: Price | None) -> None:
    actual = total_of(proposals)
    if actual != total:
        shown = "no total" if total is None else f"{plain(total.amount)} {total.currency}"
        known = (
            "no total, since prices or currencies differ"
            if actual is None
            else f"{plain(actual.amount)} {actual.currency}"
        )
        raise ConfirmationInvalid(
            f"the proposals come to {known}, and {shown} was confirmed: look at them again"
        )


def _event(
    kind: EventKind,
    at: datetime,
    row: ProposalRow,
    said: Decided,
    payload: Mapping[str, object],
) -> AuditEvent:
    acting, decision = said.acting, said.decision
    return AuditEvent(
        kind,
        at,
        acting.caller.subject,
        acting.caller.subject,
        {
            "digest": row.digest,
            "acting_for": acting.acting_for,
            "policies": list(decision.policies),
            "policy_hash": decision.policy_hash,
            "why": decision.reason,
            "decision": decision_payload(said.request, decision),
            **payload,
        },
        proposal=str(row.id),
        site=row.site,
    )


def _moved(was: bool) -> None:
    if not was:
        raise ConfirmationInvalid("somebody decided it at the same moment: look at it again")
