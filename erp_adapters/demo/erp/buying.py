"""What a buyer and a gate do in the demo ERP after a requisition: order it, and book what comes."""

from __future__ import annotations

from decimal import Decimal

import psycopg

from erp_adapters.demo.erp.filling import erp_dsn, logged_on
from erp_adapters.errors import ErpRefused

_REFUSED = "DE400"


def order_requisition(owner_dsn: str, requisition: str, supplier: str | None = None) -> tuple[str, ...]:
    """Numbers of the purchase orders that a requisition became: one for each supplier that its items name.

    Args:
        owner_dsn: the role that owns the store's tables; the ERP's own login is at the same address.
        requisition: its number in the ERP.
        supplier: for items that name none.

    Raises:
        ErpRefused: there is no such requisition, it is cancelled or ordered, or nobody is named to buy from.
        ConfigurationError: the home has no demo ERP.
        ErpUnavailable: it does not answer.
    """
    return _done(owner_dsn, "select demo_erp.order_requisition(%s, %s)", (requisition, supplier))


def receive(owner_dsn: str, order: str, quantity: Decimal | None = None) -> tuple[str, ...]:
    """Numbers of the goods receipts: for all that is open of an order, or for so much of its first open item.

    Raises:
        ErpRefused: there is no such order, nothing of it is open, or less than came.
        ConfigurationError, ErpUnavailable: as above.
    """
    return _done(owner_dsn, "select demo_erp.receive(%s, %s)", (order, quantity))


def _done(owner_dsn: str, call: str, given: tuple[object, ...]) -> tuple[str, ...]:
    with logged_on(erp_dsn(owner_dsn)) as erp:
        try:
            return tuple(str(number) for (number,) in erp.execute(call.encode(), given))
        except psycopg.Error as error:
            if error.sqlstate != _REFUSED:
                raise
            raise ErpRefused(f"the demo ERP refused it: {error.diag.message_primary}") from error
