"""How likely a work centre fails, told from how often it did: what answers where no model may speak."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import exp

from tools.engines.predictions.calibration import Chance
from tools.engines.statistics import wilson
from tools.predicting.inputs import HISTORY, HORIZON, INPUTS, Centre

PRIOR_DAYS = 60.0
"""How much of the site's own rate is mixed in, as days of history: few failures tell little."""
_FAILURES = INPUTS.index("failures_182d")


def by_rule(centres: Sequence[Centre]) -> Mapping[tuple[str, str], Chance]:
    """The chance of a failure within the horizon, by site and work centre.

    Failures are taken to come at a steady rate (a Poisson process): that of the work centre over half a year,
    drawn towards the site's mean. The interval is Wilson's of the weeks in which it failed.
    """
    of_site: dict[str, list[Centre]] = defaultdict(list)
    for centre in centres:
        of_site[centre.site].append(centre)
    chances = {}
    for at_site in of_site.values():
        days = HISTORY.days
        mean = sum(failures_of(each) for each in at_site) / (len(at_site) * days)
        for each in at_site:
            rate = (failures_of(each) + mean * PRIOR_DAYS) / (days + PRIOR_DAYS)
            p = 1 - exp(-rate * HORIZON.days)
            interval = wilson(each.weeks_failed, each.weeks)
            assert interval is not None  # half a year has weeks
            low, high = float(interval.low) / 100, float(interval.high) / 100
            chances[each.site, each.centre] = Chance(p, min(p, low), max(p, high), each.weeks)
    return chances


def failures_of(centre: Centre) -> float:
    """Failures of a work centre in its history."""
    return centre.values[_FAILURES] or 0.0
