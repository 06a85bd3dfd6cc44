"""What live sensors send wrongly is a finding with its proposal; old samples go by the day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.series.batch import Batch, micros
from erp_adapters.series.forgetting import forget_samples
from erp_adapters.series.keeping import Keeper
from erp_adapters.series.reading import samples, signals, trend
from erp_adapters.series.signal import Rule, Signal
from erp_adapters.store import Store
from erp_adapters.store.checks import look_through
from erp_adapters.store.checks.beside import rows_beside
from erp_adapters.store.checks.kept import kept_findings
from tools.findings import proposed, sentence

STEWARD = Caller("s", "S", frozenset({"steward"}), frozenset({"KAS"}), frozenset())
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
OVEN = Signal(
    site="KAS", name="oven", address="o", measures="temperature", unit="C",
    rule=Rule(gap_s=600, frozen_s=3600, low=-50, high=150),
)  # fmt: skip


@pytest.fixture
def keeper(owner_dsn: str) -> Iterator[Keeper]:
    with psycopg.connect(owner_dsn) as owner:
        owner.execute(
            "insert into erp.site (site, source_system, source_key, load_id, name, time_zone, currency)"
            " values ('KAS', 't', 'KAS', '00000000-0000-0000-0000-000000000001', 'Kassel', 'Europe/Berlin',"
            " 'EUR')"
        )
    with Keeper.open(owner_dsn) as keeper:
        keeper.declare("hall", [OVEN])
        yield keeper


def told(sequence: int, at: list[datetime], values: list[float]) -> Batch:
    return Batch(
        "hall", sequence, ("oven",), np.zeros(len(at), np.int32), np.array([micros(each) for each in at]),
        np.array(values), np.zeros(len(at), np.uint8), at[-1] + timedelta(seconds=1), is_history=False,
    )  # fmt: skip


async def test_flaws_of_live_sensors_are_findings_and_old_days_go(
    keeper: Keeper, owner_dsn: str, store: Store
) -> None:
    """A day of silence, hours of one value, doubled and impossible samples are each a finding."""
    long_ago = NOW - timedelta(days=500)
    keeper.keep(told(1, [long_ago], [20.0]))
    begins = NOW - timedelta(days=5)
    times = [begins + timedelta(minutes=5 * n) for n in range(12 * 20)]
    keeper.keep(told(2, times, [20.0 + n % 7 for n in range(len(times))]))
    keeper.keep(told(3, times[:120], [20.0 + n % 7 for n in range(120)]))
    silent = times[-1] + timedelta(hours=30)
    stuck = [silent + timedelta(minutes=5 * n) for n in range(12 * 15)]
    keeper.keep(told(4, stuck, [33.0] * len(stuck)))
    broken = [stuck[-1] + timedelta(minutes=5 * (n + 1)) for n in range(110)]
    keeper.keep(told(5, broken, [900.0 + n for n in range(110)]))
    look_through(owner_dsn)
    async with store.reading(STEWARD) as tx:
        found = {each.what: each for each in await kept_findings(tx, check="live_signals")}
        assert set(found) == {"signal_gaps", "signal_frozen", "signal_doubled", "signal_useless"}
        gap = found["signal_gaps"]
        assert gap.severity == "serious"
        assert sentence(gap).startswith("Oven of hall was silent 2 times in 28 days, 58")
        assert proposed(gap) == "Ask whoever runs hall"
        [row] = await rows_beside(tx, gap)
        assert (row.fields["address"], row.fields["measures"]) == ("o", "temperature")
        [of] = await signals(tx)
    gone = forget_samples(owner_dsn, (NOW - timedelta(days=400)).date())
    assert gone == (long_ago.date(),)
    async with store.reading(STEWARD) as tx:
        at, _, _ = await samples(tx, of.signal, long_ago - timedelta(days=1), NOW)
        old = await trend(tx, of.signal, long_ago, long_ago + timedelta(hours=1))
    assert len(at) >= len(times) + len(stuck) + len(broken)
    assert old.number.sum() == 1
