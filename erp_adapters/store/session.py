"""Reading the store as a person: one transaction, read only, under that person's row-level scope."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Any, Final, LiteralString, TypeAlias

import psycopg
from psycopg import AsyncClientCursor
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL
from psycopg_pool import AsyncConnectionPool

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError, RecordNotFound, StoreUnavailable
from erp_adapters.store.connections import by_turns_no_more, still_there
from erp_adapters.store.failures import translated
from erp_adapters.tracing import loose_span, span

_Connection: TypeAlias = "psycopg.AsyncConnection[tuple[Any, ...]]"

# In one message with the scope, and the end in one with the reset: a turn has half a dozen transactions.
_READ = SQL("begin isolation level repeatable read read only; {}")
_REMEMBER = SQL("begin isolation level read committed read write; {}")
_ENTER_SCOPE = SQL(
    "select app.enter_scope({subject}, {sites}::text[], {companies}::text[], {timeout}, {roles}::text[])"
)
_LEAVE = "commit; reset all"
_PERSON: Final = (
    "select name, roles, sites, companies, locale from erp.person where active and subject = %(subject)s"
)
_DEMO_PEOPLE: Final = "select app.demo_people()"
_MOST_BEGINNINGS = 256
# No comma, because the policies split at commas.
_CODE = re.compile(r"[^,\x00-\x1f\x7f]{1,64}")
_PRIVILEGES = """
select r.rolsuper or r.rolbypassrls or pg_has_role(r.oid, n.nspowner, 'member')
from pg_roles r, pg_namespace n where r.rolname = current_user and n.nspname = 'erp'
"""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query returned: names of the columns, and tuples in their order."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


class ReadTransaction:
    """One read-only snapshot of the store under a caller's scope: every query in it sees the same data."""

    def __init__(self, caller: Caller, connection: _Connection) -> None:
        self.caller = caller
        self._connection = connection

    @property
    def is_sound(self) -> bool:
        """False where a statement failed: nothing more can be asked in this transaction."""
        return self._connection.info.transaction_status is TransactionStatus.INTRANS

    async def fetch(self, sql: str, params: Mapping[str, object] | None = None) -> Rows:
        """All rows of one statement; parameters are named, as in `%(site)s`.

        Raises:
            StoreUnavailable: the database went away; asking again may succeed.
            ErpError: the statement failed or ran too long.
        """
        return await self._sent(sql, params)

    async def _sent(self, sql: str, params: Mapping[str, object] | None) -> Rows:
        with translated():
            # Prepared, because the server takes exactly one statement in a prepared text.
            return await _rows(await self._connection.execute(sql.encode(), params, prepare=True))

    async def fetch_each(self, *asked: tuple[str, Mapping[str, object]]) -> tuple[Rows, ...]:
        """All rows of several statements that are sent in one go.

        Raises:
            StoreUnavailable, ErpError: as for `fetch`.
        """
        with translated():
            async with self._connection.pipeline():
                cursors = [
                    await self._connection.execute(text.encode(), params, prepare=True)
                    for text, params in asked
                ]
            return tuple([await _rows(cursor) for cursor in cursors])

    async def ahead(self, *asked: LiteralString) -> None:
        """Have what is surely asked for next read in one piece, where this reading has not begun yet."""

    async def rest(self) -> None:
        """Let go of the connection until the next query, which may see newer data, where this reading can."""


class _Snapshot(ReadTransaction):
    """One whose statements change nothing: what was asked before is not asked again."""

    def __init__(self, caller: Caller, connection: _Connection, seen: Mapping[str, Rows]) -> None:
        super().__init__(caller, connection)
        self._seen: dict[tuple[object, ...], Rows] = {(sql,): rows for sql, rows in seen.items()}

    async def fetch(self, sql: str, params: Mapping[str, object] | None = None) -> Rows:
        key = asked_key(sql, params)
        if key is None:
            return await self._sent(sql, params)
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = await self._sent(sql, params)
        return found


def asked_key(sql: str, params: Mapping[str, object] | None) -> tuple[object, ...] | None:
    """What two askings of the same have in common; None where a parameter cannot be compared."""
    # With their types, and decimals with their places: what is equal here need not be the same to the server.
    held = [
        (name, type(value), value.as_tuple() if isinstance(value, Decimal) else value)
        for name, value in (params or {}).items()
    ]
    key = (sql, *held)
    try:
        hash(key)
    except TypeError:
        return None
    return key


class OwnTransaction(ReadTransaction):
    """One transaction that may also write what belongs to the caller: conversations, answers, choices."""

    async def execute(self, sql: str, params: Mapping[str, object] | None = None) -> int:
        """Run one statement; the number of rows it touched."""
        with translated():
            return (await self._connection.execute(sql.encode(), params, prepare=True)).rowcount


class Store:
    """The operational store behind a pool of connections; open it once a process.

    ::

        async with await Store.open(dsn) as store:
            async with store.reading(await store.caller("planner")) as tx:
                rows = await tx.fetch("select name from erp.material where site = %(site)s", {"site": "AW"})
    """

    def __init__(self, pool: AsyncConnectionPool[_Connection], statement_timeout_ms: int) -> None:
        self._pool = pool
        self._timeout_ms = statement_timeout_ms
        self._beginnings: dict[tuple[Caller, bool], bytes] = {}

    @classmethod
    async def open(
        cls,
        dsn: str,
        *,
        min_size: int = 1,
        max_size: int = 8,
        statement_timeout_ms: int = 15_000,
        acquire_timeout_s: float = 10.0,
    ) -> Store:
        """A store that answers.

        Raises:
            StoreUnavailable: the database does not answer.
            ConfigurationError: the login could see past row-level security.
        """
        pool: AsyncConnectionPool[_Connection] = AsyncConnectionPool(
            dsn,
            min_size=min_size,
            max_size=max_size,
            timeout=acquire_timeout_s,
            # Given up early, a lost connection is tried afresh by the next question, with no long back-off.
            reconnect_timeout=2.0,
            check=still_there,
            kwargs={"autocommit": True},
            open=False,
            name="store",
        )
        by_turns_no_more(pool)
        store = cls(pool, statement_timeout_ms)
        try:
            await _reach(dsn)
            with translated():
                await pool.open(wait=True, timeout=acquire_timeout_s)
            await store._refuse_powerful_login()
        except BaseException:
            await pool.close()
            raise
        return store

    def connections(self) -> dict[str, int]:
        """What the pool says of itself: `pool_size`, `pool_available`, `requests_waiting` and more."""
        return self._pool.get_stats()

    async def close(self) -> None:
        """Give the connections back; transactions in progress are rolled back."""
        await self._pool.close()

    async def __aenter__(self) -> Store:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def reading(self, caller: Caller, *first: LiteralString) -> AsyncIterator[ReadTransaction]:
        """A read transaction that sees the rows of the caller's sites, companies and roles, and no others.

        Args:
            caller: whose scope it runs under.
            first: statements without parameters that are surely asked, in the message that begins it.
        """
        async with self._transaction(caller, *first, read_only=True) as (connection, found):
            yield _Snapshot(caller, connection, dict(zip(first, found, strict=True)))

    @asynccontextmanager
    async def remembering(self, caller: Caller) -> AsyncIterator[OwnTransaction]:
        """A transaction that may write the caller's own rows of schema `app`; committed at its end."""
        async with self._transaction(caller, read_only=False) as (connection, _):
            yield OwnTransaction(caller, connection)

    async def at_once(
        self, caller: Caller, *asked: tuple[LiteralString, Mapping[str, object]], read_only: bool = True
    ) -> tuple[Rows, ...]:
        """All rows of a few statements in a transaction of their own, sent and answered in one piece.

        Only for statements that stand in the program: a turn has several such transactions, and each would be
        three round trips. Parameters become literals.

        Args:
            caller: whose scope it runs under.
            asked: the statements, with their named parameters.
            read_only: False to write what is the caller's own; it is committed when this returns.

        Raises:
            StoreUnavailable, ErpError: as for `ReadTransaction.fetch`; nothing was written then.
        """
        with span("database", access="read" if read_only else "write"), translated():
            async with self._pool.connection() as connection:
                literally = AsyncClientCursor(connection)
                texts = [literally.mogrify(text, params).encode() for text, params in asked]
                begin = self._beginning(caller, connection, read_only=read_only)
                try:
                    cursor = await connection.execute(b";".join([begin, *texts, _LEAVE.encode()]))
                except BaseException:
                    await _give_up(connection)
                    raise
                return tuple(await _behind_the_scope(cursor, len(texts)))

    async def at_the_door(self, sql: str, params: Mapping[str, object]) -> Rows:
        """Rows of one statement before anybody's scope is entered, committed at once.

        No policy shows it a row: it can only call functions that answer to a secret, such as `session_of`.
        """
        with translated():
            async with self._pool.connection() as connection:
                return await _rows(await connection.execute(sql.encode(), params, prepare=True))

    async def caller(self, subject: str) -> Caller:
        """The person with the scope that the people table gives them.

        Raises:
            RecordNotFound: nobody active has that subject; in a demo home the message names who there is.
        """
        nobody = Caller(subject, "", frozenset(), frozenset(), frozenset())
        (found,) = await self.at_once(nobody, (_PERSON, {"subject": _subject(subject)}))
        if found.rows:
            name, roles, sites, companies, locale = found.rows[0]
            return Caller(subject, str(name), _set(roles), _set(sites), _set(companies), str(locale))
        (known,) = await self.at_once(nobody, (_DEMO_PEOPLE, {}))
        hint = f"; there are {', '.join(str(row[0]) for row in known.rows)}" if known.rows else ""
        raise RecordNotFound(f"nobody is known as {subject!r}{hint}")

    @asynccontextmanager
    async def _transaction(
        self, caller: Caller, *first: LiteralString, read_only: bool
    ) -> AsyncIterator[tuple[_Connection, list[Rows]]]:
        # Loose: it may be handed on to another task, which goes on in it.
        with loose_span("database", access="read" if read_only else "write"), translated():
            async with self._pool.connection() as connection:
                try:
                    begin = self._beginning(caller, connection, read_only=read_only)
                    cursor = await connection.execute(b";".join([begin, *(sql.encode() for sql in first)]))
                    yield connection, await _behind_the_scope(cursor, len(first))
                    # Nothing of one person's session is left to the next.
                    await connection.execute(_LEAVE)
                except BaseException:
                    await _give_up(connection)
                    raise

    def _beginning(self, caller: Caller, connection: _Connection, *, read_only: bool) -> bytes:
        """What begins a transaction under the caller's scope; the same few people ask again and again."""
        key = (caller, read_only)
        begin = self._beginnings.get(key)
        if begin is None:
            scope = _ENTER_SCOPE.format(
                subject=_subject(caller.subject),
                sites=_codes(caller.sites),
                companies=_codes(caller.companies),
                roles=_codes(caller.roles),
                timeout=self._timeout_ms,
            )
            begin = (_READ if read_only else _REMEMBER).format(scope).as_bytes(connection)
            if len(self._beginnings) >= _MOST_BEGINNINGS:
                self._beginnings.clear()
            self._beginnings[key] = begin
        return begin

    async def _refuse_powerful_login(self) -> None:
        with translated():
            async with self._pool.connection() as connection:
                row = await (await connection.execute(_PRIVILEGES)).fetchone()
        if row is None:
            raise ConfigurationError("the database has no schema 'erp'; run the migrations first")
        if row[0]:
            raise ConfigurationError(
                "the database login owns the tables or may bypass row-level security; connect as"
                " plantwright_app"
            )


async def _rows(cursor: psycopg.AsyncCursor[tuple[Any, ...]]) -> Rows:
    result = cursor.pgresult
    if result is None or not result.nfields:
        return Rows((), ())
    # The cursor's own description makes an object of each column, with all that there is to know of it.
    names = tuple((result.fname(at) or b"").decode() for at in range(result.nfields))
    return Rows(names, tuple(await cursor.fetchall()))


async def _behind_the_scope(cursor: psycopg.AsyncCursor[tuple[Any, ...]], count: int) -> list[Rows]:
    """Rows of so many statements of a message, which stand behind the beginning and the scope."""
    found: list[Rows] = []
    for _ in range(count):
        # The first of them is behind the beginning and the scope.
        for _ in range(1 if found else 2):
            cursor.nextset()
        found.append(await _rows(cursor))
    return found


async def _reach(dsn: str) -> None:
    """Raise at once, with the address and the reason, where nothing answers: a pool would only time out."""
    try:
        await (await psycopg.AsyncConnection.connect(dsn, connect_timeout=5)).close()
    except psycopg.OperationalError as error:
        reason = str(error).partition("\n")[0]
        raise StoreUnavailable(
            f"the database does not answer ({reason}); start it, or correct its address"
        ) from error


async def _give_up(connection: _Connection) -> None:
    """Leave nothing of a transaction that failed; a connection on which even that fails is closed."""
    try:
        await connection.rollback()
        await connection.execute("reset all")
    except psycopg.Error:
        await connection.close()


def _set(value: object) -> frozenset[str]:
    return frozenset(str(code) for code in value) if isinstance(value, list) else frozenset()


def _subject(subject: str) -> str:
    if "\0" in subject:
        raise ConfigurationError(f"{subject!r} cannot be a person's subject: it holds a zero byte")
    return subject


def _codes(codes: frozenset[str]) -> list[str]:
    for code in codes:
        if not _CODE.fullmatch(code):
            raise ConfigurationError(
                f"{code!r} cannot be a site, company or role code: 1 to 64 characters, no comma, none"
                " unprintable"
            )
    return sorted(codes)
