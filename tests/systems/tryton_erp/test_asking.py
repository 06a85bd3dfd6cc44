"""Questions are answered on a real Tryton's data by the same tools, and figures lead back to its rows."""

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
from erp_adapters.store import OWNER_ROLE, Store
from erp_adapters.tryton import Tryton
from tests.conformance.adapters import TRYTON, new_marker
from tests.conftest import Database
from tests.systems.importing import imported
from tests.systems.tryton_erp.server import LOGIN, PASSWORD, Served, serving
from tests.tools.asking import Asking, column, number
from tools.all_tools import registry
from tools.inventory import stock_and_requirements

pytestmark = [*TRYTON, pytest.mark.timeout(600)]
SYSTEMS = """
[north]
adapter = "tryton"
url = "{url}"
login = "{login}"
password = "env:NORTH_PASSWORD"
reason = "Tryton's JSON-RPC takes no token of another sign-in"
call_s = 60
[north.reads.KAS]
name = "Kassel"
country = "DE"
time_zone = "Europe/Berlin"
currency = "EUR"
"""


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("tryton")) as served:
        yield served


async def loaded(database: Database, tryton: Served, folder: Path) -> str:
    """What `plantwright import system` says."""
    systems = SYSTEMS.format(url=tryton.url, login=LOGIN)
    return await imported(database, folder, systems, {"NORTH_PASSWORD": PASSWORD})


async def test_what_tryton_has_answers_questions_and_leads_back_to_it(
    database: Database, tryton: Served, tmp_path: Path
) -> None:
    """Stock, an open order and a production's need; a written requisition shows after the next load."""
    assert "0 set aside" in await loaded(database, tryton, tmp_path)
    with psycopg.connect(database.dsn(OWNER_ROLE)) as owner:
        found = owner.execute(
            "select source_system, source_key, base_unit, standard_cost from erp.material"
            " where number = 'T-100'"
        ).fetchall()
    assert [(row[0], row[1].split("/")[0], row[2], row[3]) for row in found] == [
        ("tryton", "product.product", "kg", Decimal("2.4"))
    ]
    async with await Store.open(database.dsn()) as store:
        planner = await store.caller("planner")
        result = await Asking(store, planner)(stock_and_requirements, material="T-100")
        kinds = dict(zip(column(result.tables[0], "kind"), column(result.tables[0], "quantity"), strict=True))
        assert number(result, "on hand, unrestricted") == Decimal("820.5")
        assert kinds["purchase order"] == 500
        assert kinds["dependent requirement"] == -128
        answer = await Copilot(store, registry(), EmbeddedModel()).ask(planner, "Stock of T-100")
        assert answer.status == "answered"
        assert any("820.5" in str(cell) for table in answer.tables for row in table.rows for cell in row)
        assert {source.system for proof in answer.evidence for source in proof.sources} == {"tryton"}

        day = datetime.now(UTC).date() + timedelta(days=30)
        line = RequisitionLine("T-100", Quantity(Decimal(75), "kg"), day, "S-77", None, None, None)
        async with Tryton.open(tryton.connection(call_s=60)) as erp:
            posted = await erp.create(PurchaseRequisition("KAS", "planner.kassel", (line,)), new_marker())
        await loaded(database, tryton, tmp_path)
        again = await Asking(store, planner)(stock_and_requirements, material="T-100")
        orders = dict(
            zip(column(again.tables[0], "order_id"), column(again.tables[0], "quantity"), strict=True)
        )
        assert orders[next(str(key) for key in orders if str(key).startswith(f"{posted.number}/"))] == 75
