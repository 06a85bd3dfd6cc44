"""A stock transfer before anybody has confirmed it."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import model_validator

from erp_adapters.records import Quantity, StockTransfer
from policies.drafts.parts import Amount, Code, Grounds, Line, Named, Number, Part, Price, Words


class TransferDraft(Part):
    """A stock transfer as a person is shown it."""

    kind: Literal["stock_transfer"] = "stock_transfer"
    schema_version: Literal[1] = 1
    site: Code
    """The site that receives."""
    from_site: Code
    material: Named
    from_material: Named
    category: Line = ""
    quantity: Amount
    needed_on: date
    worth: Price | None = None
    """At the sending site's standard cost."""
    available: Number | None = None
    """Free stock at the sending site, in the quantity's unit."""
    note: Words = ""
    grounds: Grounds = Grounds()

    @model_validator(mode="after")
    def _two_sites(self) -> Self:
        if self.site == self.from_site:
            raise ValueError("a transfer goes from one site to another")
        return self

    @property
    def sites(self) -> frozenset[str]:
        """Every site that it touches."""
        return frozenset({self.site, self.from_site})

    @property
    def value(self) -> Price | None:
        """What it is worth."""
        return self.worth

    def document(self, requester: str) -> StockTransfer:
        """What is written to the ERP, and nothing beside it."""
        return StockTransfer(
            site=self.site,
            from_site=self.from_site,
            requester=requester,
            material=self.material.code,
            from_material=self.from_material.code,
            quantity=Quantity(self.quantity.value, self.quantity.unit),
            needed_on=self.needed_on,
            note=self.note,
        )
