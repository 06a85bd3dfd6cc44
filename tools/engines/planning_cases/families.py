"""The families of planning cases: their names, their keys, and what computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from tools.engines.lot_sizing import Rule
from tools.engines.planning_cases import losses, lots, promising, steady, structures, uncertain
from tools.engines.planning_cases.keys import SPELLINGS, Given, Json, Key, keys_of


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of case."""

    keys: tuple[Key, ...]
    compute: Callable[[Given], dict[str, Json]]
    gathered: str = ""
    """Keys that begin with this are gathered under `components`."""


def _rule(rule: Rule) -> Family:
    return Family(lots.KEYS, partial(lots.sized, rule))


_ONE_ORDER = keys_of("rounding", Key("quantity", "not_negative", required=True), *lots.SIZE_KEYS)

FAMILIES: Mapping[str, Family] = {
    "lot_for_lot": _rule("lot_for_lot"),
    "fixed_order_quantity": _rule("fixed"),
    "eoq_lots": _rule("eoq"),
    "poq": _rule("poq"),
    "fixed_period": _rule("periods"),
    "min_max": _rule("min_max"),
    "silver_meal": _rule("silver_meal"),
    "least_unit_cost": _rule("least_unit_cost"),
    "least_total_cost": _rule("least_total_cost"),
    "part_period_balancing": _rule("part_period_balancing"),
    "wagner_whitin": _rule("wagner_whitin"),
    "lot_sizing_comparison": Family(lots.KEYS, lots.compared),
    "rounding": Family(_ONE_ORDER, lots.rounded_order),
    "eoq": Family(steady.EOQ_KEYS, steady.eoq),
    "epq": Family(steady.EPQ_KEYS, steady.epq),
    "eoq_backorders": Family(steady.BACKORDER_KEYS, steady.backorders),
    "eoq_all_units_discount": Family(steady.DISCOUNT_KEYS, steady.all_units),
    "eoq_incremental_discount": Family(steady.DISCOUNT_KEYS, steady.incremental),
    "newsvendor": Family(uncertain.NEWSVENDOR_KEYS, uncertain.one_period),
    "safety_stock": Family(uncertain.SAFETY_KEYS, uncertain.safety_stock),
    "periodic_review": Family(uncertain.SAFETY_KEYS, uncertain.safety_stock),
    "r_q": Family(uncertain.R_Q_KEYS, uncertain.r_q),
    "kanban": Family(uncertain.KANBAN_KEYS, uncertain.kanban),
    "scrap_assembly": Family(losses.ASSEMBLY_KEYS, losses.assembly),
    "scrap_component": Family(losses.COMPONENT_KEYS, losses.component),
    "scrap_operation": Family(losses.OPERATION_KEYS, losses.operation, gathered="component"),
    "scrap_apo_yield": Family(losses.ASSEMBLY_KEYS, losses.assembly_by_yield),
    "mrp_netting": Family(lots.NETTING_KEYS, lots.netting),
    "mrp_bom_explosion": Family(structures.KEYS, structures.explosion),
    "bom_requirements": Family(structures.TOTAL_KEYS, structures.totals),
    "mps_atp": Family(promising.MPS_KEYS, promising.master_schedule),
    "atp": Family(promising.ATP_KEYS, promising.promised),
}

NAMED: Mapping[str, str] = {
    **{spelled: name for name, others in SPELLINGS["families"].items() for spelled in others},
    **{name: name for name in FAMILIES},
}
"""The family of each name; a family's own name goes before another's synonym."""

SAME: tuple[tuple[str, ...], ...] = tuple(tuple(names) for names in SPELLINGS["results"]["same"])
"""Names of results that mean the same; a case that asks for one gets it under its own name."""
