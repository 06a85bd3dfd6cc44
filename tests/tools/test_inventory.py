"""The stock/requirements list holds everything dated, in order, and says when it runs short."""

from __future__ import annotations

from decimal import Decimal

from tests.tools.asking import Asking, cell, column, day, number
from tests.tools.conftest import Select
from tools.inventory import stock_and_requirements


async def test_every_kind_of_receipt_and_requirement_is_in_the_running_quantity(kassel: Asking) -> None:
    """Order 503 has a reservation, so its need is not counted twice; 504 has no date and stays out."""
    result = await kassel(stock_and_requirements, material="Wheel")
    shown = ("date", "kind", "order_id", "quantity", "available")
    listed = list(zip(*(column(result.tables[0], name) for name in shown), strict=True))
    assert listed == [
        (day("2025-06-10"), "stock on hand", None, 3, 3),
        (day("2025-06-05"), "production order", "501", 8, 11),
        (day("2025-06-11"), "purchase order", "700", 3, 14),
        (day("2025-06-12"), "dependent requirement", "500", -10, 4),
        (day("2025-06-13"), "reservation", "503", -3, 1),
        (day("2025-06-30"), "sales order", "S1", -4, -3),
        (day("2025-07-01"), "dependent requirement", "P1", -8, -11),
        (day("2025-08-01"), "requisition", "Q1", 1, -10),
        (None, "production order", "504", 2, None),
    ]
    assert "It runs short on {{tables[0].rows[5].date}}." in result.sentence
    assert number(result, "receipts") == 12
    assert number(result, "requirements") == 25
    assert number(result, "available at the end") == -10
    assert any("1 order has no date" in caveat and "504" in caveat for caveat in result.caveats)
    assert any("1 receipt is overdue" in caveat for caveat in result.caveats)


async def test_remarks_say_short_overdue_and_below_safety_stock(kassel: Asking) -> None:
    result = await kassel(stock_and_requirements, material="Wheel")
    remarks = dict(zip(column(result.tables[0], "order_id"), column(result.tables[0], "remark"), strict=True))
    assert remarks["500"] == "below safety stock"
    assert remarks["S1"] == "short"
    assert cell(result.tables[0], 1, "days_overdue") == 5


async def test_only_unrestricted_stock_is_available(kassel: Asking) -> None:
    result = await kassel(stock_and_requirements, material="Wheel")
    assert result.tables[1].rows == (("unrestricted", Decimal(3), True), ("quality", Decimal(7), False))
    assert any("not counted as available" in caveat for caveat in result.caveats)


async def test_the_horizon_cuts_and_says_so(kassel: Asking) -> None:
    result = await kassel(stock_and_requirements, material="Wheel", horizon_days=10)
    assert column(result.tables[0], "order_id") == [None, "501", "700", "500", "503", "504"]
    assert any("3 receipts or requirements lie after the horizon" in caveat for caveat in result.caveats)
    assert "run short" in result.sentence


async def test_a_material_without_stock_or_orders_is_zero(kassel: Asking) -> None:
    result = await kassel(stock_and_requirements, material="Gift Box")
    assert number(result, "on hand, unrestricted") == 0
    assert any("no stock record" in caveat for caveat in result.caveats)


async def test_open_purchase_lines_are_those_of_a_query(aw: Asking, select: Select) -> None:
    """Of complete and rejected orders nothing more is expected, however short they came."""
    expected = select(
        "select l.material_id, o.order_id, l.ordered - l.received from erp.purchase_line l"
        " join erp.purchase_order o using (order_id)"
        " where o.status in ('pending', 'approved') and l.received < l.ordered order by 1, 2"
    )
    assert expected
    found = []
    for material in sorted({str(row[0]) for row in expected}):
        result = await aw(stock_and_requirements, material=f"id:{material}")
        orders, quantities = column(result.tables[0], "order_id"), column(result.tables[0], "quantity")
        found += [(material, order, q) for order, q in zip(orders, quantities, strict=True) if order]
    assert sorted(found, key=str) == sorted(expected, key=str)


async def test_what_the_source_does_not_hold_is_said(aw: Asking) -> None:
    result = await aw(stock_and_requirements, material="Paint - Black")
    assert any("holds no planned orders" in caveat for caveat in result.caveats)
    assert result.evidence[0].flags == ("3 of 3 stock rows are flagged: no standard cost (3).",)
