"""A database that nobody has described, read only: tables, keys, references and rows as text."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import psycopg
from psycopg import sql

from erp_adapters.connect.seen import CELLS, Reference, SeenTable, looked_at
from erp_adapters.connect.source import dialect_of
from erp_adapters.errors import ErpRefused, ErpUnavailable, SourceUnreadable

Rows: TypeAlias = Iterator[Sequence[object]]
_AT_ONCE: Final = 2000


class Tables(Protocol):
    """The tables of an opened database."""

    def described(self) -> Iterator[SeenTable]:
        """Every table and view, with keys and references, without rows."""
        ...

    def rows(self, table: str, columns: Sequence[str], most: int | None = None) -> Rows:
        """Rows of a table."""
        ...

    def count(self, table: str) -> int:
        """How many rows it has."""
        ...


@contextmanager
def opened(url: str, password: str | None = None) -> Iterator[Tables]:
    """The database, in a session that cannot write.

    Raises:
        ErpUnavailable: it does not answer.
        ErpRefused: it does not let this user in, or read this.
        SourceUnreadable: it is no database.
    """
    if dialect_of(url) == "sqlite":
        with _sqlite(url) as tables:
            yield tables
    else:
        with _postgres(url, password) as tables:
            yield tables


def tables_of(tables: Tables, told: Callable[[str], None] = lambda _: None) -> list[SeenTable]:
    """Every table with what its first rows show."""
    found = []
    for table in tables.described():
        told(table.name)
        names = [column.name for column in table.columns]
        most = max(1000, CELLS // max(1, len(names)))
        texts = ([text_of(cell) for cell in row] for row in tables.rows(table.name, names, most))
        columns, _, _ = looked_at(names, [column.declared for column in table.columns], texts)
        table.columns = columns
        table.rows = tables.count(table.name)
        table.is_counted = table.rows <= most
        found.append(table)
    return found


def text_of(cell: object) -> str:
    """A value as a mapping's file has it: days as ISO, figures with a point, yes and no as true and false."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return f"{cell:f}"
        case float():
            return f"{Decimal(repr(cell)):f}"
        case datetime() | date() | time():
            return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()
        case bytes() | memoryview():
            return ""
        case _:
            return str(cell)


@contextmanager
def _sqlite(url: str) -> Iterator[Tables]:
    path = Path(url.partition("://")[2].removeprefix("/"))
    if not path.is_file():
        raise SourceUnreadable(f"there is no SQLite file {str(path)!r}; an absolute path has four slashes")
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error as exc:
        raise ErpUnavailable(f"{str(path)!r} cannot be opened: {exc}") from exc
    try:
        connection.execute("pragma query_only = on")
        yield _Sqlite(connection)
    except sqlite3.DatabaseError as exc:
        raise SourceUnreadable(f"{str(path)!r} cannot be read: {exc}") from exc
    finally:
        connection.close()


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def described(self) -> Iterator[SeenTable]:
        names = self._connection.execute(
            "select name from sqlite_master where type in ('table', 'view')"
            " and name not like 'sqlite_%' order by 1"
        ).fetchall()
        for (name,) in names:
            info = self._connection.execute(
                "select name, type, pk from pragma_table_info(?)", (name,)
            ).fetchall()
            references: dict[int, list[tuple[str, str, str]]] = {}
            for number, other, one, to in self._connection.execute(
                'select id, "table", "from", "to" from pragma_foreign_key_list(?) order by id, seq', (name,)
            ):
                references.setdefault(number, []).append((other, one, to or one))
            yield _described(
                name,
                [(column, kind) for column, kind, _ in info],
                [column for column, _, place in sorted(info, key=lambda row: row[2]) if place],
                [
                    Reference(tuple(o for _, o, _ in each), each[0][0], tuple(t for _, _, t in each))
                    for each in references.values()
                ],
            )

    def rows(self, table: str, columns: Sequence[str], most: int | None = None) -> Rows:
        chosen = ", ".join(map(_quoted, columns))
        limit = "" if most is None else f" limit {int(most)}"
        yield from self._connection.execute(f"select {chosen} from {_quoted(table)}{limit}")

    def count(self, table: str) -> int:
        return int(self._connection.execute(f"select count(*) from {_quoted(table)}").fetchone()[0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _described(
    name: str, columns: Sequence[tuple[str, str]], key: Sequence[str], references: Sequence[Reference]
) -> SeenTable:
    found, _, _ = looked_at([c for c, _ in columns], [kind for _, kind in columns], [])
    return SeenTable(
        name, f"{name}.csv".replace("/", "_"), found, key=tuple(key), references=tuple(references)
    )


_COLUMNS = """
select c.table_schema, c.table_name, c.column_name, c.data_type
from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
where c.table_schema not in ('pg_catalog', 'information_schema') and c.table_schema not like 'pg_%'
  and has_table_privilege(format('%I.%I', c.table_schema, c.table_name), 'select')
order by 1, 2, c.ordinal_position
"""
_KEYS = """
select n.nspname, r.relname, c.contype,
       array(select a.attname from unnest(c.conkey) with ordinality k(n, o)
             join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n order by k.o)::text[],
       fn.nspname, f.relname,
       array(select a.attname from unnest(c.confkey) with ordinality k(n, o)
             join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.n order by k.o)::text[]
from pg_constraint c join pg_class r on r.oid = c.conrelid join pg_namespace n on n.oid = r.relnamespace
left join pg_class f on f.oid = c.confrelid left join pg_namespace fn on fn.oid = f.relnamespace
where c.contype in ('p', 'f')
"""


@contextmanager
def _postgres(url: str, password: str | None) -> Iterator[Tables]:
    try:
        with psycopg.connect(
            url,
            password=password,
            connect_timeout=15,
            options="-c default_transaction_read_only=on -c statement_timeout=600000",
        ) as connection:
            connection.read_only = True
            yield _Postgres(connection)
            connection.rollback()
    except psycopg.OperationalError as exc:
        raise ErpUnavailable(f"the source database does not answer: {_first_line(exc)}") from exc
    except psycopg.Error as exc:
        raise ErpRefused(f"the source database refused: {_first_line(exc)}") from exc


def _first_line(error: psycopg.Error) -> str:
    return (str(error.diag.message_primary or error).strip().splitlines() or [type(error).__name__])[0]


class _Postgres:
    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def described(self) -> Iterator[SeenTable]:
        columns: dict[str, list[tuple[str, str]]] = {}
        for schema, table, column, kind in self._connection.execute(_COLUMNS):
            columns.setdefault(_named(schema, table), []).append((column, kind))
        keys: dict[str, list[str]] = {}
        references: dict[str, list[Reference]] = {}
        for schema, table, kind, own, other_schema, other, to in self._connection.execute(_KEYS):
            if kind == "p":
                keys[_named(schema, table)] = own
            else:
                reference = Reference(tuple(own), _named(other_schema, other), tuple(to))
                references.setdefault(_named(schema, table), []).append(reference)
        for name, found in columns.items():
            yield _described(name, found, keys.get(name, []), references.get(name, []))

    def rows(self, table: str, columns: Sequence[str], most: int | None = None) -> Rows:
        query = sql.SQL("select {} from {}").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), _identifier(table)
        )
        if most is not None:
            query += sql.SQL(" limit {}").format(sql.Literal(most))
        with self._connection.cursor(name="plantwright_rows") as cursor:
            cursor.itersize = _AT_ONCE
            yield from cursor.execute(query)

    def count(self, table: str) -> int:
        query = sql.SQL("select count(*) from {}").format(_identifier(table))
        row = self._connection.execute(query).fetchone()
        return int(row[0]) if row else 0


def _named(schema: str, table: str) -> str:
    return table if schema == "public" else f"{schema}.{table}"


def _identifier(name: str) -> sql.Identifier:
    return sql.Identifier(*(("public", name) if "." not in name else name.split(".", 1)))
