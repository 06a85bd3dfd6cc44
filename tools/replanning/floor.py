"""What the store knows of a site's shop floor: open orders, what is left of them, work centres and times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from tools.engines.structure import ZERO
from tools.errors import ToolError
from tools.languages import said
from tools.naming import Site, site_by_code
from tools.replanning.hours import Hours
from tools.requirements import CLOSED, OPEN_ORDER
from tools.rows import PROVENANCE, Queries, SourcedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder(SourcedRow):
    """A production order with something left to do."""

    order_id: str
    material_id: str
    material: str
    unit: str
    setup_group: str
    status: str
    quantity: Decimal
    """Ordered, less what is in stock and what is scrap."""
    start_on: date | None
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An operation of a routing."""

    material_id: str
    operation: int
    work_centre_id: str
    setup_minutes: Decimal
    run_minutes: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What was confirmed of an operation."""

    order_id: str
    operation: int
    good: Decimal
    is_ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre(SourcedRow):
    """A work centre."""

    work_centre_id: str
    name: str
    line: str
    rate: Decimal
    """Of an hour."""

    # What names are compared with.
    @property
    def id(self) -> str:
        return self.work_centre_id

    @property
    def code(self) -> str:
        return self.work_centre_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Minutes from one group of products to another on a work centre."""

    work_centre_id: str
    from_group: str
    to_group: str
    minutes: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A time in which a work centre is not there, as it is planned."""

    work_centre_id: str
    starts_on: date
    starts_at: datetime | None
    hours: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A shift of every working day."""

    shift_id: str
    starts_at: time
    ends_at: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """Overtime that may be worked after the last shift of a working day."""

    work_centre_id: str
    """Empty for every one that has none of its own."""
    daily_minutes: Decimal
    weekly_minutes: Decimal | None
    surcharge: Decimal
    """Of an hour, on top of the rate of the work centre."""
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Floor:
    """Everything of one site that replanning starts from."""

    site: Site
    zone: str
    hours: Hours
    orders: tuple[OpenOrder, ...]
    routes: Mapping[str, tuple[Step, ...]]
    """By material."""
    confirmed: Mapping[tuple[str, int], Confirmed]
    centres: Mapping[str, Centre]
    setups: Mapping[str, Mapping[tuple[str, str], Decimal]]
    """By work centre, then by the groups before and after."""
    services: tuple[Service, ...]
    shifts: tuple[Shift, ...]
    extras: tuple[Extra, ...]
    notes: tuple[str, ...]

    def extra_of(self, centre: str, day: date) -> Extra | None:
        """What of overtime a work centre may work on a day; the latest that is in force, its own first."""
        there = [
            one
            for one in self.extras
            if one.work_centre_id in ("", centre)
            and one.valid_from <= day
            and (one.valid_to is None or day <= one.valid_to)
        ]
        return max(there, key=lambda one: (one.work_centre_id != "", one.valid_from), default=None)


_ORDERS = f"""
select p.order_id, p.material_id, coalesce(m.name, p.material_id) as material,
       coalesce(m.base_unit, '') as unit, coalesce(m.setup_group, '') as setup_group,
       coalesce(p.status, '') as status,
       p.ordered - coalesce(p.stocked, 0) - coalesce(p.scrapped, 0) as quantity,
       p.start_on, p.due_on, {PROVENANCE.format("p")}
from erp.production_order p
left join erp.material m on m.site = p.site and m.material_id = p.material_id
where p.site = %(site)s and {OPEN_ORDER.format("p")}
order by p.order_id
"""
_STEPS = """
select r.material_id, r.operation, r.work_centre_id, coalesce(r.setup_minutes, 0) as setup_minutes,
       coalesce(r.run_minutes, 0) as run_minutes
from erp.routing_operation r
where r.site = %(site)s and r.material_id = any(%(materials)s)
order by r.material_id, r.operation
"""
_CONFIRMED = """
select c.order_id, c.operation, sum(coalesce(c.good, 0)) as good, bool_and(c.ended_at is not null) as is_ended
from erp.operation_confirmation c
where c.site = %(site)s and c.order_id = any(%(orders)s)
group by c.order_id, c.operation
"""
_CENTRES = f"""
select w.work_centre_id, w.name, coalesce(w.line, '') as line, coalesce(w.hourly_rate, 0) as rate,
       {PROVENANCE.format("w")}
from erp.work_centre w where w.site = %(site)s order by w.work_centre_id
"""
_SETUPS = """
select s.work_centre_id, s.from_group, s.to_group, s.minutes from erp.setup_time s where s.site = %(site)s
"""
_SERVICES = """
select o.work_centre_id, o.planned_on as starts_on, null::timestamptz as starts_at,
       coalesce(o.hours, 0) as hours
from erp.maintenance_order o
where o.site = %(site)s and o.completed_on is null and o.planned_on >= %(today)s
  and coalesce(lower(o.status) <> all(%(closed)s), true)
union all
select d.work_centre_id, d.started_at::date, d.started_at,
       extract(epoch from d.ended_at - greatest(d.started_at, %(now)s)) / 3600
from erp.downtime d where d.site = %(site)s and d.ended_at > %(now)s
"""
_EXTRAS = """
select coalesce(o.work_centre_id, '') as work_centre_id, o.daily_minutes, o.weekly_minutes, o.surcharge,
       o.valid_from, o.valid_to
from erp.overtime o
where o.site = %(site)s and o.daily_minutes > 0 and o.surcharge >= 0
order by o.source_system, o.source_key
"""
_SITE = "select coalesce(as_of, now()), time_zone from erp.site where site = %(site)s"
_SHIFTS = """
select shift_id, starts_at, ends_at from erp.shift
where site = %(site)s and starts_at is not null and ends_at is not null
"""
_CALENDAR = """
select day, bool_or(is_working) from erp.work_calendar
where site = %(site)s and day between %(first)s and %(last)s group by day
"""


async def floor_of(queries: Queries, code: str, also: Sequence[str] = ()) -> Floor:
    """What is known of a site's shop floor.

    Args:
        also: ids of materials whose routings are wanted though no order makes them.

    Raises:
        ToolError: it has no shifts, no work centres or no open orders.
    """
    site = await site_by_code(queries.tx, code)
    moment, zone = (await queries.tx.fetch(_SITE, {"site": code})).rows[0]
    assert isinstance(moment, datetime)
    given: dict[str, object] = {
        "site": code,
        "today": site.today,
        "now": moment,
        "closed": list(CLOSED),
        "first": site.today - timedelta(days=7),
        "last": site.today + timedelta(days=400),
    }
    shifts = await queries.rows(Shift, _SHIFTS, given)
    if not shifts:
        raise ToolError(
            said("the source holds no shifts of [[site]]; load its shifts, and it can be planned", site=code)
        )
    calendar = {
        day: bool(working)
        for day, working in (await queries.tx.fetch(_CALENDAR, given)).rows
        if isinstance(day, date)
    }
    closed, notes = _closed(site, calendar)
    hours = Hours(str(zone), moment, [(one.starts_at, one.ends_at) for one in shifts], closed)
    if hours.total <= 0:
        raise ToolError(
            said(
                "the calendar of [[site]] has no working day ahead: enter working days, and it can be"
                " planned",
                site=code,
            )
        )
    centres = await queries.rows(Centre, _CENTRES, given)
    if not centres:
        raise ToolError(
            said("the source holds no work centres of [[site]], so nothing can be planned", site=code)
        )
    orders = await queries.rows(OpenOrder, _ORDERS, given)
    if not orders:
        raise ToolError(said("[[site]] has no open work order, so there is nothing to replan", site=code))
    given |= {
        "materials": sorted({*also, *(one.material_id for one in orders)}),
        "orders": [one.order_id for one in orders],
    }
    routes: dict[str, list[Step]] = defaultdict(list)
    for step in await queries.rows(Step, _STEPS, given):
        routes[step.material_id].append(step)
    setups: dict[str, dict[tuple[str, str], Decimal]] = defaultdict(dict)
    for setup in await queries.rows(Setup, _SETUPS, given):
        setups[setup.work_centre_id][setup.from_group, setup.to_group] = setup.minutes
    return Floor(
        site,
        str(zone),
        hours,
        tuple(orders),
        {material: tuple(steps) for material, steps in routes.items()},
        {(one.order_id, one.operation): one for one in await queries.rows(Confirmed, _CONFIRMED, given)},
        {one.work_centre_id: one for one in centres},
        setups,
        tuple(one for one in await queries.rows(Service, _SERVICES, given) if one.hours > ZERO),
        tuple(shifts),
        tuple(await queries.rows(Extra, _EXTRAS, given)),
        tuple(notes),
    )


def _closed(site: Site, calendar: Mapping[date, bool]) -> tuple[frozenset[date], list[str]]:
    """Days without work; where the calendar says nothing of a day, Saturdays and Sundays."""
    days = [site.today + timedelta(days=n) for n in range(-7, 401)]
    closed = frozenset(day for day in days if not calendar.get(day, day.weekday() < 5))
    unknown = [day for day in days[:90] if day not in calendar]
    if not unknown:
        return closed, []
    text = "The calendar says nothing of some days; of those, Monday to Friday count as working days."
    return closed, [said(text)]


def left_of(floor: Floor, order: OpenOrder) -> Sequence[tuple[Step, Decimal]]:
    """The operations of an order that are not done, each with the quantity that it still has to make."""
    arriving = order.quantity
    found: list[tuple[Step, Decimal]] = []
    for step in floor.routes.get(order.material_id, ()):
        done = floor.confirmed.get((order.order_id, step.operation))
        if done is None:
            found.append((step, arriving))
        elif done.is_ended and not found:
            arriving = min(arriving, done.good) if done.good > 0 else arriving
        else:
            found.append((step, max(ZERO, arriving - done.good)))
    return found
