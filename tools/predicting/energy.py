"""What a model of energy is told of each cost centre, up to a moment; the rule; and what came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from erp_adapters.store.session import ReadTransaction
from tools.engines.predictions.quantities import Line, by_the_past
from tools.predicting.things import Thing
from tools.rows import Queries

INPUTS = ("energy_28d", "energy_84d", "scrap_28d", "slow_28d", "load_28d")
"""Their order is part of a model. Energy is a multiple of what a planned hour of good output took."""
HORIZON = timedelta(days=28)
LINE = Line(1.1, "above")
"""A tenth more than usual for the same output is what somebody has to look at."""
_WINDOWS: Final = 13
_LEAST_MINUTES: Final = 600.0
"""Planned minutes of good output in a window below which what it took tells nothing."""


@dataclass(frozen=True, slots=True)
class _Window:
    site: str
    cost_centre: str
    utility: str
    name: str
    unit: str
    ago: int
    used: float
    minutes: float
    planned: float
    actual: float
    scrap: float


# Planned minutes of what came out good: another mix of products is no surprise then.
_MADE = """
    select c.site, coalesce(w.cost_centre_id, '') as cost_centre, {window} as ago,
           sum(c.planned_minutes * c.good / nullif(c.good + coalesce(c.scrapped, 0), 0))::float as minutes,
           sum(c.planned_minutes)::float as planned, sum(c.actual_minutes)::float as actual,
           (sum(coalesce(c.scrapped, 0)) / nullif(sum(c.good + coalesce(c.scrapped, 0)), 0))::float as scrap
    from erp.operation_confirmation c
    join erp.work_centre w on w.site = c.site and w.work_centre_id = c.work_centre_id
    join erp.site s on s.site = c.site
    where c.site = any(%(sites)s) and c.good > 0
      and (c.ended_at at time zone s.time_zone)::date between %(first)s and %(last)s
    group by 1, 2, 3
"""
_WINDOWS_SQL = f"""
with made as (
{_MADE.format(window="((%(last)s::date - (c.ended_at at time zone s.time_zone)::date) / 28)")}
)
select u.site, u.cost_centre_id as cost_centre, u.utility, coalesce(max(k.name), u.cost_centre_id) as name,
       max(u.unit) as unit, ((%(last)s::date - u.day) / 28) as ago, sum(u.quantity)::float as used,
       coalesce(max(m.minutes), 0) as minutes, coalesce(max(m.planned), 0) as planned,
       coalesce(max(m.actual), 0) as actual, coalesce(max(m.scrap), 0) as scrap
from erp.utility_use u
left join erp.cost_centre k on k.site = u.site and k.cost_centre_id = u.cost_centre_id
left join made m on m.site = u.site and m.cost_centre = u.cost_centre_id
                and m.ago = ((%(last)s::date - u.day) / 28)
where u.site = any(%(sites)s) and u.day between %(first)s and %(last)s
group by u.site, u.cost_centre_id, u.utility, 6 order by 1, 2, 3, 6
"""
SEPARATOR: Final = "/"
"""Between cost centre and utility in the name of what is foretold."""


async def things_of(queries: Queries, sites: Sequence[str], until: datetime) -> tuple[Thing, ...]:
    """Every cost centre and utility of the year before a moment, with nothing that came later."""
    last = until.date() - timedelta(days=1)
    asked = {"sites": list(sites), "first": last - HORIZON * _WINDOWS + timedelta(days=1), "last": last}
    by_centre: dict[tuple[str, str, str], dict[int, _Window]] = defaultdict(dict)
    for row in await queries.rows(_Window, _WINDOWS_SQL, asked):
        by_centre[row.site, row.cost_centre, row.utility][row.ago] = row
    return tuple(thing for windows in by_centre.values() if (thing := _thing(windows)) is not None)


def _thing(windows: Mapping[int, _Window]) -> Thing | None:
    told = {ago: each for ago, each in windows.items() if each.minutes >= _LEAST_MINUTES}
    if len(told) < 2:
        return None
    minutes = sum(each.minutes for each in told.values())
    usual = sum(each.used for each in told.values()) / minutes
    if not usual:
        return None
    first = next(iter(windows.values()))
    of = {ago: each.used / each.minutes / usual for ago, each in told.items()}
    rule, chance = by_the_past(1.0, [each - 1 for each in of.values()], LINE)
    last = told.get(0)
    recent = [of[ago] for ago in range(3) if ago in of]
    values = (
        of.get(0),
        sum(recent) / len(recent) if recent else None,
        None if last is None else last.scrap,
        None if last is None or not last.planned else last.actual / last.planned,
        None if last is None else last.minutes / (minutes / len(told)),
    )
    subject = f"{first.cost_centre}{SEPARATOR}{first.utility}"
    return Thing(first.site, subject, first.name, values, usual * 60, first.unit, rule, chance)


async def came(tx: ReadTransaction, site: str, zone: str, day: date) -> dict[str, float]:
    """What a planned hour of good output took within the horizon of a day, by cost centre and utility."""
    del zone
    last = day + HORIZON - timedelta(days=1)
    found = await Queries(tx).rows(_Window, _WINDOWS_SQL, {"sites": [site], "first": day, "last": last})
    return {
        f"{row.cost_centre}{SEPARATOR}{row.utility}": row.used / row.minutes * 60
        for row in found
        if row.minutes >= _LEAST_MINUTES
    }
