"""A record counts what was foretold and what came, and never divides by nothing."""

import pytest

from tools.engines.predictions.judging import judged


def test_precision_and_recall_by_hand() -> None:
    found = judged([0.9, 0.8, 0.4, 0.3, 0.1], [True, False, True, False, False], threshold=0.35)
    assert (found.alarms, found.right_alarms, found.came) == (3, 2, 2)
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == 1.0
    assert found.brier == pytest.approx((0.01 + 0.64 + 0.36 + 0.09 + 0.01) / 5)


def test_nothing_came_and_nothing_was_foretold() -> None:
    found = judged([0.1, 0.2], [False, False], threshold=0.5)
    assert found.precision is None
    assert found.recall is None
    assert judged([], [], 0.5).brier is None


def test_chances_that_hold_have_no_calibration_error() -> None:
    chances = [0.25] * 400
    came = [number % 4 == 0 for number in range(400)]
    assert judged(chances, came, 0.5).calibration_error == pytest.approx(0)
    assert judged([0.55] * 400, came, 0.5).calibration_error == pytest.approx(0.3)
