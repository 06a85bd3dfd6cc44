"""Days that a move expects: it is written only where the ERP still has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from erp_adapters.errors import ErpRefused
from erp_adapters.records import OrderRescheduling, PurchaseOrderRedating

_Key = TypeVar("_Key")


def check_order_days(what: str, document: OrderRescheduling, held: tuple[Any, Any]) -> None:
    """Nothing, where an order starts and is due as expected and would not end before it starts.

    Args:
        what: the order, in words that a message begins with.
        document: the move.
        held: the days on which the ERP has its start and its end.

    Raises:
        ErpRefused: it has other days, or the new ones are the wrong way round.
    """
    if held != (document.expected_start, document.expected_due):
        raise ErpRefused(f"{what} was changed meanwhile: it starts {held[0]} and is due {held[1]}")
    if document.due_on < document.start_on:
        raise ErpRefused(f"{what} would end before it starts")


def expected_delivery(what: str, document: PurchaseOrderRedating, days: Mapping[_Key, date | None]) -> _Key:
    """The one delivery of an order's line that is due on the expected day.

    Args:
        what: the line, in words that a message begins with.
        document: the move.
        days: on which the ERP has the line's deliveries, by whatever names them there.

    Raises:
        ErpRefused: none is due then, or several are.
    """
    meant = [key for key, day in days.items() if day == document.expected_due]
    if len(meant) != 1:
        known = ", ".join(sorted(map(str, days.values()))) or "none"
        raise ErpRefused(
            f"{what} was changed meanwhile: {len(meant)} deliveries are due {document.expected_due}, and"
            f" there are {known}"
        )
    return meant[0]
