"""What a source sends wrong is found, read by the site's rule where there is one, and never made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from erp_adapters.series.batch import (
    BAD,
    FROZEN,
    LATE,
    MOVED,
    OUT_OF_RANGE,
    Batch,
    Moments,
    Values,
    micros,
    moment,
)
from erp_adapters.series.normalising import Flaw, Known, Normalised, normalised
from erp_adapters.series.signal import Rule, Signal

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def signal(rule: Rule, unit: str = "C") -> Signal:
    return Signal(
        site="OLO", name="t1", address="t1", measures="temperature", unit=unit, work_centre="P2", rule=rule
    )


def known(
    rule: Rule | None = None, *, last: datetime | None = None, value: float = 0.0, unit: str = "C"
) -> Known:
    at = None if last is None else micros(last)
    return Known(1, signal(rule or Rule(), unit), "Europe/Oslo", at, value if last else float("nan"), at)


def batch(
    *samples: tuple[datetime, float], arrived: datetime | None = None, history: bool = False, quality: int = 0
) -> Batch:
    return Batch(
        "press hall",
        1,
        ("t1",),
        np.zeros(len(samples), np.int32),
        np.array([micros(at) for at, _ in samples]),
        np.array([value for _, value in samples]),
        np.full(len(samples), quality, np.uint8),
        arrived or max(at for at, _ in samples) + SECOND,
        history,
    )


def nothing(place: int, first: int, last: int) -> tuple[Moments, Values]:
    return np.empty(0, np.int64), np.empty(0)


def of(found: Normalised, kind: str) -> list[Flaw]:
    return [flaw for flaw in found.flaws if flaw.kind == kind]


def test_sound_samples_are_kept_as_they_are_and_nothing_is_found() -> None:
    """Nothing is wrong with a sound source."""
    found = normalised(batch((NOON, 50.0), (NOON + SECOND, 51.0)), [known()], nothing)
    assert found.values.tolist() == [50.0, 51.0]
    assert found.qualities.tolist() == [0, 0]
    assert found.flaws == ()
    assert found.latest[0].at == micros(NOON + SECOND)


def test_fahrenheit_is_converted_by_rule_and_only_suspected_without_one() -> None:
    """A wrong unit is never set right in silence: the rule says so, or a finding does."""
    by_rule = normalised(batch((NOON, 122.0)), [known(Rule(source_unit="F", low=0, high=100))], nothing)
    assert by_rule.values.tolist() == pytest.approx([50.0])
    assert by_rule.flaws == ()
    without = normalised(
        batch((NOON, 122.0), (NOON + SECOND, 124.0)), [known(Rule(low=0, high=100))], nothing
    )
    assert without.values.tolist() == [122.0, 124.0]
    assert (without.qualities & OUT_OF_RANGE).all()
    assert [flaw.number for flaw in of(without, "other_unit")] == [2]


def test_local_time_is_moved_by_rule_and_only_suspected_without_one() -> None:
    """A wall clock sent as UTC is an hour off, which the site's own offset tells."""
    wall = NOON + timedelta(hours=1)
    by_rule = normalised(
        batch((wall, 1.0), arrived=NOON + SECOND), [known(Rule(time_zone="Europe/Oslo"))], nothing
    )
    assert moment(by_rule.at[0]) == NOON
    assert by_rule.qualities[0] == MOVED
    assert by_rule.flaws == ()
    without = normalised(batch((wall, 1.0), arrived=NOON + SECOND), [known()], nothing)
    assert moment(without.at[0]) == wall
    assert [flaw.kind for flaw in without.flaws] == ["local_time"]


def test_the_hour_that_comes_twice_keeps_every_sample_live_and_in_history() -> None:
    """At the end of summer time nothing collides and nothing is out of order."""
    first = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    zone = ZoneInfo("Europe/Oslo")
    true = [first + timedelta(minutes=10 * n) for n in range(18)]
    walls = [at.astimezone(zone).replace(tzinfo=UTC) for at in true]
    rule = known(Rule(time_zone="Europe/Oslo", gap_s=900))
    history = normalised(
        batch(
            *((wall, float(n)) for n, wall in enumerate(walls)),
            arrived=true[-1] + timedelta(days=1),
            history=True,
        ),
        [rule],
        nothing,
    )
    assert [moment(at) for at in history.at] == true
    assert history.flaws == ()
    for at, wall in zip(true, walls, strict=True):
        live = normalised(batch((wall, 1.0), arrived=at + SECOND), [rule], nothing)
        assert [moment(one) for one in live.at] == [at]
        assert live.flaws == ()


def test_a_history_that_does_not_tell_which_hour_is_noted() -> None:
    """Where nobody can tell the first hour from the second, the answer says so."""
    wall = datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
    found = normalised(
        batch((wall, 1.0), arrived=wall + timedelta(days=2), history=True),
        [known(Rule(time_zone="Europe/Oslo"))],
        nothing,
    )
    assert [flaw.kind for flaw in found.flaws] == ["ambiguous_time"]


def test_the_hour_that_does_not_exist_is_no_gap() -> None:
    """At the beginning of summer time the wall clock jumps and the series does not."""
    true = [datetime(2026, 3, 29, 0, 50, tzinfo=UTC) + timedelta(minutes=10 * n) for n in range(3)]
    walls = [at.astimezone(ZoneInfo("Europe/Oslo")).replace(tzinfo=UTC) for at in true]
    assert walls[2] - walls[0] == timedelta(minutes=80)
    found = normalised(
        batch(*((wall, 1.0) for wall in walls), arrived=true[-1] + timedelta(days=1), history=True),
        [known(Rule(time_zone="Europe/Oslo", gap_s=900))],
        nothing,
    )
    assert [moment(at) for at in found.at] == true
    assert found.flaws == ()


def test_late_samples_are_kept_and_marked() -> None:
    """Late is no reason to lose a sample."""
    found = normalised(batch((NOON, 1.0), arrived=NOON + timedelta(minutes=10)), [known()], nothing)
    assert found.qualities.tolist() == [LATE]
    assert [(flaw.kind, flaw.number) for flaw in found.flaws] == [("late", 1)]


def test_duplicates_are_dropped_and_contradictions_named() -> None:
    """A moment has one value: the first that came, and a second one is no secret."""
    found = normalised(
        batch((NOON, 1.0), (NOON, 1.0), (NOON + SECOND, 2.0), (NOON + SECOND, 9.0)), [known()], nothing
    )
    assert found.values.tolist() == [1.0, 2.0]
    assert {(flaw.kind, flaw.number) for flaw in found.flaws} == {("duplicate", 1), ("conflicting", 1)}


def test_what_is_stored_already_is_not_stored_again() -> None:
    """A source that sends the same again changes nothing."""
    stored = np.array([micros(NOON), micros(NOON + SECOND)])

    def existing(place: int, first: int, last: int) -> tuple[Moments, Values]:
        return stored, np.array([1.0, 2.0])

    again = batch((NOON, 1.0), (NOON + SECOND / 2, 1.5), (NOON + SECOND, 3.0), (NOON + 2 * SECOND, 4.0))
    found = normalised(again, [known(last=NOON + SECOND, value=2.0)], existing)
    assert found.values.tolist() == [1.5, 4.0]
    assert {"duplicate", "conflicting", "out_of_order"} == {flaw.kind for flaw in found.flaws}


def test_out_of_order_samples_are_put_in_order() -> None:
    """The order of arrival is not the order of time."""
    found = normalised(batch((NOON + SECOND, 2.0), (NOON, 1.0), (NOON + 2 * SECOND, 3.0)), [known()], nothing)
    assert found.values.tolist() == [1.0, 2.0, 3.0]
    assert [flaw.number for flaw in of(found, "out_of_order")] == [1]


def test_what_is_no_number_or_cannot_be_counts_for_nothing() -> None:
    """NaN, infinity and -999 do not spoil an average."""
    found = normalised(
        batch((NOON, float("nan")), (NOON + SECOND, float("inf")), (NOON + 2 * SECOND, -999.0)),
        [known(Rule(low=-50, high=100))],
        nothing,
    )
    assert (found.qualities & 3).tolist() == [BAD, BAD, 0]
    assert np.isnan(found.values).tolist() == [True, True, False]
    assert {(flaw.kind, flaw.number) for flaw in found.flaws} == {("no_number", 2), ("out_of_range", 1)}


def test_a_frozen_sensor_is_found_across_batches() -> None:
    """A sensor that stands still for longer than a sound one can is named, since when it does."""
    rule = Rule(frozen_s=600, late_s=3600)
    before = NOON - timedelta(minutes=9)
    found = normalised(
        batch((NOON, 5.0), (NOON + timedelta(minutes=2), 5.0), (NOON + timedelta(minutes=3), 6.0)),
        [known(rule, last=before, value=5.0)],
        nothing,
    )
    frozen = of(found, "frozen")
    assert [(moment(flaw.since), moment(flaw.until)) for flaw in frozen] == [
        (before, NOON + timedelta(minutes=2))
    ]
    assert found.qualities.tolist() == [0, FROZEN, 0]
    assert moment(found.latest[0].same_since) == NOON + timedelta(minutes=3)


def test_a_gap_reaches_over_batches() -> None:
    """A silence is found when the next sample ends it."""
    found = normalised(batch((NOON, 5.0)), [known(Rule(gap_s=60), last=NOON - timedelta(hours=2))], nothing)
    [gap] = of(found, "gap")
    assert (moment(gap.since), moment(gap.until), gap.worst) == (NOON - timedelta(hours=2), NOON, 7200.0)


def test_a_clock_of_another_century_is_set_aside() -> None:
    """A time that no partition could be made for stops nothing."""
    found = normalised(
        batch((datetime(1970, 1, 1, tzinfo=UTC), 1.0), (NOON, 2.0), arrived=NOON + SECOND), [known()], nothing
    )
    assert found.values.tolist() == [2.0]
    assert [flaw.kind for flaw in found.flaws] == ["wrong_clock"]
