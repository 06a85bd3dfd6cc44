"""A version is judged by outcomes that did not make its chances; one that lags behind the rule is named."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

from tools.predicting.judging import Record, Shown, record_of

_FIRST = date(2026, 1, 1)


def record(told: Callable[[bool, random.Random], tuple[float, float]]) -> Record:
    """The record of a version that tells score and rule of ten machines a day; the first fails often."""
    chance = random.Random(5)
    shown = []
    for number in range(120):
        for machine in range(10):
            came = chance.random() < (0.4 if machine == 0 else 0.01)
            score, rule = told(machine == 0, chance)
            shown.append(
                Shown(_FIRST + timedelta(days=number), score, rule, 1.0, (chance.gauss(0, 1),), came)
            )
    return record_of(
        shown,
        ("warmth",),
        {"warmth": [chance.gauss(0, 1) for _ in range(400)]},
        trained_until=_FIRST,
        least_quality=0.6,
        threshold=0.2,
    )


def test_a_version_that_knows_the_weak_machine_is_no_worse_than_the_rule() -> None:
    found = record(lambda weak, _: (0.9 if weak else 0.2, 0.4 if weak else 0.01))
    assert found.complaint == ""
    assert found.model.recall is not None
    assert found.model.recall > 0.8
    # What the endpoint says is not what it means here: nine tenths came four times in ten.
    assert 0.3 < found.calibration.chance(0.9).p < 0.5


def test_one_that_lags_behind_the_rule_is_named() -> None:
    found = record(lambda weak, chance: (chance.random(), 0.4 if weak else 0.01))
    assert "worse than the rule" in found.complaint


def test_outcomes_of_the_training_do_not_count() -> None:
    shown = [Shown(_FIRST, 0.5, 0.5, 1.0, (0.0,), True)] * 80
    found = record_of(
        shown, ("warmth",), {}, trained_until=_FIRST + timedelta(days=1), least_quality=0.6, threshold=0.2
    )
    assert (found.outcomes, found.calibration.steps) == (0, ())


def test_a_site_is_set_against_itself_and_not_against_the_mixture_it_was_trained_on() -> None:
    rows = [
        Shown(_FIRST + timedelta(days=day), 0.1, 0.1, 1.0, (100.0 + machine,), False)
        for day in range(120)
        for machine in range(10)
    ]
    trained = {"warmth": [0.0, 1.0, 2.0, 3.0, 4.0] * 40}
    given = {"trained_until": _FIRST, "least_quality": 0.6, "threshold": 0.2}
    assert record_of(rows, ("warmth",), trained, **given).drifted == {}  # type: ignore[arg-type]
    few = [row for row in rows if row.for_day > _FIRST + timedelta(days=100)]
    assert "warmth" in record_of(few, ("warmth",), trained, **given).drifted  # type: ignore[arg-type]
