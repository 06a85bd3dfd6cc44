"""A result names the records that it leaves out, and the conditions that it could not apply."""

from __future__ import annotations

from tests.tools.asking import Asking
from tests.tools.conftest import Select
from tests.tools.metrics.questions import metric, named, period
from tools.metrics.tool import query_metrics
from tools.results import ToolResult

ORDERS = metric("n", "work_order_count")


def left_out(result: ToolResult) -> list[str]:
    return [caveat for caveat in result.caveats if caveat.endswith("left out.")]


async def test_records_without_a_group_are_counted(at_kassel: Asking, in_demo: Select) -> None:
    """As many as the table and all records differ by."""
    result = await at_kassel(query_metrics, measures=[ORDERS], by=[{"entity": "scrap_reason"}])
    ((number,),) = in_demo(
        "select count(*) from erp.production_order where site = 'KAS' and scrap_reason_id is null"
    )
    assert number
    assert left_out(result) == [f"{number} work orders have no scrap reason and are left out."]
    kept = await at_kassel(query_metrics, measures=[ORDERS], by=[{"entity": "scrap_reason", "missing": True}])
    assert left_out(kept) == []
    assert (
        sum(row[-1] for row in kept.tables[0].rows) - sum(row[-1] for row in result.tables[0].rows) == number
    )


async def test_only_records_that_a_measure_sees_are_counted(at_kassel: Asking, in_demo: Select) -> None:
    """A metric's own filter, the query's conditions and its period apply to what is left out too."""
    result = await at_kassel(
        query_metrics,
        measures=[metric("n", "scrap_order_count", where=[named("production_order", "late")])],
        by=[{"path": "material.colour"}],
        where=[period("2025-03-01", "2025-12-31", role="end")],
    )
    ((number,),) = in_demo(
        "select count(*) from erp.production_order w join erp.material m using (site, material_id)"
        " where site = 'KAS' and scrapped > 0 and end_on > due_on and m.colour is null"
        " and end_on between '2025-03-01' and '2025-12-31'"
    )
    assert left_out(result)[-1].startswith(f"{number} work orders have no colour") or number < 2


async def test_records_without_a_date_are_counted(at_kassel: Asking, in_demo: Select) -> None:
    """In a period, in groups of time, and in measures with a period of their own."""
    ((number,),) = in_demo("select count(*) from erp.production_order where site = 'KAS' and end_on is null")
    assert number > 1
    wanted = [f"{number} work orders have no end date and are left out."]
    dated = period("2025-01-01", role="end")
    for query in (
        {"measures": [ORDERS], "where": [dated]},
        {"measures": [ORDERS], "by": [{"grain": "month", "role": "end"}]},
        {"measures": [metric("n", "work_order_count", where=[dated])]},
        {"measures": [ORDERS], "where": [dated], "by": [{"grain": "month", "role": "end"}]},
        {"rows_of": "production_order", "where": [dated]},
    ):
        assert left_out(await at_kassel(query_metrics, **query)) == wanted


async def test_nothing_is_said_where_nothing_is_left_out(at_kassel: Asking) -> None:
    for query in (
        {"measures": [ORDERS]},
        {"measures": [ORDERS], "by": [{"entity": "site"}]},
        {"measures": [ORDERS], "by": [{"entity": "material"}]},
    ):
        assert left_out(await at_kassel(query_metrics, **query)) == []


async def test_a_condition_that_one_of_several_measures_lacks_is_named(at_kassel: Asking) -> None:
    """Stock has no dates: a period limits the orders beside it, and the result says so."""
    result = await at_kassel(
        query_metrics,
        measures=[ORDERS, metric("stock", "stock_quantity")],
        where=[period("2025-01-01", "2025-12-31")],
        by=[{"entity": "material"}],
    )
    assert "Stock records are not limited by this condition: in 2025." in result.caveats
