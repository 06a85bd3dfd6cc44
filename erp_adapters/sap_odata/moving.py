"""Days of production orders and of purchase order lines in SAP: each moved once, with a trace in its text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from erp_adapters.errors import ErpRefused
from erp_adapters.expected_days import check_order_days, expected_delivery
from erp_adapters.records import OrderRescheduling, PostedDocument, PurchaseOrderRedating
from erp_adapters.sap import plain
from erp_adapters.sap_odata.batch import Change
from erp_adapters.sap_odata.client import Client, Service, etag_of, nested
from erp_adapters.sap_odata.mapping import SYSTEM, Connection
from erp_adapters.sap_odata.values import cell, literal, written_day
from erp_adapters.traces import Trace, traced, traces

_MADE: Final = Service("API_PRODUCTION_ORDER_2_SRV", "/sap/opu/odata/sap/API_PRODUCTION_ORDER_2_SRV")
_BOUGHT: Final = Service("API_PURCHASEORDER_PROCESS_SRV", "/sap/opu/odata/sap/API_PURCHASEORDER_PROCESS_SRV")
_ORDER, _LINES, _NOTES = "A_ProductionOrder_2", "A_PurchaseOrderScheduleLine", "A_PurchaseOrderNote"
_STARTS, _ENDS = "MfgOrderPlannedStartDate", "MfgOrderPlannedEndDate"
_OVER: Final = {
    "OrderIsTechnicallyCompleted": "technically complete",
    "OrderIsClosed": "closed",
    "OrderIsMarkedForDeletion": "marked for deletion",
    "OrderIsDeleted": "deleted",
}
_NOTE: Final = "F02"
"""SAP's text type of a header note, which no message to the supplier prints."""
_TEXT: Final = "PlainLongText"
ORDER_LEAVES_OUT: Final = frozenset(
    {"expected_start", "expected_due", "starts_at", "ends_at", "work_centres", "note"}
)
LINE_LEAVES_OUT: Final = frozenset({"expected_due", "note"})

Person = Callable[[str], str | None]
"""By whose rights a requester's document is written; None is the technical user."""


class ProductionOrders:
    """Moves production orders, and finds what was moved by the trace in the order's long text."""

    def __init__(self, client: Client, at: Connection, person: Person) -> None:
        self._client, self._at, self._person = client, at, person

    async def move(self, document: OrderRescheduling, marker: str) -> None:
        """Write both days and the trace by one change, of the order as it was read.

        Raises:
            ErpRefused: there is no such order, it is over or has other days; it stays as it was.
        """
        row = await self._row(document)
        if row is None:
            raise ErpRefused(
                f"{SYSTEM} has no production order {document.order!r} in plant"
                f" {self._at.plant(document.site)!r}"
            )
        for flag, state in _OVER.items():
            if row.get(flag) == "X":
                raise ErpRefused(f"production order {document.order!r} is {state} in {SYSTEM}")
        held = _day(row, _STARTS), _day(row, _ENDS)
        check_order_days(f"production order {document.order!r}", document, held)
        trace = Trace(marker, (document.start_on, document.due_on), document.requester)
        body = {
            _STARTS: written_day(document.start_on, 2),
            _ENDS: written_day(document.due_on, 2),
            "OrderLongText": traced(str(row.get("OrderLongText") or ""), trace),
        }
        path = f"{_ORDER}({literal(str(row['ManufacturingOrder']), 'Edm.String', 2)})"
        change = Change("PATCH", path, body, etag_of(row))
        await self._client.change(_MADE, [change], person=self._person(document.requester))

    async def look(self, document: OrderRescheduling, marker: str) -> tuple[PostedDocument, ...]:
        """What the order's text tells of the move; of the last one its days are the order's own."""
        row = await self._row(document)
        if row is None:
            return ()
        told = traces(str(row.get("OrderLongText") or ""))
        return tuple(
            self._posted(row, trace, is_last=trace == told[-1]) for trace in told if trace.marker == marker
        )

    def _posted(self, row: Mapping[str, Any], trace: Trace, *, is_last: bool) -> PostedDocument:
        number, site = plain(str(row["ManufacturingOrder"])), self._at.site(str(row["ProductionPlant"]))
        start, due = (_day(row, _STARTS), _day(row, _ENDS)) if is_last else trace.days
        return PostedDocument(
            kind="order_rescheduling",
            number=number,
            site=site,
            marker=trace.marker,
            document=OrderRescheduling(
                site=site,
                requester=trace.requester,
                order=number,
                start_on=start or date.min,
                due_on=due or date.min,
                expected_start=None,
                expected_due=None,
                starts_at=None,
                ends_at=None,
                work_centres=(),
            ),
            posted_at=datetime.now(UTC),
            left_out=ORDER_LEAVES_OUT,
        )

    async def _row(self, document: OrderRescheduling) -> dict[str, Any] | None:
        """The order, wherever its number is filled up with zeros or not."""
        plant = literal(self._at.plant(document.site), "Edm.String", 2)
        for number in dict.fromkeys((document.order, document.order.rjust(12, "0"))):
            where = f"ManufacturingOrder eq {literal(number, 'Edm.String', 2)} and ProductionPlant eq {plant}"
            if found := await self._client.rows(_MADE, _ORDER, {"$filter": where}):
                return found[0]
        return None


class PurchaseLines:
    """Moves deliveries of purchase orders, and finds what was moved by the trace in the order's note."""

    def __init__(self, client: Client, at: Connection, person: Person) -> None:
        self._client, self._at, self._person = client, at, person

    async def move(self, document: PurchaseOrderRedating, marker: str) -> None:
        """Write the schedule line's day and the trace as one change set, of both as they were read.

        Raises:
            ErpRefused: there is no such line, it has come or has another day; it stays as it was.
        """
        what = f"line {document.line} of purchase order {document.order!r}"
        order, item = await self._item(document)
        if item is None:
            raise ErpRefused(f"{SYSTEM} has no {what} in plant {self._at.plant(document.site)!r}")
        if item.get("IsCompletelyDelivered") is True or item.get("PurchasingDocumentDeletionCode"):
            raise ErpRefused(f"{what} is complete or deleted in {SYSTEM}")
        schedule = nested(item, "to_ScheduleLine")
        days = {at: _day(each, "ScheduleLineDeliveryDate") for at, each in enumerate(schedule)}
        line = schedule[expected_delivery(what, document, days)]
        note = await self._note(document.order)
        trace = Trace(marker, (document.due_on,), document.requester, plain(document.line))
        text = {_TEXT: traced(str((note or {}).get(_TEXT) or ""), trace)}
        day = {"ScheduleLineDeliveryDate": written_day(document.due_on, 2)}
        keys = ("PurchasingDocument", "PurchasingDocumentItem", "ScheduleLine")
        # The order's version stands for its lines', where they have none of their own.
        changes = [Change("PATCH", _path(_LINES, line, keys), day, etag_of(line) or etag_of(order))]
        if note is None:
            new = {"PurchaseOrder": document.order, "TextObjectType": _NOTE, "Language": self._language}
            changes.append(Change("POST", _NOTES, {**new, **text}))
        else:
            keys = ("PurchaseOrder", "TextObjectType", "Language")
            changes.append(Change("PATCH", _path(_NOTES, note, keys), text, etag_of(note)))
        await self._client.change(_BOUGHT, changes, person=self._person(document.requester))

    async def look(self, document: PurchaseOrderRedating, marker: str) -> tuple[PostedDocument, ...]:
        """What the order's note tells of the move; of the line's last one the day is the line's own."""
        note = await self._note(document.order)
        told = [
            trace
            for trace in traces(str((note or {}).get(_TEXT) or ""))
            if trace.line == plain(document.line)
        ]
        if not any(trace.marker == marker for trace in told):
            return ()
        _, item = await self._item(document)
        if item is None:
            return ()
        days = [_day(line, "ScheduleLineDeliveryDate") for line in nested(item, "to_ScheduleLine")]
        return tuple(
            self._posted(document.order, item, trace, days if trace == told[-1] else trace.days)
            for trace in told
            if trace.marker == marker
        )

    def _posted(
        self, order: str, item: Mapping[str, Any], trace: Trace, days: Sequence[date | None]
    ) -> PostedDocument:
        [sent] = trace.days
        site = self._at.site(str(item["Plant"]))
        return PostedDocument(
            kind="purchase_order_redating",
            number=order,
            site=site,
            marker=trace.marker,
            document=PurchaseOrderRedating(
                site=site,
                requester=trace.requester,
                order=order,
                line=trace.line,
                # Somebody may have moved it since, by hand: then it is not what was confirmed.
                due_on=sent if sent in days else next((day for day in days if day), date.min),
                expected_due=date.min,
            ),
            posted_at=datetime.now(UTC),
            left_out=LINE_LEAVES_OUT,
        )

    async def _item(self, document: PurchaseOrderRedating) -> tuple[Mapping[str, Any], dict[str, Any] | None]:
        query = {
            "$filter": f"PurchaseOrder eq {literal(document.order, 'Edm.String', 2)}",
            "$expand": "to_PurchaseOrderItem,to_PurchaseOrderItem/to_ScheduleLine",
        }
        for order in await self._client.rows(_BOUGHT, "A_PurchaseOrder", query):
            for item in nested(order, "to_PurchaseOrderItem"):
                is_it = plain(str(item["PurchaseOrderItem"])) == plain(document.line)
                if is_it and str(item.get("Plant")) == self._at.plant(document.site):
                    return order, item
        return {}, None

    async def _note(self, order: str) -> dict[str, Any] | None:
        where = f"PurchaseOrder eq {literal(order, 'Edm.String', 2)} and TextObjectType eq '{_NOTE}'"
        found = await self._client.rows(_BOUGHT, _NOTES, {"$filter": where})
        return next((note for note in found if note.get("Language") == self._language), None)

    @property
    def _language(self) -> str:
        return self._at.language.upper()


def _day(row: Mapping[str, Any], name: str) -> date | None:
    found = cell(row.get(name), "Edm.DateTime", name)
    return found if isinstance(found, date) else None


def _path(entities: str, row: Mapping[str, Any], keys: Sequence[str]) -> str:
    named = (f"{key}={literal(str(row[key]), 'Edm.String', 2)}" for key in keys)
    return f"{entities}({','.join(named)})"
