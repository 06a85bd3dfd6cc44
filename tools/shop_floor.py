"""How the shop floor stands, as its MES tells: orders and what waits, holds with reasons, machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pydantic import Field

from tools.arguments import Arguments, SiteName, Text
from tools.errors import NotRecorded
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.naming import all_sites, site_of
from tools.presenting import figure, table
from tools.registry import ToolContext, tool
from tools.results import Column, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow

_VERSION = "1.0.0"
_SHOWN = 40


class ShopFloor(Arguments):
    """Of which order, or of the whole floor."""

    order: Text | None = Field(None, description="Number of one work order; all that are begun if left out.")
    site: SiteName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order(SourcedRow):
    site: str
    order_id: str
    material: str
    status: str
    ordered: Decimal
    good: Decimal
    scrapped: Decimal
    unit: str
    due_at: datetime | None
    held_for: str | None
    held_since: datetime | None
    held_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operation(SourcedRow):
    site: str
    order_id: str
    operation: int
    name: str
    work_centre: str
    status: str
    good: Decimal
    scrapped: Decimal
    waiting: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Machine(SourcedRow):
    site: str
    work_centre_id: str
    stands_since: datetime | None
    reason: str | None
    observed: Decimal | None
    availability: Decimal | None
    oee: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding(SourcedRow):
    site: str
    nonconformance_id: str
    order_id: str
    severity: str
    status: str
    decision: str
    reason: str
    raised_at: datetime


_ORDERS = f"""
select o.site, o.order_id, coalesce(m.name, o.material_id) as material, o.status, o.ordered,
       coalesce(o.good, 0) as good, coalesce(o.scrapped, 0) as scrapped, coalesce(m.base_unit, '') as unit,
       o.due_at, h.reason as held_for, h.placed_at as held_since, h.placed_by as held_by,
       {PROVENANCE.format("o")}
from erp.floor_order o
left join erp.material m on m.site = o.site and o.material_id in (m.number, m.material_id)
left join lateral (select reason, placed_at, placed_by from erp.order_hold h
                   where h.site = o.site and h.order_id = o.order_id
                   order by placed_at desc limit 1) h on true
where o.site = any(%(sites)s)
  and case when %(order)s::text is null then o.status in ('released', 'running', 'on hold')
           else lower(o.order_id) = lower(%(order)s) end
order by o.status <> 'on hold', coalesce(o.priority, 999), o.due_at nulls last, o.site, o.order_id
"""
_OPERATIONS = f"""
select p.site, p.order_id, p.operation, p.name, coalesce(w.name, p.work_centre_id) as work_centre, p.status,
       coalesce(p.good, 0) as good, coalesce(p.scrapped, 0) as scrapped, p.waiting, {PROVENANCE.format("p")}
from erp.floor_operation p
left join erp.work_centre w on w.site = p.site and w.work_centre_id = p.work_centre_id
where p.site = any(%(sites)s) and p.order_id = any(%(orders)s)
order by p.site, p.order_id, p.operation
"""
_MACHINES = f"""
select e.site, e.work_centre_id, d.started_at as stands_since, d.reason, e.observed, e.availability, e.oee,
       {PROVENANCE.format("e")}
from erp.machine_effectiveness e
left join lateral (select started_at, reason from erp.downtime d where d.site = e.site
                   and d.work_centre_id = e.work_centre_id and d.ended_at is null
                   and d.source_system = e.source_system order by started_at desc limit 1) d on true
where e.site = any(%(sites)s) order by d.started_at nulls last, e.site, e.work_centre_id
"""
_FINDINGS = f"""
select n.site, n.nonconformance_id, coalesce(n.order_id, '') as order_id,
       coalesce(n.severity, '') as severity, n.status, coalesce(n.disposition, '') as decision,
       coalesce(n.disposition_reason, '') as reason,
       n.raised_at, {PROVENANCE.format("n")}
from erp.nonconformance n
where n.site = any(%(sites)s) and n.closed_at is null
  and (%(order)s::text is null or lower(n.order_id) = lower(%(order)s))
order by n.raised_at desc
"""


@tool(
    name="shop_floor",
    examples=(
        "How does the shop floor stand in Kassel?",
        "Which work orders are on hold on the shop floor, and why?",
        "How far is work order WO-NG-7002 on the shop floor?",
    ),
    version=_VERSION,
)
async def shop_floor(args: ShopFloor, context: ToolContext) -> ToolResult:
    """How the shop floor stands by its MES: orders with good and scrap, what waits, holds, stops, findings.

    For one work order or all that are begun: work in process before each operation, why an order is on hold
    and since when, machines that stand still with their reason, the MES's own OEE of the last day, open
    non-conformances with what was decided (rework, scrap, use as is).

    Example: {"order": "WO-NG-7002"}.
    """
    queries = Queries(context.tx)
    named = await site_of(context.tx, args.site)
    sites = [site.site for site in await all_sites(context.tx) if named in (None, site.site)]
    given = {"sites": sites, "order": args.order}
    orders = await queries.rows(_Order, _ORDERS, given)
    machines = [] if args.order else await queries.rows(_Machine, _MACHINES, given)
    if not orders and not machines:
        raise NotRecorded(
            said("no MES tells of work order [[order]]", order=repr(args.order))
            if args.order
            else said("no MES is read at a site that you see, so nobody tells how its shop floor stands")
        )
    steps = await queries.rows(
        _Operation, _OPERATIONS, {"sites": sites, "orders": [one.order_id for one in orders]}
    )
    findings = await queries.rows(_Finding, _FINDINGS, given)
    proof = await queries.evidence(
        tool="shop_floor",
        version=_VERSION,
        arguments=args,
        records=[
            *shares("floor_order", orders),
            *shares("floor_operation", steps),
            *shares("machine_effectiveness", machines),
            *shares("nonconformance", findings),
        ],
        flags=remarks("orders of the floor", orders),
        site=sites[0] if len(sites) == 1 else None,
    )
    held = [one for one in orders if one.status == "on hold"]
    standing = [one for one in machines if one.stands_since is not None]
    what = (
        said("How work order [[order]] stands on the shop floor", order=args.order)
        if args.order
        else said("How the shop floor stands")
    )
    return ToolResult(
        tool="shop_floor",
        reading=f"{what}, {said('at [[site]]', site=named)}" if named else what,
        tables=(_orders(orders), _steps(steps), _machines(machines), _findings(findings)),
        figures=(
            figure("work orders", len(orders), "count", proof.id),
            figure("work orders on hold", len(held), "count", proof.id),
            figure("machines that stand still", len(standing), "count", proof.id),
        ),
        evidence=(proof,),
        sentence=_sentence(args, orders, held, standing),
        caveats=_notes(steps, machines),
    )


def _orders(rows: Sequence[_Order]) -> Table:
    columns = (
        Column("order_id", "Work order", "id"),
        Column("material", "Material", "text"),
        Column("status", "Status", "text", words="status"),
        Column("ordered", "Ordered", "quantity"),
        Column("good", "Good", "quantity"),
        Column("scrapped", "Scrapped", "quantity", good="down"),
        Column("unit", "Unit", "text"),
        Column("due_on", "Due", "date"),
        Column("reason", "Reason", "text"),
        Column("since", "Since", "date"),
    )
    cells = [
        (
            one.order_id,
            one.material,
            one.status,
            one.ordered,
            one.good,
            one.scrapped,
            one.unit,
            one.due_at.date() if one.due_at else None,
            one.held_for,
            _clock(one.held_since),
        )
        for one in rows
    ]
    return table("Work orders on the floor", columns, cells, limit=_SHOWN)


def _steps(rows: Sequence[_Operation]) -> Table:
    columns = (
        Column("order_id", "Work order", "id"),
        Column("operation", "Operation", "id"),
        Column("name", "Name", "text"),
        Column("work_centre", "Work centre", "text"),
        Column("status", "Status", "text", words="status"),
        Column("good", "Good", "quantity"),
        Column("scrapped", "Scrapped", "quantity", good="down"),
        Column("waiting", "Waiting", "quantity"),
    )
    cells = [
        (
            one.order_id,
            str(one.operation),
            one.name,
            one.work_centre,
            one.status,
            one.good,
            one.scrapped,
            one.waiting,
        )
        for one in rows
    ]
    return table("Operations and what waits before them", columns, cells, limit=2 * _SHOWN)


def _machines(rows: Sequence[_Machine]) -> Table:
    columns = (
        Column("work_centre", "Work centre", "id"),
        Column("since", "Stands since", "date"),
        Column("reason", "Reason", "text"),
        Column("oee", "OEE", "percent", "%", good="up"),
        Column("availability", "Availability", "percent", "%", good="up"),
        Column("observed", "Seen", "percent", "%"),
    )
    cells = [
        (one.work_centre_id, _clock(one.stands_since), one.reason, one.oee, one.availability, one.observed)
        for one in rows
    ]
    return table("Machines", columns, cells, limit=_SHOWN)


def _findings(rows: Sequence[_Finding]) -> Table:
    columns = (
        Column("number", "Number", "id"),
        Column("order_id", "Work order", "id"),
        Column("status", "Status", "text", words="status"),
        Column("decision", "Decision", "text", words="decision"),
        Column("reason", "Reason", "text"),
        Column("raised_on", "Raised", "date"),
    )
    cells = [
        (
            one.nonconformance_id,
            one.order_id or None,
            one.status,
            one.decision or None,
            one.reason or None,
            one.raised_at.date(),
        )
        for one in rows
    ]
    return table("Open non-conformances", columns, cells, limit=_SHOWN)


def _clock(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _sentence(
    args: ShopFloor, orders: Sequence[_Order], held: Sequence[_Order], standing: Sequence[_Machine]
) -> str:
    if args.order:
        return said(
            "Work order {{tables[0].rows[0].order_id}} is {{tables[0].rows[0].status}}:"
            " {{tables[0].rows[0].good}} good and {{tables[0].rows[0].scrapped}} scrapped of"
            " {{tables[0].rows[0].ordered}}."
        )
    first = counted(
        len(orders),
        "{{figures[0]}} work order is on the floor, {{figures[1]}} of them on hold.",
        "{{figures[0]}} work orders are on the floor, {{figures[1]}} of them on hold.",
    )
    if not standing:
        return f"{first} {said('No machine stands still.')}"
    last = counted(
        len(standing),
        "{{figures[2]}} machine stands still: {{tables[2].rows[0].work_centre}}.",
        "{{figures[2]}} machines stand still, the longest {{tables[2].rows[0].work_centre}}.",
    )
    return f"{first} {last}"


def _notes(steps: Sequence[_Operation], machines: Sequence[_Machine]) -> tuple[str, ...]:
    notes = []
    if any(one.waiting is not None and one.waiting < 0 for one in steps):
        notes.append(
            said("Where less than nothing waits, an operation counted more than the one before it gave.")
        )
    if any(one.oee is None for one in machines):
        notes.append(
            said(
                "The MES withholds the OEE of machines that it saw too little of, or whose counts do not fit."
            )
        )
    if machines:
        notes.append(said("OEE is the MES's own, of the day before it was read; moments are those of UTC."))
    return tuple(notes)
