"""Cost and price versions with the change from each to the next."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from tests.tools.asking import Asking, column, day, number
from tests.tools.conftest import Select
from tools.prices import price_history


@pytest.mark.parametrize("kind", ["standard_cost", "list_price"])
async def test_versions_are_those_on_file(aw: Asking, select: Select, kind: str) -> None:
    result = await aw(price_history, material="Sport-100 Helmet, Red", kind=kind)
    expected = select(
        f"select valid_from, valid_to, v.{kind}"
        f" from erp.{kind}_version v join erp.material m using (material_id)"
        " where m.name = 'Sport-100 Helmet, Red' order by valid_from"
    )
    assert len(expected) == 3
    assert [row[:3] for row in result.tables[0].rows] == expected
    prices = [Decimal(str(row[2])) for row in expected]
    assert column(result.tables[0], "change")[1:] == [after - before for before, after in pairwise(prices)]


async def test_a_change_in_percent_of_the_version_before(kassel: Asking) -> None:
    result = await kassel(price_history, material="Wheel")
    assert column(result.tables[0], "change_pct") == [None, Decimal(20)]
    assert number(result, "changes") == 1
    assert number(result, "latest") == 12
    assert "The master data holds another value than the latest version." in result.caveats


async def test_orders_at_one_price_are_one_version(aw: Asking, select: Select) -> None:
    result = await aw(price_history, material="Chainring Bolts", kind="purchase")
    counted = select(
        "select count(*) from erp.purchase_line l join erp.purchase_order o using (order_id)"
        " where material_id = '320' and o.status <> 'rejected'"
    )[0][0]
    lines = column(result.tables[0], "lines")
    assert sum(lines) == counted
    assert len(set(column(result.tables[0], "supplier"))) == len(lines)


async def test_purchase_prices_by_order_date(kassel: Asking) -> None:
    result = await kassel(price_history, material="Wheel", kind="purchase")
    assert column(result.tables[0], "supplier") == ["Rad & Co", "Speichen Huber"]
    assert column(result.tables[0], "valid_from") == [day("2025-01-02"), day("2025-05-02")]
    assert column(result.tables[0], "change") == [None, None]


async def test_without_versions_the_master_data_is_quoted(aw: Asking) -> None:
    result = await aw(price_history, material="HL Road Frame - Red, 58", kind="list_price")
    assert number(result, "in the master data") == Decimal("1431.5")
    assert "No list price history" in result.sentence
