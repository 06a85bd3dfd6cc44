"""What can be foretold, in one frame: inputs up to a moment, the rule beside a model, and what came."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from erp_adapters.store.session import ReadTransaction
from policies.predictors.registered import Kind
from tools.engines.predictions.calibration import Chance
from tools.predicting import inputs, lateness
from tools.predicting.asking import Subject
from tools.predicting.lateness import by_rule_of_lines, lines_of
from tools.predicting.rules import by_rule
from tools.rows import Queries

_FAILED = """
select distinct work_centre_id from erp.downtime
where site = %(site)s and not is_planned and minutes >= %(minutes)s
  and started_at >= (%(day)s::date::timestamp at time zone %(zone)s)
  and started_at < ((%(day)s::date + %(days)s)::timestamp at time zone %(zone)s)
"""


@dataclass(frozen=True, slots=True)
class Foretelling:
    """One kind of prediction."""

    inputs: tuple[str, ...]
    horizon: timedelta
    subjects: Callable[[Queries, Sequence[str], datetime], Awaitable[Sequence[Subject]]]
    """Everything that is foretold of sites, as it was known at a moment."""
    by_rule: Callable[[Sequence[Any]], Mapping[tuple[str, str], Chance]]
    """What answers where no model may speak."""
    came: Callable[[ReadTransaction, str, str, date], Awaitable[list[str]]]
    """Of what came true within the horizon of a day, by site and its time zone."""


async def _failed(tx: ReadTransaction, site: str, zone: str, day: date) -> list[str]:
    asked = {"site": site, "zone": zone, "day": day}
    found = await tx.fetch(_FAILED, {**asked, "minutes": inputs.FAILURE_MINUTES, "days": inputs.HORIZON.days})
    return [str(row[0]) for row in found.rows]


async def _late(tx: ReadTransaction, site: str, zone: str, day: date) -> list[str]:
    found = await tx.fetch(lateness.LATE, {"site": site, "day": day, "days": lateness.HORIZON.days})
    return [str(row[0]) for row in found.rows]


KINDS: Mapping[Kind, Foretelling] = {
    "failure": Foretelling(inputs.INPUTS, inputs.HORIZON, inputs.centres_of, by_rule, _failed),
    "supplier_lateness": Foretelling(lateness.INPUTS, lateness.HORIZON, lines_of, by_rule_of_lines, _late),
}
