"""Days of production orders and of purchase order lines in SAP, each moved once in a unit of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from erp_adapters.errors import ErpRefused, RecordNotFound
from erp_adapters.expected_days import check_order_days, expected_delivery
from erp_adapters.records import OrderRescheduling, PostedDocument, PurchaseOrderRedating
from erp_adapters.sap import day, day_text, padded, plain
from erp_adapters.sap_rfc.client import Client, Unit
from erp_adapters.sap_rfc.connection import SYSTEM, refusals
from erp_adapters.sap_rfc.mapping import Connection
from erp_adapters.sap_rfc.own_rights import Writers
from erp_adapters.sap_rfc.production import order_state
from erp_adapters.sap_rfc.tables import Row, Tables, quoted
from erp_adapters.sap_rfc.texts import text_lines, text_of
from erp_adapters.traces import Trace, traced, traces

_MADE, _BOUGHT, _ITEM = 12, 10, 5
"""Places of an order's number, of a purchase order's, and of its line's."""
_NOTE: Final = "F02"
"""SAP's text of a header note, which no message to the supplier prints."""
ORDER_LEAVES_OUT: Final = frozenset(
    {"requester", "expected_start", "expected_due", "starts_at", "ends_at", "work_centres", "note"}
)
LINE_LEAVES_OUT: Final = frozenset({"expected_due", "note"})


class ProductionOrders:
    """Moves production orders. Their BAPI has no text, so that only the days tell of a move."""

    def __init__(self, client: Client, writers: Writers, tables: Tables, at: Connection) -> None:
        self._client, self._writers, self._tables, self._at = client, writers, tables, at

    async def move(self, document: OrderRescheduling) -> None:
        """Write both days; BAPI_PRODORD_CHANGE locks the order, and it is looked at again under the lock.

        Raises:
            ErpRefused: there is no such order, it is over or has other days; it stays as it was.
        """
        number = padded(document.order, _MADE)
        writer = self._writers.of(document.requester)
        _check(await self._head(document), document)
        async with writer.unit() as unit:
            await unit.call(
                "BAPI_PRODORD_CHANGE",
                NUMBER=number,
                ORDERDATA={
                    "BASIC_START_DATE": day_text(document.start_on),
                    "BASIC_END_DATE": day_text(document.due_on),
                },
                ORDERDATAX={"BASIC_START_DATE": "X", "BASIC_END_DATE": "X"},
            )
            # Nothing is committed yet, so that another session still sees what it was before.
            _check(await self._head(document), document)
            await unit.commit()

    async def look(self, document: OrderRescheduling, marker: str) -> tuple[PostedDocument, ...]:
        """The order, where it has the days that were sent: nothing else in it tells whose move it was."""
        head = await self._head(document)
        if head is None or (day(head["START_DATE"]), day(head["FINISH_DATE"])) != (
            document.start_on,
            document.due_on,
        ):
            return ()
        number, site = plain(str(head["ORDER_NUMBER"])), self._at.site(str(head["PRODUCTION_PLANT"]))
        return (
            PostedDocument(
                kind="order_rescheduling",
                number=number,
                site=site,
                marker=marker,
                document=OrderRescheduling(
                    site=site,
                    requester="",
                    order=number,
                    start_on=document.start_on,
                    due_on=document.due_on,
                    expected_start=None,
                    expected_due=None,
                    starts_at=None,
                    ends_at=None,
                    work_centres=(),
                ),
                posted_at=datetime.now(UTC),
                left_out=ORDER_LEAVES_OUT,
            ),
        )

    async def _head(self, document: OrderRescheduling) -> Mapping[str, Any] | None:
        """Its head, with the state that its status codes come to; None where the plant has no such order."""
        number = padded(document.order, _MADE)
        plant = self._at.plant(document.site)
        answer = await self._client.call(
            "BAPI_PRODORD_GET_LIST",
            ORDER_NUMBER_RANGE=[{"SIGN": "I", "OPTION": "EQ", "LOW": number, "HIGH": ""}],
            PRODPLANT_RANGE=[{"SIGN": "I", "OPTION": "EQ", "LOW": plant, "HIGH": ""}],
        )
        found = answer.get("ORDER_HEADER", [])
        if not found:
            return None
        codes = await self._tables.rows("JEST", ["STAT"], f"OBJNR = {quoted(f'OR{number}')} AND INACT = ' '")
        return {**found[0], "state": order_state([str(row["STAT"]) for row in codes])}


def _check(head: Mapping[str, Any] | None, document: OrderRescheduling) -> None:
    if head is None:
        raise ErpRefused(
            f"{SYSTEM} has no production order {document.order!r} in the plant of {document.site!r}"
        )
    if head["state"] in ("cancelled", "complete"):
        raise ErpRefused(f"production order {document.order!r} is {head['state']} in {SYSTEM}")
    held = day(head["START_DATE"]), day(head["FINISH_DATE"])
    check_order_days(f"production order {document.order!r}", document, held)


class PurchaseLines:
    """Moves deliveries of purchase orders, with a trace in the order's header note."""

    def __init__(self, client: Client, writers: Writers, tables: Tables, at: Connection) -> None:
        self._client, self._writers, self._tables, self._at = client, writers, tables, at

    async def move(self, document: PurchaseOrderRedating, marker: str) -> None:
        """Write the schedule line's day and the trace as one unit of work.

        Raises:
            ErpRefused: there is no such line, it has come or has another day; it stays as it was.
        """
        number, item = padded(document.order, _BOUGHT), document.line.rjust(_ITEM, "0")
        writer = self._writers.of(document.requester)
        schedule = await self._meant(document)
        trace = Trace(marker, (document.due_on,), document.requester, plain(document.line))
        note = text_lines(traced(await self._note(number), trace), _NOTE)
        line = {"PO_ITEM": item, "SCHED_LINE": schedule}
        async with writer.unit() as unit:
            await self._changed(unit, number, line, document.due_on, note)
            # The call has locked it, and nothing is committed yet.
            if await self._meant(document) != schedule:
                raise ErpRefused(f"purchase order {document.order!r} is being changed by somebody else")
            await unit.commit()

    async def _changed(
        self, unit: Unit, number: str, line: Mapping[str, str], due: date, note: Sequence[Mapping[str, str]]
    ) -> None:
        try:
            await unit.call(
                "BAPI_PO_CHANGE",
                PURCHASEORDER=number,
                POSCHEDULE=[{**line, "DELIVERY_DATE": day_text(due)}],
                POSCHEDULEX=[{**line, "PO_ITEMX": "X", "SCHED_LINEX": "X", "DELIVERY_DATE": "X"}],
                POTEXTHEADER=[{"PO_NUMBER": number, **row} for row in note],
            )
        except ErpRefused as error:
            raise ErpRefused(f"purchase order {plain(number)}: {error}") from error

    async def look(self, document: PurchaseOrderRedating, marker: str) -> tuple[PostedDocument, ...]:
        """What the order's note tells of the move; of the line's last one the day is the line's own."""
        try:
            note = await self._note(padded(document.order, _BOUGHT))
        except RecordNotFound:
            return ()
        told = [trace for trace in traces(note) if trace.line == plain(document.line)]
        if not any(trace.marker == marker for trace in told):
            return ()
        item, days = await self._item(document)
        site = self._at.site(str(item["WERKS"])) if item else ""
        return tuple(
            PostedDocument(
                kind="purchase_order_redating",
                number=document.order,
                site=site,
                marker=trace.marker,
                document=PurchaseOrderRedating(
                    site=site,
                    requester=trace.requester,
                    order=document.order,
                    line=trace.line,
                    # Somebody may have moved it since, by hand: then it is not what was confirmed.
                    due_on=trace.days[0]
                    if trace != told[-1] or trace.days[0] in days.values()
                    else next((each for each in days.values() if each), date.min),
                    expected_due=date.min,
                ),
                posted_at=datetime.now(UTC),
                left_out=LINE_LEAVES_OUT,
            )
            for trace in told
            if trace.marker == marker
        )

    async def _meant(self, document: PurchaseOrderRedating) -> str:
        """The schedule line that is due on the expected day."""
        what = f"line {document.line} of purchase order {document.order!r}"
        item, days = await self._item(document)
        if item is None:
            raise ErpRefused(f"{SYSTEM} has no {what} in the plant of {document.site!r}")
        if item["LOEKZ"] or item["ELIKZ"]:
            raise ErpRefused(f"{what} is complete or deleted in {SYSTEM}")
        return expected_delivery(what, document, days)

    async def _item(self, document: PurchaseOrderRedating) -> tuple[Row | None, dict[str, date | None]]:
        """The line of that plant, and the days of its schedule lines, read as the tables have them.

        The BAPI tells days in the user's own format, which a table does not.
        """
        number, item = padded(document.order, _BOUGHT), document.line.rjust(_ITEM, "0")
        which = f"EBELN = {quoted(number)} AND EBELP = {quoted(item)}"
        plant = quoted(self._at.plant(document.site))
        items = await self._tables.rows(
            "EKPO", ["EBELP", "WERKS", "LOEKZ", "ELIKZ"], f"{which} AND WERKS = {plant}"
        )
        lines = await self._tables.rows("EKET", ["ETENR", "EINDT"], which)
        days = {str(row["ETENR"]): due if isinstance(due := row["EINDT"], date) else None for row in lines}
        return (items[0] if items else None), days

    async def _note(self, number: str) -> str:
        detail = await self._client.call("BAPI_PO_GETDETAIL1", PURCHASEORDER=number, HEADER_TEXT="X")
        if against := refusals(detail):
            raise RecordNotFound(f"{SYSTEM}: {'; '.join(map(str, against))}")
        return text_of([row for row in detail["POTEXTHEADER"] if row["TEXT_ID"] == _NOTE])
