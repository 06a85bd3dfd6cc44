"""A bill of materials is exploded over all paths, on the right day, in the stocking unit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.tools.asking import Asking, by, column, number
from tests.tools.conftest import Select
from tools.bom import explode_bom
from tools.errors import ToolError

EXPLODED = """
with recursive x as (
    select b.component_id, b.quantity_per::numeric q, 1 as level
    from erp.bom_item b join erp.material m on m.material_id = b.parent_id
    where m.name = '{material}' and b.valid_to is null
    union all
    select b.component_id, x.q * b.quantity_per, x.level + 1
    from x join erp.bom_item b on b.parent_id = x.component_id where b.valid_to is null)
"""


async def test_hundred_bikes_need_four_hundred_pinch_bolts(aw: Asking) -> None:
    result = await aw(explode_bom, material="Mountain-200 Black, 38", quantity=100, component="Pinch Bolt")
    assert number(result, "quantity needed") == 400
    assert "BK-M68B-38" in result.reading


@pytest.mark.parametrize("material", ["Road-750 Black, 52", "Touring-1000 Blue, 46", "HL Road Rear Wheel"])
async def test_totals_and_levels_are_those_of_a_query(aw: Asking, select: Select, material: str) -> None:
    result = await aw(explode_bom, material=material, quantity=20)
    expected = dict(
        select(EXPLODED.format(material=material) + "select component_id, sum(q) * 20 from x group by 1")
    )
    assert by(result.tables[0], "component_id", "quantity") == expected
    deepest, bought = select(
        EXPLODED.format(material=material)
        + "select max(level), count(distinct m.material_id) filter (where not m.is_made)"
        " from x join erp.material m on m.material_id = x.component_id"
    )[0]
    assert number(result, "levels") == deepest
    assert number(result, "purchased components") == bought


async def test_direct_components_that_are_short(aw: Asking, select: Select) -> None:
    result = await aw(
        explode_bom, material="HL Road Rear Wheel", quantity=2000, levels="direct", short_only=True
    )
    expected = dict(
        select(
            "select c.name, b.quantity_per * 2000 - coalesce((select sum(quantity) from erp.stock s"
            " where s.material_id = c.material_id), 0) from erp.bom_item b"
            " join erp.material p on p.material_id = b.parent_id"
            " join erp.material c on c.material_id = b.component_id"
            " where p.name = 'HL Road Rear Wheel' and b.valid_to is null"
        )
    )
    assert by(result.tables[0], "component", "missing") == {n: m for n, m in expected.items() if m > 0}


async def test_units_are_converted_and_scrap_is_allowed_for(kassel: Asking) -> None:
    result = await kassel(explode_bom, material="City Bike", quantity=10)
    needed = by(result.tables[0], "number", "quantity")
    assert needed["TUBE"] == Decimal(25)
    assert needed["RIM"] == Decimal(22)
    assert needed["SPOKE"] == Decimal(720)
    assert by(result.tables[0], "number", "unit")["TUBE"] == "KG"
    assert any("scrap allowance" in caveat for caveat in result.caveats)
    assert any("No unit conversion" in caveat and "Paint" in caveat for caveat in result.caveats)


async def test_lines_count_from_their_first_to_their_last_day(kassel: Asking) -> None:
    async def direct(on: str | None) -> set[object]:
        found = await kassel(explode_bom, material="City Bike", levels="direct", on=on)
        return set(column(found.tables[0], "number"))

    assert await direct(None) == {"WHEEL", "FRAME"}
    assert await direct("2024-12-31") == {"WHEEL", "FRAME", "BOX"}
    assert await direct("2025-01-01") == {"WHEEL", "FRAME"}
    assert await direct("2025-07-01") == {"WHEEL", "FRAME", "PAINT"}


async def test_blocked_stock_does_not_cover_a_need(kassel: Asking) -> None:
    result = await kassel(explode_bom, material="Wheel", quantity=20, component="rim", with_stock=True)
    assert number(result, "on hand") == 11
    assert number(result, "missing") == 11


async def test_a_cycle_is_named(kassel: Asking) -> None:
    with pytest.raises(ToolError, match=r"circle: Loop One \(LOOP1\) > Loop Two \(LOOP2\) > Loop One"):
        await kassel(explode_bom, material="Loop One")
    assert len((await kassel(explode_bom, material="Loop One", levels="direct")).tables[0].rows) == 1


async def test_a_component_that_is_not_in_it_is_zero_not_an_error(kassel: Asking) -> None:
    result = await kassel(explode_bom, material="City Bike", component="Gift Box")
    assert number(result, "quantity needed") == 0
    assert result.tables[0].rows == ()


async def test_a_name_that_nothing_has_is_refused(kassel: Asking) -> None:
    with pytest.raises(ToolError, match="nothing called 'gearbox' goes into City Bike"):
        await kassel(explode_bom, material="City Bike", component="gearbox")


async def test_a_bought_part_has_no_components(kassel: Asking) -> None:
    result = await kassel(explode_bom, material="Spoke")
    assert "No bill of materials" in result.sentence
    assert number(result, "components") == 0


async def test_only_purchased_parts(kassel: Asking) -> None:
    result = await kassel(explode_bom, material="City Bike", purchased_only=True)
    assert set(column(result.tables[0], "number")) == {"SPOKE", "RIM", "TUBE", "PAINT"}


@pytest.mark.parametrize("quantity", [1, 20])
async def test_purchased_parts_cost_what_their_cheapest_vendors_ask(
    aw: Asking, select: Select, quantity: int
) -> None:
    result = await aw(
        explode_bom, material="Road-650 Black, 58", quantity=quantity, priced_at="lowest_vendor_price"
    )
    expected = select(
        EXPLODED.format(material="Road-650 Black, 58")
        + f"select sum(q * {quantity} * (select min(standard_price) from erp.info_record i"
        " where i.material_id = x.component_id))"
        " from x join erp.material m on m.material_id = x.component_id where not m.is_made"
    )[0][0]
    assert number(result, "cost of components") == expected > 0
    assert set(column(result.tables[0], "source")) == {"bought"}


async def test_a_component_without_a_price_is_named(aw: Asking) -> None:
    result = await aw(explode_bom, material="HL Fork", priced_at="standard_cost")
    assert number(result, "cost of components") == 0
    assert "count as zero" in " ".join(result.caveats)
