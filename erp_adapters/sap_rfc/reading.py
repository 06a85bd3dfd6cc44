"""SAP as a read port: rows of its tables and lists in pages, typed, each under SAP's own key."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from erp_adapters.errors import CapabilityMissing, ErpError, ErpUnavailable, RecordNotFound
from erp_adapters.ports import (
    Capability,
    Cursor,
    Health,
    Page,
    SourceRow,
    SystemTraits,
    TechnicalUser,
)
from erp_adapters.sap import day, day_text
from erp_adapters.sap_rfc import materials, notes, production, purchasing
from erp_adapters.sap_rfc.client import Client
from erp_adapters.sap_rfc.connection import SYSTEM, Library
from erp_adapters.sap_rfc.mapping import Connection
from erp_adapters.sap_rfc.plants import Plants
from erp_adapters.sap_rfc.tables import Tables, quoted

_PAGE: Final = 500
_OVERLAP: Final = timedelta(days=1)
"""SAP says on which day a material was changed and not when."""
_NEEDED: Final = ("T001W", "EBAN", "T006A", "TCURX")
"""Tables that both reading and writing rest on."""


@dataclass(frozen=True, slots=True)
class Listing:
    """How the rows of a capability are come by: keys first, then the rows of so many keys at a time."""

    table: str
    key: str
    where: str
    """With `{plants}` where the plants that are read stand."""
    rows: Callable[[Plants, Sequence[str]], Awaitable[list[SourceRow]]]


LISTINGS: Final[Mapping[Capability, Listing]] = {
    Capability.MATERIALS: Listing("MARC", "MATNR", "WERKS IN ( {plants} )", materials.materials),
    Capability.COSTS: Listing("MARC", "MATNR", "WERKS IN ( {plants} )", materials.costs),
    Capability.STOCK: Listing("MARD", "MATNR", "WERKS IN ( {plants} )", materials.stock),
    Capability.BOM: Listing("MAST", "STLNR", "WERKS IN ( {plants} ) AND STLAN = '1'", materials.bom),
    Capability.WORK_CENTRES: Listing(
        "CRHD", "OBJID", "WERKS IN ( {plants} ) AND OBJTY = 'A'", production.work_centres
    ),
    Capability.PRODUCTION_ORDERS: Listing(
        "AFPO", "AUFNR", "DWERK IN ( {plants} )", production.production_orders
    ),
    Capability.REQUISITIONS: Listing("EBAN", "BANFN", "WERKS IN ( {plants} )", purchasing.requisitions),
    Capability.PURCHASE_ORDERS: Listing(
        "EKPO", "EBELN", "WERKS IN ( {plants} ) AND ELIKZ = ' ' AND LOEKZ = ' '", purchasing.purchase_orders
    ),
    Capability.SUPPLIERS: Listing("LFA1", "LIFNR", "LOEVM = ' '", purchasing.suppliers),
    Capability.INFO_RECORDS: Listing("EINA", "INFNR", "LOEKZ = ' '", purchasing.info_records),
    Capability.DOCUMENTS: Listing(
        "EKPO", "EBELN", "WERKS IN ( {plants} ) AND ELIKZ = ' ' AND LOEKZ = ' '", notes.notes
    ),
    Capability.DEMAND: Listing("MARC", "MATNR", "WERKS IN ( {plants} ) AND DISMM <> 'ND'", production.demand),
}


class SapRfcReader:
    """Reads from one SAP system; a ReadPort and a DocumentPort.

    ::

        async with SapRfcReader.open(connection) as erp:
            async for page in erp.pages(Capability.STOCK):
                ...
    """

    def __init__(self, client: Client, connection: Connection, page: int = _PAGE) -> None:
        self._client = client
        self._tables = Tables(client)
        self._at = connection
        self._page = page
        self._release = ""

    @classmethod
    @asynccontextmanager
    async def open(
        cls, connection: Connection, *, page: int = _PAGE, through: Library | None = None
    ) -> AsyncIterator[SapRfcReader]:
        """The system, which is first called with the first question.

        Args:
            connection: how it is reached, and which plants are read.
            page: keys whose rows are read together.
            through: another library than the installed `pyrfc`.

        Raises:
            ConfigurationError: no `pyrfc` is installed.
        """
        async with Client.open(connection.logon, call_s=connection.call_s, through=through) as client:
            yield cls(client, connection, page)

    @property
    def traits(self) -> SystemTraits:
        """What SAP offers, and by whose rights; its release once it was asked."""
        return SystemTraits(
            system=SYSTEM,
            version=self._release,
            origin=self._client.library.origin,
            authorisation=TechnicalUser(self._client.user, self._at.reason),
            capabilities=frozenset(LISTINGS),
            incremental=frozenset({Capability.MATERIALS}),
        )

    async def pages(self, capability: Capability, since: Cursor | None = None) -> AsyncIterator[Page]:
        """Every row of the plants that are read, or what changed after the cursor; see ReadPort.

        What was deleted SAP does not tell: who needs to know reads everything anew.
        """
        if (listing := LISTINGS.get(capability)) is None:
            raise CapabilityMissing(
                f"{SYSTEM} is not read for {capability.value!r}; there are"
                f" {', '.join(sorted(each.value for each in LISTINGS))}"
            )
        place = _Place.of(since)
        read = await Plants.of(self._client, self._tables, await self._plants())
        keys = [key for key in await self._keys(listing, capability, place) if key > place.after]
        for first in range(0, max(len(keys), 1), self._page):
            some = keys[first : first + self._page]
            is_last = first + self._page >= len(keys)
            rows = await listing.rows(read, some) if some else []
            place = place.at_end() if is_last else place.behind(some[-1])
            yield Page(tuple(rows), place.cursor(), is_last=is_last)

    async def content(self, key: str, most: int) -> bytes:
        """There are notes alone, whose text stands in their rows; see DocumentPort."""
        raise RecordNotFound(f"{SYSTEM} has no file {key!r} over RFC: notes alone are read")

    async def document_keys(self) -> frozenset[str] | None:
        """None: notes are read anew each time."""
        return None

    async def _keys(self, listing: Listing, capability: Capability, place: _Place) -> list[str]:
        """Every key, in order: SAP gives rows in none, so that pages of a table may overlap or leave gaps."""
        plants = ", ".join(map(quoted, await self._plants()))
        rows = await self._tables.rows(listing.table, [listing.key], listing.where.format(plants=plants))
        keys = {str(row[listing.key]) for row in rows}
        if capability is Capability.MATERIALS and place.since is not None:
            from_ = quoted(day_text(place.since))
            changed = await self._tables.rows("MARA", ["MATNR"], f"LAEDA >= {from_} OR ERSDA >= {from_}")
            keys &= {str(row["MATNR"]) for row in changed}
        return sorted(keys)

    async def _plants(self) -> tuple[str, ...]:
        if self._at.plants:
            return tuple(sorted(set(self._at.plants.values())))
        rows = await self._tables.rows("T001W", ["WERKS"])
        return tuple(sorted(str(row["WERKS"]) for row in rows))

    async def health(self) -> Health:
        """Whether it answers, lets the user in and to the tables that all rests on, and has the plants."""
        try:
            attributes = await self._client.attributes()
            self._release = attributes.get("partnerRel") or "unknown release"
            for table in _NEEDED:
                await self._tables.columns(table)
            known = {str(row["WERKS"]) for row in await self._tables.rows("T001W", ["WERKS"])}
        except ErpError as error:
            return Health(False, str(error))
        if unknown := sorted(set(self._at.plants.values()) - known):
            return Health(False, f"{SYSTEM} has no plant {', '.join(map(repr, unknown))}")
        where = f"{attributes.get('sysId', '')}, client {attributes.get('client', '')}"
        called = f"{SYSTEM} {self._release} ({where})"
        what = f"{called}, a stand-in" if self._client.library.origin == "stand-in" else called
        return Health(True, f"{what}, as {self._client.user!r}: {self._at.reason}")


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a reader has come: behind which key, of what changed since which day, begun on which day."""

    after: str = ""
    since: date | None = None
    begun: date | None = None

    @classmethod
    def of(cls, cursor: Cursor | None) -> _Place:
        today = datetime.now(UTC).date()
        if not cursor:
            return cls(begun=today)
        try:
            held = json.loads(cursor)
            since, begun = str(held["since"]), day(str(held["begun"]))
            return cls(str(held["after"]), day(since), begun if held["after"] else today)
        except (ValueError, KeyError, TypeError) as error:
            raise ErpUnavailable(f"{cursor!r} is no place in {SYSTEM}: read from the beginning") from error

    def behind(self, key: str) -> _Place:
        return _Place(key, self.since, self.begun)

    def at_end(self) -> _Place:
        """Where the next reading begins: with what changed on the day on which this one did, or later."""
        begun = self.begun or datetime.now(UTC).date()
        return _Place("", begun - _OVERLAP, begun)

    def cursor(self) -> Cursor:
        held = {"after": self.after, "since": _text(self.since), "begun": _text(self.begun)}
        return Cursor(json.dumps(held))


def _text(on: date | None) -> str:
    return "" if on is None else day_text(on)
