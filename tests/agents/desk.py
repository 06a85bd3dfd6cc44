"""A stand-in for the desk that takes drafts: proposals in memory, with real digests and no policy."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfirmationInvalid, CopilotError, RecordNotFound
from erp_adapters.store.ids import new_id
from policies.cards import Card, CardRow
from policies.deciding import Signatures
from policies.drafts.proposal import Digest, Draft, Proposal

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
BUYERS = Signatures(1, frozenset({"buyer"}), False, "a buyer at the site confirms")


@dataclass(frozen=True)
class Shown:
    proposal: Proposal
    digest: Digest
    state: str
    signatures: Signatures
    card: Card
    document_number: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Proposed:
    shown: Shown
    is_new: bool = True


@dataclass
class StandInDesk:
    """Takes every draft, unless it is told to refuse."""

    refusal: CopilotError | None = None
    kept: dict[UUID, Shown] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    async def propose(self, caller: Caller, draft: Draft, *, business_date: date) -> Proposed:
        self.calls.append("propose")
        if self.refusal is not None:
            raise self.refusal
        same = next((one for one in self.kept.values() if self._same(one, draft)), None)
        if same is not None:
            return Proposed(same, is_new=False)
        return Proposed(self._keep(caller, draft, new_id(), 1))

    async def edit(
        self, caller: Caller, proposal_id: UUID, digest: Digest, draft: Draft, *, business_date: date
    ) -> Proposed:
        self.calls.append("edit")
        before = await self.read(caller, proposal_id)
        if before.digest != digest or before.state != "awaiting_confirmation":
            raise ConfirmationInvalid(f"the draft is {before.state}")
        self.kept[proposal_id] = replace(before, state="superseded")
        return Proposed(self._keep(caller, draft, before.proposal.series, before.proposal.version + 1))

    async def read(self, caller: Caller, proposal_id: UUID) -> Shown:
        if proposal_id not in self.kept:
            raise RecordNotFound(f"there is no proposal {proposal_id}")
        return self.kept[proposal_id]

    async def state_of(self, series: UUID) -> Shown | None:
        """The latest version of a draft, whoever asks."""
        of_series = [one for one in self.kept.values() if one.proposal.series == series]
        return max(of_series, key=lambda one: one.proposal.version, default=None)

    def _keep(self, caller: Caller, draft: Draft, series: UUID, version: int) -> Shown:
        proposal = Proposal(
            id=new_id(),
            series=series,
            version=version,
            draft=draft,
            requester=caller.subject,
            policy_hash="sha256:" + "0" * 64,
            nonce="0" * 32,
            created_at=NOW,
            expires_at=NOW + timedelta(hours=72),
        )
        rows = tuple(CardRow(f"{name}", f"{value}", key=f"{name}") for name, value in _flat(draft))
        shown = Shown(
            proposal,
            proposal.digest,
            "awaiting_confirmation",
            BUYERS,
            Card(draft.kind, rows, (), draft.grounds.flags, proposal.digest),
        )
        self.kept[proposal.id] = shown
        return shown

    @staticmethod
    def _same(one: Shown, draft: Draft) -> bool:
        waiting = one.state == "awaiting_confirmation"
        return waiting and one.proposal.draft.document("") == draft.document("")


def _flat(draft: Draft) -> list[tuple[str, object]]:
    document = draft.document("somebody")
    lines = getattr(document, "lines", (document,))
    return [
        (name, getattr(line, name))
        for line in lines
        for name in ("material", "quantity", "needed_on")
        if hasattr(line, name)
    ]
