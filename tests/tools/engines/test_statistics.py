"""Intervals, quantiles and changes of level against values known from elsewhere."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from tools.engines.statistics import Interval, mean, quantile, shift, spread, wilson


def numbers(*values: float) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, "0.0", "27.8"), (8, 10, "49.0", "94.3"), (10, 10, "72.2", "100.0"), (95, 100, "88.8", "97.8")],
)
def test_intervals_are_those_of_the_tables(successes: int, trials: int, low: str, high: str) -> None:
    """Wilson 1927, without continuity correction; never outside of nought and a hundred."""
    assert wilson(successes, trials) == Interval(Decimal(low), Decimal(high))


def test_no_trials_have_no_interval() -> None:
    assert wilson(0, 0) is None
    assert mean([]) is None
    assert quantile([], Decimal("0.5")) is None
    assert spread(numbers(1)) is None


def test_quantiles_lie_between_values_by_proportion() -> None:
    """As PostgreSQL's percentile_cont."""
    values = numbers(4, 1, 3, 2)
    assert quantile(values, Decimal("0.5")) == Decimal("2.5")
    assert quantile(values, Decimal("0.9")) == Decimal("3.7")
    assert spread(values) == pytest.approx(Decimal("1.290994"), abs=Decimal("0.000001"))


def test_a_change_of_level_is_found_where_it_is() -> None:
    found = shift(numbers(*[0, 1, 0, -1, 1, 0, 0, 1, -1, 0], *[7, 8, 6, 9, 7, 8, 7, 6, 9, 8]))
    assert found is not None
    assert found.at == 10
    assert (found.before, found.after) == (Decimal(0), Decimal("7.5"))
    assert found.p_value < Decimal("0.01")


@pytest.mark.parametrize("seed", range(20))
def test_noise_and_single_outliers_are_no_change(seed: int) -> None:
    chance = Random(seed)
    values = [Decimal(chance.randint(-3, 3)) for _ in range(40)]
    values[20] = Decimal(200)
    assert shift(values) is None


def test_a_few_values_tell_nothing() -> None:
    assert shift(numbers(0, 0, 0, 0, 0, 9, 9, 9, 9, 9)) is None
