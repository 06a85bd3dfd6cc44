"""SAP as a write port: purchase requisitions and moves of orders, each once, found again by its marker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from erp_adapters.errors import (
    CapabilityMissing,
    ErpRefused,
    RecordNotFound,
)
from erp_adapters.ports import OwnAuthorisation, TechnicalUser
from erp_adapters.records import (
    Document,
    DocumentKind,
    OrderRescheduling,
    PostedDocument,
    PurchaseOrderRedating,
    PurchaseRequisition,
)
from erp_adapters.sap import padded
from erp_adapters.sap_rfc.client import Client
from erp_adapters.sap_rfc.connection import SYSTEM, Answer, Library, refusals
from erp_adapters.sap_rfc.customising import Customising, customising
from erp_adapters.sap_rfc.mapping import TRACKED, Connection, posted_of, requisition_of, tracking_of
from erp_adapters.sap_rfc.moving import ProductionOrders, PurchaseLines
from erp_adapters.sap_rfc.own_rights import Writers
from erp_adapters.sap_rfc.tables import Row, Tables, quoted
from erp_adapters.write import SingleFlight, WriteTraits, read_back

_CANCELS: frozenset[DocumentKind] = frozenset({"purchase_requisition"})
_KINDS: frozenset[DocumentKind] = _CANCELS | {"order_rescheduling", "purchase_order_redating"}
_NUMBER: Final = 10
_IS_OPEN: Final = "N"
"""EBAN-STATU of an item that nothing has been made of."""


class SapRfc:
    """Writes to one SAP system, and reads back what is there; a CancellingPort and a LookingPort.

    ::

        async with SapRfc.open(connection) as erp:
            posted = await erp.create(requisition, marker)
    """

    def __init__(self, client: Client, connection: Connection, writers: Writers) -> None:
        self._client, self._writers = client, writers
        self._tables = Tables(client)
        self._at = connection
        self._set_to: Customising | None = None
        self._orders = ProductionOrders(client, writers, self._tables, connection)
        self._lines = PurchaseLines(client, writers, self._tables, connection)
        # SAP takes a second document with the same tracking number.
        self._flight = SingleFlight()

    @classmethod
    @asynccontextmanager
    async def open(cls, connection: Connection, *, through: Library | None = None) -> AsyncIterator[SapRfc]:
        """The system, which is first called with the first document: one that is away delays no start.

        Args:
            connection: how it is reached.
            through: another library than the installed `pyrfc`.

        Raises:
            ConfigurationError: no `pyrfc` is installed.
        """
        async with Client.open(connection.logon, call_s=connection.call_s, through=through) as client:
            writers = Writers(client, connection.logon, connection.own, connection.call_s)
            try:
                yield cls(client, connection, writers)
            finally:
                await writers.close()

    @property
    def traits(self) -> WriteTraits:
        """What SAP is like."""
        return WriteTraits(
            system=SYSTEM,
            kinds=_KINDS,
            duplicates="none",
            settle_time=timedelta(seconds=self._at.settle_s),
            call_time=timedelta(seconds=self._at.call_s),
            cancels=_CANCELS,
            authorisation=TechnicalUser(self._at.logon.user, self._at.reason)
            if self._at.own is None
            else OwnAuthorisation(self._at.own.means),
        )

    async def create(self, document: Document, marker: str) -> PostedDocument:
        """Create the requisition or move the order once, with the marker where it has a text; see WritePort.

        Where one with this marker is there already, that one is returned.
        """
        match document:
            case PurchaseRequisition():
                return await self._requisition(document, marker)
            case OrderRescheduling():
                # Its days are all that tells of a move: whoever expects others is refused by them.
                async with self._flight.alone(f"{document.kind} {document.order}"):
                    await self._orders.move(document)
                    with read_back(SYSTEM):
                        return next(iter(await self.look(document, marker)))
            case PurchaseOrderRedating():
                async with self._flight.alone(f"{document.kind} {document.order}"):
                    if there := await self.look(document, marker):
                        return there[0]
                    await self._lines.move(document, marker)
                    with read_back(SYSTEM):
                        return next(iter(await self.look(document, marker)))
            case _:
                raise CapabilityMissing(
                    f"{SYSTEM} takes purchase requisitions and moves of orders from here, and no"
                    f" {document.kind.replace('_', ' ')}"
                )

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
        async with self._flight.alone(marker):
            if there := await self.find(document.kind, marker):
                return there[0]
            writer = self._writers.of(document.requester)
            given = requisition_of(document, marker, self._at, await self._customised(), datetime.now(UTC))
            async with writer.unit() as unit:
                answer = await unit.call("BAPI_PR_CREATE", **given)
                if not (number := str(answer["NUMBER"])):
                    raise ErpRefused(f"{SYSTEM} gave no number for the requisition, so none was written")
                await unit.commit()
            with read_back(SYSTEM):
                return await self._document(number)

    async def find(self, kind: DocumentKind, marker: str) -> tuple[PostedDocument, ...]:
        """Every requisition that carries the marker, oldest first; `look` alone finds a move of an order."""
        if kind not in _CANCELS:
            return ()
        found = await self._tracked(f"= {quoted(tracking_of(marker))}")
        # One whose text somebody took the marker out of is shown: it may be the one that is looked for.
        return tuple(posted for posted in found if posted.marker in (marker, ""))

    async def documents(self) -> tuple[PostedDocument, ...]:
        """Everything that carries a marker of ours, oldest first, for matching it with the audit."""
        found = await self._tracked(f"LIKE {quoted(f'{TRACKED}%')}")
        return tuple(posted for posted in found if posted.marker)

    async def cancel(self, kind: DocumentKind, marker: str) -> PostedDocument:
        """Mark what was created under the marker as deleted, unless somebody has acted on it since.

        Raises:
            RecordNotFound: not exactly one document carries the marker.
            ErpRefused: it was released or ordered, or is being changed in this moment; nothing was done.
            ErpUnavailable: nothing was committed.
            WriteOutcomeUnknown: the commit was sent and whether it took effect is not known.
        """
        found = await self.find(kind, marker)
        if len(found) != 1:
            raise RecordNotFound(
                f"{SYSTEM} has {len(found)} documents with the marker {marker!r}, and not one"
            )
        number = padded(found[0].number, _NUMBER)
        if all(row["LOEKZ"] for row in await self._items(number)):
            return found[0]
        items = [str(row["BNFPO"]) for row in await self._items(number)]
        asked = found[0].document
        requester = asked.requester if isinstance(asked, PurchaseRequisition) else ""
        async with self._writers.of(requester).unit() as unit:
            # The call locks it, so that what is looked at next stays so until the commit.
            await unit.call(
                "BAPI_PR_CHANGE",
                NUMBER=number,
                PRITEM=[{"PREQ_ITEM": item, "DELETE_IND": "X"} for item in items],
                PRITEMX=[{"PREQ_ITEM": item, "PREQ_ITEMX": "X", "DELETE_IND": "X"} for item in items],
            )
            for row in await self._items(number):
                if row["STATU"] != _IS_OPEN or row["FRGZU"] or row["BSMNG"]:
                    raise ErpRefused(
                        f"requisition {number} is released or ordered in {SYSTEM}: only the buyer can stop it"
                    )
            await unit.commit()
        with read_back(SYSTEM):
            return await self._document(number)

    async def _items(self, number: str) -> tuple[Row, ...]:
        fields = ["BNFPO", "LOEKZ", "STATU", "FRGZU", "BSMNG"]
        return await self._tables.rows("EBAN", fields, f"BANFN = {quoted(number)}")

    async def _tracked(self, which: str) -> tuple[PostedDocument, ...]:
        rows = await self._tables.rows("EBAN", ["BANFN"], f"BEDNR {which}")
        return tuple([await self._document(number) for number in sorted({str(row["BANFN"]) for row in rows})])

    async def _document(self, number: str) -> PostedDocument:
        detail: Answer = await self._client.call(
            "BAPI_PR_GETDETAIL", NUMBER=number, ACCOUNT_ASSIGNMENT="X", HEADER_TEXT="X"
        )
        if against := refusals(detail):
            raise RecordNotFound(f"{SYSTEM}: {'; '.join(map(str, against))}")
        return posted_of(detail, self._at, await self._customised())

    async def _customised(self) -> Customising:
        if self._set_to is None:
            self._set_to = await customising(self._client, self._tables)
        return self._set_to
