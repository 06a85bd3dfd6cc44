"""Nobody sees or is told what is not theirs, whichever tool, name or site they ask with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from erp_adapters.caller import Caller
from tests.tools.asking import Asking, column
from tests.tools.plant import BOTH, KASSEL, LYON, NOBODY
from tools.ageing import inventory_ageing
from tools.all_tools import LOOK_UPS
from tools.balance.tool import balance_plants
from tools.bom import explode_bom
from tools.buildable import buildable
from tools.confirmations import supplier_confirmations
from tools.contract_prices import price_against_contract
from tools.cost_build_up import cost_build_up
from tools.data_quality import data_quality
from tools.documents import find_in_documents
from tools.drafting.listing import list_drafts
from tools.energy import energy_use
from tools.errors import ToolError
from tools.exception_messages import exception_messages
from tools.finance import ledger_lines
from tools.freshness import freshness
from tools.held_lots import held_lot
from tools.inventory import stock_and_requirements
from tools.lateness import why_late
from tools.lineage import lineage
from tools.machines.tool import machine_values
from tools.maintenance import maintenance_parts
from tools.master_data import find_material, find_supplier
from tools.materials import material_card
from tools.net_requirements.tool import net_requirements
from tools.orders import order_status
from tools.overview.attention import attention
from tools.pegging import pegging
from tools.predicting.forecasts import (
    demand_forecast,
    energy_forecast,
    remaining_life,
    yield_forecast,
)
from tools.predicting.supplier_lateness import supplier_lateness
from tools.predicting.tool import failure_risk
from tools.prices import price_history
from tools.purchasing import supplied_by, suppliers_of
from tools.rates import exchange_rate
from tools.registry import Tool
from tools.reliability import supplier_reliability
from tools.replanning.tool import replan
from tools.requisitions import requisition_status
from tools.results import ToolResult
from tools.shop_floor import shop_floor
from tools.shortages import shortages
from tools.stock_apart import stock_apart
from tools.substitutes import substitutes
from tools.variance.tool import explain_variance
from tools.what_if.tool import what_if
from tools.where_used import where_used

OF_KASSEL: list[tuple[Tool[Any], dict[str, object]]] = [
    (find_material, {"text": "wheel"}),
    (find_supplier, {"text": "Speichen Huber"}),
    (material_card, {"material": "Wheel"}),
    (stock_and_requirements, {"material": "1-WHEEL"}),
    (order_status, {"order": "700"}),
    (requisition_status, {"requisition": "Q1"}),
    (explode_bom, {"material": "BIKE"}),
    (where_used, {"material": "Spoke"}),
    (buildable, {"material": "City Bike"}),
    (shortages, {}),
    (net_requirements, {}),
    (attention, {}),
    (balance_plants, {}),
    (exception_messages, {}),
    (pegging, {"order": "700"}),
    (why_late, {"order": "501"}),
    (shop_floor, {}),
    (stock_apart, {}),
    (maintenance_parts, {"days": 366}),
    (energy_use, {}),
    (supplier_lateness, {}),
    (demand_forecast, {}),
    (yield_forecast, {}),
    (energy_forecast, {}),
    (remaining_life, {}),
    (held_lot, {}),
    (failure_risk, {}),
    (machine_values, {}),
    (replan, {"kind": "machine_down", "about": "P1", "seconds": 1, "workers": 1}),
    (what_if, {"suppositions": [{"kind": "price", "about": "Spoke", "rise": 5}]}),
    (suppliers_of, {"material": "Spoke"}),
    (supplied_by, {"supplier": "V1"}),
    (substitutes, {"material": "Spoke"}),
    (price_history, {"material": "Wheel"}),
    (cost_build_up, {"material": "Wheel"}),
    (inventory_ageing, {}),
    (supplier_reliability, {}),
    (supplier_confirmations, {}),
    (price_against_contract, {}),
    (exchange_rate, {"from_currency": "EUR", "to_currency": "USD"}),
    (ledger_lines, {"company": "Velo AG", "account": "Travel"}),
    (lineage, {"record": "supplier", "key": "supplier/1"}),
    (data_quality, {}),
    (freshness, {}),
    (explain_variance, {"period": "2025-05"}),
    (find_in_documents, {"question": "partial deliveries"}),
    (list_drafts, {}),
]
WORDS = ("Wheel", "Spoke", "City Bike", "Huber", "Velo AG", "Kassel", "KS")


def test_every_look_up_is_tried() -> None:
    assert {tool.name for tool, _ in OF_KASSEL} == {tool.name for tool in LOOK_UPS}


def shown(result: ToolResult) -> str:
    """All that a result says, but for the words that it repeats from the question."""
    return repr((result.tables, result.figures, result.sentence, result.caveats, result.suggestions)) + repr(
        [(proof.sources, proof.flags) for proof in result.evidence]
    )


@pytest.mark.parametrize(("tool", "arguments"), OF_KASSEL, ids=[tool.name for tool, _ in OF_KASSEL])
@pytest.mark.parametrize("caller", [LYON, NOBODY], ids=["lyon", "nobody"])
@pytest.mark.parametrize("site", [None, "KS", "Kassel"])
async def test_another_site_is_as_if_it_were_not_there(
    asking: Callable[[Caller], Asking],
    caller: Caller,
    tool: Tool[Any],
    arguments: dict[str, object],
    site: str | None,
) -> None:
    try:
        said = shown(await asking(caller).unchecked(tool, **arguments, site=site))
    except ToolError as refusal:
        said = str(refusal)
        for word in [*map(str, arguments.values()), "Spoke", str(site)]:
            said = said.replace(repr(word), "")
    assert not any(word in said for word in WORDS), said


async def test_a_company_out_of_scope_is_not_there(asking: Callable[[Caller], Asking]) -> None:
    with pytest.raises(ToolError, match="no company is called 'Velo Leasing'") as refusal:
        await asking(KASSEL)(ledger_lines, company="Velo Leasing", account="Travel")
    assert "2000" not in str(refusal.value)


async def test_a_thing_at_two_sites_is_asked_back(asking: Callable[[Caller], Asking]) -> None:
    with pytest.raises(ToolError, match=r"Gift Box \(BOX\) is kept at KS, LY; name the site"):
        await asking(BOTH)(material_card, material="Gift Box")
    assert "at LY" in (await asking(BOTH)(material_card, material="Gift Box", site="lyon")).reading
    assert "at KS" in (await asking(KASSEL)(material_card, material="Gift Box")).reading


async def test_a_site_that_is_not_there_names_those_that_are(asking: Callable[[Caller], Asking]) -> None:
    with pytest.raises(ToolError, match=r"no site 'Paris' that you may see; there is LY \(Lyon\)"):
        await asking(LYON)(find_material, text="saddle", site="Paris")


async def test_adventureworks_shows_nothing_to_another_site(aw: Asking) -> None:
    stranger = Asking(aw.store, LYON)
    with pytest.raises(ToolError, match="no material is called"):
        await stranger(material_card, material="Chainring Bolts")
    with pytest.raises(ToolError, match="no work order or purchase order"):
        await stranger(order_status, order="43")


async def test_suggestions_stay_in_scope(kassel: Asking) -> None:
    result = await kassel(find_material, text="gift box")
    assert column(result.tables[0], "material_id") == ["1-BOX"]
