"""A shift of an input is seen, chance is not taken for one, and many rows are done in little time."""

import random
import time

import numpy as np
import pytest

from tools.engines.predictions.drift import drift


def _normal(seed: int, number: int, mean: float = 0.0) -> list[float]:
    chance = random.Random(seed)
    return [chance.gauss(mean, 1) for _ in range(number)]


@pytest.mark.parametrize("number", [12, 40, 400, 4000])
def test_the_same_distribution_is_rarely_taken_for_another(number: int) -> None:
    found = [drift(_normal(seed, 4000), _normal(seed + 1000, number)) for seed in range(40)]
    assert sum(each is not None and each.is_drifted for each in found) <= 4


@pytest.mark.parametrize("number", [60, 600])
def test_a_shift_by_one_and_a_half_deviations_is_seen(number: int) -> None:
    found = [drift(_normal(seed, 4000), _normal(seed + 1000, number, mean=1.5)) for seed in range(20)]
    assert all(each is not None and each.is_drifted for each in found)


def test_many_rows_alone_do_not_make_a_small_difference_a_drift() -> None:
    chance = np.random.default_rng(1)
    began = time.process_time()
    found = drift(chance.normal(0, 1, 100_000), chance.normal(0.04, 1, 100_000))
    spent = time.process_time() - began
    assert found is not None
    assert found.p < 0.01
    assert not found.is_drifted
    assert spent < 1


def test_constant_and_missing_values_are_borne() -> None:
    assert drift([1.0] * 50, [float("nan")] * 50) is None
    same = drift([1.0] * 50, [1.0] * 50 + [float("nan")])
    assert same is not None
    assert not same.is_drifted
    other = drift([1.0] * 200, [2.0] * 200)
    assert other is not None
    assert other.is_drifted


def test_psi_is_what_a_textbook_gives() -> None:
    # Two bins, a half and a half against a fifth and four fifths: (0.2-0.5)ln(0.4) + (0.8-0.5)ln(1.6).
    found = drift([0.0] * 100 + [1.0] * 100, [0.0] * 40 + [1.0] * 160)
    assert found is not None
    assert found.psi == pytest.approx(0.4159, abs=1e-3)
    assert found.d == pytest.approx(0.3)
