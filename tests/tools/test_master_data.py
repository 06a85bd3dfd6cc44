"""Materials and suppliers are found by whatever people call them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from erp_adapters.caller import Caller
from tests.tools.asking import Asking, cell, column, number
from tests.tools.plant import BOTH
from tools.master_data import find_material, find_supplier


@pytest.mark.parametrize("text", ["320", "CB-2903", "chainring bolts", "Chainring Blots", "chain ring bolt"])
async def test_a_material_by_id_number_name_and_typo(aw: Asking, text: str) -> None:
    result = await aw(find_material, text=text)
    assert cell(result.tables[0], 0, "name") == "Chainring Bolts"
    assert cell(result.tables[0], 0, "material_id") == "320"


async def test_a_supplier_by_part_of_its_name(aw: Asking) -> None:
    result = await aw(find_supplier, text="bike satelite")
    assert cell(result.tables[0], 0, "supplier_id") == "1604"
    assert "None is called exactly that; these resemble it." in result.caveats


async def test_nothing_found_is_an_answer(aw: Asking) -> None:
    result = await aw(find_material, text="flux capacitor")
    assert result.tables[0].rows == ()
    assert number(result, "materials that fit") == 0


async def test_the_list_says_when_it_is_cut(aw: Asking) -> None:
    result = await aw(find_material, text="frame", limit=3)
    assert result.tables[0].truncated
    assert len(result.tables[0].rows) == 3
    assert number(result, "materials that fit") > 3


async def test_whoever_sees_several_sites_sees_which(asking: Callable[[Caller], Asking]) -> None:
    result = await asking(BOTH)(find_material, text="gift box")
    assert column(result.tables[0], "site") == ["KS", "LY"]
    result = await asking(BOTH)(find_material, text="gift box", site="lyon")
    assert "site" not in [each.name for each in result.tables[0].columns]
    assert len(result.tables[0].rows) == 1
