"""An import that is blocked, cancelled or cut off leaves the store as it was, and says why."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest

from erp_adapters.errors import (
    ImportFailed,
    ImportRunning,
    StoreUnavailable,
)
from erp_adapters.store.loading import LoadProgress, load_source
from erp_adapters.store.mapping import SourceMapping
from tests.erp_adapters.store.workshop import change, content


async def test_a_second_import_names_the_first(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """Two imports of one source never mix; the second is refused at once and the first finishes."""
    reached, go_on = threading.Event(), threading.Event()

    def hold(_: LoadProgress) -> None:
        reached.set()
        go_on.wait(20)

    first = asyncio.create_task(load_source(owner_dsn, mapping, folder, hold))
    await asyncio.to_thread(reached.wait, 20)
    with pytest.raises(
        ImportRunning, match=r"Another import of workshop into site W1 .*started 20.*process \d+"
    ):
        await load_source(owner_dsn, mapping, folder)
    go_on.set()
    assert (await first).loaded == 11


async def test_cancelling_leaves_nothing_behind(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """When the cancelled import returns, its transaction is over and its lock is free."""
    storing = asyncio.Event()
    loop = asyncio.get_running_loop()
    go_on = threading.Event()

    def hold(progress: LoadProgress) -> None:
        if progress.step == "storing" and progress.position == 2:
            loop.call_soon_threadsafe(storing.set)
            go_on.wait(20)

    task = asyncio.create_task(load_source(owner_dsn, mapping, folder, hold))
    await asyncio.wait_for(storing.wait(), 20)
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert content(owner) == []
    assert (await load_source(owner_dsn, mapping, folder)).loaded == 11


async def test_cancelling_does_not_wait_for_a_blocked_statement(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """Another transaction holds rows that the import has to delete; the import lets go when it is told to."""
    await load_source(owner_dsn, mapping, folder)
    before = content(owner)
    with psycopg.connect(owner_dsn) as other:
        other.execute("delete from erp.material")
        task = asyncio.create_task(load_source(owner_dsn, mapping, folder))
        # What is waited for happens in the database.
        while not owner.execute("select from pg_locks where not granted").fetchall():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 20)
        other.rollback()
    assert content(owner) == before


async def test_readers_see_the_old_content_until_the_end(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """While an import stores, others read what was there, without waiting."""
    await load_source(owner_dsn, mapping, folder)
    before = content(owner)
    seen: list[bool] = []
    change(folder, "parts.csv", 2, "1,P-1,Bolt,9,a")
    await load_source(owner_dsn, mapping, folder, lambda _: seen.append(content(owner) == before))
    assert all(seen)
    assert content(owner) != before


async def test_a_database_that_goes_away_is_named(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """The connection dies in the middle: nothing is kept, and the message says what to do."""

    def cut(progress: LoadProgress) -> None:
        if progress.step == "storing" and progress.position == 2:
            owner.execute(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"
                " and database = (select oid from pg_database where datname = current_database())"
            )

    with pytest.raises(StoreUnavailable, match="Nothing was loaded; start it and import again"):
        await load_source(owner_dsn, mapping, folder, cut)
    assert content(owner) == []
    gone = owner_dsn.replace("5432", "5433")
    with pytest.raises(StoreUnavailable, match="does not answer"):
        await load_source(gone, mapping, folder)


async def test_a_full_disk_is_named_and_nothing_is_kept(
    owner: psycopg.Connection[Any], owner_dsn: str, mapping: SourceMapping, folder: Path
) -> None:
    """The server's own error for a full disk, raised at the last table."""
    await load_source(owner_dsn, mapping, folder)
    before = content(owner)
    owner.execute(
        "create function erp.no_room() returns trigger language plpgsql as $$"
        " begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;"
        "create trigger no_room before insert on erp.ledger_line execute function erp.no_room()"
    )
    try:
        with pytest.raises(ImportFailed, match=r"disk is full\. Nothing was loaded: free some space"):
            await load_source(owner_dsn, mapping, folder)
    finally:
        owner.execute("drop trigger no_room on erp.ledger_line; drop function erp.no_room()")
    assert content(owner) == before
