"""Age is told per source and site, from the last complete load, within the caller's scope."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import Store, freshness, new_id
from tests.erp_adapters.store.records import insert

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
KASSEL = Caller("anna", "Anna", frozenset(), frozenset({"KS"}), frozenset())


@pytest.fixture(scope="module", autouse=True)
def loads(owner_dsn: str) -> None:
    """Kassel: loaded twice, then a failure; Vienna: loaded once."""
    with psycopg.connect(owner_dsn) as connection:
        insert(connection, "site", "KS", "", "x", name="Kassel", as_of=NOON - timedelta(days=2))
        for site, hours, status in (
            ("KS", 9, "loaded"),
            ("KS", 5, "loaded"),
            ("KS", 1, "failed"),
            ("VI", 1, "loaded"),
        ):
            at = NOON - timedelta(hours=hours)
            insert(
                connection, "load", site, "", "x", source_system="erp", load_id=new_id(), status=status,
                started_at=at, finished_at=at, as_of=None, rows=hours,
            )  # fmt: skip


async def test_the_last_complete_load_counts(store: Store) -> None:
    async with store.reading(KASSEL) as tx:
        (found,) = await freshness(tx)
    assert (found.source_system, found.site, found.site_name, found.rows) == ("erp", "KS", "Kassel", 5)
    assert found.age(NOON) == timedelta(hours=5)
    assert found.data_as_of == NOON - timedelta(days=2)
    assert found.failed_at == NOON - timedelta(hours=1)


async def test_a_source_that_names_no_business_time_has_none(store: Store) -> None:
    vienna = Caller("vera", "Vera", frozenset(), frozenset({"VI"}), frozenset())
    async with store.reading(vienna) as tx:
        (found,) = await freshness(tx)
    assert (found.site_name, found.data_as_of, found.failed_at) == ("VI", None, None)
