"""How many can be built is what stock suffices for, and never more."""

from __future__ import annotations

import pytest

from tests.tools.asking import Asking, by, cell, number
from tests.tools.conftest import Select
from tools.buildable import buildable
from tools.errors import ToolError

DIRECT = """
select min(floor(coalesce(s.q, 0) / b.quantity_per))::int from erp.bom_item b
join erp.material p on p.material_id = b.parent_id
left join (select material_id, sum(quantity) q from erp.stock group by 1) s on s.material_id = b.component_id
where p.name = '{name}' and b.valid_to is null
"""


async def test_purchased_parts_alone(aw: Asking) -> None:
    result = await aw(buildable, material="Mountain-200 Black, 38", level="purchased")
    assert number(result, "can be built") == 5
    assert cell(result.tables[0], 0, "component") == "Paint - Black"


@pytest.mark.parametrize(
    "name", ["HL Road Rear Wheel", "Front Derailleur", "Road-550-W Yellow, 38", "Chain Stays"]
)
async def test_direct_components(aw: Asking, select: Select, name: str) -> None:
    result = await aw(buildable, material=name)
    assert number(result, "can be built") == select(DIRECT.format(name=name))[0][0]
    assert cell(result.tables[0], 0, "limiting") is True


async def test_sub_assemblies_first_then_parts(kassel: Asking) -> None:
    """Three wheels lie there, and spokes for two more; there is tube for eight frames and paint for six."""
    assert number(await kassel(buildable, material="City Bike"), "can be built") == 0
    assert number(await kassel(buildable, material="City Bike", level="purchased"), "can be built") == 1
    result = await kassel(buildable, material="City Bike", level="all", quantity=4)
    assert number(result, "can be built") == 2
    assert by(result.tables[0], "number", "missing") == {"SPOKE": 80, "RIM": 0, "TUBE": 0, "PAINT": 0}
    assert cell(result.tables[0], 0, "number") == "SPOKE"


async def test_what_is_missing_for_a_quantity(kassel: Asking) -> None:
    result = await kassel(buildable, material="Wheel", quantity=12)
    assert number(result, "can be built") == 2
    assert by(result.tables[0], "number", "missing")["SPOKE"] == 12 * 36 - 100
    assert number(result, "components that are short") == 2


async def test_a_material_without_structure_is_refused(kassel: Asking) -> None:
    with pytest.raises(ToolError, match=r"Spoke \(SPOKE\) has no bill of materials"):
        await kassel(buildable, material="Spoke")


async def test_a_cycle_is_named(kassel: Asking) -> None:
    with pytest.raises(ToolError, match="circle"):
        await kassel(buildable, material="Loop One", level="purchased")


async def test_what_ends_first_stands_beside_how_many(kassel: Asking) -> None:
    result = await kassel(buildable, material="City Bike", level="all")
    assert [list(row) for row in result.tables[1].rows] == [["City Bike", 2, "Spoke", "SPOKE", 100]]
