"""A proposal as one person may see it: its card, where it stands, and what they could do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from pydantic import ValidationError

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfirmationInvalid, RecordNotFound
from policies.asking import Acting, Question, acting_as, first_allowed, recent_of, subject_of
from policies.cards import Card, card_of
from policies.clock import Clock
from policies.deciding import Action, Policy, Recent, Signatures
from policies.drafts.proposal import Digest, Proposal, digest_of
from policies.register import Connection, ProposalRow, Signature, proposal_row, rows, signatures_of
from policies.states import State


@dataclass(frozen=True, slots=True)
class PartShown:
    """One document of a proposal that has several."""

    name: str
    state: State
    document_number: str
    waits_for: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal as one person may see it now."""

    proposal: Proposal
    digest: Digest
    state: State
    signatures: Signatures
    """Who has to confirm, under the limits now in force."""
    signed: tuple[Signature, ...]
    card: Card
    document_number: str
    reason: str
    """Of a rejection, refusal or reconciliation, or what it waits for."""
    may: frozenset[Action]
    """What this person could do with it now."""
    escalated_at: datetime | None = None
    """Since when it has waited too long."""
    parts: tuple[PartShown, ...] = ()
    """Where each document of a confirmed proposal stands that has several."""


def proposal_of(row: ProposalRow) -> Proposal:
    """The proposal, parsed from the bytes that were hashed.

    Raises:
        ConfirmationInvalid: they are not what the digest was made of.
    """
    proposal = _hashed(row.canonical, row.digest)
    if proposal is None or not _describes(row, proposal):
        raise ConfirmationInvalid(
            f"the proposal {str(row.id)!r} is not kept as it was hashed: nothing is done with it;"
            " draft it again"
        )
    return proposal


@lru_cache(maxsize=64)
def _hashed(canonical: bytes, digest: Digest) -> Proposal | None:
    """The proposal of these very bytes; None where the digest is not made of them.

    Parsing and hashing take longer than the statements of a confirmation, which looks at its proposal three
    times. The same bytes and digest give the same frozen proposal; a changed byte is another question.
    """
    try:
        proposal = Proposal.model_validate_json(canonical)
    except ValidationError:
        return None
    is_same = proposal.canonical == canonical and digest_of(canonical) == digest
    return proposal if is_same else None


def _describes(row: ProposalRow, proposal: Proposal) -> bool:
    """True where the columns that scope, limits and deadlines go by say what the bytes say."""
    return (
        (row.id, row.series, row.version) == (proposal.id, proposal.series, proposal.version)
        and (row.kind, row.site, row.sites)
        == (proposal.draft.kind, proposal.draft.site, proposal.draft.sites)
        and (row.requester, row.created_at, row.expires_at)
        == (proposal.requester, proposal.created_at, proposal.expires_at)
    )


class Showing:
    """Shows proposals to a person, within the transaction that their scope was entered in."""

    def __init__(self, policy: Policy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock

    async def one(
        self, connection: Connection, caller: Caller, row: ProposalRow, business_date: date
    ) -> Shown:
        """One proposal."""
        return (await self.all(connection, caller, [row], business_date))[0]

    async def all(
        self, connection: Connection, caller: Caller, listed: Sequence[ProposalRow], business_date: date
    ) -> tuple[Shown, ...]:
        """Several, in their order."""
        signed = await signatures_of(connection, [row.id for row in listed])
        candidates = await acting_as(connection, caller)
        parts = await _parts(connection, listed)
        waits = await _waits(connection, listed)
        shown = []
        for row in listed:
            proposal, now = proposal_of(row), self._clock()
            subject = subject_of(proposal.draft, row.requester, row.tool)
            state = row.state_at(now)
            recent = Recent()
            if state in ("awaiting_confirmation", "needs_reconciliation"):
                recent = await recent_of(connection, self._policy, subject, row.series, now, row.created_at)
            signers = tuple(signature.subject for signature in signed[row.id])
            question = Question("confirm", subject, now, business_date, recent, signers)
            needed = self._policy.signatures(question.asked_by(candidates[0]))
            shown.append(
                Shown(
                    proposal,
                    row.digest,
                    state,
                    replace(needed, count=max(needed.count, row.signatures_needed)),
                    signed[row.id],
                    card_of(row.canonical),
                    row.document_number,
                    row.reason or waits.get(row.id, ""),
                    self._may(question, candidates, row, state, signed[row.id]),
                    row.escalated_at if state == "awaiting_confirmation" else None,
                    parts.get(row.id, ()),
                )
            )
        return tuple(shown)

    def _may(
        self,
        question: Question,
        candidates: tuple[Acting, ...],
        row: ProposalRow,
        state: State,
        signed: tuple[Signature, ...],
    ) -> frozenset[Action]:
        actions: tuple[Action, ...] = ()
        if state == "awaiting_confirmation":
            actions = ("confirm", "reject", "edit")
        elif state == "needs_reconciliation":
            actions = ("reconcile",)
        allowed: set[Action] = set()
        for action in actions:
            acting = eligible(candidates, row, signed) if action == "confirm" else candidates
            if (
                acting
                and first_allowed(self._policy, replace(question, action=action), acting).decision.allowed
            ):
                allowed.add(action)
        return frozenset(allowed)


def eligible(
    candidates: tuple[Acting, ...], row: ProposalRow, signed: Sequence[Signature]
) -> tuple[Acting, ...]:
    """As whom the caller could sign: as nobody who has signed, nor as a barred requester."""
    taken = {person for signature in signed for person in (signature.subject, signature.acting_for)} - {""}
    if not row.requester_may:
        taken.add(row.requester)
    if candidates[0].caller.subject in taken:
        return ()
    return tuple(acting for acting in candidates if not acting.persons & taken)


async def found(connection: Connection, proposal_id: UUID, *, lock: bool = False) -> ProposalRow:
    """The proposal within what the transaction's person may see.

    Raises:
        RecordNotFound: there is none.
    """
    row = await proposal_row(connection, proposal_id, lock=lock)
    if row is None:
        raise RecordNotFound(
            f"there is no proposal {str(proposal_id)!r} among those of your sites;"
            " the list of drafts shows them all"
        )
    return row


_NEXT: Mapping[State, str] = {
    "drafted": "it is not put up yet",
    "policy_checked": "it is not put up yet",
    "awaiting_confirmation": "confirm it with its digest",
    "confirmed": "one confirmation is enough: it is written once, and `show` says when",
    "dispatching": "one confirmation is enough: it is being written, and `show` says what came of it",
    "executed": "to undo it, take it back by another proposal",
    "partly_written": "draft its rest, or take back what was written; each is another proposal",
    "needs_reconciliation": "look in the ERP for its document, and reconcile it",
    "refused": "put right what the ERP refused, and draft it again",
    "rejected": "draft it again if it is needed after all",
    "expired": "draft it again",
    "superseded": "confirm the version that replaced it",
}
"""What to do about a proposal that cannot be confirmed."""


async def waiting(connection: Connection, proposal_id: UUID, digest: str, now: datetime) -> ProposalRow:
    """The proposal, locked, where it still waits for a confirmation of exactly that digest.

    Raises:
        RecordNotFound: there is none within what the person may see.
        ConfirmationInvalid: another digest, or it waits no more.
    """
    row = await found(connection, proposal_id, lock=True)
    if row.digest != digest:
        raise ConfirmationInvalid(
            f"{digest[:80]!r} is not the digest of proposal {str(proposal_id)!r}: look at it again and name"
            " the digest that is shown"
        )
    state = row.state_at(now)
    if state == "expired":
        raise ConfirmationInvalid(
            f"the proposal {str(proposal_id)!r} expired at {row.expires_at.isoformat()}; draft it again"
        )
    if state != "awaiting_confirmation":
        signed = (await signatures_of(connection, [row.id]))[row.id]
        # Whoever comes second is told who was first.
        by = f", confirmed by {', '.join(each.name or each.subject for each in signed)}" if signed else ""
        about = f"{by}: {row.reason};" if row.reason else f"{by};"
        if state == "executed":
            about = f" as document {row.document_number!r}{by}:"
        raise ConfirmationInvalid(
            f"the proposal {str(proposal_id)!r} waits for no confirmation, it is"
            f" {state.replace('_', ' ')}{about} {_NEXT[state]}"
        )
    return row


async def _waits(connection: Connection, listed: Sequence[ProposalRow]) -> dict[UUID, str]:
    """What confirmed drafts wait for before they reach the ERP."""
    return {
        row["proposal"]: row["why"]
        for row in await rows(
            connection,
            "select proposal, why from app.outbox where proposal = any(%(ids)s) and done_at is null"
            " order by why <> '', nth desc",
            {"ids": [row.id for row in listed if row.state in ("confirmed", "dispatching")]},
        )
    }


async def _parts(connection: Connection, listed: Sequence[ProposalRow]) -> dict[UUID, tuple[PartShown, ...]]:
    """Where the documents of proposals stand that have several."""
    found: dict[UUID, tuple[PartShown, ...]] = {}
    for row in await rows(
        connection,
        "select proposal, part, state, document_number, case when done_at is null then why else '' end as why"
        " from app.outbox where proposal = any(%(ids)s) and part <> '' order by proposal, nth",
        {"ids": [row.id for row in listed]},
    ):
        part = PartShown(row["part"], row["state"], row["document_number"], row["why"])
        found[row["proposal"]] = (*found.get(row["proposal"], ()), part)
    return found
