"""One embedded Postgres for a whole test run, and databases cloned from templates that are built once."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from server.settings import one_thread_a_question

one_thread_a_question()

from erp_adapters.errors import CopilotError  # noqa: E402
from erp_adapters.store import (  # noqa: E402
    ADMIN_ROLE,
    APP_ROLE,
    OWNER_ROLE,
    EmbeddedPostgres,
    Store,
    make_demo_home,
    migrate,
    provision,
)

ADVENTUREWORKS = Path(__file__).resolve().parents[2] / "shared" / "data" / "adventureworks"

# The workers of a parallel run inherit it, and so find the server that they share.
_RUN = "PLANTWRIGHT_TEST_RUN"
_FOLDERS = "plantwright-tests-"
_TEMPLATE_LOCK = 0x7465
# Fixtures behind which a program starts, however a test comes to them.
_SERVERS = frozenset({"postgres", "sap", "sap_rfc"})


@dataclass(frozen=True, slots=True)
class Database:
    """A database of the test run's server."""

    server: EmbeddedPostgres
    name: str

    def dsn(self, role: str = APP_ROLE) -> str:
        return self.server.dsn(role, self.name)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[_RUN] = uuid.uuid4().hex[:12]
        _sweep()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(_folder(), ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts a server is slow: `make check` has two minutes, and fills no database."""
    for item in items:
        if isinstance(item, pytest.Function) and not _SERVERS.isdisjoint(item.fixturenames):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The server of this test run, shared by its workers; the last one stops it."""
    with EmbeddedPostgres(_folder(), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def empty_template(postgres: EmbeddedPostgres) -> str:
    """Name of a migrated database without rows."""
    return _template(postgres, "t_empty", lambda dsn: None)


@pytest.fixture(scope="session")
def adventureworks_template(postgres: EmbeddedPostgres) -> str:
    """Name of a demo home's database with AdventureWorks; skips where the data is not there."""
    if not ADVENTUREWORKS.is_dir():
        pytest.skip(f"AdventureWorks is not there: put its CSV files into {ADVENTUREWORKS}")
    from erp_adapters.adventureworks.adapter import import_adventureworks
    from erp_adapters.demo.erp import fill as fill_demo_erp

    def fill(owner_dsn: str) -> None:
        asyncio.run(import_adventureworks(owner_dsn, ADVENTUREWORKS))
        make_demo_home(owner_dsn)
        fill_demo_erp(owner_dsn)

    return _template(postgres, "t_adventureworks", fill)


@pytest.fixture(scope="session")
def demo_template(postgres: EmbeddedPostgres) -> str:
    """Name of a database with the built-in demo: eight small plants with six currencies."""
    from erp_adapters.demo.adapter import build_demo

    def fill(owner_dsn: str) -> None:
        asyncio.run(build_demo(owner_dsn, size="small"))

    return _template(postgres, "t_demo", fill)


@pytest.fixture(scope="module")
def database(postgres: EmbeddedPostgres, empty_template: str) -> Iterator[Database]:
    """An empty migrated database of this module's own."""
    with _clone(postgres, empty_template) as database:
        yield database


@pytest.fixture(scope="module")
def second_database(postgres: EmbeddedPostgres, empty_template: str) -> Iterator[Database]:
    """Another empty migrated database of this module's own."""
    with _clone(postgres, empty_template) as database:
        yield database


@pytest.fixture
def bare_database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """A database with roles and extensions and no schema yet."""
    database = Database(postgres, f"test_{uuid.uuid4().hex[:12]}")
    provision(postgres.dsn(ADMIN_ROLE, "postgres"), database.name)
    yield database
    _drop(database)


@pytest.fixture(scope="module")
def dsn(database: Database) -> str:
    """Address of the module's database for the application's role."""
    return database.dsn()


@pytest.fixture(scope="module")
def owner_dsn(database: Database) -> str:
    """Address of the module's database for the role that migrates and loads."""
    return database.dsn(OWNER_ROLE)


@pytest.fixture
async def store(dsn: str) -> AsyncIterator[Store]:
    """The store of the module's database."""
    async with await Store.open(dsn) as store:
        yield store


@pytest.fixture(scope="session")
def adventureworks(postgres: EmbeddedPostgres, adventureworks_template: str) -> Iterator[Database]:
    """This worker's own AdventureWorks, shared by its tests: they read, or put back what they change."""
    with _clone(postgres, adventureworks_template) as database:
        yield database


@pytest.fixture(scope="session")
def adventureworks_dsn(adventureworks: Database) -> str:
    """Address of this worker's AdventureWorks for the application's role."""
    return adventureworks.dsn()


@pytest.fixture
async def adventureworks_store(adventureworks_dsn: str) -> AsyncIterator[Store]:
    """The store of this worker's AdventureWorks."""
    async with await Store.open(adventureworks_dsn) as store:
        yield store


@pytest.fixture(scope="session")
def demo(postgres: EmbeddedPostgres, demo_template: str) -> Iterator[Database]:
    """This worker's own demo, shared by its tests: they read, or put back what they change."""
    with _clone(postgres, demo_template) as database:
        yield database


@pytest.fixture(scope="module")
def demo_apart(postgres: EmbeddedPostgres, demo_template: str) -> Iterator[Database]:
    """A demo of this module's own, which may write to it."""
    with _clone(postgres, demo_template) as database:
        yield database


@pytest.fixture
def demo_copy(postgres: EmbeddedPostgres, demo_template: str) -> Iterator[Database]:
    """A demo for one test, which may break it."""
    with _clone(postgres, demo_template) as database:
        yield database


@pytest.fixture(scope="session")
def demo_dsn(demo: Database) -> str:
    """Address of this worker's demo for the application's role."""
    return demo.dsn()


@pytest.fixture
async def demo_store(demo_dsn: str) -> AsyncIterator[Store]:
    """The store of this worker's demo."""
    async with await Store.open(demo_dsn) as store:
        yield store


def _folder() -> Path:
    # Not pytest's temporary folder: root's is closed to the account that the server runs under.
    return Path(tempfile.gettempdir()) / f"{_FOLDERS}{os.environ[_RUN]}"


def _sweep() -> None:
    """Stop servers and delete folders of runs that were killed: nobody holds their lock any more."""
    for left in Path(tempfile.gettempdir()).glob(f"{_FOLDERS}*/users.lock"):
        with contextlib.suppress(OSError), left.open("ab") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(handle, fcntl.LOCK_UN)
            server = EmbeddedPostgres(left.parent, durable=False)
            # A run that was killed while it deleted its folder leaves files that no server starts on.
            with contextlib.suppress(psycopg.Error, CopilotError):
                server.start()
                server.stop()
            shutil.rmtree(left.parent, ignore_errors=True)


def _template(server: EmbeddedPostgres, name: str, fill: Callable[[str], None]) -> str:
    """Build a template database unless another worker has; under its name only when it is complete."""
    with psycopg.connect(server.dsn(ADMIN_ROLE, "postgres"), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (_TEMPLATE_LOCK,))
        if not connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
            connection.execute(f"drop database if exists {name}_new with (force)")
            provision(server.dsn(ADMIN_ROLE, "postgres"), f"{name}_new")
            owner_dsn = server.dsn(OWNER_ROLE, f"{name}_new")
            migrate(owner_dsn)
            fill(owner_dsn)
            connection.execute(f"alter database {name}_new rename to {name}")
    return name


@contextlib.contextmanager
def _clone(server: EmbeddedPostgres, template: str) -> Iterator[Database]:
    database = Database(server, f"test_{uuid.uuid4().hex[:12]}")
    with psycopg.connect(server.dsn(ADMIN_ROLE, "postgres"), autocommit=True) as connection:
        connection.execute(
            f"create database {database.name} owner {OWNER_ROLE} template {template} strategy file_copy"
        )
    try:
        yield database
    finally:
        _drop(database)


def _drop(database: Database) -> None:
    with psycopg.connect(database.server.dsn(ADMIN_ROLE, "postgres"), autocommit=True) as connection:
        connection.execute(f"drop database {database.name} with (force)")
