"""What a model of demand is told of each material that customers buy; the rule; and what came."""

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

INPUTS = ("booked", "expected", "last_28d", "last_84d", "year_before", "idle_share")
"""Their order is part of a model. All but the last are multiples of the usual demand."""
HORIZON = timedelta(days=28)
"""What is foretold is the demand that falls due within it."""
LINE = Line(1.25, "above")
"""A quarter more than usual is what replenishment has to be looked at for."""
_WINDOWS: Final = 13
"""Windows of the same length that say what is usual: a year, so that no season does."""
_FEWEST: Final = 3


@dataclass(frozen=True, slots=True)
class _Window:
    site: str
    material_id: str
    name: str
    unit: str
    ago: int
    """0 is the window that ended last, -1 the one to come."""
    wanted: float
    booked: float
    """Of it, what was ordered when the window began."""


_WINDOWS_SQL = """
select w.site, w.material_id, coalesce(m.number || ' ' || m.name, w.material_id) as name,
       coalesce(m.base_unit, '') as unit, w.ago, sum(w.ordered)::float as wanted,
       coalesce(sum(w.ordered) filter (where w.ordered_on <= %(day)s::date - 28 * (w.ago + 1)), 0)::float
       as booked
from (select l.site, l.material_id, l.ordered, o.ordered_on,
             floor((%(day)s::date - 1 - l.due_on) / 28.0)::int as ago
      from erp.sales_line l join erp.sales_order o on o.site = l.site and o.order_id = l.order_id
      where l.site = any(%(sites)s) and o.ordered_on <= %(day)s
        and l.due_on between %(day)s::date - 28 * %(windows)s and %(day)s::date + 27) w
left join erp.material m on m.site = w.site and m.material_id = w.material_id
group by 1, 2, 3, 4, 5 order by 1, 2, 5
"""
_CAME = """
select l.material_id as subject, sum(l.ordered)::float as value from erp.sales_line l
where l.site = %(site)s and l.due_on between %(day)s and %(day)s::date + 27 group by 1
"""


async def things_of(queries: Queries, sites: Sequence[str], until: datetime) -> tuple[Thing, ...]:
    """Every material that customers wanted in the year before a moment, with nothing that came later."""
    asked = {"sites": list(sites), "day": until.date(), "windows": _WINDOWS}
    by_material: dict[tuple[str, str], dict[int, _Window]] = defaultdict(dict)
    for row in await queries.rows(_Window, _WINDOWS_SQL, asked):
        by_material[row.site, row.material_id][row.ago] = row
    booked, wanted = defaultdict[str, float](float), defaultdict[str, float](float)
    for (site, _), windows in by_material.items():
        for ago, window in windows.items():
            if ago >= 0:
                booked[site] += window.booked
                wanted[site] += window.wanted
    found = []
    for (site, _), windows in by_material.items():
        share = booked[site] / wanted[site] if wanted[site] else 0.0
        if (thing := _thing(windows, share)) is not None:
            found.append(thing)
    return tuple(found)


def _thing(windows: Mapping[int, _Window], share: float) -> Thing | None:
    count = max(windows) + 1
    past = [windows[ago].wanted if ago in windows else 0.0 for ago in range(count)]
    if count < _FEWEST or not (usual := sum(past) / count):
        return None
    first = next(iter(windows.values()))
    ahead = windows[-1].booked / usual if -1 in windows else 0.0
    # Bornhuetter and Ferguson: what is booked, and as much more as usually comes after that.
    more = 1 - share
    errors = [
        (past[ago] - (windows[ago].booked if ago in windows else 0.0)) / usual - more for ago in range(count)
    ]
    rule, chance = by_the_past(ahead + more, errors, LINE)
    values = (
        ahead,
        ahead + more,
        past[0] / usual,
        sum(past[:3]) / 3 / usual,
        past[_WINDOWS - 1] / usual if count == _WINDOWS else None,
        sum(not each for each in past) / count,
    )
    return Thing(first.site, first.material_id, first.name, values, usual, first.unit, rule, chance)


async def came(tx: ReadTransaction, site: str, zone: str, day: date) -> dict[str, float]:
    """What fell due within the horizon of a day, by material; nothing of one means that nobody wanted it."""
    del zone
    return await came_of(Queries(tx), _CAME, {"site": site, "day": day})
