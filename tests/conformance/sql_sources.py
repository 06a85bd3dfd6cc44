"""A Postgres and a SQLite file with a table for each capability, as the SQL adapter reads them."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing
from decimal import Decimal
from pathlib import Path

import psycopg

from erp_adapters.ports import Capability, Cell
from erp_adapters.sql import SqlReader, SqlSource
from erp_adapters.store import OWNER_ROLE
from tests.conftest import Database

Run = Callable[[str], None]
Opened = tuple[SqlReader, Callable[[], Awaitable[str]], Run]
"""A reader, what changes a material at the database's own side, and what runs a statement there."""
CAPABILITIES = [each for each in Capability if each is not Capability.DOCUMENTS]
COLUMNS = {"material": "item", "quantity": "qty", "made_on": "made_on", "code": "code"}


def statements(prefix: str, moment: str, text: str) -> list[str]:
    """What makes and fills them: three rows of each, changed long ago."""
    made = []
    for each in CAPABILITIES:
        table = f"{prefix}{each.value}"
        made.append(
            f"create table {table} (id {text} primary key, item text, qty numeric(12,3), made_on date,"
            f" code text, changed_at {moment}, state text, plant text)"
        )
        for number in (1, 2, 3):
            made.append(
                f"insert into {table} values ('{each.value[:3]}-{number}', 'M-{number}', {number}.5,"
                f" '2026-03-0{number}', null, '2026-03-0{number} 10:00:00', '', '1000')"
            )
    binary = "bytea" if moment == "timestamptz" else "blob"
    made.append(
        f"create table {prefix}documents (id {text} primary key, item text, name text, data {binary},"
        f" changed_at {moment}, state text, plant text)"
    )
    return [*made, hung(prefix, "doc-1", b"Goods that come before six are not unloaded.")]


def hung(prefix: str, key: str, data: bytes, at: str = "2026-11-01 10:00:00") -> str:
    """What hangs a file on an order, changed at that time."""
    held = f"'\\x{data.hex()}'" if "." in prefix else f"x'{data.hex()}'"
    return f"insert into {prefix}documents values ('{key}', '12', 'terms.txt', {held}, '{at}', '', '1000')"


def source(url: str, prefix: str) -> SqlSource:
    """The file of it."""
    return SqlSource.model_validate(
        {
            "url": url,
            "mapping": "mapping.yaml",
            "tables": {
                each.value: {
                    "table": f"{prefix}{each.value}",
                    "key": ["id"],
                    "columns": COLUMNS,
                    "changed": {"column": "changed_at"},
                    "deleted": {"column": "state", "values": ["X"]},
                    "site": "plant",
                    "total": "qty",
                }
                for each in CAPABILITIES
            }
            | {
                "documents": {
                    "select": f"select d.*, 'purchase_order' as kind from {prefix}documents d",
                    "key": ["id"],
                    "columns": {
                        "about": "kind",
                        "object": "item",
                        "name": "name",
                        "changed_at": "changed_at",
                    },
                    "content": "data",
                    "changed": {"column": "changed_at"},
                    "deleted": {"column": "state", "values": ["X"]},
                    "site": "plant",
                }
            },
        }
    )


KNOWN: Mapping[Capability, Mapping[str, Cell]] = {
    **{each: {"material": "M-2", "quantity": Decimal("2.5"), "code": None} for each in CAPABILITIES},
    Capability.DOCUMENTS: {"name": "terms.txt", "about": "purchase_order", "object": "12", "is_note": False},
}
_CHANGE = "update {table} set qty = qty + 1, changed_at = '2026-11-01 09:00:00' where item = 'M-3'"


@asynccontextmanager
async def postgres(database: Database) -> AsyncIterator[Opened]:
    """A schema of the module's database."""
    dsn = database.dsn(OWNER_ROLE)
    with psycopg.connect(dsn) as owner:
        owner.execute("drop schema if exists shop cascade")
        owner.execute("create schema shop")
        for statement in statements("shop.", "timestamptz", 'text collate "C"'):
            owner.execute(statement)
        info = owner.info
        url = f"postgresql:///{info.dbname}?host={info.host}&port={info.port}&user={info.user}"

    def run(statement: str) -> None:
        with psycopg.connect(dsn) as owner:
            owner.execute(statement.encode())

    async def change() -> str:
        run(_CHANGE.format(table="shop.materials"))
        return "M-3"

    async with SqlReader.open(source(url, "shop."), page=2) as reader:
        yield reader, change, run


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Opened]:
    """The same of a SQLite file."""
    path = folder / "shop.db"
    with closing(sqlite3.connect(path)) as owner, owner:
        for statement in statements("", "text", "text"):
            owner.execute(statement)

    def run(statement: str) -> None:
        with closing(sqlite3.connect(path)) as owner, owner:
            owner.execute(statement)

    async def change() -> str:
        run(_CHANGE.format(table="materials"))
        return "M-3"

    async with SqlReader.open(source(f"sqlite:///{path}", ""), page=2) as reader:
        yield reader, change, run
