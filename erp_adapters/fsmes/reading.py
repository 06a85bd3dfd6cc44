"""The MES as a read port: what stands on its shop floor, typed, each row under the key that it has there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from erp_adapters.errors import CapabilityMissing, ErpError, ErpUnavailable, RecordNotFound
from erp_adapters.fsmes.client import SYSTEM, Client
from erp_adapters.fsmes.floor import Floor
from erp_adapters.fsmes.mapping import Connection, figure, moment, zone_of
from erp_adapters.fsmes.stops import bound, stops
from erp_adapters.ports import (
    Capability,
    Cell,
    Cursor,
    Health,
    Page,
    SourceRow,
    SystemTraits,
    TechnicalUser,
)

SERIES: Final = "0.4"
"""What this adapter was written for and is tested against."""
_PAGE = 500
_ON_FLOOR: Final = frozenset({"released", "running", "on_hold"})
_HELD: Final = "workorder.hold_reason"
_OEE_HOURS: Final = 24


class FsmesReader:
    """Reads from one MES; a ReadPort.

    ::

        async with FsmesReader.open(connection) as mes:
            async for page in mes.pages(Capability.DOWNTIME):
                ...
    """

    def __init__(self, client: Client, connection: Connection, page: int = _PAGE) -> None:
        self._client = client
        self._at = connection
        self._page = page
        self._version = ""
        self._reads: Mapping[Capability, Callable[[], Awaitable[list[SourceRow]]]] = {
            Capability.MATERIALS: self._materials,
            Capability.BOM: self._bom,
            Capability.ROUTING: self._routing,
            Capability.WORK_CENTRES: self._work_centres,
            Capability.PRODUCTION_ORDERS: self._orders,
            Capability.CONFIRMATIONS: self._confirmations,
            Capability.FLOOR_ORDERS: self._orders,
            Capability.FLOOR_OPERATIONS: self._operations,
            Capability.ORDER_HOLDS: self._holds,
            Capability.NONCONFORMANCES: self._nonconformances,
            Capability.EFFECTIVENESS: self._effectiveness,
            Capability.LOT_USES: self._lot_uses,
        }

    @classmethod
    @asynccontextmanager
    async def open(cls, connection: Connection, *, page: int = _PAGE) -> AsyncIterator[FsmesReader]:
        """The system, which is first called with the first question.

        Args:
            connection: how it is reached.
            page: rows that are handed over together.
        """
        async with Client.open(
            connection.url, connection.login, connection.password, timeout_s=connection.call_s
        ) as client:
            yield cls(client, connection, page)

    @property
    def traits(self) -> SystemTraits:
        """What the MES offers, and by whose rights; its version once it was asked."""
        return SystemTraits(
            system=SYSTEM,
            version=self._version,
            origin="real",
            authorisation=TechnicalUser(self._at.login, self._at.reason),
            capabilities=frozenset({*self._reads, Capability.DOWNTIME}),
            incremental=frozenset({Capability.DOWNTIME}),
        )

    async def pages(self, capability: Capability, since: Cursor | None = None) -> AsyncIterator[Page]:
        """Every row, or, of stops, those that lasted since the cursor; see ReadPort."""
        if capability is Capability.DOWNTIME:
            async for page in self._downtime(since):
                yield page
            return
        if capability not in self._reads:
            raise CapabilityMissing(
                f"{SYSTEM} is not read for {capability.value!r}; there are"
                f" {', '.join(sorted(each.value for each in self.traits.capabilities))}"
            )
        after = _place(since, "after") or ""
        # The MES sorts by what is newest, which moves while it is read: all of it, then in pages by the key.
        rows = sorted(await self._reads[capability](), key=lambda row: row.key)
        left = [row for row in rows if row.key > after]
        for page in _paged(left, self._page, Cursor("")):
            yield page

    async def health(self) -> Health:
        """Whether it answers, is of the series that is known, lets the user in, and has the sites."""
        try:
            said = await self._client.health()
            self._version = await self._client.version()
            known = (await Floor.of(self._client)).plants
            await self._client.get("audit", limit=1)
        except ErpError as error:
            return Health(False, str(error))
        if not self._version.startswith(f"{SERIES}."):
            return Health(False, f"it is {SYSTEM} {self._version}, and this adapter knows {SERIES}")
        if unknown := sorted(set(self._at.plants.values()) - known):
            return Health(False, f"{SYSTEM} has no site {', '.join(map(repr, unknown))}")
        shadow = " (in shadow: it changes nothing at machines)" if said.get("shadow") else ""
        return Health(
            True,
            f"{SYSTEM} {self._version} of {said['plant']}{shadow}, as {self._at.login!r}: {self._at.reason}",
        )

    # ── master data ───────────────────────────────────────────────────────────────────────────────
    async def _materials(self) -> list[SourceRow]:
        routed = {str(row["material"]) for row in await self._client.get("masterdata", "routings")}
        return [
            SourceRow(
                str(row["code"]),
                {
                    "material": str(row["code"]),
                    "name": str(row["name"]),
                    "unit": str(row["unit"]),
                    "type": str(row["type"]),
                    "is_made": row["code"] in routed,
                },
            )
            for row in await self._client.get("masterdata", "materials")
        ]

    async def _bom(self) -> list[SourceRow]:
        rows = []
        units = {
            str(row["code"]): str(row["unit"]) for row in await self._client.get("masterdata", "materials")
        }
        for made in units:
            for item in await self._client.get("masterdata", "materials", made, "bom"):
                part = str(item["component"])
                cells: dict[str, Cell] = {
                    "made": made,
                    "material": part,
                    "per_made": figure(item["quantity"]),
                    "unit": units[part],
                }
                rows.append(SourceRow(f"{made}/{part}/{item['operation_seq'] or ''}", cells))
        return rows

    async def _routing(self) -> list[SourceRow]:
        floor = await Floor.of(self._client)
        return [
            SourceRow(
                f"{routing['code']}/{step['seq']}",
                {
                    "material": _text(routing["material"]),
                    "operation": int(step["seq"]),
                    "name": str(step["name"]),
                    "work_centre": self._centre(step["equipment"]),
                    "plant": floor.above(str(step["equipment"] or ""), "site") or None,
                },
            )
            for routing in await self._client.get("masterdata", "routings")
            for step in routing["operations"]
        ]

    async def _work_centres(self) -> list[SourceRow]:
        floor = await Floor.of(self._client)
        return [
            SourceRow(
                self._at.work_centre(code),
                {
                    "name": str(floor.equipment[code]["name"]),
                    "line": floor.above(code, "work_center") or None,
                    "cost_centre": _text(floor.equipment[code]["cost_center"]),
                    "plant": floor.above(code, "site") or None,
                },
            )
            for code in floor.machines
        ]

    def _centre(self, machine: object) -> str | None:
        return self._at.work_centre(str(machine)) if machine else None

    # ── orders ────────────────────────────────────────────────────────────────────────────────────
    async def _orders(self) -> list[SourceRow]:
        floor, zone = await Floor.of(self._client), zone_of(await self._client.health())
        return [
            SourceRow(
                str(row["code"]),
                {
                    "order": str(row["code"]),
                    "material": str(row["material"]),
                    "quantity": figure(row["quantity"]),
                    "good": figure(row["good_qty"]),
                    "scrap": figure(row["scrap_qty"]),
                    "state": str(row["status"]),
                    "priority": int(row["priority"]),
                    "due": (due := moment(row["due_date"])),
                    "due_on": None if due is None else due.astimezone(zone).date(),
                    "line": floor.above(str(row["operations"][0]["equipment"]), "work_center") or None
                    if row["operations"]
                    else None,
                    "plant": floor.plant(row) or None,
                },
            )
            for row in await self._client.rows("workorders")
        ]

    async def _operations(self) -> list[SourceRow]:
        floor = await Floor.of(self._client)
        return [
            made
            for order in await self._client.rows("workorders")
            for made in _operations_of(order, floor.plant(order) or None, self._at)
        ]

    async def _confirmations(self) -> list[SourceRow]:
        """What each operation has booked so far, as one confirmation; those without any are none."""
        rows = await self._operations()
        return [row for row in rows if row.cells["good"] or row.cells["scrap"]]

    async def _holds(self) -> list[SourceRow]:
        """Holds that stand, with the reason on record."""
        floor = await Floor.of(self._client)
        rows = []
        for order in await self._client.rows("workorders", status="on_hold"):
            code = str(order["code"])
            record = await self._client.get("audit", entity_type="workorder", entity_id=code, limit=1000)
            placed = next((one for one in record if one["action"] == _HELD), None)
            if placed is None:
                continue
            cells: dict[str, Cell] = {
                "order": code,
                "reason": str((placed["after"] or {}).get("reason", "")),
                "placed_by": _text(placed["actor"]),
                "placed_at": moment(placed["ts"]),
                "plant": floor.plant(order) or None,
            }
            rows.append(SourceRow(f"{code}/{placed['ts']}", cells))
        return rows

    async def _lot_uses(self) -> list[SourceRow]:
        """Which lots went into each order that was begun, and which came out of it."""
        floor = await Floor.of(self._client)
        rows: list[SourceRow] = []
        for order in await self._client.rows("workorders"):
            if order["status"] in ("planned", "cancelled"):
                continue
            code, plant = str(order["code"]), floor.plant(order) or None
            try:
                told = await self._client.get("execution", "genealogy", code)
            except RecordNotFound:
                continue
            for direction in ("consumed", "produced"):
                for nth, use in enumerate(told[direction]):
                    cells: dict[str, Cell] = {
                        "order": code,
                        "lot": str(use["lot"]),
                        "material": str(use["material"]),
                        "quantity": figure(use["quantity"]),
                        "direction": direction,
                        "operation": use.get("seq"),
                        "work_centre": self._centre(use.get("equipment")),
                        "plant": plant,
                    }
                    rows.append(SourceRow(f"{code}/{direction}/{nth}", cells))
        return rows

    # ── quality and machines ──────────────────────────────────────────────────────────────────────
    async def _nonconformances(self) -> list[SourceRow]:
        floor = await Floor.of(self._client)
        plants = {str(row["code"]): floor.plant(row) for row in await self._client.rows("workorders")}
        return [
            SourceRow(
                str(row["code"]),
                {
                    "order": _text(row["order"]),
                    "severity": _text(row["severity"]),
                    "state": str(row["status"]),
                    "text": _text(row["description"]),
                    "disposition": _text(row["disposition"]),
                    "disposition_reason": _text(row["disposition_reason"]),
                    "raised_at": moment(row["created_at"]),
                    "decided_at": moment(row["disposition_at"]),
                    "closed_at": moment(row["closed_at"]),
                    "plant": plants.get(str(row["order"])) or None,
                },
            )
            for row in await self._client.rows("quality", "nonconformances")
        ]

    async def _effectiveness(self) -> list[SourceRow]:
        """The MES's own OEE of the last 24 hours; what it withholds is withheld here."""
        floor = await Floor.of(self._client)
        day = datetime.now(UTC).date()
        rows = []
        for line in floor.lines:
            told = await self._client.get("analysis", "oee", line=line, hours=_OEE_HOURS)
            for station in told["stations"]:
                code = str(station["code"])
                cells: dict[str, Cell] = {
                    "work_centre": self._at.work_centre(code),
                    "day": day,
                    "observed": _percent(station["coverage"], "1"),
                    "availability": _percent(station["availability"]),
                    "performance": _percent(station["performance"]),
                    "quality_rate": _percent(station["quality"]),
                    "oee": _percent(station["oee"]),
                    "good": figure(station["good_qty"]),
                    "scrap": figure(station["scrap_qty"]),
                    "plant": floor.above(code, "site") or None,
                }
                rows.append(SourceRow(code, cells))
        return rows

    async def _downtime(self, since: Cursor | None) -> AsyncIterator[Page]:
        now = datetime.now(UTC)
        told = _place(since, "since")
        after = _place(since, "after") or ""
        first = bound(now - timedelta(days=self._at.history_days))
        start = max(first, _moment(told)) if told else first
        floor = await Floor.of(self._client)
        found = await stops(self._client, floor.machines, start, now)
        rows = [
            SourceRow(
                one.id,
                {
                    "work_centre": self._at.work_centre(one.machine),
                    "is_planned": one.state == "setup",
                    "started_at": one.since,
                    "ended_at": one.until,
                    "minutes": None if one.until is None else _minutes(one.until - one.since),
                    "reason": one.reason or one.reason_code or None,
                    "reason_code": one.reason_code or None,
                    "plant": floor.above(one.machine, "site") or None,
                },
            )
            for one in found
        ]
        rows.sort(key=lambda row: row.key)
        # What stands is read again from its beginning: its end is still to come.
        again = bound(min([now, *(one.since for one in found if one.until is None)]))
        left = [row for row in rows if row.key > after]
        for page in _paged(left, self._page, Cursor(json.dumps({"since": again.isoformat()})), told):
            yield page


def _operations_of(order: Mapping[str, Any], plant: str | None, at: Connection) -> list[SourceRow]:
    rows: list[SourceRow] = []
    coming = figure(order["quantity"])
    is_on_floor = order["status"] in _ON_FLOOR
    for step in sorted(order["operations"], key=lambda one: int(one["seq"])):
        good, scrap = figure(step["good_qty"]), figure(step["scrap_qty"])
        waiting = None
        if is_on_floor and coming is not None and good is not None and scrap is not None:
            waiting = coming - good - scrap
        cells: dict[str, Cell] = {
            "order": str(order["code"]),
            "operation": int(step["seq"]),
            "name": str(step["name"]),
            "work_centre": at.work_centre(str(step["equipment"])),
            "state": str(step["status"]),
            "good": good,
            "scrap": scrap,
            "waiting": waiting,
            "plant": plant,
        }
        rows.append(SourceRow(f"{order['code']}/{step['seq']}", cells))
        coming = good
    return rows


def _paged(rows: Sequence[SourceRow], size: int, last: Cursor, since: str | None = None) -> list[Page]:
    pages = []
    for first in range(0, max(len(rows), 1), size):
        found = tuple(rows[first : first + size])
        is_last = first + size >= len(rows)
        held = {"after": found[-1].key, **({"since": since} if since else {})} if found else {}
        pages.append(Page(found, last if is_last else Cursor(json.dumps(held)), is_last=is_last))
    return pages


def _place(cursor: Cursor | None, name: str) -> str | None:
    if not cursor:
        return None
    try:
        found = json.loads(cursor)
        return str(found[name]) if name in found else None
    except (ValueError, TypeError) as error:
        raise ErpUnavailable(f"{cursor!r} is no place in {SYSTEM}: read from the beginning") from error


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ErpUnavailable(f"{text!r} is no place in {SYSTEM}: read from the beginning") from error


def _text(value: object) -> str | None:
    return str(value) if value not in (None, "") else None


def _percent(share: object, places: str = "0.1") -> Decimal | None:
    found = figure(share)
    return None if found is None else (100 * found).quantize(Decimal(places))


def _minutes(span: timedelta) -> Decimal:
    return (Decimal(span // timedelta(milliseconds=1)) / 60_000).quantize(Decimal("0.001"))
