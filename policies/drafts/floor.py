"""What is asked of a shop floor before anybody has confirmed it: a work order, its hold, its resumption."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from erp_adapters.records import OrderHold, Quantity, WorkOrder
from policies.drafts.parts import Amount, Code, Line, Moment, Named, WithoutMoney, Words


class WorkOrderDraft(WithoutMoney):
    """One more work order as a person is shown it."""

    kind: Literal["work_order"] = "work_order"
    schema_version: Literal[1] = 1
    material: Named
    quantity: Amount
    due_on: date
    priority: Annotated[int, Field(ge=1, le=999)] = 50
    """The lower, the more urgent."""
    note: Words = ""

    def document(self, requester: str) -> WorkOrder:
        """What is written to the MES, and nothing beside it."""
        quantity = Quantity(self.quantity.value, self.quantity.unit)
        return WorkOrder(
            site=self.site,
            requester=requester,
            material=self.material.code,
            quantity=quantity,
            due_on=self.due_on,
            priority=self.priority,
            note=self.note,
        )


class OrderHoldDraft(WithoutMoney):
    """A work order that is to stop, or to go on, as a person is shown it."""

    kind: Literal["order_hold"] = "order_hold"
    schema_version: Literal[1] = 1
    order: Code
    material: Named
    action: Literal["hold", "resume"]
    reason: Annotated[Words, Field(min_length=3)]
    held_since: Moment | None = None
    """Of a resumption: when the hold was placed that it ends."""
    held_for: Words = ""
    """Why it is held, in the words of whoever placed the hold."""

    @property
    def category(self) -> Line:
        """What limits go by: whoever may stop an order may not always let it go on."""
        return "Hold" if self.action == "hold" else "Resumption"

    def document(self, requester: str) -> OrderHold:
        """What is written to the MES, and nothing beside it."""
        return OrderHold(
            site=self.site,
            requester=requester,
            order=self.order,
            action=self.action,
            reason=self.reason,
            held_since=self.held_since,
        )
