"""A material's card shows what the data holds and warns of what a planner would see at once."""

from __future__ import annotations

from tests.tools.asking import Asking, cell, column, number
from tests.tools.conftest import Select
from tools.materials import material_card


async def test_the_card_of_a_finished_good(aw: Asking, select: Select) -> None:
    result = await aw(material_card, material="BK-M68B-38")
    cost, price, stock = select(
        "select m.standard_cost, m.list_price, (select sum(quantity) from erp.stock s where s.material_id ="
        " m.material_id) from erp.material m where m.number = 'BK-M68B-38'"
    )[0]
    assert cell(result.tables[0], 0, "standard_cost") == cost
    assert cell(result.tables[0], 0, "list_price") == price
    assert number(result, "on hand, unrestricted") == stock
    assert number(result, "stock value at standard cost") == cost * stock
    assert "mrp_controller" not in [each.name for each in result.tables[0].columns]


async def test_a_part_without_cost_is_not_valued(aw: Asking) -> None:
    result = await aw(material_card, material="Chainring Bolts")
    assert any("cannot be valued" in caveat for caveat in result.caveats)
    assert [figure.label for figure in result.figures] == ["on hand, unrestricted", "on order"]
    assert column(result.tables[2], "supplier") == [
        "Bike Satellite Inc.",
        "Beaumont Bikes",
        "Training Systems",
    ]


async def test_what_a_planner_would_notice(kassel: Asking) -> None:
    result = await kassel(material_card, material="Wheel")
    assert "Stock on hand is below the reorder point." in result.caveats
    assert "Stock on hand is below safety stock." in result.caveats
    assert "1 open order is overdue." in result.caveats
    assert column(result.tables[3], "order_id") == ["501", "700", "Q1", "504"]


async def test_a_bought_part_without_supplier(kassel: Asking) -> None:
    result = await kassel(material_card, material="Rim")
    assert any("no supplier has an info record" in caveat for caveat in result.caveats)
