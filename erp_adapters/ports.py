"""What a connected system offers: what it has, pages of its rows, by whose rights, and whether it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple, NewType, Protocol, TypeAlias, runtime_checkable


class Capability(StrEnum):
    """A part of a plant's data that a system may have."""

    MATERIALS = "materials"
    STOCK = "stock"
    BOM = "bom"
    ROUTING = "routing"
    WORK_CENTRES = "work_centres"
    PRODUCTION_ORDERS = "production_orders"
    CONFIRMATIONS = "confirmations"
    REQUISITIONS = "requisitions"
    PURCHASE_ORDERS = "purchase_orders"
    RECEIPTS = "receipts"
    INVOICES = "invoices"
    SUPPLIERS = "suppliers"
    INFO_RECORDS = "info_records"
    DEMAND = "demand"
    COSTS = "costs"
    LEDGER = "ledger"
    DOCUMENTS = "documents"
    FLOOR_ORDERS = "floor_orders"
    """Work orders as the shop floor has them: how far, held or not."""
    FLOOR_OPERATIONS = "floor_operations"
    """What each operation of them has made, and what waits before it."""
    ORDER_HOLDS = "order_holds"
    DOWNTIME = "downtime"
    NONCONFORMANCES = "nonconformances"
    EFFECTIVENESS = "effectiveness"
    """OEE of machines as the system itself reports it."""
    LOT_USES = "lot_uses"
    """Which lots went into which order, and which came out."""
    ASSETS = "assets"
    SENSORS = "sensors"
    SENSOR_READINGS = "sensor_readings"
    """What a historian has of each sensor, a day at a time."""
    METERS = "meters"
    """What meters of energy and water took, a day at a time."""


class AttachedTo(StrEnum):
    """What a file or a note hangs on, in the system that keeps it."""

    PLANT = "plant"
    MATERIAL = "material"
    BILL = "bill_of_materials"
    SUPPLIER = "supplier"
    REQUISITION = "requisition"
    PURCHASE_ORDER = "purchase_order"
    PRODUCTION_ORDER = "production_order"


Cell: TypeAlias = str | int | bool | Decimal | date | datetime | None
"""A value as the source types it; a date and a moment are different things, and a figure is exact."""


def text_of(cell: Cell) -> str:
    """A value as a file of a mapping has it: empty, `true`, a figure with a point, a day as ISO 8601."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return f"{cell:f}"
        case datetime() | date():
            return cell.isoformat()
        case _:
            return str(cell)


Cursor = NewType("Cursor", str)
"""How far a reader has come in one capability; only the adapter that made it can read it."""


class SourceRow(NamedTuple):
    """One row of a source, in the source's own words."""

    key: str
    """What the source knows it by, for good; unique within the capability."""
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows that were read together."""

    rows: tuple[SourceRow, ...]
    cursor: Cursor
    """What the next read goes on after, once these rows are kept."""
    deleted: tuple[str, ...] = ()
    """Keys that the source no longer has, where it can tell."""
    is_last: bool = False
    """True where nothing more was there when it was read; a reading without such a page was cut short."""


@dataclass(frozen=True, slots=True)
class OwnAuthorisation:
    """The signed-in person's own rights in the system decide."""

    means: str
    """How they get there, such as `token exchange`."""


@dataclass(frozen=True, slots=True)
class TechnicalUser:
    """A user of the program's own, whose rights decide for everybody."""

    login: str
    reason: str
    """Why the person's own rights cannot be used; shown to whoever looks at the connection."""


Authorisation: TypeAlias = OwnAuthorisation | TechnicalUser


@dataclass(frozen=True, slots=True)
class SystemTraits:
    """What kind of a system is connected."""

    system: str
    """Its name, as evidence names it."""
    version: str
    """As it says itself; empty where it says none."""
    origin: Literal["real", "stand-in"]
    """`stand-in`: made by this project, to try things out on."""
    authorisation: Authorisation
    capabilities: frozenset[Capability]
    """What can be read of it."""
    incremental: frozenset[Capability] = frozenset()
    """What it can tell changes of; the rest is read anew each time."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a system can be worked with now."""

    is_well: bool
    why: str
    """What was found; names the remedy where something is wrong."""


class ReadPort(Protocol):
    """Reads from one system."""

    @property
    def traits(self) -> SystemTraits:
        """What the system is."""
        ...

    def pages(self, capability: Capability, since: Cursor | None = None) -> AsyncIterator[Page]:
        """Every row, or those that changed after the cursor; the last page says that it is the last.

        Args:
            capability: what to read.
            since: of a page that was read before; None for everything.

        Raises:
            CapabilityMissing: the system has no such thing, or not this user.
            ErpRefused: it refused, such as for a right that is missing.
            ErpUnavailable: it does not answer, or not with what can be read.
        """
        ...

    async def health(self) -> Health:
        """Whether it answers and lets the program in; never raises for what a connection can do wrong."""
        ...


@runtime_checkable
class DocumentPort(Protocol):
    """Of a system that has `documents`: what hangs on its objects, file by file and note by note.

    A row of `Capability.DOCUMENTS` is one file or note, with at least these cells: `name` of the file (empty
    of a note), `about` (an AttachedTo) and `object` (its number) that it hangs on, `bytes` (None where the
    system does not say), `changed_at`, `is_note`, and `text`, which is a note's own and None of a file.
    """

    async def content(self, key: str, most: int) -> bytes:
        """The file behind a row, never run and never shown as it is.

        Args:
            key: of the row.
            most: bytes that are taken at most.

        Raises:
            RecordNotFound: it is not there any more.
            ErpRefused: it is larger, or this user may not read it.
            ErpUnavailable: the system does not answer.
        """
        ...

    async def document_keys(self) -> frozenset[str] | None:
        """Keys of all that is there now, so that what went is noticed; None where reading anew tells it."""
        ...
