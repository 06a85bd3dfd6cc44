"""What the store gives, as cells of a result."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Context, Decimal

from tools.languages import said
from tools.results import Cell

_PLACES = Decimal("0.000001")
_WIDE = Context(prec=80)
"""Sums of products have more digits than the default context keeps."""


def cell(value: object, column: str = "") -> Cell:
    """What the store gives for a column as a cell: exact, to six places at most."""
    match value:
        case str() if column == "weekday":
            # The number before it has put the days in order.
            return said(value.partition(" ")[2])
        case None | bool() | str():
            return value
        case Decimal():
            return _trimmed(value)
        case int():
            return Decimal(value)
        case float():
            return _trimmed(Decimal(repr(value)))
        case datetime() | date():
            return value
        case _:
            return str(value)


def _trimmed(value: Decimal) -> Decimal:
    """Six places at most, without trailing zeros; what is stored has no more."""
    if not value.is_finite():
        return value
    rounded = value.quantize(_PLACES, context=_WIDE)
    if rounded == rounded.to_integral_value():
        return rounded.quantize(Decimal(1), context=_WIDE)
    return rounded.normalize(_WIDE)
