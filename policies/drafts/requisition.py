"""A purchase requisition before anybody has confirmed it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from erp_adapters.records import Money, PurchaseRequisition, Quantity, RequisitionLine
from policies.drafts.parts import Amount, Grounds, Line, Named, Number, OfOneSite, Part, Price, Words


class Source(Part):
    """Where a line would be bought, and by what it was chosen."""

    supplier: Named
    chosen_by: Literal["quota", "contract", "info_record", "preferred", "asked_for"]
    reference: Line = ""
    """Number of the contract, or key of the quota or info record."""
    lead_time_days: Number | None = None
    price_from: Literal["contract", "price_scale", "info_record", "last_price", "none"] = "none"
    scale_from: Number | None = None
    """Quantity from which the price scale's price holds."""


class Lot(Part):
    """How the quantity came about."""

    asked: Amount
    """As the person asked, in their unit."""
    minimum: Number | None = None
    rounding: Number | None = None
    maximum: Number | None = None
    factor: Number = Decimal(1)
    """Base units in one unit that was asked in."""


class Budget(Part):
    """What is left where the cost would be posted."""

    cost_centre: Named
    account: Named
    period: Line
    planned: Price | None
    spent: Price | None


class DraftLine(Part):
    """A line that would be written, and how it came about."""

    material: Named
    category: Line = ""
    """What limits go by."""
    quantity: Amount
    """What is written: in the unit of the ERP, after minimum and rounding."""
    needed_on: date
    source: Source | None
    unit_price: Price | None
    lot: Lot
    cost_centre: Named | None = None
    account: Named | None = None
    budget: Budget | None = None

    @property
    def value(self) -> Price | None:
        """Quantity times price; None where no price is known."""
        if self.unit_price is None:
            return None
        amount = (self.quantity.value * self.unit_price.amount).quantize(Decimal("0.01"))
        return Price(amount=amount, currency=self.unit_price.currency)


class RequisitionDraft(OfOneSite):
    """A purchase requisition as a person is shown it."""

    kind: Literal["purchase_requisition"] = "purchase_requisition"
    schema_version: Literal[1] = 1
    lines: Annotated[tuple[DraftLine, ...], Field(min_length=1, max_length=50)]
    note: Words = ""
    grounds: Grounds = Grounds()

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        if len({line.unit_price.currency for line in self.lines if line.unit_price}) > 1:
            raise ValueError("the lines are in several currencies: draft one requisition for each")
        return self

    @property
    def value(self) -> Price | None:
        """What it comes to; None where a line has no price."""
        values = [line.value for line in self.lines]
        if any(value is None for value in values):
            return None
        known = [value for value in values if value is not None]
        return Price(amount=sum((value.amount for value in known), Decimal(0)), currency=known[0].currency)

    def document(self, requester: str) -> PurchaseRequisition:
        """What is written to the ERP, and nothing beside it."""
        return PurchaseRequisition(
            site=self.site,
            requester=requester,
            note=self.note,
            lines=tuple(
                RequisitionLine(
                    material=line.material.code,
                    quantity=Quantity(line.quantity.value, line.quantity.unit),
                    needed_on=line.needed_on,
                    supplier=line.source.supplier.code if line.source else None,
                    unit_price=Money(line.unit_price.amount, line.unit_price.currency)
                    if line.unit_price
                    else None,
                    cost_centre=line.cost_centre.code if line.cost_centre else None,
                    account=line.account.code if line.account else None,
                )
                for line in self.lines
            ),
        )
