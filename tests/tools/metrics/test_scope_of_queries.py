"""Somebody of one site gets that site's figures, however the query is put."""

from __future__ import annotations

from typing import Any

import pytest

from erp_adapters.caller import Caller
from tests.tools.asking import Asking
from tests.tools.conftest import Select
from tests.tools.metrics.questions import metric, related, value
from tools.metrics.tool import query_metrics

ORDERS = metric("n", "work_order_count")


async def test_totals_are_of_the_callers_site(at_kassel: Asking, both: Asking, in_demo: Select) -> None:
    result = await at_kassel(query_metrics, measures=[ORDERS])
    assert result.tables[0].rows == tuple(
        in_demo("select count(*) from erp.production_order where site = 'KAS'")
    )
    assert result.tables[0].rows != (await both(query_metrics, measures=[ORDERS])).tables[0].rows


@pytest.mark.parametrize(
    "where",
    [
        value("site.site", "GRV"),
        value("site.name", "Greenville"),
        value("site.currency", "USD"),
        value("site.site", "KAS", op="<>"),
        {"test": "contains", "path": "site.name", "text": "green"},
    ],
)
async def test_another_site_is_empty(at_kassel: Asking, where: dict[str, Any]) -> None:
    """No rows in any shape, and no word of the other site but those of the question."""
    counted = await at_kassel(query_metrics, measures=[ORDERS], where=[where])
    assert counted.tables[0].rows == ((0,),)
    for query in (
        {"rows_of": "material"},
        {"measures": [ORDERS], "by": [{"entity": "site"}]},
        {"measures": [metric("m", "stock_value")], "by": [{"entity": "material"}]},
        {"rows_of": "company", "measures": [metric("a", "actual_amount")]},
    ):
        result = await at_kassel(query_metrics, **query, where=[where])
        assert result.tables[0].rows == ()
        assert "Greenville" not in repr((result.sentence, result.caveats, result.evidence[0].sources))


async def test_groups_and_lists_name_no_other_site(at_kassel: Asking) -> None:
    for query in (
        {"rows_of": "site"},
        {"measures": [ORDERS], "by": [{"entity": "site"}]},
        {"measures": [metric("a", "actual_amount")], "by": [{"entity": "company"}]},
        {"rows_of": "material", "show": ["site.name"], "where": [related("production_order")]},
    ):
        said = repr((await at_kassel(query_metrics, **query)).tables)
        assert "Greenville" not in said
        assert "GRV" not in said
        assert "USD" not in said


async def test_a_caller_of_nothing_gets_nothing(both: Asking) -> None:
    nobody = Asking(both.store, Caller("nemo", "Nemo", frozenset(), frozenset(), frozenset()))
    assert (await nobody.unchecked(query_metrics, measures=[ORDERS])).tables[0].rows == ((0,),)
    assert (await nobody.unchecked(query_metrics, rows_of="material")).tables[0].rows == ()
