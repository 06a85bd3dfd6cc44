"""People who ask metric queries: at two of the demo's plants, at one of them, and at AdventureWorks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE, EmbeddedPostgres, Store
from tests.conftest import Database
from tests.tools.asking import ENTER_TWO_PLANTS, Asking, of_two_plants
from tests.tools.conftest import Select


@pytest.fixture
async def both(demo_store: Store) -> Asking:
    """A planner of two plants: Kassel in euro, Greenville in dollars."""
    return Asking(demo_store, of_two_plants(await demo_store.caller("planner")))


@pytest.fixture
async def at_kassel(demo_store: Store) -> Asking:
    """The planner of Kassel alone."""
    return Asking(demo_store, await demo_store.caller("planner.kassel"))


@pytest.fixture
def home(request: pytest.FixtureRequest, postgres: EmbeddedPostgres) -> tuple[Database, str, str]:
    """Kassel or AdventureWorks, as the test says: the database, somebody there, and the site's code."""
    name, subject, site = {
        "demo": ("demo", "planner.kassel", "KAS"),
        "adventureworks": ("adventureworks", "planner", "AW"),
    }[request.param]
    return request.getfixturevalue(name), subject, site


@pytest.fixture
async def place(home: tuple[Database, str, str]) -> AsyncIterator[Asking]:
    """Somebody at that home."""
    database, subject, _ = home
    async with await Store.open(database.dsn()) as store:
        yield Asking(store, await store.caller(subject))


@pytest.fixture
def at_home(home: tuple[Database, str, str]) -> Iterator[Select]:
    """Rows of that home by a statement of the test's own; `:site` stands for its site's code."""
    database, _, site = home
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:

        def rows(statement: str) -> list[tuple[Any, ...]]:
            found = connection.execute(statement.replace(":site", f"'{site}'").encode())
            return [tuple(row) for row in found.fetchall()]

        yield rows


@pytest.fixture
def owner(demo: Database) -> Iterator[psycopg.Connection[Any]]:
    """The rows of the two plants, past every tool."""
    with psycopg.connect(demo.dsn()) as connection:
        connection.execute(ENTER_TWO_PLANTS)
        yield connection


@pytest.fixture
def in_demo(owner: psycopg.Connection[Any]) -> Select:
    """Rows of the demo by a statement of the test's own."""
    return lambda statement: [tuple(row) for row in owner.execute(statement.encode()).fetchall()]
