"""Assets with temperature sensors: five-minute readings that rise before most failures and not before all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from erp_adapters.demo.book import Book
from erp_adapters.demo.plant import AS_OF_DAY, SEED, Plant, WorkCentre, WorkingDays
from erp_adapters.demo.shopfloor import History, Stop

Readings = NDArray[np.float64]

STEP_MINUTES = 5
A_DAY = 24 * 60 // STEP_MINUTES
FAILURE_MINUTES = 150
"""Stops as long as this are failures."""
SHOWN_BEFORE = 0.7
"""Share of the failures that a sensor shows before they come."""
MISSING = ("HAM", "BRE")
"""Plants whose historian lost four tenths of what the sensors sent."""
FAHRENHEIT = "GRR"
"""A plant whose sensors send degrees Fahrenheit and say Celsius."""
IN_LOCAL_TIME = "OLO"
"""A plant whose historian writes local time and says UTC."""
_LOST_DAYS, _TORN_DAYS = 0.3, 0.29
"""Share of the days without a row, and share of the others of which half is missing."""
_KINDS = {
    "L": ("spindle", 46.0),
    "M": ("spindle", 49.0),
    "G": ("spindle", 43.0),
    "W": ("power source", 55.0),
    "P": ("hydraulic unit", 52.0),
    "A": ("conveyor drive", 38.0),
    "T": ("test pump", 41.0),
    "F": ("oven", 78.0),
    "R": ("reactor jacket", 72.0),
    "D": ("dryer", 66.0),
    "X": ("agitator drive", 44.0),
    "H": ("homogeniser", 51.0),
    "K": ("cooling circuit", 18.0),
    "Q": ("filler drive", 36.0),
}
"""What is watched at a work centre, by its letter, and how warm it is at work, in degrees Celsius."""
_WARMING = np.exp(-np.arange(36) / 9.0)
"""How the last three hours of work still show."""


def assets_of(plant: Plant) -> tuple[WorkCentre, ...]:
    """The work centres whose machines carry sensors: the weak one, and others spread over the plant."""
    weak = next(centre for centre in plant.work_centres if centre.id == plant.weak_press)
    others = sorted(
        (centre for centre in plant.work_centres if centre is not weak),
        key=lambda centre: crc32(f"{plant.code} {centre.id}".encode()),
    )
    return (weak, *others)[: plant.scale.assets]


def failures_of(history: History, centre: str) -> list[Stop]:
    """The stops of a work centre that count as failures."""
    return [
        stop
        for stop in history.stops
        if stop.work_centre == centre and not stop.is_planned and stop.minutes >= FAILURE_MINUTES
    ]


def is_shown(stop: Stop) -> bool:
    """Whether the asset's sensor shows the failure days before it comes."""
    name = f"{stop.work_centre} {stop.started.isoformat()}"
    return crc32(name.encode()) % 100 < SHOWN_BEFORE * 100


def write_sensors(book: Book, history: History, days: WorkingDays) -> None:
    """Assets, their sensors, and a row of readings for each sensor and day, in UTC."""
    plant = book.plant
    first, last = plant.first_day, AS_OF_DAY
    works = _working(plant, days, first, last)
    for number, centre in enumerate(assets_of(plant), start=1):
        kind, warm = _KINDS[centre.id[0]]
        asset, sensor = f"AS-{centre.id}", f"TE-{plant.number_range}{number:02d}"
        book.add(
            "asset",
            asset,
            asset_id=asset,
            name=f"{centre.name} {kind}",
            kind=kind,
            work_centre_id=centre.id,
            installed_on=date(2012 + crc32(asset.encode()) % 11, 1 + number % 12, 1),
        )
        book.add("sensor", sensor, sensor_id=sensor, asset_id=asset, measures="temperature", unit="C")
        readings = _temperatures(plant, sensor, warm, works, failures_of(history, centre.id))
        if plant.code == FAHRENHEIT:
            readings = readings * 1.8 + 32.0
        lost = plant.random(f"lost {sensor}")
        for number_of_day in range((last - first).days + 1):
            day = first + timedelta(days=number_of_day)
            begins, ends = _slots_of(plant, day)
            values: list[float | None] = list(readings[max(0, begins) : ends].tolist())
            if plant.code in MISSING:
                if lost.random() < _LOST_DAYS:
                    continue
                if lost.random() < _TORN_DAYS:
                    half = len(values) // 2
                    at = lost.randint(0, half)
                    values[at : at + half] = [None] * half
            book.add(
                "sensor_day",
                sensor,
                day.isoformat(),
                sensor_id=sensor,
                day=day,
                first_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
                step_minutes=STEP_MINUTES,
                readings=as_array(values),
            )


def _slots_of(plant: Plant, day: date) -> tuple[int, int]:
    """First slot of the historian's day, and the one after it: a local day may have 23 or 25 hours."""
    if plant.code != IN_LOCAL_TIME:
        first = (day - plant.first_day).days * A_DAY
        return first, first + A_DAY
    midnights = (
        datetime.combine(of, time(0), plant.zone).astimezone(UTC) for of in (day, day + timedelta(days=1))
    )
    begins, ends = (_slot(plant.first_day, midnight) for midnight in midnights)
    return begins, ends


def as_array(values: Sequence[float | None]) -> str:
    """Readings as the database writes an array; a reading that did not come is null."""
    return "{" + ",".join(["NULL" if value is None else f"{value:.1f}" for value in values]) + "}"


def _slot(first: date, moment: datetime) -> int:
    """Number of the five minutes that a moment lies in, from midnight UTC of the first day."""
    begins = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return int((moment - begins).total_seconds() // (60 * STEP_MINUTES))


def _working(plant: Plant, days: WorkingDays, first: date, last: date) -> Readings:
    """One where the plant works, in slots of five minutes."""
    found = np.zeros(((last - first).days + 1) * A_DAY)
    length = plant.day_minutes // STEP_MINUTES
    for number in range(days.today + 1):
        begins = _slot(first, days.moment(number * plant.day_minutes))
        found[max(0, begins) : begins + length] = 1.0
    return found


def _temperatures(plant: Plant, sensor: str, warm: float, works: Readings, failures: list[Stop]) -> Readings:
    chance = np.random.Generator(np.random.PCG64(crc32(f"{SEED} {plant.code} {sensor}".encode())))
    runs = works.copy()
    rise = np.zeros_like(works)
    for stop in failures:
        at = _slot(plant.first_day, stop.started)
        runs[at : at + stop.minutes // STEP_MINUTES] = 0.0
        if is_shown(stop):
            ahead = int(chance.integers(A_DAY, 4 * A_DAY))
            begins = max(0, at - ahead)
            ramp = np.linspace(0.0, float(chance.uniform(6.0, 12.0)), at - begins)
            rise[begins:at] = np.maximum(rise[begins:at], ramp)
    slots = np.arange(len(works))
    year = np.sin(2 * np.pi * (slots / A_DAY / 365.25 + (plant.first_day.timetuple().tm_yday - 110) / 365.25))
    day = np.sin(2 * np.pi * (slots % A_DAY) / A_DAY - 1.9)
    ambient = 17.0 + 5.0 * year + 1.5 * day
    heat = np.convolve(runs, _WARMING / _WARMING.sum())[: len(runs)]
    return ambient + (warm - 17.0 + rise) * heat + chance.normal(0.0, 0.5, len(works))
