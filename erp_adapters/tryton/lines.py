"""Lines of Tryton's purchases on another day: each moved once, found again by the trace in its note."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from erp_adapters.errors import ErpRefused
from erp_adapters.records import PostedDocument, PurchaseOrderRedating
from erp_adapters.traces import Trace, traced, traces
from erp_adapters.tryton.client import SYSTEM, Client
from erp_adapters.tryton.mapping import Connection

_LINE: Final = "purchase.line"
_FIELDS: Final = (
    "purchase.number", "purchase.state", "purchase.warehouse.code", "note", "delivery_date", "moves",
    "create_date", "write_date", "_timestamp",
)  # fmt: skip
_OPEN: Final = ("staging", "draft")
"""States of a move into the warehouse whose day may be changed."""
LEFT_OUT: Final = frozenset({"expected_due", "note"})


class PurchaseLines:
    """Moves lines of purchases in one Tryton database, and reads back which were moved."""

    def __init__(self, client: Client, connection: Connection) -> None:
        self._client, self._at = client, connection

    async def move(self, document: PurchaseOrderRedating, marker: str) -> None:
        """Write the day of the line and of what is to come of it, and the trace in its note, by one call.

        Raises:
            ErpRefused: there is no such line, something of it has come, or it has another day; it stays.
            WriteOutcomeUnknown: as the client says.
        """
        what = f"line {document.line} of purchase {document.order!r}"
        row = await self._row(document)
        if row is None:
            raise ErpRefused(f"{SYSTEM} has no {what} in the warehouse {self._at.warehouse(document.site)!r}")
        if row["purchase."]["state"] not in ("confirmed", "processing"):
            raise ErpRefused(f"purchase {document.order!r} is {row['purchase.']['state']} in {SYSTEM}")
        if row["delivery_date"] != document.expected_due:
            raise ErpRefused(f"{what} was changed meanwhile: it is due {row['delivery_date']}")
        if document.due_on < datetime.now(UTC).date():
            raise ErpRefused(f"{what} would be due in the past")
        moves = await self._client.rows("stock.move", [["id", "in", row["moves"]]], ["state"])
        if begun := [move for move in moves if move["state"] not in (*_OPEN, "cancelled")]:
            raise ErpRefused(f"{what} is {begun[0]['state']} in {SYSTEM}: some of it has come")
        open_ = [move["id"] for move in moves if move["state"] in _OPEN]
        trace = Trace(marker, (document.due_on,), document.requester, document.line)
        # Once there is something on its way its day is the line's, and Tryton takes no other of the line.
        day: dict[str, Any] = (
            {"moves": [["write", open_, {"planned_date": document.due_on}]]}
            if open_
            else {"delivery_date_edit": True, "delivery_date_store": document.due_on}
        )
        values = {"note": traced(row["note"] or "", trace), **day}
        unchanged = {"_timestamp": {f"{_LINE},{row['id']}": row["_timestamp"]}}
        await self._client.call(
            f"model.{_LINE}.write", [row["id"]], values, effect="write", context=unchanged
        )

    async def find(self, marker: str = "") -> tuple[PostedDocument, ...]:
        """Every move under that marker, or under any of ours."""
        rows = await self._client.rows(_LINE, [["note", "like", f"%{marker or 'PW-'}%"]], _FIELDS)
        return tuple(
            self._posted(row, trace, is_last=trace == told[-1])
            for row in rows
            for told in [traces(row["note"] or "")]
            for trace in told
            if marker in ("", trace.marker)
        )

    def _posted(self, row: Mapping[str, Any], trace: Trace, *, is_last: bool) -> PostedDocument:
        purchase = row["purchase."]
        site = self._at.site(str((purchase.get("warehouse.") or {}).get("code") or ""))
        return PostedDocument(
            kind="purchase_order_redating",
            number=str(purchase["number"]),
            site=site,
            marker=trace.marker,
            document=PurchaseOrderRedating(
                site=site,
                requester=trace.requester,
                order=str(purchase["number"]),
                line=str(row["id"]),
                due_on=(row["delivery_date"] or date.min) if is_last else trace.days[0],
                expected_due=date.min,
            ),
            posted_at=row["write_date"] or row["create_date"],
            left_out=LEFT_OUT,
        )

    async def _row(self, document: PurchaseOrderRedating) -> dict[str, Any] | None:
        if not document.line.isdigit():
            return None
        found = await self._client.rows(
            _LINE,
            [
                ["id", "=", int(document.line)],
                ["purchase.number", "=", document.order],
                ["purchase.warehouse.code", "=", self._at.warehouse(document.site)],
            ],
            _FIELDS,
        )
        return found[0] if found else None
