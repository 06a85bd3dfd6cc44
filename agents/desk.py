"""Where drafts are handed in, as the agent sees it; `policies.proposals` is the desk of a running service."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from agents.answer import AnswerDraft, AnswerDraftRow
from erp_adapters.caller import Caller
from policies.cards import Card
from policies.deciding import Signatures
from policies.drafts.proposal import Digest, Draft, Proposal
from tools.languages.cards import card_in_words


class ShownDraft(Protocol):
    """A proposal as somebody may see it."""

    @property
    def proposal(self) -> Proposal: ...
    @property
    def digest(self) -> Digest: ...
    @property
    def state(self) -> str: ...
    @property
    def signatures(self) -> Signatures: ...
    @property
    def card(self) -> Card: ...
    @property
    def document_number(self) -> str: ...
    @property
    def reason(self) -> str: ...


class ProposedDraft(Protocol):
    """What came of handing a draft in."""

    @property
    def shown(self) -> ShownDraft: ...
    @property
    def is_new(self) -> bool:
        """False where a draft for the same need waits already, and that one is shown."""
        ...


class Desk(Protocol):
    """Takes drafts; every call says who it is for."""

    async def propose(self, caller: Caller, draft: Draft, *, business_date: date) -> ProposedDraft:
        """Put a draft up for confirmation.

        Raises:
            Denied: policy does not let this person propose it.
            SwitchedOff: somebody switched the site, the tool or the flow off.
            DraftInvalid: the draft asks for what cannot be.
            AuditUnavailable: it cannot be put on record.
        """
        ...

    async def edit(
        self, caller: Caller, proposal_id: UUID, digest: Digest, draft: Draft, *, business_date: date
    ) -> ProposedDraft:
        """Put up a new version; the old one is superseded.

        Raises:
            ConfirmationInvalid: it does not wait any more, or is of another digest.
        """
        ...

    async def read(self, caller: Caller, proposal_id: UUID) -> ShownDraft:
        """The proposal as it is now.

        Raises:
            RecordNotFound: there is none in the caller's scope.
        """
        ...


def answered(proposed: ProposedDraft) -> AnswerDraft:
    """A proposal as an answer carries it."""
    shown = proposed.shown
    proposal, signatures, card = shown.proposal, shown.signatures, card_in_words(shown.card)
    return AnswerDraft(
        id=str(proposal.id),
        series=str(proposal.series),
        version=proposal.version,
        kind=proposal.draft.kind,
        site=proposal.draft.site,
        digest=shown.digest,
        state=shown.state,
        title=card.title,
        rows=tuple(AnswerDraftRow(label=row.label, value=row.value) for row in card.rows),
        warnings=tuple(card.warnings),
        signatures=signatures.count,
        may_confirm=tuple(sorted(signatures.roles)),
        requester_may=signatures.requester_may,
        expires_at=_moment(proposal.expires_at),
        is_new=proposed.is_new,
    )


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
