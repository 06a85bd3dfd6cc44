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
from policies.drafts.proposal import Proposal
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
        documents = posted.get(marker_of(proposal.id, shown.digest), [])
        written[proposal.series] += bool(documents)
        now = await ground.proposals.read(everybody_at(ground.sites), proposal.id)
        states.append(now.state)
        found += [Broken(seed, wrong, what) for wrong, what in judge.of(proposal, now, documents)]
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
    markers = [marker_of(proposal, each.digest) for proposal, each in shown.items()]
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

    def of(self, proposal: Proposal, now: Shown, documents: Sequence[_Posted]) -> Iterator[tuple[Wrong, str]]:
        """What is wrong with a proposal and its documents."""
        signed = [each for each in self.log.signed if each.proposal.id == proposal.id]
        what = f"{proposal.id} ({now.state}), documents {[each.document.number for each in documents]}"
        # Whoever says that they have looked decides, and `plantwright audit reconcile` tells who said what.
        is_asked = now.state == "needs_reconciliation" or now.document_number == CLAIMED
        if now.proposal.canonical != proposal.canonical:
            yield "other than shown", f"{what}: not kept as it was shown"
        if now.state in ("confirmed", "dispatching"):
            yield "lost", f"{what}: neither done nor shown to anybody"
        if not documents:
            if now.state == "executed" and now.document_number != CLAIMED:
                yield "lost", f"{what}: executed, and nothing is there"
            return
        if now.state not in ("executed", "needs_reconciliation"):
            yield "lost", f"{what}: written, and nobody is told"
        if len({each.delivery for each in documents}) > 1 or (len(documents) > 1 and not is_asked):
            yield "duplicate", what
        if not self._enough(proposal, signed):
            yield "unconfirmed", f"{what}: signed by {[each.person for each in signed]}"
        if proposal.id in self.log.spoilt:
            yield "unconfirmed", f"{what}: written after a signer left or a fact changed"
        if not proposal.draft.sites <= set(self.sites):
            yield "out of scope", f"{what} at {sorted(proposal.draft.sites)}"
        as_shown = proposal.draft.document(proposal.requester)
        # What a system that failed midway has left of a document is shown to a person.
        if any(each.document.document != as_shown for each in documents) and not is_asked:
            yield "other than shown", what

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


def everybody_at(sites: tuple[str, ...]) -> Caller:
    """Somebody who sees every proposal of these sites."""
    return Caller("somebody", "Somebody", frozenset({"steward"}), frozenset(sites), frozenset())
