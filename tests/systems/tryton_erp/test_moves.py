"""A move of a production confirmed in plantwright is made in a real Tryton once, whatever dies on the way."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime, timedelta

import pytest

from erp_adapters.tryton.client import Client
from policies.drafts.parts import Named
from policies.drafts.replanning import Dates, OrderMoved, ReplanningDraft
from policies.proposals import Shown
from tests.conformance.adapters import TRYTON, tryton_production
from tests.systems.tryton_erp import test_once
from tests.systems.tryton_erp.server import LOGIN, Served
from tests.systems.tryton_erp.test_once import Works

pytestmark = [pytest.mark.timeout(600), *TRYTON[2:], pytest.mark.systems]
tryton, works, folder = test_once.tryton, test_once.works, test_once.folder
START = datetime.now(UTC).date() + timedelta(days=20)
DUE = START + timedelta(days=4)
LATER = timedelta(days=10)


async def confirmed(works: Works, orders: list[str]) -> Shown:
    """A move that a planner has drafted and production has confirmed."""
    planner, production = [await works.desk.person(who) for who in ("planner.kassel", "production")]
    day = await works.desk.day(planner, "KAS")
    draft = ReplanningDraft(
        site="KAS",
        zone="Europe/Berlin",
        now=datetime(day.year, day.month, day.day, 8, tzinfo=UTC),
        event="a press is down",
        way="right_shift",
        moves=tuple(
            OrderMoved(
                order=order,
                material=Named(code="F-900"),
                before=Dates(start_on=START, due_on=DUE),
                after=Dates(start_on=START + LATER, due_on=DUE + LATER),
            )
            for order in orders
        ),
        note="a press is down",
    )
    shown = (await works.desk.propose(planner, draft, business_date=day)).shown
    return await works.desk.confirmations.confirm(
        production, shown.proposal.id, str(shown.digest), business_date=day
    )


async def test_a_confirmed_move_is_made_once_though_its_worker_was_killed(
    works: Works, tryton: Served
) -> None:
    """Killed when Tryton had committed and nobody knew: read back, never repeated; then the second order."""
    orders = [await tryton_production(tryton, START, DUE) for _ in range(2)]
    works.proxy.befall("production.wait", "hold")
    shown = await confirmed(works, orders)
    async with works.worker() as worker:
        async with asyncio.timeout(120):
            await works.proxy.answered.wait()
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
    works.proxy.released.set()
    async with works.worker():
        now = await works.executed(shown)
    assert [part.document_number for part in now.parts] == orders
    async with Client.open(tryton.url, LOGIN, tryton.connection().password, timeout_s=60) as client:
        rows = await client.rows(
            "production",
            [["number", "in", orders]],
            ["reference", "state", "planned_start_date", "planned_date"],
        )
    assert {(row["planned_start_date"], row["planned_date"], row["state"]) for row in rows} == {
        (START + LATER, DUE + LATER, "waiting")
    }
    assert [row["reference"].count("PW-") for row in rows] == [1, 1]
    assert "everything on record is in the ERP" in await works.command("audit", "reconcile")
