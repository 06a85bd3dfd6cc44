"""A desk: proposals, confirmations and an executor over a real database, with a clock that tests turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, WORKER_ROLE
from policies.confirmation import Confirmations
from policies.drafts.proposal import AnyDraft
from policies.execution.executor import Executor
from policies.proposals import Proposals, Shown
from tests.conftest import Database
from tests.policies.fault_erp import FaultErp
from tests.policies.stand_ins import (
    BUYER,
    DAY,
    PLANNER,
    StandInFacts,
    StandInPeople,
    StandInPolicy,
    StandInTrail,
    Watch,
    requisition,
)


@dataclass
class Desk:
    """Everything between a wish and a document."""

    proposals: Proposals
    confirmations: Confirmations
    executor: Executor
    erp: FaultErp
    policy: StandInPolicy
    trail: StandInTrail
    people: StandInPeople
    facts: StandInFacts
    watch: Watch
    database: Database
    seen: set[str] = field(default_factory=set)

    async def proposed(self, draft: AnyDraft | None = None, by: Caller = PLANNER) -> Shown:
        made = await self.proposals.propose(by, draft or requisition(), business_date=DAY)
        assert made.is_new, "the test proposes something new"
        return made.shown

    async def confirmed(self, draft: AnyDraft | None = None, by: Caller = BUYER) -> Shown:
        shown = await self.proposed(draft)
        return await self.confirm(shown, by)

    async def confirm(self, shown: Shown, by: Caller = BUYER) -> Shown:
        return await self.confirmations.confirm(by, shown.proposal.id, shown.digest, business_date=DAY)

    async def state(self, proposal: UUID) -> Shown:
        return await self.proposals.read(PLANNER, proposal)

    async def settle(self, proposal: UUID, seconds: int = 120) -> Shown:
        """Let time pass, second by second, with a sweep at each."""
        for _ in range(seconds):
            await self.executor.sweep()
            self.watch.on(seconds=1)
        return await self.state(proposal)


def clear(database: Database) -> None:
    """Leave nothing of an earlier test: kept rows can be truncated by the owner, never deleted."""
    with psycopg.connect(database.dsn(OWNER_ROLE), autocommit=True) as connection:
        connection.execute(
            "truncate app.proposal, app.signature, app.outbox, app.proposal_step, app.switch,"
            " jobs.procrastinate_jobs, jobs.procrastinate_events, jobs.procrastinate_periodic_defers cascade"
        )
        connection.execute("delete from erp.person")


@asynccontextmanager
async def opened(database: Database, policy: Any = None) -> AsyncIterator[Desk]:
    """A desk on the database; under a stand-in for policy, unless one is given."""
    policy, trail, people, facts, watch = (
        policy or StandInPolicy(),
        StandInTrail(),
        StandInPeople(),
        StandInFacts(),
        Watch(),
    )
    erp = FaultErp(watch)
    async with (
        await Proposals.open(database.dsn(), policy=policy, trail=trail, clock=watch) as proposals,
        await Executor.open(
            database.dsn(WORKER_ROLE),
            {"KAS": erp, "HAM": erp},
            policy=policy,
            trail=trail,
            facts=facts,
            people=people,
            clock=watch,
        ) as executor,
    ):
        yield Desk(
            proposals,
            Confirmations(proposals, facts),
            executor,
            erp,
            policy,
            trail,
            people,
            facts,
            watch,
            database,
        )


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A desk that no earlier test has left anything on."""
    clear(database)
    async with opened(database) as desk:
        yield desk
