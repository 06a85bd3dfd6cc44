"""Machines of the made-up enterprise: sensors, predictions and contact, with faults whose place is known."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

if TYPE_CHECKING:
    from eval.benchmarks.seeded import Sheets

FIRST, LAST = date(2025, 3, 1), date(2026, 3, 31)
SENSORS = 4
GAPPY, FAHRENHEIT, LOCAL, STUCK, DRIFTED, OFFLINE = 0, 1, 5, 2, 3, 6
"""Places of the sites that have each fault."""
_KINDS = (("press", 55.0), ("oven", 85.0), ("pump", 45.0), ("spindle", 50.0))


def add_machines(sheets: Sheets, chance: random.Random, site: str, place: int, step_minutes: int) -> None:
    """Sensors that watch machines, predictions beside what came, and stretches of contact."""
    from eval.benchmarks.seeded import SITES

    zone = ZoneInfo(SITES[site][1])
    for number in range(SENSORS):
        _sensor(sheets, chance, site, place, number, zone, step_minutes)
    _predictions(sheets, chance, site, place)
    _contacts(sheets, site, place)


def _sensor(
    sheets: Sheets, chance: random.Random, site: str, place: int, number: int, zone: ZoneInfo, step: int
) -> None:
    kind, warm = _KINDS[number]
    key = f"T{number}"
    sheets.add(site, "asset", key, asset_id=key, name=f"{kind} {number}", kind=kind)
    sheets.add(site, "sensor", key, sensor_id=key, asset_id=key, measures="temperature", unit="C")
    noise = np.random.default_rng(chance.randrange(1 << 30))
    faults = {GAPPY: "readings_missing", FAHRENHEIT: "sends_other_unit", LOCAL: "clock_in_local_time"}
    if place in faults:
        sheets.seed(faults[place], site, "sensor", key)
    if place == STUCK and number == 1:
        sheets.seed("reading_stuck", site, "sensor", key)
    day = FIRST
    while day <= LAST:
        begins = datetime(day.year, day.month, day.day, tzinfo=zone if place == LOCAL else UTC).astimezone(
            UTC
        )
        after = day + timedelta(days=1)
        ends = datetime(
            after.year, after.month, after.day, tzinfo=zone if place == LOCAL else UTC
        ).astimezone(UTC)
        moments = np.arange(begins.timestamp(), ends.timestamp(), 60 * step)
        offset = begins.astimezone(zone).utcoffset() or timedelta()
        hours = (moments + offset.total_seconds()) / 3600 % 24
        works = (hours >= 6) & (hours < 20) & (day.weekday() < 5)
        season = 16 + 6 * np.sin(2 * np.pi * (day.timetuple().tm_yday - 110) / 365)
        values = season + np.where(works, warm - 16, 0.0) + noise.normal(0, 0.6, len(moments))
        if place == FAHRENHEIT:
            values = values * 1.8 + 32
        if place == STUCK and number == 1 and day == date(2025, 11, 12):
            values[:] = 40.0
        readings: list[float | None] = [round(float(value), 1) for value in values]
        lost = place == GAPPY and chance.random() < 0.4
        if not lost:
            sheets.add(
                site,
                "sensor_day",
                f"{key}/{day}",
                sensor_id=key,
                day=day,
                step_minutes=step,
                first_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
                readings=readings,
            )
        day = after


def _predictions(sheets: Sheets, chance: random.Random, site: str, place: int) -> None:
    if place == DRIFTED:
        sheets.seed("model_drift", site, "prediction", "demand")
    for week in range(60):
        day = FIRST - timedelta(days=30) + timedelta(days=7 * week)
        for item in range(12):
            actual = (20 + 15 * item) * chance.uniform(0.8, 1.2)
            value = actual * chance.gauss(1, 0.15)
            if place == DRIFTED and week >= 40:
                value *= 1.4
            key = f"{week}-{item}"
            sheets.add(
                site,
                "prediction",
                key,
                prediction_id=key,
                model="demand",
                model_version="3",
                subject="material",
                subject_id=str(item),
                made_at=datetime(2025, 1, 1, tzinfo=UTC),
                for_day=day,
                value=round(value, 3),
                unit="PC",
                actual=round(actual, 3),
            )


def _contacts(sheets: Sheets, site: str, place: int) -> None:
    begins, ends = datetime(2025, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, 12, tzinfo=UTC)
    gap = (datetime(2026, 2, 3, 4, tzinfo=UTC), datetime(2026, 2, 3, 11, tzinfo=UTC))
    for system in ("erp", "mes"):
        stretches = [(begins, gap[0]), (gap[1], ends)] if place == OFFLINE else [(begins, ends)]
        for number, (since, until) in enumerate(stretches):
            key = f"{system}-{number}"
            sheets.add(
                site,
                "source_contact",
                key,
                contact_id=key,
                system=system,
                from_at=since,
                to_at=until,
                state="reachable",
            )
    if place == OFFLINE:
        sheets.seed("offline", site, "source_contact", "erp-1")
