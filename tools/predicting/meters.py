"""What a model is told of each meter to foretell what it takes tomorrow; the rule; and what came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from erp_adapters.store.session import ReadTransaction
from tools.engines.predictions.quantities import Line, by_the_past
from tools.predicting.energy import SEPARATOR
from tools.predicting.things import Thing
from tools.rows import Queries

INPUTS = ("energy_1d", "energy_7d", "energy_28d", "week_ago", "weekday")
"""Their order is part of a model. Energy is a multiple of what those days of the week usually took."""
HORIZON = timedelta(days=2)
"""Today is not over yet: what is foretold is the day after it."""
LINE = Line(1.1, "above")
"""A tenth more than such a day of the week usually takes is what somebody has to look at."""
_WEEKS: Final = 8
_WEEK: Final = 7
_LEAST_WEEKS: Final = 3
_HISTORY: Final = timedelta(days=2 * _WEEKS * _WEEK)


@dataclass(frozen=True, slots=True)
class _Day:
    site: str
    cost_centre: str
    utility: str
    name: str
    unit: str
    day: date
    used: float


_DAYS_SQL = """
select u.site, u.cost_centre_id as cost_centre, u.utility,
       coalesce(nullif(k.name, ''), nullif(u.cost_centre_id, ''), u.site) as name, u.unit, u.day,
       u.quantity::float as used
from erp.utility_use u
left join erp.cost_centre k on k.site = u.site and k.cost_centre_id = u.cost_centre_id
where u.site = any(%(sites)s) and u.day between %(first)s and %(last)s
order by u.site, u.cost_centre_id, u.utility, u.day
"""


async def things_of(queries: Queries, sites: Sequence[str], until: datetime) -> tuple[Thing, ...]:
    """Every meter that was read of late, with what was known before the day of a moment."""
    today = until.date()
    asked = {"sites": list(sites), "first": today - _HISTORY, "last": today - timedelta(days=1)}
    by_meter: dict[tuple[str, str, str], list[_Day]] = defaultdict(list)
    for row in await queries.rows(_Day, _DAYS_SQL, asked):
        by_meter[row.site, row.cost_centre, row.utility].append(row)
    return tuple(thing for days in by_meter.values() if (thing := _thing(days, today)) is not None)


def _thing(days: Sequence[_Day], today: date) -> Thing | None:
    used = {each.day: each.used for each in days}
    tomorrow = today + timedelta(days=1)
    same = [value for back in range(1, _WEEKS + 1) if (value := used.get(_weeks_before(tomorrow, back)))]
    if len(same) < _LEAST_WEEKS:
        return None
    usual = sum(same) / len(same)
    first = days[0]
    rule, chance = by_the_past(1.0, [each / usual - 1 for each in same], LINE)
    values = (
        _against_usual(used, today, 1),
        _against_usual(used, today, _WEEK),
        _against_usual(used, today, 28),
        None if (value := used.get(_weeks_before(tomorrow, 1))) is None else value / usual,
        float(tomorrow.weekday()),
    )
    subject = f"{first.cost_centre}{SEPARATOR}{first.utility}"
    return Thing(first.site, subject, first.name, values, usual, first.unit, rule, chance)


def _weeks_before(day: date, weeks: int) -> date:
    return day - timedelta(days=weeks * _WEEK)


def _against_usual(used: Mapping[date, float], today: date, days: int) -> float | None:
    """What the last days took over what their days of the week had usually taken before."""
    came = expected = 0.0
    for back in range(1, days + 1):
        day = today - timedelta(days=back)
        before = [value for weeks in range(1, _WEEKS + 1) if (value := used.get(_weeks_before(day, weeks)))]
        if day in used and before:
            came += used[day]
            expected += sum(before) / len(before)
    return came / expected if expected else None


async def came(tx: ReadTransaction, site: str, zone: str, day: date) -> dict[str, float]:
    """What each meter took on the day after a day."""
    del zone
    after = day + timedelta(days=1)
    found = await Queries(tx).rows(_Day, _DAYS_SQL, {"sites": [site], "first": after, "last": after})
    return {f"{row.cost_centre}{SEPARATOR}{row.utility}": row.used for row in found}
