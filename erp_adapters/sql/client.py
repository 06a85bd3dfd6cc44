"""A session that can only read: of a Postgres or of a SQLite file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias
from urllib.parse import quote, unquote, urlsplit

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from erp_adapters.errors import ErpError, ErpRefused, ErpUnavailable
from erp_adapters.http import Secret
from erp_adapters.sql.silence import Patience

Row: TypeAlias = tuple[Any, ...]
_ALLOWED = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)


class Session(Protocol):
    """Reads of one database; not for two threads at once."""

    name: str
    """What the database calls itself."""
    mark: str
    """Where a value goes in a statement."""
    login: str

    def version(self) -> str:
        """As it says itself."""
        ...

    def now(self) -> datetime | None:
        """The time by the database's clock; None where it has none of its own."""
        ...

    def one(self, statement: str, values: Sequence[object] = ()) -> Row:
        """The only row of an answer."""
        ...

    def pages(self, statement: str, values: Sequence[object], size: int) -> Generator[list[Row], None, None]:
        """An answer in pages, as it was when it was asked for; at most one answer at a time."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class PostgresSession:
    """A session of Postgres in which every transaction reads only."""

    name = "PostgreSQL"
    mark = "%s"

    def __init__(self, url: str, password: Secret | None, timeout_s: float, role: str | None = None) -> None:
        address = make_conninfo(
            url,
            password=None if password is None else password.reveal(),
            connect_timeout=max(2, int(timeout_s)),
            application_name="plantwright (reads only)",
            # A host that is gone is noticed without anybody asking.
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
        )
        with _explained(self.name):
            self._connection = psycopg.connect(address)
        self.login = self._connection.info.user
        self._patience = Patience(self._connection, lambda: psycopg.connect(address), timeout_s, self.name)
        self._connection.read_only = True
        self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        if role is not None:
            self.login = f"{self.login} as {role}"
            try:
                with _explained(self.name), self._patience.waiting(), self._connection.transaction():
                    self._connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
            except ErpError:
                self._connection.close()
                raise

    def version(self) -> str:
        return str(self._connection.info.server_version // 10000)

    def now(self) -> datetime | None:
        moment: datetime = self.one("select now()")[0]
        return moment

    def one(self, statement: str, values: Sequence[object] = ()) -> Row:
        with _explained(self.name), self._patience.waiting(), self._connection.transaction():
            self._patience.note_session()
            row = self._connection.execute(statement, tuple(values)).fetchone()
        assert row is not None, "an aggregate has a row"
        return row

    def pages(self, statement: str, values: Sequence[object], size: int) -> Generator[list[Row], None, None]:
        held = contextlib.ExitStack()
        with _explained(self.name):
            try:
                with self._patience.waiting():
                    held.enter_context(self._connection.transaction())
                    self._patience.note_session()
                    cursor = held.enter_context(self._connection.cursor("plantwright"))
                    cursor.execute(statement, tuple(values))
                while True:
                    with self._patience.waiting():
                        rows = cursor.fetchmany(size)
                    if not rows:
                        break
                    yield rows
            except BaseException as error:
                # Also where nobody wants more: what ends it is waited for no longer than the rest.
                with contextlib.suppress(psycopg.Error, ErpError), self._patience.waiting():
                    held.__exit__(type(error), error, error.__traceback__)
                raise
            with self._patience.waiting():
                held.close()

    def close(self) -> None:
        self._connection.close()


class SqliteSession:
    """A session of a SQLite file that is opened for reading and lets nothing but SELECT through."""

    name = "SQLite"
    mark = "?"
    login = "no login"

    def __init__(self, url: str, timeout_s: float) -> None:
        # Three slashes before a path from here, four before one from the root, as elsewhere.
        path = quote(unquote(urlsplit(url).path.removeprefix("/")))
        with _explained(self.name):
            self._connection = sqlite3.connect(
                f"file:{path}?mode=ro", uri=True, timeout=timeout_s, check_same_thread=False
            )
            self._connection.execute("pragma query_only = on")
        self._connection.set_authorizer(_only_reads)

    def version(self) -> str:
        return sqlite3.sqlite_version

    def now(self) -> datetime | None:
        return None

    def one(self, statement: str, values: Sequence[object] = ()) -> Row:
        with _explained(self.name):
            row: Row = self._connection.execute(statement, values).fetchone()
        return row

    def pages(self, statement: str, values: Sequence[object], size: int) -> Generator[list[Row], None, None]:
        with _explained(self.name), contextlib.closing(self._connection.execute(statement, values)) as cursor:
            while rows := cursor.fetchmany(size):
                yield rows

    def close(self) -> None:
        self._connection.close()


def _only_reads(action: int, one: str | None, other: str | None, *_: object) -> int:
    if action in _ALLOWED and other != "load_extension":
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


@contextlib.contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except (psycopg.Error, sqlite3.Error) as exc:
        raise _meant(name, exc) from exc


def _meant(name: str, error: psycopg.Error | sqlite3.Error) -> ErpError:
    """What an error of a driver means for whoever reads; values of rows are not repeated."""
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    match error:
        case errors.InvalidPassword() | errors.InvalidAuthorizationSpecification():
            return ErpRefused(f"{name} does not let this login in; check the login and where its password is")
        case errors.InsufficientPrivilege():
            return ErpRefused(f"{name} refuses: {first}; let the login SELECT from it")
        case errors.InvalidParameterValue() if first.startswith("role "):
            return ErpRefused(f"{name} refuses: {first}; correct `role` in the file of the source")
        case errors.ReadOnlySqlTransaction():
            return ErpRefused(f"{name} refuses: {first}; this session only reads")
        case psycopg.Error() if (error.sqlstate or "").startswith("42"):
            return ErpRefused(f"{name} refuses: {first}; was it renamed? Change the file of the source")
        case errors.QueryCanceled():
            return ErpUnavailable(f"{name} stopped a query that took too long")
        case psycopg.OperationalError() if "authentication failed" in str(error):
            return ErpRefused(f"{name} does not let this login in; check the login and where its password is")
        case psycopg.OperationalError() if "does not exist" in str(error):
            return ErpRefused(f"{name} refuses: {first}")
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return ErpUnavailable(f"{name} does not answer: {first}")
        case psycopg.Error():
            return ErpRefused(f"{name} could not read that ({type(error).__name__}); look at the SELECT")
        case _ if "locked" in first or "unable to open" in first:
            return ErpUnavailable(f"{name}: {first}")
        case _:
            return ErpRefused(f"{name} refuses: {first}; change the file of the source")
