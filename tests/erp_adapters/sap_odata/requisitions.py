"""A requisition that the stand-in's plant takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from erp_adapters.records import Money, PurchaseRequisition, Quantity, RequisitionLine


def requisition(site: str = "KAS", requester: str = "planner.kassel", **given: object) -> PurchaseRequisition:
    """Tubes with a supplier and a price, and what else is given for the line."""
    day = datetime.now(UTC).date() + timedelta(days=20)
    line = {
        "material": "T-100", "quantity": Quantity(Decimal(75), "kg"), "needed_on": day, "supplier": "S-77",
        "unit_price": Money(Decimal("2.35"), "EUR"), "cost_centre": None, "account": None, **given,
    }  # fmt: skip
    return PurchaseRequisition(site, requester, (RequisitionLine(**line),))  # type: ignore[arg-type]


def new_marker() -> str:
    """A marker that no document has yet."""
    return f"PW-{uuid4().hex[:26].upper()}"
