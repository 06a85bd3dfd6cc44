"""Amounts of several sites in one currency: at which rates, and what is left out for want of one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.tools.asking import Asking, by, column, of_two_plants
from tests.tools.conftest import Select
from tests.tools.metrics.questions import metric, value
from tools.errors import NotRecorded
from tools.languages import speaking
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import Measure, MetricQuery
from tools.metrics.tool import query_metrics

SPEND = metric("spend", "purchase_value")
PLAN = "(select min(plan_rate) from erp.fx_rate where site = 'GRV' and to_currency = 'EUR')"


def _adds_money(name: str) -> bool:
    return Compiler(packaged_catalogue()).adds_money(MetricQuery(measures=(Measure(name="m", metric=name),)))


@pytest.mark.parametrize("name", [name for name in packaged_catalogue().metrics if _adds_money(name)])
async def test_every_amount_is_converted_once(both: Asking, in_demo: Select, name: str) -> None:
    """At one constant rate an amount is that many times itself, and a ratio of amounts stays what it is."""
    at = value("site.name", "Greenville")
    own = await both(query_metrics, measures=[metric("m", name)], where=[at])
    converted = await both(
        query_metrics, measures=[metric("m", name)], where=[at], currency="EUR", rates="constant"
    )
    ((rate,),) = in_demo(f"select {PLAN}")
    before, after = own.tables[0].rows[0][0], converted.tables[0].rows[0][0]
    money = packaged_catalogue().metrics[name].kind == "money"
    if before is None:
        assert after is None
        return
    assert isinstance(before, Decimal)
    assert after == pytest.approx(before * (rate if money else 1), rel=Decimal("1e-6"), abs=Decimal("1e-5"))
    if money:
        assert [each.unit for each in converted.tables[0].columns] == ["EUR"]


async def test_amounts_of_all_sites_are_one(both: Asking, in_demo: Select) -> None:
    """Each order at the average rate of its own day, or of the last day before it that had one."""
    result = await both(query_metrics, measures=[SPEND], currency="EUR")
    wanted = in_demo(
        "select sum(subtotal * case when o.site = 'KAS' then 1 else (select average_rate from erp.fx_rate r"
        " where r.site = o.site and to_currency = 'EUR' and valid_on <= ordered_on"
        " order by valid_on desc limit 1) end) from erp.purchase_order o"
    )
    assert result.tables[0].rows[0][0] == pytest.approx(wanted[0][0], abs=Decimal("0.00001"))
    assert "in EUR at average rates of the day or month" in result.reading
    rates = result.tables[-1]
    assert rates.title == "Rates used"
    assert column(rates, "from_currency") == ["USD"]


async def test_what_is_there_now_is_converted_at_closing_rates(both: Asking, in_demo: Select) -> None:
    result = await both(query_metrics, measures=[metric("v", "stock_value")], currency="USD")
    wanted = in_demo(
        "select sum(quantity * standard_cost * case when s.site = 'GRV' then 1 else (select closing_rate"
        " from erp.fx_rate r where r.site = s.site and to_currency = 'USD' order by valid_on desc limit 1)"
        " end) from erp.stock s join erp.material using (site, material_id)"
    )
    assert result.tables[0].rows[0][0] == pytest.approx(wanted[0][0], abs=Decimal("0.00001"))
    assert "in USD at closing rates" in result.reading


async def test_months_of_a_ledger_are_converted_at_the_average_of_the_month(
    both: Asking, in_demo: Select
) -> None:
    result = await both(
        query_metrics,
        measures=[metric("a", "actual_amount")],
        where=[value("site.name", "Greenville")],
        by=[{"grain": "month"}],
        currency="EUR",
    )
    wanted = in_demo(
        "select to_char(month, 'YYYY-MM'), sum(amount) * (select avg(average_rate) from erp.fx_rate r where"
        " site = 'GRV' and to_currency = 'EUR' and to_char(valid_on, 'YYYY-MM') = to_char(month, 'YYYY-MM'))"
        " from erp.ledger_period where site = 'GRV' and scenario = 'actual' group by month"
    )
    # The ledger begins a month before the rates do.
    known = {month: pytest.approx(amount, abs=Decimal("0.001")) for month, amount in wanted if amount}
    assert by(result.tables[0], "month", "a") == known
    assert any("there is no average rate" in caveat for caveat in result.caveats)


async def test_constant_rates_say_their_year(both: Asking) -> None:
    """The year is told from the data, and a year without plan rates is refused by name."""
    result = await both(query_metrics, measures=[SPEND], currency="EUR", rates="constant")
    assert "in EUR at constant plan rates of 2026" in result.reading
    assert '"rates_of": 2026' in result.evidence[0].arguments
    with pytest.raises(NotRecorded, match="No plan rate from USD to EUR"):
        await both(
            query_metrics,
            measures=[SPEND],
            where=[value("site.name", "Greenville")],
            currency="EUR",
            rates="constant",
            rates_of=1995,
        )


async def test_a_currency_without_rates_is_refused(both: Asking) -> None:
    with pytest.raises(NotRecorded, match="to XXX"):
        await both(query_metrics, measures=[SPEND], currency="XXX")


async def test_the_reading_says_so_in_german(both: Asking) -> None:
    with speaking("de"):
        result = await both.unchecked(query_metrics, measures=[SPEND], currency="EUR", rates="constant")
    assert "in EUR zu konstanten Plankursen von 2026" in result.reading


async def test_another_currency_is_offered_where_amounts_stay_apart(both: Asking, at_kassel: Asking) -> None:
    apart = await both(query_metrics, measures=[SPEND])
    assert "The same in EUR" in apart.suggestions
    assert not (await at_kassel(query_metrics, measures=[SPEND])).suggestions


async def test_ledgers_in_other_currencies_are_crossed(demo_copy: Database) -> None:
    """A subsidiary posts in its own currency at a site that keeps rates from dollars only."""
    _sql(demo_copy, "update erp.ledger_period set currency = 'GBP' where site = 'GRV'")
    async with await Store.open(demo_copy.dsn()) as store:
        asking = Asking(store, of_two_plants(await store.caller("planner")))
        result = await asking(
            query_metrics,
            measures=[metric("a", "actual_amount")],
            where=[value("site.name", "Greenville")],
            currency="EUR",
            rates="constant",
        )
    quote = "(select min(plan_rate) from erp.fx_rate where site = 'GRV' and to_currency = '{}')"
    wanted = _rows(
        demo_copy,
        f"select sum(amount) * {quote.format('EUR')} / {quote.format('GBP')}"
        " from erp.ledger_period where site = 'GRV' and scenario = 'actual'",
    )
    assert result.tables[0].rows[0][0] == pytest.approx(wanted[0][0], rel=Decimal("1e-9"))
    assert column(result.tables[-1], "from_currency") == ["GBP"]


async def test_a_ledger_before_all_rates_is_refused(adventureworks_store: Store) -> None:
    """Its rates begin years after Canada's ledger: no amount of it can be converted."""
    asking = Asking(adventureworks_store, await adventureworks_store.caller("planner"))
    with pytest.raises(NotRecorded, match="No average rate from CAD to USD"):
        await asking(
            query_metrics,
            measures=[metric("a", "actual_amount")],
            where=[value("company.name", "Canadian Division")],
            currency="USD",
        )


async def test_records_without_a_rate_are_left_out_and_counted(demo_copy: Database) -> None:
    """Where a site's rates begin late, earlier records have none; nothing is converted at a guess."""
    _sql(demo_copy, "delete from erp.fx_rate where site = 'GRV' and valid_on < '2026-03-01'")
    async with await Store.open(demo_copy.dsn()) as store:
        asking = Asking(store, of_two_plants(await store.caller("planner")))
        result = await asking(query_metrics, measures=[SPEND], currency="EUR")
    early = _rows(
        demo_copy,
        "select count(*) from erp.purchase_order where site = 'GRV' and ordered_on < '2026-03-01'",
    )[0][0]
    assert early
    said = [caveat for caveat in result.caveats if "left out" in caveat]
    assert [caveat.split()[0].replace(",", "") for caveat in said] == [str(early)]
    assert "no average rate from USD to EUR" in said[0]
    kept = _rows(
        demo_copy,
        "select sum(subtotal) from erp.purchase_order where site = 'KAS' or ordered_on >= '2026-03-01'",
    )
    assert result.tables[0].rows[0][0] != kept[0][0]


async def test_intercompany_is_left_out_of_several_sites_and_kept_in_one(demo_copy: Database) -> None:
    """Both say so, with the amount; asked for, it is all there is."""
    chosen = "(select min(supplier_id) from erp.purchase_order where site = 'KAS')"
    _sql(
        demo_copy,
        f"update erp.supplier set group_company = 'GRV1' where site = 'KAS' and supplier_id = {chosen}",
    )
    of_group, outside = (
        _rows(
            demo_copy,
            "select sum(subtotal) from erp.purchase_order join erp.supplier using (site, supplier_id)"
            f" where site = 'KAS' and group_company is {which}",
        )[0][0]
        for which in ("not null", "null")
    )
    async with await Store.open(demo_copy.dsn()) as store:
        both = Asking(store, of_two_plants(await store.caller("planner")))
        kassel = Asking(store, await store.caller("planner.kassel"))
        apart = await both(query_metrics, measures=[SPEND])
        alone = await kassel(query_metrics, measures=[SPEND])
        only = await kassel(query_metrics, measures=[SPEND], intercompany="only")
        counted = await both(query_metrics, measures=[metric("n", "purchase_order_count")])
    assert by(apart.tables[0], "site", "spend")["Kassel"] == outside
    assert "without intercompany" in apart.reading
    left_out = next(table for table in apart.tables if table.title == "Intercompany, left out")
    assert by(left_out, "site", "spend") == {"Kassel": of_group}
    assert any("is left out; a table" in caveat for caveat in apart.caveats)
    assert alone.tables[0].rows[0][0] == outside + of_group
    assert "with intercompany" in alone.reading
    assert alone.tables[1].title == "Intercompany, included"
    assert only.tables[0].rows[0][0] == of_group
    assert "ntercompany" not in counted.reading


def _rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        return connection.execute(statement.encode()).fetchall()


def _sql(database: Database, statement: str) -> None:
    with psycopg.connect(database.dsn(OWNER_ROLE), autocommit=True) as connection:
        connection.execute(statement.encode())
