"""A database that goes away in mid-query is named, and the same store works again when it is back."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError, StoreUnavailable
from erp_adapters.store import ADMIN_ROLE, OWNER_ROLE, EmbeddedPostgres, Store, migrate

pytestmark = pytest.mark.slow

ANNA = Caller("anna", "Anna", frozenset(), frozenset({"KS"}), frozenset())


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A migrated server of this test's own, which may be stopped and killed."""
    folder = Path(tempfile.mkdtemp(prefix="plantwright-outage-"))
    folder.chmod(0o755)
    with EmbeddedPostgres(folder) as server:
        migrate(server.dsn(OWNER_ROLE))
        yield server
    shutil.rmtree(folder)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A folder on a disk of 400 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk: run as root")
    folder = Path(tempfile.mkdtemp(prefix="plantwright-outage-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        folder.rmdir()
        pytest.skip("this machine does not allow mounts: run outside a container")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


async def ask(store: Store, sql: str) -> object:
    async with store.reading(ANNA) as tx:
        return (await tx.fetch(sql)).rows[0][0]


async def until_asleep(server: EmbeddedPostgres) -> None:
    asleep = "select 1 from pg_stat_activity where wait_event = 'PgSleep'"
    with psycopg.connect(server.dsn(ADMIN_ROLE, "postgres"), autocommit=True) as admin:
        for _ in range(500):
            if admin.execute(asleep).fetchone():
                return
            await asyncio.sleep(0.02)
    raise AssertionError("the query did not start")


async def test_a_shutdown_in_mid_query_and_the_way_back(server: EmbeddedPostgres) -> None:
    async with await Store.open(server.dsn(), max_size=4, acquire_timeout_s=1.0) as store:
        asleep = asyncio.create_task(ask(store, "select pg_sleep(60)::text"))
        await until_asleep(server)
        server.stop()
        with pytest.raises(StoreUnavailable, match="asked again"):
            await asleep
        for _ in range(3):
            with pytest.raises(StoreUnavailable, match="asked again"):
                await ask(store, "select 1")
        server.start()
        assert await ask(store, "select 2") == 2


async def test_a_killed_server_and_the_way_back(server: EmbeddedPostgres) -> None:
    async with await Store.open(server.dsn(), max_size=4, acquire_timeout_s=1.0) as store:
        asleep = asyncio.create_task(ask(store, "select pg_sleep(60)::text"))
        await until_asleep(server)
        os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        with pytest.raises(StoreUnavailable, match="asked again"):
            await asleep
        server.stop()
        server.start()
        assert await ask(store, "select 2") == 2


async def test_one_terminated_connection_costs_one_question(server: EmbeddedPostgres) -> None:
    async with await Store.open(server.dsn(), max_size=1) as store:
        asleep = asyncio.create_task(ask(store, "select pg_sleep(60)::text"))
        await until_asleep(server)
        with psycopg.connect(server.dsn(ADMIN_ROLE, "postgres"), autocommit=True) as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'"
            )
        with pytest.raises(StoreUnavailable, match="asked again"):
            await asleep
        assert await ask(store, "select 2") == 2


async def test_a_full_disk_keeps_nothing_half_and_needs_no_restart(small_disk: Path) -> None:
    grow = (
        "insert into app.synonym select 'anna', g || repeat('x', 500), '' from generate_series(1, %(rows)s) g"
    )
    with EmbeddedPostgres(small_disk) as server:
        migrate(server.dsn(OWNER_ROLE))
        keep_segments(server)
        async with await Store.open(server.dsn()) as store:
            ballast = fill(small_disk, but=30 * 2**20)
            with pytest.raises(StoreUnavailable, match="disk is full; free some space"):
                await remember(store, grow, 200_000)
            assert await ask(store, "select count(*) from app.synonym") == 0
            os.unlink(ballast)
            await remember(store, grow, 20)
            assert await ask(store, "select count(*) from app.synonym") == 20


def keep_segments(server: EmbeddedPostgres) -> None:
    """Have segments of the log at hand, as a server has that ran for a while: Postgres ends where it needs a
    new one and finds no room, wherever its log happens to stand."""
    with psycopg.connect(server.dsn(ADMIN_ROLE, "postgres"), autocommit=True) as admin:
        for _ in range(5):
            admin.execute("select pg_logical_emit_message(false, 'test', 'more')")
            admin.execute("select pg_switch_wal()")
        admin.execute("checkpoint")


def fill(disk: Path, *, but: int) -> Path:
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(disk).free - but))
    return ballast


async def remember(store: Store, sql: str, rows: int) -> None:
    async with store.remembering(ANNA) as tx:
        await tx.execute(sql, {"rows": rows})


async def test_a_store_without_a_schema_names_the_remedy(server: EmbeddedPostgres) -> None:
    with pytest.raises(ConfigurationError, match="migrations first"):
        await Store.open(server.dsn(database="postgres"))


async def test_address_where_nothing_listens_is_named_at_once() -> None:
    """The message has host, port and reason, no password, and does not wait for a pool."""
    async with asyncio.timeout(3):
        with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1.*port 1 .*correct its address") as refused:
            await Store.open("postgresql://plantwright_app:hidden@127.0.0.1:1/plantwright")
    assert "hidden" not in str(refused.value)
