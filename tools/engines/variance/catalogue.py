"""All families under every name that cases give them."""

from __future__ import annotations

from tools.engines.variance.cost_centre import COST_CENTRE, POSTING_PERCENTAGE
from tools.engines.variance.families import Family, plain
from tools.engines.variance.labour import LABOUR
from tools.engines.variance.material import MATERIAL, MIX_YIELD, PURCHASE_PRICE
from tools.engines.variance.overhead import FIXED, FOUR_WAY, THREE_WAY, TWO_WAY, VARIABLE
from tools.engines.variance.planning_operational import PLANNING_OPERATIONAL
from tools.engines.variance.price_volume import PRICE_VOLUME, PRICE_VOLUME_MIX
from tools.engines.variance.sales import FLEXIBLE, SALES

FAMILIES: tuple[Family, ...] = (
    MATERIAL,
    PURCHASE_PRICE,
    MIX_YIELD,
    LABOUR,
    TWO_WAY,
    THREE_WAY,
    FOUR_WAY,
    VARIABLE,
    FIXED,
    FLEXIBLE,
    SALES,
    PRICE_VOLUME,
    PRICE_VOLUME_MIX,
    PLANNING_OPERATIONAL,
    COST_CENTRE,
    POSTING_PERCENTAGE,
)
PRODUCTION_ORDER = "production_order"
ORDER_NAMES = frozenset(
    plain(each)
    for each in (
        PRODUCTION_ORDER,
        "production_order_variance",
        "production_order_variances",
        "sap_production_order",
        "order_variance",
        "manufacturing_order",
        "sap_order_variance",
        "sap_variance_categories",
        "work_order",
        "process_order",
    )
)
BY_NAME = {plain(name): each for each in FAMILIES for name in (each.name, *each.also)}
"""A family's own name stands for it though another one has it too."""
BY_NAME |= {plain(each.name): each for each in FAMILIES}
NAMES = (*(each.name for each in FAMILIES), PRODUCTION_ORDER)
