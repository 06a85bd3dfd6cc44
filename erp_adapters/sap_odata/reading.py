"""SAP as a read port: rows of its published services in pages, typed, each under the key that SAP has."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from erp_adapters.errors import CapabilityMissing, ErpError, ErpRefused, ErpUnavailable
from erp_adapters.ports import Capability, Cell, Cursor, Health, Page, SourceRow, SystemTraits, TechnicalUser
from erp_adapters.sap_odata.adapter import REQUISITIONS
from erp_adapters.sap_odata.client import Client
from erp_adapters.sap_odata.documents import Documents
from erp_adapters.sap_odata.entities import Seen
from erp_adapters.sap_odata.mapping import SYSTEM, Connection
from erp_adapters.sap_odata.metadata import Entity, Metadata
from erp_adapters.sap_odata.tables import PRODUCTS, PRODUCTS_4, RECEIPTS, TABLES, Now, Table
from erp_adapters.sap_odata.values import Version, literal

_PAGE: Final = 500
_OVERLAP: Final = timedelta(minutes=10)
"""A record bears the time at which it was changed, and is seen once that was committed."""
_ORDERS_AT_ONCE: Final = 20
_MOVEMENTS: Final = frozenset({"101", "102", "105", "106", "122", "123"})
"""Goods receipts for orders, their reversals, and returns."""
_STAND_INS: Final = ("stand-in", "mock")
_OFFERED: Final = frozenset({*TABLES, Capability.DOCUMENTS})


class SapReader:
    """Reads from one SAP system; a ReadPort and a DocumentPort.

    ::

        async with SapReader.open(connection) as erp:
            async for page in erp.pages(Capability.STOCK):
                ...
    """

    def __init__(self, client: Client, connection: Connection, page: int = _PAGE) -> None:
        self._client = client
        self._at = connection
        self._page = page
        self._version = ""
        self._absent: dict[Capability, str] = {}
        self._documents = Documents(client, self.pages, connection.documents)

    @classmethod
    @asynccontextmanager
    async def open(cls, connection: Connection, *, page: int = _PAGE) -> AsyncIterator[SapReader]:
        """The system, which is first called with the first question.

        Args:
            connection: how it is reached.
            page: entities that are read together.
        """
        async with Client.open(connection) as client:
            yield cls(client, connection, page)

    @property
    def traits(self) -> SystemTraits:
        """What SAP offers, and by whose rights; what is not activated is out once its health was asked."""
        offered = _OFFERED - frozenset(self._absent)
        is_real = not any(word in self._client.server.lower() for word in _STAND_INS)
        return SystemTraits(
            system=SYSTEM,
            version=self._version,
            origin="real" if is_real else "stand-in",
            authorisation=TechnicalUser(self._at.technical.login, self._at.reason),
            capabilities=offered,
            incremental=frozenset(
                each for each in offered if any(table.changed for table in TABLES.get(each, ()))
            ),
        )

    async def pages(self, capability: Capability, since: Cursor | None = None) -> AsyncIterator[Page]:
        """Every row, or those of entities that changed after the cursor; see ReadPort.

        What was deleted SAP does not tell: who needs to know reads everything anew. A page may be empty.
        """
        if capability is Capability.DOCUMENTS:
            async for page in self._documents.pages():
                yield page
            return
        place = _Place.of(since)
        table, metadata, entity = await self._table(capability)
        lacking = [name for name in (*table.keys, *table.select) if name not in entity.properties]
        if needed := [name for name in lacking if name not in table.changed]:
            raise CapabilityMissing(
                f"{SYSTEM}'s {metadata.service}/{table.set}, which {capability.value!r} is read of, has no"
                f" {', '.join(map(repr, needed))}: it is of another release than this adapter knows"
            )
        now = Now(datetime.now(UTC).date(), self._at.language)
        before: frozenset[str] = frozenset()
        while True:
            query = self._query(table, entity, metadata, place)
            found = await self._client.rows(table.service, table.set, query)
            seen = [Seen(raw, entity, metadata) for raw in found]
            rows = [row for each in seen for row in table.rows(each, now)]
            if capability is Capability.PURCHASE_ORDERS:
                rows = await self._with_what_came(rows)
            keys = [row.key for row in rows]
            if len(set(keys)) < len(keys) or before.intersection(keys):
                twice = next(key for key in keys if key in before or keys.count(key) > 1)
                raise ErpUnavailable(
                    f"{SYSTEM} sent {capability.value} {twice!r} twice in {metadata.service}/{table.set}:"
                    " nothing of this reading can be relied on"
                )
            # Also a short page may have others behind it, where a server sends fewer than it was asked for.
            place = place.after(seen, table, entity)
            yield Page(tuple(rows), place.cursor(), is_last=not found)
            if not found:
                return
            before = frozenset(keys)

    async def content(self, key: str, most: int) -> bytes:
        """The bytes of a file that hangs on an object; see DocumentPort."""
        return await self._documents.content(key, most)

    async def document_keys(self) -> frozenset[str] | None:
        """None: SAP has no list of files, and is read anew each time."""
        return None

    async def _table(self, capability: Capability) -> tuple[Table, Metadata, Entity]:
        """The first table of a capability that is there, or why none is."""
        if capability not in TABLES:
            raise CapabilityMissing(
                f"{SYSTEM} is not read for {capability.value!r}; there are"
                f" {', '.join(sorted(each.value for each in _OFFERED))}"
            )
        why: list[str] = []
        for table in TABLES[capability]:
            try:
                metadata = await self._client.metadata(table.service)
                return table, metadata, metadata.entity(table.set)
            except CapabilityMissing as error:
                why.append(str(error))
        raise CapabilityMissing(f"{capability.value!r} cannot be read: {'; '.join(why)}")

    def _query(self, table: Table, entity: Entity, metadata: Metadata, place: _Place) -> Mapping[str, str]:
        version = metadata.version
        conditions = [table.where] if table.where else []
        stamp = _stamp(table, entity)
        if stamp and place.since is not None:
            from_ = _from(place.since, entity.properties[stamp].kind)
            conditions.append(f"{stamp} ge {literal(from_, entity.properties[stamp].kind, version)}")
        if place.last is not None:
            conditions.append(_behind(table.keys, place.last, version))
        expand = [path for path in table.expand if _is_there(path, entity, metadata)]
        query = {
            "$filter": " and ".join(f"({each})" for each in conditions),
            "$orderby": ",".join(table.keys),
            "$top": str(self._page),
            "$expand": ",".join(expand),
            "$select": ",".join(name for name in table.select if name in entity.properties),
        }
        return {name: value for name, value in query.items() if value}

    async def _with_what_came(self, rows: Sequence[SourceRow]) -> list[SourceRow]:
        """Order lines with what has been received, taken off the earliest first.

        Where goods receipts cannot be read, or are in another unit, what came stays unknown.
        """
        numbers = sorted({str(row.cells["number"]) for row in rows})
        try:
            came = await self._came(numbers)
        except (CapabilityMissing, ErpRefused):
            return list(rows)
        left: dict[tuple[Cell, Cell], Decimal | None] = {}
        for row in rows:
            at = (row.cells["number"], row.cells["item"])
            units = came.get(at, {})
            known = not units or set(units) == {row.cells["unit"]}
            left.setdefault(at, sum(units.values(), Decimal(0)) if known else None)
        lines = {(row.cells["number"], row.cells["item"]): row.key for row in rows}
        found = []
        for row in rows:
            at, received = (row.cells["number"], row.cells["item"]), None
            if (held := left[at]) is not None:
                ordered = row.cells["quantity"]
                # The last line of an item has what came beyond it, too.
                most = held if lines[at] == row.key or not isinstance(ordered, Decimal) else ordered
                received = min(held, most)
                left[at] = held - received
            found.append(SourceRow(row.key, {**row.cells, "received": received}))
        return found

    async def _came(self, numbers: Sequence[str]) -> dict[tuple[Cell, Cell], dict[Cell, Decimal]]:
        """By order and item, what came in each unit."""
        metadata = await self._client.metadata(RECEIPTS)
        entity = metadata.entity("A_MaterialDocumentItem")
        came: dict[tuple[Cell, Cell], dict[Cell, Decimal]] = {}
        names = (
            "PurchaseOrder", "PurchaseOrderItem", "GoodsMovementType", "DebitCreditCode",
            "QuantityInEntryUnit", "EntryUnit",
        )  # fmt: skip
        if any(name not in entity.properties for name in names):
            raise CapabilityMissing(f"{metadata.service} of this release does not tell what came")
        for begin in range(0, len(numbers), _ORDERS_AT_ONCE):
            some = numbers[begin : begin + _ORDERS_AT_ONCE]
            where = " or ".join(
                f"PurchaseOrder eq {literal(number, 'Edm.String', metadata.version)}" for number in some
            )
            query = {"$filter": where, "$select": ",".join(names)}
            for raw in await self._client.rows(RECEIPTS, entity.set, query):
                item = Seen(raw, entity, metadata)
                if item.text("GoodsMovementType") not in _MOVEMENTS:
                    continue
                of_units = came.setdefault((item["PurchaseOrder"], item["PurchaseOrderItem"]), {})
                quantity = item.figure("QuantityInEntryUnit") or Decimal(0)
                signed = -quantity if item.text("DebitCreditCode") == "H" else quantity
                of_units[item["EntryUnit"]] = of_units.get(item["EntryUnit"], Decimal(0)) + signed
        return came

    async def health(self) -> Health:
        """Whether it answers, lets the user in, and has the services that are read and written to."""
        missing: dict[Capability, str] = {}
        try:
            for capability in TABLES:
                try:
                    table, metadata, _ = await self._table(capability)
                except CapabilityMissing as error:
                    missing[capability] = str(error)
                    continue
                if table.service in (PRODUCTS, PRODUCTS_4):
                    self._version = f"{metadata.service} {metadata.schema_version}"
            try:
                await self._documents.check()
            except CapabilityMissing as error:
                missing[Capability.DOCUMENTS] = str(error)
            self._absent = missing
            if self._at.writes:
                await self._client.metadata(REQUISITIONS)
        except ErpError as error:
            return Health(False, str(error))
        if Capability.MATERIALS in missing:
            return Health(False, missing[Capability.MATERIALS])
        what = self._client.server if self.traits.origin == "stand-in" else SYSTEM
        said = f"{what}, {self._version}, as {self._at.technical.login!r}: {self._at.reason}"
        if self._at.propagation is not None and self._at.writes:
            said += "; requisitions are written with each requester's own authorisation"
        if missing:
            said += f"; not offered: {', '.join(sorted(each.value for each in missing))}"
        return Health(True, said)


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a reader has come: what changed since when, behind which keys, and the newest stamp so far."""

    since: str | None = None
    last: tuple[str, ...] | None = None
    newest: str | None = None

    @classmethod
    def of(cls, cursor: Cursor | None) -> _Place:
        if not cursor:
            return cls()
        try:
            held = json.loads(cursor)
            last = held["last"]
            return cls(held["since"], None if last is None else tuple(map(str, last)), held["newest"])
        except (ValueError, KeyError, TypeError) as error:
            raise ErpUnavailable(f"{cursor!r} is no place in {SYSTEM}: read from the beginning") from error

    def after(self, seen: Sequence[Seen], table: Table, entity: Entity) -> _Place:
        if not seen:
            return _Place(self.newest, None, self.newest)
        stamp = _stamp(table, entity)
        stamps = [_stamped(each[stamp]) for each in seen if each[stamp] is not None] if stamp else []
        newest = max([*stamps, *([self.newest] if self.newest else [])], default=None)
        return _Place(self.since, tuple(seen[-1].text(key) for key in table.keys), newest)

    def cursor(self) -> Cursor:
        return Cursor(json.dumps({"since": self.since, "last": self.last, "newest": self.newest}))


def _stamp(table: Table, entity: Entity) -> str | None:
    """The property that says when an entity was changed, where this release has one."""
    return next((name for name in table.changed if name in entity.properties), None)


def _stamped(value: Cell) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _from(since: str, kind: str) -> Cell:
    """From when on to look again, in the type of the stamp.

    Raises:
        ErpUnavailable: it is no stamp of that type, such as after a change of release.
    """
    try:
        match kind:
            case "Edm.DateTimeOffset":
                return datetime.fromisoformat(since) - _OVERLAP
            case "Edm.String":
                # Digits of a moment, as production orders have it.
                moment = datetime.strptime(since, "%Y%m%d%H%M%S").replace(tzinfo=UTC) - _OVERLAP
                return moment.strftime("%Y%m%d%H%M%S")
            case _:
                return date.fromisoformat(since[:10]) - timedelta(days=1)
    except (ValueError, TypeError) as error:
        raise ErpUnavailable(
            f"{since!r} is no time stamp of {SYSTEM} any more: read from the beginning"
        ) from error


def _behind(keys: Sequence[str], last: Sequence[str], version: Version) -> str:
    """The condition that lets through what comes after these keys."""
    texts = [literal(value, "Edm.String", version) for value in last]
    steps = []
    for at, key in enumerate(keys):
        same = [f"{keys[n]} eq {texts[n]}" for n in range(at)]
        steps.append(" and ".join([*same, f"{key} gt {texts[at]}"]))
    return " or ".join(f"({each})" for each in steps)


def _is_there(path: str, entity: Entity, metadata: Metadata) -> bool:
    """True where this release has every link of the path."""
    link, _, below = path.partition("/")
    if link not in entity.links:
        return False
    return not below or _is_there(below, metadata.types[entity.links[link]], metadata)
