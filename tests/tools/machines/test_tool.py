"""What machines measure is answered from live sources where there are any; where not, the answer says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import psycopg
import pytest

from agents.models.embedded.replanning_reader import replanning_plan
from agents.models.protocol import Turn
from erp_adapters.caller import Caller
from erp_adapters.series.batch import Batch, micros
from erp_adapters.series.keeping import Keeper
from erp_adapters.series.signal import Rule, Signal
from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tools.errors import ToolError
from tools.machines.tool import MachineValues, machine_values
from tools.machines.watched import stopped_machines
from tools.registry import ToolContext
from tools.results import ToolResult

pytestmark = pytest.mark.slow

PLANNER = Caller("planner", "P", frozenset({"planner"}), frozenset({"KAS", "HAM"}), frozenset())
NOW = datetime.now(UTC)
WARM = Signal(
    site="KAS", name="oil", address="a", measures="pressure", unit="bar", work_centre="P2",
    rule=Rule(source_unit="psi", low=0, high=400, gap_s=900),
)  # fmt: skip
STATE = Signal(
    site="KAS", name="p2 state", address="b", measures="state", work_centre="P2", rule=Rule(down=(0.0,))
)


@pytest.fixture(scope="module")
def live(demo_apart: Database) -> Iterator[None]:
    """A press that tells its pressure each ten minutes for a day, and stands since an hour ago."""
    times = [NOW - timedelta(minutes=10 * n) for n in range(144, 0, -1)]
    # Nothing came for two hours of it.
    times = [at for at in times if not 60 < (NOW - at).total_seconds() / 60 < 180]
    with Keeper.open(demo_apart.dsn(OWNER_ROLE)) as keeper:
        keeper.declare("hall", [WARM, STATE])
        keeper.note_source("hall", "OPC UA", [WARM, STATE])
        keeper.keep(
            Batch(
                "hall",
                1,
                (WARM.name, STATE.name),
                np.array([0] * len(times) + [1, 1], np.int32),
                np.array(
                    [*map(micros, times), micros(NOW - timedelta(hours=5)), micros(NOW - timedelta(hours=1))]
                ),
                np.array([1450.377] * len(times) + [1.0, 0.0]),
                np.zeros(len(times) + 2, np.uint8),
                NOW,
                is_history=True,
            )
        )
        keeper.note_failing("hall", ["KAS"], "the link broke")
    yield
    with psycopg.connect(demo_apart.dsn(OWNER_ROLE)) as owner:
        for table in ("signal_flaw", "signal_now", "samples", "signal_hour", "signal", "series_source"):
            owner.execute(f"delete from app.{table}".encode())


@pytest.fixture
async def store(demo_apart: Database) -> Store:
    return await Store.open(demo_apart.dsn())


async def asked(store: Store, **arguments: object) -> ToolResult:
    async with store.reading(PLANNER) as tx:
        return await machine_values.run(MachineValues.model_validate(arguments), ToolContext(PLANNER, tx))


async def test_without_a_live_source_loaded_files_answer_and_say_so(store: Store) -> None:
    """The demo's historian has a month of the press, and nobody takes it for what is now."""
    found = await asked(
        store, site="Kassel", work_centre="Hydraulic press 2", measures="temperature", days=30
    )
    signals, trend = found.tables
    assert signals.rows[0][3] == "temperature"
    assert 28 <= len(trend.rows) <= 32
    means = [row[1] for row in trend.rows if isinstance(row[1], Decimal)]
    assert all(10 < mean < 90 for mean in means)
    assert any("No live source" in caveat for caveat in found.caveats)
    assert {source.record for source in found.evidence[0].sources} == {"sensor", "sensor_day"}


async def test_a_live_signal_is_read_by_its_rule_with_its_gaps_and_the_age_of_its_source(
    store: Store, live: None
) -> None:
    """Pounds are bar by rule, what did not come is named, and a source that fails is no secret."""
    found = await asked(store, site="Kassel", work_centre="P2", measures="pressure", days=2)
    latest = found.tables[0].rows[0]
    assert latest[4] == Decimal("100")
    assert isinstance(latest[7], Decimal)
    assert 10 <= latest[7] <= 30
    assert {figure.label: figure.value for figure in found.figures}["mean"] == Decimal("100")
    assert any("psi" in caveat for caveat in found.caveats)
    assert any("gaps" in caveat for caveat in found.caveats)
    assert any("hall does not answer since" in caveat for caveat in found.caveats)
    assert [source.system for source in found.evidence[0].sources] == ["hall"]


async def test_a_machine_that_stands_is_an_event_that_a_person_can_plan_around(
    store: Store, live: None
) -> None:
    """The suggestion is a question that replanning reads; nothing is drafted by itself."""
    found = await asked(store, site="Kassel", work_centre="P2", measures="state")
    assert found.drafted is None
    assert found.suggestions == ("Hydraulic press 2 in KAS is down for 8 hours",)
    async with store.reading(PLANNER) as tx:
        [event] = await stopped_machines(tx, "KAS")
        plan = await replanning_plan(Turn(found.suggestions[0]), {"replan"}, tx)
    assert (event.work_centre, event.until, event.source) == ("P2", None, "hall")
    assert abs(event.since - (NOW - timedelta(hours=1))) < timedelta(seconds=1)
    assert plan is not None


async def test_what_is_not_measured_is_said_with_what_is(store: Store) -> None:
    """A question about a sensor that is not there has a way on."""
    with pytest.raises(ToolError, match="what is measured: temperature"):
        await asked(store, site="Hamilton", measures="colour")
    with pytest.raises(ToolError, match="No sensor watches"):
        await asked(store, site="Kassel", work_centre="nobody's")
