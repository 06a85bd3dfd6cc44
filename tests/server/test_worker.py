"""The worker: woken by the queue, swept on by the clock, and never in the way of another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import psycopg
import pytest

from erp_adapters.errors import ConfigurationError, ErpUnavailable
from erp_adapters.store import OWNER_ROLE, Person, save_people
from policies.clock import now_utc
from policies.confirmation import Confirmations
from policies.proposals import Proposals
from policies.states import State
from server.worker import working
from tests.conftest import Database
from tests.policies.conftest import clear
from tests.policies.fault_erp import FaultErp
from tests.policies.stand_ins import BUYER, PLANNER, StandInPolicy, StandInTrail, requisition

POLICY, TRAIL = StandInPolicy(), StandInTrail()


@pytest.fixture
async def proposals(database: Database) -> AsyncIterator[Proposals]:
    clear(database)
    save_people(
        database.dsn(OWNER_ROLE),
        [
            Person("paula", "Paula", ("planner",), ("KAS", "HAM")),
            Person("ben", "Ben", ("buyer",), ("KAS", "HAM")),
        ],
    )
    async with await Proposals.open(database.dsn(), policy=POLICY, trail=TRAIL) as proposals:
        yield proposals


async def confirmed(proposals: Proposals, material: str = "M-1"):
    day = now_utc().date() + timedelta(days=5)
    draft = requisition(material=material, needed_on=day).model_copy(update={"grounds": {}})
    draft = type(draft).model_validate(draft.model_dump(exclude={"grounds"}))
    made = await proposals.propose(PLANNER, draft, business_date=now_utc().date())
    shown = made.shown
    await Confirmations(proposals).confirm(
        BUYER, shown.proposal.id, shown.digest, business_date=now_utc().date()
    )
    return shown.proposal.id


async def becomes(proposals: Proposals, proposal, state: State, within_s: float) -> float:
    begun = time.monotonic()
    while (now := (await proposals.read(PLANNER, proposal)).state) != state:
        assert time.monotonic() - begun < within_s, f"still {now} after {within_s} s"
        await asyncio.sleep(0.02)
    return time.monotonic() - begun


async def test_a_confirmation_wakes_the_worker(database: Database, proposals: Proposals) -> None:
    """What is confirmed is written at once, not when the sweeper next passes."""
    erp = FaultErp(now_utc)
    async with working(database, {"KAS": erp}, policy=POLICY, trail=TRAIL, sweep_every_s=3600):
        await asyncio.sleep(1)
        first = await confirmed(proposals)
        await becomes(proposals, first, "executed", 5)
        second = await confirmed(proposals, "M-2")
        await becomes(proposals, second, "executed", 5)
    assert len(erp.documents()) == 2


async def test_a_lost_job_loses_nothing(database: Database, proposals: Proposals) -> None:
    """Without its job, or with one that a killed worker left, the sweeper brings a draft to the ERP."""
    erp = FaultErp(now_utc)
    lost, left = await confirmed(proposals), await confirmed(proposals, "M-2")
    with psycopg.connect(database.dsn(OWNER_ROLE), autocommit=True) as connection:
        connection.execute("set search_path = jobs, pg_catalog")
        jobs = "jobs.procrastinate_jobs where args ->> 'proposal' = %s"
        connection.execute(f"delete from {jobs}", (str(lost),))
        connection.execute(
            "update procrastinate_jobs set status = 'doing' where args ->> 'proposal' = %s", (str(left),)
        )
    async with working(database, {"KAS": erp}, policy=POLICY, trail=TRAIL, sweep_every_s=0.2):
        await becomes(proposals, lost, "executed", 10)
        await becomes(proposals, left, "executed", 10)
    assert len(erp.documents()) == 2


async def test_workers_do_not_write_what_another_writes(database: Database, proposals: Proposals) -> None:
    """Three workers beside each other write ten drafts ten times."""
    erp = FaultErp(now_utc)

    def another():
        return working(database, {"KAS": erp}, policy=POLICY, trail=TRAIL, sweep_every_s=0.1)

    async with another(), another(), another():
        drafts = [await confirmed(proposals, f"M-{n}") for n in range(10)]
        for draft in drafts:
            await becomes(proposals, draft, "executed", 20)
    assert len(erp.documents()) == 10
    assert all(len(calls) == 1 for calls in erp.writers.values())


async def test_who_waits_for_a_document_is_told_after_it_is_there(
    database: Database, proposals: Proposals
) -> None:
    """Once the draft is executed; a failure of what follows changes nothing about it."""
    erp = FaultErp(now_utc)
    seen: list[int] = []

    async def written() -> None:
        seen.append(len(erp.documents()))
        raise ErpUnavailable("the store is being rebuilt")

    async with working(
        database, {"KAS": erp}, policy=POLICY, trail=TRAIL, sweep_every_s=0.2, written=written
    ):
        first = await confirmed(proposals)
        await becomes(proposals, first, "executed", 10)
        second = await confirmed(proposals, "M-2")
        await becomes(proposals, second, "executed", 10)
        await asyncio.sleep(0.5)
    assert seen[:2] == [1, 2]
    assert len(erp.documents()) == 2


async def test_an_unknown_failpoint_is_named(database: Database) -> None:
    """A setting for crash tests that names nothing says what there is."""
    with pytest.raises(ConfigurationError, match="'nowhere' is no failpoint; there are proposal_written"):
        async with working(database, {}, policy=POLICY, trail=TRAIL, failpoint="nowhere"):
            pass
