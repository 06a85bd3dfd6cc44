"""Rates say how little a few questions say."""

from __future__ import annotations

import math

import pytest

from eval.rates import Rate, passed_every_time, percentile


def test_intervals_are_wilsons() -> None:
    """Few questions say little: 8 of 10 may be anything from a half to nearly all."""
    low, high = Rate(8, 10).interval
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert Rate(0, 0).interval == (0.0, 1.0)
    assert str(Rate(0, 0)) == "-"


def test_passing_every_time_is_harder_than_once() -> None:
    """Half of the tries right is a chance of one in six to be right in two of them (tau-bench's pass^k)."""
    assert passed_every_time([(2, 4)], 1) == pytest.approx(0.5)
    assert passed_every_time([(2, 4)], 2) == pytest.approx(1 / 6)
    assert passed_every_time([(4, 4), (0, 4)], 3) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="needs 3 tries"):
        passed_every_time([(2, 2)], 3)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    """By nearest rank; of nothing there is none."""
    assert percentile([4, 1, 3, 2], 0.5) == 2
    assert percentile([4, 1, 3, 2], 0.95) == 4
    assert math.isnan(percentile([], 0.5))
