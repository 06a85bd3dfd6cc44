"""Histories of sensors: what is missing, in which unit, by whose clock, and where they stuck."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import median

import numpy as np

from erp_adapters.store.checks.clocks import Clock, clock_of
from erp_adapters.store.checks.finding import (
    Argument,
    ContactSource,
    Finding,
    Found,
    Key,
    Measure,
    Proposal,
    ReplaceValue,
    Review,
    Severity,
)
from erp_adapters.store.checks.histories import History, Sensor, histories
from erp_adapters.store.checks.limits import limits
from erp_adapters.store.checks.look import Check, Look

NAME = "sensor_histories"

CONVERSIONS: dict[tuple[str, str], tuple[float, float]] = {
    ("C", "F"): (1.8, 32.0),
    ("F", "C"): (1 / 1.8, -32.0 / 1.8),
    ("C", "K"): (1.0, 273.15),
    ("K", "C"): (1.0, -273.15),
    ("BAR", "PSI"): (14.5038, 0.0),
    ("PSI", "BAR"): (1 / 14.5038, 0.0),
    ("BAR", "KPA"): (100.0, 0.0),
    ("KPA", "BAR"): (0.01, 0.0),
    ("MM/S", "IN/S"): (1 / 25.4, 0.0),
    ("IN/S", "MM/S"): (25.4, 0.0),
    ("A", "MA"): (1000.0, 0.0),
    ("MA", "A"): (0.001, 0.0),
}
"""By unit declared and unit really sent: what a true value is multiplied with, and what is added."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One sensor's history, in the figures that tell whether it is sound."""

    sensor: Sensor
    first: date
    last: date
    expected: int
    """Readings from its first day to its last at its pace."""
    came: int
    low: float
    """What a tenth of the readings are below."""
    span: float
    """From there to what a tenth are above."""
    stuck_hours: float
    """The longest stretch of one and the same value."""
    stuck_from: datetime | None
    step: float
    """Usual difference between neighbours; 0 where most do not change at all."""
    clock: Clock


def find(look: Look) -> Found:
    """Sensors whose history is not what it says it is; of a whole plant's sensors, one finding."""
    summaries = [
        summarised(history, look.plants[history.sensor.site].time_zone)
        for history in histories(look)
        if history.days
    ]
    return Found(tuple(unsound(summaries)), Counter(each.sensor.site for each in summaries))


CHECK = Check(NAME, find, across_sites=True)


def summarised(history: History, time_zone: str) -> Summary:
    """A history in figures."""
    days = history.days
    step = Counter(day.step_minutes for day in days).most_common(1)[0][0]
    together = np.concatenate([day.readings for day in days])
    known = together[~np.isnan(together)]
    low, high = (float(value) for value in np.quantile(known, (0.1, 0.9))) if len(known) else (0.0, 0.0)
    length, place = _longest_run(together)
    steps = np.abs(np.diff(known[:: max(1, len(known) // 20_000)])) if len(known) > 1 else np.zeros(1)
    return Summary(
        history.sensor,
        days[0].day,
        days[-1].day,
        ((days[-1].day - days[0].day).days + 1) * 24 * 60 // step,
        len(known),
        low,
        high - low,
        length * step / 60,
        _moment(history, place) if length else None,
        float(np.median(steps)),
        clock_of(days, time_zone),
    )


def _longest_run(values: np.ndarray[tuple[int], np.dtype[np.float32]]) -> tuple[int, int]:
    """Length and place of the longest run of one value; gaps end a run."""
    if len(values) == 0:
        return 0, 0
    changes = np.flatnonzero(~(values[1:] == values[:-1])) + 1
    starts = np.concatenate(([0], changes))
    lengths = np.diff(np.concatenate((starts, [len(values)])))
    at = int(np.argmax(lengths))
    return int(lengths[at]), int(starts[at])


def _moment(history: History, place: int) -> datetime:
    for day in history.days:
        if place < len(day.readings):
            return day.first_at
        place -= len(day.readings)
    return history.days[-1].first_at


def unsound(summaries: Sequence[Summary]) -> Iterator[Finding]:
    """The same from summaries."""
    at_site: dict[str, list[Summary]] = defaultdict(list)
    for each in summaries:
        at_site[each.sensor.site].append(each)
    for of_site in at_site.values():
        yield from _missing(of_site)
        yield from _other_unit(of_site, summaries)
        yield from _local_clock(of_site)
        yield from _stuck(of_site)


def _missing(of_site: list[Summary]) -> Iterator[Finding]:
    limit = limits(NAME)
    poor = [each for each in of_site if 1 - each.came / max(1, each.expected) >= limit["missing_share"]]

    def finding(group: list[Summary]) -> Finding:
        share = 1 - sum(each.came for each in group) / sum(each.expected for each in group)
        return _finding(
            group,
            of_site,
            "serious" if share >= limit["serious_missing_share"] else "flag",
            "readings_missing",
            ContactSource(group[0].sensor.source_system),
            0.99,
            {"first": min(each.first for each in group), "last": max(each.last for each in group)},
            Measure(_decimal(100 * share), high=_decimal(100 * limit["missing_share"]), unit="%"),
        )

    yield from _together(poor, of_site, finding)


def _other_unit(of_site: list[Summary], everywhere: Sequence[Summary]) -> Iterator[Finding]:
    found: dict[str, list[tuple[Summary, float]]] = defaultdict(list)
    for each in of_site:
        sisters = [
            other
            for other in everywhere
            if other.sensor.site != each.sensor.site
            and other.sensor.measures == each.sensor.measures
            and other.sensor.unit == each.sensor.unit
        ]
        sent = _unit_sent(each, sisters)
        if sent:
            found[sent[0]].append((each, sent[1]))
    for unit, affected in found.items():
        sureness = {each.sensor.key: sure for each, sure in affected}

        def finding(group: list[Summary], unit: str = unit, sureness: dict[Key, float] = sureness) -> Finding:
            declared = group[0].sensor.unit
            return _finding(
                group,
                of_site,
                "serious",
                "sends_other_unit",
                ReplaceValue("unit", declared, unit),
                round(min(sureness[each.sensor.key] for each in group), 3),
                {"unit": unit, "declared": declared},
                Measure(_decimal(median(each.low for each in group)), unit=declared),
            )

        yield from _together([each for each, _ in affected], of_site, finding)


def _unit_sent(each: Summary, sisters: Sequence[Summary]) -> tuple[str, float] | None:
    """Another unit in which this sensor would be like its sisters elsewhere, and how sure that is."""
    limit = limits(NAME)
    of_kind = [other for other in sisters if other.sensor.kind == each.sensor.kind]
    alike = of_kind if len(of_kind) >= 2 else list(sisters)
    if len(alike) < limit["fewest_sisters"] or each.span <= 0:
        return None
    own = _distance(each.low, each.span, alike)
    candidates = {
        unit: _distance((each.low - add) / times, each.span / times, alike)
        for (declared, unit), (times, add) in CONVERSIONS.items()
        if declared == each.sensor.unit.upper()
    }
    best = min(candidates, key=lambda unit: candidates[unit], default=None)
    if best is None or own < limit["unlike"] or candidates[best] > limit["like"]:
        return None
    return best, min(0.99, 0.6 + 0.05 * (own - candidates[best]))


def _distance(low: float, span: float, alike: Sequence[Summary]) -> float:
    """How far level and span are from those of others, in units of how these differ among themselves."""
    lows, spans = [other.low for other in alike], [math.log(max(other.span, 1e-6)) for other in alike]
    level = abs(low - median(lows)) / max(_scatter(lows), 0.05 * abs(median(lows)), 1e-6)
    width = abs(math.log(max(span, 1e-6)) - median(spans)) / max(_scatter(spans), 0.2)
    return math.hypot(level, 0.5 * width)


def _scatter(values: Sequence[float]) -> float:
    middle = median(values)
    return 1.4826 * median(abs(value - middle) for value in values)


def _local_clock(of_site: list[Summary]) -> Iterator[Finding]:
    affected = [each for each in of_site if each.clock.is_local]
    # Hours of work that stay are a weak sign in one machine, and a strong one in all that a historian keeps.
    if len(affected) < limits(NAME)["most"] * len(of_site):
        affected = [each for each in affected if each.clock.days]

    def finding(group: list[Summary]) -> Finding:
        days = sorted({day for each in group for day in each.clock.days})
        return _finding(
            group,
            of_site,
            "serious",
            "clock_in_local_time",
            ContactSource(group[0].sensor.source_system),
            max(each.clock.confidence for each in group),
            {"day": days[-1] if days else max(each.last for each in group), "days": len(days)},
        )

    yield from _together(affected, of_site, finding)


def _stuck(of_site: list[Summary]) -> Iterator[Finding]:
    limit = limits(NAME)
    for each in of_site:
        if each.stuck_hours >= limit["stuck_hours"] and each.step > 0 and each.stuck_from is not None:
            yield _finding(
                [each],
                of_site,
                "flag",
                "reading_stuck",
                Review(),
                0.9,
                {"asset": each.sensor.asset, "day": each.stuck_from.date()},
                Measure(_decimal(each.stuck_hours), high=_decimal(limit["stuck_hours"]), unit="hours"),
            )


def _together(
    affected: list[Summary], of_site: list[Summary], finding: Callable[[list[Summary]], Finding]
) -> Iterable[Finding]:
    """One finding where most of a site's sensors are affected: then it is their historian; else one each."""
    if len(affected) > 1 and len(affected) >= limits(NAME)["most"] * len(of_site):
        return [finding(affected)]
    return [finding([each]) for each in affected]


def _finding(
    group: list[Summary],
    of_site: list[Summary],
    severity: Severity,
    what: str,
    proposal: Proposal,
    confidence: float,
    arguments: dict[str, Argument],
    measure: Measure | None = None,
) -> Finding:
    first, *rest = (each.sensor for each in group)
    return Finding(
        NAME,
        first.key,
        first.source_system,
        severity,
        what,
        proposal,
        confidence,
        {"sensors": ", ".join(each.sensor.sensor_id for each in group[:5]), "number": len(group),
         "of": len(of_site), **arguments},
        tuple(sensor.key for sensor in rest),
        measure,
    )  # fmt: skip


def _decimal(value: float) -> Decimal:
    return Decimal(str(round(value, 1)))
