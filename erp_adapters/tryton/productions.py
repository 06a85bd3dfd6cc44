"""Productions of Tryton on other days: one at a time, found again by the marker in their reference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from erp_adapters.errors import ErpError, ErpRefused
from erp_adapters.expected_days import check_order_days
from erp_adapters.records import OrderRescheduling, PostedDocument
from erp_adapters.tryton.client import SYSTEM, Client
from erp_adapters.tryton.mapping import Connection
from erp_adapters.write import read_back

PRODUCTION: Final = "production"
_FIELDS = (
    *("number", "reference", "state", "planned_start_date", "planned_date", "warehouse.code"),
    *("create_date", "write_date", "_timestamp"),
)
LEFT_OUT: Final = frozenset(
    {"requester", "expected_start", "expected_due", "starts_at", "ends_at", "work_centres", "note"}
)
"""A production in Tryton has two planned days, and one line of reference."""
_TRACE = re.compile(
    r"(?P<marker>PW-[A-Z0-9]{20,32}) (?P<start>\d{4}-\d\d-\d\d)/(?P<due>\d{4}-\d\d-\d\d)(?P<waits>\*?)"
)
"""What a move leaves in the reference: its marker, its days, and a star where the production was waiting."""


@dataclass(frozen=True, slots=True)
class _Trace:
    marker: str
    start: date
    due: date
    waits: bool

    def __str__(self) -> str:
        return f"{self.marker} {self.start}/{self.due}{'*' if self.waits else ''}"


class Productions:
    """Moves productions of one Tryton database, and reads back which were moved."""

    def __init__(self, client: Client, connection: Connection) -> None:
        self._client = client
        self._at = connection

    async def move(self, document: OrderRescheduling, marker: str) -> PostedDocument:
        """The production on its new days, with the marker in its reference.

        Days and marker are written by one call. A waiting production is made a draft before, which Tryton
        asks for, and waits again after.

        Raises:
            ErpRefused: there is no such production, it has begun or has other days; it stays as it was.
            WriteOutcomeUnknown: as the client says.
        """
        row = await self._production(document)
        waits = _may_be_moved(row, document)
        id_ = int(row["id"])
        if waits:
            await self._call("draft", row)
            with read_back(SYSTEM):
                row = await self._row(id_)
        try:
            _check_days(row, document)
            trace = _Trace(marker, document.start_on, document.due_on, waits)
            values = {
                "planned_start_date": document.start_on,
                "planned_date": document.due_on,
                "reference": " ".join(filter(None, ((row["reference"] or "").strip(), str(trace)))),
            }
            await self._call("write", row, values)
        except ErpRefused:
            if waits:
                await self._wait(id_, row["number"])
            raise
        with read_back(SYSTEM):
            if waits:
                await self._client.call(f"model.{PRODUCTION}.wait", [id_], effect="write")
            return next(one for one in self._posted(await self._row(id_)) if one.marker == marker)

    async def find(self, marker: str = "") -> tuple[PostedDocument, ...]:
        """Every move under that marker, or under any of ours."""
        rows = await self._client.rows(PRODUCTION, [["reference", "like", f"%{marker or 'PW-'}%"]], _FIELDS)
        return tuple(one for row in rows for one in self._posted(row) if not marker or one.marker == marker)

    def _posted(self, row: Mapping[str, Any]) -> Iterator[PostedDocument]:
        traces = _traces(row["reference"])
        warehouse = row.get("warehouse.") or {}
        site = self._at.site(str(warehouse.get("code") or ""))
        for trace in traces:
            is_last = trace == traces[-1]
            start, due = (
                (row["planned_start_date"], row["planned_date"]) if is_last else (trace.start, trace.due)
            )
            # Whoever was to hand it in again did not come to it: that is not what was confirmed.
            is_whole = not (is_last and trace.waits and row["state"] == "draft")
            yield PostedDocument(
                kind="order_rescheduling",
                number=str(row["number"]),
                site=site,
                marker=trace.marker,
                document=OrderRescheduling(
                    site=site,
                    requester="",
                    order=str(row["number"]) if is_whole else f"{row['number']} (left a draft)",
                    start_on=start or date.min,
                    due_on=due or date.min,
                    expected_start=None,
                    expected_due=None,
                    starts_at=None,
                    ends_at=None,
                    work_centres=(),
                ),
                posted_at=row["write_date"] or row["create_date"],
                left_out=LEFT_OUT,
            )

    async def _production(self, document: OrderRescheduling) -> dict[str, Any]:
        warehouse = self._at.warehouse(document.site)
        found = await self._client.rows(
            PRODUCTION, [["number", "=", document.order], ["warehouse.code", "=", warehouse]], _FIELDS
        )
        if len(found) != 1:
            raise ErpRefused(
                f"{SYSTEM} has {len(found) or 'no'} production{'s' if found else ''} with the number"
                f" {document.order!r} in the warehouse {warehouse!r}"
            )
        return found[0]

    async def _row(self, id_: int) -> dict[str, Any]:
        [row] = await self._client.rows(PRODUCTION, [["id", "=", id_]], _FIELDS)
        return row

    async def _call(self, method: str, row: Mapping[str, Any], *values: object) -> None:
        """A call that Tryton refuses where somebody has written to the production since it was read."""
        unchanged = {"_timestamp": {f"{PRODUCTION},{row['id']}": row["_timestamp"]}}
        await self._client.call(
            f"model.{PRODUCTION}.{method}", [row["id"]], *values, effect="write", context=unchanged
        )

    async def _wait(self, id_: int, number: str) -> None:
        """Let it wait as before; where that fails the message of what was refused is not lost."""
        try:
            await self._client.call(f"model.{PRODUCTION}.wait", [id_], effect="write")
        except ErpError as error:
            raise ErpRefused(f"production {number} was not moved and is left a draft: {error}") from error


def _may_be_moved(row: Mapping[str, Any], document: OrderRescheduling) -> bool:
    """Whether it is waiting; ErpRefused where it cannot be moved any more, or is not as was expected."""
    _check_days(row, document)
    match row["state"]:
        case "request" | "draft":
            return False
        case "waiting":
            return True
        case "assigned":
            raise ErpRefused(
                f"production {row['number']} is assigned in {SYSTEM}, so its material is reserved:"
                " take the assignment back there, then draft the move again"
            )
        case state:
            raise ErpRefused(f"production {row['number']} is {state} in {SYSTEM}, and stays on its days")


def _check_days(row: Mapping[str, Any], document: OrderRescheduling) -> None:
    held = row["planned_start_date"], row["planned_date"]
    check_order_days(f"production {row['number']}", document, held)


def _traces(reference: str | None) -> tuple[_Trace, ...]:
    return tuple(
        _Trace(
            found["marker"],
            date.fromisoformat(found["start"]),
            date.fromisoformat(found["due"]),
            bool(found["waits"]),
        )
        for found in _TRACE.finditer(reference or "")
    )
