"""Metric queries beside statements by hand that ask the same of the store's tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Question:
    """A query, and a statement that must give the same rows; `:site` stands for the site's code."""

    about: str
    query: dict[str, Any]
    statement: str


def metric(name: str, metric: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "metric": metric, **more}


def value(path: str, *values: Any, **more: Any) -> dict[str, Any]:
    return {"test": "value", "path": path, "values": values, **more}


def named(entity: str, condition: str, **more: Any) -> dict[str, Any]:
    return {"test": "named", "entity": entity, "condition": condition, **more}


def period(start: str | None = None, end: str | None = None, **more: Any) -> dict[str, Any]:
    return {"test": "date", "start": start, "end": end, **more}


def related(entity: str, **more: Any) -> dict[str, Any]:
    return {"test": "related", "entity": entity, **more}


ORDERS = "from erp.production_order w where w.site = :site"
LINES = (
    "from erp.purchase_line l join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id"
    " where l.site = :site"
)
MATERIALS = "from erp.material m where m.site = :site"
SUPPLIERS = "from erp.supplier s where s.site = :site"
WITH_REASON = "join erp.scrap_reason r on r.site = w.site and r.scrap_reason_id = w.scrap_reason_id"
WITH_MATERIAL = "join erp.material m on m.site = w.site and m.material_id = w.material_id"
LATE = "w.end_on > w.due_on"
STOCK_OF = "(select sum(quantity) from erp.stock k where k.site = m.site and k.material_id = m.material_id)"
# Both ends are days with orders at either home.
FIRST, LAST = "2012-03-05", "2025-11-14"

QUESTIONS = (
    Question(
        "several metrics with filters of their own",
        {
            "measures": [
                metric("all", "work_order_count"),
                metric("late", "work_order_count", where=[named("production_order", "late")]),
                metric("scrap", "scrapped_quantity", where=[named("production_order", "late", negated=True)]),
                metric("hit", "scrap_order_count", where=[named("production_order", "late")]),
            ]
        },
        f"select count(*), count(*) filter (where {LATE}), sum(scrapped) filter (where ({LATE}) is not true),"
        f" count(*) filter (where {LATE} and scrapped > 0) {ORDERS}",
    ),
    Question(
        "ratio without a group is sum by sum",
        {"measures": [metric("rate", "scrap_rate"), metric("yield", "yield_rate")]},
        f"select 100 * sum(scrapped) / sum(ordered), 100 * sum(stocked) / sum(ordered) {ORDERS}",
    ),
    Question(
        "ratio in groups is sum by sum, not a mean of ratios",
        {"measures": [metric("rate", "scrap_rate")], "by": [{"path": "material.category"}]},
        f"select m.category, 100 * sum(scrapped) / nullif(sum(ordered), 0) from erp.production_order w"
        f" {WITH_MATERIAL} where w.site = :site and m.category is not null group by 1",
    ),
    Question(
        "division by zero is nothing",
        {
            "measures": [
                metric("rate", "scrap_rate", where=[value("production_order.ordered", -1)]),
                metric("n", "work_order_count", where=[value("production_order.ordered", -1)]),
                metric("all", "work_order_count"),
                {"name": "each", "derive": "ratio", "of": ["all", "n"]},
                {"name": "pct", "derive": "percent", "of": ["all", "n"]},
            ]
        },
        f"select null, 0, count(*), null, null {ORDERS}",
    ),
    Question(
        "ranking with a limit",
        {
            "measures": [metric("qty", "scrapped_quantity"), metric("orders", "scrap_order_count")],
            "by": [{"entity": "scrap_reason"}],
            "order": [{"by": "qty"}],
            "limit": 5,
        },
        "select r.scrap_reason_id, r.name, sum(scrapped), count(*) filter (where scrapped > 0)"
        f" from erp.production_order w {WITH_REASON} where w.site = :site group by 1, 2"
        " order by 3 desc fetch first 5 rows with ties",
    ),
    Question(
        "groups without a value kept",
        {
            "measures": [metric("n", "work_order_count")],
            "by": [{"entity": "scrap_reason", "missing": True}],
        },
        "select r.scrap_reason_id, r.name, count(*) from erp.production_order w"
        f" left {WITH_REASON} where w.site = :site group by 1, 2",
    ),
    Question(
        "groups without a value left out",
        {"measures": [metric("n", "work_order_count")], "by": [{"entity": "scrap_reason"}]},
        f"select r.scrap_reason_id, r.name, count(*) from erp.production_order w {WITH_REASON}"
        " where w.site = :site group by 1, 2",
    ),
    Question(
        "a period has both its ends",
        {
            "measures": [metric("n", "work_order_count")],
            "where": [period(FIRST, LAST, role="end")],
            "by": [{"grain": "day", "role": "end"}],
        },
        f"select to_char(end_on, 'YYYY-MM-DD'), count(*) {ORDERS}"
        f" and end_on between '{FIRST}' and '{LAST}' group by 1",
    ),
    Question(
        "date roles",
        {
            "measures": [
                metric("started", "work_order_count", where=[period(FIRST, LAST, role="start")]),
                metric("ended", "work_order_count", where=[period(FIRST, LAST, role="end")]),
                metric("due", "work_order_count", where=[period(FIRST, LAST)]),
                metric("until", "work_order_count", where=[period(None, LAST)]),
                metric("since", "work_order_count", where=[period(FIRST)]),
                metric("dated", "work_order_count", where=[period()]),
            ]
        },
        "select "
        + ", ".join(
            f"count(*) filter (where {on} between '{FIRST}' and '{LAST}')"
            for on in ("start_on", "end_on", "due_on")
        )
        + f", count(*) filter (where due_on <= '{LAST}'), count(*) filter (where due_on >= '{FIRST}'),"
        f" count(due_on) {ORDERS}",
    ),
    Question(
        "a date of another record",
        {
            "measures": [metric("qty", "purchased_quantity")],
            "where": [period(FIRST, LAST)],
            "by": [{"grain": "year"}],
        },
        f"select to_char(o.ordered_on, 'YYYY'), sum(l.ordered) {LINES}"
        f" and o.ordered_on between '{FIRST}' and '{LAST}' group by 1",
    ),
    Question(
        "every grain",
        {
            "measures": [metric("n", "work_order_count")],
            "by": [{"grain": "quarter"}, {"grain": "month_of_year"}, {"grain": "weekday"}, {"grain": "week"}],
        },
        "select to_char(due_on, 'YYYY-\"Q\"Q'), to_char(due_on, 'MM'), to_char(due_on, 'FMDay'),"
        f" to_char(due_on, 'IYYY-\"W\"IW'), count(*) {ORDERS} and due_on is not null group by 1, 2, 3, 4",
    ),
    Question(
        "periods compared through measures with dates of their own",
        {
            "measures": [
                metric("now", "ordered_quantity", where=[period("2014-01-01", "2025-12-31")], hidden=True),
                metric("before", "ordered_quantity", where=[period("2011-01-01", "2025-06-30")]),
                {"name": "more", "derive": "difference", "of": ["now", "before"]},
                {"name": "change", "derive": "change_percent", "of": ["now", "before"]},
                {"name": "twice", "derive": "sum", "of": ["now", "before"]},
            ],
            "by": [{"path": "material.category"}],
        },
        "select category, b, coalesce(a, 0) - coalesce(b, 0), 100 * (a - b) / nullif(b, 0),"
        " coalesce(a, 0) + coalesce(b, 0) from (select m.category,"
        " sum(ordered) filter (where due_on between '2014-01-01' and '2025-12-31') a,"
        " sum(ordered) filter (where due_on between '2011-01-01' and '2025-06-30') b"
        f" from erp.production_order w {WITH_MATERIAL} where w.site = :site and m.category is not null"
        " group by 1) x",
    ),
    Question(
        "shares of a total",
        {
            "measures": [
                metric("qty", "scrapped_quantity"),
                {"name": "share", "derive": "share_of_total", "of": ["qty"]},
            ],
            "by": [{"path": "material.subcategory", "missing": True}],
        },
        "select m.subcategory, sum(scrapped), 100 * sum(scrapped) / sum(sum(scrapped)) over ()"
        f" from erp.production_order w {WITH_MATERIAL} where w.site = :site group by 1",
    ),
    Question(
        "calculations on calculations, whatever their order",
        {
            "measures": [
                {"name": "share", "derive": "percent", "of": ["gap", "ordered"]},
                {"name": "gap", "derive": "difference", "of": ["ordered", "stocked"]},
                metric("ordered", "ordered_quantity"),
                metric("stocked", "stocked_quantity"),
            ]
        },
        "select sum(ordered), sum(stocked), 100 * (sum(ordered) - sum(stocked)) / sum(ordered),"
        f" sum(ordered) - sum(stocked) {ORDERS}",
    ),
    Question(
        "several kinds of records joined by groups",
        {
            "measures": [
                metric("made", "stocked_quantity"),
                metric("bought", "received_quantity"),
                metric("stock", "stock_quantity"),
            ],
            "by": [{"entity": "material"}],
        },
        "select m.material_id, m.name, w.q, l.q, k.q from erp.material m"
        " left join (select site, material_id, count(*) n, sum(stocked) q from erp.production_order"
        " group by 1, 2) w using (site, material_id)"
        " left join (select site, material_id, count(*) n, sum(received) q from erp.purchase_line"
        " group by 1, 2) l using (site, material_id)"
        " left join (select site, material_id, count(*) n, sum(quantity) q from erp.stock group by 1, 2) k"
        " using (site, material_id) where m.site = :site and coalesce(w.n, l.n, k.n) is not null",
    ),
    Question(
        "several kinds of records without groups",
        {
            "measures": [
                metric("orders", "purchase_order_count"),
                metric("jobs", "work_order_count"),
                {"name": "latest", "field": "production_order.end_on", "aggregate": "maximum"},
            ]
        },
        "select (select count(*) from erp.purchase_order where site = :site), count(*), max(end_on)"
        f" {ORDERS}",
    ),
    Question(
        "records with figures of each, those without any included",
        {
            "rows_of": "material",
            "show": ["material.safety_stock"],
            "measures": [
                metric("scrap", "scrapped_quantity"),
                metric("rate", "scrap_rate"),
                metric("mean", "average_order_size"),
                {"name": "lines", "count_of": "purchase_line"},
            ],
        },
        "select m.material_id, m.name, m.safety_stock,"
        f" (select coalesce(sum(scrapped), 0) {ORDERS} and w.material_id = m.material_id),"
        f" (select 100 * sum(scrapped) / nullif(sum(ordered), 0) {ORDERS} and w.material_id = m.material_id),"
        f" (select avg(ordered) {ORDERS} and w.material_id = m.material_id),"
        " (select count(*) from erp.purchase_line l where l.site = m.site"
        f" and l.material_id = m.material_id) {MATERIALS}",
    ),
    Question(
        "records whose figure is zero",
        {
            "rows_of": "material",
            "measures": [metric("scrap", "scrapped_quantity", hidden=True)],
            "having": [{"left": "scrap", "op": "=", "value": 0}],
            "order": [{"by": "material_id", "descending": False}],
        },
        f"select m.material_id, m.name {MATERIALS} and not exists (select 1 {ORDERS}"
        " and w.material_id = m.material_id and w.scrapped > 0) order by 1",
    ),
    Question(
        "how many have more than so many",
        {
            "rows_of": "supplier",
            "measures": [{"name": "n", "count_of": "purchase_order"}],
            "having": [{"left": "n", "op": ">", "value": 50}],
            "output": "count",
        },
        "select count(*) filter (where n > 50), 100.0 * count(*) filter (where n > 50) / count(*) from"
        " (select (select count(*) from erp.purchase_order o where o.site = s.site"
        f" and o.supplier_id = s.supplier_id) n {SUPPLIERS}) x",
    ),
    Question(
        "how many groups have more than another measure",
        {
            "measures": [
                metric("late", "late_order_count"),
                metric("scrapped", "scrap_order_count"),
            ],
            "by": [{"entity": "material"}],
            "having": [{"left": "late", "op": ">", "right": "scrapped"}],
            "output": "count",
        },
        "select count(*) filter (where l > s), 100.0 * count(*) filter (where l > s) / count(*) from"
        f" (select count(*) filter (where {LATE}) l, count(*) filter (where scrapped > 0) s {ORDERS}"
        " group by material_id) x",
    ),
    Question(
        "with and without related records",
        {
            "measures": [
                {"name": "n", "count_of": "material", "where": [related("production_order")]},
                {"name": "none", "count_of": "material", "where": [related("stock", negated=True)]},
                {
                    "name": "late",
                    "count_of": "material",
                    "where": [related("production_order", where=[named("production_order", "late")])],
                },
                {"name": "two", "count_of": "material", "where": [related("info_record", at_least=2)]},
                {
                    "name": "fewer",
                    "count_of": "material",
                    "where": [related("info_record", at_least=2, negated=True)],
                },
            ]
        },
        "select count(*) filter (where exists (select 1 from erp.production_order w where w.site = m.site"
        " and w.material_id = m.material_id)), count(*) filter (where not exists (select 1 from erp.stock k"
        " where k.site = m.site and k.material_id = m.material_id)), count(*) filter (where exists"
        f" (select 1 from erp.production_order w where {LATE} and w.site = m.site"
        " and w.material_id = m.material_id)), count(*) filter (where i >= 2), count(*) filter (where i < 2)"
        " from (select m.*, (select count(*) from erp.info_record i where i.site = m.site"
        f" and i.material_id = m.material_id) i {MATERIALS}) m",
    ),
    Question(
        "related through another record",
        {"measures": [{"name": "n", "count_of": "supplier"}], "where": [related("purchase_line")]},
        f"select count(*) {SUPPLIERS} and exists (select 1 {LINES} and o.supplier_id = s.supplier_id)",
    ),
    Question(
        "missing and present values",
        {
            "measures": [
                {"name": "n", "count_of": "material", "where": [{"test": "null", "path": "material.colour"}]},
                {
                    "name": "there",
                    "count_of": "material",
                    "where": [{"test": "null", "path": "material.size", "missing": False}],
                },
            ]
        },
        f"select count(*) - count(colour), count(size) {MATERIALS}",
    ),
    Question(
        "a field against another",
        {
            "rows_of": "info_record",
            "show": ["material.name", "supplier.name"],
            "where": [
                {
                    "test": "field",
                    "path": "info_record.last_price",
                    "op": ">",
                    "other": "info_record.standard_price",
                }
            ],
        },
        "select m.name, s.name from erp.info_record i"
        " join erp.material m using (site, material_id) join erp.supplier s using (site, supplier_id)"
        " where i.site = :site and i.last_price > i.standard_price",
    ),
    Question(
        "records that were valid on a day",
        {
            "measures": [
                {"name": "n", "count_of": "standard_cost_version"},
                {"name": "sum", "field": "standard_cost_version.standard_cost", "aggregate": "sum"},
            ],
            "where": [{"test": "valid", "entity": "standard_cost_version", "on": "2013-05-30"}],
        },
        "select count(*), sum(standard_cost) from erp.standard_cost_version where site = :site"
        " and valid_from <= '2013-05-30' and (valid_to is null or valid_to >= '2013-05-30')",
    ),
    Question(
        "the extreme with its ties",
        {
            "rows_of": "supplier",
            "show": ["supplier.credit_rating"],
            "order": [{"by": "supplier.credit_rating"}],
            "extreme": True,
        },
        f"select supplier_id, name, credit_rating {SUPPLIERS} and credit_rating ="
        " (select max(credit_rating) from erp.supplier where site = :site)",
    ),
    Question(
        "the lowest value and how many have it",
        {
            "rows_of": "supplier",
            "show": ["supplier.credit_rating"],
            "order": [{"by": "supplier.credit_rating", "descending": False}],
            "extreme": True,
            "output": "ties",
        },
        f"select min(credit_rating), count(*) filter (where credit_rating ="
        f" (select min(credit_rating) from erp.supplier where site = :site)) {SUPPLIERS}",
    ),
    Question(
        "what the top ones add up to",
        {
            "measures": [metric("spend", "purchase_value")],
            "by": [{"entity": "supplier"}],
            "order": [{"by": "spend"}],
            "limit": 3,
            "output": "top_share",
        },
        "select 100 * sum(v) filter (where p <= 3) / sum(v), sum(v) filter (where p <= 3), sum(v) from"
        " (select sum(subtotal) v, row_number() over (order by sum(subtotal) desc) p"
        " from erp.purchase_order where site = :site group by supplier_id) x",
    ),
    Question(
        "any of several conditions",
        {
            "measures": [metric("n", "work_order_count")],
            "where": [
                {
                    "test": "any",
                    "of": [named("production_order", "late"), value("production_order.scrapped", 5, op=">=")],
                }
            ],
        },
        f"select count(*) {ORDERS} and ({LATE} or scrapped >= 5)",
    ),
    Question(
        "any of several values, none of them, and text inside",
        {
            "measures": [
                {
                    "name": "some",
                    "count_of": "supplier",
                    "where": [value("supplier.credit_rating", 1, 2)],
                },
                {
                    "name": "others",
                    "count_of": "supplier",
                    "where": [value("supplier.credit_rating", 1, "2", op="<>")],
                },
                {
                    "name": "not_one",
                    "count_of": "supplier",
                    "where": [value("supplier.credit_rating", "1", op="<>")],
                },
                {
                    "name": "with_an_a",
                    "count_of": "supplier",
                    "where": [{"test": "contains", "path": "supplier.name", "text": "AN"}],
                },
            ]
        },
        "select count(*) filter (where credit_rating in (1, 2)), count(*) filter (where credit_rating"
        " not in (1, 2) or credit_rating is null), count(*) filter (where credit_rating <> 1"
        f" or credit_rating is null), count(*) filter (where name ilike '%an%') {SUPPLIERS}",
    ),
    Question(
        "the roles that an entity plays",
        {
            "measures": [metric("lines", "bom_line_count")],
            "by": [{"entity": "material", "via": "component"}],
            "where": [value("parent/material.is_made", True)],
        },
        "select c.material_id, c.name, count(*) from erp.bom_item b"
        " join erp.material c on c.site = b.site and c.material_id = b.component_id"
        " join erp.material p on p.site = b.site and p.material_id = b.parent_id"
        " where b.site = :site and p.is_made group by 1, 2",
    ),
    Question(
        "stock at standard cost by location",
        {
            "measures": [metric("v", "stock_value"), metric("items", "stocked_material_count")],
            "by": [{"entity": "location"}],
        },
        "select l.location_id, l.name, sum(k.quantity * m.standard_cost), count(distinct k.material_id)"
        " from erp.stock k join erp.material m using (site, material_id)"
        " join erp.location l using (site, location_id) where k.site = :site group by 1, 2",
    ),
    Question(
        "materials below a level, by how much",
        {
            "rows_of": "material",
            "show": ["material.reorder_gap"],
            "where": [named("material", "below_reorder_point")],
        },
        f"select material_id, name, reorder_point - coalesce({STOCK_OF}, 0) {MATERIALS}"
        f" and coalesce({STOCK_OF}, 0) < reorder_point",
    ),
    Question(
        "purchase prices against vendors' standard",
        {
            "measures": [
                metric("ppv", "purchase_price_variance"),
                metric("pct", "price_variance_rate"),
                metric("ordered", "purchase_price_variance_ordered"),
            ]
        },
        "select sum((unit_price - standard_price) * received),"
        " 100 * sum((unit_price - standard_price) * received) / sum(standard_price * received),"
        " sum((unit_price - standard_price) * l.ordered) from erp.purchase_line l"
        " join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id"
        " join erp.info_record i on i.site = l.site and i.material_id = l.material_id"
        " and i.supplier_id = o.supplier_id where l.site = :site",
    ),
    Question(
        "receipts and rejections by supplier",
        {
            "measures": [
                metric("rate", "reject_rate"),
                metric("in_full", "in_full_rate"),
                metric("short", "short_quantity"),
                metric("each", "weighted_unit_price"),
                metric("lines", "lines_per_order"),
            ],
            "by": [{"entity": "supplier"}],
        },
        "select s.supplier_id, s.name, 100 * sum(rejected) / nullif(sum(received), 0),"
        " 100.0 * count(*) filter (where received >= ordered) / count(*),"
        " sum(greatest(ordered - received, 0)), sum(line_total) / sum(ordered),"
        " 1.0 * count(*) / count(distinct l.order_id) from erp.purchase_line l"
        " join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id"
        " join erp.supplier s on s.site = o.site and s.supplier_id = o.supplier_id where l.site = :site"
        " group by 1, 2",
    ),
    Question(
        "cycle time and delay",
        {
            "measures": [
                metric("mean", "average_cycle_days"),
                metric("median", "median_cycle_days"),
                metric("late", "average_late_days"),
                metric("adherence", "on_time_rate"),
            ],
            "by": [{"grain": "month"}],
        },
        "select to_char(due_on, 'YYYY-MM'), avg(end_on - start_on),"
        " percentile_cont(0.5) within group (order by end_on - start_on),"
        f" avg(end_on - due_on) filter (where {LATE}),"
        " 100.0 * count(*) filter (where end_on <= due_on) / nullif(count(end_on), 0)"
        f" {ORDERS} and due_on is not null group by 1",
    ),
    Question(
        "stock movements by kind",
        {
            "measures": [
                metric("n", "movement_count"),
                metric("qty", "movement_quantity"),
                metric("sold", "sold_quantity"),
            ],
            "by": [{"path": "stock_movement.kind"}, {"grain": "year"}],
        },
        "select kind, to_char(moved_on, 'YYYY'), count(*), sum(quantity),"
        " sum(quantity) filter (where kind = 'sale') from erp.stock_movement where site = :site"
        " group by 1, 2",
    ),
    Question(
        "aggregates of fields",
        {
            "measures": [
                {"name": name, "field": "purchase_line.unit_price", "aggregate": name}
                for name in ("sum", "average", "median", "minimum", "maximum", "count_distinct")
            ]
            + [
                {
                    "name": "suppliers",
                    "field": "supplier.supplier_id",
                    "records": "purchase_line",
                    "aggregate": "count_distinct",
                }
            ]
        },
        "select sum(unit_price), avg(unit_price), percentile_cont(0.5) within group (order by unit_price),"
        " min(unit_price), max(unit_price), count(distinct unit_price), count(distinct o.supplier_id)"
        f" {LINES}",
    ),
    Question(
        "first and last of a history",
        {
            "measures": [
                {"name": "was", "field": "purchase_line.unit_price", "aggregate": "first"},
                {"name": "is", "field": "purchase_line.unit_price", "aggregate": "last"},
                {
                    "name": "dear",
                    "field": "purchase_line.unit_price",
                    "aggregate": "last",
                    "where": [{**value("purchase_line.unit_price", 20), "op": ">"}],
                },
                {"name": "change", "derive": "change_percent", "of": ["is", "was"]},
            ],
            "by": [{"entity": "material"}],
        },
        "select m.material_id, m.name, f.p, t.p, d.p, 100 * (t.p - f.p) / nullif(f.p, 0)"
        " from erp.material m"
        + "".join(
            f" {join} lateral (select l.unit_price p from erp.purchase_line l join erp.purchase_order o"
            f" on o.site = l.site and o.order_id = l.order_id where l.site = m.site"
            f" and l.material_id = m.material_id {test} order by o.ordered_on {turn}, l.unit_price limit 1)"
            f" {name} on true"
            for name, join, test, turn in (
                ("f", "join", "", ""),
                ("t", "join", "", "desc"),
                ("d", "left join", "and l.unit_price > 20", "desc"),
            )
        )
        + " where m.site = :site",
    ),
    Question(
        "the ledger's actual, plan and variance",
        {
            "measures": [
                metric("actual", "actual_amount"),
                metric("plan", "plan_amount"),
                metric("gap", "plan_variance"),
                metric("pct", "plan_variance_pct"),
            ],
            "by": [{"entity": "account"}],
            "where": [value("ledger_line.currency", "EUR")],
        },
        "select a.account_id, a.name, sum(amount) filter (where scenario = 'actual'),"
        " sum(amount) filter (where scenario = 'plan'),"
        # An account that is only posted to in months without a budget has no variance.
        " case when bool_or((l.site, l.company, date_trunc('month', posted_on)) in (select b.site, b.company,"
        " date_trunc('month', b.posted_on) from erp.ledger_line b where b.scenario = 'plan')) then"
        " coalesce(sum(amount) filter (where scenario = 'actual'), 0)"
        " - coalesce(sum(amount) filter (where scenario = 'plan'), 0) end,"
        " 100 * (sum(amount) filter (where scenario = 'actual')"
        " - sum(amount) filter (where scenario = 'plan'))"
        " / nullif(sum(amount) filter (where scenario = 'plan'), 0) from erp.ledger_line l"
        " join erp.account a on a.site = l.site and a.account_id = l.account_id"
        " where l.site = :site and l.currency = 'EUR' group by 1, 2",
    ),
    Question(
        "the ledger within a month: sums by month cannot say",
        {
            "measures": [metric("actual", "actual_amount")],
            "by": [{"entity": "account"}],
            "where": [
                {"test": "date", "start": "2026-02-03", "end": "2026-02-19"},
                value("ledger_line.currency", "EUR"),
            ],
        },
        "select a.account_id, a.name, sum(amount) filter (where scenario = 'actual')"
        " from erp.ledger_line l join erp.account a on a.site = l.site and a.account_id = l.account_id"
        " where l.site = :site and l.currency = 'EUR' and posted_on between '2026-02-03' and '2026-02-19'"
        " group by 1, 2",
    ),
    Question(
        "the ledger day by day",
        {
            "measures": [metric("actual", "actual_amount")],
            "by": [{"grain": "day"}],
            "where": [
                {"test": "date", "start": "2026-02-01", "end": "2026-02-28"},
                value("ledger_line.currency", "EUR"),
            ],
        },
        "select to_char(posted_on, 'YYYY-MM-DD'), sum(amount) filter (where scenario = 'actual')"
        " from erp.ledger_line where site = :site and currency = 'EUR'"
        " and posted_on between '2026-02-01' and '2026-02-28' group by 1",
    ),
)
