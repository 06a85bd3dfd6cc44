"""Reading back: what the ERP's documents with our marker say about a call whose answer is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import TypeAlias

from erp_adapters.records import (
    Cancellation,
    Document,
    OrderHold,
    OrderRescheduling,
    PostedDocument,
    PublishedText,
    PurchaseOrderRedating,
    PurchaseRequisition,
    Quantity,
    Writing,
)


@dataclass(frozen=True, slots=True)
class AsSent:
    """The ERP has exactly one document, and it is what was confirmed."""

    number: str


@dataclass(frozen=True, slots=True)
class NothingThere:
    """No document is visible."""


@dataclass(frozen=True, slots=True)
class NotAsSent:
    """The ERP has something else: several documents, or another than was confirmed."""

    what: str
    several: bool
    """True where waiting cannot make it better."""


Finding: TypeAlias = AsSent | NothingThere | NotAsSent


def judge(found: Sequence[PostedDocument], sent: Writing, marker: str) -> Finding:
    """What the documents that carry the marker amount to."""
    if not found:
        return NothingThere()
    numbers = ", ".join(posted.number for posted in found)
    if len(found) > 1:
        return NotAsSent(f"the ERP has {len(found)} documents of this one confirmation: {numbers}", True)
    posted = found[0]
    differing = differences(posted, sent, marker)
    if differing:
        return NotAsSent(
            f"the ERP's document {posted.number} is not what was confirmed; it differs in"
            f" {', '.join(differing)}",
            False,
        )
    return AsSent(posted.number)


def differences(posted: PostedDocument, sent: Writing, marker: str) -> tuple[str, ...]:
    """Names of what is not as it was sent; empty where all is, but for what the system has no place for."""
    if isinstance(sent, Cancellation):
        # That it was as created was looked at before the call.
        return () if posted.is_cancelled else ("cancellation",)
    wrong = []
    if posted.marker != marker:
        wrong.append("marker")
    if posted.kind != sent.kind or posted.site != sent.site or type(posted.document) is not type(sent):
        return (*wrong, "kind or site")
    is_, was = _normal(posted.document), _normal(sent)
    wrong += [
        field.name
        for field in fields(sent)
        if field.name not in posted.left_out and getattr(is_, field.name) != getattr(was, field.name)
    ]
    return tuple(wrong)


def _normal(document: Document) -> Document:
    """The same document with equal amounts written equally: an ERP gives 500.000000 for 500."""
    if isinstance(document, PurchaseRequisition):
        return replace(
            document,
            lines=tuple(
                replace(
                    line,
                    quantity=_quantity(line.quantity),
                    unit_price=replace(line.unit_price, amount=_plain(line.unit_price.amount))
                    if line.unit_price
                    else None,
                )
                for line in document.lines
            ),
        )
    if isinstance(document, OrderRescheduling | PurchaseOrderRedating | PublishedText | OrderHold):
        return document
    return replace(document, quantity=_quantity(document.quantity))


def _quantity(quantity: Quantity) -> Quantity:
    return replace(quantity, value=_plain(quantity.value))


def _plain(value: Decimal) -> Decimal:
    return value.normalize()
