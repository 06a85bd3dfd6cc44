"""A real MES read into the store: what its floor tells and what changed there, alone or beside an ERP."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from erp_adapters.fsmes import FsmesReader
from erp_adapters.fsmes.syncing import rows_of
from erp_adapters.store import OWNER_ROLE
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.port_loading import load_place
from erp_adapters.store.syncing.places import place_plan
from erp_adapters.store.syncing.running import SyncReport, sync_site
from tests.conformance.adapters import MES
from tests.conftest import Database
from tests.systems.mes.server import PLANT, Served, serving

pytestmark = MES
SITE = SiteSpec(code="KAS", name="Kassel", country="DE", time_zone="Europe/Berlin", currency="EUR")


@pytest.fixture(scope="module")
def mes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("mes")) as served:
        yield served


async def read(database: Database, mes: Served, *, beside: bool) -> SyncReport:
    async with FsmesReader.open(mes.connection(), page=5) as reader:
        return await sync_site(
            database.dsn(OWNER_ROLE),
            place_plan(rows_of(beside_an_erp=beside), SITE, PLANT),
            reader,
            SITE,
            belongs=lambda row: row.cells.get("plant") in (PLANT, None),
        )


async def test_what_the_floor_tells_is_in_the_store_and_stops_end_there(
    database: Database, mes: Served
) -> None:
    """Progress, work in process, holds with their reason, decisions; a second reading writes what changed."""
    first = await read(database, mes, beside=False)
    assert not first.problems, first.problems
    with psycopg.connect(database.dsn(OWNER_ROLE)) as owner:

        def found(query: str) -> list[tuple[object, ...]]:
            return owner.execute(query).fetchall()

        assert found(
            "select status, stocked, scrapped from erp.production_order where order_id = 'WO-NG-7001'"
        ) == [("complete", 575, 25)]
        assert found(
            "select waiting from erp.floor_operation where order_id = 'WO-NG-7002' order by operation"
        ) == [(2382,), (1200,), (0,)]
        assert found("select order_id, reason, placed_by from erp.order_hold") == [
            ("WO-NG-7003", "burr on the first article", "ADMIN")
        ]
        assert found("select disposition, disposition_reason, order_id from erp.nonconformance") == [
            ("rework", "file the burr off", "WO-NG-7002")
        ]
        assert found("select is_planned, ended_at is null, reason from erp.downtime order by 1") == [
            (False, True, "Breakdown"),
            (True, False, None),
        ]
        assert found("select count(*), count(oee) from erp.machine_effectiveness") == [(3, 0)]
        assert found(
            "select direction, quantity from erp.lot_use where order_id = 'WO-NG-7001' order by 1"
        ) == [("consumed", 150), ("produced", 575)]
    mes.call("POST", "/equipment/MILL01/state", {"state": "running"})
    mes.call("POST", "/workorders/WO-NG-7003/resume")
    again = await read(database, mes, beside=False)
    written = {part.part for part in again.parts if part.written or part.gone}
    assert {"downtime", "order_holds", "floor_orders", "production_orders"} <= written
    assert "materials" not in written
    with psycopg.connect(database.dsn(OWNER_ROLE)) as owner:
        assert owner.execute("select count(*) from erp.order_hold").fetchone() == (0,)
        [(minutes, ended)] = owner.execute(
            "select minutes, ended_at is not null from erp.downtime where not is_planned"
        ).fetchall()
        assert ended
        assert minutes > 0


async def test_beside_an_erp_the_floor_alone_is_loaded(database: Database, mes: Served) -> None:
    """Orders and master data stay the ERP's: nothing of theirs is written, or made twice."""
    async with FsmesReader.open(mes.connection()) as reader:
        report = await load_place(database.dsn(OWNER_ROLE), reader, rows_of(beside_an_erp=True), SITE, PLANT)
    assert report.record("floor_order").loaded == 9
    with psycopg.connect(database.dsn(OWNER_ROLE)) as owner:
        for table in ("production_order", "material", "operation_confirmation", "work_centre"):
            of_it = f"select count(*) from erp.{table} where source_system = 'fsmes'"
            assert owner.execute(of_it).fetchone() == (0,), table
