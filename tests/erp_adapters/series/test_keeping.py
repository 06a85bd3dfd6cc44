"""What is handed over is there once, in every view of it, whoever hands it over and however often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError
from erp_adapters.series.batch import Batch, micros, moment
from erp_adapters.series.keeping import Keeper
from erp_adapters.series.reading import flaws, samples, signals, stood, trend
from erp_adapters.series.signal import Rule, Signal
from erp_adapters.store import Store

pytestmark = pytest.mark.slow

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SOURCE = "press hall"
WARM = Signal(
    site="KAS", name="p2 warm", address="w", measures="temperature", unit="C", work_centre="P2",
    rule=Rule(low=0, high=100, gap_s=120),
)  # fmt: skip
STATE = Signal(
    site="KAS", name="p2 state", address="s", measures="state", work_centre="P2", rule=Rule(down=(0.0,))
)
OF_LYON = Signal(site="LYO", name="m1 warm", address="m", measures="temperature", unit="C")
MEMBER = Caller("p", "P", frozenset({"planner"}), frozenset({"KAS"}), frozenset())


@pytest.fixture
def keeper(owner_dsn: str) -> Iterator[Keeper]:
    with Keeper.open(owner_dsn) as keeper:
        keeper.declare(SOURCE, [WARM, STATE, OF_LYON])
        yield keeper


def batch(
    sequence: int,
    *samples: tuple[str, datetime, float],
    arrived: datetime | None = None,
    history: bool = False,
    source: str = SOURCE,
) -> Batch:
    names = tuple(dict.fromkeys(name for name, _, _ in samples))
    return Batch(
        source,
        sequence,
        names,
        np.array([names.index(name) for name, _, _ in samples], np.int32),
        np.array([micros(at) for _, at, _ in samples]),
        np.array([value for _, _, value in samples]),
        np.zeros(len(samples), np.uint8),
        arrived or max(at for _, at, _ in samples) + SECOND,
        history,
    )


async def test_a_batch_is_kept_once_and_seen_in_every_view(keeper: Keeper, store: Store) -> None:
    """The latest value, single samples and the trend are of the same samples; a repeated batch is none."""
    given = batch(
        1,
        *((WARM.name, NOON + n * MINUTE, 50.0 + n) for n in range(12)),
        (WARM.name, NOON + 12 * MINUTE, -999.0),
        (STATE.name, NOON, 1.0),
        (STATE.name, NOON + 3 * MINUTE, 0.0),
        arrived=NOON + 12 * MINUTE,
    )
    assert keeper.keep(given).samples == 15
    assert not keeper.keep(given).is_new
    async with store.reading(MEMBER) as tx:
        state, warm = await signals(tx)
        assert (warm.at, warm.value) == (NOON + 12 * MINUTE, -999.0)
        shown = await trend(tx, warm.signal, NOON - 5 * MINUTE, NOON + 15 * MINUTE)
        at, values, _ = await samples(tx, warm.signal, NOON, NOON + timedelta(hours=1))
        s_at, s_values, _ = await samples(tx, state.signal, NOON, NOON + timedelta(hours=1))
    assert shown.number.tolist() == [0, 5, 5, 2]
    assert shown.useless.tolist() == [0, 0, 0, 1]
    assert np.isnan(shown.mean[0])
    assert shown.mean[1:].tolist() == [52.0, 57.0, 60.5]
    assert shown.low[1:].tolist() == [50.0, 55.0, 60.0]
    assert len(at) == 13
    assert values[:2].tolist() == [50.0, 51.0]
    [standing] = stood(s_at, s_values, STATE.rule.down)
    assert (standing.since, standing.until) == (NOON + 3 * MINUTE, None)


async def test_a_history_fills_a_gap_and_repeats_nothing(keeper: Keeper, store: Store) -> None:
    """What a link lost comes later, overlaps what was kept, and leaves the same as without the loss."""
    day = NOON + timedelta(days=1)
    keeper.keep(batch(10, (WARM.name, day, 50.0)))
    assert [f.kind for f in keeper.keep(batch(11, (WARM.name, day + timedelta(hours=3), 53.0))).flaws] == [
        "gap"
    ]
    lost = [(WARM.name, day + n * MINUTE, 50.0 + n / 60) for n in range(181) if not 30 < n < 40]
    keeper.keep(batch(12, *lost, arrived=day + timedelta(hours=4), history=True))
    async with store.reading(MEMBER) as tx:
        _, warm = await signals(tx)
        shown = await trend(tx, warm.signal, day, day + timedelta(hours=4), timedelta(hours=1))
        found = await flaws(tx, [warm.signal], day, day + timedelta(hours=4))
    assert shown.number.tolist() == [51, 60, 60, 1]
    assert [(flaw.kind, flaw.since, flaw.until) for flaw in found] == [
        ("gap", day + 30 * MINUTE, day + 40 * MINUTE)
    ]
    assert warm.at == day + timedelta(hours=3)


async def test_a_batch_over_midnight_lies_in_both_days(keeper: Keeper, store: Store) -> None:
    """A row of samples never reaches over a partition's end."""
    midnight = datetime(2026, 4, 1, tzinfo=UTC)
    keeper.keep(batch(20, *((WARM.name, midnight + n * MINUTE, 1.0 * n) for n in range(-3, 3))))
    async with store.reading(MEMBER) as tx:
        _, warm = await signals(tx)
        at, _, _ = await samples(
            tx, warm.signal, midnight - timedelta(hours=1), midnight + timedelta(hours=1)
        )
    assert [moment(one) for one in at] == [midnight + n * MINUTE for n in range(-3, 3)]


async def test_nobody_sees_samples_of_another_site(keeper: Keeper, store: Store, dsn: str) -> None:
    """Scope is on the tables, and the partitions behind them are closed."""
    keeper.keep(batch(30, (OF_LYON.name, NOON, 1.0), source=SOURCE))
    async with store.reading(MEMBER) as tx:
        assert {seen.site for seen in await signals(tx)} == {"KAS"}
        for table in ("signal", "signal_now", "samples", "signal_hour", "signal_flaw", "series_source"):
            rows = await tx.fetch(f"select distinct site from app.{table}")
            assert {site for (site,) in rows.rows} <= {"KAS"}, table
    with psycopg.connect(dsn) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("select count(*) from series.samples_20260310")


def test_a_signal_that_was_never_declared_is_refused_whole(keeper: Keeper, owner_dsn: str) -> None:
    """A batch is kept whole or not at all."""
    with pytest.raises(ConfigurationError, match="declare it in the file of its signals"):
        keeper.keep(batch(40, (WARM.name, NOON + timedelta(days=9), 1.0), ("nobody's", NOON, 1.0)))
    with psycopg.connect(owner_dsn) as owner:
        assert owner.execute("select count(*) from app.series_batch where sequence = 40").fetchone() == (0,)
