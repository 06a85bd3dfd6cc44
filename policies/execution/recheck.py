"""The look before writing: whether what was confirmed may still be done, by these people, on these facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from erp_adapters.caller import Caller
from erp_adapters.errors import SwitchedOff
from policies.asking import Acting, Decided, Question, decided, recent_of, subject_of
from policies.deciding import Policy
from policies.drafts.proposal import Proposal
from policies.execution.parts import parts_of
from policies.facts import Facts, drifted
from policies.people import People
from policies.register import ProposalRow, Register, Signature, signatures_of
from policies.switches import check_switches

HOLD = timedelta(hours=1)
"""How long a confirmation holds beyond the proposal's expiry, where the ERP or a switch delays it."""


TOO_LATE = "it could not be sent before it expired; draft it again"


def too_late(row: ProposalRow, now: datetime) -> bool:
    """True where the confirmation no longer holds."""
    return now > max(row.expires_at, (row.confirmed_at or row.created_at) + HOLD)


@dataclass(frozen=True, slots=True)
class Cleared:
    """Nothing stands in the way."""

    requester: Caller
    policy_hash: str
    policies: tuple[str, ...]
    decided: tuple[Decided, ...] = ()
    """What policy said about each person."""


@dataclass(frozen=True, slots=True)
class Held:
    """Not now; a later look may clear it."""

    why: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """Never: a new proposal is needed."""

    state: Literal["refused", "superseded", "expired"]
    why: str
    decided: tuple[Decided, ...] = ()
    """What policy said until then."""


Look: TypeAlias = Cleared | Held | Stopped


@dataclass(frozen=True, slots=True)
class Rechecker:
    """What the look needs."""

    register: Register
    policy: Policy
    facts: Facts
    people: People

    async def look(self, row: ProposalRow, proposal: Proposal, now: datetime, part: str = "") -> Look:
        """Whether the proposal may be written now, or one part of it."""
        if too_late(row, now):
            return Stopped("expired", TOO_LATE)
        try:
            async with self.register.working() as connection:
                await check_switches(connection, row.sites, row.tool, row.kind)
                signed = (await signatures_of(connection, [row.id]))[row.id]
        except SwitchedOff as off:
            return Held(str(off))
        requester = await self.people.person(row.requester)
        if requester is None:
            return Stopped("refused", f"{row.requester!r}, who asked for it, is no longer active")
        signers = await self._signers(row, signed)
        if isinstance(signers, Stopped):
            return signers
        day = await self.people.business_date(requester, row.site)
        closed = await self.people.closed_period(requester, row.site, day)
        if closed:
            return Stopped("refused", f"the fiscal period {closed!r} of {row.site} has been closed")
        subject = subject_of(proposal.draft, row.requester, row.tool)
        async with self.register.working() as connection:
            recent = await recent_of(connection, self.policy, subject, row.series, now, row.created_at)
        in_order = tuple(signature.subject for signature in signed)
        question = Question("execute", subject, now, day, recent, in_order)
        look = self._allowed(row, question, Acting(requester), signers)
        if isinstance(look, Stopped):
            return look
        relied = proposal.draft.grounds.facts
        if part:
            async with self.register.working() as connection:
                parts = await parts_of(connection, row.id)
            # What this confirmation has changed itself is not as it was, and should not be.
            changed_here = {each.name for each in parts if each.state == "executed"}
            relied = tuple(
                one for one in relied if one.record != "production_order" or one.key[0] not in changed_here
            )
        changed = drifted(relied, await self.facts.versions(requester, relied))
        if changed:
            return Stopped(
                "superseded",
                f"what it rests on has changed since it was drafted: {', '.join(changed)}; draft it again and"
                " have it confirmed",
                look.decided,
            )
        return look

    async def _signers(self, row: ProposalRow, signed: tuple[Signature, ...]) -> tuple[Acting, ...] | Stopped:
        """Those who signed, as they are now."""
        acting: list[Acting] = []
        for signature in signed:
            if signature.acting_for:
                caller = await self.people.substitute(signature.subject, signature.acting_for)
            else:
                caller = await self.people.person(signature.subject)
            if caller is None:
                stands = f" in place of {signature.acting_for!r}" if signature.acting_for else ""
                return Stopped(
                    "refused", f"{signature.subject!r}, who confirmed it{stands}, may no longer do so"
                )
            acting.append(Acting(caller, signature.acting_for))
        persons = [person for each in acting for person in each.persons]
        if len(set(persons)) < len(persons):
            return Stopped("refused", "one person stands behind two of its signatures")
        return tuple(acting)

    def _allowed(
        self, row: ProposalRow, question: Question, requester: Acting, signers: tuple[Acting, ...]
    ) -> Cleared | Stopped:
        policies: list[str] = []
        asked: list[Decided] = []
        for acting in (requester, *signers):
            outside = sorted(row.sites - acting.caller.sites)
            if outside:
                return Stopped(
                    "refused",
                    f"{acting.caller.subject!r} no longer has the site {outside[0]!r} in their scope",
                    tuple(asked),
                )
            said = decided(self.policy, question, acting)
            asked.append(said)
            if not said.decision.allowed:
                return Stopped("refused", said.decision.reason, tuple(asked))
            policies += said.decision.policies
        needed = self.policy.signatures(replace(question, action="confirm").asked_by(requester))
        if len(signers) < max(needed.count, row.signatures_needed):
            return Stopped(
                "refused",
                f"limits have changed since: it needs {needed.count} signatures and has {len(signers)}",
                tuple(asked),
            )
        behind = {person for each in signers for person in each.persons}
        if row.requester in behind and not (needed.requester_may and row.requester_may):
            why = f"{row.requester!r} asked for it and may not confirm it as well"
            return Stopped("refused", why, tuple(asked))
        return Cleared(
            requester.caller,
            self.policy.hash(question.at),
            tuple(dict.fromkeys(policies)),
            tuple(asked),
        )
