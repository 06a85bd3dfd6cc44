"""The production orders that ended in a period with everything booked and confirmed on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from tools.rows import Queries
from tools.variance.orders import Confirmed, Issue, Made, Needed, Routed, Shop
from tools.variance.standards import Standards

RowT = TypeVar("RowT")

_ORDERS = """
select order_id, material_id, ordered, coalesce(stocked, 0) as stocked, end_on from erp.production_order
where site = %(site)s and end_on between %(first)s and %(last)s
  and (%(product)s::text is null or material_id = %(product)s)
order by end_on, order_id
"""
_ISSUES = """
select order_id, material_id, sum(quantity) as quantity, sum(quantity * coalesce(unit_cost, 0)) as cost
from erp.stock_movement where site = %(site)s and kind = 'consumption' and order_id = any (array(
    select o.order_id from erp.production_order o where o.site = %(site)s
      and o.end_on between %(first)s and %(last)s
      and (%(product)s::text is null or o.material_id = %(product)s)))
group by order_id, material_id order by order_id, material_id
"""
_STEPS = """
select c.order_id, c.operation, c.work_centre_id, w.cost_centre_id, coalesce(w.hourly_rate, 0) as rate,
       coalesce(c.actual_minutes, 0) as minutes, coalesce(c.scrapped, 0) as scrapped,
       c.scrap_reason_id as reason
from erp.operation_confirmation c
left join erp.work_centre w on w.site = c.site and w.work_centre_id = c.work_centre_id
where c.site = %(site)s and c.order_id = any (array(
    select o.order_id from erp.production_order o where o.site = %(site)s
      and o.end_on between %(first)s and %(last)s
      and (%(product)s::text is null or o.material_id = %(product)s)))
order by c.order_id, c.operation, c.confirmation_id
"""
_ROUTES = """
select r.material_id, r.operation, coalesce(w.hourly_rate, 0) as rate,
       coalesce(r.setup_minutes, 0) as setup_minutes, coalesce(r.run_minutes, 0) as run_minutes
from erp.routing_operation r
left join erp.work_centre w on w.site = r.site and w.work_centre_id = r.work_centre_id
where r.site = %(site)s and r.material_id = any (array(
    select distinct o.material_id from erp.production_order o where o.site = %(site)s
      and o.end_on between %(first)s and %(last)s
      and (%(product)s::text is null or o.material_id = %(product)s))) order by r.material_id, r.operation
"""
_PARTS = """
select b.parent_id, b.component_id, b.quantity_per as quantity,
       b.quantity_per * coalesce(u.factor, 1 / nullif(v.factor, 0)) as converted,
       b.unit is not null and m.base_unit is not null and b.unit <> m.base_unit as is_other_unit
from erp.bom_item b
join erp.material m on m.site = b.site and m.material_id = b.component_id
left join lateral (select factor from erp.unit_conversion c where c.site = b.site
    and c.material_id in ('', b.component_id) and c.from_unit = b.unit and c.to_unit = m.base_unit
    order by c.material_id desc limit 1) u on b.unit <> m.base_unit
left join lateral (select factor from erp.unit_conversion c where c.site = b.site
    and c.material_id in ('', b.component_id) and c.from_unit = m.base_unit and c.to_unit = b.unit
    order by c.material_id desc limit 1) v on b.unit <> m.base_unit
where b.site = %(site)s and b.parent_id = any (array(
    select distinct o.material_id from erp.production_order o where o.site = %(site)s
      and o.end_on between %(first)s and %(last)s
      and (%(product)s::text is null or o.material_id = %(product)s)))
  and (b.valid_from is null or b.valid_from <= %(last)s) and (b.valid_to is null or b.valid_to >= %(first)s)
order by b.parent_id, b.item_id
"""
_LOTS = """
select material_id, round(avg(ordered)) as lot from erp.production_order
where site = %(site)s and ordered > 0 and material_id = any (array(
    select distinct o.material_id from erp.production_order o where o.site = %(site)s
      and o.end_on between %(first)s and %(last)s
      and (%(product)s::text is null or o.material_id = %(product)s))) group by material_id
"""


@dataclass(frozen=True, slots=True)
class _Lot:
    material_id: str
    lot: Decimal


async def shop_of(
    queries: Queries, standards: Standards, site: str, first: date, last: date, product: str | None = None
) -> tuple[list[Made], Shop]:
    """The orders that ended in these days, and everything known of them."""
    asked: dict[str, object] = {"site": site, "first": first, "last": last, "product": product}
    made = await queries.rows(Made, _ORDERS, asked)
    issues = await queries.rows(Issue, _ISSUES, asked)
    steps = await queries.rows(Confirmed, _STEPS, asked)
    parts = await queries.rows(Needed, _PARTS, asked)
    lots = await queries.rows(_Lot, _LOTS, asked)
    return made, Shop(
        standards,
        _grouped(issues, lambda each: each.order_id),
        _grouped(steps, lambda each: each.order_id),
        _grouped(await queries.rows(Routed, _ROUTES, asked), lambda each: each.material_id),
        _grouped(parts, lambda each: each.parent_id),
        {each.material_id: each.lot for each in lots},
    )


def _grouped(rows: Iterable[RowT], key: Callable[[RowT], str]) -> dict[str, Sequence[RowT]]:
    found: dict[str, list[RowT]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)
