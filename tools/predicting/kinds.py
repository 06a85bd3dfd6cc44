"""What can be foretold, in one frame: inputs up to a moment, the rule beside a model, and what came."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from erp_adapters.store.session import ReadTransaction
from policies.predictors.registered import Kind
from tools.engines.predictions.calibration import Chance
from tools.engines.predictions.quantities import Line
from tools.predicting import demand, energy, inputs, lateness, meters, remaining_life, yields
from tools.predicting.asking import Subject
from tools.predicting.inputs import Centre
from tools.predicting.lateness import by_rule_of_lines, lines_of
from tools.predicting.readings import are_told, measured, told
from tools.predicting.rules import by_rule
from tools.predicting.things import Thing, by_rule_of_things
from tools.rows import Queries

_FAILED = """
select distinct work_centre_id from erp.downtime
where site = %(site)s and not is_planned and minutes >= %(minutes)s
  and started_at >= (%(day)s::date::timestamp at time zone %(zone)s)
  and started_at < ((%(day)s::date + %(days)s)::timestamp at time zone %(zone)s)
"""


@dataclass(frozen=True, slots=True)
class Foretelling:
    """One kind of prediction: whether something comes."""

    inputs: tuple[str, ...]
    horizon: timedelta
    subjects: Callable[[Queries, Sequence[str], datetime], Awaitable[Sequence[Subject]]]
    """Everything that is foretold of sites, as it was known at a moment."""
    by_rule: Callable[[Sequence[Any]], Mapping[tuple[str, str], Chance]]
    """What answers where no model may speak."""
    came: Callable[[ReadTransaction, str, str, date], Awaitable[list[str]]]
    """Of what came true within the horizon of a day, by site and its time zone."""
    as_told: (
        Callable[[Sequence[Any], Sequence[str], Queries, datetime], Awaitable[Sequence[Subject]]] | None
    ) = None
    """Gives subjects the inputs that a version names, what sensors measure among them; None where they are
    always the same."""

    def can_tell(self, named: Sequence[str]) -> bool:
        """Whether a version that was trained on these inputs can be told them."""
        return tuple(named) == self.inputs or (self.as_told is not None and are_told(named, self.inputs))


@dataclass(frozen=True, slots=True)
class Measuring:
    """One kind of prediction: how much comes, and whether that crosses a line."""

    inputs: tuple[str, ...]
    horizon: timedelta
    subjects: Callable[[Queries, Sequence[str], datetime], Awaitable[Sequence[Thing]]]
    """Everything that is foretold of sites, as it was known at a moment."""
    line: Line
    """In multiples of the usual."""
    came: Callable[[ReadTransaction, str, str, date], Awaitable[dict[str, float]]]
    """What came within the horizon of a day, in the unit of the usual."""
    absent: float | None
    """What came of those that `came` does not name; None where nothing was there to tell it by."""
    overlaps: bool = True
    """Whether inputs are told over as long as the horizon: closer days tell the same once more.
    Where not, each input says by its name over how many days it is told."""
    has_seasons: bool = False
    """Whether inputs of all things of a site rise and fall together in a year."""

    def can_tell(self, named: Sequence[str]) -> bool:
        """Whether a version that was trained on these inputs can be told them."""
        return tuple(named) == self.inputs

    def by_rule(self, things: Sequence[Any]) -> Mapping[tuple[str, str], Chance]:
        """How likely each crosses the line by the rule."""
        return by_rule_of_things(things)


async def _failed(tx: ReadTransaction, site: str, zone: str, day: date) -> list[str]:
    asked = {"site": site, "zone": zone, "day": day}
    found = await tx.fetch(_FAILED, {**asked, "minutes": inputs.FAILURE_MINUTES, "days": inputs.HORIZON.days})
    return [str(row[0]) for row in found.rows]


async def _late(tx: ReadTransaction, site: str, zone: str, day: date) -> list[str]:
    found = await tx.fetch(lateness.LATE, {"site": site, "day": day, "days": lateness.HORIZON.days})
    return [str(row[0]) for row in found.rows]


async def as_told(
    centres: Sequence[Centre], named: Sequence[str], queries: Queries, until: datetime
) -> tuple[Centre, ...]:
    """Work centres with the inputs that a version names, in its order."""
    if tuple(named) == inputs.INPUTS:
        return tuple(centres)
    readings = await measured(queries, sorted({each.site for each in centres}), until)
    is_warm = any(name in inputs.OF_WARMTH for name in named)
    return tuple(
        replace(
            each,
            values=told(each.values, inputs.INPUTS, named, readings.get((each.site, each.centre), {})),
            expected=len(named),
            coverage=each.coverage if is_warm else 1.0,
        )
        for each in centres
    )


KINDS: Mapping[Kind, Foretelling | Measuring] = {
    "failure": Foretelling(inputs.INPUTS, inputs.HORIZON, inputs.centres_of, by_rule, _failed, as_told),
    "supplier_lateness": Foretelling(lateness.INPUTS, lateness.HORIZON, lines_of, by_rule_of_lines, _late),
    "demand": Measuring(
        demand.INPUTS,
        demand.HORIZON,
        demand.things_of,
        demand.LINE,
        demand.came,
        absent=0.0,
        has_seasons=True,
    ),
    "yield": Measuring(
        yields.INPUTS, yields.HORIZON, yields.things_of, yields.LINE, yields.came, absent=None
    ),
    "energy": Measuring(
        energy.INPUTS,
        energy.HORIZON,
        energy.things_of,
        energy.LINE,
        energy.came,
        absent=None,
    ),
    "energy_day": Measuring(
        meters.INPUTS, meters.HORIZON, meters.things_of, meters.LINE, meters.came, absent=None, overlaps=False
    ),
    "remaining_life": Measuring(
        remaining_life.INPUTS,
        remaining_life.HORIZON,
        remaining_life.things_of,
        remaining_life.LINE,
        remaining_life.came,
        absent=float(remaining_life.HORIZON.days),
        overlaps=False,
    ),
}
