"""Calls to the demo ERP over connections of its own, with everything that can befall a call on its way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeAlias, TypeVar, cast
from uuid import UUID, uuid4

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from erp_adapters.demo.erp.filling import explained
from erp_adapters.errors import ErpRefused, ErpUnavailable, WriteOutcomeUnknown

Connection: TypeAlias = "psycopg.AsyncConnection[tuple[Any, ...]]"
_T = TypeVar("_T")

Verb: TypeAlias = Literal["create_document", "cancel_document"]
"""What the system is called for."""
_CALL = "select demo_erp.{}(%(token)s, %(request)s::jsonb, %(delivery)s, %(mishap)s::jsonb)"
_CALL_RAW = "select demo_erp.{}($1::uuid, $2::jsonb, $3::uuid, $4::jsonb)"
_FIND = "select * from demo_erp.find_documents(%(token)s, %(doc_type)s, %(marker)s, %(plant)s)"
_LATE = "demo ERP, caller gone"
"""What a connection is called on which the system works on though nobody waits for the reply."""
_STILL_AT = (
    "select pid from pg_stat_activity where application_name = %(late)s and datname = current_database()"
)
_ALL = (
    "select demo_erp.document_of(doc_no) from demo_erp.document"
    " where %(plant)s::text is null or plant = %(plant)s order by posted_at, doc_no"
)


class DuplicateReference(ErpRefused):
    """The system has a document with this marker and takes no second one."""


class TokenExpired(Exception):
    """The system answered 401: it did nothing."""


class Client:
    """The demo ERP's interface, one method a call; a pool of connections under its own login."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._token: UUID | None = None
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn,
            min_size=0,
            max_size=8,
            timeout=5.0,
            reconnect_timeout=2.0,
            # A connection that died unnoticed must not make the fate of a call unknown that was never sent.
            check=AsyncConnectionPool.check_connection,
            kwargs={"autocommit": True},
            open=False,
            name="demo ERP",
        )

    async def open(self) -> Mapping[str, Any]:
        """Reach the system; says how it behaves."""
        with explained():
            # A pool would only time out where nothing answers or the login is wrong.
            async with await psycopg.AsyncConnection.connect(self._dsn, connect_timeout=5) as first:
                cursor = await first.execute("select to_jsonb(s) from demo_erp.system s")
                row = await cursor.fetchone()
        await self._pool.open()
        return cast(Mapping[str, Any], row[0]) if row else {}

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pool.close()

    @asynccontextmanager
    async def connection(self, patience_s: float = 5.0) -> AsyncIterator[Connection]:
        """A connection that answers; ErpUnavailable where there is none in time, before anything is sent."""
        try:
            connection = await self._pool.getconn(timeout=patience_s)
        except (PoolTimeout, psycopg.OperationalError) as error:
            raise ErpUnavailable("the demo ERP does not answer; nothing was sent to it") from error
        try:
            yield connection
        finally:
            await self._pool.putconn(connection)

    async def write(
        self,
        connection: Connection,
        verb: Verb,
        request: Mapping[str, Any],
        *,
        delivery: UUID | None = None,
        mishap: Mapping[str, float] | None = None,
    ) -> Mapping[str, Any]:
        """The document that the system made of a request, or cancelled for it.

        Raises:
            WriteOutcomeUnknown: the connection broke while the system had the request.
            ErpRefused: the system said no.
            ErpUnavailable: the system rolled back, and may take it later.
        """
        delivery = delivery or uuid4()

        async def call(token: UUID) -> Mapping[str, Any]:
            given = {
                "token": token,
                "request": json.dumps(request),
                "delivery": delivery,
                "mishap": json.dumps(mishap or {}),
            }
            try:
                row = await (await connection.execute(_CALL.format(verb).encode(), given)).fetchone()
            except psycopg.Error as error:
                raise _meaning(error) from error
            assert row is not None
            return cast(Mapping[str, Any], row[0])

        return await self._signed_in(connection, call)

    async def write_late(self, verb: Verb, request: Mapping[str, Any], seconds: float) -> None:
        """Hand a request over that the system works on for `seconds`, and do not wait for the reply.

        Sent through the driver's lower floor: the upper one would take the request back with its connection.
        """
        async with self.connection() as connection:
            token = await self._log_on(connection)
        try:
            gone = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, application_name=_LATE)
        except psycopg.OperationalError as error:
            raise ErpUnavailable("the demo ERP does not answer; nothing was sent to it") from error
        given = (str(token), json.dumps(request), str(uuid4()), json.dumps({"work_seconds": seconds}))
        gone.pgconn.send_query_params(_CALL_RAW.format(verb).encode(), [value.encode() for value in given])
        # Nothing tells when the socket takes more.
        while gone.pgconn.flush():  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        await gone.close()

    async def late_requests(self) -> int:
        """How many requests the system still works on whose callers do not wait."""
        async with self.connection() as connection:
            return len(await self._rows(connection, _STILL_AT, {"late": _LATE}))

    async def find(self, doc_type: str, marker: str, plant: str | None) -> list[Mapping[str, Any]]:
        """Documents that a search for the marker finds by now."""
        async with self.connection() as connection:

            async def call(token: UUID) -> list[Mapping[str, Any]]:
                given = {"token": token, "doc_type": doc_type, "marker": marker, "plant": plant}
                return await self._rows(connection, _FIND, given)

            return await self._signed_in(connection, call)

    async def documents(self, plant: str | None) -> list[Mapping[str, Any]]:
        """Every document, those among them that no search finds yet."""
        async with self.connection() as connection:
            return await self._rows(connection, _ALL, {"plant": plant})

    async def sign_out(self, connection: Connection) -> None:
        """Make the token expire that the next call would use."""
        if self._token is None:
            await self._log_on(connection)
        await connection.execute(
            "update demo_erp.token set expires_at = clock_timestamp() where token = %(token)s",
            {"token": self._token},
        )

    async def _rows(
        self, connection: Connection, query: str, given: Mapping[str, Any]
    ) -> list[Mapping[str, Any]]:
        try:
            return [row[0] for row in await (await connection.execute(query.encode(), given)).fetchall()]
        except psycopg.errors.DatabaseError as error:
            if error.sqlstate == "DE401":
                raise TokenExpired from error
            raise ErpUnavailable("the demo ERP did not answer the search; search again") from error

    async def _signed_in(self, connection: Connection, call: Callable[[UUID], Awaitable[_T]]) -> _T:
        """The call's answer, signing in anew once where the system no longer knows the token."""
        token = self._token or await self._log_on(connection)
        try:
            return await call(token)
        except TokenExpired:
            token = await self._log_on(connection)
        try:
            return await call(token)
        except TokenExpired as error:
            raise ErpUnavailable(
                "the demo ERP does not accept the token that it has just issued; nothing was written"
            ) from error

    async def _log_on(self, connection: Connection) -> UUID:
        try:
            row = await (await connection.execute("select demo_erp.log_on()")).fetchone()
        except psycopg.Error as error:
            raise ErpUnavailable("the demo ERP did not let the program sign in; nothing was sent") from error
        assert row is not None
        self._token = cast(UUID, row[0])
        return self._token


def _meaning(error: psycopg.Error) -> Exception:
    """What a failed call says of the document's fate. A call is one transaction of the system's own."""
    message = error.diag.message_primary or str(error).partition("\n")[0]
    match (error.sqlstate or "")[:2], error.sqlstate:
        case _, "DE401":
            return TokenExpired()
        case _, "DE409":
            return DuplicateReference(f"the demo ERP refused: {message}")
        case _, "DE400":
            return ErpRefused(f"the demo ERP refused: {message}")
        case "22" | "23", _:
            return ErpRefused(f"the demo ERP cannot hold what it was sent: {message}")
        case "40" | "53" | "55", _:
            return ErpUnavailable(
                "the demo ERP was too busy and rolled back; the same call may succeed later"
            )
        case _:
            return WriteOutcomeUnknown(
                f"the connection to the demo ERP broke while it had the request ({message});"
                " whether it wrote is not known"
            )
