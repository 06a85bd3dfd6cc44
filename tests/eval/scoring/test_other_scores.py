"""Calls, money at stake, and what a reader may not see."""

from __future__ import annotations

from decimal import Decimal

import pytest

from eval.cases import CallsCheck
from eval.golden import Golden
from eval.scoring.calls import calls_score
from eval.scoring.exposure import exposed
from eval.scoring.stakes import Stake, stake
from eval.scoring.verdict import Outcome, Verdict
from tests.eval.replies import VALUES, answer, case

WANTED = CallsCheck.model_validate(
    {
        "check": "calls",
        "calls": [
            {"tool": "order_status", "arguments": {"order": "4711"}},
            {"tool": "query_metrics", "arguments": {"measures": [{"metric": "scrap_rate"}]}},
        ],
    }
)
STATUS = ("order_status", {"order": "4711", "site": None})
RATE = ("query_metrics", {"measures": [{"metric": "scrap_rate", "name": "m1"}], "by": []})


@pytest.mark.parametrize(
    ("made", "accuracy", "f1"),
    [
        ([STATUS, RATE], 1.0, 1.0),
        ([RATE, STATUS], 0.0, 1.0),
        ([STATUS], 0.0, pytest.approx(2 / 3)),
        ([STATUS, RATE, RATE], 0.0, pytest.approx(0.8)),
        ([STATUS, ("query_metrics", {"measures": []})], 0.0, 0.5),
        ([], 0.0, 0.0),
    ],
)
def test_calls_are_compared_by_what_matters(
    made: list[tuple[str, dict[str, object]]], accuracy: float, f1: float
) -> None:
    """In order for the accuracy; arguments that nobody named may be anything."""
    score = calls_score(WANTED, made)
    assert (score.accuracy, score.f1) == (accuracy, f1)


def test_a_wrong_answer_costs_what_was_asked_about() -> None:
    """Holding back costs nothing of it; figures that are no money are not at stake."""
    asked = case({**VALUES, "money": ["spend"]})
    golden = Golden(("vendor", "spend"), (("A", "1000.50"), ("B", -20), ("C", None)))
    wrong, back = Verdict(Outcome.WRONG, False), Verdict(Outcome.HELD_BACK, True)
    assert stake(asked, golden, wrong) == Stake(Decimal("1020.50"), Decimal("1020.50"))
    assert stake(asked, golden, back) == Stake(Decimal("1020.50"), Decimal(0))
    assert stake(case(), golden, wrong) is None


def test_what_is_hidden_may_stand_nowhere_but_in_the_question() -> None:
    """Not in a reading, a caveat or a cell; that somebody asks for it shows nothing."""
    said = answer("answered", "HUBER AG", question="Who is Huber AG or 40?", caveats=("see Lyon Velo",))
    assert exposed(said, ["Huber AG", "Lyon Velo", "40", None, 12]) == ("Lyon Velo",)
    assert exposed(answer("answered", "huber ag"), ["Huber AG"]) == ("Huber AG",)
