"""What a model of yield is told of each work centre, up to a moment; the rule; and what came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from erp_adapters.store.session import ReadTransaction
from tools.engines.predictions.quantities import Line, by_the_past
from tools.predicting.things import Thing, came_of
from tools.rows import Queries

INPUTS = ("scrap_14d", "scrap_42d", "pieces_14d", "slow_14d", "stops_28d")
"""Their order is part of a model. Scrap is a multiple of what is usual there, so are pieces."""
HORIZON = timedelta(days=14)
LINE = Line(2.0, "above")
"""Twice the usual share of scrap is what somebody has to look at."""
LEAST_PIECES: Final = 40
"""Pieces in a window below which its share of scrap tells nothing."""
_WINDOWS: Final = 13
_PRIOR: Final = 500.0
"""Pieces of the site's own share that are mixed in: few pieces tell little."""


@dataclass(frozen=True, slots=True)
class _Window:
    site: str
    work_centre_id: str
    name: str
    ago: int
    good: float
    scrapped: float
    planned: float
    actual: float


@dataclass(frozen=True, slots=True)
class _Stops:
    site: str
    work_centre_id: str
    stops: int


_WINDOWS_SQL = """
select c.site, c.work_centre_id, coalesce(w.name, c.work_centre_id) as name,
       floor(extract(epoch from %(until)s - c.ended_at) / 1209600)::int as ago,
       coalesce(sum(c.good), 0)::float as good, coalesce(sum(c.scrapped), 0)::float as scrapped,
       coalesce(sum(c.planned_minutes), 0)::float as planned,
       coalesce(sum(c.actual_minutes), 0)::float as actual
from erp.operation_confirmation c
left join erp.work_centre w on w.site = c.site and w.work_centre_id = c.work_centre_id
where c.site = any(%(sites)s) and c.ended_at <= %(until)s and c.ended_at > %(since)s
  and coalesce(c.posted_at, c.ended_at) <= %(until)s
group by 1, 2, 3, 4 order by 1, 2, 4
"""
_STOPS_SQL = """
select site, work_centre_id, count(*)::int as stops from erp.downtime
where site = any(%(sites)s) and not is_planned and started_at <= %(until)s
  and started_at > %(until)s - interval '28 days'
group by 1, 2
"""
_CAME = """
select work_centre_id as subject,
       (sum(coalesce(scrapped, 0)) / sum(coalesce(good, 0) + coalesce(scrapped, 0)))::float as value
from erp.operation_confirmation
where site = %(site)s and ended_at >= (%(day)s::date::timestamp at time zone %(zone)s)
  and ended_at < ((%(day)s::date + 14)::timestamp at time zone %(zone)s)
group by 1 having sum(coalesce(good, 0) + coalesce(scrapped, 0)) >= %(least)s
"""


async def things_of(queries: Queries, sites: Sequence[str], until: datetime) -> tuple[Thing, ...]:
    """Every work centre that made something in half a year before a moment, with nothing that came later."""
    since = until - HORIZON * _WINDOWS
    asked = {"sites": list(sites), "until": until, "since": since}
    by_centre: dict[tuple[str, str], dict[int, _Window]] = defaultdict(dict)
    for row in await queries.rows(_Window, _WINDOWS_SQL, asked):
        by_centre[row.site, row.work_centre_id][row.ago] = row
    stops = {
        (row.site, row.work_centre_id): row.stops for row in await queries.rows(_Stops, _STOPS_SQL, asked)
    }
    of_site: dict[str, list[_Window]] = defaultdict(list)
    for (site, _), windows in by_centre.items():
        of_site[site] += windows.values()
    found = []
    for key, windows in by_centre.items():
        overall = _share(of_site[key[0]])
        if overall:
            found.append(_thing(windows, overall, float(stops.get(key, 0))))
    return tuple(found)


def _share(windows: Sequence[_Window]) -> float | None:
    pieces = sum(each.good + each.scrapped for each in windows)
    return sum(each.scrapped for each in windows) / pieces if pieces else None


def _thing(windows: Mapping[int, _Window], overall: float, stops: float) -> Thing:
    first = next(iter(windows.values()))
    pieces = sum(each.good + each.scrapped for each in windows.values())
    usual = (sum(each.scrapped for each in windows.values()) + overall * _PRIOR) / (pieces + _PRIOR)
    told = [each for each in windows.values() if each.good + each.scrapped >= LEAST_PIECES]
    rule, chance = by_the_past(1.0, [(_share([each]) or 0.0) / usual - 1 for each in told], LINE)
    last = windows.get(0)
    recent = [windows[ago] for ago in range(3) if ago in windows]
    values = (
        None if last is None else (_share([last]) or 0.0) / usual,
        (_share(recent) or 0.0) / usual if recent else None,
        0.0 if last is None else (last.good + last.scrapped) / (pieces / _WINDOWS),
        None if last is None or not last.planned else last.actual / last.planned,
        stops,
    )
    return Thing(first.site, first.work_centre_id, first.name, values, usual, "%", rule, chance)


async def came(tx: ReadTransaction, site: str, zone: str, day: date) -> dict[str, float]:
    """The share of scrap within the horizon of a day, by work centre that made enough to tell it."""
    asked = {"site": site, "zone": zone, "day": day, "least": LEAST_PIECES}
    return await came_of(Queries(tx), _CAME, asked)
