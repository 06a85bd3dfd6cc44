"""The demo ERP of the small demo, and documents that it takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import psycopg
import pytest

from erp_adapters.demo.erp import DemoErp, configure
from erp_adapters.records import (
    Money,
    OrderRescheduling,
    PurchaseRequisition,
    QualityHold,
    Quantity,
    RequisitionLine,
    StockTransfer,
)
from erp_adapters.store import DEMO_ERP_ROLE, OWNER_ROLE
from tests.conftest import Database


@pytest.fixture
def erp_dsn(demo: Database) -> str:
    """Address of the demo ERP, which behaves as it does by default and has nothing amiss."""
    dsn = demo.dsn(DEMO_ERP_ROLE)
    configure(dsn)
    with psycopg.connect(dsn) as connection:
        connection.execute("delete from demo_erp.fault")
    return dsn


@pytest.fixture
async def erp(erp_dsn: str) -> AsyncIterator[DemoErp]:
    """A port that serves every site."""
    async with DemoErp.open(erp_dsn) as port:
        yield port


@pytest.fixture(scope="session")
def today(demo: Database) -> date:
    """The day of the plant at Kassel."""
    found = _one(demo, "select (as_of at time zone time_zone)::date from erp.site where site = 'KAS'")
    assert isinstance(found, date)
    return found


@pytest.fixture(scope="session")
def materials(demo: Database) -> tuple[tuple[str, str], ...]:
    """Numbers and base units of two bought materials of Kassel."""
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        rows = connection.execute(
            "select number, base_unit from erp.material where site = 'KAS' and not is_made"
            " and base_unit is not null order by number limit 2"
        ).fetchall()
    assert len(rows) == 2
    return tuple((str(number), str(unit)) for number, unit in rows)


@pytest.fixture(scope="session")
def requisition(demo: Database, today: date, materials: tuple[tuple[str, str], ...]) -> PurchaseRequisition:
    """A requisition of two lines that the ERP takes."""
    supplier = _one(demo, "select supplier_id from erp.supplier where site = 'KAS' order by 1 limit 1")
    centre = _one(demo, "select cost_centre_id from erp.cost_centre where site = 'KAS' order by 1 limit 1")
    account = _one(demo, "select account_id from erp.account where site = 'KAS' order by 1 limit 1")
    return PurchaseRequisition(
        site="KAS",
        requester="planner.kassel",
        note="für das Lager – bitte „eilig“",
        lines=tuple(
            RequisitionLine(
                material=number,
                quantity=Quantity(Decimal("500.125") + place, unit),
                needed_on=today + timedelta(days=20),
                supplier=str(supplier),
                unit_price=Money(Decimal("0.123456"), "EUR") if place else None,
                cost_centre=str(centre),
                account=str(account),
            )
            for place, (number, unit) in enumerate(materials)
        ),
    )


@pytest.fixture(scope="session")
def transfer(demo: Database, today: date) -> StockTransfer:
    """Stock that Kassel gets from another site."""
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        ours = connection.execute(
            "select number, base_unit from erp.material where site = 'KAS' and base_unit is not null limit 1"
        ).fetchone()
        theirs = connection.execute(
            "select site, number from erp.material where site <> 'KAS' limit 1"
        ).fetchone()
    assert ours
    assert theirs
    return StockTransfer(
        site="KAS",
        from_site=theirs[0],
        requester="planner.kassel",
        material=ours[0],
        from_material=theirs[1],
        quantity=Quantity(Decimal(40), ours[1]),
        needed_on=today,
    )


@pytest.fixture(scope="session")
def hold(demo: Database) -> QualityHold:
    """A batch that may not be used."""
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        row = connection.execute(
            "select b.site, m.number, b.batch_id, m.base_unit, l.location_id from erp.batch b"
            " join erp.material m using (site, material_id) join erp.location l using (site)"
            " order by 1, 2, 3, 5 limit 1"
        ).fetchone()
    assert row
    site, number, batch, unit, location = row
    return QualityHold(
        site, "quality", number, batch, location, Quantity(Decimal("1.5"), unit), "cracked housings"
    )


@pytest.fixture(scope="session")
def rescheduling(demo: Database, today: date) -> OrderRescheduling:
    """A work order of Kassel, three days later."""
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        row = connection.execute(
            "select order_id, start_on, due_on from erp.production_order where site = 'KAS'"
            " and ordered > coalesce(stocked, 0) + coalesce(scrapped, 0) and start_on > %s"
            " order by order_id limit 1",
            (today,),
        ).fetchone()
    assert row
    order, start, due = row
    begins = datetime.combine(start + timedelta(days=3), time(6), UTC)
    return OrderRescheduling(
        site="KAS",
        requester="planner.kassel",
        order=order,
        start_on=start + timedelta(days=3),
        due_on=due + timedelta(days=3),
        expected_start=start,
        expected_due=due,
        starts_at=begins,
        ends_at=begins + timedelta(hours=30),
        work_centres=("P2", "A1"),
        note="Press 2 stands still",
    )


def _one(database: Database, query: str) -> object:
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row
    return row[0]
