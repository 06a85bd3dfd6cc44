"""Variances and their parts: pure functions of exact numbers, whose parts always add up to the total."""

from tools.engines.variance.bridge import Corner, Item, Sold, bridge
from tools.engines.variance.components import Component, Effect, Side, Variances
from tools.engines.variance.production_order import (
    CostLine,
    Order,
    Scrapped,
    Usage,
    Version,
    production_order,
)

__all__ = [
    "Component",
    "Corner",
    "CostLine",
    "Effect",
    "Item",
    "Order",
    "Scrapped",
    "Side",
    "Sold",
    "Usage",
    "Variances",
    "Version",
    "bridge",
    "production_order",
]
