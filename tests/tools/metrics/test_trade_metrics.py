"""Figures of purchasing, planning, maintenance, sales and quality equal statements by hand, on the demo."""

from __future__ import annotations

import pytest

from tests.tools.asking import Asking
from tests.tools.conftest import Select
from tests.tools.metrics.questions import metric
from tests.tools.metrics.test_figures import plain
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.tool import query_metrics

RECEIPTS = "from erp.goods_receipt g join erp.purchase_line l using (site, line_id) where g.site = 'KAS'"
POSTED = "(g.posted_at at time zone 'Europe/Berlin')::date"
INVOICES = "from erp.supplier_invoice i join erp.purchase_line l using (site, line_id) where i.site = 'KAS'"
OFF = "i.amount - i.quantity * l.unit_price"
LINES = "from erp.purchase_line l join erp.purchase_order o using (site, order_id) where l.site = 'KAS'"
OPEN = "o.status in ('pending', 'approved')"
SALES = "from erp.sales_line s where s.site = 'KAS'"
STILL_OPEN = "o.status in ('open', 'partly delivered')"
OPEN_SALES = (
    "from erp.sales_line s join erp.sales_order o using (site, order_id)"
    f" where s.site = 'KAS' and {STILL_OPEN}"
)
LEFT = (
    "r.ordered > coalesce(r.delivered, 0) and exists (select 1 from erp.sales_order o"
    f" where (o.site, o.order_id) = (r.site, r.order_id) and {STILL_OPEN})"
)
FORECASTS = "from erp.forecast f where f.site = 'KAS'"
HOLDS = "from erp.quality_hold h join erp.site p using (site) where h.site = 'KAS'"
EXPIRED = (
    "from erp.stock s join erp.batch b using (site, batch_id) join erp.site p using (site)"
    " join erp.material m on m.site = s.site and m.material_id = s.material_id"
    " where s.site = 'KAS' and b.expires_on < p.as_of::date"
)
UNINVOICED = (
    "greatest(coalesce(l.received, 0) - coalesce(l.rejected, 0) - coalesce((select sum(i.quantity)"
    " from erp.supplier_invoice i where i.site = l.site and i.line_id = l.line_id), 0), 0)"
)


def of(table: str, value: str, test: str = "true") -> str:
    """A figure over one table's rows at Kassel."""
    return f"select {value} from erp.{table} where site = 'KAS' and {test}"


AGREED = (
    "(select c.unit_price from erp.contract c where (c.site, c.supplier_id, c.material_id) ="
    " (o.site, o.supplier_id, l.material_id) and o.ordered_on between c.valid_from and"
    " coalesce(c.valid_to, 'infinity') order by c.valid_from desc, c.contract_id limit 1)"
)
STOCK_AND_NEED = (
    "(select m.material_id, m.safety_stock, coalesce((select sum(s.quantity) from erp.stock s where (s.site,"
    " s.material_id) = (m.site, m.material_id) and s.status = 'unrestricted'), 0) as free, coalesce((select"
    " sum(r.quantity - r.withdrawn) from erp.reservation r where (r.site, r.material_id) = (m.site,"
    " m.material_id) and r.withdrawn < r.quantity), 0) as need from erp.material m where m.site = 'KAS') n"
)
BY_HAND = {
    "reservation_shortfall": f"select sum(need - free) filter (where need > free) from {STOCK_AND_NEED}",
    "above_contract_count": f"select count(*) {LINES} and l.unit_price > {AGREED} and o.status <> 'rejected'",
    "contract_overpaid": f"select sum((l.unit_price - {AGREED}) * l.received) {LINES}"
    f" and l.unit_price > {AGREED} and o.status <> 'rejected'",
    "average_delivery_days": f"select avg(l.received_on - o.ordered_on) {LINES}",
    "short_purchase_value": f"select sum(greatest(l.ordered - l.received, 0) * l.unit_price) {LINES}",
    "open_purchase_cost": "select sum(greatest(l.ordered - coalesce(l.received, 0), 0) *"
    " (select m.standard_cost from erp.material m where (m.site, m.material_id) = (l.site, l.material_id)))"
    f" {LINES} and {OPEN}",
    "contract_overspend": f"select sum((l.unit_price - {AGREED}) * l.ordered) {LINES}"
    f" and l.unit_price > {AGREED} and o.status <> 'rejected'",
    "month_end_stock_value": of("stock_snapshot", "sum(value) / count(distinct month)"),
    "month_end_stock_quantity": of("stock_snapshot", "sum(quantity) / count(distinct month)"),
    "goods_receipt_count": f"select count(*) {RECEIPTS}",
    "posted_receipt_quantity": f"select sum(g.quantity) {RECEIPTS}",
    "posted_receipt_value": f"select sum(g.quantity * l.unit_price) {RECEIPTS}",
    "average_posting_days": f"select avg({POSTED} - g.received_on) {RECEIPTS}",
    "late_posting_rate": f"select 100.0 * count(*) filter (where {POSTED} > g.received_on) / count(*)"
    f" {RECEIPTS}",
    "supplier_invoice_count": of("supplier_invoice", "count(*)"),
    "invoiced_amount": of("supplier_invoice", "sum(amount)"),
    "invoiced_quantity": of("supplier_invoice", "sum(quantity)"),
    "invoice_price_difference": f"select sum({OFF}) {INVOICES}",
    "differing_invoice_count": f"select count(*) {INVOICES} and abs({OFF}) > 0.01",
    "invoice_match_rate": f"select 100 - 100.0 * count(*) filter (where abs({OFF}) > 0.01) / count(*)"
    f" {INVOICES}",
    "requisition_count": of("requisition", "count(*)"),
    "requisition_quantity": of("requisition", "sum(quantity)"),
    "open_requisition_count": of("requisition", "count(*)", "status = 'open'"),
    "supplier_on_time_rate": "select 100.0 * count(*) filter (where l.received_on <= l.due_on)"
    f" / count(l.received_on) {LINES}",
    "confirmed_on_time_rate": "select 100.0 * count(*) filter (where l.received_on <= l.confirmed_on)"
    f" / count(*) {LINES} and l.received_on is not null and l.confirmed_on is not null",
    "average_receipt_delay": f"select avg(l.received_on - l.due_on) {LINES} and l.received_on > l.due_on",
    "open_purchase_quantity": "select sum(greatest(l.ordered - coalesce(l.received, 0), 0))"
    f" {LINES} and {OPEN}",
    "open_purchase_value": "select sum(greatest(l.ordered - coalesce(l.received, 0), 0) * l.unit_price)"
    f" {LINES} and {OPEN}",
    "uninvoiced_value": f"select sum({UNINVOICED} * l.unit_price) {LINES}",
    "planned_order_count": of("planned_order", "count(*)"),
    "planned_order_quantity": of("planned_order", "sum(quantity)"),
    "reservation_count": of("reservation", "count(*)"),
    "reserved_quantity": of("reservation", "sum(quantity - withdrawn)", "quantity > withdrawn"),
    "routed_material_count": of("routing_operation", "count(distinct material_id)"),
    "routing_setup_minutes": of("routing_operation", "sum(setup_minutes)"),
    "routing_run_minutes": of("routing_operation", "sum(run_minutes)"),
    "working_days": of("work_calendar", "count(*)", "is_working"),
    "working_hours": of("work_calendar", "sum(hours)"),
    "wip_amount": of("work_in_process", "sum(amount)"),
    "maintenance_order_count": of("maintenance_order", "count(*)"),
    "maintenance_cost": of("maintenance_order", "sum(cost)"),
    "repair_cost": of("maintenance_order", "sum(cost)", "kind = 'repair'"),
    "maintenance_hours": of("maintenance_order", "sum(hours)"),
    "preventive_share": of(
        "maintenance_order", "100.0 * count(*) filter (where kind = 'preventive') / count(*)"
    ),
    "notification_count": of("maintenance_notification", "count(*)"),
    "billing_line_count": of("billing_line", "count(*)"),
    "billed_amount": of("billing_line", "sum(amount)"),
    "billed_quantity": of("billing_line", "sum(quantity)"),
    "billed_cost": of("billing_line", "sum(cost)"),
    "gross_margin": of("billing_line", "sum(amount) - sum(cost)"),
    "gross_margin_pct": of("billing_line", "100 * (1 - sum(cost) / sum(amount))"),
    "forecast_accuracy": f"select 100 * (1 - sum(abs(quantity - actual)) / sum(actual)) {FORECASTS}",
    "absolute_forecast_error": f"select sum(abs(quantity - actual)) {FORECASTS}",
    "actual_demand": f"select sum(actual) {FORECASTS}",
    "open_sales_quantity": f"select sum(ordered - coalesce(delivered, 0)) {OPEN_SALES}",
    "open_sales_value": f"select sum((ordered - coalesce(delivered, 0)) * unit_price) {OPEN_SALES}",
    "late_sales_line_count": f"select count(*) {SALES} and delivered_on > due_on",
    "average_delivery_delay": f"select avg(delivered_on - due_on) {SALES} and delivered_on > due_on",
    "average_sales_price": f"select sum(line_total) / sum(ordered) {SALES}",
    "confirmed_scrap_quantity": of("operation_confirmation", "sum(scrapped)"),
    "first_pass_yield": of(
        "operation_confirmation", "100 * (sum(good) - sum(reworked)) / (sum(good) + sum(scrapped))"
    ),
    "machine_hours": of("operation_confirmation", "sum(actual_minutes) / 60"),
    "planned_machine_hours": of("operation_confirmation", "sum(planned_minutes) / 60"),
    "downtime_hours": of("downtime", "sum(minutes) / 60"),
    "unplanned_stop_count": of("downtime", "count(*)", "not is_planned"),
    "inspected_quantity": of("quality_lot", "sum(inspected)"),
    "inspection_rejected_quantity": of("quality_lot", "sum(rejected)"),
    "rejected_lot_share": of("quality_lot", "100.0 * count(*) filter (where rejected > 0) / count(*)"),
    "average_hold_days": "select extract(epoch from avg(coalesce(h.released_at, p.as_of) - h.placed_at))"
    f" / 86400 {HOLDS}",
    "held_value": "select sum(h.quantity * m.standard_cost) from erp.quality_hold h"
    " join erp.material m using (site, material_id) where h.site = 'KAS'",
    "contract_count": of("contract", "count(*)"),
    "contract_target_quantity": of("contract", "sum(target_quantity)"),
    "lowest_scale_price": of("price_scale", "min(unit_price)"),
    "plan_activity_rate": of("activity_rate", "avg(plan_rate)"),
    "actual_activity_rate": of("activity_rate", "avg(actual_rate)"),
    "open_period_count": of("fiscal_period", "count(*)", "status = 'open'"),
    "conversion_count": of("unit_conversion", "count(*)"),
    "plan_fx_rate": of("fx_rate", "avg(plan_rate)"),
    "batch_count": of("batch", "count(*)"),
    "expired_stock_quantity": f"select coalesce(sum(s.quantity), 0) {EXPIRED}",
    "expired_stock_value": f"select coalesce(sum(s.quantity * m.standard_cost), 0) {EXPIRED}",
}


@pytest.mark.parametrize("name", BY_HAND)
async def test_a_metric_equals_its_statement(at_kassel: Asking, in_demo: Select, name: str) -> None:
    """The figure of Kassel, and it is no empty one."""
    result = await at_kassel(query_metrics, measures=[metric("m", name)])
    ((wanted,),) = plain(in_demo(BY_HAND[name]))
    ((found,),) = plain(result.tables[0].rows)
    assert wanted is not None
    assert found == pytest.approx(wanted, rel=1e-6, abs=2e-6)


INFO_PRICE = (
    "(select standard_price from erp.info_record i where (i.site, i.material_id, i.supplier_id)"
    " = (r.site, r.material_id, r.supplier_id))"
)
LATE_POSTING = "(r.posted_at at time zone p.time_zone)::date > r.received_on"
OF_LINE = "(select {} from erp.purchase_line l where (l.site, l.line_id) = (r.site, r.line_id))"
ORDER_OF_LINE = "erp.purchase_order o where (o.site, o.order_id) = (r.site, r.order_id)"
AGREED_OF_LINE = f"(select {AGREED.replace('l.material_id', 'r.material_id')} from {ORDER_OF_LINE})"
BOUGHT = (
    "(select sum(l.ordered) from erp.purchase_line l join erp.purchase_order o using (site, order_id)"
    " where (o.site, o.supplier_id, l.material_id) = (r.site, r.supplier_id, r.material_id)"
    " and o.status <> 'rejected' and o.ordered_on between r.valid_from"
    " and coalesce(r.valid_to, p.as_of::date))"
)
FREE = (
    "coalesce((select sum(s.quantity) from erp.stock s where (s.site, s.material_id) = (r.site,"
    " r.material_id) and s.status = 'unrestricted'), 0)"
)
NEED = (
    "coalesce((select sum(greatest(v.quantity - v.withdrawn, 0)) from erp.reservation v where"
    " (v.site, v.material_id) = (r.site, r.material_id)), 0)"
)
CONDITIONS = (
    ("material", "below_safety_unrestricted", f"{FREE} < r.safety_stock"),
    ("material", "short_of_reservations", f"{NEED} > {FREE}"),
    ("material", "covers_reservations", f"{FREE} >= {NEED} + r.safety_stock"),
    ("purchase_line", "above_contract", f"r.unit_price > {AGREED_OF_LINE}"),
    ("purchase_line", "outside_contract", f"{AGREED_OF_LINE} is null"),
    ("supplier_invoice", "quantity_differs", f"r.quantity <> {OF_LINE.format('coalesce(l.received, 0)')}"),
    ("contract", "target_exceeded", f"{BOUGHT} > r.target_quantity"),
    ("fiscal_period", "soft_closed_period", "r.status = 'soft_closed'"),
    ("goods_receipt", "posted_late", LATE_POSTING),
    ("requisition", "needed_already", "r.status = 'open' and r.needed_on < p.as_of::date"),
    ("purchase_line", "received_late", "r.received_on > r.due_on"),
    ("purchase_line", "after_confirmed", "r.received_on > r.confirmed_on"),
    ("purchase_line", "unconfirmed", "r.confirmed_on is null"),
    ("reservation", "open_reservation", "r.withdrawn < r.quantity"),
    ("maintenance_order", "repair", "r.kind = 'repair'"),
    ("maintenance_order", "open_maintenance", "r.completed_on is null"),
    ("maintenance_notification", "top_priority", "r.priority = 1"),
    ("sales_line", "overdue_delivery", f"{LEFT} and r.due_on < p.as_of::date"),
    ("sales_line", "open_line", LEFT),
    ("production_order", "overdue", "r.end_on is null and r.due_on < p.as_of::date"),
    ("sales_order", "open_sales_order", "r.status in ('open', 'partly delivered')"),
    ("billing_line", "billed_at_a_loss", "r.amount < r.cost"),
    ("batch", "expired_batch", "r.expires_on < p.as_of::date"),
    ("contract", "above_info_price", f"r.unit_price > {INFO_PRICE}"),
    ("activity_rate", "above_plan_rate", "r.actual_rate > r.plan_rate"),
    ("fiscal_period", "open_period", "r.status = 'open'"),
    ("price_scale", "larger_quantity", "r.from_quantity > 1"),
    ("quality_lot", "lot_with_rejects", "r.rejected > 0"),
)


@pytest.mark.parametrize(("entity", "name", "test"), CONDITIONS, ids=[c[1] for c in CONDITIONS])
async def test_a_condition_equals_its_statement(
    at_kassel: Asking, in_demo: Select, entity: str, name: str, test: str
) -> None:
    """As many records of Kassel, and not all of them."""
    where = [{"test": "named", "entity": entity, "condition": name}]
    result = await at_kassel(query_metrics, measures=[{"name": "n", "count_of": entity}], where=where)
    ((found,),) = plain(result.tables[0].rows)
    ((wanted, some),) = in_demo(
        f"select count(*) filter (where {test}), count(*) from erp.{entity} r join erp.site p using (site)"
        " where r.site = 'KAS'"
    )
    assert found == wanted < some


async def test_last_use_and_stock_against_reservations(at_kassel: Asking, in_demo: Select) -> None:
    """What may be used, what is still to be withdrawn, and the days of the last issue and movement."""
    names = (
        "unrestricted_stock",
        "open_reservations",
        "reservation_gap",
        "last_issue_on",
        "last_movement_on",
    )
    found = await at_kassel(
        query_metrics,
        rows_of="material",
        show=["material.material_id", *(f"material.{name}" for name in names)],
    )
    day = (
        "(select max(v.moved_on) from erp.stock_movement v where (v.site, v.material_id) ="
        " (r.site, r.material_id)"
    )
    wanted = in_demo(
        f"select r.material_id, {FREE}, {NEED}, {NEED} - {FREE},"
        f" {day} and v.kind in ('sale', 'consumption')), {day}) from erp.material r where r.site = 'KAS'"
    )
    shown = [row[-len(names) - 1 :] for row in found.tables[0].rows]
    assert sorted(map(repr, plain(shown))) == sorted(map(repr, plain(wanted)))


async def test_what_is_received_and_not_invoiced_is_what_the_ledger_says(
    both: Asking, in_demo: Select
) -> None:
    """Line by line it adds up to the account `Goods received, not invoiced`, at either plant."""
    result = await both(query_metrics, measures=[metric("m", "uninvoiced_value")], by=[{"entity": "site"}])
    wanted = in_demo(
        "select l.site, sum(l.amount) from erp.ledger_line l join erp.account a using (site, account_id)"
        " where a.name = 'Goods received, not invoiced' and l.scenario = 'actual' group by 1"
    )
    found = {row[0]: float(str(row[2])) for row in result.tables[0].rows}
    assert found == {site: pytest.approx(float(amount)) for site, amount in wanted}


async def test_times_are_those_of_the_plant(both: Asking, in_demo: Select) -> None:
    """A stop in the late shift of Greenville falls on that day there, not on the next one in London."""
    day = {"name": "n", "count_of": "downtime"}
    result = await both(
        query_metrics, measures=[day], by=[{"grain": "day"}], where=[
            {"test": "value", "path": "site.name", "values": ["Greenville"]}
        ]
    )  # fmt: skip
    wanted = in_demo(
        "select to_char(started_at at time zone 'America/New_York', 'YYYY-MM-DD'), count(*)"
        " from erp.downtime where site = 'GRV' group by 1 order by 1"
    )
    assert plain(result.tables[0].rows) == plain(wanted)


async def test_what_was_bought_under_a_quota(at_kassel: Asking, in_demo: Select) -> None:
    """The share of a supplier in what was ordered of a material since the quota holds."""
    result = await at_kassel(
        query_metrics, rows_of="quota", show=["quota.bought_quantity", "quota.bought_share_pct"]
    )
    bought = (
        "with b as (select l.material_id, o.supplier_id, sum(l.ordered) n from erp.purchase_line l"
        " join erp.purchase_order o using (site, order_id) where l.site = 'KAS' and o.status <> 'rejected'"
        " and o.ordered_on >= '2025-01-01' group by 1, 2)"
    )
    wanted = in_demo(
        f"{bought} select b.n, 100 * b.n / (select sum(n) from b c where c.material_id = b.material_id)"
        " from erp.quota q join b using (material_id, supplier_id) where q.site = 'KAS'"
    )
    assert all(row[0] for row in wanted)
    found = sorted(row[-2:] for row in plain(result.tables[0].rows) if row[-2])
    assert [row[0] for row in found] == [row[0] for row in sorted(plain(wanted))]
    assert [row[1] for row in found] == pytest.approx([row[1] for row in sorted(plain(wanted))])


async def test_a_hold_names_its_batch(at_kassel: Asking, in_demo: Select) -> None:
    """Holds and stock lead to their batch, and to when it was made."""
    result = await at_kassel(
        query_metrics, rows_of="quality_hold", show=["batch.made_on"], order=[{"by": "batch.made_on"}]
    )
    wanted = in_demo(
        "select h.hold_id, b.made_on from erp.quality_hold h left join erp.batch b using (site, batch_id)"
        " where h.site = 'KAS'"
    )
    assert sorted(map(str, plain(result.tables[0].rows))) == sorted(map(str, plain(wanted)))


@pytest.mark.parametrize(("entity", "key"), [("account", "account_id"), ("company", "company")])
async def test_first_and_last_postings(both: Asking, in_demo: Select, entity: str, key: str) -> None:
    """The very days of actual postings, and the months of budgets; nothing where there are none."""
    fields = ("first_posting_on", "last_posting_on", "budget_from", "budget_to")
    result = await both(query_metrics, rows_of=entity, show=[f"{entity}.{field}" for field in fields])
    wanted = in_demo(
        f"select e.site, e.{key}, min(posted_on) filter (where scenario = 'actual'),"
        " max(posted_on) filter (where scenario = 'actual'),"
        " date_trunc('month', min(posted_on) filter (where scenario = 'plan'))::date,"
        " date_trunc('month', max(posted_on) filter (where scenario = 'plan'))::date"
        f" from erp.{entity} e left join erp.ledger_line l on l.site = e.site and l.{key} = e.{key}"
        f" group by 1, 2"
    )
    table = result.tables[0]
    at = [[column.name for column in table.columns].index(field) for field in fields]
    found = [(row[0], *(row[i] for i in at)) for row in plain(table.rows)]
    assert sorted(map(str, found)) == sorted(str(row[1:]) for row in plain(wanted))
    assert any(row[1] is None for row in found) == (entity == "account")


def test_every_metric_of_these_trades_is_checked() -> None:
    """Whoever adds a metric to one of these records adds a statement by hand."""
    catalogue = packaged_catalogue()
    covered = {catalogue.metrics[name].entity for name in BY_HAND}
    wholly = covered & {
        "goods_receipt", "supplier_invoice", "requisition", "planned_order", "reservation", "work_calendar",
        "routing_operation", "work_in_process", "maintenance_order", "maintenance_notification", "batch",
        "billing_line", "contract", "price_scale", "activity_rate", "fiscal_period", "unit_conversion",
    }  # fmt: skip
    assert {name for entity in wholly for name in catalogue.metrics_of[entity]} <= set(BY_HAND)
