"""Tryton as a read port: rows of its tables in pages, typed, each under the key that Tryton has for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from erp_adapters.errors import CapabilityMissing, ErpError
from erp_adapters.ports import (
    Capability,
    Cursor,
    Health,
    Page,
    SourceRow,
    SystemTraits,
    TechnicalUser,
)
from erp_adapters.tryton.client import SYSTEM, Client
from erp_adapters.tryton.documents import Documents
from erp_adapters.tryton.mapping import Connection
from erp_adapters.tryton.places import STAMPS, Place
from erp_adapters.tryton.tables import CAPABILITIES, SUPPLIERS, TABLES, Table, cell_of, cells_of, value_at

SERIES: Final = "8.2"
"""What this adapter was written for and is tested against."""
_PAGE = 500


class TrytonReader:
    """Reads from one Tryton database; a ReadPort and a DocumentPort.

    ::

        async with TrytonReader.open(connection) as erp:
            async for page in erp.pages(Capability.STOCK):
                ...
    """

    def __init__(self, client: Client, connection: Connection, page: int = _PAGE) -> None:
        self._client = client
        self._at = connection
        self._page = page
        self._version = ""
        self._documents = Documents(client, page)

    @classmethod
    @asynccontextmanager
    async def open(cls, connection: Connection, *, page: int = _PAGE) -> AsyncIterator[TrytonReader]:
        """The system, which is first called with the first question.

        Args:
            connection: how it is reached.
            page: rows that are read together.
        """
        async with Client.open(
            connection.url, connection.login, connection.password, timeout_s=connection.call_s
        ) as client:
            yield cls(client, connection, page)

    @property
    def traits(self) -> SystemTraits:
        """What Tryton offers, and by whose rights; its version once it was asked."""
        return SystemTraits(
            system=SYSTEM,
            version=self._version,
            origin="real",
            authorisation=TechnicalUser(self._at.login, self._at.reason),
            capabilities=CAPABILITIES,
            incremental=frozenset({*TABLES, Capability.DOCUMENTS}),
        )

    async def pages(self, capability: Capability, since: Cursor | None = None) -> AsyncIterator[Page]:
        """Every row, or those that changed after the cursor; see ReadPort.

        What was deleted Tryton does not tell: who needs to know reads everything anew.
        """
        match capability:
            case Capability.STOCK:
                yield await self._stock()
            case Capability.SUPPLIERS:
                yield await self._suppliers()
            case Capability.BOM:
                async for page in self._changed(TABLES[capability], since):
                    yield await self._with_what_is_made(page)
            case Capability.PURCHASE_ORDERS:
                async for page in self._changed(TABLES[capability], since):
                    yield await self._with_what_came(page)
            case Capability.DOCUMENTS:
                async for page in self._documents.pages(since):
                    yield page
            case _ if capability in TABLES:
                async for page in self._changed(TABLES[capability], since):
                    yield page
            case _:
                raise CapabilityMissing(
                    f"{SYSTEM} is not read for {capability.value!r}; there are"
                    f" {', '.join(sorted(each.value for each in CAPABILITIES))}"
                )

    async def content(self, key: str, most: int) -> bytes:
        """The bytes of a file that hangs on a record; see DocumentPort."""
        return await self._documents.content(key, most)

    async def document_keys(self) -> frozenset[str] | None:
        """Keys of all files and notes that are there now; see DocumentPort."""
        return await self._documents.keys()

    async def _changed(self, table: Table, since: Cursor | None) -> AsyncIterator[Page]:
        place = Place.of(since)
        while True:
            where = [*table.where, *place.conditions(table.besides)]
            found = await self._client.rows(
                table.model, where, [*table.columns.values(), *STAMPS], limit=self._page
            )
            is_last = len(found) < self._page
            place = place.after(found, is_last=is_last)
            rows = tuple(SourceRow(str(row["id"]), cells_of(row, table.columns)) for row in found)
            yield Page(rows, place.cursor(), is_last=is_last)
            if is_last:
                return

    async def _with_what_is_made(self, page: Page) -> Page:
        """The page of components with what they go into, and how much of each is in one of it."""
        names = sorted({str(row.cells["bom"]) for row in page.rows})
        outputs = await self._client.rows(
            "production.bom.output", [["bom.name", "in", names]], ["bom.name", "product.code", "quantity"]
        )
        made = {str(value_at(each, "bom.name")): each for each in outputs}
        rows = []
        for row in page.rows:
            output, quantity = made.get(str(row.cells["bom"])), row.cells["quantity"]
            of = None if output is None else value_at(output, "product.code")
            per = None
            if output is not None and output["quantity"] and isinstance(quantity, Decimal):
                per = (quantity / Decimal(repr(output["quantity"]))).quantize(Decimal("0.000001"))
            rows.append(SourceRow(row.key, {**row.cells, "made": of, "per_made": per}))
        return Page(tuple(rows), page.cursor, page.deleted, page.is_last)

    async def _with_what_came(self, page: Page) -> Page:
        """The page of order lines with what has been received; moves that are only planned do not count."""
        moves = await self._client.rows(
            "stock.move",
            [["origin", "in", [f"purchase.line,{row.key}" for row in page.rows]], ["state", "=", "done"]],
            ["origin", "quantity", "unit.symbol"],
        )
        made_from = await self._requisitions([row.key for row in page.rows])
        rows = []
        for row in page.rows:
            came = [each for each in moves if each["origin"] == f"purchase.line,{row.key}"]
            received: Decimal | None = sum((Decimal(repr(each["quantity"])) for each in came), Decimal(0))
            if any(value_at(each, "unit.symbol") != row.cells["unit"] for each in came):
                received = None
            cells = {**row.cells, "received": received, "requisition": made_from.get(row.key)}
            rows.append(SourceRow(row.key, cells))
        return Page(tuple(rows), page.cursor, page.deleted, page.is_last)

    async def _requisitions(self, lines: Sequence[str]) -> dict[str, str]:
        """For each order line the requisition line that it was made from, as requisitions are named here.

        A line that was made from several names the first.
        """
        requests = await self._client.rows(
            "purchase.request",
            [["purchase_line", "in", [int(line) for line in lines]]],
            ["purchase_line", "origin"],
        )
        of_requests = {
            str(each["purchase_line"]): str(each["origin"]).partition(",")[2]
            for each in reversed(requests)
            if str(each["origin"] or "").startswith("purchase.requisition.line,")
        }
        ids = sorted({int(id) for id in of_requests.values()})
        found = await self._client.rows(
            "purchase.requisition.line", [["id", "in", ids]], ["requisition.number"]
        )
        numbers = {str(row["id"]): value_at(row, "requisition.number") for row in found}
        return {line: f"{numbers[id]}/{id}" for line, id in of_requests.items() if numbers.get(id)}

    async def _stock(self) -> Page:
        """What lies in each warehouse today, of what lies there at all."""
        warehouses = await self._client.rows(
            "stock.location", [["type", "=", "warehouse"]], ["code", "storage_location"]
        )
        rows = []
        for warehouse in warehouses:
            found = await self._client.rows(
                "product.product",
                [["quantity", "!=", 0]],
                ["code", "quantity", "template.default_uom.symbol"],
                context={
                    "locations": [warehouse["storage_location"]],
                    "stock_date_end": datetime.now(UTC).date(),
                    "with_childs": True,
                },
            )
            rows += [
                SourceRow(
                    f"{warehouse['id']}/{row['id']}",
                    {
                        "warehouse": warehouse["code"],
                        **cells_of(row, {"material": "code", "unit": "template.default_uom.symbol"}),
                        "quantity": cell_of(row["quantity"]),
                    },
                )
                for row in found
            ]
        return Page(tuple(rows), Cursor(""), is_last=True)

    async def _suppliers(self) -> Page:
        """Parties that sell something to the company."""
        sold = await self._client.rows("purchase.product_supplier", [], ["party"])
        found = await self._client.rows(
            SUPPLIERS.model,
            [["id", "in", sorted({row["party"] for row in sold})]],
            list(SUPPLIERS.columns.values()),
        )
        rows = tuple(SourceRow(str(row["id"]), cells_of(row, SUPPLIERS.columns)) for row in found)
        return Page(rows, Cursor(""), is_last=True)

    async def health(self) -> Health:
        """Whether it answers, is of the series that is known, lets the user in, and takes requisitions."""
        try:
            self._version = await self._client.version()
            await self._client.sign_in()
            await self._client.rows("purchase.requisition", [], ["id"], limit=1)
            found = await self._client.rows("stock.location", [["type", "=", "warehouse"]], ["code"])
        except ErpError as error:
            return Health(False, str(error))
        if self._version != SERIES:
            return Health(False, f"it is {SYSTEM} {self._version}, and this adapter knows {SERIES}")
        unknown = sorted(set(self._at.warehouses.values()) - {str(each["code"]) for each in found})
        if unknown:
            return Health(False, f"{SYSTEM} has no warehouse {', '.join(map(repr, unknown))}")
        return Health(True, f"{SYSTEM} {self._version}, as {self._at.login!r}: {self._at.reason}")
