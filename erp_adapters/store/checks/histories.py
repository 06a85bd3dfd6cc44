"""Readings of sensors as arrays: a day a row, with NaN where a reading did not come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from erp_adapters.store.checks.finding import Key
from erp_adapters.store.checks.look import Look

Readings = NDArray[np.float32]

# An array as the database sends it: twenty bytes of head, then four of length before each four of value.
_HEAD = 20


@dataclass(frozen=True, slots=True)
class Sensor:
    """A sensor and what it watches."""

    site: str
    source_system: str
    source_key: str
    sensor_id: str
    measures: str
    unit: str
    kind: str
    """Kind of the asset."""
    asset: str

    @property
    def key(self) -> Key:
        """The row's name."""
        return Key(self.site, "sensor", self.source_key)


@dataclass(slots=True)
class Day:
    """A day of a sensor."""

    day: date
    first_at: datetime
    step_minutes: int
    readings: Readings


@dataclass(slots=True)
class History:
    """A sensor with its days, the earliest first."""

    sensor: Sensor
    days: list[Day] = field(default_factory=list)


_SENSORS = """
select s.site, s.source_system, s.source_key, s.sensor_id, s.measures, s.unit, coalesce(a.kind, '') as kind,
       coalesce(a.name, s.asset_id) as asset
from erp.sensor s left join erp.asset a on a.site = s.site and a.asset_id = s.asset_id
where s.site = any(%(sites)s) order by s.site, s.sensor_id
"""
# NaN in the place of null, so that all elements are equally long.
_DAYS = """
select day, first_at, step_minutes, array_send(array_replace(readings, null, 'NaN'::real))
from erp.sensor_day where site = %s and sensor_id = %s order by day
"""


def histories(look: Look) -> Iterator[History]:
    """Every sensor of the sites with its days; a sensor at a time, so that only one is held."""
    sensors = look.rows(Sensor, _SENSORS)
    for sensor in sensors:
        history = History(sensor)
        with look.connection.cursor(binary=True) as cursor:
            for day, first_at, step, sent in cursor.execute(_DAYS, (sensor.site, sensor.sensor_id)):
                history.days.append(Day(day, first_at, step, _values(bytes(sent))))
        yield history


def _values(sent: bytes) -> Readings:
    if len(sent) <= _HEAD:
        return np.empty(0, np.float32)
    return np.frombuffer(sent[_HEAD:], ">f4")[1::2].astype(np.float32)
