"""Money of sites with different currencies is never added silently, whatever the shape of the query."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.tools.asking import Asking, by, column
from tests.tools.conftest import Select
from tests.tools.metrics.questions import metric, value
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import Measure, MetricQuery
from tools.metrics.tool import query_metrics
from tools.results import Table, ToolResult

SPEND = metric("spend", "purchase_value")
APART = "Each amount is in its own currency; they are not converted."
ADDED = "Amounts of ledgers in different currencies are added as posted, without conversion."


def currencies(result: ToolResult) -> set[object]:
    return set(column(result.tables[0], "currency"))


def numbers(table: Table, name: str, currency: str) -> list[Decimal]:
    """One column's amounts in one currency."""
    rows = zip(column(table, name), column(table, "currency"), strict=True)
    return [amount for amount, of in rows if of == currency and isinstance(amount, Decimal)]


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, entry in packaged_catalogue().metrics.items()
        if Compiler(packaged_catalogue()).adds_money(MetricQuery(measures=(Measure(name="m", metric=name),)))
    ],
)
async def test_every_metric_of_money_is_split_by_site(both: Asking, name: str) -> None:
    """Amounts and ratios of amounts alike: a row a site, each amount with its currency."""
    result = await both(query_metrics, measures=[metric("m", name)])
    assert "site" in [each.name for each in result.tables[0].columns]
    if packaged_catalogue().metrics[name].kind == "money" and len(result.tables[0].rows) > 1:
        assert currencies(result) == {"EUR", "USD"}
        assert APART in result.caveats


def test_metrics_of_amounts_are_known_as_such() -> None:
    """Whatever is shown as money adds money, and shares of amounts do too."""
    catalogue = packaged_catalogue()
    adds = {
        name
        for name in catalogue.metrics
        if Compiler(catalogue).adds_money(MetricQuery(measures=(Measure(name="m", metric=name),)))
    }
    money = {name for name, entry in catalogue.metrics.items() if entry.kind == "money"}
    assert money <= adds
    assert {"freight_share", "price_variance_rate", "plan_variance_pct"} <= adds
    assert not adds & {"work_order_count", "scrap_rate", "average_margin_pct", "average_price_gap"}


async def test_four_groupings_are_split_as_well(both: Asking) -> None:
    grains = [{"grain": grain} for grain in ("year", "quarter", "month", "weekday")]
    result = await both(query_metrics, measures=[SPEND], by=grains)
    assert currencies(result) == {"EUR", "USD"}


async def test_groups_by_currency_are_apart_already(both: Asking, in_demo: Select) -> None:
    result = await both(query_metrics, measures=[SPEND], by=[{"path": "site.currency"}])
    wanted = in_demo(
        "select s.currency, sum(subtotal) from erp.purchase_order join erp.site s using (site) group by 1"
    )
    assert by(result.tables[0], "currency", "spend") == dict(wanted)


async def test_groups_over_countries_are_split(both: Asking) -> None:
    """A country says nothing of a currency."""
    result = await both(query_metrics, measures=[SPEND], by=[{"path": "supplier.name"}])
    assert currencies(result) == {"EUR", "USD"}


async def test_shares_are_of_amounts_in_the_same_currency(both: Asking) -> None:
    share = {"name": "share", "derive": "share_of_total", "of": ["spend"]}
    result = await both(query_metrics, measures=[SPEND, share], by=[{"entity": "supplier"}])
    for currency in ("EUR", "USD"):
        assert sum(numbers(result.tables[0], "share", currency)) == pytest.approx(
            Decimal(100), abs=Decimal("0.001")
        )


@pytest.mark.parametrize("output", ["top_share", "ties"])
async def test_tops_are_taken_in_each_currency(both: Asking, in_demo: Select, output: str) -> None:
    result = await both(
        query_metrics,
        measures=[SPEND],
        by=[{"entity": "supplier"}],
        order=[{"by": "spend"}],
        limit=1,
        output=output,
    )
    top = "top" if output == "top_share" else "spend"
    wanted = in_demo(
        "select currency, max(v) from (select s.currency, sum(subtotal) v from erp.purchase_order"
        " join erp.site s using (site) group by site, s.currency, supplier_id) x group by 1"
    )
    assert by(result.tables[0], "currency", top) == dict(wanted)


@pytest.mark.parametrize("output", ["top_share", "ties"])
async def test_tops_of_records_too(both: Asking, output: str) -> None:
    result = await both(
        query_metrics,
        rows_of="material",
        show=["material.list_price"],
        order=[{"by": "material.list_price"}],
        limit=3,
        output=output,
    )
    assert currencies(result) == {"EUR", "USD"}


@pytest.mark.parametrize("output", ["top_share", "ties"])
async def test_tops_of_a_ledger_in_another_currency(aw: Asking, output: str) -> None:
    """Canada's ledger is in its own dollars, whatever the site's are."""
    result = await aw(
        query_metrics,
        measures=[metric("actual", "actual_amount")],
        by=[{"grain": "month"}],
        where=[value("company.name", "Canadian Division")],
        order=[{"by": "actual"}],
        limit=3,
        output=output,
    )
    units = {column.unit for column in result.tables[0].columns if column.kind == "money"}
    assert units == {"CAD"}
    assert {figure.unit for figure in result.figures if figure.kind == "money"} == {"CAD"}


async def test_listed_amounts_have_their_currency(both: Asking) -> None:
    """A record's own amounts and what is rolled up to it are in its site's currency."""
    query: dict[str, Any] = {"rows_of": "material", "order": [{"by": "material_id"}]}
    for more in ({"show": ["material.list_price"]}, {"measures": [metric("v", "stock_value")]}):
        result = await both(query_metrics, **query, **more)
        sites = dict(
            zip(column(result.tables[0], "site_name"), column(result.tables[0], "currency"), strict=True)
        )
        assert sites == {"Kassel": "EUR", "Greenville": "USD"}
        assert APART in result.caveats


async def test_counts_and_quantities_are_not_split(both: Asking, in_demo: Select) -> None:
    result = await both(query_metrics, measures=[metric("n", "work_order_count")])
    assert result.tables[0].rows == tuple(in_demo("select count(*) from erp.production_order"))


async def test_one_site_has_one_currency(both: Asking, at_kassel: Asking) -> None:
    """By a condition or by scope: the unit, and no column of currencies."""
    of_one = await both(query_metrics, measures=[SPEND], where=[value("site.name", "Greenville")])
    assert [each.unit for each in of_one.tables[0].columns] == ["USD"]
    assert not set(of_one.caveats) & {APART, ADDED}
    seen = await at_kassel(query_metrics, measures=[SPEND])
    assert [each.unit for each in seen.tables[0].columns] == ["EUR"]


async def test_ledgers_by_company_keep_their_currencies(both: Asking, in_demo: Select) -> None:
    result = await both(query_metrics, measures=[metric("a", "actual_amount")], by=[{"entity": "company"}])
    wanted = in_demo("select company, currency from erp.ledger_line group by 1, 2")
    assert by(result.tables[0], "company_id", "currency") == dict(wanted)
    assert APART in result.caveats


async def test_ledgers_of_sites_are_split(both: Asking) -> None:
    result = await both(query_metrics, measures=[metric("a", "actual_amount")], by=[{"entity": "account"}])
    assert currencies(result) == {"EUR", "USD"}
    assert ADDED not in result.caveats


async def test_accounts_listed_with_amounts_keep_their_currencies(both: Asking) -> None:
    result = await both(query_metrics, rows_of="account", measures=[metric("a", "actual_amount")])
    assert currencies(result) - {None} == {"EUR", "USD"}


@pytest.mark.parametrize("name", ["actual_amount", "plan_variance_pct"])
async def test_ledgers_of_one_site_are_added_with_a_word(adventureworks_store: Any, name: str) -> None:
    """Organisations of AdventureWorks post in their own currencies: added as posted, and said so."""
    asking = Asking(adventureworks_store, await adventureworks_store.caller("planner"))
    result = await asking(query_metrics, measures=[metric("a", name)])
    assert ADDED in result.caveats
    assert result.tables[0].columns[0].unit != "mixed"
