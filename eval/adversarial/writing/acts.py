"""What people, clients, workers and the ERP do in one trace, well-meant or hostile, drawn by seed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import psycopg

from erp_adapters.demo.erp.faults import Fault, FaultKind
from erp_adapters.errors import CopilotError, DraftInvalid, PolicyError, RecordNotFound
from erp_adapters.records import DraftKind
from eval.adversarial.writing.ground import Cast, DiesAt, Ground, Killed
from policies.drafts.cancellation import CancellationDraft
from policies.drafts.hold import HoldDraft
from policies.drafts.parts import Price
from policies.drafts.proposal import AnyDraft, Proposal
from policies.drafts.published_text import PublishedTextDraft
from policies.drafts.replanning import ReplanningDraft
from policies.drafts.requisition import RequisitionDraft
from policies.drafts.transfer import TransferDraft
from policies.facts import fact, fact_versions
from policies.failpoints import Failpoint
from policies.proposals import Shown
from policies.switches import SwitchTarget
from policies.taking_back import taking_back

CLAIMED = "10009999"
"""Number of a document that a person claims to have found."""
_KINDS: tuple[DraftKind, ...] = (
    *("purchase_requisition", "stock_transfer", "quality_hold") * 2,
    "order_rescheduling",
)
_FAULTS: tuple[FaultKind, ...] = (
    *("unavailable", "drop_before", "drop_after_commit", "duplicate_delivery", "partial_lines"),
    *("token_expiry", "late_504"),
)
_DYING: tuple[Failpoint, ...] = (
    *(Failpoint.CLAIMED, Failpoint.RECHECKED, Failpoint.DISPATCH_WRITTEN, Failpoint.DISPATCHED),
    *(Failpoint.CALLED, Failpoint.SETTLE_WRITTEN, Failpoint.SETTLED, Failpoint.READ_BACK),
)


@dataclass(frozen=True, slots=True)
class Signed:
    """A confirmation that was accepted."""

    proposal: Proposal
    """As it was shown to whoever confirmed."""
    digest: str
    person: str


@dataclass
class Log:
    """What the suite itself saw: it owes nothing to what the product remembers."""

    shown: dict[UUID, Shown] = field(default_factory=dict)
    signed: list[Signed] = field(default_factory=list)
    spoilt: set[UUID] = field(default_factory=set)
    """Confirmed and not yet sent when somebody lost a role or a fact changed: it must not be written."""
    broken: list[str] = field(default_factory=list)
    """What was accepted that must be refused."""
    acts: list[str] = field(default_factory=list)
    refused: int = 0


class Actor:
    """One trace's hands."""

    def __init__(self, ground: Ground, seed: int, sites: tuple[str, str]) -> None:
        self.ground, self.seed, self.sites = ground, seed, sites
        self.cast = Cast.of(seed)
        self.callers = self.cast.callers(sites, ground.elsewhere(sites))
        self.log = Log()
        self.chance = random.Random(f"writes {seed}")
        self._sent: set[UUID] = set()
        """Whatever a worker has been let near: what it did before a change is not held against it."""

    async def play(self) -> Log:
        """The trace."""
        await self._propose()
        for _ in range(self.chance.randint(4, 9)):
            act = self.chance.choices([act for act, _ in _ACTS], [weight for _, weight in _ACTS])[0]
            self.log.acts.append(act.__name__.strip("_"))
            await act(self)
        return self.log

    async def _propose(self) -> None:
        """A person asks for something, most often a person who may."""
        who = self._somebody(self.cast.planner, self.cast.second_planner)
        draft = await self.draft(self.chance.choice(_KINDS))
        await self._tried(self.proposed(who, draft))

    async def proposed(self, who: str, draft: AnyDraft) -> None:
        """One person hands one draft in."""
        caller = self.callers[who]
        made = await self.ground.proposals.propose(caller, draft, business_date=self._day())
        self._see(made.shown)

    def _see(self, shown: Shown) -> None:
        """Remember it, unless it is another trace's draft for the same need."""
        if shown.proposal.requester in self.callers:
            self.log.shown[shown.proposal.id] = shown

    async def _confirm(self) -> None:
        """Somebody confirms what they are shown."""
        shown = self._any()
        if shown is not None:
            await self._tried(self.confirming(self._signer(shown), shown, shown.digest))

    async def _agree(self) -> None:
        """Those who may confirm do so, as on most days."""
        shown = self._any()
        if shown is None:
            return
        cast = self.cast
        for who in {
            "purchase_requisition": (cast.buyer, cast.controller),
            "stock_transfer": (cast.inventory, cast.controller),
            "quality_hold": (cast.steward,),
            "order_rescheduling": (cast.second_planner, cast.controller),
            "published_text": (cast.controller,),
            "cancellation": (cast.buyer, cast.inventory, cast.steward),
        }[shown.proposal.draft.kind]:
            await self._tried(self.confirming(who, shown, shown.digest))

    async def confirming(self, who: str, shown: Shown, digest: str) -> None:
        """One person confirms one digest; what was accepted is kept, and held against what may be."""
        caller = self.callers[who]
        proposal = shown.proposal
        after = await self.ground.confirmations.confirm(
            caller, proposal.id, digest, business_date=self._day()
        )
        self.log.signed.append(Signed(proposal, digest, who))
        if digest != shown.digest:
            self.log.broken.append(f"{who} confirmed {proposal.id} by {digest!r}, shown was {shown.digest}")
        if who == self.cast.stranger:
            self.log.broken.append(f"a stranger confirmed {proposal.id}")
        if after.proposal.canonical != proposal.canonical:
            self.log.broken.append(f"{proposal.id} is not what was shown")

    async def _forge(self) -> None:
        """A confirmation with a digest that was never shown for that proposal."""
        shown, other = self._any(), self._any()
        if shown is None or other is None:
            return
        digest = shown.digest
        place = self.chance.randrange(8, len(digest))
        forged = self.chance.choice(
            [
                digest[:place] + ("0" if digest[place] != "0" else "1") + digest[place + 1 :],
                *(digest.upper(), digest[:-1], digest + " ", "", "sha256:" + "0" * 64, "*"),
                other.digest if other.digest != digest else digest[::-1],
            ]
        )
        await self._tried(self.confirming(self._signer(shown), shown, forged))

    async def _made_up(self) -> None:
        """A confirmation of a proposal that is not there."""
        shown = self._any()
        if shown is None:
            return
        caller = self.callers[self.cast.buyer]
        try:
            await self.ground.confirmations.confirm(caller, uuid4(), shown.digest, business_date=self._day())
            self.log.broken.append("a proposal that is not there was confirmed")
        except RecordNotFound:
            self.log.refused += 1

    async def _at_once(self) -> None:
        """Eight confirmations of one proposal in the same moment, by several people."""
        shown = self._any()
        if shown is not None:
            people = [self._signer(shown) for _ in range(8)]
            await asyncio.gather(*(self._tried(self.confirming(who, shown, shown.digest)) for who in people))

    async def _together(self) -> None:
        """Several at once, in another order or with another total than shown."""
        waiting = list(self.log.shown.values())[:4]
        if len(waiting) < 2:
            return
        given = [(shown.proposal.id, str(shown.digest)) for shown in waiting]
        total = self.chance.choice([None, Price(amount=Decimal("1.00"), currency="EUR"), _sum(waiting)])
        if self.chance.random() < 0.3:
            given.append(given[0])
        who = self._signer(waiting[0])

        async def all_of_them() -> None:
            caller = self.callers[who]
            await self.ground.confirmations.confirm_together(caller, given, total, business_date=self._day())
            if total != _sum(waiting) or len(given) != len(waiting):
                self.log.broken.append("several were confirmed by a total or a list that was not shown")
            self.log.signed += [Signed(each.proposal, each.digest, who) for each in waiting]

        await self._tried(all_of_them())

    async def _take_back(self) -> None:
        """Somebody asks to take back what was written, or claims that it was; some who may agree."""
        shown = self._any()
        if shown is None:
            return
        by = self.callers[self.cast.steward]
        now = await self.ground.proposals.read(by, shown.proposal.id)
        number = now.document_number or CLAIMED
        who = self._somebody(self.cast.planner, self.cast.second_planner)

        async def asked() -> None:
            draft = taking_back(shown.proposal, number)
            if self.chance.random() < 0.3:
                draft = draft.model_copy(update={"marker": "PW-" + "A" * 26})
            await self.proposed(who, draft)
            if now.state != "executed" or draft.marker != taking_back(shown.proposal, number).marker:
                self.log.broken.append(f"{number} is to be taken back, and is not what was written")
            made = list(self.log.shown.values())[-1]
            await self._tried(self.confirming(self._signer(made), made, made.digest))

        await self._tried(asked())

    async def _edit(self) -> None:
        """Somebody changes what waits, and somebody confirms what it was before."""
        shown = self._any()
        if shown is None:
            return
        before = shown.proposal.draft
        after = (await self.draft(before.kind)).model_copy(update={"site": before.site})
        who = self._somebody(self.cast.planner, self.cast.buyer)

        async def changed() -> None:
            caller = self.callers[who]
            made = await self.ground.proposals.edit(
                caller, shown.proposal.id, shown.digest, after, business_date=self._day()
            )
            self._see(made.shown)
            if made.is_new and self.chance.random() < 0.7:
                count = len(self.log.signed)
                await self._tried(self.confirming(self._signer(shown), shown, shown.digest))
                if len(self.log.signed) > count:
                    self.log.broken.append(f"{shown.proposal.id} was confirmed after it was replaced")

        await self._tried(changed())

    async def _reject(self) -> None:
        """Somebody rejects, and somebody confirms all the same."""
        shown = self._any()
        if shown is None:
            return
        who = self._signer(shown)

        async def rejected() -> None:
            caller = self.callers[who]
            await self.ground.confirmations.reject(caller, shown.proposal.id, shown.digest, "not needed")
            count = len(self.log.signed)
            await self._tried(self.confirming(self._signer(shown), shown, shown.digest))
            if len(self.log.signed) > count:
                self.log.broken.append(f"{shown.proposal.id} was confirmed after it was rejected")

        await self._tried(rejected())

    async def _reach_in(self) -> None:
        """Statements under the program's own login, as if its code had been taken over."""
        shown = self._any()
        if shown is None:
            return
        subject = self._somebody(self.cast.planner, self.cast.admin)
        if subject == self.cast.buyer:
            # In the buyer's own session a signature in the buyer's name is no forgery; what it is worth,
            # policy decides anew before anything is written.
            subject = self.cast.planner
        caller = self.callers[subject]
        statement = self.chance.choice(_STATEMENTS)
        values = {
            "id": shown.proposal.id,
            "digest": shown.digest,
            "buyer": self.cast.buyer,
            "canonical": shown.proposal.canonical.replace(b'"value":"', b'"value":"9'),
        }
        try:
            async with self.ground.proposals.register.under(caller) as connection:
                touched = (await connection.execute(statement.encode(), values)).rowcount
        except (CopilotError, psycopg.Error):
            self.log.refused += 1
            return
        if touched > 0:
            self.log.broken.append(f"the database let a login do {statement!r}")

    async def _lose_a_role(self) -> None:
        """Somebody who asked or signed leaves, or has no role any more."""
        subject = self.chance.choice([self.cast.planner, self.cast.buyer, self.cast.controller])
        with psycopg.connect(self.ground.owner_dsn) as owner:
            if self.chance.random() < 0.5:
                owner.execute("update erp.person set active = false where subject = %s", (subject,))
            else:
                owner.execute("update erp.person set roles = '{}' where subject = %s", (subject,))
        self._spoil(lambda shown, signers: subject in (shown.proposal.requester, *signers))

    async def _change_a_fact(self) -> None:
        """What a draft rests on changes."""
        shown = self._any()
        if shown is None:
            return
        relied = shown.proposal.draft.grounds.facts[0]
        with psycopg.connect(self.ground.owner_dsn) as owner:
            if relied.record == "production_order":
                owner.execute(
                    "update erp.production_order set ordered = ordered + 1 where site = %s and order_id = %s",
                    (relied.site, relied.key[0]),
                )
            else:
                owner.execute(
                    "update erp.material set standard_cost = coalesce(standard_cost, 0) + 1"
                    " where site = %s and material_id = %s",
                    (relied.site, relied.key[0]),
                )
        self._spoil(lambda each, _: relied in each.proposal.draft.grounds.facts)

    async def _switch(self) -> None:
        """A site is switched off; nothing is written while it is."""
        target = SwitchTarget("site", self.sites[0])
        admin = self.callers[self.cast.admin]
        # What was sent before may still be committed, and no switch calls it back.
        await self.ground.erp.at_rest()
        before = await self._count()
        try:
            await self.ground.proposals.switches.off(admin, target, "a look at the figures")
        except PolicyError:
            self.log.refused += 1
            return
        await self._confirm()
        await self._work()
        if await self._count() != before:
            self.log.broken.append(f"{self.sites[0]} was written to while it was switched off")
        await self.ground.proposals.switches.on(admin, target, "looked at")

    async def _wait(self) -> None:
        """Time goes by: minutes, or days in which proposals expire."""
        self.ground.watch.on(
            self.chance.choice([timedelta(minutes=2), timedelta(hours=30), timedelta(days=4)])
        )

    async def _work(self) -> None:
        """A worker does what is due, and may die; or two at once; and the ERP has its moods."""
        faults = [Fault(self.chance.choice(_FAULTS), 0.01) for _ in range(self.chance.choice([0, 0, 1, 2]))]
        dies = DiesAt(self.chance.choice(_DYING)) if self.chance.random() < 0.3 else None
        self._sent |= {each.proposal.id for each in self.log.signed}
        try:
            async with self.ground.worker(faults, dies) as one:
                if self.chance.random() < 0.3 and dies is None:
                    async with self.ground.worker() as two:
                        await asyncio.gather(one.sweep(), two.sweep())
                else:
                    await one.sweep()
        except Killed:
            # Its lease has to run out before another may go on.
            self.ground.watch.on(timedelta(seconds=self.chance.choice([0, 60])))

    async def _undo(self) -> None:
        """A worker, then a person who claims that nothing was written, though perhaps it was."""
        await self._work()
        for shown in list(self.log.shown.values()):
            who = self._signer(shown)
            number = self.chance.choice(["", CLAIMED])

            async def claimed(shown: Shown = shown, who: str = who, number: str = number) -> None:
                caller = self.callers[who]
                await self.ground.confirmations.reconcile(
                    caller,
                    shown.proposal.id,
                    shown.digest,
                    "found" if number else "not_written",
                    number,
                    "I looked",
                )

            await self._tried(claimed())

    async def _tried(self, act: Awaitable[None]) -> None:
        """Do it; what is refused with one of our errors is as it should be, all else is a finding."""
        try:
            await act
        except (PolicyError, RecordNotFound, DraftInvalid):
            self.log.refused += 1
        except CopilotError as error:
            self.log.broken.append(f"{type(error).__name__}: {error}")

    def _spoil(self, hits: Callable[[Shown, Sequence[str]], bool]) -> None:
        signers: dict[UUID, list[str]] = {}
        for each in self.log.signed:
            signers.setdefault(each.proposal.id, []).append(each.person)
        for proposal, people in signers.items():
            if proposal not in self._sent and hits(self.log.shown[proposal], people):
                self.log.spoilt.add(proposal)

    async def draft(self, kind: DraftKind) -> AnyDraft:
        """A draft of one of this trace's sites, resting on its material as it is now."""
        draft = self._at(kind, self.chance.choice(self.sites))
        assert not isinstance(draft, PublishedTextDraft | CancellationDraft), "they follow from others"
        if isinstance(draft, ReplanningDraft):
            return await self._resting_on_its_orders(draft)
        if isinstance(draft, TransferDraft):
            sender = self.sites[0] if draft.site == self.sites[1] else self.sites[1]
            sent = self._at("quality_hold", sender)
            assert isinstance(sent, HoldDraft)
            draft = draft.model_copy(update={"from_site": sender, "from_material": sent.material})
        first = draft.lines[0] if isinstance(draft, RequisitionDraft) else draft
        who = self.callers[self.cast.steward]
        async with self.ground.store.reading(who) as tx:
            found = await tx.fetch(
                "select material_id from erp.material where site = %(site)s and number = %(number)s",
                {"site": draft.site, "number": first.material.code},
            )
            relied = await fact(tx, "material", draft.site, (str(found.rows[0][0]),))
        grounds = draft.grounds.model_copy(update={"facts": (relied,)})
        draft = draft.model_copy(update={"grounds": grounds})
        if isinstance(draft, RequisitionDraft) and self.chance.random() < 0.4:
            price = Price(amount=Decimal("900.00"), currency="EUR")
            lines = tuple(line.model_copy(update={"unit_price": price}) for line in draft.lines)
            draft = draft.model_copy(update={"lines": lines})
        return draft

    async def _resting_on_its_orders(self, draft: ReplanningDraft) -> ReplanningDraft:
        async with self.ground.store.reading(self.callers[self.cast.steward]) as tx:
            relied = await fact_versions(
                tx, [("production_order", draft.site, (move.order,)) for move in draft.moves]
            )
        return draft.model_copy(update={"grounds": draft.grounds.model_copy(update={"facts": relied})})

    def _at(self, kind: DraftKind, site: str) -> AnyDraft:
        for number in range(self.chance.randrange(5_000), 20_000):
            draft = self.ground.plants.draft(kind, number)
            if draft.site == site:
                return draft
        raise AssertionError(f"no material at {site}")

    def _somebody(self, *likely: str) -> str:
        return self.chance.choice(likely if self.chance.random() < 0.7 else self.cast.everybody)

    def _signer(self, shown: Shown) -> str:
        likely = {
            "purchase_requisition": (self.cast.buyer, self.cast.second_buyer, self.cast.controller),
            "stock_transfer": (self.cast.inventory, self.cast.controller),
            "quality_hold": (self.cast.steward,),
            "order_rescheduling": (self.cast.second_planner, self.cast.controller),
            "published_text": (self.cast.controller,),
            "cancellation": (self.cast.buyer, self.cast.inventory, self.cast.steward, self.cast.controller),
        }
        return self._somebody(*likely[shown.proposal.draft.kind])

    def _any(self) -> Shown | None:
        return self.chance.choice(list(self.log.shown.values())) if self.log.shown else None

    def _day(self) -> date:
        return self.ground.plants.days[self.sites[0]]

    async def _count(self) -> int:
        return len(await self.ground.erp.documents(self.sites[0]))


def _sum(shown: Sequence[Shown]) -> Price | None:
    """What they come to, reckoned here."""
    values = [each.proposal.draft.value for each in shown]
    if any(value is None for value in values):
        return None
    known = [value for value in values if value is not None]
    if len({value.currency for value in known}) != 1:
        return None
    return Price(amount=sum((value.amount for value in known), Decimal(0)), currency=known[0].currency)


_STATEMENTS = (
    "update app.proposal set state = 'confirmed', confirmed_at = now() where id = %(id)s",
    # Set to what it is already, nothing is changed.
    "update app.proposal set state = 'dispatching' where id = %(id)s and state <> 'dispatching'",
    "update app.proposal set canonical = %(canonical)s where id = %(id)s",
    "update app.proposal set digest = %(digest)s, requester = %(buyer)s where id = %(id)s",
    "update app.proposal set signatures_needed = 0 where id = %(id)s",
    "update app.proposal set expires_at = now() + interval '1 year' where id = %(id)s",
    "delete from app.proposal where id = %(id)s",
    "truncate app.proposal cascade",
    "insert into app.outbox (proposal, due_at) values (%(id)s, now())",
    "update app.outbox set fence = 0, sent_at = null, done_at = null where proposal = %(id)s",
    "insert into app.signature (proposal, digest, subject, name, roles, policies, policy_hash, signed_at)"
    " values (%(id)s, %(digest)s, %(buyer)s, 'x', '{buyer}', '{}', 'x', now())",
    "update app.signature set subject = %(buyer)s where proposal = %(id)s",
    "delete from app.proposal_step where proposal = %(id)s",
    "update erp.person set roles = '{buyer,controller}' where subject = %(buyer)s",
    "insert into demo_erp.document (doc_type) values ('PR')",
    "delete from audit.event",
    "select set_config('plantwright.subject', %(buyer)s, true)",
    "select app.enter_scope(%(buyer)s, '{KAS}', '{}', 1000, '{buyer}')",
    "set local role plantwright_worker",
    "set local role plantwright_owner",
)

_ACTS: tuple[tuple[Callable[[Actor], Awaitable[None]], int], ...] = (
    (Actor._propose, 3),
    (Actor._confirm, 6),
    (Actor._agree, 5),
    (Actor._forge, 3),
    (Actor._made_up, 1),
    (Actor._at_once, 2),
    (Actor._together, 2),
    (Actor._edit, 3),
    (Actor._take_back, 2),
    (Actor._reject, 1),
    (Actor._reach_in, 3),
    (Actor._lose_a_role, 1),
    (Actor._change_a_fact, 1),
    (Actor._switch, 1),
    (Actor._wait, 2),
    (Actor._work, 6),
    (Actor._undo, 1),
)
