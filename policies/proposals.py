"""Proposals: what a person asked for, checked by policy, kept as the bytes that others will confirm."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from pydantic import ValidationError

from erp_adapters.caller import Caller
from erp_adapters.errors import Denied, DraftInvalid
from erp_adapters.store.ids import new_id
from policies.asking import (
    Acting,
    Decided,
    Question,
    decided,
    recent_of,
    subject_of,
)
from policies.audit.event import AuditEvent, AuditTrail, EventKind
from policies.clock import Clock, now_utc
from policies.deciding import Action, Policy, Recent
from policies.drafts.cancellation import CancellationDraft
from policies.drafts.proposal import DRAFT, AnyDraft, Proposal, documents_of
from policies.drafts.published_text import PublishedTextDraft
from policies.execution.marker import marker_of
from policies.failpoints import Failpoint, Failpoints, NoFailpoints
from policies.needs import Need, hold_need, need_of, pending_for
from policies.recorded import decision_event, decision_payload
from policies.register import (
    PROPOSAL,
    Connection,
    ProposalRow,
    Register,
    Step,
    add_step,
    proposal_row,
    rows,
)
from policies.showing import Showing, Shown, found, waiting
from policies.states import State
from policies.switches import Switches, check_switches
from policies.taking_back import check_taken
from policies.wording import Worded


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of a wish to propose."""

    shown: Shown
    is_new: bool
    """False: a draft for the same need is pending and is shown; none was made."""


_MADE: tuple[State, ...] = ("drafted", "policy_checked", "awaiting_confirmation")


class Proposals:
    """Proposals of a home, as persons make and see them; one a process.

    ::

        async with await Proposals.open(dsn, policy=policy, trail=trail) as proposals:
            proposed = await proposals.propose(caller, draft, business_date=day)
    """

    def __init__(
        self,
        register: Register,
        policy: Policy,
        trail: AuditTrail,
        clock: Clock = now_utc,
        failpoints: Failpoints | None = None,
    ) -> None:
        self.register = register
        self.policy = policy
        self.trail = trail
        self.clock = clock
        self.failpoints = failpoints or NoFailpoints()
        self.switches = Switches(register, policy, trail, clock)
        self.showing = Showing(policy, clock)

    @classmethod
    async def open(
        cls,
        dsn: str,
        *,
        policy: Policy,
        trail: AuditTrail,
        clock: Clock = now_utc,
        failpoints: Failpoints | None = None,
    ) -> Proposals:
        """Proposals behind the application's login.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return cls(await Register.open(dsn), policy, trail, clock, failpoints)

    async def close(self) -> None:
        """Give the connections back."""
        await self.register.close()

    async def __aenter__(self) -> Proposals:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def propose(
        self, caller: Caller, draft: AnyDraft, *, business_date: date, tool: str = ""
    ) -> Proposed:
        """The draft as a proposal that waits for its confirmation, or the pending one for the same need.

        Raises:
            Denied: policy does not admit it; the message is the reason.
            SwitchedOff: the site, the tool or this kind of draft is switched off.
            DraftInvalid: it asks for what cannot be.
            AuditUnavailable: it could not be put on record; nothing was kept.
        """
        await self._check(caller, draft, business_date, tool)
        shown: Shown | None = None
        async with self.register.under(caller) as connection:
            await check_switches(connection, draft.sites, tool, draft.kind)
            need = need_of(draft)
            await hold_need(connection, caller, draft, need)
            if isinstance(draft, CancellationDraft):
                await check_taken(connection, draft)
            pending = await pending_for(connection, draft, need, None, self.clock())
            if pending is not None:
                return Proposed(await self.showing.one(connection, caller, pending, business_date), False)
            series = new_id()
            made, said = await self._admit(
                connection, caller, draft, series, 1, business_date, tool, "propose"
            )
            if made is not None:
                await self._keep(connection, made, need, business_date, tool)
                row = await proposal_row(connection, made.id)
                assert row is not None, "it was written in this transaction"
                shown = await self.showing.one(connection, caller, row, business_date)
                await self.trail.append_in(connection, [_proposed(made, "proposal", caller, row, tool, said)])
                self.failpoints.reach(Failpoint.PROPOSAL_WRITTEN)
            else:
                await self.trail.append_in(connection, [_refusal(said, draft, tool)])
        if shown is None:
            raise Denied(said.decision.reason)
        self.failpoints.reach(Failpoint.PROPOSED)
        return Proposed(shown, True)

    async def edit(
        self,
        caller: Caller,
        proposal_id: UUID,
        digest: str,
        draft: AnyDraft,
        *,
        business_date: date,
        tool: str = "",
    ) -> Proposed:
        """A new version with a new digest, by whoever edits; the old one is superseded and dead.

        Raises as `propose` does, and:
            RecordNotFound: no such proposal within what the caller may see.
            ConfirmationInvalid: that version is no longer the one that waits.
        """
        await self._check(caller, draft, business_date, tool)
        shown: Shown | None = None
        async with self.register.under(caller) as connection:
            await check_switches(connection, draft.sites, tool, draft.kind)
            if isinstance(draft, CancellationDraft):
                raise DraftInvalid("what is taken back is not changed: reject the draft and make another")
            need = need_of(draft)
            await hold_need(connection, caller, draft, need)
            old = await waiting(connection, proposal_id, digest, self.clock())
            if old.kind != draft.kind:
                raise DraftInvalid(
                    f"a {old.kind.replace('_', ' ')} stays one: draft the {draft.kind.replace('_', ' ')} anew"
                )
            other = await pending_for(connection, draft, need, old.series, self.clock())
            if other is not None:
                return Proposed(await self.showing.one(connection, caller, other, business_date), False)
            made, said = await self._admit(
                connection, caller, draft, old.series, old.version + 1, business_date, tool, "edit"
            )
            if made is not None:
                now = self.clock()
                reason = f"replaced by version {made.version}"
                await connection.execute(
                    "update app.proposal set state = 'superseded', reason = %s, changed_at = %s"
                    " where id = %s",
                    (reason, now, old.id),
                )
                await add_step(connection, old.id, now, caller.subject, "superseded", reason)
                await self._keep(connection, made, need, business_date, tool)
                row = await proposal_row(connection, made.id)
                assert row is not None, "it was written in this transaction"
                shown = await self.showing.one(connection, caller, row, business_date)
                event = _proposed(made, "edit", caller, row, tool, said)
                await self.trail.append_in(
                    connection,
                    [replace(event, payload={**event.payload, "replaces": str(old.id), "old": old.digest})],
                )
            else:
                await self.trail.append_in(connection, [_refusal(said, draft, tool)])
        if shown is None:
            raise Denied(said.decision.reason)
        return Proposed(shown, True)

    async def read(self, caller: Caller, proposal_id: UUID, *, business_date: date | None = None) -> Shown:
        """The proposal as it stands.

        Raises:
            RecordNotFound: there is none within what the caller may see.
        """
        async with self.register.under(caller) as connection:
            row = await found(connection, proposal_id)
            return await self.showing.one(connection, caller, row, business_date or self.clock().date())

    async def list(
        self,
        caller: Caller,
        *,
        states: frozenset[State] | None = None,
        requester: str | None = None,
        limit: int = 50,
        before: tuple[datetime, UUID] | None = None,
    ) -> tuple[Shown, ...]:
        """The proposals of the caller's sites, newest first.

        Args:
            caller: who asks.
            states: those that are wanted; all of them where none is named.
            requester: whose are wanted; everybody's where none is named.
            limit: how many at most.
            before: when one was made, and its id: only those that come after it in the list.
        """
        now = self.clock()
        async with self.register.under(caller) as connection:
            async with connection.cursor(row_factory=class_row(ProposalRow)) as cursor:
                await cursor.execute(
                    f"select * from ({PROPOSAL}) p where (%(states)s::text[] is null"
                    " or (case when state = 'awaiting_confirmation' and expires_at <= %(now)s then 'expired'"
                    " else state end) = any(%(states)s))"
                    " and (%(requester)s::text is null or requester = %(requester)s)"
                    " and (%(at)s::timestamptz is null or (created_at, id) < (%(at)s, %(id)s::uuid))"
                    " order by created_at desc, id desc limit %(limit)s",
                    {
                        "states": None if states is None else sorted(states),
                        "requester": requester,
                        "now": now,
                        "at": before and before[0],
                        "id": before and before[1],
                        "limit": limit,
                    },
                )
                listed = await cursor.fetchall()
            return await self.showing.all(connection, caller, listed, now.date())

    async def history(self, caller: Caller, proposal_id: UUID) -> tuple[Step, ...]:
        """What happened to every version of the draft, oldest first.

        Raises:
            RecordNotFound: there is none within what the caller may see.
        """
        async with self.register.under(caller) as connection:
            row = await found(connection, proposal_id)
            steps = await rows(
                connection,
                "select s.at, s.actor, s.state, s.what from app.proposal_step s join app.proposal p"
                " on p.id = s.proposal where p.series = %(series)s order by s.nth",
                {"series": row.series},
            )
        return tuple(Step(**step) for step in steps)

    async def versions(self, caller: Caller, proposal_id: UUID) -> tuple[tuple[UUID, int], ...]:
        """The id and number of every version of the draft, the oldest first.

        Raises:
            RecordNotFound: there is none within what the caller may see.
        """
        async with self.register.under(caller) as connection:
            row = await found(connection, proposal_id)
            kept = await rows(
                connection,
                "select id, version from app.proposal where series = %(series)s order by version",
                {"series": row.series},
            )
        return tuple((version["id"], version["version"]) for version in kept)

    async def shown(
        self, connection: Connection, caller: Caller, proposal_id: UUID, business_date: date
    ) -> Shown:
        """The same as `read`, within a transaction that is under way."""
        return await self.showing.one(connection, caller, await found(connection, proposal_id), business_date)

    async def put_up_text(
        self, connection: Connection, caller: Caller, draft: PublishedTextDraft, requester: str, day: date
    ) -> tuple[ProposalRow, AuditEvent]:
        """The text of what the caller has just published, as a proposal of who drafted it, and its event.

        Within the transaction that published it; the database refuses any other.
        """
        now = self.clock()
        hours = self.policy.lifetime_hours(draft.site, draft.kind, now)
        made = Proposal(
            id=new_id(),
            series=new_id(),
            version=1,
            draft=draft,
            requester=requester,
            policy_hash=self.policy.hash(now),
            nonce=secrets.token_hex(16),
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
        await self._keep(connection, made, need_of(draft), day, "", caller.subject)
        row = await proposal_row(connection, made.id)
        assert row is not None, "it was written in this transaction"
        self.failpoints.reach(Failpoint.PROPOSAL_WRITTEN)
        return row, _proposed(made, "proposal", caller, row, "", None)

    async def _check(self, caller: Caller, draft: AnyDraft, business_date: date, tool: str) -> None:
        try:
            DRAFT.validate_python(draft.model_dump())
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise DraftInvalid(f"{where}: {first['msg']}") from error
        outside = sorted(draft.sites - caller.sites)
        if outside:
            await self._put_on_record(caller, draft, business_date, tool)
            raise Denied(
                Worded.of(
                    "the site [[site]] is not among yours; drafts may be for [[sites]]",
                    site=repr(outside[0]),
                    sites=", ".join(sorted(caller.sites)),
                )
            )
        if isinstance(draft, PublishedTextDraft):
            raise DraftInvalid("a text is written when its explanation is published: publish that")
        need = need_of(draft)
        # What is for no day in particular begins before all days.
        if date.min < need.first < business_date:
            raise DraftInvalid(
                f"{need.first.isoformat()!r} is past: the site's day is {business_date.isoformat()};"
                " give that or a later day"
            )

    async def _put_on_record(self, caller: Caller, draft: AnyDraft, business_date: date, tool: str) -> None:
        """That somebody asked for what is outside of their scope, where the database shows them nothing."""
        subject = subject_of(draft, caller.subject, tool)
        question = Question("propose", subject, self.clock(), business_date, Recent())
        said = decided(self.policy, question, Acting(caller))
        if not said.decision.allowed:
            await self.trail.append([_refusal(said, draft, tool)])

    async def _admit(
        self,
        connection: Connection,
        caller: Caller,
        draft: AnyDraft,
        series: UUID,
        version: int,
        business_date: date,
        tool: str,
        action: Action,
    ) -> tuple[Proposal | None, Decided]:
        """The proposal where policy admits it, and what policy said."""
        now = self.clock()
        subject = subject_of(draft, caller.subject, tool)
        recent = await recent_of(connection, self.policy, subject, series, now)
        question = Question(action, subject, now, business_date, recent)
        said = decided(self.policy, question, Acting(caller))
        if not said.decision.allowed:
            return None, said
        hours = self.policy.lifetime_hours(draft.site, draft.kind, now)
        made = Proposal(
            id=new_id(),
            series=series,
            version=version,
            draft=draft,
            requester=caller.subject,
            policy_hash=said.decision.policy_hash,
            nonce=secrets.token_hex(16),
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
        return made, said

    async def _keep(
        self,
        connection: Connection,
        proposal: Proposal,
        need: Need,
        business_date: date,
        tool: str,
        by: str = "",
    ) -> None:
        draft, now = proposal.draft, proposal.created_at
        subject = subject_of(draft, proposal.requester, tool)
        needed = self.policy.signatures(
            Question("confirm", subject, now, business_date, Recent()).asked_by(
                Acting(Caller(proposal.requester, "", frozenset(), frozenset(), frozenset()))
            )
        )
        escalation = timedelta(hours=self.policy.escalate_after_hours(draft.site, draft.kind, now))
        parts = [part for part, _ in documents_of(draft, proposal.requester) if part]
        values: dict[str, Any] = {
            "id": proposal.id,
            "series": proposal.series,
            "version": proposal.version,
            "kind": draft.kind,
            "site": draft.site,
            "other_sites": sorted(draft.sites - {draft.site}),
            "requester": proposal.requester,
            "tool": tool,
            "canonical": proposal.canonical,
            "digest": proposal.digest,
            "marker": marker_of(proposal.id, proposal.digest),
            "parts": parts,
            "markers": [marker_of(proposal.id, proposal.digest, part) for part in parts],
            "policy_hash": proposal.policy_hash,
            "signatures_needed": needed.count,
            "requester_may": needed.requester_may,
            "needs": list(need.keys),
            "needed_from": need.first,
            "needed_to": need.last,
            "categories": sorted(subject.categories),
            "suppliers": sorted(subject.suppliers),
            "amount_minor": subject.amount_minor,
            "currency": subject.currency,
            "business_date": business_date,
            "created_at": now,
            "expires_at": proposal.expires_at,
            "escalate_at": now + escalation,
            "changed_at": now,
        }
        names = ", ".join(values)
        slots = ", ".join(f"%({name})s" for name in values)
        await connection.execute(f"insert into app.proposal ({names}) values ({slots})", values)
        for state in _MADE:
            await add_step(connection, proposal.id, now, by or proposal.requester, state)


def _refusal(said: Decided, draft: AnyDraft, tool: str) -> AuditEvent:
    return decision_event(
        said, site=draft.site, kind=draft.kind, tool=tool, draft=draft.model_dump(mode="json")
    )


def _proposed(
    proposal: Proposal, kind: EventKind, caller: Caller, row: ProposalRow, tool: str, said: Decided | None
) -> AuditEvent:
    return AuditEvent(
        kind,
        proposal.created_at,
        caller.subject,
        caller.subject,
        {
            "digest": proposal.digest,
            "proposal": proposal.model_dump(mode="json"),
            "policy_hash": proposal.policy_hash,
            "signatures_needed": row.signatures_needed,
            "marker": row.marker,
            "tool": tool,
            **({"decision": decision_payload(said.request, said.decision)} if said else {}),
        },
        proposal=str(proposal.id),
        site=row.site,
    )


__all__ = ["Proposals", "Proposed", "Shown"]
