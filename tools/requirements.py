"""Stock, dated receipts and dated requirements of a material, from whatever record holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tools.rows import PROVENANCE, Queries, SourcedRow
from tools.structures import Line, lines_above

CLOSED = (
    "complete",
    "completed",
    "closed",
    "cancelled",
    "canceled",
    "finished",
    "technically_complete",
    "rejected",
    "ordered",
    "converted",
    "deleted",
    "delivered",
    "shipped",
    "invoiced",
    "billed",
)
"""Statuses of orders and requisitions from which nothing more is to come; others count as open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock(SourcedRow):
    """One stock row."""

    location_id: str
    location: str
    shelf: str | None
    bin: str | None
    batch_id: str
    status: str
    quantity: Decimal
    unit: str | None
    counted_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Element(SourcedRow):
    """Something that will add to stock or take from it."""

    site: str
    material_id: str
    record: str
    kind: str
    order_id: str
    partner: str
    """Supplier, customer or the assembly that the material is needed for."""
    due: date | None
    quantity: Decimal
    """Still to come; negative for a requirement."""
    status: str


_STOCK = f"""
select s.location_id, coalesce(l.name, s.location_id) as location, s.shelf, s.bin, s.batch_id, s.status,
       s.quantity, s.unit, s.counted_on, {PROVENANCE.format("s")}
from erp.stock s left join erp.location l on l.site = s.site and l.location_id = s.location_id
where s.site = %(site)s and s.material_id = %(material)s
order by s.quantity desc, location, s.batch_id, s.status
"""

ONE = "{0}.site = %(site)s and {0}.material_id = %(material)s"
"""A record `{0}` of one material."""
MANY = """(%(site)s::text is null or {0}.site = %(site)s)
  and (%(materials)s::text[] is null or {0}.material_id = any(%(materials)s))"""
"""A record `{0}` of one site, or of certain materials, or of all that the caller sees."""

# An order without a status is open until the source gives it an end date.
OPEN_ORDER = """coalesce(lower({0}.status) <> all(%(closed)s), {0}.end_on is null)
  and {0}.ordered - coalesce({0}.stocked, 0) - coalesce({0}.scrapped, 0) > 0"""
"""Production orders `{0}` with a quantity still to come."""

_RECEIPTS = f"""
select p.site, p.material_id, 'production_order' as record, 'production order' as kind, p.order_id,
       '' as partner, p.due_on as due,
       p.ordered - coalesce(p.stocked, 0) - coalesce(p.scrapped, 0) as quantity,
       coalesce(p.status, '') as status, {PROVENANCE.format("p")}
from erp.production_order p
where {{p}} and {OPEN_ORDER.format("p")}
union all
select l.site, l.material_id, 'purchase_line', 'purchase order', l.order_id, coalesce(v.name, o.supplier_id),
       coalesce(l.confirmed_on, l.due_on), l.ordered - coalesce(l.received, 0), o.status,
       {PROVENANCE.format("l")}
from erp.purchase_line l
join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
left join erp.supplier v on v.site = o.site and v.supplier_id = o.supplier_id
where {{l}} and o.status in ('pending', 'approved')
  and l.ordered > coalesce(l.received, 0)
union all
select d.site, d.material_id, 'planned_order', 'planned order', d.planned_order_id, '', d.due_on, d.quantity,
       'planned', {PROVENANCE.format("d")}
from erp.planned_order d where {{d}}
union all
select r.site, r.material_id, 'requisition', 'requisition', r.requisition_id,
       coalesce(v.name, r.supplier_id, ''), r.needed_on, r.quantity, r.status, {PROVENANCE.format("r")}
from erp.requisition r left join erp.supplier v on v.site = r.site and v.supplier_id = r.supplier_id
where {{r}} and lower(r.status) <> all(%(closed)s)
"""
_REQUIREMENTS = f"""
select r.site, r.material_id, 'reservation' as record, 'reservation' as kind,
       coalesce(r.order_id, r.reservation_id) as order_id, '' as partner, r.needed_on as due,
       r.withdrawn - r.quantity as quantity, '' as status, {PROVENANCE.format("r")}
from erp.reservation r
where {{r}} and r.quantity > r.withdrawn
union all
select l.site, l.material_id, 'sales_line', 'sales order', l.order_id,
       coalesce(c.name, o.customer_id), l.due_on, coalesce(l.delivered, 0) - l.ordered,
       coalesce(o.status, ''), {PROVENANCE.format("l")}
from erp.sales_line l
join erp.sales_order o on o.site = l.site and o.order_id = l.order_id
left join erp.customer c on c.site = o.site and c.customer_id = o.customer_id
where {{l}} and l.ordered > coalesce(l.delivered, 0)
  and coalesce(lower(o.status) <> all(%(closed)s), l.delivered_on is null)
"""
# Orders whose components are reserved already say what they need.
_DEPENDENT = f"""
select p.site, %(material)s as material_id, 'production_order' as record, 'dependent requirement' as kind,
       p.order_id, coalesce(m.name, p.material_id) as partner, coalesce(p.start_on, p.due_on) as due,
       -(p.ordered - coalesce(p.stocked, 0) - coalesce(p.scrapped, 0)) * n.per as quantity,
       coalesce(p.status, '') as status, {PROVENANCE.format("p")}
from (select unnest(%(parents)s::text[]) as parent, unnest(%(per)s::numeric[]) as per) n
join erp.production_order p on p.site = %(site)s and p.material_id = n.parent and {OPEN_ORDER.format("p")}
left join erp.material m on m.site = p.site and m.material_id = p.material_id
where not exists (select from erp.reservation r where r.site = p.site and r.order_id = p.order_id)
union all
select d.site, %(material)s, 'planned_order', 'dependent requirement', d.planned_order_id,
       coalesce(m.name, d.material_id), coalesce(d.starts_on, d.due_on), -d.quantity * n.per,
       'planned', {PROVENANCE.format("d")}
from (select unnest(%(parents)s::text[]) as parent, unnest(%(per)s::numeric[]) as per) n
join erp.planned_order d on d.site = %(site)s and d.material_id = n.parent
left join erp.material m on m.site = d.site and m.material_id = d.material_id
"""
_KEPT = """
select record from (values
    ('production orders', exists (select from erp.production_order where site = %(site)s)),
    ('purchase orders', exists (select from erp.purchase_order where site = %(site)s)),
    ('planned orders', exists (select from erp.planned_order where site = %(site)s)),
    ('requisitions', exists (select from erp.requisition where site = %(site)s)),
    ('reservations', exists (select from erp.reservation where site = %(site)s)),
    ('sales orders', exists (select from erp.sales_line where site = %(site)s))) as kept (record, has)
where not has
"""


def receipts_of(scope: str) -> str:
    """The statement that reads open receipts of the materials in scope: `ONE` or `MANY`."""
    return _RECEIPTS.format(**_scoped(scope))


def requirements_of(scope: str) -> str:
    """The same for reservations and open sales lines."""
    return _REQUIREMENTS.format(**_scoped(scope))


def _scoped(scope: str) -> dict[str, str]:
    return {alias: scope.format(alias) for alias in ("p", "l", "d", "r")}


async def stock_of(queries: Queries, site: str, material: str) -> list[Stock]:
    """Every stock row of a material, of whatever status, the largest first."""
    return await queries.rows(Stock, _STOCK, {"site": site, "material": material})


async def receipts(queries: Queries, site: str, material: str) -> list[Element]:
    """Everything on order for a material, by due date; undated ones last."""
    found = await queries.rows(
        Element, receipts_of(ONE), {"site": site, "material": material, "closed": list(CLOSED)}
    )
    return sorted(found, key=_when)


async def requirements(
    queries: Queries, site: str, material: str, today: date
) -> tuple[list[Element], list[Line]]:
    """Everything that will take from stock, by date, and the lines that dependent requirements came from."""
    params = {"site": site, "material": material, "closed": list(CLOSED)}
    found = await queries.rows(Element, requirements_of(ONE), params)
    lines = await lines_above(queries, site, material, today, all_levels=False)
    if lines:
        needs = {"parents": [line.parent_id for line in lines], "per": [line.quantity for line in lines]}
        found += await queries.rows(Element, _DEPENDENT, params | needs)
    return sorted(found, key=_when), lines


async def not_kept(queries: Queries, site: str) -> tuple[str, ...]:
    """Kinds of receipts and requirements of which the site's data has none at all."""
    return tuple(str(row[0]) for row in (await queries.tx.fetch(_KEPT, {"site": site})).rows)


def in_order(elements: Sequence[Element]) -> list[Element]:
    """By date, and on one day receipts before requirements; undated ones last."""
    return sorted(elements, key=_when)


def _when(element: Element) -> tuple[bool, date, bool, str, str]:
    return (
        element.due is None,
        element.due or date.max,
        element.quantity < 0,
        element.kind,
        element.order_id,
    )
