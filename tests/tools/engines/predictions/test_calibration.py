"""A site's chances rise with the score, hold on what came there, and say how little they rest on."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.engines.predictions.calibration import calibrated


def test_an_overconfident_model_is_brought_down_to_what_came() -> None:
    chance = random.Random(3)
    scores = [chance.random() for _ in range(4000)]
    came = [chance.random() < score / 3 for score in scores]
    calibration = calibrated(scores, came)
    for score in (0.2, 0.5, 0.9):
        assert calibration.chance(score).p == pytest.approx(score / 3, abs=0.06)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=50, max_size=300))
def test_a_higher_score_never_means_less_and_the_chance_lies_in_its_interval(
    history: list[tuple[float, bool]],
) -> None:
    calibration = calibrated([score for score, _ in history], [outcome for _, outcome in history])
    assert sum(step.seen for step in calibration.steps) == len(history)
    shares = [step.came / step.seen for step in calibration.steps]
    assert shares == sorted(shares)
    for score, _ in history:
        chance = calibration.chance(score)
        assert chance.low <= chance.p <= chance.high
        assert 0 < chance.p < 1, "what was never seen is not impossible"


def test_a_site_with_few_outcomes_is_not_calibrated() -> None:
    calibration = calibrated([0.3] * 49, [True] * 49)
    assert calibration.steps == ()
    assert calibration.chance(0.3) == type(calibration.chance(0.3))(0.3, 0.0, 1.0, 0)


def test_scores_and_outcomes_belong_together() -> None:
    with pytest.raises(ValueError, match="2 scores and 1 outcomes"):
        calibrated([0.1, 0.2], [True])
