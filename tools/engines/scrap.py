"""What has to be started so that enough comes out good, in the two conventions of the field."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

Convention = Literal["surcharge", "yield"]
"""`surcharge`: quantity times 1 + scrap; `yield`: quantity divided by 1 - scrap. It is a site's setting."""
_HUNDRED = Decimal(100)


def started(good: Decimal, scrap_pct: Decimal, convention: Convention = "surcharge") -> Decimal:
    """What to start for a good quantity.

    Args:
        scrap_pct: percent, below 100 for `yield`.
    """
    if not scrap_pct:
        return good
    share = scrap_pct / _HUNDRED
    return good * (1 + share) if convention == "surcharge" else good / (1 - share)


def component_quantity(
    good: Decimal,
    assembly_pct: Decimal,
    component_pct: Decimal,
    operation_pct: Decimal | None,
    *,
    net: bool,
    convention: Convention = "surcharge",
) -> Decimal:
    """What to issue of a component for a good quantity of the assembly.

    Operation scrap takes the place of the assembly's only where the line is marked net; component scrap comes
    on top of either.

    Args:
        good: good output times the quantity in the bill of materials.
        net: the line is calculated without the assembly's scrap.
    """
    wanted = good if net else started(good, assembly_pct, convention)
    if operation_pct is not None:
        wanted = started(wanted, operation_pct, convention)
    return started(wanted, component_pct, convention)
