"""What is confirmed is in a real MES once, whatever dies on the way; a stop there becomes a replanning."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from erp_adapters.documents.embedding import packaged_embedder
from erp_adapters.fsmes import Fsmes
from erp_adapters.store import OWNER_ROLE
from policies.drafts.floor import OrderHoldDraft, WorkOrderDraft
from policies.drafts.parts import Amount, Named
from policies.drafts.proposal import Draft
from policies.proposals import Shown
from server.feeding import Wanted, read_again
from server.systems import FsmesSystem
from tests.conformance.adapters import MES
from tests.conftest import Database
from tests.systems.mes.server import PASSWORD, Served, serving
from tests.systems.works import Works, opened_works

pytestmark = [*MES, pytest.mark.timeout(600)]
SYSTEMS = """
[floor]
adapter = "fsmes"
url = "{url}"
login = "COPILOT"
password = "file:{password}"
reason = "the MES knows its own logins only"
sites = ["KAS"]
call_s = 3
plants = { KAS = "NG1" }
units = { PC = "ea" }
machines = { MILL01 = "P2" }
beside_erp = true
replans = { KAS = "planner.kassel" }
replans_after = "1m"
[floor.reads.KAS]
name = "Kassel"
country = "DE"
time_zone = "Europe/Berlin"
currency = "EUR"
"""


@pytest.fixture(scope="module")
def mes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("mes")) as served:
        yield served


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of all tests here: one database's record has one home's keys."""
    return tmp_path_factory.mktemp("works")


@pytest.fixture
async def works(demo_apart: Database, mes: Served, folder: Path) -> AsyncIterator[Works]:
    erp = Fsmes.open(mes.connection(call_s=60))
    async with opened_works(demo_apart, folder, mes.url, SYSTEMS, PASSWORD, erp) as works:
        yield works


async def confirmed(works: Works, draft: Draft) -> Shown:
    """The draft, asked for by a planner and signed by production."""
    planner = await works.desk.person("planner.kassel")
    day = await works.desk.day(planner, "KAS")
    shown = (await works.desk.propose(planner, draft, business_date=day)).shown
    signer = await works.desk.person("production")
    return await works.desk.confirmations.confirm(
        signer, shown.proposal.id, str(shown.digest), business_date=day
    )


@pytest.mark.parametrize("kind", ["work_order", "order_hold"])
async def test_what_was_confirmed_is_in_the_mes_once_though_its_worker_was_killed(
    works: Works, mes: Served, kind: str
) -> None:
    """Killed when the MES had done it and nobody knew: the next worker reads its record and does nothing."""
    if kind == "work_order":
        draft: Draft = WorkOrderDraft(
            site="KAS",
            material=Named(code="FG-BRACKET"),
            quantity=Amount(value=Decimal("120.5"), unit="PC"),
            due_on=datetime.now(UTC).date() + timedelta(days=9),
        )
        call = '"material": "FG-BRACKET"'
    else:
        named = Named(code="FG-BRACKET")
        draft = OrderHoldDraft(
            site="KAS", order="WO-NG-7004", material=named, action="hold", reason="burr on the edge"
        )
        call = "burr on the edge"
    works.proxy.befall(call, "hold")
    shown = await confirmed(works, draft)
    async with works.worker() as worker:
        async with asyncio.timeout(120):
            await works.proxy.answered.wait()
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
    planner = await works.desk.person("planner.kassel")
    assert (await works.desk.read(planner, shown.proposal.id)).state == "dispatching"
    works.proxy.released.set()
    async with works.worker():
        async with asyncio.timeout(240):
            while (now := await works.desk.read(planner, shown.proposal.id)).state != "executed":
                assert now.state in ("confirmed", "dispatching"), (now.state, now.reason)
                await asyncio.sleep(0.2)
    if kind == "work_order":
        rows = mes.call("GET", "/workorders?q=PW-")["items"]
        assert [(row["code"], row["quantity"], row["status"]) for row in rows] == [
            (now.document_number, 120.5, "planned")
        ]
        assert now.document_number.startswith("PW-")
    else:
        record = mes.call("GET", "/audit?entity_type=workorder&entity_id=WO-NG-7004")
        assert [one["action"] for one in record].count("workorder.on_hold") == 1
        assert now.document_number == "WO-NG-7004"
    matched = await works.command("audit", "reconcile")
    assert "everything on record is in the ERP" in matched


async def test_a_machine_that_stands_in_the_mes_becomes_a_replanning_that_waits(
    works: Works, mes: Served, demo_apart: Database
) -> None:
    """Read as it stands there, drafted for the plant's own orders, signed by nobody."""
    system = works.desk.systems["floor"]
    assert isinstance(system, FsmesSystem)
    report = await read_again(demo_apart.dsn(OWNER_ROLE), system, "KAS", Wanted(), packaged_embedder)
    assert not report.problems
    offering = works.desk.offering()
    assert offering is not None
    await offering.sweep()
    with psycopg.connect(demo_apart.dsn(OWNER_ROLE)) as owner:
        [(centre, proposal, why)] = owner.execute(
            "select work_centre_id, proposal, why from app.replanning_offer"
        ).fetchall()
    assert (centre, why) == ("P2", "")
    shown = await works.desk.read(await works.desk.person("planner.kassel"), proposal)
    assert (shown.state, shown.proposal.draft.kind, shown.signed) == (
        "awaiting_confirmation", "order_rescheduling", (),
    )  # fmt: skip
    assert "Breakdown" in shown.proposal.draft.grounds.why[0]
