"""Why a work order is late: its operations as they were worked, and what held it up between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from tools.engines.delay import Claim, Reason, Worked, WorkingTime, delay_of
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Site, site_by_code
from tools.presenting import figure, table
from tools.results import Cell, Column, Figure, SourceShare, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow
from tools.structures import lines_below
from tools.work_orders import WorkOrder

_WORDS = {
    "downtime": "work centre stood still",
    "parts": "parts missing",
    "predecessor": "part from another work order missing",
    "busy": "work centre busy with other orders",
    "hold": "component on quality hold",
    "rework": "rework",
    "longer": "took longer than planned",
    "faster": "took less than planned",
    "cushion": "began before it had to",
    "unconfirmed": "next operation not confirmed yet",
    "unexplained": "not explained by the records",
}
"""What people call the reasons of a delay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operation(SourcedRow):
    operation: int
    work_centre_id: str
    work_centre: str
    started_at: datetime | None
    ended_at: datetime | None
    good: Decimal | None
    scrapped: Decimal | None
    reworked: Decimal | None
    planned_minutes: Decimal | None
    actual_minutes: Decimal | None
    run_minutes: Decimal | None
    scrap_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stop(SourcedRow):
    work_centre_id: str
    started_at: datetime
    ended_at: datetime
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    material_id: str
    name: str
    required: Decimal
    on_hand: Decimal
    day: date | None
    quantity: Decimal | None
    kind: str | None
    order_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    operation: int
    work_centre_id: str
    work_centre: str


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of one order's delay."""

    order: WorkOrder
    site: Site
    operations: list[_Operation]
    due: datetime | None
    end: datetime
    minutes: int
    reasons: list[Reason]
    centres: Mapping[str, str]
    stops: list[_Stop]
    waiting_for: _Step | None

    @property
    def days(self) -> int | None:
        if self.order.due_on is None:
            return None
        return ((self.order.end_on or self.site.today) - self.order.due_on).days

    @property
    def is_late(self) -> bool:
        return (
            self.days is not None and self.days > 0 and (self.order.end_on is not None or self.order.is_open)
        )


_OPERATIONS = f"""
select c.operation, c.work_centre_id, coalesce(w.name, c.work_centre_id) as work_centre,
       c.started_at, c.ended_at, c.good, c.scrapped, c.reworked, c.planned_minutes, c.actual_minutes,
       r.run_minutes, s.name as scrap_reason, {PROVENANCE.format("c")}
from erp.operation_confirmation c
left join erp.work_centre w on w.site = c.site and w.work_centre_id = c.work_centre_id
left join erp.scrap_reason s on s.site = c.site and s.scrap_reason_id = c.scrap_reason_id
left join erp.routing_operation r
  on r.site = c.site and r.material_id = %(material)s and r.operation = c.operation
where c.site = %(site)s and c.order_id = %(order)s and c.started_at is not null and c.ended_at is not null
order by c.started_at, c.operation
"""
_NEXT = """
select r.operation, r.work_centre_id, coalesce(w.name, r.work_centre_id) as work_centre
from erp.routing_operation r
left join erp.work_centre w on w.site = r.site and w.work_centre_id = r.work_centre_id
where r.site = %(site)s and r.material_id = %(material)s
  and not exists (select from erp.operation_confirmation c
                  where c.site = r.site and c.order_id = %(order)s and c.operation = r.operation)
order by r.operation limit 1
"""
_STOPS = f"""
select d.work_centre_id, d.started_at, coalesce(d.ended_at, %(until)s) as ended_at,
       coalesce(d.reason, '') as what, {PROVENANCE.format("d")}
from erp.downtime d
where d.site = %(site)s and d.work_centre_id = any(%(centres)s)
  and d.started_at < %(until)s and coalesce(d.ended_at, %(until)s) > %(since)s
order by d.started_at
"""
_BUSY = f"""
select c.work_centre_id, c.started_at, c.ended_at, '' as what, {PROVENANCE.format("c")}
from erp.operation_confirmation c
where c.site = %(site)s and c.work_centre_id = any(%(centres)s) and c.order_id <> %(order)s
  and c.started_at < %(until)s and c.ended_at > %(since)s
order by c.started_at
"""
_HOLDS = f"""
select '' as work_centre_id, h.placed_at as started_at, coalesce(h.released_at, %(until)s) as ended_at,
       coalesce(m.name, h.material_id) as what, {PROVENANCE.format("h")}
from erp.quality_hold h
left join erp.material m on m.site = h.site and m.material_id = h.material_id
where h.site = %(site)s and h.material_id = any(%(parts)s)
  and h.placed_at < %(until)s and coalesce(h.released_at, %(until)s) > %(since)s
order by h.placed_at
"""
_MOVED = """
select n.material_id, coalesce(m.name, n.material_id) as name, n.required, coalesce(s.quantity, 0) as on_hand,
       v.moved_on as day, v.quantity, v.kind, v.order_id
from (select unnest(%(parts)s::text[]) as material_id, unnest(%(required)s::numeric[]) as required) n
left join erp.material m on m.site = %(site)s and m.material_id = n.material_id
left join (select material_id, sum(quantity) as quantity from erp.stock
           where site = %(site)s and status = 'unrestricted' group by material_id) s
  on s.material_id = n.material_id
left join erp.stock_movement v
  on v.site = %(site)s and v.material_id = n.material_id and v.moved_on >= %(day)s
order by n.material_id, v.moved_on
"""
_SITE = "select coalesce(as_of, now()), time_zone from erp.site where site = %(site)s"
_SHIFTS = "select starts_at, ends_at from erp.shift where site = %(site)s and starts_at is not "
"null and ends_at is not null"
_CLOSED = """
select day from erp.work_calendar where site = %(site)s and day between %(first)s and %(last)s
group by day having bool_and(not is_working)
"""


async def why_work_order_late(
    tool: str, version: str, arguments: BaseModel, queries: Queries, order: WorkOrder
) -> ToolResult:
    """The delay of one work order, and where the time went."""
    told = await _told(queries, order)
    proof = await queries.evidence(
        tool=tool,
        version=version,
        arguments=arguments,
        records=[
            *shares("production_order", [order]),
            *shares("operation_confirmation", told.operations),
            *shares("downtime", told.stops),
            *([SourceShare(order.source_system, "shift")] if told.operations else ()),
        ],
        flags=remarks("confirmations", told.operations),
        site=order.site,
    )
    return ToolResult(
        tool=tool,
        reading=", ".join(
            (
                said("Why work order [[order]] is late", order=order.order_id),
                said("today [[day]]", day=day_text(told.site.today)),
                said("at [[site]]", site=order.site),
            )
        ),
        tables=(_reasons(told), _operations(told), _header(told)),
        figures=_figures(told, proof.id),
        evidence=(proof,),
        sentence=_sentence(told),
        caveats=tuple(_caveats(told)),
        suggestions=(
            said("Status of work order [[order]]", order=order.order_id),
            said("Stock and requirements of [[material]]", material=order.material),
        ),
    )


async def _told(queries: Queries, order: WorkOrder) -> _Told:
    site = await site_by_code(queries.tx, order.site)
    params: dict[str, object] = {"site": order.site, "order": order.order_id, "material": order.material_id}
    operations = await queries.rows(_Operation, _OPERATIONS, params)
    moment, zone = (await queries.tx.fetch(_SITE, params)).rows[0]
    now = moment if isinstance(moment, datetime) else datetime.now(ZoneInfo(str(zone)))
    upcoming = await queries.rows(_Step, _NEXT, params) if order.is_open else []
    centres = {each.work_centre_id: each.work_centre for each in operations}
    centres |= {each.work_centre_id: each.work_centre for each in upcoming}
    waiting_for = upcoming[0] if upcoming else None
    bare = _Told(order, site, operations, None, now, 0, [], centres, [], waiting_for)
    if order.due_on is None or not bare.is_late:
        return bare
    first = min((each.started_at for each in operations if each.started_at), default=now)
    days = (min(order.due_on, first.date()) - timedelta(days=60), now.date() + timedelta(days=1))
    working = await _working_time(queries, order.site, str(zone), *days)
    due = working.end_of(order.due_on)
    ends = [each.ended_at for each in operations if each.ended_at]
    end = now if order.is_open else max(ends, default=working.end_of(order.end_on or order.due_on))
    worked = [_worked(each) for each in operations]
    since = min(first, working.before(due, sum(each.planned for each in worked)))
    waits, stops = await _waits(queries, order, centres, since, end, first, working)
    next_centre = waiting_for.work_centre_id if waiting_for else ""
    reasons = delay_of(worked, due, end, working, waits, next_centre) if worked or order.is_open else []
    minutes = working.minutes(due, end)
    if not reasons:
        reasons = [Reason("unexplained", minutes)] if minutes else []
    return _Told(order, site, operations, due, end, minutes, reasons, centres, stops, waiting_for)


def _worked(each: _Operation) -> Worked:
    assert each.started_at is not None
    assert each.ended_at is not None
    rework = (each.reworked or Decimal(0)) * (each.run_minutes or Decimal(0))
    return Worked(
        each.operation,
        each.work_centre_id,
        (each.started_at, each.ended_at),
        round(each.planned_minutes or 0),
        round(rework),
    )


async def _working_time(queries: Queries, site: str, zone: str, first: date, last: date) -> WorkingTime:
    shifts = [
        (start, end)
        for start, end in (await queries.tx.fetch(_SHIFTS, {"site": site})).rows
        if isinstance(start, time) and isinstance(end, time)
    ]
    found = (await queries.tx.fetch(_CLOSED, {"site": site, "first": first, "last": last})).rows
    closed = frozenset(day for (day,) in found if isinstance(day, date))
    if not shifts:
        return WorkingTime(ZoneInfo(zone), closed=closed)
    hours = sum(_hours(start, end) for start, end in shifts)
    return WorkingTime(ZoneInfo(zone), min(start for start, _ in shifts), min(24.0, hours), closed)


def _hours(start: time, end: time) -> float:
    minutes = (end.hour * 60 + end.minute) - (start.hour * 60 + start.minute)
    return (minutes if minutes > 0 else minutes + 24 * 60) / 60


async def _waits(
    queries: Queries,
    order: WorkOrder,
    centres: Mapping[str, str],
    since: datetime,
    until: datetime,
    first: datetime,
    working: WorkingTime,
) -> tuple[dict[str, list[Claim]], list[_Stop]]:
    """What may explain waiting, the likeliest first: missing parts, stops, other orders, holds."""
    lines = await lines_below(queries, order.site, order.material_id, since.date(), all_levels=False)
    required: dict[str, Decimal] = {}
    for line in lines:
        required[line.component_id] = (
            required.get(line.component_id, Decimal(0)) + line.quantity * order.ordered
        )
    params = {
        "site": order.site,
        "order": order.order_id,
        "centres": list(centres),
        "since": since,
        "until": until,
        "parts": list(required),
        "required": list(required.values()),
        "day": since.astimezone(working.zone).date(),
    }
    stops = await queries.rows(_Stop, _STOPS, params)
    busy = await queries.rows(_Stop, _BUSY, params)
    holds = await queries.rows(_Stop, _HOLDS, params) if required else []
    moved = await queries.rows(_Moved, _MOVED, params) if required else []
    waits: dict[str, list[Claim]] = {"": _missing(moved, since, min(first, until), working)}
    for centre in centres:
        found = [
            Claim("downtime", (s.started_at, s.ended_at), s.what) for s in stops if s.work_centre_id == centre
        ]
        found += [Claim("busy", (s.started_at, s.ended_at)) for s in busy if s.work_centre_id == centre]
        waits[centre] = found + [Claim("hold", (s.started_at, s.ended_at), s.what) for s in holds]
    return waits, stops


def _missing(moved: Sequence[_Moved], since: datetime, until: datetime, working: WorkingTime) -> list[Claim]:
    """Times before the first operation in which stock was not enough, by movements back from "
    "today's stock."""
    found: list[Claim] = []
    by_part: dict[str, list[_Moved]] = {}
    for row in moved:
        by_part.setdefault(row.material_id, []).append(row)
    for rows in by_part.values():
        later = [row for row in rows if row.day is not None and row.quantity is not None]
        balance = rows[0].on_hand - sum((row.quantity or Decimal(0) for row in later), Decimal(0))
        if balance >= rows[0].required:
            continue
        for row in later:
            assert row.day is not None
            balance += row.quantity or Decimal(0)
            there = working.start_of(row.day)
            if there > until:
                break
            if balance >= rows[0].required and (row.quantity or 0) > 0:
                kind = "predecessor" if row.kind == "production" else "parts"
                what = f"{rows[0].name} ({row.order_id})" if row.order_id else rows[0].name
                found.append(Claim(kind, (since, there), what))
                break
    return found


def _reasons(told: _Told) -> Table:
    columns = (
        Column("reason", "Reason", "text", words="remark"),
        Column("operation", "Operation", "id"),
        Column("work_centre", "Work centre", "text"),
        Column("what", "What it was", "text"),
        Column("minutes", "Working minutes", "quantity", "min", good="down"),
    )
    rows: list[list[Cell]] = []
    for one in told.reasons:
        operation, _, centre = one.where.partition(" ") if " " in one.where else ("", "", one.where)
        rows.append(
            [
                _WORDS[one.kind],
                operation or None,
                told.centres.get(centre, centre) or None,
                one.what or None,
                Decimal(one.minutes),
            ]
        )
    return table("Where the time went, largest first", columns, rows)


def _operations(told: _Told) -> Table:
    unit = told.order.unit
    columns = (
        Column("operation", "Operation", "id"),
        Column("work_centre", "Work centre", "text"),
        Column("started_at", "Started", "date"),
        Column("ended_at", "Ended", "date"),
        Column("planned", "Planned minutes", "quantity", "min"),
        Column("actual", "Actual minutes", "quantity", "min"),
        Column("good", "Good", "quantity", unit),
        Column("scrapped", "Scrapped", "quantity", unit, good="down"),
        Column("reworked", "Reworked", "quantity", unit, good="down"),
        Column("scrap_reason", "Scrap reason", "text"),
    )
    return table(
        "Operations as confirmed",
        columns,
        [
            (
                str(each.operation),
                each.work_centre,
                each.started_at,
                each.ended_at,
                each.planned_minutes,
                each.actual_minutes,
                each.good,
                each.scrapped,
                each.reworked,
                each.scrap_reason,
            )
            for each in told.operations
        ],
    )


def _header(told: _Told) -> Table:
    order = told.order
    columns = (
        Column("order_id", "Work order", "id"),
        Column("material", "Material", "text"),
        Column("due_on", "Due", "date"),
        Column("start_on", "Start", "date"),
        Column("end_on", "End", "date"),
        Column("days_late", "Days late", "days", "days", good="down"),
    )
    days = told.days if told.is_late else None
    return table(
        "Work order",
        columns,
        [(order.order_id, order.material, order.due_on, order.start_on, order.end_on, days)],
    )


def _figures(told: _Told, proof: str) -> tuple[Figure, ...]:
    if not told.is_late or told.days is None:
        return ()
    rest = next((one.minutes for one in told.reasons if one.kind == "unexplained"), 0)
    return (
        figure("days late", told.days, "days", proof, "days"),
        figure("delay in working minutes", told.minutes, "quantity", proof, "min"),
        figure("not explained by the records", rest, "quantity", proof, "min"),
    )


def _sentence(told: _Told) -> str:
    if told.order.due_on is None:
        return said("The source has no due date for it, so nobody can say whether it is late.")
    if not told.is_late:
        return said("Work order {{tables[2].rows[0].order_id}} is not late.")
    text = said(
        "Work order {{tables[2].rows[0].order_id}} is {{figures[0]}} late so far."
        if told.order.end_on is None
        else "Work order {{tables[2].rows[0].order_id}} ended {{figures[0]}} late."
    )
    largest = told.reasons[0] if told.reasons else None
    if largest is None or largest.kind == "unexplained":
        return f"{text} {said('The records do not say why.')}"
    return f"{text} {said(_LARGEST if largest.where else _LARGEST_ALONE)}"


_LARGEST = (
    "The largest reason: {{tables[0].rows[0].reason}}, {{tables[0].rows[0].minutes}} at"
    " {{tables[0].rows[0].work_centre}}."
)
_LARGEST_ALONE = "The largest reason: {{tables[0].rows[0].reason}}, {{tables[0].rows[0].minutes}}."


def _caveats(told: _Told) -> list[str]:
    found: list[str] = []
    if told.order.due_on is None:
        return found
    if not told.operations and told.is_late:
        found.append(
            said(
                "No confirmation of an operation is loaded for it, so waiting, set-up, run and "
                "downtime cannot"
                " be told apart."
            )
        )
    if told.is_late and told.operations:
        found.append(
            said(
                "Counted are working minutes from the latest start, which is the due date less the planned"
                " minutes of the operations done, to the end; all rows add up to the delay."
            )
        )
    scrapped = sum(bool(each.scrapped) for each in told.operations)
    if scrapped:
        found.append(
            counted(
                scrapped,
                "[[number]] operation reported scrap; that took no time of its own that could be counted.",
                "[[number]] operations reported scrap; that took no time of its own that could be counted.",
            )
        )
    return found
