"""Records beside what they refer to: looked-up prices, days between dates, and the latest of each thing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.asking import Asking
from tests.tools.conftest import Select
from tests.tools.metrics.questions import metric, related, value
from tests.tools.metrics.test_figures import plain
from tools.errors import QueryInvalid
from tools.languages import speaking
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import MetricQuery
from tools.metrics.tool import query_metrics
from tools.metrics.wording import Wording

LINES = (
    "from erp.purchase_line l join erp.purchase_order o using (site, order_id)"
    " join erp.supplier s using (site, supplier_id)"
)
CONTRACT = (
    " join lateral (select c.* from erp.contract c where (c.site, c.supplier_id, c.material_id)"
    " = (l.site, o.supplier_id, l.material_id) and o.ordered_on >= c.valid_from"
    " and (c.valid_to is null or o.ordered_on <= c.valid_to) order by c.valid_from desc limit 1) c on true"
)
ABOVE = {
    "records": "purchase_line",
    "name": "above_contract",
    "kind": "percent_above",
    "of": ["purchase_line.unit_price", "contract.unit_price"],
}
TOOK = {
    "records": "purchase_line",
    "name": "took",
    "kind": "minus",
    "of": ["purchase_line.received_on", "purchase_order.ordered_on"],
}


async def rows(asking: Asking, **query: Any) -> list[tuple[object, ...]]:
    """Cells of the answer's table, as floats or text."""
    return plain((await asking(query_metrics, **query)).tables[0].rows)


async def test_an_order_line_stands_beside_the_contract_in_force_when_it_was_ordered(
    at_kassel: Asking, in_demo: Select
) -> None:
    """The one that was valid on the day, not any of that supplier."""
    found = await rows(
        at_kassel,
        rows_of="purchase_line",
        show=["purchase_line.unit_price", "contract.unit_price", "supplier.country"],
        where=[
            {"test": "field", "path": "purchase_line.unit_price", "op": ">", "other": "contract.unit_price"}
        ],
    )
    wanted = plain(
        in_demo(
            f"select l.line_id, l.unit_price, c.unit_price, s.country {LINES} {CONTRACT}"
            " where l.site = 'KAS' and l.unit_price > c.unit_price"
        )
    )
    assert found
    assert sorted(map(repr, found)) == sorted(map(repr, wanted))


async def test_calculated_columns_are_shown_tested_and_averaged_as_any_other(
    at_kassel: Asking, in_demo: Select
) -> None:
    above = "100.0 * (l.unit_price - c.unit_price) / c.unit_price"
    found = await rows(
        at_kassel,
        measures=[
            {"name": "n", "count_of": "purchase_line"},
            {"name": "a", "field": "purchase_line.above_contract", "aggregate": "average"},
            {"name": "d", "field": "purchase_line.took", "aggregate": "maximum"},
        ],
        calculated=[ABOVE, TOOK],
        where=[value("purchase_line.above_contract", 2, op=">")],
    )
    wanted = plain(
        in_demo(
            f"select count(*), avg({above}), max(l.received_on - o.ordered_on) {LINES} {CONTRACT}"
            f" where l.site = 'KAS' and {above} > 2"
        )
    )
    assert wanted[0][0]
    assert found == [pytest.approx(wanted[0])]


async def test_figures_of_order_lines_stand_beside_the_contracts_and_info_records_they_fall_under(
    at_kassel: Asking, in_demo: Select
) -> None:
    found = await rows(at_kassel, rows_of="contract", measures=[metric("q", "purchased_quantity")])
    wanted = plain(
        in_demo(
            "select k.contract_id, coalesce(sum(x.ordered), 0) from erp.contract k left join"
            f" (select l.ordered, l.site, c.contract_id {LINES} {CONTRACT}) x using (site, contract_id)"
            " where k.site = 'KAS' group by 1"
        )
    )
    assert sorted(map(repr, found)) == sorted(map(repr, wanted))
    used = await at_kassel(
        query_metrics,
        measures=[{"name": "n", "count_of": "info_record"}],
        where=[related("purchase_line", where=[value("purchase_order.status", "approved")])],
    )
    assert plain(used.tables[0].rows) == plain(
        in_demo(
            "select count(*) from erp.info_record i where i.site = 'KAS' and exists (select 1"
            f" {LINES} where (l.site, l.material_id, o.supplier_id) = (i.site, i.material_id, i.supplier_id)"
            " and o.status = 'approved')"
        )
    )


async def test_the_latest_of_each_thing_is_one_whole_record(at_kassel: Asking, in_demo: Select) -> None:
    """Its price, its supplier and its day are of the same order; days that are missing are not the latest."""
    found = await rows(
        at_kassel,
        rows_of="purchase_line",
        show=["material.number", "purchase_line.unit_price", "supplier.name", "purchase_order.ordered_on"],
        order=[{"by": "purchase_order.ordered_on"}, {"by": "purchase_line.line_id"}],
        each={"of": ["material.material_id"]},
    )
    wanted = plain(
        in_demo(
            "select distinct on (l.material_id) l.line_id, m.number, l.unit_price, s.number, s.name,"
            f" o.ordered_on {LINES} join erp.material m on m.site = l.site and m.material_id = l.material_id"
            " where l.site = 'KAS' order by l.material_id, o.ordered_on desc, l.line_id desc"
        )
    )
    assert sorted(map(repr, found)) == sorted(map(repr, wanted))


async def test_the_largest_of_each_group_keeps_ties(both: Asking, in_demo: Select) -> None:
    """Of figures: the supplier that each plant bought most from; ids of two plants are not one thing."""
    found = await rows(
        both,
        measures=[{"name": "n", "count_of": "purchase_order"}],
        by=[{"entity": "site"}, {"entity": "supplier"}],
        order=[{"by": "n"}],
        each={"of": ["#1"]},
    )
    wanted = plain(
        in_demo(
            "select site, name, n from (select o.site, s.name, count(*) as n,"
            " rank() over (partition by o.site order by count(*) desc) as place from erp.purchase_order o"
            " join erp.supplier s using (site, supplier_id) where o.site in ('KAS', 'GRV')"
            " group by o.site, s.supplier_id, s.name) x where place = 1"
        )
    )
    assert {(row[0], row[-2], row[-1]) for row in found} == set(wanted)


async def test_the_latest_of_each_keeps_plants_apart(both: Asking, in_demo: Select) -> None:
    found = await rows(
        both,
        rows_of="purchase_order",
        show=["purchase_order.ordered_on"],
        order=[{"by": "purchase_order.ordered_on"}, {"by": "purchase_order.order_id"}],
        each={"of": ["supplier.supplier_id"]},
    )
    assert [(len(found),)] == in_demo(
        "select count(distinct (site, supplier_id)) from erp.purchase_order where site in ('KAS', 'GRV')"
    )


async def test_an_answer_with_looked_up_prices_names_where_they_come_from(at_kassel: Asking) -> None:
    result = await at_kassel(query_metrics, rows_of="purchase_line", show=["contract.unit_price"], limit=3)
    assert {"contract", "purchase_line"} <= {source.record for source in result.evidence[0].sources}


@pytest.mark.parametrize(
    ("calculation", "says"),
    [
        ({"kind": "minus", "of": ["purchase_line.unit_price", "purchase_line.ordered"]}, "cannot be"),
        ({"kind": "times", "of": ["purchase_line.unit_price", "contract.unit_price"]}, "cannot be"),
        ({"kind": "plus", "of": ["purchase_line.due_on", "purchase_line.received_on"]}, "cannot be"),
        ({"kind": "over", "of": ["supplier.name", "purchase_line.ordered"]}, "neither a number"),
        ({"kind": "over", "of": ["customer.name", "purchase_line.ordered"]}, "do not refer to"),
        ({"kind": "minus", "of": ["purchase_line.due_on", "purchase_line.no_field"]}, "has no field"),
    ],
)
def test_what_cannot_be_calculated_is_refused_with_its_reason(calculation: dict[str, Any], says: str) -> None:
    query = MetricQuery.model_validate(
        {
            "rows_of": "purchase_line",
            "show": ["purchase_line.new"],
            "calculated": [{"records": "purchase_line", "name": "new", **calculation}],
        }
    )
    with pytest.raises(QueryInvalid, match=says):
        Compiler(packaged_catalogue()).compile(query)


def test_no_calculation_takes_a_fields_place() -> None:
    query = MetricQuery.model_validate(
        {"rows_of": "purchase_line", "calculated": [{**TOOK, "name": "unit_price"}]}
    )
    with pytest.raises(QueryInvalid, match="of its own"):
        Compiler(packaged_catalogue()).compile(query)


def test_a_reading_says_what_is_calculated_and_what_is_kept_of_each() -> None:
    query = MetricQuery.model_validate(
        {
            "rows_of": "purchase_line",
            "show": ["purchase_line.above_contract", "purchase_line.took"],
            "calculated": [ABOVE, TOOK],
            "order": [{"by": "purchase_line.took"}],
            "each": {"of": ["supplier.supplier_id"]},
        }
    )
    words = Wording(packaged_catalogue()).query(query)
    assert "unit price above unit price in the contract in percent" in words
    assert "of each supplier the highest days from ordered on to received on" in words
    with speaking("de"):
        german = Wording(packaged_catalogue()).query(query)
    assert "je Lieferant" in german
    assert "in Prozent" in german
