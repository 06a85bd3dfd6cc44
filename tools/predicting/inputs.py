"""What a model of failures is told of each work centre: stops, maintenance, warmth, up to a moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tools.predicting.warmth import BEFORE, RECENT, WarmDay, Warmth, warmths
from tools.rows import Queries

INPUTS = (
    "stops_7d",
    "stops_28d",
    "stops_182d",
    "minutes_28d",
    "failures_182d",
    "days_since_stop",
    "days_since_maintenance",
    "warmth",
    "warmth_rise",
)
"""Their order is part of a model: one that was trained on others is another model."""
OF_WARMTH = frozenset({"warmth", "warmth_rise"})
"""Those that only a work centre with a sensor has."""
FAILURE_MINUTES = 150
"""A stop as long as this is a failure."""
HORIZON = timedelta(days=7)
"""How far ahead is foretold."""
HISTORY = timedelta(days=182)
"""How far back stops count."""
_WARM_DAYS = RECENT + BEFORE
_LONG_AGO = float(HISTORY.days)


@dataclass(frozen=True, slots=True)
class Centre:
    """A work centre with what is known of it."""

    site: str
    centre: str
    name: str
    line: str | None
    hourly_rate: Decimal | None
    currency: str | None
    values: tuple[float | None, ...]
    """By `INPUTS`; None where it is not known."""
    coverage: float
    """Share of the readings of warmth that came in the days it is told by; 1 where none are expected."""
    expected: int
    """Inputs that there should be: those of warmth only where a sensor watches it."""
    weeks: int
    """Whole weeks of history, and in how many of them it failed."""
    weeks_failed: int
    failure_minutes: tuple[Decimal, ...]
    """How long each of its failures took."""

    @property
    def subject(self) -> str:
        """What is foretold."""
        return self.centre

    @property
    def quality(self) -> float:
        """Share of the inputs that are there of those that should be; a thin history counts in part."""
        there = sum(value is not None for value in self.values)
        return min(1.0, there / self.expected) * self.coverage


@dataclass(frozen=True, slots=True)
class _Row:
    site: str
    work_centre_id: str
    name: str
    line: str | None
    hourly_rate: Decimal | None
    currency: str | None
    sensors: int


@dataclass(frozen=True, slots=True)
class _Stop:
    site: str
    work_centre_id: str
    started_at: datetime
    minutes: Decimal | None
    is_planned: bool


_CENTRES = """
select w.site, w.work_centre_id, w.name, w.line, w.hourly_rate, w.currency,
       (select count(*) from erp.asset a join erp.sensor s on s.site = a.site and s.asset_id = a.asset_id
        where a.site = w.site and a.work_centre_id = w.work_centre_id and s.measures = 'temperature')::int
       as sensors
from erp.work_centre w where w.site = any(%(sites)s) order by w.site, w.work_centre_id
"""
_STOPS = """
select site, work_centre_id, started_at,
       coalesce(minutes, round(extract(epoch from least(ended_at, %(until)s) - started_at) / 60)) as minutes,
       is_planned
from erp.downtime
where site = any(%(sites)s) and started_at >= %(since)s and started_at < %(until)s
order by site, work_centre_id, started_at
"""
_WARMTHS = """
select d.site, a.work_centre_id, d.sensor_id, (%(until)s::date - d.day) as days_ago,
       count_of.share::float as share,
       (select percentile_cont(0.95) within group (order by each) from unnest(d.readings) each) as peak
from erp.sensor_day d
join erp.sensor s on s.site = d.site and s.sensor_id = d.sensor_id and s.measures = 'temperature'
join erp.asset a on a.site = s.site and a.asset_id = s.asset_id
cross join lateral (select count(each) / greatest(1, 1440.0 / d.step_minutes) as share
                    from unnest(d.readings) each) count_of
where d.site = any(%(sites)s) and d.day < %(until)s::date and d.day >= %(until)s::date - %(days)s
  and a.work_centre_id is not null
order by d.site, a.work_centre_id, d.sensor_id, d.day
"""


async def centres_of(queries: Queries, sites: Sequence[str], until: datetime) -> tuple[Centre, ...]:
    """Every work centre of the sites with what was known before a moment, and nothing that came later."""
    asked = {"sites": list(sites), "until": until, "since": until - HISTORY, "days": _WARM_DAYS}
    stops: dict[tuple[str, str], list[_Stop]] = defaultdict(list)
    for stop in await queries.rows(_Stop, _STOPS, asked):
        stops[stop.site, stop.work_centre_id].append(stop)
    days = await queries.rows(WarmDay, _WARMTHS, asked)
    warm = warmths(days)
    came: dict[tuple[str, str], float] = defaultdict(float)
    for day in days:
        came[day.site, day.work_centre_id] += day.share
    found = []
    for row in await queries.rows(_Row, _CENTRES, {"sites": list(sites)}):
        key = (row.site, row.work_centre_id)
        found.append(_centre(row, stops[key], warm.get(key), came[key], until))
    return tuple(found)


def _centre(row: _Row, stops: Sequence[_Stop], warmth: Warmth | None, came: float, until: datetime) -> Centre:
    own = [stop for stop in stops if not stop.is_planned]
    ages = [(until - stop.started_at) / timedelta(days=1) for stop in own]
    kept = [(until - stop.started_at) / timedelta(days=1) for stop in stops if stop.is_planned]
    lasted = [float(stop.minutes or 0) for stop in own]
    failed = [age for minutes, age in zip(lasted, ages, strict=True) if minutes >= FAILURE_MINUTES]
    values = (
        float(sum(age <= 7 for age in ages)),
        float(sum(age <= 28 for age in ages)),
        float(len(ages)),
        sum((minutes for minutes, age in zip(lasted, ages, strict=True) if age <= 28), 0.0),
        float(len(failed)),
        min(ages, default=_LONG_AGO),
        min(kept, default=_LONG_AGO),
        None if warmth is None else warmth.level,
        None if warmth is None else warmth.rise,
    )
    return Centre(
        row.site,
        row.work_centre_id,
        row.name,
        row.line,
        row.hourly_rate,
        row.currency,
        values,
        min(1.0, came / (_WARM_DAYS * row.sensors)) if row.sensors else 1.0,
        len(INPUTS) if row.sensors else len(INPUTS) - len(OF_WARMTH),
        HISTORY.days // 7,
        len({int(age // 7) for age in failed if age < HISTORY.days // 7 * 7}),
        tuple(stop.minutes for stop in own if stop.minutes is not None and stop.minutes >= FAILURE_MINUTES),
    )
