"""What sensors of a work centre measured in the last day, as inputs that a version names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tools.rows import Queries

SPAN = timedelta(days=1)
"""What is older says nothing of how a machine runs now: it is missing then, and lowers the quality."""
_ENDING: Final = "_1d"
_NO_WORD: Final = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True)
class _Mean:
    site: str
    work_centre: str
    measures: str
    mean: float


# What was just loaded has no statistics yet: days are picked before they are joined, or a plan goes over all.
_MEANS = """
with d as materialized (
    select site, sensor_id, first_at, step_minutes, readings from erp.sensor_day
    where site = any(%(sites)s) and day between %(since)s::date - 1 and %(until)s::date + 1
)
select a.site, a.work_centre_id as work_centre, s.measures, avg(r.value)::float as mean
from erp.sensor s
join erp.asset a on a.site = s.site and a.asset_id = s.asset_id and a.work_centre_id is not null
join d on d.site = s.site and d.sensor_id = s.sensor_id
cross join lateral unnest(d.readings) with ordinality r (value, n)
where s.site = any(%(sites)s) and r.value <> 'NaN'
  and d.first_at + (r.n - 1) * d.step_minutes * interval '1 minute' >= %(since)s
  and d.first_at + (r.n - 1) * d.step_minutes * interval '1 minute' < %(until)s
group by 1, 2, 3 having count(distinct s.unit) = 1 order by 1, 2, 3
"""


def are_told(inputs: Sequence[str], known: Sequence[str]) -> bool:
    """Whether every input is a known one or what a sensor measures, such as `torque_1d`."""
    return all(name in known or is_measured(name) for name in inputs)


def is_measured(name: str) -> bool:
    """Whether an input is the mean of a day of what some sensor measures."""
    return name.endswith(_ENDING) and name != _ENDING


def input_of(measures: str) -> str:
    """The name of the input that tells what sensors measure: `air_temperature_1d` for `Air temperature`."""
    return _NO_WORD.sub("_", measures.casefold()).strip("_") + _ENDING


async def measured(
    queries: Queries, sites: Sequence[str], until: datetime
) -> Mapping[tuple[str, str], Mapping[str, float]]:
    """The mean of the day before a moment of all that is measured, by site and work centre, by input.

    Where a live source tells something, what was loaded of the same does not count; what sensors of one
    work centre tell in several units is left out.
    """
    asked = {"sites": list(sites), "since": until - SPAN, "until": until}
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in await queries.rows(_Mean, _MEANS, asked):
        found[row.site, row.work_centre][input_of(row.measures)] = row.mean
    live: dict[tuple[str, str, str], list[tuple[str, float]]] = defaultdict(list)
    # numpy comes with it, and few versions are told what sensors measure.
    from erp_adapters.series.reading import means, signals

    current = [each for each in await signals(queries.tx) if each.is_current and each.site in sites]
    came = await means(queries.tx, [each.signal for each in current], until - SPAN, until)
    for each in current:
        if each.work_centre and each.signal in came:
            live[each.site, each.work_centre, input_of(each.measures)].append((each.unit, came[each.signal]))
    for (site, centre, name), values in live.items():
        if len({unit for unit, _ in values}) == 1:
            found[site, centre][name] = sum(value for _, value in values) / len(values)
    queries.note("signals of live sources")
    return found


def told(
    values: Sequence[float | None],
    names: Sequence[str],
    wanted: Sequence[str],
    readings: Mapping[str, float],
) -> tuple[float | None, ...]:
    """The wanted inputs in their order, out of known values by their names and what was measured."""
    known = dict(zip(names, values, strict=True))
    return tuple(known[name] if name in known else readings.get(name) for name in wanted)
