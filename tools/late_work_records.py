"""What is known of a late work order: its operations, and what was in the way between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tools.engines.delay import Claim, Reason, Worked, WorkingTime, delay_of
from tools.naming import Site, site_by_code
from tools.rows import PROVENANCE, Queries, SourcedRow
from tools.structures import lines_below
from tools.work_orders import WorkOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(SourcedRow):
    """An operation as it was confirmed."""

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
class Stop(SourcedRow):
    """A time in which a work centre was not free, or a part not."""

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
class NextStep:
    """The operation that an open order waits for."""

    operation: int
    work_centre_id: str
    work_centre: str


@dataclass(frozen=True, slots=True)
class LateOrder:
    """What is known of one order's delay."""

    order: WorkOrder
    site: Site
    operations: list[Operation]
    due: datetime | None
    end: datetime
    minutes: int
    reasons: list[Reason]
    centres: Mapping[str, str]
    stops: list[Stop]
    waiting_for: NextStep | None

    @property
    def days(self) -> int | None:
        """From the due date to the end, or to today; negative where early."""
        if self.order.due_on is None:
            return None
        return ((self.order.end_on or self.site.today) - self.order.due_on).days

    @property
    def is_late(self) -> bool:
        """True where it ended after its due date, or is open after it."""
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
_SHIFTS = """
select starts_at, ends_at from erp.shift
where site = %(site)s and starts_at is not null and ends_at is not null
"""
_CLOSED = """
select day from erp.work_calendar where site = %(site)s and day between %(first)s and %(last)s
group by day having bool_and(not is_working)
"""


async def late_order(queries: Queries, order: WorkOrder) -> LateOrder:
    """Where the time of an order went; without reasons where it is not late."""
    site = await site_by_code(queries.tx, order.site)
    params: dict[str, object] = {"site": order.site, "order": order.order_id, "material": order.material_id}
    operations = await queries.rows(Operation, _OPERATIONS, params)
    moment, zone = (await queries.tx.fetch(_SITE, params)).rows[0]
    now = moment if isinstance(moment, datetime) else datetime.now(ZoneInfo(str(zone)))
    upcoming = await queries.rows(NextStep, _NEXT, params) if order.is_open else []
    centres = {each.work_centre_id: each.work_centre for each in operations}
    centres |= {each.work_centre_id: each.work_centre for each in upcoming}
    waiting_for = upcoming[0] if upcoming else None
    bare = LateOrder(order, site, operations, None, now, 0, [], centres, [], waiting_for)
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
    return LateOrder(order, site, operations, due, end, minutes, reasons, centres, stops, waiting_for)


def _worked(each: Operation) -> Worked:
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
) -> tuple[dict[str, list[Claim]], list[Stop]]:
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
    stops = await queries.rows(Stop, _STOPS, params)
    busy = await queries.rows(Stop, _BUSY, params)
    holds = await queries.rows(Stop, _HOLDS, params) if required else []
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
