"""Somebody who asks: at AdventureWorks, and at two small plants."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.tools.asking import Asking
from tests.tools.plant import KASSEL, build

Select = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
async def aw(adventureworks_store: Store) -> Asking:
    """The planner of a demo home with AdventureWorks."""
    return Asking(adventureworks_store, await adventureworks_store.caller("planner"))


@pytest.fixture
def select(adventureworks: Database) -> Select:
    """Rows of AdventureWorks by a statement of the test's own, past every tool."""

    def rows(statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(adventureworks.dsn(OWNER_ROLE)) as connection:
            return [tuple(row) for row in connection.execute(statement.encode()).fetchall()]

    return rows


@pytest.fixture(scope="module")
def plants(owner_dsn: str, dsn: str) -> str:
    """Address of this module's database with the plants of Kassel and Lyon."""
    build(owner_dsn)
    return dsn


@pytest.fixture
async def asking(plants: str) -> AsyncIterator[Callable[[Caller], Asking]]:
    """Anybody at the plants."""
    async with await Store.open(plants) as store:
        yield lambda caller: Asking(store, caller)


@pytest.fixture
def kassel(asking: Callable[[Caller], Asking]) -> Asking:
    """The planner of Kassel."""
    return asking(KASSEL)
