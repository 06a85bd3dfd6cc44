"""Ageing, cost roll-ups, reliability and contract prices of the demo against statements of the test's own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.tools.asking import ENTER_TWO_PLANTS, Asking, by, column, number, of_two_plants
from tests.tools.conftest import Select
from tools.ageing import inventory_ageing
from tools.contract_prices import price_against_contract
from tools.cost_build_up import cost_build_up
from tools.errors import ToolError
from tools.reliability import supplier_reliability
from tools.results import Table


@pytest.fixture
async def planner(demo_store: Store) -> Asking:
    """A planner of two plants."""
    return Asking(demo_store, of_two_plants(await demo_store.caller("planner")))


@pytest.fixture
def in_demo(demo: Database) -> Select:
    """Rows of the demo by a statement of the test's own."""

    def rows(statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(demo.dsn()) as connection:
            connection.execute(ENTER_TWO_PLANTS)
            return [tuple(row) for row in connection.execute(statement.encode()).fetchall()]

    return rows


def _numbers(table: Table, name: str) -> list[Decimal]:
    """A column's numbers, without what is missing."""
    return [each for each in column(table, name) if isinstance(each, Decimal)]


def _ages(table: Table) -> list[Decimal]:
    """The sum of each row's buckets."""
    names = [each.name for each in table.columns if each.name.startswith("age_")]
    rows = zip(*(_numbers(table, name) for name in names), strict=True)
    return [sum(row, Decimal(0)) for row in rows]


@pytest.mark.parametrize("group", ["site", "location", "category"])
async def test_ages_tie_to_the_stock(planner: Asking, in_demo: Select, group: str) -> None:
    """Value and quantity of all buckets are those of the stock, by whatever they are shown."""
    result = await planner(inventory_ageing, by=group)
    by_value, by_unit, _ = result.tables
    assert _ages(by_value) == pytest.approx(column(by_value, "total"), abs=Decimal("0.0001"))
    value: dict[str, Decimal] = {}
    for site, total in zip(column(by_value, "site"), column(by_value, "total"), strict=True):
        assert isinstance(total, Decimal)
        value[str(site)] = value.get(str(site), Decimal(0)) + total
    wanted = in_demo(
        "select t.name, sum(quantity * coalesce(standard_cost, 0)) from erp.stock s"
        " join erp.material using (site, material_id) join erp.site t using (site) group by 1"
    )
    assert value == {site: pytest.approx(total, abs=Decimal("0.0001")) for site, total in wanted}
    units = in_demo(
        "select coalesce(s.unit, base_unit), sum(quantity) from erp.stock s"
        " join erp.material using (site, material_id) group by 1"
    )
    assert by(by_unit, "unit", "total") == dict(units)


async def test_excess_is_over_the_days_asked_for(planner: Asking) -> None:
    """Fewer days of cover leave more excess; amounts of both currencies stand apart."""
    few = await planner(inventory_ageing, cover_days=10)
    many = await planner(inventory_ageing, cover_days=400)
    of = [[f.value for f in result.figures if f.label == "excess value"] for result in (few, many)]
    assert len(of[0]) == len(of[1]) == 2
    assert all(one > other for one, other in zip(*of, strict=True))


async def test_movements_that_begin_later_are_not_comparable(demo_copy: Database) -> None:
    with psycopg.connect(demo_copy.dsn(OWNER_ROLE), autocommit=True) as connection:
        connection.execute("delete from erp.stock_movement where site = 'GRV' and moved_on < '2026-01-01'")
    async with await Store.open(demo_copy.dsn()) as store:
        result = await Asking(store, await store.caller("planner"))(inventory_ageing)
    (finding,) = result.not_comparable
    assert finding.rule == "movements_from"
    assert "2026-01 at Greenville" in finding.reason
    assert "age_unknown" in [each.name for each in result.tables[0].columns]


async def test_receipts_are_judged_as_by_hand(planner: Asking, in_demo: Select) -> None:
    """On time and in full of all lines that came or are overdue, both sites of a supplier together."""
    result = await planner(supplier_reliability, limit=200)
    wanted = in_demo(
        "select s.name, 100.0 * count(*) filter (where received_on <= due_on and received >= ordered)"
        " / count(*) from erp.purchase_line l join erp.purchase_order o using (site, order_id)"
        " join erp.supplier s using (site, supplier_id) join erp.site t using (site)"
        " where o.status <> 'rejected' and due_on is not null"
        " and (received_on is not null or due_on < (as_of at time zone time_zone)::date) group by 1"
    )
    found = by(result.tables[0], "supplier", "both")
    assert found == {name: pytest.approx(share, abs=Decimal("0.001")) for name, share in wanted}
    assert column(result.tables[0], "both")[0] == min(share for share in found.values() if share is not None)
    shared = in_demo("select name from erp.supplier group by name having count(distinct site) > 1")
    sites = by(result.tables[0], "supplier", "sites")
    assert all("," in str(sites[name]) for (name,) in shared if name in sites)


async def test_one_supplier_has_its_figures(planner: Asking, in_demo: Select) -> None:
    ((name,),) = in_demo(
        "select s.name from erp.purchase_order join erp.supplier s using (site, supplier_id)"
        " order by 1 limit 1"
    )
    result = await planner(supplier_reliability, supplier=name)
    assert [each.label for each in result.figures][:2] == ["suppliers", "receipts"]
    assert column(result.tables[0], "supplier") == [name]
    low, both, high = (_numbers(result.tables[0], each)[0] for each in ("low", "both", "high"))
    assert low <= both <= high


async def test_few_receipts_are_said_to_be_few(planner: Asking) -> None:
    result = await planner(supplier_reliability, since="2026-03-20")
    assert any("which is few" in caveat for caveat in result.caveats)


async def test_contract_lines_are_judged_as_by_hand(planner: Asking, in_demo: Select) -> None:
    """Money above contract, for lines of contracts that were valid on the day of their order."""
    result = await planner(price_against_contract, site="Kassel")
    wanted = in_demo(
        "select count(*), sum(greatest(paid - c.unit_price, 0) * l.ordered) from erp.purchase_line l"
        " join erp.purchase_order o using (site, order_id)"
        " join erp.contract c on c.site = l.site and c.supplier_id = o.supplier_id"
        " and c.material_id = l.material_id and o.ordered_on between c.valid_from and c.valid_to"
        " cross join lateral (select coalesce((select sum(amount) / sum(quantity) from erp.supplier_invoice i"
        " where i.site = l.site and i.line_id = l.line_id and quantity > 0), l.unit_price) as paid) p"
        " where l.site = 'KAS' and o.status <> 'rejected'"
    )
    first = result.tables[0]
    assert first.rows[0][:2] == ("contract", wanted[0][0])
    assert by(first, "basis", "over")["contract"] == pytest.approx(wanted[0][1], abs=Decimal("0.001"))


async def test_a_period_limits_lines_and_not_what_a_contract_used(planner: Asking) -> None:
    whole = await planner(price_against_contract, site="Kassel")
    part = await planner(price_against_contract, site="Kassel", since="2026-03-01", over_only=True)
    assert number(part, "order lines") < number(whole, "order lines")
    assert part.tables[2].rows == whole.tables[2].rows
    assert all(stake > 0 for stake in _numbers(part.tables[1], "at_stake"))


async def test_costs_of_all_made_materials_tie_out(planner: Asking, in_demo: Select) -> None:
    """The lines of each add up to its cost, and the reasons to its difference from the held one."""
    for site, name in in_demo(
        "select distinct site, m.name from erp.bom_item b join erp.material m using (site)"
        " where m.material_id = b.parent_id"
    ):
        result = await planner(cost_build_up, material=name, site=site)
        lines, levels, why = result.tables
        rolled = number(result, "rolled up")
        total = sum((each for each in column(lines, "amount") if isinstance(each, Decimal)), Decimal(0))
        assert total == pytest.approx(rolled, abs=Decimal("1e-8"))
        assert levels.rows[0][-3] == rolled
        held = levels.rows[0][-2]
        reasons = sum((each for each in column(why, "amount") if isinstance(each, Decimal)), Decimal(0))
        if isinstance(held, Decimal):
            assert reasons == pytest.approx(held - rolled, abs=Decimal("1e-8"))


async def test_a_bought_material_has_no_roll_up(planner: Asking, in_demo: Select) -> None:
    ((name,),) = in_demo("select name from erp.material where site = 'KAS' and is_made is false limit 1")
    result = await planner(cost_build_up, material=name, site="KAS")
    assert result.sentence.startswith("It has neither a bill of materials nor a routing")


async def test_a_larger_lot_costs_less(planner: Asking, in_demo: Select) -> None:
    ((name,),) = in_demo(
        "select m.name from erp.material m join erp.routing_operation r using (site, material_id)"
        " where site = 'KAS' and setup_minutes > 0 limit 1"
    )
    one, many = [
        number(await planner(cost_build_up, material=name, site="KAS", lot_size=lot), "rolled up")
        for lot in (1, 1000)
    ]
    assert one > many


@pytest.mark.parametrize(
    "tool", [inventory_ageing, supplier_reliability, price_against_contract], ids=lambda tool: tool.name
)
async def test_another_site_is_not_there(demo_store: Store, tool: Any) -> None:
    """Neither by name nor in what is shown of all sites."""
    kassel = Asking(demo_store, await demo_store.caller("planner.kassel"))
    with pytest.raises(ToolError, match="no site 'Greenville'"):
        await kassel(tool, site="Greenville")
    assert "Greenville" not in repr((await kassel(tool)).tables)
