"""Questions are answered on the data of SAP's stand-in by the same tools; figures lead back to its rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.records import PurchaseRequisition, Quantity, RequisitionLine
from erp_adapters.sap_odata import Sap as Writer
from erp_adapters.sap_odata import SapReader
from erp_adapters.sap_odata.syncing import rows_of
from erp_adapters.store import OWNER_ROLE, Store
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.port_loading import load_place
from tests.conftest import Database
from tests.systems.importing import imported
from tests.systems.sap_odata.erp import USERS
from tests.systems.sap_odata.server import Sap, serving
from tests.tools.asking import Asking, column, number
from tools.all_tools import registry
from tools.inventory import stock_and_requirements

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SYSTEMS = """
[north]
adapter = "sap_odata"
url = "{url}"
login = "COPILOT"
password = "env:NORTH_PASSWORD"
reason = "the sign-in that people use here is not trusted by SAP"
client = "100"
plants = {{ KAS = "1010" }}
[north.reads.KAS]
name = "Kassel"
country = "DE"
time_zone = "Europe/Berlin"
currency = "EUR"
"""


@pytest.fixture(scope="module")
def sap() -> Iterator[Sap]:
    with serving() as served:
        yield served


async def test_what_sap_has_answers_questions_and_leads_back_to_it(
    database: Database, sap: Sap, tmp_path: Path
) -> None:
    """Stock, open orders and a production's need; a written requisition shows after the next load."""
    secrets = {"NORTH_PASSWORD": str(USERS["COPILOT"]["password"])}
    assert "0 set aside" in await imported(database, tmp_path, SYSTEMS.format(url=sap.url), secrets)
    with psycopg.connect(database.dsn(OWNER_ROLE)) as owner:
        found = owner.execute(
            "select source_system, source_key, base_unit, standard_cost from erp.material"
            " where number = 'G-200'"
        ).fetchall()
        assert [(row[0], row[1].split("/")[0], row[2], row[3]) for row in found] == [
            ("sap_odata", "A_ProductPlant", "PC", Decimal("0.85"))
        ]
        assert owner.execute("select status, quantity from erp.stock order by 1, 2").fetchall() == [
            ("blocked", 40),
            ("unrestricted", 12),
            ("unrestricted", 240),
            ("unrestricted", Decimal("820.5")),
        ]
    async with await Store.open(database.dsn()) as store:
        planner = await store.caller("planner")
        result = await Asking(store, planner)(stock_and_requirements, material="T-100")
        rows = list(zip(column(result.tables[0], "kind"), column(result.tables[0], "quantity"), strict=True))
        assert number(result, "on hand, unrestricted") == Decimal("820.5")
        # 200 were ordered and 40 of them have come; 40 frames take 3.2 each, and so do 25 more.
        assert {row for row in rows if row[0] == "purchase order"} == {
            ("purchase order", 500),
            ("purchase order", 160),
        }
        assert {row for row in rows if row[0] == "dependent requirement"} == {
            ("dependent requirement", -128),
            ("dependent requirement", -80),
        }
        answer = await Copilot(store, registry(), EmbeddedModel()).ask(planner, "Stock of T-100")
        assert answer.status == "answered"
        # What is blocked lies there too.
        assert any("860.5" in str(cell) for table in answer.tables for row in table.rows for cell in row)
        assert {source.system for proof in answer.evidence for source in proof.sources} == {"sap_odata"}

        day = datetime.now(UTC).date() + timedelta(days=30)
        line = RequisitionLine("T-100", Quantity(Decimal(75), "kg"), day, "S-77", None, None, None)
        async with Writer.open(sap.connection()) as erp:
            posted = await erp.create(PurchaseRequisition("KAS", "planner.kassel", (line,)), "PW-ASKED")
        site = SiteSpec(code="KAS", name="Kassel", country="DE", time_zone="Europe/Berlin", currency="EUR")
        async with SapReader.open(sap.connection()) as reader:
            await load_place(database.dsn(OWNER_ROLE), reader, rows_of(), site, "1010")
        again = await Asking(store, planner)(stock_and_requirements, material="T-100")
        orders = dict(
            zip(column(again.tables[0], "order_id"), column(again.tables[0], "quantity"), strict=True)
        )
        assert orders[f"{posted.number}/10"] == 75
