"""One line of an order as its supplier confirms it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

Decision: TypeAlias = Literal["accepted", "changed", "rejected"]


@dataclass(frozen=True, slots=True)
class ConfirmedLine:
    """What a supplier says of one line."""

    key: str
    """File, message and line: the same however often the file is read."""
    order: str
    line: str
    material: str
    reference: str
    decision: Decision
    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    currency: str
    delivered_on: date | None
    told_on: date
