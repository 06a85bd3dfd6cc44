"""Taking back a document before anybody has confirmed that it is taken back."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from erp_adapters.records import Cancellation, DocumentKind
from policies.drafts.hold import HoldDraft
from policies.drafts.parts import Code, Grounds, Line, Part, Words
from policies.drafts.published_text import PublishedTextDraft
from policies.drafts.requisition import RequisitionDraft
from policies.drafts.transfer import TransferDraft

Taken: TypeAlias = RequisitionDraft | TransferDraft | HoldDraft | PublishedTextDraft
"""Drafts whose document can be taken back; moves of work orders go back by another move."""
CATEGORIES: dict[DocumentKind, str] = {
    "purchase_requisition": "Purchase requisition",
    "stock_transfer": "Stock transfer",
    "quality_hold": "Quality hold",
    "published_text": "Published text",
}
"""What limits go by: whoever may sign such a document says that it is taken back."""


def bare(draft: Part) -> Taken | None:
    """What was confirmed, without the grounds; None of what cannot be taken back."""
    match draft:
        case RequisitionDraft() | TransferDraft() | HoldDraft() | PublishedTextDraft():
            return draft.model_copy(update={"grounds": Grounds()})
        case _:
            return None


class CancellationDraft(Part):
    """Taking back one document as a person is shown it."""

    kind: Literal["cancellation"] = "cancellation"
    schema_version: Literal[1] = 1
    site: Code
    follows: Code
    """Id of the draft whose document it is."""
    number: Code
    """The document's number in the ERP."""
    marker: Code
    """Under which it was created."""
    asked_by: Code
    """Who had asked for it."""
    original: Annotated[Taken, Field(discriminator="kind")]
    """As it was confirmed, without its grounds."""
    note: Words = ""
    grounds: Grounds = Grounds()

    @property
    def sites(self) -> frozenset[str]:
        """Every site that it touches."""
        return self.original.sites

    @property
    def value(self) -> None:
        """No money: what is taken back costs nothing."""
        return None

    @property
    def category(self) -> Line:
        """What limits go by."""
        return CATEGORIES[self.original.kind]

    def document(self, requester: str) -> Cancellation:
        """What is carried out in the ERP, and nothing beside it."""
        return Cancellation(
            site=self.site,
            requester=requester,
            number=self.number,
            marker=self.marker,
            original=self.original.document(self.asked_by),
            note=self.note,
        )
