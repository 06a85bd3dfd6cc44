"""The system as a read port: rows of its tables in pages, typed, each under the system's own key."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from erp_adapters.connect.template.client import SYSTEM, Client, Connection, Row
from erp_adapters.errors import CapabilityMissing, CopilotError, ErpUnavailable
from erp_adapters.ports import Capability, Cursor, Health, Page, SourceRow, SystemTraits, TechnicalUser

_PAGE: Final = 500
_OVERLAP: Final = timedelta(minutes=10)
"""A change may be committed a while after the time that its row bears."""


@dataclass(frozen=True, slots=True)
class Table:
    """Where the rows of a capability stand."""

    name: str
    columns: Mapping[str, str]
    """The system's column for each of ours; a flag of ours begins with `is_`."""
    tells_changes: bool = False


TABLES: Final[Mapping[Capability, Table]] = {
    # Capability.MATERIALS: Table("items", {"material": "item_no", "name": "descr", "unit": "uom"}),
}
"""What is read; what stands here is claimed in scorecard.yaml, with the test that proves it."""


class Reader:
    """Reads from one system; a ReadPort."""

    def __init__(self, client: Client, connection: Connection, page: int = _PAGE) -> None:
        self._client = client
        self._at = connection
        self._page = page
        self._version = ""

    @classmethod
    @asynccontextmanager
    async def open(cls, connection: Connection, *, page: int = _PAGE) -> AsyncIterator[Reader]:
        """The system, read so many rows at a time."""
        async with Client.open(connection) as client:
            yield cls(client, connection, page)

    @property
    def traits(self) -> SystemTraits:
        """What the system offers, and by whose rights; its version once it was asked."""
        return SystemTraits(
            system=SYSTEM,
            version=self._version,
            origin="real",
            authorisation=TechnicalUser(self._at.login, self._at.reason),
            capabilities=frozenset(TABLES),
            incremental=frozenset(name for name, table in TABLES.items() if table.tells_changes),
        )

    async def pages(self, capability: Capability, since: Cursor | None = None) -> AsyncIterator[Page]:
        """Every row, or those that changed after the cursor; see ReadPort."""
        if capability not in TABLES:
            raise CapabilityMissing(f"{SYSTEM} is not read for {capability.value!r} yet")
        table, place = TABLES[capability], _Place.of(since)
        while True:
            found = await self._client.rows(
                table.name,
                list(table.columns.values()),
                after=place.key,
                most=self._page,
                since=place.since - _OVERLAP if place.since else None,
            )
            is_last = len(found) < self._page
            place = place.after(found, is_last=is_last)
            rows = tuple(SourceRow(r.key, dict(zip(table.columns, r.cells, strict=True))) for r in found)
            yield Page(rows, place.cursor(), is_last=is_last)
            if is_last:
                return

    async def health(self) -> Health:
        """Whether it answers and lets the program in."""
        try:
            self._version = await self._client.version()
        except CopilotError as error:
            return Health(False, str(error))
        return Health(True, f"{SYSTEM} {self._version}, as {self._at.login!r}: {self._at.reason}")


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a reader has come: what changed since when, up to which key, and the newest change so far."""

    since: datetime | None = None
    key: str = ""
    newest: datetime | None = None

    @classmethod
    def of(cls, cursor: Cursor | None) -> _Place:
        if not cursor:
            return cls()
        try:
            held = json.loads(cursor)
            return cls(_moment(held["since"]), str(held["key"]), _moment(held["newest"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ErpUnavailable(f"{cursor!r} is no place in {SYSTEM}: read from the beginning") from error

    def after(self, found: Sequence[Row], *, is_last: bool) -> _Place:
        stamps = [row.changed_at for row in found if row.changed_at is not None]
        newest = max([*stamps, *([self.newest] if self.newest else [])], default=None)
        return _Place(newest, "", newest) if is_last else _Place(self.since, found[-1].key, newest)

    def cursor(self) -> Cursor:
        held = {"since": _text(self.since), "key": self.key, "newest": _text(self.newest)}
        return Cursor(json.dumps(held))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
