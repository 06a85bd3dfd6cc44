"""Loading from a read port: whole or not at all, and a failure that is seen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from erp_adapters.errors import ErpUnavailable
from erp_adapters.ports import Capability, Cell, Cursor, Health, Page, SourceRow, SystemTraits, TechnicalUser
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.port_loading import load_place
from erp_adapters.tryton import syncing
from erp_adapters.tryton.tables import CAPABILITIES
from tests.conftest import Database

SITE = SiteSpec(code="NOR", name="Nord", country="DE", time_zone="Europe/Berlin", currency="EUR")
PART = {"material": "T-100", "name": "Tube", "unit": "kg", "is_bought": True, "is_made": False}


def order(warehouse: str, unit: str, quantity: int) -> dict[str, Cell]:
    return {
        "number": "7", "supplier": "S-1", "ordered_on": datetime.now(UTC).date(), "warehouse": warehouse,
        "state": "processing", "material": "T-100", "quantity": Decimal(quantity), "received": Decimal(0),
        "unit": unit, "price": Decimal("2.5"), "currency": "EUR", "due_on": datetime.now(UTC).date(),
        "requisition": "12/3",
    }  # fmt: skip


@dataclass
class Scripted:
    """A read port that has what a test gives it."""

    rows: Mapping[Capability, list[dict[str, Any]]] = field(default_factory=dict)
    cut: Capability | None = None
    """What ends without its last page."""

    @property
    def traits(self) -> SystemTraits:
        return SystemTraits("Tryton", "8.2", "stand-in", TechnicalUser("me", "a test"), CAPABILITIES)

    async def pages(self, capability: Capability, since: Cursor | None = None) -> AsyncIterator[Page]:
        rows = tuple(SourceRow(str(n), cells) for n, cells in enumerate(self.rows.get(capability, ()), 1))
        yield Page(rows, Cursor("x"), is_last=capability is not self.cut)

    async def health(self) -> Health:
        return Health(True, "well")


def rows_of(owner_dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(owner_dsn) as owner:
        return owner.execute(query).fetchall()


async def test_a_reading_that_was_cut_short_changes_nothing_and_is_seen(
    database: Database, owner_dsn: str
) -> None:
    """What was there stays, and the source says that a later load failed, and why."""
    whole = {Capability.MATERIALS: [PART], Capability.COSTS: [{"material": "T-100", "unit": "kg", "cost": 2}]}
    await load_place(owner_dsn, Scripted(whole), syncing.rows_of(), SITE, "WH")
    before = rows_of(owner_dsn, "select material_id, load_id from erp.material")
    with pytest.raises(ErpUnavailable, match="reading stock of Tryton was cut short"):
        await load_place(owner_dsn, Scripted(whole, cut=Capability.STOCK), syncing.rows_of(), SITE, "WH")
    assert rows_of(owner_dsn, "select material_id, load_id from erp.material") == before
    [failed] = rows_of(owner_dsn, "select site, report ->> 'error' from erp.load where status = 'failed'")
    assert failed == ("NOR", "reading stock of Tryton was cut short; load it again")
    [age] = rows_of(owner_dsn, "select source_system, failed_at is not null from app.source_ages()")
    assert age == ("tryton", True)


async def test_only_the_warehouse_is_read_and_another_unit_is_not_added_up(
    database: Database, owner_dsn: str
) -> None:
    """An order line in grams of what is kept in kilograms is set aside with the reason, not taken for it."""
    rows = {
        Capability.MATERIALS: [PART],
        Capability.COSTS: [{"material": "T-100", "unit": "kg", "cost": Decimal(2)}],
        Capability.SUPPLIERS: [{"supplier": "S-1", "name": "Rohr"}],
        Capability.PURCHASE_ORDERS: [
            *(order("WH", "kg", n) for n in range(100, 250)), order("WH", "g", 9000), order("OTHER", "kg", 1)
        ],
    }  # fmt: skip
    report = await load_place(owner_dsn, Scripted(rows), syncing.rows_of(), SITE, "WH")
    assert report.quarantined == 1
    [kept] = rows_of(
        owner_dsn, "select count(*), min(ordered), max(unit), min(requisition_id) from erp.purchase_line"
    )
    assert kept == (150, 100, "kg", "12/3")
    assert rows_of(owner_dsn, "select order_id, status from erp.purchase_order") == [("7", "approved")]
