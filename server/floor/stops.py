"""Machines that stand still now, as what was loaded of their MES tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from erp_adapters.records import MachineEvent
from erp_adapters.store.session import ReadTransaction
from tools.rows import rows

OLDEST: Final = timedelta(days=3)
"""A stop that nobody ended for so long is a machine that nobody misses, or an MES that is not told."""
_USUAL_HOURS: Final = 8
_MOST_HOURS: Final = 200
_STANDING: Final = """
select d.site, d.work_centre_id as work_centre, d.started_at as since, d.ended_at as until,
       coalesce(d.reason, '') as reason, d.source_system as source
from erp.downtime d
where d.site = any(%(sites)s) and d.source_system = any(%(sources)s) and d.ended_at is null
  and not d.is_planned and d.started_at between %(oldest)s and %(before)s
order by d.site, d.started_at, d.work_centre_id
"""
_LASTED: Final = """
select percentile_cont(0.5) within group (order by minutes) as minutes from erp.downtime
where site = %(site)s and work_centre_id = %(centre)s and not is_planned and minutes > %(stands)s
"""


@dataclass(frozen=True, slots=True)
class _Lasted:
    minutes: float | Decimal | None


async def standing(
    tx: ReadTransaction, sites: Sequence[str], sources: Sequence[str], now: datetime, after: timedelta
) -> list[MachineEvent]:
    """Stops without an end that have lasted for so long.

    Args:
        sources: names under which the systems' rows are loaded.
        now: the wall clock.
        after: how long a machine has to stand before anybody plans around it.
    """
    given = {
        "sites": list(sites),
        "sources": list(sources),
        "oldest": now - OLDEST,
        "before": now - after,
    }
    return await rows(tx, MachineEvent, _STANDING, given)


async def expected_hours(tx: ReadTransaction, event: MachineEvent, now: datetime) -> tuple[int, bool]:
    """Hours for which the machine may still stand, and whether earlier stops of it say so.

    Half of the earlier stops that lasted at least as long lasted no longer than that.
    """
    stood = max(0.0, (now - event.since) / timedelta(minutes=1))
    given = {"site": event.site, "centre": event.work_centre, "stands": stood}
    [found] = await rows(tx, _Lasted, _LASTED, given)
    if found.minutes is None:
        return _USUAL_HOURS, False
    left = (float(found.minutes) - stood) / 60
    return max(1, min(_MOST_HOURS, round(left))), True
