"""SAP as a write port: purchase requisitions and moves of orders, each once, found again by its marker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from erp_adapters.errors import CapabilityMissing, ErpRefused, RecordNotFound, WriteOutcomeUnknown
from erp_adapters.records import (
    Document,
    DocumentKind,
    OrderRescheduling,
    PostedDocument,
    PurchaseOrderRedating,
    PurchaseRequisition,
)
from erp_adapters.sap_odata.batch import Change
from erp_adapters.sap_odata.client import Client, Service, etag_of, nested
from erp_adapters.sap_odata.mapping import (
    ACCOUNTS,
    HEADER,
    ITEM,
    ITEMS,
    SYSTEM,
    TEXTS,
    Connection,
    has_gone_on,
    payload_of,
    posted_of,
)
from erp_adapters.sap_odata.moving import ProductionOrders, PurchaseLines
from erp_adapters.sap_odata.values import literal
from erp_adapters.write import SingleFlight, WriteTraits, read_back

REQUISITIONS: Final = Service("API_PURCHASEREQ_PROCESS_SRV", "/sap/opu/odata/sap/API_PURCHASEREQ_PROCESS_SRV")
_SETTLES: Final = timedelta(seconds=60)
"""SAP goes on with a call whose caller has left, and its update task commits after the dialog step."""
_CANCELS: Final[frozenset[DocumentKind]] = frozenset({"purchase_requisition"})
_KINDS: Final[frozenset[DocumentKind]] = _CANCELS | {"order_rescheduling", "purchase_order_redating"}


class Sap:
    """Writes to one SAP system, and reads back what is there; a CancellingPort and a LookingPort.

    ::

        async with Sap.open(connection) as erp:
            posted = await erp.create(requisition, marker)
    """

    def __init__(self, client: Client, connection: Connection) -> None:
        self._client = client
        self._at = connection
        self._orders = ProductionOrders(client, connection, self._person)
        self._lines = PurchaseLines(client, connection, self._person)
        # SAP takes a second document with the same description.
        self._flight = SingleFlight()

    @classmethod
    @asynccontextmanager
    async def open(cls, connection: Connection) -> AsyncIterator[Sap]:
        """The system, which is first called with the first document: one that is away delays no start."""
        async with Client.open(connection) as client:
            yield cls(client, connection)

    @property
    def traits(self) -> WriteTraits:
        """What SAP is like."""
        return WriteTraits(
            system=SYSTEM,
            kinds=_KINDS,
            duplicates="none",
            settle_time=_SETTLES,
            call_time=timedelta(seconds=self._at.call_s),
            cancels=_CANCELS,
            authorisation=self._at.writes_by,
        )

    async def create(self, document: Document, marker: str) -> PostedDocument:
        """Create the requisition or move the order once, with the marker in a text of it; see WritePort.

        Where one with this marker is there already, that one is returned.
        """
        match document:
            case PurchaseRequisition():
                return await self._requisition(document, marker)
            case OrderRescheduling() | PurchaseOrderRedating():
                return await self._moved(document, marker)
            case _:
                raise CapabilityMissing(
                    f"{SYSTEM} takes purchase requisitions and moves of orders from here, and no"
                    f" {document.kind.replace('_', ' ')}"
                )

    async def _moved(
        self, document: OrderRescheduling | PurchaseOrderRedating, marker: str
    ) -> PostedDocument:
        async with self._flight.alone(marker, f"{document.kind} {document.order}"):
            if there := await self.look(document, marker):
                return there[0]
            if isinstance(document, OrderRescheduling):
                await self._orders.move(document, marker)
            else:
                await self._lines.move(document, marker)
            with read_back(SYSTEM):
                return next(iter(await self.look(document, marker)))

    async def look(self, document: Document, marker: str) -> tuple[PostedDocument, ...]:
        """What SAP has of this very document; see LookingPort. A text cannot be searched for a marker."""
        match document:
            case OrderRescheduling():
                return await self._orders.look(document, marker)
            case PurchaseOrderRedating():
                return await self._lines.look(document, marker)
            case _:
                return await self.find(document.kind, marker)

    async def _requisition(self, document: PurchaseRequisition, marker: str) -> PostedDocument:
        payload = payload_of(document, marker, self._at)
        person = self._person(document.requester)
        async with self._flight.alone(marker):
            if there := await self.find(document.kind, marker):
                return there[0]
            made = await self._client.create(REQUISITIONS, HEADER, payload, person=person, request=marker)
            number = str(made.get("PurchaseRequisition") or "")
            if not number:
                raise WriteOutcomeUnknown(
                    f"{SYSTEM} answered a creation without a number; whether it wrote is not known"
                )
            return await self._written(number)

    def _person(self, requester: str) -> str | None:
        """By whose rights it is written; refused here where it could only be somebody else's."""
        if self._at.propagation is None:
            return None
        self._at.propagation.name_of(requester)
        return requester

    async def find(self, kind: DocumentKind, marker: str) -> tuple[PostedDocument, ...]:
        """Every requisition that carries the marker, oldest first; `look` alone finds a move of an order."""
        if kind not in _CANCELS:
            return ()
        return await self._documents(_marked(marker))

    async def documents(self) -> tuple[PostedDocument, ...]:
        """Everything that carries a marker of ours, oldest first, for matching it with the audit."""
        return await self._documents("startswith(PurReqnDescription,'PW-')")

    async def cancel(self, kind: DocumentKind, marker: str) -> PostedDocument:
        """Set the deletion indicator of every item, unless somebody has gone on with one.

        Raises:
            RecordNotFound: not exactly one document carries the marker.
            ErpRefused: it has gone too far, or was changed in this moment; nothing was done.
            WriteOutcomeUnknown: it was sent and whether it took effect is not known.
        """
        found = await self._headers(_marked(marker)) if kind in _CANCELS else []
        if len(found) != 1:
            raise RecordNotFound(
                f"{SYSTEM} has {len(found)} documents with the marker {marker!r}, and not one"
            )
        [(header, items)] = found
        number = str(header["PurchaseRequisition"])
        left = [item for item in items if item.get("IsDeleted") != "X"]
        for item in left:
            if went := has_gone_on(item):
                raise ErpRefused(
                    f"item {item['PurchaseRequisitionItem']} of requisition {number} {went} in {SYSTEM}:"
                    " only the buyer can stop it now"
                )
        if left:
            posted = posted_of(header, items, self._at)
            document = posted.document
            person = self._person(document.requester) if isinstance(document, PurchaseRequisition) else None
            await self._client.change(
                REQUISITIONS,
                [Change("PATCH", _item_path(item), {"IsDeleted": "X"}, etag_of(item)) for item in left],
                person=person,
            )
        return await self._written(number)

    async def _written(self, number: str) -> PostedDocument:
        """The requisition as SAP has it, which has just said that it wrote it."""
        with read_back(SYSTEM):
            found = await self._documents(f"PurchaseRequisition eq {literal(number, 'Edm.String', 2)}")
            if len(found) != 1:
                raise RecordNotFound(f"there are {len(found)} requisitions {number}")
            return found[0]

    async def _documents(self, where: str) -> tuple[PostedDocument, ...]:
        found = [posted_of(header, items, self._at) for header, items in await self._headers(where)]
        return tuple(sorted(found, key=lambda posted: (posted.posted_at, posted.number)))

    async def _headers(self, where: str) -> list[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
        """Headers that match, each with its items."""
        headers = await self._client.rows(
            REQUISITIONS,
            HEADER,
            {"$filter": where, "$expand": ",".join((ITEMS, f"{ITEMS}/{ACCOUNTS}", f"{ITEMS}/{TEXTS}"))},
        )
        return [
            (
                header,
                [{**item, ACCOUNTS: nested(item, ACCOUNTS), TEXTS: nested(item, TEXTS)} for item in items],
            )
            for header in headers
            for items in [nested(header, ITEMS)]
        ]


def _marked(marker: str) -> str:
    return f"PurReqnDescription eq {literal(marker, 'Edm.String', 2)}"


def _item_path(item: Mapping[str, Any]) -> str:
    keys = ("PurchaseRequisition", "PurchaseRequisitionItem")
    named = (f"{key}={literal(str(item[key]), 'Edm.String', 2)}" for key in keys)
    return f"{ITEM}({','.join(named)})"
