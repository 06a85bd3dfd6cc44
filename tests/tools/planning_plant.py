"""A small plant with a plan: a pump of a body and two seals, short of seals, and orders that went late."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg

from erp_adapters.caller import Caller
from tests.tools.plant import LOAD, Builder

PLANNER = Caller("paula", "Paula", frozenset({"planner"}), frozenset({"KS"}), frozenset({"1000"}))
"""Plans for MRP controller K02."""
NEWCOMER = Caller("neo", "Neo", frozenset({"planner"}), frozenset({"KS"}), frozenset({"1000"}))
"""For whom no controller is kept."""
STRANGER = Caller("lea", "Léa", frozenset({"planner"}), frozenset({"LY"}), frozenset({"3000"}))


def build(owner_dsn: str) -> None:
    """Fill an empty store."""
    with psycopg.connect(owner_dsn) as connection:
        put = Builder(connection)
        _site(put, connection)
        _materials(put)
        _plan(put)
        _purchasing(put)
        _past(put)


def _site(put: Builder, connection: psycopg.Connection[Any]) -> None:
    for code, name in (("KS", "Kassel"), ("LY", "Lyon")):
        as_of = datetime(2025, 6, 10, 10, tzinfo=UTC)
        put("site", code, name=name, time_zone="Europe/Berlin", currency="EUR", as_of=as_of)
    connection.execute(
        "insert into erp.load (load_id, source_system, site, finished_at, status, rows, as_of, report)"
        " values (%s, 'legacy', 'KS', now(), 'loaded', 9, now(), '{}')",
        (LOAD,),
    )
    connection.execute(
        "insert into erp.person (subject, name, mrp_controllers) values ('paula', 'Paula', '{K02}')"
    )
    for shift, start, end in (("1", "06:00", "14:00"), ("2", "14:00", "22:00")):
        put("shift", shift_id=shift, name=shift, starts_at=start, ends_at=end)
    for day in (7, 8, 14, 15):
        put("work_calendar", calendar_id="A", day=f"2025-06-{day:02}", is_working=False, hours=0)


def _materials(put: Builder) -> None:
    for number, name, made, controller, group, safety, cost in (
        ("PUMP", "Pump", True, "K01", None, 0, 100),
        ("BODY", "Body", True, "K02", None, 0, 40),
        ("SEAL", "Seal", False, "K02", "E1", 5, 4),
        ("BOLT", "Bolt", False, "K02", "E1", 0, "0.2"),
    ):
        put(
            "material",
            material_id=f"1-{number}",
            number=number,
            name=name,
            is_made=made,
            is_finished=number == "PUMP",
            base_unit="PC",
            mrp_controller=controller,
            purchasing_group=group,
            safety_stock=safety,
            standard_cost=cost,
            currency="EUR",
            delivery_days=10,
        )
    put("material", "LY", material_id="1-SEAL", number="SEAL", name="Joint", is_made=False)
    for item, (parent, component, quantity) in enumerate(
        (("PUMP", "BODY", 1), ("PUMP", "SEAL", 2), ("BODY", "BOLT", 4))
    ):
        put(
            "bom_item",
            item_id=str(item),
            parent_id=f"1-{parent}",
            component_id=f"1-{component}",
            quantity_per=quantity,
            unit="PC",
        )
    put("location", location_id="10", name="Store")
    for number, quantity in (("SEAL", 10), ("BODY", 3), ("BOLT", 100)):
        put("stock", material_id=f"1-{number}", location_id="10", quantity=quantity, unit="PC")
    put("stock", material_id="1-SEAL", location_id="10", status="quality", quantity=50, unit="PC")
    for centre, name in (("M1", "Mill"), ("T1", "Test bench")):
        put("work_centre", work_centre_id=centre, name=name)
    for operation, centre in ((10, "M1"), (20, "T1")):
        put(
            "routing_operation",
            material_id="1-PUMP",
            operation=operation,
            work_centre_id=centre,
            setup_minutes=20,
            run_minutes=10,
        )


def _order(put: Builder, id: str, number: str, quantity: int, status: str, **more: object) -> None:
    put("production_order", order_id=id, material_id=f"1-{number}", ordered=quantity, status=status, **more)


def _plan(put: Builder) -> None:
    _order(put, "W1", "PUMP", 6, "released", start_on="2025-06-12", due_on="2025-06-13")
    _order(put, "W2", "BODY", 5, "released", start_on="2025-06-11", due_on="2025-06-12")
    for order, number, quantity, needed in (
        ("W1", "BODY", 6, "2025-06-12"),
        ("W1", "SEAL", 12, "2025-06-12"),
        ("W2", "BOLT", 20, "2025-06-11"),
    ):
        put(
            "reservation",
            reservation_id=f"{order}-{number}",
            material_id=f"1-{number}",
            order_id=order,
            quantity=quantity,
            needed_on=needed,
        )
    for customer, name in (("C1", "Aqua AG"), ("C2", "Hydro SA")):
        put("customer", customer_id=customer, name=name)
    for order, customer, due, quantity in (
        ("8001", "C1", "2025-06-13", 5),
        ("8002", "C2", "2025-06-20", 2),
    ):
        put("sales_order", order_id=order, customer_id=customer, ordered_on="2025-05-01", status="open")
        put(
            "sales_line",
            line_id=f"{order}-1",
            order_id=order,
            material_id="1-PUMP",
            due_on=due,
            ordered=quantity,
        )


def _purchasing(put: Builder) -> None:
    put("supplier", supplier_id="V1", number="HUB", name="Dichtungen Huber")
    put(
        "purchase_order",
        order_id="700",
        supplier_id="V1",
        status="approved",
        ordered_on="2025-05-30",
        currency="EUR",
    )
    for line, number, quantity, due, confirmed, price in (
        ("700-1", "SEAL", 20, "2025-06-06", "2025-06-16", 5),
        ("700-2", "BOLT", 500, "2025-06-20", None, "0.1"),
    ):
        put(
            "purchase_line",
            line_id=line,
            order_id="700",
            material_id=f"1-{number}",
            ordered=quantity,
            received=0,
            due_on=due,
            confirmed_on=confirmed,
            unit_price=price,
            currency="EUR",
        )


def _past(put: Builder) -> None:
    """Order 90 waited for a test bench, order 92 for seals, and order 91 has not begun."""
    _order(
        put,
        "90",
        "PUMP",
        2,
        "complete",
        stocked=2,
        start_on="2025-06-03",
        end_on="2025-06-06",
        due_on="2025-06-04",
    )
    _order(
        put,
        "92",
        "PUMP",
        2,
        "complete",
        stocked=2,
        start_on="2025-06-09",
        end_on="2025-06-09",
        due_on="2025-06-05",
    )
    _order(put, "91", "PUMP", 1, "released", start_on="2025-06-05", due_on="2025-06-06")
    _order(
        put,
        "93",
        "BODY",
        1,
        "complete",
        stocked=1,
        start_on="2025-06-02",
        end_on="2025-06-05",
        due_on="2025-06-03",
    )
    steps = (
        ("90", 10, "M1", "2025-06-03 06:00", "2025-06-03 08:00", 120, 0),
        ("90", 20, "T1", "2025-06-06 06:00", "2025-06-06 07:30", 60, 2),
        ("89", 10, "T1", "2025-06-05 06:00", "2025-06-05 16:00", 600, 0),
        ("92", 10, "M1", "2025-06-09 06:00", "2025-06-09 08:00", 120, 0),
    )
    for order, operation, centre, start, end, planned, reworked in steps:
        put(
            "operation_confirmation",
            confirmation_id=f"{order}-{operation}",
            order_id=order,
            operation=operation,
            work_centre_id=centre,
            started_at=f"{start} Europe/Berlin",
            ended_at=f"{end} Europe/Berlin",
            planned_minutes=planned,
            actual_minutes=planned,
            reworked=reworked,
            good=2,
            scrapped=0,
        )
    put(
        "downtime",
        downtime_id="D1",
        work_centre_id="T1",
        started_at="2025-06-04 06:00 Europe/Berlin",
        ended_at="2025-06-04 10:00 Europe/Berlin",
        minutes=240,
        reason="Hydraulic leak",
    )
    for movement, day, kind, quantity, order in (
        ("B1", "2025-06-06", "purchase", 12, "699"),
        ("B2", "2025-06-09", "consumption", -4, "92"),
    ):
        put(
            "stock_movement",
            movement_id=movement,
            material_id="1-SEAL",
            moved_on=day,
            kind=kind,
            quantity=quantity,
            order_id=order,
        )
