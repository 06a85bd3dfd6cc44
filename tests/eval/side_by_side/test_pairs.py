"""Two models differ by the cases where they differ, and only so surely."""

from __future__ import annotations

import pytest

from eval.results import Run, Try
from eval.scoring.verdict import Outcome
from eval.side_by_side.pairs import Paired, paired
from tests.eval.replies import tried
from tests.eval.test_running import MANIFEST


def run(*tries: Try) -> Run:
    return Run(MANIFEST, tries)


def test_the_chance_is_mcnemars() -> None:
    """Of six cases that differ, all one way: two in 64; evenly: no evidence at all; none: none."""
    assert Paired("x", 100, 6, 0).chance == pytest.approx(2 / 64)
    assert Paired("x", 100, 3, 3).chance == 1
    assert Paired("x", 100, 0, 0).chance == 1


def test_the_interval_is_bonetts_and_prices() -> None:
    """Of 100 cases 12 with the first alone and 4 with the second: p1 = 13/102, p2 = 5/102."""
    low, high = Paired("x", 100, 12, 4).interval
    assert (round(low, 4), round(high, 4)) == (-0.1585, 0.0017)
    assert Paired("x", 100, 12, 4).difference == pytest.approx(-0.08)
    low, high = Paired("x", 10, 0, 0).interval
    assert low < 0 < high


def test_only_cases_of_both_count_and_each_once() -> None:
    """A case asked thrice is one case, by the majority; what one model was not asked is none."""
    ours = run(
        *(tried(case="A", trial=n) for n in (1, 2, 3)),
        tried(case="B"),
        tried(Outcome.UNJUDGED, case="C"),
        tried(case="D", could_be_dangerous=True),
    )
    theirs = run(
        *(tried(Outcome.WRONG if n > 1 else Outcome.RIGHT, case="A", trial=n) for n in (1, 2, 3)),
        tried(Outcome.UNJUDGED, case="C"),
        tried(Outcome.WRONG, case="D", could_be_dangerous=True, dangerous="wrong_figure"),
    )
    right, wrong, _, dangerous = paired("a", ours, "b", theirs).figures
    assert (right.of, right.only_first, right.only_second) == (2, 2, 0)
    assert (wrong.of, wrong.only_first, wrong.only_second) == (2, 0, 2)
    assert (dangerous.of, dangerous.only_first, dangerous.only_second) == (1, 0, 1)
