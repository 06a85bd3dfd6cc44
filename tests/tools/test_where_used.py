"""Where a material is used: directly, through all levels, and at the top."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.tools.asking import Asking, by, column, number
from tests.tools.conftest import Select
from tools.errors import ToolError
from tools.where_used import where_used

ANCESTORS = """
with recursive x as (
    select b.parent_id, b.quantity_per::numeric q
    from erp.bom_item b join erp.material m on m.material_id = b.component_id
    where m.name = 'Pinch Bolt' and b.parent_id is not null and b.valid_to is null
    union all
    select b.parent_id, x.q * b.quantity_per from x join erp.bom_item b on b.component_id = x.parent_id
    where b.parent_id is not null and b.valid_to is null)
select parent_id, sum(q) from x group by 1
"""
COMPONENTS = "select component_id from erp.bom_item where parent_id is not null and valid_to is null"


async def test_direct_parents_are_those_of_a_query(aw: Asking, select: Select) -> None:
    result = await aw(where_used, material="Chain Stays")
    expected = select(
        "select distinct b.parent_id"
        " from erp.bom_item b join erp.material m on m.material_id = b.component_id"
        " where m.name = 'Chain Stays' and b.parent_id is not null and b.valid_to is null"
    )
    assert {(each,) for each in column(result.tables[0], "assembly_id")} == set(expected)
    assert number(result, "assemblies that use it directly") == len(expected)


async def test_ancestors_are_those_of_a_query(aw: Asking, select: Select) -> None:
    expected = dict(select(ANCESTORS))
    result = await aw(where_used, material="Pinch Bolt", levels="all")
    assert by(result.tables[0], "assembly_id", "quantity_per") == expected
    top = await aw(where_used, material="Pinch Bolt", levels="top")
    parents = {row[0] for row in select(COMPONENTS)}
    assert set(column(top.tables[0], "assembly_id")) == set(expected) - parents


async def test_quantity_is_for_one_of_the_top(kassel: Asking) -> None:
    result = await kassel(where_used, material="Spoke", levels="top")
    assert by(result.tables[0], "assembly", "quantity_per") == {"City Bike": Decimal(72)}
    assert result.tables[0].columns[-1].unit == "PC"


async def test_an_ended_line_does_not_count(kassel: Asking) -> None:
    assert (await kassel(where_used, material="Gift Box")).tables[0].rows == ()
    assert column((await kassel(where_used, material="Gift Box", on="2024-05-01")).tables[0], "number") == [
        "BIKE"
    ]


async def test_a_cycle_is_named(kassel: Asking) -> None:
    with pytest.raises(ToolError, match="circle"):
        await kassel(where_used, material="Loop Two", levels="all")


async def test_finished_goods_are_those_that_are_flagged(aw: Asking, select: Select) -> None:
    """A frame that is sold counts, though it also goes into bikes; an assembly that nobody sells does not."""
    flagged = {row[0] for row in select("select material_id from erp.material where is_finished")}
    result = await aw(where_used, material="Pinch Bolt", finished_only=True)
    assert set(column(result.tables[0], "assembly_id")) == set(dict(select(ANCESTORS))) & flagged
    assert number(result, "finished goods that use it") == len(result.tables[0].rows)
