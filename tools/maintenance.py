"""Maintenance that is planned, and whether the parts that it needs are there in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from pydantic import Field

from tools.arguments import Arguments, SiteName
from tools.errors import NotRecorded
from tools.evidence import shares
from tools.languages import said
from tools.naming import Site, all_sites, site_of
from tools.presenting import figure, table
from tools.registry import ToolContext, tool
from tools.results import Column, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow

_VERSION = "1.0.0"
_SHOWN = 60
Verdict: TypeAlias = Literal["there", "comes in time", "comes too late", "missing", "none reserved"]


class MaintenanceParts(Arguments):
    """Of which site, and how far ahead."""

    site: SiteName = None
    days: int = Field(28, ge=1, le=366, description="How many days ahead planned maintenance is looked at.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job(SourcedRow):
    site: str
    order_id: str
    work_centre: str
    kind: str
    planned_on: date
    material_id: str | None
    part: str | None
    unit: str | None
    needed: Decimal | None


@dataclass(frozen=True, slots=True)
class _Free:
    site: str
    material_id: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class _Coming:
    site: str
    material_id: str
    due_on: date
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class _Checked:
    """A part of a job, or a job without parts."""

    job: _Job
    there: Decimal | None
    comes_on: date | None
    verdict: Verdict


_JOBS = f"""
select o.site, o.order_id, coalesce(w.name, o.work_centre_id) as work_centre, o.kind, o.planned_on,
       r.material_id, coalesce(m.name, r.material_id) as part, coalesce(m.base_unit, '') as unit,
       r.quantity - r.withdrawn as needed, {PROVENANCE.format("o")}
from erp.maintenance_order o
join erp.site s on s.site = o.site
left join erp.work_centre w on w.site = o.site and w.work_centre_id = o.work_centre_id
left join erp.reservation r on r.site = o.site and r.order_id = o.order_id and r.quantity > r.withdrawn
left join erp.material m on m.site = r.site and m.material_id = r.material_id
where o.site = any(%(sites)s) and o.completed_on is null and o.planned_on is not null
  and o.planned_on <= coalesce(s.as_of, now())::date + %(days)s
order by o.planned_on, o.site, o.order_id, part
"""
_FREE = """
select site, material_id, sum(quantity) as quantity from erp.stock
where site = any(%(sites)s) and material_id = any(%(materials)s) and status = 'unrestricted' group by 1, 2
"""
_COMING = """
select l.site, l.material_id, coalesce(l.confirmed_on, l.due_on) as due_on,
       l.ordered - coalesce(l.received, 0) as quantity
from erp.purchase_line l
where l.site = any(%(sites)s) and l.material_id = any(%(materials)s) and l.ordered > coalesce(l.received, 0)
  and coalesce(l.confirmed_on, l.due_on) is not null
order by 3
"""


@tool(
    name="maintenance_parts",
    examples=(
        "Are the spare parts there for the maintenance that is planned in Kassel?",
        "Which maintenance is planned in the next 28 days?",
        "Which planned maintenance lacks parts?",
    ),
    version=_VERSION,
)
async def maintenance_parts(args: MaintenanceParts, context: ToolContext) -> ToolResult:
    """Planned and open maintenance orders, and whether the spare parts reserved for each are there in time.

    Free stock goes to the earliest job first; then open purchase lines count by the supplier's confirmed
    date. A job without reservations is named as such: nobody knows what it needs. How likely a machine
    fails before is `failure_risk`.

    Example: {"site": "Kassel", "days": 28}.
    """
    queries = Queries(context.tx)
    named = await site_of(context.tx, args.site)
    sites = [site for site in await all_sites(context.tx) if named in (None, site.site)]
    codes = [site.site for site in sites]
    jobs = await queries.rows(_Job, _JOBS, {"sites": codes, "days": args.days})
    if (
        not jobs
        and not (await context.tx.fetch("select exists (select from erp.maintenance_order)")).rows[0][0]
    ):
        raise NotRecorded(said("No maintenance orders are loaded at a site that you see."))
    asked = {"sites": codes, "materials": sorted({job.material_id for job in jobs if job.material_id})}
    free = await queries.rows(_Free, _FREE, asked)
    coming = await queries.rows(_Coming, _COMING, asked)
    checked = _checked(jobs, free, coming)
    proof = await queries.evidence(
        tool="maintenance_parts",
        version=_VERSION,
        arguments=args,
        records=[*shares("maintenance_order", jobs), "reservation", "stock", "purchase_line"],
        site=codes[0] if len(codes) == 1 else None,
    )
    orders = {(each.job.site, each.job.order_id) for each in checked}
    short = {
        (each.job.site, each.job.order_id)
        for each in checked
        if each.verdict in ("missing", "comes too late")
    }
    bare = sum(each.verdict == "none reserved" for each in checked)
    what = said("Maintenance of the next [[days]] days and its parts", days=args.days)
    return ToolResult(
        tool="maintenance_parts",
        reading=f"{what}, {said('at [[site]]', site=named)}" if named else what,
        tables=(_table(checked, sites),),
        figures=(
            figure("maintenance orders", len(orders), "count", proof.id),
            figure("without their parts in time", len(short), "count", proof.id),
            figure("without reserved parts", bare, "count", proof.id),
        ),
        evidence=(proof,),
        sentence=said(
            "{{figures[0]}} maintenance orders are open; for {{figures[1]}} parts are not there in time, and"
            " for {{figures[2]}} none are reserved."
        )
        if orders
        else said("No maintenance is planned in that time."),
        caveats=_notes(bare),
    )


def _checked(jobs: Sequence[_Job], free: Sequence[_Free], coming: Sequence[_Coming]) -> list[_Checked]:
    """Each part against what is free and comes, after what earlier jobs take."""
    left = {(each.site, each.material_id): each.quantity for each in free}
    arrivals: dict[tuple[str, str], list[list[date | Decimal]]] = defaultdict(list)
    for each in coming:
        arrivals[each.site, each.material_id].append([each.due_on, each.quantity])
    found = []
    for job in jobs:
        if job.material_id is None or job.needed is None:
            found.append(_Checked(job, None, None, "none reserved"))
            continue
        key = (job.site, job.material_id)
        there = left.get(key, Decimal(0))
        open_ = max(Decimal(0), job.needed - there)
        left[key] = max(Decimal(0), there - job.needed)
        comes_on = _taken(arrivals[key], open_)
        verdict: Verdict = "there"
        if open_:
            verdict = "missing"
            if comes_on is not None:
                verdict = "comes in time" if comes_on <= job.planned_on else "comes too late"
        found.append(_Checked(job, there, comes_on if open_ else None, verdict))
    return found


def _taken(arrivals: list[list[date | Decimal]], wanted: Decimal) -> date | None:
    """When as much has come, which no later job gets; None where it never does."""
    last = None
    for arrival in arrivals:
        due_on, quantity = arrival
        assert isinstance(due_on, date)
        assert isinstance(quantity, Decimal)
        if wanted <= 0:
            break
        if quantity > 0:
            taken = min(quantity, wanted)
            arrival[1] = quantity - taken
            wanted -= taken
            last = due_on
    return last if wanted <= 0 else None


def _table(checked: Sequence[_Checked], sites: Sequence[Site]) -> Table:
    several_sites = len({each.job.site for each in checked}) > 1
    today = {site.site: site.today for site in sites}
    columns = (
        *((Column("site", "Site", "id"),) if several_sites else ()),
        Column("order_id", "Maintenance order", "id"),
        Column("work_centre", "Work centre", "text"),
        Column("kind", "Kind", "text"),
        Column("planned_on", "Planned for", "date"),
        Column("overdue", "Overdue", "days", "days", good="down"),
        Column("part", "Spare part", "text"),
        Column("needed", "Quantity", "quantity"),
        Column("there", "On hand", "quantity"),
        Column("unit", "Unit", "text"),
        Column("comes_on", "Comes on", "date"),
        Column("verdict", "Parts", "text", words="parts"),
    )
    rows = [
        (
            *((each.job.site,) if several_sites else ()),
            each.job.order_id,
            each.job.work_centre,
            each.job.kind,
            each.job.planned_on,
            _days(each.job.planned_on, today[each.job.site]),
            each.job.part,
            each.job.needed,
            each.there,
            each.job.unit or None,
            each.comes_on,
            each.verdict,
        )
        for each in checked
    ]
    return table("Maintenance and its parts", columns, rows, limit=_SHOWN)


def _days(planned: date, today: date) -> int | None:
    late = (today - planned) // timedelta(days=1)
    return late if late > 0 else None


def _notes(bare: int) -> tuple[str, ...]:
    notes = [
        said("Free stock goes to the earliest job first; what production needs of it is not subtracted.")
    ]
    if bare:
        notes.append(said("Where no parts are reserved, nobody knows what the job needs."))
    return tuple(notes)
