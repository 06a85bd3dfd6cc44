"""An order's status says what is open and how late it is, and nothing that the source does not say."""

from __future__ import annotations

import pytest

from tests.tools.asking import Asking, by, cell, number
from tests.tools.conftest import Select
from tools.errors import ToolError
from tools.orders import order_status


async def test_a_work_order_with_its_days(aw: Asking, select: Select) -> None:
    late = select(
        "select order_id, end_on - due_on from erp.production_order where end_on > due_on"
        " order by order_id limit 1"
    )[0]
    result = await aw(order_status, order=f"WO {late[0]}")
    assert number(result, "days late") == late[1]
    assert cell(result.tables[0], 0, "state") == "ended"
    assert number(result, "open quantity") == 0


async def test_an_undated_work_order_is_neither_late_nor_open(aw: Asking) -> None:
    result = await aw(order_status, order="70000")
    assert cell(result.tables[0], 0, "days_late") is None
    assert any("no start, end, due date" in caveat for caveat in result.caveats)
    assert [figure.label for figure in result.figures] == ["open quantity", "scrapped"]


async def test_an_open_purchase_order_with_its_lines(aw: Asking, select: Select) -> None:
    result = await aw(order_status, order="po #3796")
    assert cell(result.tables[0], 0, "status") == "pending"
    expected = select("select line_id, ordered - received from erp.purchase_line where order_id = '3796'")
    assert by(result.tables[1], "line_id", "open") == dict(expected)
    assert number(result, "open quantity") == 82
    assert number(result, "days late, latest line") == 78
    assert any("no receipt dates" in caveat for caveat in result.caveats)


async def test_a_number_that_is_both_is_asked_back(kassel: Asking) -> None:
    with pytest.raises(
        ToolError, match=r"work order 500 for City Bike at KS or purchase order 500 to Rad & Co"
    ):
        await kassel(order_status, order="500")
    assert (await kassel(order_status, order="500", kind="work_order")).reading.startswith(
        "Status of work order 500"
    )
    assert (await kassel(order_status, order="purchase order 500")).reading.startswith(
        "Status of purchase order 500"
    )


async def test_an_order_in_progress_is_late_up_to_today(kassel: Asking) -> None:
    result = await kassel(order_status, order="501")
    assert number(result, "days late") == 5
    assert "late so far" in result.sentence
    assert number(result, "open quantity") == 8
    released = await kassel(order_status, order="wo500")
    assert cell(released.tables[0], 0, "days_late") is None


async def test_a_short_line_of_a_complete_order_is_not_open(kassel: Asking) -> None:
    result = await kassel(order_status, order="PO 500")
    assert number(result, "open quantity") == 0
    assert cell(result.tables[1], 0, "days_late") == 3
    assert any("1 line came short" in caveat for caveat in result.caveats)


async def test_a_confirmed_date_counts_before_the_due_date(kassel: Asking) -> None:
    result = await kassel(order_status, order="700")
    assert cell(result.tables[1], 0, "days_late") == 0
    assert number(result, "open quantity") == 3


async def test_an_unknown_number_is_said(kassel: Asking) -> None:
    with pytest.raises(ToolError, match="no purchase order with the number '9'"):
        await kassel(order_status, order="PO 9")
