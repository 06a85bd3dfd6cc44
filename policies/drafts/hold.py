"""A quality hold before anybody has confirmed it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from erp_adapters.records import QualityHold, Quantity
from policies.drafts.parts import Amount, Code, Grounds, Line, Named, OfOneSite, Price, Words


class HoldDraft(OfOneSite):
    """A quality hold as a person is shown it."""

    kind: Literal["quality_hold"] = "quality_hold"
    schema_version: Literal[1] = 1
    material: Named
    category: Line = ""
    batch: Code | None = None
    location: Named | None = None
    quantity: Amount
    reason: Annotated[Words, Field(min_length=3)]
    worth: Price | None = None
    """At the site's standard cost."""
    grounds: Grounds = Grounds()

    @property
    def value(self) -> Price | None:
        """What it is worth."""
        return self.worth

    def document(self, requester: str) -> QualityHold:
        """What is written to the ERP, and nothing beside it."""
        return QualityHold(
            site=self.site,
            requester=requester,
            material=self.material.code,
            batch=self.batch,
            location=self.location.code if self.location else None,
            quantity=Quantity(self.quantity.value, self.quantity.unit),
            reason=self.reason,
        )
