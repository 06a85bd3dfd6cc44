"""A database as a read port: pages of its tables by their keys, or of what changed after a cursor."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import compress, repeat
from operator import not_
from typing import Any, Final, TypeVar

from erp_adapters.errors import CapabilityMissing, ErpError, ErpRefused, RecordNotFound
from erp_adapters.http import Secret
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
from erp_adapters.sql.client import PostgresSession, Session, SqliteSession
from erp_adapters.sql.documents import as_documents, bytes_of, key_parts
from erp_adapters.sql.queries import Place, Query
from erp_adapters.sql.source import REASON, SqlSource, SqlTable
from erp_adapters.store.syncing.running import Standing

_T = TypeVar("_T")
_PAGE: Final = 5000
_NATIVE: Final = frozenset({str, int, bool, Decimal, date, datetime, type(None)})


class SqlReader:
    """Reads from one database; a ReadPort and a DocumentPort.

    ::

        async with SqlReader.open(source, password, site="1000") as erp:
            async for page in erp.pages(Capability.MATERIALS):
                ...
    """

    def __init__(self, source: SqlSource, session: Session, site: str | None, page: int) -> None:
        self._source, self._session, self._site, self._page = source, session, site, page

    @property
    def source(self) -> SqlSource:
        """The file of it."""
        return self._source

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        source: SqlSource,
        password: Secret | None = None,
        *,
        site: str | None = None,
        page: int = _PAGE,
        timeout_s: float = 15.0,
    ) -> AsyncIterator[SqlReader]:
        """The database, in a session that cannot write.

        Args:
            source: what is read of it.
            site: whose rows are read of tables that hold several plants'; None for all.
            page: rows that are read together.

        Raises:
            ErpUnavailable: it does not answer.
            ErpRefused: it does not let the login in.
        """

        def opened() -> Session:
            match source.dialect:
                case "postgres":
                    return PostgresSession(source.url, password, timeout_s, source.role)
                case "sqlite":
                    return SqliteSession(source.url, timeout_s)

        session = await asyncio.to_thread(opened)
        try:
            yield cls(source, session, site, page)
        finally:
            await asyncio.to_thread(session.close)

    @property
    def traits(self) -> SystemTraits:
        """What the file says can be read, and by whose rights."""
        tables = self._source.tables
        return SystemTraits(
            system=self._session.name,
            version=self._session.version(),
            origin="real",
            authorisation=TechnicalUser(self._session.login, REASON),
            capabilities=frozenset(tables),
            incremental=frozenset(each for each, table in tables.items() if table.changed is not None),
        )

    async def pages(self, capability: Capability, since: Cursor | None = None) -> AsyncIterator[Page]:
        """Every row by its key, or those that changed after the cursor; see ReadPort."""
        query = Query(self._table(capability), self._session.mark, self._site)
        place = Place.of(since, self._session.name)
        if place.next is None and query.table.changed is not None:
            place = await asyncio.to_thread(self._next, query, place)
        statement, values = query.reading(place)
        # Pages are asked for one after the other, so that never two threads use the session.
        answer = self._session.pages(statement, values, self._page)
        try:
            is_last = False
            while not is_last:
                rows = await _done(next, answer, [])
                is_last = len(rows) < self._page
                page, place = await _done(self._read, query, place, rows, is_last)
                yield as_documents(page) if capability is Capability.DOCUMENTS else page
        finally:
            await _done(answer.close)

    async def content(self, key: str, most: int) -> bytes:
        """The file in a row's own column; see DocumentPort."""
        query = Query(self._table(Capability.DOCUMENTS), self._session.mark, self._site)
        parts = key_parts(key, len(query.table.key))
        if query.table.content is None or len(parts) != len(query.table.key):
            raise RecordNotFound(f"{self._session.name} has no file {key!r}")
        size, count = await _done(self._session.one, *query.content(parts))
        if not count:
            raise RecordNotFound(f"{self._session.name} has no file {key!r} any more")
        if (size or 0) > most:
            raise ErpRefused(f"file {key!r} is larger than the {most} bytes that are read")
        return bytes_of((await _done(self._session.one, *query.file(parts)))[0], key)

    async def document_keys(self) -> frozenset[str] | None:
        """Keys of all rows of documents, where the table is not read anew anyway; see DocumentPort."""
        table = self._table(Capability.DOCUMENTS)
        if table.changed is None:
            return None
        query = Query(table, self._session.mark, self._site)

        def keys() -> frozenset[str]:
            found: set[str] = set()
            for rows in self._session.pages(*query.keys(), self._page):
                found.update(_keys([list(column) for column in zip(*rows, strict=True)], table))
            return frozenset(found)

        return await _done(keys)

    def _table(self, capability: Capability) -> SqlTable:
        table = self._source.tables.get(capability)
        if table is None:
            has = ", ".join(sorted(each.value for each in self._source.tables))
            raise CapabilityMissing(
                f"{self._session.name} is not read for {capability.value!r}; there are {has}"
            )
        return table

    def _next(self, query: Query, place: Place) -> Place:
        """The place with what the reading after this one goes on from: known before a row is read."""
        changed = query.table.changed
        assert changed is not None
        statement, values = query.newest()
        newest = self._session.one(statement, values)[0]
        if newest is None:
            return replace(place, next=place.since, next_is_strict=place.is_strict)
        now = self._session.now()
        if isinstance(newest, datetime) and newest.tzinfo is not None and now is not None:
            # Whatever bears an earlier time than this has been committed by now, or never will be.
            settled = now - timedelta(seconds=changed.overlap)
            is_strict = newest < settled
            return replace(place, next=newest if is_strict else settled, next_is_strict=is_strict)
        return replace(place, next=_before(newest, changed.overlap), next_is_strict=False)

    def _read(
        self, query: Query, place: Place, rows: Sequence[tuple[Any, ...]], is_last: bool
    ) -> tuple[Page, Place]:
        table = query.table
        columns = [
            self._cells(name, column) for name, column in zip(query.names, _columns(rows, query), strict=True)
        ]
        count = len(table.key)
        keys = _keys(columns[:count], table)
        cells = list(zip(*columns[count + query.extra :], strict=True)) if rows else []
        found = tuple(map(SourceRow, keys, map(dict, map(zip, repeat(list(table.columns)), cells))))
        deleted: tuple[str, ...] = ()
        if query.tells_deleted(place):
            gone = columns[count + query.extra - 1]
            deleted = tuple(compress(keys, gone))
            found = tuple(compress(found, map(not_, gone)))
        if is_last:
            place = Place(place.next, place.next_is_strict)
            return Page(found, place.cursor() if table.changed else Cursor(""), deleted, True), place
        last = [column[-1] for column in columns[:count]]
        if place.since is not None:
            last.insert(0, columns[count][-1])
        place = replace(place, after=tuple(last))
        return Page(found, place.cursor(), deleted), place

    def _cells(self, name: str, column: Sequence[Any]) -> list[Cell]:
        if set(map(type, column)) <= _NATIVE:
            return list(column)
        return [_cell(name, value) for value in column]

    async def standing(self, capability: Capability) -> Standing:
        """Rows that there are, and the sum of the figure that the file names."""
        statement, values = Query(self._table(capability), self._session.mark, self._site).standing()
        rows, total = await asyncio.to_thread(self._session.one, statement, values)
        return Standing(int(rows), total if total is None else Decimal(str(total)))

    async def mark(self, capability: Capability) -> str:
        """A number over every row, made by the database itself; empty of one that cannot; see Marking."""
        if self._source.dialect != "postgres":
            return ""
        statement, values = Query(self._table(capability), self._session.mark, self._site).mark()
        rows, total = await asyncio.to_thread(self._session.one, statement, values)
        return f"{rows}:{total}"

    async def health(self) -> Health:
        """Whether it answers, and has every table and column that the file names."""
        name = f"{self._session.name} {await asyncio.to_thread(self._session.version)}"
        try:
            for table in self._source.tables.values():
                statement, values = Query(table, self._session.mark, self._site).probe()
                await asyncio.to_thread(self._session.one, statement, values)
        except ErpError as error:
            return Health(False, str(error))
        return Health(True, f"{name}, as {self._session.login!r}: {REASON}")


def _columns(rows: Sequence[tuple[Any, ...]], query: Query) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * len(query.names)


def _keys(columns: Sequence[Sequence[Cell]], table: SqlTable) -> list[str]:
    for name, column in zip(table.key, columns, strict=True):
        if None in column:
            raise ErpRefused(f"a row of {table.table or 'the SELECT'} has no {name!r}, which is its key")
    first, *others = ([str(value) for value in column] for column in columns)
    if not others:
        return first
    return ["/".join(part.replace("/", "%2F") for part in key) for key in zip(first, *others, strict=True)]


def _before(newest: Any, overlap: int) -> Cell:
    """Somewhat earlier than the newest change, since another of that time may not be there yet."""
    match newest:
        case bool() | float():
            raise ErpRefused(f"what grows with each change is {newest!r}; name a time or a whole number")
        case int() | Decimal():
            return newest - overlap
        case datetime():
            return newest - timedelta(seconds=overlap)
        case date():
            return newest - timedelta(days=-(-overlap // 86_400))
        case str():
            try:
                moment = datetime.fromisoformat(newest)
            except ValueError:
                raise ErpRefused(
                    f"what grows with each change is {newest!r}; name a time as 2026-11-29 14:05:00 or a"
                    " number"
                ) from None
            earlier = (moment - timedelta(seconds=overlap)).isoformat(sep="T" if "T" in newest else " ")
            return earlier[: len(newest)] if len(newest) <= 10 else earlier
        case _:
            raise ErpRefused(
                f"what grows with each change is a {type(newest).__name__}; name a time or a number"
            )


def _cell(name: str, value: Any) -> Cell:
    match value:
        case None | str() | bool() | int() | Decimal() | date():
            return value
        case float():
            return Decimal(repr(value))
        case time():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
        case timedelta():
            return Decimal(value / timedelta(days=1)).quantize(Decimal("0.000001"))
        case list() | dict():
            return json.dumps(value, default=str)
        case _:
            raise ErpRefused(f"column {name!r} holds {type(value).__name__}, which is no cell; leave it out")


async def _done(step: Callable[..., _T], *args: Any) -> _T:
    """A step in a thread that is waited for even where nobody wants its result: the session is for one."""
    work = asyncio.ensure_future(asyncio.to_thread(step, *args))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()
        raise
