"""Replies are worth what they show."""

from __future__ import annotations

import pytest

from eval.golden import Golden
from eval.respondents import Reply
from eval.scoring.verdict import Outcome, Verdict, verdict
from tests.eval.replies import VALUES, answer, case, reply, table

SEVEN = Golden(("n",), ((7,),))
FAILED = Reply(None, "StoreUnavailable: away")


@pytest.mark.parametrize(
    ("given", "outcome", "click"),
    [
        (reply("answered", "7"), Outcome.RIGHT, True),
        (reply("answered", "8"), Outcome.WRONG, False),
        (reply("answered", "8", offered=("7",)), Outcome.WRONG, True),
        (reply("clarify", offered=("6", "7")), Outcome.HELD_BACK, True),
        (reply("cannot_answer"), Outcome.HELD_BACK, False),
        (FAILED, Outcome.FAILED, False),
    ],
)
def test_a_reply_is_worth_what_it_shows(given: Reply, outcome: Outcome, click: bool) -> None:
    """A wrong figure is wrong even where the right one is offered beside it."""
    assert verdict(case(), SEVEN, given) == Verdict(outcome, click)


def test_declining_is_right_only_where_nothing_can_answer() -> None:
    """A figure for what the data does not have is the dangerous error; no reply at all is no abstention."""
    cannot = case({"check": "abstains"})
    assert verdict(cannot, None, reply("cannot_answer")).outcome is Outcome.DECLINED_RIGHTLY
    assert verdict(cannot, None, reply("clarify", offered=("1",))).outcome is Outcome.DECLINED_RIGHTLY
    assert verdict(cannot, None, reply("answered", "1")).outcome is Outcome.WRONG
    assert verdict(cannot, None, FAILED).outcome is Outcome.FAILED


def test_asking_back_is_right_where_it_offers_what_is_meant() -> None:
    """And so is the natural reading at once; asking without it is not."""
    vague = case({**VALUES, "check": "asks_back"})
    assert verdict(vague, SEVEN, reply("clarify", offered=("6", "7"))).outcome is Outcome.RIGHT
    assert verdict(vague, SEVEN, reply("answered", "7")).outcome is Outcome.RIGHT
    assert verdict(vague, SEVEN, reply("clarify", offered=("6",))).outcome is Outcome.HELD_BACK
    assert verdict(vague, SEVEN, reply("answered", "6")).outcome is Outcome.WRONG


def test_a_currency_that_is_said_with_its_figures_is_there() -> None:
    """A statement may have it as a column; another currency is another answer."""
    euros, dollars = (Golden(("total", "currency"), ((7, code),)) for code in ("EUR", "USD"))
    paid = table(("7",)).model_copy(update={"units": ("EUR",)})
    said = Reply(answer("answered").model_copy(update={"tables": (paid,)}), wall_ms=10)
    assert verdict(case(), euros, said).outcome is Outcome.RIGHT
    assert verdict(case(), dollars, said).outcome is Outcome.WRONG
    assert verdict(case(), euros, reply("answered", "7")).outcome is Outcome.WRONG


def test_a_unit_alone_is_no_answer() -> None:
    """Where a currency is asked for, that of some figure beside it says nothing."""
    paid = table(("7",)).model_copy(update={"units": ("EUR",)})
    said = Reply(answer("answered").model_copy(update={"tables": (paid,)}), wall_ms=10)
    assert verdict(case(), Golden(("currency",), (("EUR",),)), said).outcome is Outcome.WRONG
