"""Questions are answered on the data of SAP's stand-in by the same tools; figures lead back to its rows."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.records import PurchaseRequisition, Quantity, RequisitionLine
from erp_adapters.sap_rfc import SapRfc
from erp_adapters.store import OWNER_ROLE, Store
from tests.conformance.adapters import new_marker
from tests.conftest import Database
from tests.systems.sap_rfc.plant import PLANT
from tests.systems.sap_rfc.server import LIBRARY, PASSWORD, USER, Served, serving
from tests.tools.asking import Asking, column, number
from tools.all_tools import registry
from tools.inventory import stock_and_requirements

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SYSTEMS = f"""
[south]
adapter = "sap_rfc"
route = {{ ashost = "127.0.0.1", sysnr = "00", saprouter = "ROUTE" }}
client = "100"
login = "{USER}"
password = "env:SOUTH_PASSWORD"
reason = "this stand-in has no single sign-on"
plants = {{ KAS = "{PLANT}" }}
call_s = 60
[south.reads.KAS]
name = "Kassel"
country = "DE"
time_zone = "Europe/Berlin"
currency = "EUR"
"""


@pytest.fixture
def sap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("sap")) as served:
        yield served


async def commanded(database: Database, sap: Served, folder: Path, *arguments: str) -> str:
    """What a command says of the system."""
    file = folder / "systems.toml"
    file.write_text(SYSTEMS.replace("ROUTE", sap.route))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", *arguments),
        env={
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "PLANTWRIGHT_HOME": str(folder / "home"),
            "PLANTWRIGHT_SYSTEMS": str(file),
            "SOUTH_PASSWORD": PASSWORD,
            "DATABASE_URL": database.dsn(),
            "PYTHONPATH": str(LIBRARY),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert PASSWORD not in said.decode()
    return said.decode()


async def test_what_sap_has_answers_questions_and_leads_back_to_it(
    database: Database, sap: Served, tmp_path: Path
) -> None:
    """Stock, open orders and what an order needs; a written requisition shows after the next load."""
    load = ("import", "system", "south", "--demo")
    assert "0 set aside" in await commanded(database, sap, tmp_path, *load)
    with psycopg.connect(database.dsn(OWNER_ROLE)) as owner:
        found = owner.execute(
            "select source_system, source_key, base_unit, standard_cost from erp.material"
            " where number = '4711'"
        ).fetchall()
    assert [(row[0], row[1].split("/")[0], row[2], row[3]) for row in found] == [
        ("sap_rfc", "MARC", "PC", Decimal("0.8"))
    ]
    async with await Store.open(database.dsn()) as store:
        planner = await store.caller("planner")
        result = await Asking(store, planner)(stock_and_requirements, material="T-100")
        table = result.tables[0]
        found = sorted(zip(column(table, "kind"), column(table, "quantity"), strict=True), key=str)
        assert number(result, "on hand, unrestricted") == Decimal("820.5")
        assert [each for each in found if each[0] != "stock on hand"] == [
            ("dependent requirement", -80),
            ("purchase order", 200),
            ("purchase order", 300),
            ("reservation", -112),
        ]
        answer = await Copilot(store, registry(), EmbeddedModel()).ask(planner, "Stock of T-100")
        assert answer.status == "answered"
        assert any("823.5" in str(cell) for table in answer.tables for row in table.rows for cell in row)
        assert {source.system for proof in answer.evidence for source in proof.sources} == {"sap_rfc"}

        day = datetime.now(UTC).date() + timedelta(days=30)
        line = RequisitionLine("T-100", Quantity(Decimal(75), "KG"), day, "10077", None, None, None)
        async with SapRfc.open(sap.connection(units={}), through=sap.library()) as erp:
            posted = await erp.create(PurchaseRequisition("KAS", "planner.kassel", (line,)), new_marker())
        await commanded(database, sap, tmp_path, *load)
        again = await Asking(store, planner)(stock_and_requirements, material="T-100")
        orders = dict(
            zip(column(again.tables[0], "order_id"), column(again.tables[0], "quantity"), strict=True)
        )
        assert orders[f"{posted.number}/00010"] == 75
