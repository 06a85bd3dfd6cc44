"""A version of failures may be told what sensors measure, by the names that the site has for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.series.batch import Batch, micros
from erp_adapters.series.keeping import Keeper
from erp_adapters.series.signal import Signal
from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tools.predicting.inputs import INPUTS, centres_of
from tools.predicting.kinds import KINDS, as_told
from tools.predicting.readings import input_of
from tools.rows import Queries

PLANNER = Caller("planner", "P", frozenset({"planner"}), frozenset({"KAS"}), frozenset())
NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(demo_apart: Database) -> Database:
    """P2 has a loaded historian of its torque, and a live signal of its wear."""
    with psycopg.connect(demo_apart.dsn(OWNER_ROLE), autocommit=True) as owner:
        owner.execute(
            "insert into erp.asset (load_id, site, source_system, source_key, asset_id, name, work_centre_id)"
            " select load_id, 'KAS', 'x', 'x', 'X', 'X', 'P2' from erp.work_centre limit 1"
        )
        owner.execute(
            "insert into erp.sensor"
            " (load_id, site, source_system, source_key, sensor_id, asset_id, measures, unit)"
            " select a.load_id, 'KAS', 'x', s.id, s.id, 'X', s.measures, s.unit from erp.asset a, (values"
            " ('XT', 'Torque', 'Nm'), ('XC', 'oil', 'C'), ('XF', 'oil', 'F')) s (id, measures, unit)"
            " where a.site = 'KAS' and a.asset_id = 'X'"
        )
        for sensor, value in (("XT", 40.0), ("XC", 60.0), ("XF", 140.0)):
            owner.execute(
                "insert into erp.sensor_day (load_id, site, source_system, source_key, sensor_id, day,"
                " first_at, step_minutes, readings) select load_id, 'KAS', 'x', %s, %s, %s, %s, 720, %s"
                " from erp.asset where site = 'KAS' and asset_id = 'X'",
                (sensor, sensor, NOW.date(), NOW - timedelta(hours=30), [1000.0, value, value + 2, None]),
            )
        with Keeper.open(demo_apart.dsn(OWNER_ROLE)) as keeper:
            keeper.declare(
                "hall",
                [
                    Signal(
                        site="KAS", name="w", address="w", measures="tool wear", unit="min", work_centre="P2"
                    )
                ],
            )
            at = np.array([micros(NOW - timedelta(hours=back)) for back in (40, 10, 5)], np.int64)
            keeper.keep(
                Batch(
                    "hall",
                    1,
                    ("w",),
                    np.zeros(3, np.int32),
                    at,
                    np.array([900.0, 20.0, 30.0]),
                    np.zeros(3, np.uint8),
                    NOW,
                )
            )
    return demo_apart


async def test_a_day_of_what_is_measured_is_told_by_its_name(home: Database) -> None:
    """Loaded and live alike, nothing older than a day, and nothing that is told in two units."""
    named = ("torque_1d", "tool_wear_1d", "oil_1d", "failures_182d")
    async with await Store.open(home.dsn()) as store, store.reading(PLANNER) as tx:
        centres = await centres_of(Queries(tx), ["KAS"], NOW)
        told = {each.centre: each for each in await as_told(centres, named, Queries(tx), NOW)}
        later = {
            each.centre: each for each in await as_told(centres, named, Queries(tx), NOW + timedelta(days=3))
        }
    before = {each.centre: each for each in centres}
    failures = before["P2"].values[INPUTS.index("failures_182d")]
    assert told["P2"].values == (41.0, 25.0, None, failures)
    assert told["P2"].quality == 0.75
    other = next(each for code, each in told.items() if code != "P2")
    assert other.values[:3] == (None, None, None), "another machine's readings are none of its own"
    assert later["P2"].values[:2] == (None, None)


def test_only_what_can_be_told_is_asked_for() -> None:
    """What a sensor measures has a name; any other name is of another model."""
    assert input_of("Air temperature") == "air_temperature_1d"
    assert KINDS["failure"].can_tell(("air_temperature_1d", "stops_7d"))
    assert not KINDS["failure"].can_tell(("air_temperature",))
    assert not KINDS["demand"].can_tell(("booked", "torque_1d"))
