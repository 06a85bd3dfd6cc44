"""What is measured at a work centre: by a live source, or as a historian's files were loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from erp_adapters.records import MachineEvent
from erp_adapters.store.session import ReadTransaction
from tools.rows import Queries

Step: TypeAlias = Literal["hour", "day"]
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
_HOURLY_UP_TO = 3
"""Days up to which a trend is told by the hour."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Something that is measured."""

    site: str
    name: str
    measures: str
    unit: str
    work_centre: str
    work_centre_name: str
    live: int | None
    """Its number where a live source tells it; None where it was loaded."""
    source: str
    now: datetime
    """Up to when a trend reaches: the clock's now, or the site's own today of what was loaded."""
    at: datetime | None = None
    value: float | None = None
    quality: int | None = None
    same_since: datetime | None = None
    down: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    """By which rules it is read: `F`, `Europe/Oslo`."""


@dataclass(frozen=True, slots=True)
class Point:
    """A step of a trend."""

    at: datetime
    mean: Decimal | None
    low: Decimal | None
    high: Decimal | None
    number: int
    useless: int


_LOADED = """
select s.site, coalesce(a.name, s.asset_id) as name, s.measures, s.unit,
       coalesce(a.work_centre_id, '') as work_centre, coalesce(w.name, '') as work_centre_name,
       s.sensor_id as source, coalesce(e.as_of, now()) as now,
       last.at, last.value
from erp.sensor s
join erp.site e on e.site = s.site
left join erp.asset a on a.site = s.site and a.asset_id = s.asset_id
left join erp.work_centre w on w.site = s.site and w.work_centre_id = a.work_centre_id
left join lateral (
    select d.first_at + (r.n - 1) * d.step_minutes * interval '1 minute' as at, r.value::float8 as value
    from (select * from erp.sensor_day d where d.site = s.site and d.sensor_id = s.sensor_id
          order by day desc limit 3) d
    cross join lateral unnest(d.readings) with ordinality r (value, n)
    where r.value is not null order by 1 desc limit 1) last on true
where %(site)s::text is null or s.site = %(site)s
order by s.site, a.work_centre_id, s.measures, s.sensor_id
"""
_LOADED_TREND = """
select date_trunc(%(step)s, r.at, 'UTC') as at, round(avg(r.value)::numeric, 2) as mean,
       round(min(r.value)::numeric, 2) as low, round(max(r.value)::numeric, 2) as high,
       count(r.value)::int as number, (count(*) - count(r.value))::int as useless
from (select d.first_at + (u.n - 1) * d.step_minutes * interval '1 minute' as at, u.value
      from erp.sensor_day d cross join lateral unnest(d.readings) with ordinality u (value, n)
      where d.site = %(site)s and d.sensor_id = %(sensor)s
        and d.day >= %(since)s::date - 1 and d.day <= %(until)s::date + 1) r
where r.at >= %(since)s and r.at < %(until)s
group by 1 order by 1
"""


@dataclass(frozen=True, slots=True)
class _Loaded:
    site: str
    name: str
    measures: str
    unit: str
    work_centre: str
    work_centre_name: str
    source: str
    now: datetime
    at: datetime | None
    value: float | None


async def watched(queries: Queries, site: str | None) -> tuple[Watched, ...]:
    """Everything that is measured in the caller's scope; what live sources tell comes first."""
    # numpy comes with it, and most questions are about something else.
    from erp_adapters.series.reading import signals

    clock = datetime.now(UTC)
    live = [
        Watched(
            each.site,
            each.name,
            each.measures,
            each.unit,
            each.work_centre,
            each.work_centre_name,
            each.signal,
            each.source,
            clock,
            each.at,
            each.value,
            each.quality,
            each.same_since,
            each.rule.down,
            tuple(note for note in (each.rule.source_unit, each.rule.time_zone) if note),
        )
        for each in await signals(queries.tx, site)
        if each.is_current
    ]
    queries.note("signals of live sources")
    told = {(each.site, each.work_centre, each.measures) for each in live}
    loaded = [
        Watched(
            row.site, row.name, row.measures, row.unit, row.work_centre, row.work_centre_name, None,
            row.source, row.now, row.at, row.value,
        )
        for row in await queries.rows(_Loaded, _LOADED, {"site": site})
        if (row.site, row.work_centre, row.measures) not in told
    ]  # fmt: skip
    return (*live, *loaded)


def step_of(days: int) -> Step:
    """In which steps so many days are told."""
    return "hour" if days <= _HOURLY_UP_TO else "day"


async def points(queries: Queries, one: Watched, days: int) -> tuple[Point, ...]:
    """A trend of the last days; a step in which nothing came is left out, and never filled."""
    step, since = step_of(days), one.now - timedelta(days=days)
    if one.live is None:
        asked = {"site": one.site, "sensor": one.source, "step": step, "since": since, "until": one.now}
        return tuple(await queries.rows(Point, _LOADED_TREND, asked))
    from erp_adapters.series.batch import moment
    from erp_adapters.series.reading import trend

    found = await trend(queries.tx, one.live, since, one.now, _STEPS[step])
    queries.note(f"five-minute means of signal {one.live} by {step}")
    columns = (found.starts, found.mean, found.low, found.high, found.number, found.useless)
    return tuple(
        Point(moment(at), _decimal(mean), _decimal(low), _decimal(high), int(number), int(useless))
        for at, mean, low, high, number, useless in zip(*columns, strict=True)
        if number or useless
    )


def _decimal(value: float) -> Decimal | None:
    return None if value != value else round(Decimal(repr(float(value))), 2)


async def stops(tx: ReadTransaction, one: Watched, since: datetime) -> tuple[MachineEvent, ...]:
    """When a machine stood, as its own state says; the last one may not have ended."""
    from erp_adapters.series.reading import samples, stood

    assert one.live is not None, "only what is live says when a machine stands"
    at, values, _ = await samples(tx, one.live, since - timedelta(days=1), one.now)
    return tuple(
        MachineEvent(
            one.site, one.work_centre, each.since, each.until, f"{one.name} = {each.value:g}", one.source
        )
        for each in stood(at, values, one.down)
        if each.until is None or each.until > since
    )


async def stopped_machines(tx: ReadTransaction, site: str | None, days: int = 1) -> tuple[MachineEvent, ...]:
    """Every stop of the last days that a machine's own state tells, for whoever plans around them."""
    found: list[MachineEvent] = []
    for one in await watched(Queries(tx), site):
        if one.live is not None and one.down:
            found += await stops(tx, one, one.now - timedelta(days=days))
    return tuple(found)


def fitting(all_of: Sequence[Watched], work_centre: str | None, measures: str | None) -> list[Watched]:
    """Those of a work centre, by its id or name, that measure something."""
    centre, what = ((text or "").strip().casefold() for text in (work_centre, measures))
    return [
        each
        for each in all_of
        if (not centre or centre in (each.work_centre.casefold(), each.work_centre_name.casefold()))
        and (not what or what == each.measures.casefold())
    ]
