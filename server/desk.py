"""The desk: everything that channels do with drafts, put together for one process."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from erp_adapters.caller import Caller
from erp_adapters.demo.erp import read_back
from erp_adapters.errors import ConfigurationError, CopilotError, RecordNotFound
from erp_adapters.records import DraftKind, PostedDocument
from erp_adapters.store.provision import APP_ROLE, OWNER_ROLE
from erp_adapters.store.session import Store
from policies.audit.trail import PostgresTrail
from policies.clock import Clock, now_utc
from policies.confirmation import Confirmations
from policies.deciding import Policy
from policies.drafts.proposal import Draft
from policies.execution.working import Duty
from policies.facts import StoreFacts
from policies.failpoints import failpoints
from policies.in_force import PolicyInForce
from policies.people import day_at
from policies.predictors.register import Predictors
from policies.proposals import Proposals, Proposed, Shown
from policies.publications import Publications
from policies.reading import PolicyReads, Reads
from policies.states import State
from policies.switches import Switches, SwitchTarget
from policies.telling import Texts
from policies.watched import WatchedPolicy
from server.channels.opening import channels_of, panel_origin
from server.database import Database
from server.directory import StoreDirectory
from server.embedding import embedder_of
from server.finance.jobs import Jobs
from server.reading_again import ReadingAgain
from server.record import opened_record
from server.settings import Settings
from server.systems import FsmesSystem, Systems, systems_of
from server.telemetry.metrics import Metrics
from server.watching import watching
from server.webhooks.book import Webhooks
from server.worker import working
from tools.drafting.cancellation import draft_cancellation
from tools.drafting.floor import draft_order_hold, draft_work_order
from tools.drafting.hold import draft_hold
from tools.drafting.redating import draft_redating
from tools.drafting.requisition import draft_requisition
from tools.drafting.transfer import draft_transfer
from tools.registry import Tool
from tools.replanning.drafting import draft_replanning

if TYPE_CHECKING:
    from server.floor import Offering

log = logging.getLogger(__name__)
TOOLS: Mapping[DraftKind, Tool[Any]] = {
    "purchase_requisition": draft_requisition,
    "stock_transfer": draft_transfer,
    "quality_hold": draft_hold,
    "work_order": draft_work_order,
    "order_hold": draft_order_hold,
    "order_rescheduling": draft_replanning,
    "purchase_order_redating": draft_redating,
    "cancellation": draft_cancellation,
}
"""What makes each kind of draft."""

_COUNTS = """
select case when state = 'awaiting_confirmation' and expires_at <= now() then 'expired' else state end,
       count(*)
from app.proposal group by 1
"""
_MOVING: frozenset[State] = frozenset({"confirmed", "dispatching"})
_ASKED_S = 0.2
_BEGUN_ENDS_S = 5.0
"""A call to an ERP that has begun may take so long to end when its worker is told to stop."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Drafts of an opened home."""

    settings: Settings
    home: Database
    store: Store
    policy: Policy
    proposals: Proposals
    confirmations: Confirmations
    trail: PostgresTrail
    reads: Reads
    """What policy says about reading with each tool."""
    systems: Systems
    """What is written to, and for which sites."""
    metrics: Metrics = field(default_factory=Metrics)
    is_demo: bool = False
    """True where events may be told to addresses of this machine."""

    @property
    def directory(self) -> StoreDirectory:
        """Who there is and what is loaded."""
        return StoreDirectory(self.store)

    @property
    def switches(self) -> Switches:
        """What is switched off."""
        return self.proposals.switches

    @property
    def publications(self) -> Publications:
        """Explanations that people stand for."""
        # Imported where somebody publishes: a service at rest needs neither reports nor their wording.
        from server.finance.told import told_of

        return Publications(
            self.proposals.register,
            self.policy,
            self.trail,
            self.proposals.clock,
            Texts(self.proposals, self.confirmations, told_of),
        )

    @property
    def jobs(self) -> Jobs:
        """Explanations that nobody waits for."""
        return Jobs(self.proposals.register)

    @property
    def webhooks(self) -> Webhooks:
        """Who outside is told of explanations."""
        return Webhooks(
            self.proposals.register, self.policy, self.trail, self.proposals.clock, is_demo=self.is_demo
        )

    @property
    def predictors(self) -> Predictors:
        """Models that foretell, and what each may do where."""
        return Predictors(self.home.dsn(APP_ROLE), self.trail, self.proposals.clock)

    async def person(self, subject: str) -> Caller:
        """The person with their scope; RecordNotFound where there is none."""
        return await self.store.caller(subject)

    async def name(self, subject: str) -> str:
        """What a person is called; the subject itself where nobody active has it."""
        try:
            return (await self.store.caller(subject)).name
        except RecordNotFound:
            return subject

    async def propose(self, caller: Caller, draft: Draft, *, business_date: date) -> Proposed:
        """As `Proposals.propose`, under the name of the tool that makes such drafts: it can be off."""
        return await self.proposals.propose(
            caller, draft, business_date=business_date, tool=TOOLS[draft.kind].name
        )

    async def edit(
        self, caller: Caller, proposal_id: UUID, digest: str, draft: Draft, *, business_date: date
    ) -> Proposed:
        """As `Proposals.edit`, likewise."""
        return await self.proposals.edit(
            caller, proposal_id, digest, draft, business_date=business_date, tool=TOOLS[draft.kind].name
        )

    async def read(self, caller: Caller, proposal_id: UUID) -> Shown:
        """As `Proposals.read`."""
        return await self.proposals.read(caller, proposal_id)

    async def day(self, caller: Caller, site: str) -> date:
        """The site's day, by the data that is loaded.

        Raises:
            RecordNotFound: the caller sees no such site.
        """
        async with self.store.reading(caller) as tx:
            day = await day_at(tx, site)
        if day is None:
            raise RecordNotFound(
                f"there is no site {site!r} among yours; there are {', '.join(sorted(caller.sites))}"
            )
        return day

    async def counts(self, caller: Caller) -> dict[str, int]:
        """How many drafts that the caller may see are in each state."""
        async with self.store.reading(caller) as tx:
            found = await tx.fetch(_COUNTS)
        return {str(state): int(str(count)) for state, count in found.rows}

    async def switch(
        self,
        caller: Caller,
        state: Literal["off", "on"],
        target: Literal["site", "tool", "flow", "all"],
        name: str,
        reason: str,
    ) -> None:
        """Switch off or on; raises as Switches does."""
        turn = self.switches.off if state == "off" else self.switches.on
        await turn(caller, SwitchTarget(target, name), reason)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Brings what was confirmed to the ERP while it is open, beside whatever other workers there are.

        Raises:
            ConfigurationError: this home has no ERP to write to; the message names the remedy.
            ErpUnavailable: it does not answer.
        """
        again = ReadingAgain(self.home, self.systems, lambda: embedder_of(self.settings))
        offering = self.offering()
        further = [
            *((Duty("systems that are read", again.sweep),) if again else ()),
            *((Duty("machines that stand still", offering.sweep),) if offering else ()),
        ]
        async with (
            self._telling() as telling,
            watching(self.home, self.systems.machines, self.settings.keep_samples_days),
            self.systems.opened(self.home, needed=self.is_demo) as ports,
            working(
                self.home,
                ports,
                policy=self.policy,
                trail=self.trail,
                clock=self.proposals.clock,
                failpoint=self.settings.failpoint,
                written=self.take_over,
                ended=self.metrics.executed,
                patience_s=_BEGUN_ENDS_S,
                is_demo=self.is_demo,
                further=[*further, *telling],
                keep_days=self.settings.keep_done_days,
                floors=ports.floors,
            ),
        ):
            yield

    def offering(self) -> Offering | None:
        """What drafts a replanning where a machine stands still; None where nobody wants that."""
        wanted = [system for system in self.systems.values() if isinstance(system, FsmesSystem)]
        names = {site: subject for system in wanted for site, subject in system.replans.items()}
        if not names:
            return None
        # Imported where it is wanted: a service at rest needs no planning.
        from server.feeding import every
        from server.floor import Offering

        after = min(every(system.replans_after) for system in wanted if system.replans)
        return Offering(self, names, ("fsmes",), after)

    @asynccontextmanager
    async def _telling(self) -> AsyncIterator[tuple[Duty, ...]]:
        """What is told in chat channels, where the settings name any."""
        channels = channels_of(self.settings, is_demo=self.is_demo)
        if not channels:
            yield ()
            return
        # It stands on the desk itself.
        from server.channels.book import ChannelBook
        from server.channels.unasked import Unasked

        origin = panel_origin(self.settings, is_demo=self.is_demo)
        async with ChannelBook.of(self.home) as book:
            try:
                told = Unasked(self, book, channels, origin, self.proposals.clock)
                yield (Duty("chat channels", told.sweep),)
            finally:
                for channel in channels.values():
                    await channel.close()

    async def take_over(self) -> None:
        """Let the next question see what the ERP has: its new documents in the operational store.

        Where that fails the documents are in the ERP all the same; a line of the log says so.
        """
        try:
            new = await asyncio.to_thread(read_back, self.home.dsn(OWNER_ROLE))
        except CopilotError as error:
            log.warning("what the ERP posted is not in the store yet: %s", error)
        else:
            log.info("%s lines of documents taken over from the ERP", new)

    async def documents(self) -> tuple[PostedDocument, ...]:
        """Every document of ours that the connected systems have, as they tell themselves."""
        async with self.systems.opened(self.home) as ports:
            return await ports.documents()

    async def settled(self, caller: Caller, proposal_id: UUID, patience_s: float, *, works: bool) -> Shown:
        """The draft once nothing moves by itself any more, or as it stands when patience is used up.

        Args:
            works: True to carry out here what was confirmed, beside whatever worker there is.
        """
        async with AsyncExitStack() as stack:
            if works:
                await stack.enter_async_context(self.working())
            until = time.monotonic() + patience_s
            while True:
                shown = await self.proposals.read(caller, proposal_id)
                if shown.state not in _MOVING or time.monotonic() > until:
                    return shown
                await asyncio.sleep(_ASKED_S)


@asynccontextmanager
async def opened_desk(
    settings: Settings,
    home: Database,
    store: Store,
    *,
    clock: Clock = now_utc,
    metrics: Metrics | None = None,
) -> AsyncIterator[Desk]:
    """The desk of a home whose store is open; what policy decides and workers do is counted.

    Raises:
        ConfigurationError: keys, policies or the file of systems cannot be used; the message says the remedy.
        StoreUnavailable, AuditUnavailable: the database does not answer.
    """
    dsn = home.dsn(APP_ROLE)
    metrics, systems = metrics or Metrics(), systems_of(settings)
    async with AsyncExitStack() as stack:
        trail = await stack.enter_async_context(opened_record(settings, dsn))
        in_force = await stack.enter_async_context(PolicyInForce.watching(dsn))
        policy = WatchedPolicy(in_force, metrics.decided)
        proposals = await stack.enter_async_context(
            await Proposals.open(
                dsn, policy=policy, trail=trail, clock=clock, failpoints=failpoints(settings.failpoint)
            )
        )
        confirmations = Confirmations(proposals, StoreFacts(store))
        yield Desk(
            settings,
            home,
            store,
            policy,
            proposals,
            confirmations,
            trail,
            PolicyReads(policy),
            systems,
            metrics,
            await StoreDirectory(store).is_demo(),
        )


@asynccontextmanager
async def manned(settings: Settings, *, for_a_person: bool = True) -> AsyncIterator[Desk]:
    """The desk of a home without a model, for commands.

    Args:
        settings: of the home.
        for_a_person: False where nobody asks for anything, and so nobody has to say who they are.

    Raises:
        ConfigurationError: this is no demo home, so nobody may simply say who they are.
    """
    from server.bootstrap import started
    from server.house import NO_DEMO

    async with started(settings) as home, await Store.open(home.dsn(APP_ROLE)) as store:
        if for_a_person and not await StoreDirectory(store).is_demo():
            raise ConfigurationError(NO_DEMO)
        async with opened_desk(settings, home, store) as desk:
            yield desk
