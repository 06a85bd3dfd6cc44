"""What a purchase should have cost by what was agreed: contract, price scale, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Basis = Literal["contract", "scale", "expired", "elsewhere", "none"]
"""`contract`: one of this supplier was valid that day; `scale`: it has a price scale for the quantity;
`expired`: it had a contract, not on that day; `elsewhere`: another supplier had one; `none`: nothing."""


@dataclass(frozen=True, slots=True)
class Contract:
    """An agreed price for a material from a supplier, and for how long."""

    contract_id: str
    supplier_id: str
    unit_price: Decimal | None
    currency: str | None
    valid_from: date | None
    valid_to: date | None

    def holds(self, day: date) -> bool:
        """True where it was valid on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Step:
    """A price from some quantity on."""

    from_quantity: Decimal
    unit_price: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class Agreed:
    """The price that was agreed for a purchase; without a price where none was."""

    basis: Basis
    unit_price: Decimal | None = None
    currency: str | None = None
    contract_id: str = ""
    scale_price: Decimal | None = None
    """What the price scale says at that quantity, beside a contract."""


def agreed(
    supplier_id: str,
    day: date,
    quantity: Decimal,
    contracts: Sequence[Contract],
    steps: Sequence[Step],
) -> Agreed:
    """What was agreed with a supplier for a quantity on a day.

    A contract goes before a price scale; of several valid ones the youngest counts.

    Args:
        contracts: all for the material, with whatever supplier.
        steps: the supplier's price scale for the material.
    """
    reached = [step for step in steps if step.from_quantity <= quantity]
    step = max(reached, key=lambda each: each.from_quantity, default=None)
    of_scale = step.unit_price if step else None
    own = [each for each in contracts if each.supplier_id == supplier_id]
    valid = [each for each in own if each.holds(day) and each.unit_price is not None]
    if valid:
        best = max(valid, key=lambda each: (each.valid_from or date.min, each.contract_id))
        return Agreed("contract", best.unit_price, best.currency, best.contract_id, of_scale)
    if own:
        last = max(own, key=lambda each: (each.valid_to or date.max, each.contract_id))
        return Agreed("expired", contract_id=last.contract_id, scale_price=of_scale)
    others = [each for each in contracts if each.holds(day)]
    if others:
        return Agreed("elsewhere", contract_id=others[0].contract_id, scale_price=of_scale)
    if step is not None:
        return Agreed("scale", step.unit_price, step.currency, scale_price=of_scale)
    return Agreed("none")
