"""Tryton as a write port: requisitions, moves of orders and texts, each once, found by its marker."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from erp_adapters.errors import (
    CapabilityMissing,
    ErpError,
    ErpRefused,
    RecordNotFound,
)
from erp_adapters.ports import TechnicalUser
from erp_adapters.records import (
    Document,
    DocumentKind,
    OrderRescheduling,
    PostedDocument,
    PublishedText,
    PurchaseOrderRedating,
    PurchaseRequisition,
)
from erp_adapters.tryton.client import SYSTEM, Client
from erp_adapters.tryton.lines import PurchaseLines
from erp_adapters.tryton.mapping import (
    HEADER_FIELDS,
    LINE,
    LINE_FIELDS,
    REQUISITION,
    Connection,
    Ids,
    posted_of,
    values_of,
)
from erp_adapters.tryton.notes import Notes
from erp_adapters.tryton.productions import Productions
from erp_adapters.write import SingleFlight, WriteTraits, read_back

_log = logging.getLogger(__name__)
_SETTLES = timedelta(seconds=30)
"""Tryton goes on with a call whose caller has left; what it commits is visible at once."""
_CANCELS: frozenset[DocumentKind] = frozenset({"purchase_requisition"})
_KINDS: frozenset[DocumentKind] = _CANCELS | {
    "order_rescheduling",
    "purchase_order_redating",
    "published_text",
}


class Tryton:
    """Writes to one Tryton database, and reads back what is there; a CancellingPort.

    ::

        async with Tryton.open(connection) as erp:
            posted = await erp.create(requisition, marker)
    """

    def __init__(self, client: Client, connection: Connection) -> None:
        self._client = client
        self._at = connection
        self._productions = Productions(client, connection)
        self._notes = Notes(client)
        self._lines = PurchaseLines(client, connection)
        # Tryton takes a second document with the same marker.
        self._flight = SingleFlight()

    @classmethod
    @asynccontextmanager
    async def open(cls, connection: Connection) -> AsyncIterator[Tryton]:
        """The system, which is first called with the first document: one that is away delays no start."""
        async with Client.open(
            connection.url, connection.login, connection.password, timeout_s=connection.call_s
        ) as client:
            yield cls(client, connection)

    @property
    def traits(self) -> WriteTraits:
        """What Tryton is like."""
        return WriteTraits(
            system=SYSTEM,
            kinds=_KINDS,
            duplicates="none",
            settle_time=_SETTLES,
            call_time=timedelta(seconds=self._at.call_s),
            cancels=_CANCELS,
            authorisation=TechnicalUser(self._at.login, self._at.reason),
        )

    async def create(self, document: Document, marker: str) -> PostedDocument:
        """Create the requisition or move the order once, with the marker in it; see WritePort.

        Where one with this marker is there already, that one is returned.
        """
        if document.kind not in _KINDS:
            raise CapabilityMissing(
                f"{SYSTEM} takes purchase requisitions, moves of orders and texts from here, and no"
                f" {document.kind.replace('_', ' ')}"
            )
        # Two moves of one production would each make it a draft for the other.
        moved = (
            (f"{document.kind} {document.order}",)
            if isinstance(document, OrderRescheduling | PurchaseOrderRedating)
            else ()
        )
        async with self._flight.alone(marker, *moved):
            if there := await self.find(document.kind, marker):
                return there[0]
            match document:
                case OrderRescheduling():
                    return await self._productions.move(document, marker)
                case PurchaseOrderRedating():
                    await self._lines.move(document, marker)
                    with read_back(SYSTEM):
                        return next(iter(await self._lines.find(marker)))
                case PublishedText():
                    return await self._notes.write(document, marker, await self._warehouse(document.site))
                case _:
                    assert isinstance(document, PurchaseRequisition), "there are but these kinds"
                    return await self._requisition(document, marker)

    async def _requisition(self, document: PurchaseRequisition, marker: str) -> PostedDocument:
        values = values_of(document, marker, await self._ids(document), self._at)
        [made] = await self._client.call(f"model.{REQUISITION}.create", [values], effect="write")
        if self._at.submits:
            await self._submit(made)
        with read_back(SYSTEM):
            [posted] = await self._documents([["id", "=", made]], marker)
        return posted

    async def _submit(self, requisition: int) -> None:
        """Hand it in; where that fails it is there as a draft, which is no reason to call it not written."""
        try:
            await self._client.call(f"model.{REQUISITION}.wait", [requisition], effect="write")
        except ErpError as error:
            _log.warning("requisition %s in %s stays a draft: %s", requisition, SYSTEM, error)

    async def find(self, kind: DocumentKind, marker: str) -> tuple[PostedDocument, ...]:
        """Everything that carries the marker, oldest first; a requisition that was cancelled is there too."""
        match kind:
            case "purchase_requisition":
                return await self._documents([["description", "like", f"%{marker}%"]], marker)
            case "order_rescheduling":
                return await self._productions.find(marker)
            case "purchase_order_redating":
                return await self._lines.find(marker)
            case "published_text":
                return await self._notes.find(marker)
            case _:
                return ()

    async def documents(self) -> tuple[PostedDocument, ...]:
        """Everything that carries a marker of ours, oldest first, for matching it with the audit."""
        requisitions = await self._documents([["description", "like", "%PW-%"]])
        moves = (*await self._productions.find(), *await self._lines.find())
        texts = await self._notes.find()
        return tuple(sorted((*requisitions, *moves, *texts), key=lambda posted: posted.posted_at))

    async def cancel(self, kind: DocumentKind, marker: str) -> PostedDocument:
        """Cancel what was created under the marker, unless somebody has approved it since.

        Raises:
            RecordNotFound: nothing carries the marker.
            ErpRefused: it has been approved, or changed in this moment; nothing was done.
            WriteOutcomeUnknown: it was sent and whether it took effect is not known.
        """
        found = await self._headers([["description", "like", f"%{marker}%"]]) if kind in _CANCELS else []
        if len(found) != 1:
            raise RecordNotFound(
                f"{SYSTEM} has {len(found)} documents with the marker {marker!r}, and not one"
            )
        [header] = found
        # Refused by Tryton where somebody has written to it since it was read.
        unchanged = {"_timestamp": {f"{REQUISITION},{header['id']}": header["_timestamp"]}}
        steps: tuple[str, ...]
        match header["state"]:
            case "cancelled":
                steps = ()
            case "draft":
                steps = ("cancel",)
            case "waiting" | "rejected":
                steps = ("draft", "cancel")
            case state:
                raise ErpRefused(
                    f"requisition {header['number']} is {state} in {SYSTEM}: only the buyer can stop it now"
                )
        for step in steps:
            await self._client.call(
                f"model.{REQUISITION}.{step}", [header["id"]], effect="write", context=unchanged
            )
            unchanged = {}
        with read_back(SYSTEM):
            [cancelled] = await self._documents([["id", "=", header["id"]]], marker)
        return cancelled

    async def _headers(self, where: list[Any]) -> list[dict[str, Any]]:
        return await self._client.rows(REQUISITION, where, HEADER_FIELDS)

    async def _documents(self, where: list[Any], marker: str = "") -> tuple[PostedDocument, ...]:
        headers = await self._headers(where)
        if not headers:
            return ()
        lines = await self._client.rows(
            LINE, [["requisition", "in", [header["id"] for header in headers]]], LINE_FIELDS
        )
        return tuple(
            posted_of(
                header,
                [line for line in lines if line["requisition"] == header["id"]],
                marker or _marker_in(header["description"]),
                self._at,
            )
            for header in headers
        )

    async def _ids(self, document: PurchaseRequisition) -> Ids:
        """What the document names, by Tryton's ids; all of it is looked up before anything is written."""
        await self._client.sign_in()
        prices = {line.unit_price.currency for line in document.lines if line.unit_price}
        if len(prices) > 1:
            raise ErpRefused(f"a requisition in {SYSTEM} has one currency, and this has {len(prices)}")
        symbols = {self._at.symbol(line.quantity.unit) for line in document.lines}
        return Ids(
            company=self._client.company,
            warehouse=await self._warehouse(document.site),
            employee=(await self._known("company.employee", "party.code", [document.requester], "employee"))[
                document.requester
            ],
            currency=next(
                iter((await self._known("currency.currency", "code", prices, "currency")).values()), None
            ),
            products=await self._known(
                "product.product", "code", {line.material for line in document.lines}, "product"
            ),
            units=await self._known("product.uom", "symbol", symbols, "unit"),
            suppliers=await self._known(
                "party.party", "code", {line.supplier for line in document.lines if line.supplier}, "party"
            ),
        )

    async def _warehouse(self, site: str) -> int:
        code = self._at.warehouse(site)
        found = await self._known("stock.location", "code", [code], "warehouse", [["type", "=", "warehouse"]])
        return found[code]

    async def _known(
        self, model: str, field: str, codes: Iterable[str], what: str, where: list[Any] | None = None
    ) -> Mapping[str, int]:
        """The id of each code; ErpRefused where one is not there, or twice."""
        wanted = sorted(set(codes))
        if not wanted:
            return {}
        head, _, tail = field.partition(".")
        found = await self._client.rows(model, [[field, "in", wanted], *(where or [])], [field])
        ids: dict[str, int] = {}
        for row in found:
            code = str(row[f"{head}."][tail] if tail else row[field])
            if code in ids:
                raise ErpRefused(
                    f"{SYSTEM} has several with the code {code!r} as {what}: make the code unique there"
                )
            ids[code] = int(row["id"])
        if missing := [code for code in wanted if code not in ids]:
            raise ErpRefused(
                f"{SYSTEM} has no {what} {', '.join(map(repr, missing))}: create it there, or name what it is"
                " called there in the file of systems"
            )
        return ids


def _marker_in(description: str) -> str:
    return next((word for word in description.split() if word.startswith("PW-")), "")
