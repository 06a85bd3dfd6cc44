"""How much warmer machines have been of late than they and their neighbours were before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, pstdev

RECENT, BEFORE = 3, 25
"""Days of warmth, and those before that they are set against."""
_WEEK_BEFORE = 10
"""Days ago up to which the warmest day is looked for that a rise is told from."""
_FEWEST_DAYS = 10


@dataclass(frozen=True, slots=True)
class WarmDay:
    """One sensor's day."""

    site: str
    work_centre_id: str
    sensor_id: str
    days_ago: int
    share: float
    """Readings that came that day, of those that its pace gives."""
    peak: float | None
    """What one reading in twenty lies above."""


@dataclass(frozen=True, slots=True)
class Warmth:
    """In deviations, so that a sensor may say degrees of any scale."""

    level: float
    """The warmest of the last three days against the days before."""
    rise: float
    """The same against the week before."""


def warmths(days: Sequence[WarmDay]) -> Mapping[tuple[str, str], Warmth]:
    """Each work centre's warmth; the warmest of its sensors counts, and one with a thin history not at all.

    What all sensors of a site do together on a day, by season or by a day off, is taken out first.
    """
    of_sensor: dict[tuple[str, str, str], dict[int, float]] = defaultdict(dict)
    for day in days:
        if day.peak is not None:
            of_sensor[day.site, day.work_centre_id, day.sensor_id][day.days_ago] = day.peak
    usual = {
        sensor: median(before)
        for sensor, peaks in of_sensor.items()
        if len(before := [peak for ago, peak in peaks.items() if ago > RECENT]) >= _FEWEST_DAYS
    }
    together: dict[tuple[str, int], list[float]] = defaultdict(list)
    for sensor, middle in usual.items():
        for ago, peak in of_sensor[sensor].items():
            together[sensor[0], ago].append(peak - middle)
    common = {key: median(each) for key, each in together.items()}
    found: dict[tuple[str, str], list[Warmth]] = defaultdict(list)
    for sensor, middle in usual.items():
        own = {ago: peak - middle - common[sensor[0], ago] for ago, peak in of_sensor[sensor].items()}
        before = [each for ago, each in own.items() if ago > RECENT]
        recent = [each for ago, each in own.items() if ago <= RECENT]
        week = [each for ago, each in own.items() if RECENT < ago <= _WEEK_BEFORE]
        if not recent or not week or not (scatter := pstdev(before)):
            continue
        warmest = max(recent)
        found[sensor[:2]].append(
            Warmth((warmest - median(before)) / scatter, (warmest - max(week)) / scatter)
        )
    return {
        key: Warmth(max(each.level for each in of_one), max(each.rise for each in of_one))
        for key, of_one in found.items()
    }
