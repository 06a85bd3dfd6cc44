"""Only an approved model with sound data and a chance above the threshold lets anything be done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.engines.predictions.deciding import Terms, decided

TERMS = Terms(false_alarm=200, missed=800, band=0.1, least_quality=0.6)
SHARES = st.floats(0, 1)


def test_the_threshold_is_where_a_false_alarm_costs_what_a_missed_stop_does() -> None:
    assert TERMS.threshold == pytest.approx(0.2)


@given(
    probability=st.none() | SHARES,
    quality=SHARES,
    false_alarm=st.floats(0.01, 1e6),
    missed=st.floats(0.01, 1e6),
    is_drifted=st.booleans(),
    is_approved=st.booleans(),
)
def test_nothing_is_started_but_by_an_approved_sound_model_above_its_threshold(
    probability: float | None,
    quality: float,
    false_alarm: float,
    missed: float,
    is_drifted: bool,
    is_approved: bool,
) -> None:
    terms = Terms(false_alarm, missed)
    found = decided(probability, quality, terms, is_drifted=is_drifted, is_approved=is_approved)
    may_speak = is_approved and not is_drifted and probability is not None and quality >= terms.least_quality
    assert (found.verdict == "rules") == (not may_speak)
    if found.verdict == "act":
        assert probability is not None
        # Acting is the cheaper choice: what it is expected to cost is below what waiting is.
        assert (1 - probability) * false_alarm <= probability * missed * (1 + 1e-9)


@pytest.mark.parametrize(
    ("probability", "verdict"), [(0.21, "act"), (0.2, "ask"), (0.11, "ask"), (0.09, "show")]
)
def test_a_band_below_the_threshold_goes_to_a_person(probability: float, verdict: str) -> None:
    assert decided(probability, 1.0, TERMS, is_drifted=False, is_approved=True).verdict == verdict


def test_costs_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        Terms(false_alarm=0, missed=1)
    with pytest.raises(ValueError, match="shares between"):
        Terms(false_alarm=1, missed=1, band=1.0)
