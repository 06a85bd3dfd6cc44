"""Two small plants: Kassel with every kind of receipt and requirement, and Lyon, which is somebody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from erp_adapters.caller import Caller

LOAD = UUID("01970000-0000-7000-8000-000000000001")
TODAY = "2025-06-10"
KASSEL = Caller("paula", "Paula", frozenset({"planner"}), frozenset({"KS"}), frozenset({"1000"}))
LYON = Caller("lea", "Léa", frozenset({"planner"}), frozenset({"LY"}), frozenset({"3000"}))
BOTH = Caller(
    "gerd", "Gerd", frozenset({"planner"}), frozenset({"KS", "LY"}), frozenset({"1000", "2000", "3000"})
)
NOBODY = Caller("nemo", "Nemo", frozenset(), frozenset(), frozenset())


class Builder:
    """Puts rows into the store as a load would."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._rows = 0

    def __call__(self, table: str, site: str = "KS", **values: object) -> None:
        self._rows += 1
        row = {
            "site": site,
            "source_system": "legacy",
            "source_key": f"{table}/{self._rows}",
            "load_id": LOAD,
        } | values
        self._connection.execute(
            sql.SQL("insert into erp.{} ({}) values ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join(sql.Placeholder() * len(row)),
            ),
            list(row.values()),
        )


def build(owner_dsn: str) -> None:
    """Fill an empty store with both plants."""
    with psycopg.connect(owner_dsn) as connection:
        put = Builder(connection)
        _sites(put, connection)
        _materials(put)
        _structures(put)
        _stock(put)
        _orders(put)
        _purchasing(put)
        _ledger(put)


def _sites(put: Builder, connection: psycopg.Connection[Any]) -> None:
    for code, name, zone in (("KS", "Kassel", "Europe/Berlin"), ("LY", "Lyon", "Europe/Paris")):
        as_of = datetime(2025, 6, 10 if code == "KS" else 9, 10, tzinfo=UTC)
        put("site", code, name=name, time_zone=zone, currency="EUR", as_of=as_of)
        connection.execute(
            "insert into erp.load (load_id, source_system, site, finished_at, status, rows, as_of, report)"
            " values (%s, 'legacy', %s, %s, 'loaded', 9, %s, %s)",
            (
                LOAD if code == "KS" else UUID(int=LOAD.int + 1),
                code,
                datetime(2025, 6, 11, 4, tzinfo=UTC),
                as_of,
                Jsonb(_report(code)),
            ),
        )


def _report(site: str) -> dict[str, object]:
    rule = {
        "rule": "no_cost",
        "severity": "quarantine",
        "reason": "the movement carries no cost",
        "rows": 1,
        "samples": [],
    }
    record = {"record": "material", "loaded": 10, "flagged": 0, "quarantined": 1, "rules": [rule]}
    return {"records": [record] if site == "KS" else [{**record, "quarantined": 0, "rules": []}]}


def _materials(put: Builder) -> None:
    for number, name, made, unit in (
        ("BIKE", "City Bike", True, "PC"),
        ("WHEEL", "Wheel", True, "PC"),
        ("FRAME", "Frame", True, "PC"),
        ("SPOKE", "Spoke", False, "PC"),
        ("RIM", "Rim", False, "PC"),
        ("TUBE", "Steel Tube", False, "KG"),
        ("PAINT", "Paint", False, "L"),
        ("LOOP1", "Loop One", True, "PC"),
        ("LOOP2", "Loop Two", True, "PC"),
        ("BOX", "Gift Box", False, "PC"),
    ):
        put(
            "material",
            material_id=f"1-{number}",
            number=number,
            name=name,
            is_made=made,
            base_unit=unit,
            is_finished=number == "BIKE",
            safety_stock=5,
            reorder_point=20,
            standard_cost=2,
            currency="EUR",
        )
    put("material", "LY", material_id="1-SADDLE", number="SADDLE", name="Leather Saddle", is_made=False)
    put("material", "LY", material_id="1-BOX", number="BOX", name="Gift Box", is_made=False)


def _structures(put: Builder) -> None:
    items: tuple[tuple[str, str, int, dict[str, object]], ...] = (
        ("BIKE", "WHEEL", 2, {}),
        ("BIKE", "FRAME", 1, {}),
        ("BIKE", "BOX", 1, {"valid_to": "2024-12-31"}),
        ("BIKE", "PAINT", 1, {"valid_from": "2025-07-01"}),
        ("WHEEL", "SPOKE", 36, {"valid_to": "2026-12-31"}),
        ("WHEEL", "RIM", 1, {"scrap_pct": 10}),
        ("FRAME", "TUBE", 2500, {"unit": "G"}),
        ("FRAME", "PAINT", 1, {"unit": "CUP"}),
        ("LOOP1", "LOOP2", 1, {}),
        ("LOOP2", "LOOP1", 1, {}),
    )
    for item, (parent, component, quantity, more) in enumerate(items):
        row: dict[str, Any] = {
            "parent_id": f"1-{parent}",
            "component_id": f"1-{component}",
            "quantity_per": quantity,
            "unit": "PC",
        }
        put("bom_item", item_id=str(item), **row | more)
    put("bom_item", item_id="top", parent_id=None, component_id="1-BIKE", quantity_per=1)
    put("unit_conversion", material_id="", from_unit="KG", to_unit="G", factor=1000)


def _stock(put: Builder) -> None:
    put("location", location_id="10", name="Main Store")
    for material, status, quantity in (
        ("WHEEL", "unrestricted", 3),
        ("WHEEL", "quality", 7),
        ("SPOKE", "unrestricted", 100),
        ("RIM", "unrestricted", 11),
        ("RIM", "blocked", 100),
        ("TUBE", "unrestricted", 20),
        ("PAINT", "unrestricted", 6),
    ):
        put("stock", material_id=f"1-{material}", location_id="10", status=status, quantity=quantity)


def _orders(put: Builder) -> None:
    put(
        "production_order",
        order_id="500",
        material_id="1-BIKE",
        status="released",
        ordered=10,
        stocked=4,
        scrapped=1,
        start_on="2025-06-12",
        due_on="2025-06-20",
    )
    put(
        "production_order",
        order_id="501",
        material_id="1-WHEEL",
        status="released",
        ordered=8,
        due_on="2025-06-05",
    )
    put(
        "production_order",
        order_id="502",
        material_id="1-WHEEL",
        status="closed",
        ordered=8,
        due_on="2025-06-05",
    )
    put(
        "production_order",
        order_id="503",
        material_id="1-BIKE",
        ordered=2,
        start_on="2025-06-01",
        due_on="2025-06-14",
    )
    put("production_order", order_id="504", material_id="1-WHEEL", ordered=2)
    put(
        "planned_order",
        planned_order_id="P1",
        material_id="1-BIKE",
        quantity=4,
        starts_on="2025-07-01",
        due_on="2025-07-08",
    )
    put(
        "reservation",
        reservation_id="R1",
        material_id="1-WHEEL",
        order_id="503",
        quantity=4,
        withdrawn=1,
        needed_on="2025-06-13",
    )
    put("customer", customer_id="C1", name="Velo Shop")
    put("sales_order", order_id="S1", customer_id="C1", ordered_on="2025-05-01", status="open")
    put(
        "sales_line",
        line_id="S1-1",
        order_id="S1",
        material_id="1-WHEEL",
        due_on="2025-06-30",
        ordered=6,
        delivered=2,
    )
    put(
        "requisition",
        requisition_id="Q1",
        material_id="1-WHEEL",
        quantity=1,
        needed_on="2025-08-01",
        status="open",
    )
    put(
        "requisition",
        requisition_id="Q2",
        material_id="1-WHEEL",
        quantity=9,
        needed_on="2025-08-01",
        status="Closed",
    )


def _purchasing(put: Builder) -> None:
    for replaced_by, more in (
        ("RIM", {"needs_approval": True, "ratio": 2}),
        ("TUBE", {"note": "Drawn to wire."}),
        ("PAINT", {"is_blocked": True}),
    ):
        pair = {"material_id": "1-SPOKE", "replaced_by": f"1-{replaced_by}", "valid_from": "2025-01-01"}
        put("substitute", **pair | more)
    put(
        "substitute",
        material_id="1-RIM",
        replaced_by="1-SPOKE",
        valid_from="2020-01-01",
        valid_to="2024-12-31",
    )
    for number, name, active in (
        ("V1", "Speichen Huber", True),
        ("V2", "Rad & Co", True),
        ("V3", "Alt GmbH", False),
    ):
        put(
            "supplier",
            supplier_id=number,
            number=f"K{number}",
            name=name,
            is_active=active,
            is_preferred=False,
        )
    put("supplier", "LY", supplier_id="V9", number="KV9", name="Selles Idéale", is_active=True)
    prices: tuple[tuple[str, int, str, dict[str, Any]], ...] = (
        ("V1", 4, "EUR", {}),
        ("V2", 4, "EUR", {"lead_time_days": 3}),
        ("V3", 3, "EUR", {}),
    )
    for supplier, price, currency, more in prices:
        put(
            "info_record",
            material_id="1-SPOKE",
            supplier_id=supplier,
            standard_price=price,
            currency=currency,
            **more,
        )
    put(
        "info_record",
        material_id="1-RIM",
        supplier_id="V1",
        standard_price=9,
        currency="EUR",
        valid_to="2025-06-09",
    )
    put("info_record", "LY", material_id="1-SADDLE", supplier_id="V9", standard_price=30, currency="EUR")
    put(
        "purchase_order",
        order_id="700",
        supplier_id="V1",
        status="approved",
        ordered_on="2025-05-02",
        currency="EUR",
        total=119,
    )
    put(
        "purchase_line",
        line_id="1",
        order_id="700",
        material_id="1-WHEEL",
        ordered=5,
        received=2,
        due_on="2025-06-06",
        confirmed_on="2025-06-11",
        unit_price=20,
        currency="EUR",
    )
    put(
        "purchase_order",
        order_id="500",
        supplier_id="V2",
        status="complete",
        ordered_on="2025-01-02",
        currency="EUR",
    )
    put(
        "purchase_line",
        line_id="2",
        order_id="500",
        material_id="1-WHEEL",
        ordered=5,
        received=4,
        due_on="2025-01-20",
        received_on="2025-01-23",
        unit_price=18,
        currency="EUR",
    )
    for start, end, cost in (("2024-01-01", "2024-12-31", 10), ("2025-01-01", None, 12)):
        put(
            "standard_cost_version",
            material_id="1-WHEEL",
            valid_from=start,
            valid_to=end,
            standard_cost=cost,
            currency="EUR",
        )


def _ledger(put: Builder) -> None:
    for site, company, name, parent in (
        ("KS", "1000", "Velo AG", None),
        ("KS", "2000", "Velo Leasing", "1000"),
        ("LY", "3000", "Vélo SARL", None),
    ):
        put("company", site, company=company, name=name, parent=parent, currency="EUR")
    for site in ("KS", "LY"):
        put("account", site, account_id="400", code="4000", name="Travel", kind="Expenditures")
    put("account", account_id="4000", code="9000", name="Headcount", kind="Balances", value_type="Units")
    for line, (site, company, on, amount) in enumerate((
        ("KS", "1000", "2025-01-15", 100),
        ("KS", "1000", "2025-02-15", 50),
        ("KS", "2000", "2025-01-20", 7),
        ("LY", "3000", "2025-01-20", 900),
    )):  # fmt: skip
        more = {"account_id": "400", "scenario": "actual", "amount": amount, "currency": "EUR"}
        put("ledger_line", site, company=company, line_id=f"L{line}", posted_on=on, **more)
        put("ledger_period", site, company=company, month=f"{on[:7]}-01", lines=1, **more)
