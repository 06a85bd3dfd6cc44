"""What is written to a system, or told by a machine, in the trade's own nouns: frozen, with units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, TypeAlias

DocumentKind: TypeAlias = Literal[
    "purchase_requisition",
    "stock_transfer",
    "quality_hold",
    "order_rescheduling",
    "purchase_order_redating",
    "published_text",
    "work_order",
    "order_hold",
]
DraftKind: TypeAlias = Literal[
    "purchase_requisition",
    "stock_transfer",
    "quality_hold",
    "order_rescheduling",
    "purchase_order_redating",
    "published_text",
    "work_order",
    "order_hold",
    "cancellation",
]
"""What a person can confirm: a document, or taking one back."""
FLOOR_KINDS: Final[frozenset[DocumentKind]] = frozenset({"work_order", "order_hold"})
"""Documents of a site's MES; all others are of its ERP."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of something, with its unit as the site's ERP writes it."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency (ISO 4217)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class RequisitionLine:
    """What one line of a purchase requisition asks for."""

    material: str
    """The material's number in the ERP, as planners write it."""
    quantity: Quantity
    needed_on: date
    supplier: str | None
    """Number of the supplier that is proposed; None leaves the source to the buyer."""
    unit_price: Money | None
    """Price of one unit of the quantity; None where no source has one."""
    cost_centre: str | None
    account: str | None


@dataclass(frozen=True, slots=True)
class PurchaseRequisition:
    """A request to buy, by a person, for one site."""

    site: str
    requester: str
    lines: tuple[RequisitionLine, ...]
    note: str = ""
    kind: Literal["purchase_requisition"] = "purchase_requisition"


@dataclass(frozen=True, slots=True)
class StockTransfer:
    """Stock that one site sends to another."""

    site: str
    """The site that receives, and whose person asks."""
    from_site: str
    requester: str
    material: str
    """The material's number at the receiving site."""
    from_material: str
    """Its number at the sending site."""
    quantity: Quantity
    needed_on: date
    note: str = ""
    kind: Literal["stock_transfer"] = "stock_transfer"


@dataclass(frozen=True, slots=True)
class QualityHold:
    """Stock that may not be used until quality decides."""

    site: str
    requester: str
    material: str
    batch: str | None
    """None holds every batch, or a material without batches."""
    location: str | None
    """None holds it wherever it lies at the site."""
    quantity: Quantity
    reason: str
    kind: Literal["quality_hold"] = "quality_hold"


@dataclass(frozen=True, slots=True)
class OrderRescheduling:
    """New dates for one production order, and the dates on which they rest.

    The system refuses it where the order has other dates by then than are expected here.
    """

    site: str
    requester: str
    order: str
    """Number of the production order."""
    start_on: date
    due_on: date
    expected_start: date | None
    """The day on which the order starts now; None where it has none."""
    expected_due: date | None
    starts_at: datetime | None
    """When what is left of it is planned to begin; None leaves the time to the shop floor."""
    ends_at: datetime | None
    work_centres: tuple[str, ...]
    """Of the operations that are left, in their order; empty leaves them to the routing."""
    note: str = ""
    kind: Literal["order_rescheduling"] = "order_rescheduling"


@dataclass(frozen=True, slots=True)
class PurchaseOrderRedating:
    """Another delivery day for one line of a purchase order, and the day on which it rests.

    The system refuses it where the line has another day by then than is expected here.
    """

    site: str
    requester: str
    order: str
    """Number of the purchase order."""
    line: str
    """Number of the line, as the system has it, such as `10`."""
    due_on: date
    expected_due: date
    """The day on which the line is due now; it also says which delivery of several is meant."""
    note: str = ""
    kind: Literal["purchase_order_redating"] = "purchase_order_redating"


@dataclass(frozen=True, slots=True)
class PublishedText:
    """What people stand for in words, at the object of the ERP that it is about."""

    site: str
    requester: str
    """Who drafted it."""
    released_by: str
    about: Literal["plant", "cost_centre"]
    object: str
    """Code of the plant or of the cost centre."""
    period: str
    """Such as `2025-10`, or `2025-10 to 2025-12`."""
    version: int
    digest: str
    """Of what was published, its figures among it."""
    text: str
    kind: Literal["published_text"] = "published_text"


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """One more order for the shop floor of a site, in its MES; somebody there releases it."""

    site: str
    requester: str
    material: str
    """The material's number in the MES."""
    quantity: Quantity
    due_on: date
    priority: int
    """The lower, the more urgent."""
    note: str = ""
    kind: Literal["work_order"] = "work_order"


@dataclass(frozen=True, slots=True)
class OrderHold:
    """A work order that stops over a concern, or goes on again."""

    site: str
    requester: str
    order: str
    """The MES's number of the work order."""
    action: Literal["hold", "resume"]
    reason: str
    held_since: datetime | None
    """Of a resumption: when the hold was placed that it ends, and no later one."""
    kind: Literal["order_hold"] = "order_hold"


Document: TypeAlias = (
    PurchaseRequisition
    | StockTransfer
    | QualityHold
    | OrderRescheduling
    | PurchaseOrderRedating
    | PublishedText
    | WorkOrder
    | OrderHold
)


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Taking back a document that was created from here, as the system's own cancelling does it."""

    site: str
    requester: str
    number: str
    """The system's number of the document."""
    marker: str
    """Under which the document was created."""
    original: Document
    """What it was created as: where the system has something else by then, somebody acted on it."""
    note: str = ""
    kind: Literal["cancellation"] = "cancellation"


Writing: TypeAlias = Document | Cancellation
"""What the executor carries out."""


@dataclass(frozen=True, slots=True)
class PostedDocument:
    """A document as the system has it: what read-back finds."""

    kind: DocumentKind
    number: str
    """The system's own number."""
    site: str
    marker: str
    """The correlation marker that was sent with it."""
    document: Document
    """What the system says the document holds, read from the system and not remembered."""
    posted_at: datetime
    is_cancelled: bool = False
    """True where the system has cancelled it since, whoever asked for that."""
    left_out: frozenset[str] = frozenset()
    """Fields of the document that the system has no place for: sent to nobody and read from nowhere."""


@dataclass(frozen=True, slots=True)
class MachineEvent:
    """A work centre that stands, or stood, as an MES or a machine's own server tells it."""

    site: str
    work_centre: str
    """Its id at the site, as production orders name it."""
    since: datetime
    until: datetime | None
    """When it ran again; None while it stands."""
    reason: str
    """In the source's words, which are shown and never followed; empty where none was given."""
    source: str
    """Name of the system in the file of systems."""
