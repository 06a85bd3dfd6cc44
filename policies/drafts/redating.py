"""Another delivery day for a line of a purchase order, before anybody has confirmed it."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import model_validator

from erp_adapters.records import PurchaseOrderRedating
from policies.drafts.parts import Amount, Code, Named, WithoutMoney, Words


class RedatingDraft(WithoutMoney):
    """The line with the day that it has and the day that it is to have, as a person is shown them."""

    kind: Literal["purchase_order_redating"] = "purchase_order_redating"
    schema_version: Literal[1] = 1
    order: Code
    line: Code
    """As the ERP numbers it, such as `10`."""
    supplier: Named
    material: Named
    open: Amount
    """What is still to come of it."""
    expected_due: date
    """The day that it has now; the ERP refuses the change where it is another by then."""
    due_on: date
    note: Words = ""

    @model_validator(mode="after")
    def _is_another_day(self) -> Self:
        if self.due_on == self.expected_due:
            raise ValueError(f"line {self.line!r} of order {self.order!r} is due on that day already")
        return self

    def document(self, requester: str) -> PurchaseOrderRedating:
        """What is written to the ERP, and nothing beside it."""
        return PurchaseOrderRedating(
            site=self.site,
            requester=requester,
            order=self.order,
            line=self.line,
            due_on=self.due_on,
            expected_due=self.expected_due,
            note=self.note,
        )
