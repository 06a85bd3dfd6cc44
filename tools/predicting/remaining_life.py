"""How many days each work centre has until it fails, as a model is told of it; the rule; and what came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import exp, log
from typing import Final

from erp_adapters.store.session import ReadTransaction
from tools.engines.predictions.calibration import Chance
from tools.engines.predictions.quantities import Estimate, Line
from tools.engines.statistics import wilson
from tools.predicting.inputs import FAILURE_MINUTES, HISTORY, INPUTS, Centre, centres_of
from tools.predicting.rules import PRIOR_DAYS, failures_of
from tools.predicting.things import Thing, came_of
from tools.rows import Queries

__all__ = ["HORIZON", "INPUTS", "LINE", "came", "things_of"]

HORIZON = timedelta(days=56)
"""A life that is longer counts as long as this: how much longer nobody acts upon."""
LINE = Line(14.0, "below")
"""Less than a fortnight is what maintenance has to be planned for now."""
_CAP: Final = float(HORIZON.days)
_CAME = """
select work_centre_id as subject,
       min(extract(epoch from started_at - (%(day)s::date::timestamp at time zone %(zone)s)) / 86400)::float
       as value
from erp.downtime
where site = %(site)s and not is_planned and minutes >= %(minutes)s
  and started_at >= (%(day)s::date::timestamp at time zone %(zone)s)
  and started_at < ((%(day)s::date + %(days)s)::timestamp at time zone %(zone)s)
group by 1
"""


async def things_of(queries: Queries, sites: Sequence[str], until: datetime) -> tuple[Thing, ...]:
    """Every work centre with what was known before a moment, and nothing that came later."""
    centres = await centres_of(queries, sites, until)
    of_site: dict[str, list[Centre]] = defaultdict(list)
    for centre in centres:
        of_site[centre.site].append(centre)
    found = []
    for at_site in of_site.values():
        mean = sum(failures_of(each) for each in at_site) / (len(at_site) * HISTORY.days)
        found += [_thing(each, mean) for each in at_site]
    return tuple(found)


def _thing(centre: Centre, mean: float) -> Thing:
    """The rule takes failures to come at a steady rate, that of the work centre drawn towards its site's."""
    rate = (failures_of(centre) + mean * PRIOR_DAYS) / (HISTORY.days + PRIOR_DAYS)
    life = (1 - exp(-rate * _CAP)) / rate if rate else _CAP
    low, high = (min(_CAP, -log(1 - share) / rate) if rate else _CAP for share in (0.025, 0.975))
    interval = wilson(centre.weeks_failed, centre.weeks)
    assert interval is not None  # half a year has weeks
    weeks = LINE.at / 7
    least, most = (1 - (1 - float(share) / 100) ** weeks for share in (interval.low, interval.high))
    p = 1 - exp(-rate * LINE.at)
    return Thing(
        centre.site,
        centre.centre,
        centre.name,
        centre.values,
        1.0,
        "d",
        Estimate(life, min(life, low), max(life, high)),
        Chance(p, min(p, least), max(p, most), centre.weeks),
        # Warmth is only expected where a sensor watches, and counts by how much of it came.
        centre.quality / (sum(value is not None for value in centre.values) / len(INPUTS)),
    )


async def came(tx: ReadTransaction, site: str, zone: str, day: date) -> dict[str, float]:
    """Days from a day to the next failure, by work centre that failed within the horizon."""
    asked = {"site": site, "zone": zone, "day": day, "minutes": FAILURE_MINUTES, "days": HORIZON.days}
    return await came_of(Queries(tx), _CAME, asked)
