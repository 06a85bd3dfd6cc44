"""What a held lot touches: the orders that it came from and went into, what they made, who waits for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pydantic import Field

from tools.arguments import Arguments, SiteName, Text
from tools.errors import ToolError
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.naming import all_sites, site_of
from tools.presenting import figure, several, table
from tools.registry import ToolContext, tool
from tools.results import Column, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow

_VERSION = "1.0.0"
_SHOWN = 50
_DEEPEST = 12
"""Levels that are followed; a chain of lots that goes on for longer goes in a circle."""


class HeldLot(Arguments):
    """Which lot, or every one that is on hold."""

    lot: Text | None = Field(None, description="Number of a lot or batch; every one on hold if left out.")
    site: SiteName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hold(SourcedRow):
    site: str
    hold_id: str
    material_id: str
    material: str
    batch_id: str
    quantity: Decimal | None
    unit: str
    reason: str
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Touched(SourcedRow):
    site: str
    lot_id: str
    direction: str
    order_id: str
    material_id: str
    material: str
    quantity: Decimal | None
    unit: str
    status: str
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting(SourcedRow):
    site: str
    order_id: str
    customer: str
    material: str
    open: Decimal
    unit: str
    due_on: date | None


_HOLDS = f"""
select h.site, h.hold_id, h.material_id, coalesce(m.name, h.material_id) as material,
       coalesce(h.batch_id, '') as batch_id, h.quantity, coalesce(m.base_unit, '') as unit,
       coalesce(h.reason, '') as reason, h.placed_at, {PROVENANCE.format("h")}
from erp.quality_hold h
left join erp.material m on m.site = h.site and m.material_id = h.material_id
where h.site = any(%(sites)s) and h.released_at is null
  and (%(lot)s::text is null or lower(h.batch_id) = lower(%(lot)s))
order by h.placed_at, h.site, h.hold_id
"""
# What made the lot and what it went into; then what those made. An ERP's order says which batch it made.
_TOUCHED = f"""
with recursive uses as (
    select u.site, u.lot_id, u.direction, u.order_id, u.material_id, u.quantity, {PROVENANCE.format("u")}
    from erp.lot_use u where u.site = any(%(sites)s)
    union all
    select o.site, o.batch_id, 'produced', o.order_id, o.material_id, o.stocked, {PROVENANCE.format("o")}
    from erp.production_order o
    where o.site = any(%(sites)s) and o.batch_id is not null
      and not exists (select from erp.lot_use u where u.site = o.site and u.order_id = o.order_id)
), reached as (
    select u.*, 1 as depth from uses u
    where u.site || ' ' || lower(u.lot_id) = any(%(lots)s)
    union
    select n.*, r.depth + 1 from reached r
    join uses made on r.direction = 'consumed' and made.site = r.site and made.order_id = r.order_id
                  and made.direction = 'produced'
    join uses n on n.site = made.site and n.lot_id = made.lot_id
    where r.depth < %(deepest)s
)
select distinct on (r.site, r.lot_id, r.direction, r.order_id) r.site, r.lot_id, r.direction, r.order_id,
       r.material_id, coalesce(m.name, r.material_id) as material, r.quantity,
       coalesce(m.base_unit, '') as unit, coalesce(f.status, p.status, '') as status, r.depth,
       r.source_system, r.source_key, r.flags
from reached r
left join erp.material m on m.site = r.site and r.material_id in (m.material_id, m.number)
left join erp.floor_order f on f.site = r.site and f.order_id = r.order_id
left join erp.production_order p on p.site = r.site and p.order_id = r.order_id
order by r.site, r.lot_id, r.direction, r.order_id, r.depth
"""
_WAITING = f"""
select l.site, l.order_id, coalesce(c.name, o.customer_id) as customer,
       coalesce(m.name, l.material_id) as material, l.ordered - coalesce(l.delivered, 0) as open,
       coalesce(m.base_unit, '') as unit, l.due_on, {PROVENANCE.format("l")}
from erp.sales_line l
join erp.sales_order o on o.site = l.site and o.order_id = l.order_id
left join erp.customer c on c.site = o.site and c.customer_id = o.customer_id
left join erp.material m on m.site = l.site and m.material_id = l.material_id
where l.site = any(%(sites)s) and l.ordered > coalesce(l.delivered, 0)
  and l.site || ' ' || l.material_id = any(%(materials)s)
order by l.due_on nulls last, l.site, l.order_id
"""


@tool(
    name="held_lot",
    examples=(
        "Which orders and customers does held lot LOT-BAR-001 touch?",
        "What do the lots on hold in Kassel touch?",
    ),
    version=_VERSION,
)
async def held_lot(args: HeldLot, context: ToolContext) -> ToolResult:
    """Which orders, further lots and customers a held lot touches: where it came from and where it went.

    For one lot or batch, on hold or not, or for every one on hold: the orders that made it, those that it
    went into, the lots that came out of them, and open sales orders for what is affected.

    Example: {"lot": "LOT-BAR-001"}.
    """
    queries = Queries(context.tx)
    named = await site_of(context.tx, args.site)
    sites = [site.site for site in await all_sites(context.tx) if named in (None, site.site)]
    holds = await queries.rows(_Hold, _HOLDS, {"sites": sites, "lot": args.lot})
    lots = {f"{one.site} {one.batch_id.lower()}" for one in holds if one.batch_id}
    if args.lot:
        lots |= {f"{site} {args.lot.lower()}" for site in sites}
    touched = await queries.rows(
        _Touched, _TOUCHED, {"sites": sites, "lots": sorted(lots), "deepest": _DEEPEST}
    )
    if not holds and not touched:
        raise ToolError(
            said("no record names the lot [[lot]] at a site that you see", lot=repr(args.lot))
            if args.lot
            else said("no lot is on hold at a site that you see")
        )
    affected = {f"{one.site} {one.material_id}" for one in holds}
    affected |= {f"{one.site} {one.material_id}" for one in touched if one.direction == "produced"}
    waiting = await queries.rows(_Waiting, _WAITING, {"sites": sites, "materials": sorted(affected)})
    proof = await queries.evidence(
        tool="held_lot",
        version=_VERSION,
        arguments=args,
        records=[
            *shares("quality_hold", holds),
            *shares("lot_use", touched),
            *shares("sales_line", waiting),
        ],
        flags=remarks("holds", holds),
        site=sites[0] if len(sites) == 1 else None,
    )
    customers = list(dict.fromkeys(one.customer for one in waiting))
    orders = {(one.site, one.order_id) for one in touched}
    what = said("What lot [[lot]] touches", lot=args.lot) if args.lot else said("What the lots on hold touch")
    return ToolResult(
        tool="held_lot",
        reading=f"{what}, {said('at [[site]]', site=named)}" if named else what,
        tables=(_holds(holds), _uses(touched), _sales(waiting)),
        figures=(
            figure("holds", len(holds), "count", proof.id),
            figure("work orders touched", len(orders), "count", proof.id),
            figure("customers that wait", len(customers), "count", proof.id),
        ),
        evidence=(proof,),
        sentence=_sentence(len(holds), args.lot is not None),
        caveats=_notes(customers, touched),
    )


def _holds(rows: Sequence[_Hold]) -> Table:
    columns = (
        Column("number", "Number", "id"),
        Column("material", "Material", "text"),
        Column("batch", "Batch", "id"),
        Column("quantity", "Quantity", "quantity"),
        Column("unit", "Unit", "text"),
        Column("reason", "Reason", "text"),
        Column("since", "Since", "date"),
    )
    cells = [
        (
            one.hold_id,
            one.material,
            one.batch_id or None,
            one.quantity,
            one.unit,
            one.reason,
            one.placed_at.date(),
        )
        for one in rows
    ]
    return table("Holds", columns, cells, limit=_SHOWN)


def _uses(rows: Sequence[_Touched]) -> Table:
    columns = (
        Column("lot", "Lot", "id"),
        Column("direction", "Direction", "text", words="direction"),
        Column("order_id", "Work order", "id"),
        Column("status", "Status", "text", words="status"),
        Column("material", "Material", "text"),
        Column("quantity", "Quantity", "quantity"),
        Column("unit", "Unit", "text"),
        Column("level", "Level", "count"),
    )
    cells = [
        (
            one.lot_id,
            "went into" if one.direction == "consumed" else "came out of",
            one.order_id,
            one.status or None,
            one.material,
            one.quantity,
            one.unit,
            one.depth,
        )
        for one in sorted(rows, key=lambda row: (row.depth, row.lot_id, row.order_id))
    ]
    return table("Lots and work orders", columns, cells, limit=_SHOWN)


def _sales(rows: Sequence[_Waiting]) -> Table:
    columns = (
        Column("order_id", "Sales order", "id"),
        Column("customer", "Customer", "text"),
        Column("material", "Material", "text"),
        Column("open", "Open quantity", "quantity"),
        Column("unit", "Unit", "text"),
        Column("due_on", "Due", "date"),
    )
    cells = [(one.order_id, one.customer, one.material, one.open, one.unit, one.due_on) for one in rows]
    return table("Open sales orders for what is affected", columns, cells, limit=_SHOWN)


def _sentence(holds: int, is_one: bool) -> str:
    text = said(
        "Work orders touched: {{figures[1]}}; customers that wait for what is affected: {{figures[2]}}."
    )
    if is_one and not holds:
        return f"{said('The lot is not on hold.')} {text}"
    first = counted(holds, "{{figures[0]}} hold is open.", "{{figures[0]}} holds are open.")
    return f"{first} {text}"


def _notes(customers: Sequence[str], touched: Sequence[_Touched]) -> tuple[str, ...]:
    notes = []
    if customers:
        notes.append(
            said(
                "Customers with open orders for what is affected: [[names]]. Which of them had a lot, nothing"
                " records.",
                names=several(customers, 8),
            )
        )
    if not touched:
        notes.append(said("No record says which orders a lot came from or went into."))
    return tuple(notes)
