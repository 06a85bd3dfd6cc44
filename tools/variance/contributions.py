"""Parts of a variance: each a driver, an account, an exact amount, and the records that it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias, get_args

from tools.variance.accounts import Role

Driver: TypeAlias = Literal[
    "scrap",
    "work_time",
    "material_usage",
    "substitution",
    "standard_change",
    "lot_size",
    "order_rest",
    "purchase_price",
    "invoice",
    "no_standard",
    "count",
    "revaluation",
]
DRIVERS: tuple[Driver, ...] = get_args(Driver)
"""In the order in which a bridge shows those of equal size."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Contribution:
    """An amount over standard (below, where negative) of one driver, with what it comes from."""

    driver: Driver
    role: Role
    amount: Decimal
    on: date
    cost_centre: str | None = None
    order: str | None = None
    """Production order, or purchase order."""
    line: str | None = None
    """Line of a purchase order."""
    product: str | None = None
    """What was made or bought."""
    operation: int | None = None
    work_centre: str | None = None
    reason: str | None = None
    """Id of the reason that scrap was confirmed with."""
    material: str | None = None
    """Component that was used otherwise than planned."""
    supplier: str | None = None


def summed(contributions: Iterable[Contribution]) -> Decimal:
    """Their amounts together."""
    return sum((each.amount for each in contributions), ZERO)
