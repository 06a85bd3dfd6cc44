"""Every tool that the product has, in one tuple."""

from __future__ import annotations

from typing import Any

from erp_adapters.documents.embedding import Embedder
from tools.ageing import inventory_ageing
from tools.balance.tool import balance_plants
from tools.bom import explode_bom
from tools.buildable import buildable
from tools.confirmations import supplier_confirmations
from tools.contract_prices import price_against_contract
from tools.cost_build_up import cost_build_up
from tools.data_quality import data_quality
from tools.documents import find_in_documents, searching_with
from tools.drafting.cancellation import draft_cancellation
from tools.drafting.floor import draft_order_hold, draft_work_order
from tools.drafting.hold import draft_hold
from tools.drafting.listing import list_drafts
from tools.drafting.redating import draft_redating
from tools.drafting.requisition import draft_requisition
from tools.drafting.transfer import draft_transfer
from tools.energy import energy_use
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
from tools.metrics.tool import query_metrics
from tools.net_requirements.tool import net_requirements
from tools.orders import order_status
from tools.overview.attention import attention
from tools.pegging import pegging
from tools.predicting.asking import Ask
from tools.predicting.forecasts import (
    demand_forecast,
    energy_forecast,
    forecasting_with,
    remaining_life,
    yield_forecast,
)
from tools.predicting.supplier_lateness import lateness_with, supplier_lateness
from tools.predicting.tool import failure_risk, foretelling_with
from tools.prices import price_history
from tools.purchasing import supplied_by, suppliers_of
from tools.rates import exchange_rate
from tools.registry import Tool, ToolRegistry
from tools.reliability import supplier_reliability
from tools.replanning.drafting import draft_replanning
from tools.replanning.tool import replan
from tools.requisitions import requisition_status
from tools.shop_floor import shop_floor
from tools.shortages import shortages
from tools.stock_apart import stock_apart
from tools.substitutes import substitutes
from tools.variance.drafting import draft_explanation
from tools.variance.tool import explain_variance
from tools.what_if.tool import what_if
from tools.where_used import where_used

LOOK_UPS: tuple[Tool[Any], ...] = (
    find_material,
    find_supplier,
    material_card,
    stock_and_requirements,
    order_status,
    requisition_status,
    explode_bom,
    where_used,
    buildable,
    attention,
    shortages,
    net_requirements,
    balance_plants,
    exception_messages,
    pegging,
    why_late,
    shop_floor,
    stock_apart,
    maintenance_parts,
    energy_use,
    supplier_lateness,
    held_lot,
    failure_risk,
    remaining_life,
    demand_forecast,
    yield_forecast,
    energy_forecast,
    machine_values,
    replan,
    what_if,
    suppliers_of,
    supplied_by,
    substitutes,
    price_history,
    cost_build_up,
    inventory_ageing,
    supplier_reliability,
    supplier_confirmations,
    price_against_contract,
    exchange_rate,
    ledger_lines,
    explain_variance,
    lineage,
    data_quality,
    freshness,
    find_in_documents,
    list_drafts,
)
"""Typed look-ups: each answers one kind of question about named things."""

DRAFTS: tuple[Tool[Any], ...] = (
    draft_requisition,
    draft_transfer,
    draft_hold,
    draft_work_order,
    draft_order_hold,
    draft_cancellation,
    draft_replanning,
    draft_redating,
    draft_explanation,
)
"""Tools that draft: what they return waits for a person, and only where somebody asked for it."""

TOOLS: tuple[Tool[Any], ...] = (query_metrics, *LOOK_UPS, *DRAFTS)


def registry(embedder: Embedder | None = None, ask: Ask | None = None) -> ToolRegistry:
    """Every tool by name; documents are searched with the packaged embedder where none is given.

    Args:
        ask: puts inputs to endpoints of models that foretell; rules answer where none is given.
    """
    other: list[Tool[Any]] = []
    if embedder is not None:
        other.append(searching_with(embedder))
    if ask is not None:
        other += [foretelling_with(ask), lateness_with(ask), *forecasting_with(ask)]
    named = {tool.name: tool for tool in other}
    return ToolRegistry(named.get(tool.name, tool) for tool in TOOLS)
