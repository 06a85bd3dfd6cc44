"""Suppliers come cheapest first, with ties kept and what is no longer valid left out."""

from __future__ import annotations

from decimal import Decimal

from tests.tools.asking import Asking, cell, column, number
from tests.tools.conftest import Select
from tools.purchasing import supplied_by, suppliers_of


async def test_the_cheapest_supplier_with_its_order_limits(aw: Asking) -> None:
    result = await aw(suppliers_of, material="Chainring Bolts", limit=1)
    assert len(result.tables[0].rows) == 1
    row = {each.name: cell(result.tables[0], 0, each.name) for each in result.tables[0].columns}
    assert (row["material_id"], row["supplier"]) == ("320", "Bike Satellite Inc.")
    assert (row["price"], row["minimum_order"], row["maximum_order"]) == (Decimal("43.21"), 1, 5)
    assert row["lead_time_days"] == 17
    assert result.tables[0].columns[3].unit == "USD"
    assert number(result, "suppliers") == 3


async def test_what_a_supplier_offers_is_that_of_a_query(aw: Asking, select: Select) -> None:
    result = await aw(supplied_by, supplier="Superior Bicycles")
    expected = select(
        "select i.material_id from erp.info_record i join erp.supplier s using (supplier_id)"
        " where s.name = 'Superior Bicycles'"
    )
    assert {(each,) for each in column(result.tables[0], "material_id")} == set(expected)
    assert number(result, "materials") == len(expected)


async def test_equal_prices_at_the_end_are_kept(kassel: Asking) -> None:
    """Of two at the same price, the quicker one is named before the other."""
    result = await kassel(suppliers_of, material="Spoke", limit=2)
    assert column(result.tables[0], "supplier_id") == ["V3", "V2", "V1"]
    active = await kassel(suppliers_of, material="Spoke", active_only=True)
    assert column(active.tables[0], "supplier_id") == ["V2", "V1"]


async def test_an_ended_info_record_is_left_out_and_said(kassel: Asking) -> None:
    result = await kassel(suppliers_of, material="Rim")
    assert result.tables[0].rows == ()
    assert "1 info record not valid today stayed out of the list." in result.caveats


async def test_an_inactive_supplier_is_said_to_be_one(kassel: Asking) -> None:
    result = await kassel(supplied_by, supplier="Alt GmbH")
    assert any("no longer an active supplier" in caveat for caveat in result.caveats)


async def test_the_fastest_is_told_by_lead_time(kassel: Asking) -> None:
    """Whoever asks who delivers fastest is not told who is cheapest."""
    result = await kassel(suppliers_of, material="Spoke", fastest_first=True)
    times = [time for time in column(result.tables[0], "lead_time_days") if time is not None]
    assert times == sorted(times)
    first = await kassel(suppliers_of, material="Spoke", fastest_first=True, limit=1)
    assert set(column(first.tables[0], "lead_time_days")) == {times[0]}
    assert "the fastest" in first.reading
