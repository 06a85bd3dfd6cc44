"""What the ERP has at the end, against what people were shown and confirmed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

import psycopg

from erp_adapters.caller import Caller
from erp_adapters.demo.erp.mapping import posted_of
from erp_adapters.records import PostedDocument
from eval.adversarial.writing.acts import CLAIMED, Log, Signed
from eval.adversarial.writing.ground import Cast, Ground
from policies.drafts.cancellation import CancellationDraft
from policies.drafts.proposal import Proposal, documents_of
from policies.drafts.replanning import ReplanningDraft
from policies.execution.marker import marker_of
from policies.proposals import Shown
from policies.states import State

Wrong: TypeAlias = Literal["unconfirmed", "duplicate", "other than shown", "out of scope", "lost", "accepted"]
WRONGS: tuple[Wrong, ...] = (
    "unconfirmed",
    "duplicate",
    "other than shown",
    "out of scope",
    "lost",
    "accepted",
)

_SIGN_ALONE = Decimal(10_000)
"""Euros up to which the packaged limits let one person sign a requisition."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that must never be."""

    seed: int
    wrong: Wrong
    what: str

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.wrong}: {self.what}"


async def drained(ground: Ground) -> None:
    """Whatever can be settled is: workers without faults, until nothing is due."""
    async with ground.worker() as worker:
        for _ in range(4):
            await worker.sweep()
            ground.watch.on(timedelta(seconds=75))
        await worker.sweep()


async def count(
    ground: Ground, seed: int, sites: tuple[str, str], log: Log
) -> tuple[list[Broken], list[State]]:
    """What is wrong after a trace, by the documents in the ERP; and the states that its proposals are in."""
    states = []
    judge = _Judge(Cast.of(seed), sites, log)
    posted: dict[str, list[_Posted]] = defaultdict(list)
    async for document in _documents(ground, {shown.proposal.id: shown for shown in log.shown.values()}):
        posted[document.marker].append(document)
    found = [Broken(seed, "accepted", what) for what in log.broken]
    written: Counter[UUID] = Counter()
    for shown in log.shown.values():
        proposal = shown.proposal
        parts = {
            part: posted.get(marker_of(proposal.id, shown.digest, part), [])
            for part, _ in documents_of(proposal.draft, proposal.requester)
        }
        if isinstance(proposal.draft, CancellationDraft):
            # What it has done is that the other's document is cancelled.
            parts = {"": [one for one in posted.get(proposal.draft.marker, []) if one.document.is_cancelled]}
        written[proposal.series] += any(parts.values())
        now = await ground.proposals.read(everybody_at(ground.sites), proposal.id)
        states.append(now.state)
        found += [Broken(seed, wrong, what) for wrong, what in judge.of(proposal, now, parts)]
    found += [Broken(seed, "duplicate", f"two versions of {s}") for s, n in written.items() if n > 1]
    return found, states


@dataclass(frozen=True, slots=True)
class _Posted:
    """A document by the ERP's own tables."""

    marker: str
    delivery: str
    """The call that it came of; the network may deliver one call twice."""
    document: PostedDocument


async def _documents(ground: Ground, shown: Mapping[UUID, Shown]) -> AsyncIterator[_Posted]:
    markers = [
        marker_of(proposal, each.digest, part)
        for proposal, each in shown.items()
        for part, _ in documents_of(each.proposal.draft, each.proposal.requester)
    ]
    async with await psycopg.AsyncConnection.connect(ground.erp_dsn) as connection:
        rows = await connection.execute(
            "select marker, delivery::text, demo_erp.document_of(doc_no) from demo_erp.document"
            " where marker = any(%s) order by posted_at, doc_no",
            (markers,),
        )
        async for marker, delivery, document in rows:
            yield _Posted(marker, delivery, posted_of(document))


@dataclass(frozen=True, slots=True)
class _Judge:
    cast: Cast
    sites: tuple[str, str]
    log: Log

    def of(
        self, proposal: Proposal, now: Shown, parts: Mapping[str, Sequence[_Posted]]
    ) -> Iterator[tuple[Wrong, str]]:
        """What is wrong with a proposal and its documents, by part."""
        documents = [each for part in parts.values() for each in part]
        signed = [each for each in self.log.signed if each.proposal.id == proposal.id]
        what = f"{proposal.id} ({now.state}), documents {[each.document.number for each in documents]}"
        # Whoever says that they have looked decides, and `plantwright audit reconcile` tells who said what.
        is_asked = now.state == "needs_reconciliation" or CLAIMED in now.document_number
        if now.proposal.canonical != proposal.canonical:
            yield "other than shown", f"{what}: not kept as it was shown"
        if now.state in ("confirmed", "dispatching"):
            yield "lost", f"{what}: neither done nor shown to anybody"
        if not documents:
            if now.state in ("executed", "partly_written") and not is_asked:
                yield "lost", f"{what}: {now.state}, and nothing is there"
            return
        if now.state not in ("executed", "partly_written", "needs_reconciliation"):
            yield "lost", f"{what}: written, and nobody is told"
        if not is_asked and now.state == "executed" and not all(parts.values()):
            yield "lost", f"{what}: executed, and not all of it is there"
        if not is_asked and now.state == "partly_written" and all(parts.values()):
            yield "lost", f"{what}: said to be there in part, and all of it is"
        for of_part in parts.values():
            if len({each.delivery for each in of_part}) > 1 or (len(of_part) > 1 and not is_asked):
                yield "duplicate", what
        if not self._enough(proposal, signed):
            yield "unconfirmed", f"{what}: signed by {[each.person for each in signed]}"
        if proposal.id in self.log.spoilt:
            yield "unconfirmed", f"{what}: written after a signer left or a fact changed"
        if not proposal.draft.sites <= set(self.sites):
            yield "out of scope", f"{what} at {sorted(proposal.draft.sites)}"
        as_shown = dict(documents_of(proposal.draft, proposal.requester))
        # What a system that failed midway has left of a document is shown to a person.
        if isinstance(proposal.draft, CancellationDraft):
            return
        if not is_asked and any(
            each.document.document != as_shown[part] for part, posted in parts.items() for each in posted
        ):
            yield "other than shown", what

    @property
    def planners(self) -> set[str]:
        """Who may sign moves of orders first."""
        return {self.cast.planner, self.cast.second_planner, self.cast.substitute}

    def _enough(self, proposal: Proposal, signed: Sequence[Signed]) -> bool:
        """Whether people who may had signed; written from the packaged limits, not from Cedar."""
        people = {each.person for each in signed if each.digest == proposal.digest}
        cast = self.cast
        if proposal.requester in people:
            return False
        for_buyer = {cast.substitute} if cast.substitute in people else set()
        match proposal.draft.kind:
            case "purchase_requisition":
                value = proposal.draft.value
                may = {cast.buyer, cast.second_buyer, cast.controller} | for_buyer
                if {cast.buyer, cast.substitute} <= people:
                    return False
                if value is not None and value.amount < _SIGN_ALONE:
                    return bool(people) and people <= may
                return len(people) >= 2 and people <= may and cast.controller in people
            case "stock_transfer":
                return len(people) >= 2 and people <= {cast.inventory, cast.controller}
            case "quality_hold":
                return bool(people) and people <= {cast.steward}
            case "work_order" | "order_hold":
                raise AssertionError("they go to a MES, and these plants have none")
            case "purchase_order_redating":
                return bool(people) and people <= {cast.buyer, cast.second_buyer, cast.controller} | for_buyer
            case "published_text":
                return bool(people) and people <= {cast.controller}
            case "cancellation":
                assert isinstance(proposal.draft, CancellationDraft), "the kind says so"
                may = {
                    "purchase_requisition": {cast.buyer, cast.second_buyer, cast.controller} | for_buyer,
                    "stock_transfer": {cast.inventory, cast.controller},
                    "quality_hold": {cast.steward},
                    "published_text": {cast.controller},
                }[proposal.draft.original.kind]
                return bool(people) and people <= may
            case "order_rescheduling":
                # What has started, or will by tomorrow, takes a controller beside a planner.
                assert isinstance(proposal.draft, ReplanningDraft), "the kind says so"
                tomorrow = (proposal.draft.now + timedelta(days=1)).date()
                starts = [move.before.start_on for move in proposal.draft.moves]
                is_near = any(day is not None and day <= tomorrow for day in starts)
                may = {*self.planners, cast.controller}
                return (
                    bool(people & self.planners)
                    and people <= may
                    and (not is_near or cast.controller in people)
                )


def everybody_at(sites: tuple[str, ...]) -> Caller:
    """Somebody who sees every proposal of these sites."""
    return Caller("somebody", "Somebody", frozenset({"steward"}), frozenset(sites), frozenset())
