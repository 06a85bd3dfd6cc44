"""A database as a read port: it only reads, tells what changed and went, and names what is wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from erp_adapters.errors import ErpRefused, ErpUnavailable
from erp_adapters.ports import Capability, Cursor
from erp_adapters.sql import SqlReader, SqlSource
from erp_adapters.sql.client import PostgresSession, SqliteSession
from erp_adapters.store import APP_ROLE, OWNER_ROLE
from erp_adapters.store.postgres import ADMIN_ROLE
from tests.conformance import sql_sources
from tests.conftest import Database


async def read(reader: SqlReader, capability: Capability, since: Cursor | None = None):
    """Keys that are there, keys that are gone, and the last cursor."""
    keys: list[str] = []
    gone: list[str] = []
    cursor = Cursor("")
    async for page in reader.pages(capability, since):
        keys += [row.key for row in page.rows]
        gone += page.deleted
        cursor = page.cursor
    return keys, gone, cursor


@pytest.fixture(params=["postgres", "sqlite"])
async def shop(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> AsyncIterator[tuple[SqlReader, SqlSource, object]]:
    """A reader, its source, and what runs a statement at the database's own side."""
    if request.param == "postgres":
        async with sql_sources.postgres(database) as (reader, _, _):

            def run(statement: str) -> None:
                with psycopg.connect(database.dsn(OWNER_ROLE)) as owner:
                    owner.execute("set search_path = shop")
                    owner.execute(statement)

            yield reader, reader.source, run
        return
    async with sql_sources.sqlite(tmp_path) as (reader, _, _):

        def run_there(statement: str) -> None:
            with closing(sqlite3.connect(tmp_path / "shop.db")) as owner, owner:
                owner.execute(statement)

        yield reader, reader.source, run_there


async def test_changes_and_deletions_are_told(shop) -> None:
    """One row changed, one was marked as gone, one came: those three and no other; then nothing."""
    reader, _, run = shop
    keys, gone, cursor = await read(reader, Capability.STOCK)
    assert (keys, gone) == (["sto-1", "sto-2", "sto-3"], [])
    run("update stock set qty = 9, changed_at = '2026-11-01 08:00:00' where id = 'sto-2'")
    run("update stock set state = 'X', changed_at = '2026-11-01 09:00:00' where id = 'sto-3'")
    run(
        "insert into stock select 'sto-4', item, qty, made_on, code, '2026-11-01 09:30:00', '', plant"
        " from stock where id = 'sto-1'"
    )
    keys, gone, after = await read(reader, Capability.STOCK, cursor)
    assert set(keys) >= {"sto-2", "sto-4"}
    assert gone == ["sto-3"]
    assert "sto-1" not in keys
    assert (await reader.standing(Capability.STOCK)).rows == 3
    keys, _, _ = await read(reader, Capability.STOCK, after)
    assert set(keys) <= {"sto-4"}
    assert await read(reader, Capability.STOCK) == (["sto-1", "sto-2", "sto-4"], [], after)


async def test_a_database_says_whether_anything_is_another(shop) -> None:
    """Postgres by a number over every row of the site; SQLite has none, and is read."""
    reader, source, run = shop
    mark = await reader.mark(Capability.STOCK)
    if source.dialect == "sqlite":
        assert mark == ""
        return
    assert await reader.mark(Capability.STOCK) == mark
    run("update stock set qty = qty + 1 where id = 'sto-2'")
    changed = await reader.mark(Capability.STOCK)
    run("update stock set qty = qty - 1 where id = 'sto-2'")
    assert changed != mark == await reader.mark(Capability.STOCK)


async def test_a_site_sees_its_own_rows(shop) -> None:
    """Rows, changes and sums of one plant of a table that holds several."""
    _, source, run = shop
    run("update ledger set plant = '2000' where id = 'led-2'")
    async with SqlReader.open(source, site="2000") as reader:
        assert (await read(reader, Capability.LEDGER))[0] == ["led-2"]
        standing = await reader.standing(Capability.LEDGER)
    assert (standing.rows, str(standing.total).rstrip("0")) == (1, "2.5")


async def test_what_is_wrong_is_named(shop, tmp_path: Path) -> None:
    """A column that was renamed, at reading and by its health; and a file that is not there."""
    reader, _, run = shop
    run("alter table demand rename column qty to amount")
    with pytest.raises(ErpRefused, match=r"qty.*file of the source"):
        await read(reader, Capability.DEMAND)
    health = await reader.health()
    assert not health.is_well
    assert "qty" in health.why
    away = sql_sources.source(f"sqlite:///{tmp_path}/other.db", "")
    with pytest.raises(ErpUnavailable, match="unable to open"):
        async with SqlReader.open(away):
            pass


async def test_a_right_that_is_missing_is_named(database: Database) -> None:
    """Whose it is to give is a database administrator's to find in the message."""
    async with sql_sources.postgres(database) as (reader, _, _):
        url = reader.source.url.replace(OWNER_ROLE, APP_ROLE)
    async with SqlReader.open(reader.source.model_copy(update={"url": url})) as other:
        with pytest.raises(ErpRefused, match=r"permission denied .*let the login SELECT"):
            await read(other, Capability.STOCK)


async def test_a_role_decides_what_may_be_read(database: Database) -> None:
    """Where the source names one: what the login may read besides is out of reach, and the role is shown."""
    async with sql_sources.postgres(database) as (reader, _, _):
        url = reader.source.url.replace(OWNER_ROLE, ADMIN_ROLE)
        source = reader.source.model_copy(update={"url": url, "role": APP_ROLE})
    async with SqlReader.open(source) as narrow:
        with pytest.raises(ErpRefused, match=r"permission denied .*let the login SELECT"):
            await read(narrow, Capability.STOCK)
        assert narrow.traits.authorisation == source.read_by
        assert source.read_by.login == f"{ADMIN_ROLE} as {APP_ROLE}"
    with pytest.raises(ErpRefused, match="nobody"):
        async with SqlReader.open(source.model_copy(update={"role": "nobody"})):
            pass


def test_a_session_writes_nothing(database: Database, tmp_path: Path) -> None:
    """Whatever statement comes, and though the login may write."""
    url = f"postgresql:///{database.name}?host={database.server.socket}&user={OWNER_ROLE}"
    with closing(sqlite3.connect(tmp_path / "a.db")) as owner, owner:
        owner.execute("create table t (a)")
    session = PostgresSession(url, None, 5.0)
    for statement in (
        "create table public.t (a int)",
        "select nextval('x'::regclass)",
        "copy erp.site to program 'id'",
    ):
        with pytest.raises(ErpRefused):
            session.one(statement)
    session.close()
    lite = SqliteSession(f"sqlite:///{tmp_path}/a.db", 5.0)
    for statement in (
        "insert into t values (1)",
        "attach 'other.db' as o",
        "pragma query_only = off",
        "begin",
    ):
        with pytest.raises(ErpRefused):
            lite.one(statement)
    lite.close()
