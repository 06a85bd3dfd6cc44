"""A cost is what the answers say, or the reason why there is none; never a guess."""

from __future__ import annotations

from decimal import Decimal

from eval.scoring.costs import Cost, cost_of
from eval.side_by_side.costs import NotAccounted, per_hundred
from eval.side_by_side.sheets import cost_cell
from tests.eval.replies import answer, tried

PAID = tried(prompt_tokens=1000, cost=Decimal("0.0030"), currency="EUR")


def test_a_hundred_questions_cost_the_mean_of_those_asked() -> None:
    """In the currency of the prices; who buys no tokens pays nothing."""
    dearer = PAID.model_copy(update={"cost": Decimal("0.0090")})
    assert per_hundred([PAID, dearer]) == Cost(Decimal("0.60"), "EUR")
    assert cost_cell(per_hundred([PAID, dearer])) == "0.60 EUR"
    assert per_hundred([tried()]) == Cost(Decimal(0), "")


def test_without_every_cost_there_is_none() -> None:
    """A part of the answers, or two currencies, add up to nothing."""
    silent = tried(prompt_tokens=1000)
    assert per_hundred([silent]) == NotAccounted("not accounted: the answers name no cost")
    assert per_hundred([PAID, silent]) == NotAccounted("not accounted: 1 of 2 answers name no cost")
    dollars = PAID.model_copy(update={"currency": "USD"})
    assert per_hundred([PAID, dollars]) == NotAccounted("not accounted: several currencies, EUR, USD")


def test_an_answer_costs_what_it_says() -> None:
    """Taken from the answer's own account; an answer without one, or with an estimate, names no cost."""
    usage = {"requests": 2, "prompt_tokens": 900, "cached_tokens": 0, "completion_tokens": 40}
    paid = answer(usage=usage | {"cost": "0.0021", "currency": "EUR"})
    assert cost_of(paid) == Cost(Decimal("0.0021"), "EUR")
    assert cost_of(answer(usage=usage | {"estimated": True})) is None
    assert cost_of(answer()) is None
    assert cost_of(None) is None
