"""Quantities have an interval from errors of before, a chance to cross their line, and a record of misses."""

from __future__ import annotations

import pytest

from tools.engines.predictions.calibration import LEAST_TO_CALIBRATE
from tools.engines.predictions.deciding import Terms, decided
from tools.engines.predictions.quantities import Line, between, by_the_past, errors_kept, off


def test_how_far_off_is_told_by_what_came_and_not_by_single_shares() -> None:
    """WAPE and bias: two misses of ten on a hundred are a tenth each way, and cancel in the bias."""
    found = off([60, 40], [50, 50])
    assert (found.outcomes, found.wape, found.bias) == (2, 0.2, 0.0)
    assert off([1, 2], [0, 0]).wape is None, "a share of nothing is no share"


def test_an_interval_holds_what_it_says_on_what_comes_later() -> None:
    """Of errors that come like those before, 95 % lie inside; below fifty outcomes there is none."""
    came = [1 + (number * 37 % 200 - 100) / 500 for number in range(200)]
    errors = errors_kept([1.0] * 200, came)
    found = between(1.0, errors)
    inside = sum(found.low <= each <= found.high for each in came)
    assert 0.93 <= inside / 200 <= 0.97
    assert errors_kept([1.0] * (LEAST_TO_CALIBRATE - 1), came[: LEAST_TO_CALIBRATE - 1]) == ()
    assert between(0.1, [-1.0, 0.0, 1.0]).low == 0, "nothing lies below zero"
    assert between(2.0, ()).high == float("inf"), "without a record nothing is ruled out"


@pytest.mark.parametrize(("worse", "value", "is_crossed"), [("above", 1.3, True), ("below", 1.3, False)])
def test_a_line_is_crossed_on_its_worse_side_only(worse: str, value: float, *, is_crossed: bool) -> None:
    line = Line(1.25, "above" if worse == "above" else "below")
    assert line.is_crossed(value) is is_crossed
    assert line.rising(2.0) > line.rising(1.0) if worse == "above" else line.rising(2.0) < line.rising(1.0)


def test_a_rule_tells_its_chance_from_its_own_errors() -> None:
    """Three of thirteen windows crossed: a quarter, by Laplace; with too few windows nothing is claimed."""
    estimate, chance = by_the_past(1.0, [0.5, 0.4, 0.3, *[0.0] * 10], Line(1.25, "above"))
    assert chance.p == pytest.approx(4 / 15)
    assert chance.low < chance.p < chance.high
    assert (estimate.low, estimate.value) == (1.0, 1.0)
    _, unknown = by_the_past(1.0, [0.1], Line(1.25, "above"))
    assert (unknown.low, unknown.high, unknown.seen) == (0.0, 1.0, 0)


def test_a_quantity_without_a_record_leaves_the_word_to_the_rule() -> None:
    """No number of a model is a chance by itself."""
    found = decided(0.9, 1.0, Terms(1, 4), is_drifted=False, is_approved=True, is_calibrated=False)
    assert (found.verdict, found.reason) == ("rules", "not calibrated here")
