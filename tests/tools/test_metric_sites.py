"""Metric queries over several sites: currencies stay apart, and each record says where it is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest

from erp_adapters.store import Store
from tests.tools.asking import Asking, by, column
from tests.tools.plant import BOTH, Builder, build
from tools.metrics.tool import query_metrics

STOCK_VALUE = [{"name": "worth", "metric": "stock_value"}]
AT_KASSEL = [{"test": "value", "path": "site.name", "values": ["Kassel"]}]


@pytest.fixture(scope="module")
def two_currencies(owner_dsn: str, dsn: str) -> str:
    """Address of the plants of Kassel and Lyon, where Lyon keeps its books in francs."""
    build(owner_dsn)
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("alter table erp.site no force row level security")
        connection.execute("update erp.site set currency = 'CHF' where site = 'LY'")
        connection.execute("alter table erp.site force row level security")
        Builder(connection)(
            "stock", "LY", source_key="stock/LY", material_id="1-SADDLE", location_id="20", quantity=3
        )
    return dsn


@pytest.fixture
async def both(two_currencies: str) -> AsyncIterator[Asking]:
    """Somebody who sees both plants."""
    async with await Store.open(two_currencies) as store:
        yield Asking(store, BOTH)


async def test_money_of_different_currencies_is_split_and_named(both: Asking) -> None:
    """Euro and francs are never added, and every amount says which it is."""
    result = await both(query_metrics, measures=STOCK_VALUE)
    assert by(result.tables[0], "site_id", "currency") == {"KS": "EUR", "LY": "CHF"}
    assert "Each amount is in its own currency; they are not converted." in result.caveats


async def test_money_of_one_site_carries_its_currency(both: Asking) -> None:
    """A filter on the site is enough: no split, and the unit is that site's."""
    result = await both(query_metrics, measures=STOCK_VALUE, where=AT_KASSEL)
    assert [each.unit for each in result.tables[0].columns] == ["EUR"]


async def test_listed_records_say_their_site(both: Asking) -> None:
    """What two sites both keep is not shown twice without a difference."""
    listed = await both(query_metrics, rows_of="material")
    assert set(column(listed.tables[0], "site_name")) == {"Kassel", "Lyon"}
    assert "site" not in listed.reading
    at_one = await both(query_metrics, rows_of="material", where=AT_KASSEL)
    assert "site_name" not in [each.name for each in at_one.tables[0].columns]


async def test_counts_over_sites_say_that_shared_things_count_twice(both: Asking) -> None:
    """The gift box, kept at both plants, is two materials of the count."""
    result = await both(query_metrics, rows_of="material", output="count")
    assert any("counts twice" in caveat for caveat in result.caveats)
    at_one = await both(query_metrics, rows_of="material", output="count", where=AT_KASSEL)
    assert at_one.caveats == ()
