"""The MES as a write port: work orders, holds and resumptions, each once, read back from its own record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from erp_adapters.errors import CapabilityMissing, ErpRefused, ErpUnavailable, RecordNotFound
from erp_adapters.fsmes.client import SYSTEM, Client, Conflict
from erp_adapters.fsmes.floor import Floor
from erp_adapters.fsmes.mapping import (
    Connection,
    hold_of,
    marker_in,
    moment,
    order_of,
    resumption_of,
    signed,
    values_of,
    zone_of,
)
from erp_adapters.ports import TechnicalUser
from erp_adapters.records import (
    FLOOR_KINDS,
    Document,
    DocumentKind,
    OrderHold,
    PostedDocument,
    WorkOrder,
)
from erp_adapters.write import SingleFlight, WriteTraits, read_back

_Found = TypeVar("_Found")
_SETTLES: Final = timedelta(seconds=20)
"""The MES goes on with a call whose caller has left, and waits 15 s for the lock of its database."""
_RECORD: Final = 1000
"""Most entries of its record of changes that the MES gives."""
_HELD: Final = "workorder.hold_reason"
_CREATED: Final = "workorder.created"
_GOES_ON: Final = frozenset({"workorder.released", "workorder.running"})


class Fsmes:
    """Writes to one MES, and reads back what is there; a WritePort and a LookingPort.

    ::

        async with Fsmes.open(connection) as mes:
            posted = await mes.create(order, marker)
    """

    def __init__(self, client: Client, connection: Connection) -> None:
        self._client = client
        self._at = connection
        self._flight = SingleFlight()

    @classmethod
    @asynccontextmanager
    async def open(cls, connection: Connection) -> AsyncIterator[Fsmes]:
        """The system, which is first called with the first document: one that is away delays no start."""
        async with Client.open(
            connection.url, connection.login, connection.password, timeout_s=connection.call_s
        ) as client:
            yield cls(client, connection)

    @property
    def traits(self) -> WriteTraits:
        """What the MES is like: it takes a code once, and stops an order that stands still no second time."""
        return WriteTraits(
            system=SYSTEM,
            kinds=FLOOR_KINDS,
            duplicates="rejects",
            settle_time=_SETTLES,
            call_time=timedelta(seconds=4 * self._at.call_s),
            authorisation=TechnicalUser(self._at.login, self._at.reason),
        )

    async def create(self, document: Document, marker: str) -> PostedDocument:
        """Create the order, hold or resumption once; see WritePort.

        Where one with this marker is there already, that one is returned.
        """
        async with self._flight.alone(marker):
            match document:
                case WorkOrder():
                    return await self._order(document, marker)
                case OrderHold():
                    if there := await self.look(document, marker):
                        return there[0]
                    return await self._hold(document, marker)
                case _:
                    raise CapabilityMissing(
                        f"{SYSTEM} takes work orders, holds and resumptions from here, and no"
                        f" {document.kind.replace('_', ' ')}"
                    )

    async def _order(self, document: WorkOrder, marker: str) -> PostedDocument:
        floor, zone = await Floor.of(self._client), await self._zone()
        plant = self._plant(floor, document.site)
        await self._check(document, floor, plant)
        try:
            made = await self._client.post("workorders", body=values_of(document, marker, zone))
        except Conflict:
            # The code is the marker: whoever made it, it is this order.
            if there := await self.find("work_order", marker):
                return there[0]
            raise
        except RecordNotFound as error:
            raise ErpRefused(str(error)) from error
        with read_back(SYSTEM):
            await self._on_record(lambda: self._record_of(marker))
            return await self._posted(made, floor, zone)

    async def _check(self, document: WorkOrder, floor: Floor, plant: str) -> None:
        """Everything that the MES would take without a word."""
        materials = {str(row["code"]): row for row in await self._client.get("masterdata", "materials")}
        if document.material not in materials:
            raise ErpRefused(f"{SYSTEM} has no material {document.material!r}: create it there first")
        unit, asked = str(materials[document.material]["unit"]), self._at.symbol(document.quantity.unit)
        if asked != unit:
            raise ErpRefused(
                f"{SYSTEM} keeps {document.material!r} in {unit!r} and not in {asked!r}: name what the unit"
                " is called there in the file of systems"
            )
        if document.quantity.value <= 0:
            raise ErpRefused("a work order for nothing is none")
        routings = await self._client.get("masterdata", "routings", material=document.material)
        steps = [step for routing in routings for step in routing["operations"]]
        if not steps:
            raise ErpRefused(f"{SYSTEM} has no routing for {document.material!r}: define it there first")
        first = min(steps, key=lambda one: int(one["seq"]))
        there = floor.above(str(first["equipment"] or ""), "site")
        if there and there != plant:
            raise ErpRefused(f"{document.material!r} is made at {there!r} in {SYSTEM}, and not at {plant!r}")

    async def _hold(self, document: OrderHold, marker: str) -> PostedDocument:
        floor = await Floor.of(self._client)
        plant = self._plant(floor, document.site)
        try:
            row = await self._client.get("workorders", document.order)
            if floor.plant(row) != plant:
                raise ErpRefused(
                    f"work order {document.order!r} is of {floor.plant(row)!r}, not of {plant!r}"
                )
            if document.action == "resume":
                await self._check_hold(document)
            body = {"reason": signed(document, marker)} if document.action == "hold" else None
            await self._client.post("workorders", document.order, document.action, body=body)
        except RecordNotFound as error:
            raise ErpRefused(str(error)) from error
        with read_back(SYSTEM):
            [posted] = await self._on_record(lambda: self.look(document, marker))
        return posted

    async def _on_record(self, read: Callable[[], Awaitable[Sequence[_Found]]]) -> Sequence[_Found]:
        """What a write has left, for which the MES answers a moment before it commits."""
        for pause in (0.02, 0.1, 0.3, 1.0):
            if found := await read():
                return found
            await asyncio.sleep(pause)
        return await read()

    async def _check_hold(self, document: OrderHold) -> None:
        """The hold that is to end is the one that stands."""
        held = [one for one in await self._record_of(document.order) if one["action"] == _HELD]
        since = moment(held[-1]["ts"]) if held else None
        if since is None or since != document.held_since:
            raise ErpRefused(
                f"work order {document.order!r} is on hold since {since or 'no moment'} in {SYSTEM}, and not"
                f" since {document.held_since}: look at why before it goes on"
            )

    async def find(self, kind: DocumentKind, marker: str) -> tuple[PostedDocument, ...]:
        """The order of that code, or the hold that names the marker; `look` alone finds a resumption."""
        match kind:
            case "work_order":
                try:
                    row = await self._client.get("workorders", marker)
                except RecordNotFound:
                    return ()
                return (await self._posted(row, await Floor.of(self._client), await self._zone()),)
            case "order_hold":
                return await self._holds(marker)
            case _:
                return ()

    async def look(self, document: Document, marker: str) -> tuple[PostedDocument, ...]:
        """What the MES has of this very document; see LookingPort."""
        if not isinstance(document, OrderHold):
            return await self.find(document.kind, marker)
        try:
            plant = (await Floor.of(self._client)).plant(await self._client.get("workorders", document.order))
        except RecordNotFound:
            return ()
        record = await self._record_of(document.order)
        if document.action == "hold":
            return tuple(
                hold_of(document.order, plant, reason, at, self._at)
                for reason, at in _reasons(record)
                if marker_in(reason) == marker
            )
        since = document.held_since
        ended = next(
            (
                (at, entry["actor"])
                for entry in record
                if entry["action"] in _GOES_ON
                and (entry["before"] or {}).get("status") == "on_hold"
                and since is not None
                and (at := _at(entry)) > since
            ),
            None,
        )
        # Somebody at the MES may have let it go on, which is no document of ours.
        if since is None or ended is None or ended[1] != self._client.login:
            return ()
        return (resumption_of(document.order, plant, since, ended[0], marker, self._at),)

    async def documents(self) -> tuple[PostedDocument, ...]:
        """Orders and holds with a marker of ours, oldest first, for matching them with the audit."""
        floor, zone = await Floor.of(self._client), await self._zone()
        rows = [
            row for row in await self._client.rows("workorders", q="PW-") if row["code"].startswith("PW-")
        ]
        orders = [await self._posted(row, floor, zone) for row in rows]
        return tuple(sorted((*orders, *await self._holds()), key=lambda posted: posted.posted_at))

    async def _holds(self, marker: str = "") -> tuple[PostedDocument, ...]:
        """Holds among the latest that this user did."""
        floor = await Floor.of(self._client)
        done = await self._client.get(
            "audit", entity_type="workorder", actor=self._client.login, limit=_RECORD
        )
        found, plants = [], dict[str, str]()
        for entry in reversed(done):
            reason = str((entry["after"] or {}).get("reason", ""))
            named = marker_in(reason) if entry["action"] == _HELD else ""
            if named and marker in ("", named):
                order = str(entry["entity_id"])
                if order not in plants:
                    plants[order] = floor.plant(await self._client.get("workorders", order))
                found.append(hold_of(order, plants[order], reason, _at(entry), self._at))
        return tuple(found)

    async def _posted(self, row: Mapping[str, Any], floor: Floor, zone: ZoneInfo) -> PostedDocument:
        record = await self._record_of(str(row["code"]))
        # Of an order with a long record the MES gives but the latest: then it was there by the first of them.
        created = [one for one in record if one["action"] == _CREATED] or record[:1]
        if not created:
            raise ErpUnavailable(f"{SYSTEM} has nothing on record of {row['code']!r}")
        materials = await self._client.get("masterdata", "materials", q=str(row["material"]))
        unit = next((str(one["unit"]) for one in materials if one["code"] == row["material"]), "")
        return order_of(row, floor.plant(row), unit, zone, _at(created[0]), self._at)

    async def _record_of(self, order: str) -> list[dict[str, Any]]:
        """What the MES has on record of one order, oldest first."""
        found = await self._client.get("audit", entity_type="workorder", entity_id=order, limit=_RECORD)
        return list(reversed(found))

    def _plant(self, floor: Floor, site: str) -> str:
        plant = self._at.plant(site)
        if plant not in floor.plants:
            raise ErpRefused(
                f"{SYSTEM} has no site {plant!r}; it has {', '.join(sorted(floor.plants)) or 'none'}: name"
                f" what {site} is called there in the file of systems"
            )
        return plant

    async def _zone(self) -> ZoneInfo:
        return zone_of(await self._client.health())


def _reasons(record: list[dict[str, Any]]) -> list[tuple[str, datetime]]:
    return [
        (str((one["after"] or {}).get("reason", "")), _at(one)) for one in record if one["action"] == _HELD
    ]


def _at(entry: Mapping[str, Any]) -> datetime:
    found = moment(entry["ts"])
    assert found is not None, "every entry has its moment"
    return found
