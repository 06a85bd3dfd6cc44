"""The choice of sources: by hand, and what no choice can cover by its name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from eval.benchmarks.certificates import Seller, least_cost
from tools.engines.sourcing_choice import NoChoice, Part, Step, Terms, choice

_D = Decimal
ONE = Terms("A", (Step(_D(0), _D("2.5")), Step(_D(100), _D("2.2"))), _D(50), _D(120), _D(10))
OTHER = Terms("B", (Step(_D(0), _D("2.4")),), multiple=_D(7))
LATE = Terms("C", (Step(_D(0), _D(1)),), days_late=3)


@pytest.mark.slow
def test_a_price_step_is_worth_more_than_is_needed() -> None:
    """A hundred at 2.20 cost less than ninety-eight at 2.40, and the cheapest of all comes too late."""
    found = choice(_D(95), [ONE, OTHER, LATE])
    assert found.parts == (Part("A", _D(100), _D("2.2")),)
    assert (found.cost, found.gap, found.status) == (_D(220), _D(0), "OPTIMAL")
    assert found.unit_days_late == 0


def test_no_more_is_late_than_can_be_helped() -> None:
    found = choice(_D(200), [ONE, LATE])
    assert {part.key: part.quantity for part in found.parts} == {"A": _D(120), "C": _D(80)}
    assert found.unit_days_late == 240


def test_what_is_late_is_counted_in_whole_units() -> None:
    """A hundred and thirty-five unit-days, which the solver tells as a little less, are no fewer."""
    early = [
        Terms("7128", (Step(_D(0), _D("8.71")), Step(_D(500), _D("8.45"))), _D(50), _D(265), _D(5)),
        Terms("MTY", (Step(_D(0), _D("8.50")),), maximum=_D(12)),
        Terms("WRO", (Step(_D(0), _D("7.21")),), maximum=_D(64)),
        Terms("GRR", (Step(_D(0), _D("7.13")),), maximum=_D(46)),
    ]
    scale = (
        Step(_D(0), _D("8.1")),
        Step(_D(1), _D("8.1")),
        Step(_D(200), _D("7.86")),
        Step(_D(800), _D("7.61")),
    )
    late = Terms("7005", scale, _D(20), _D(2000), _D(1), days_late=3)
    found = choice(_D(432), [late, *early])
    assert (found.unit_days_late, found.cost, found.status) == (_D(135), _D("3564.07"), "OPTIMAL")


def test_the_cost_of_an_order_keeps_orders_together() -> None:
    """Without it half of each is cheapest; with it one order is."""
    left = Terms("L", (Step(_D(0), _D(1)),), maximum=_D(50), order_cost=_D(30))
    right = Terms("R", (Step(_D(0), _D("1.2")),), order_cost=_D(30))
    assert [part.key for part in choice(_D(100), [left, right]).parts] == ["R"]
    assert len(choice(_D(1000), [left, right], most=1).parts) == 1


def test_fractions_are_counted_exactly() -> None:
    found = choice(_D("0.75"), [Terms("A", (Step(_D(0), _D("0.333333")),), multiple=_D("0.5"))])
    assert found.parts[0].quantity == _D(1)
    assert found.cost == _D("0.333333")


@pytest.mark.parametrize("wanted", range(1, 140, 9))
def test_one_source_alone_is_as_cheap_as_by_trying_every_quantity(wanted: int) -> None:
    sellers = [
        Seller("A", ((0, _D("2.5")), (100, _D("2.2"))), 50, 120, 10, 0),
        Seller("B", ((0, _D("2.4")), (40, _D("2.35"))), 0, 10**6, 7, 0),
    ]
    late, cost = min(each for seller in sellers if (each := least_cost(wanted, [seller])) is not None)
    other = Terms("B", (Step(_D(0), _D("2.4")), Step(_D(40), _D("2.35"))), multiple=_D(7))
    found = choice(_D(wanted), [ONE, other], most=1)
    assert (found.unit_days_late, found.cost) == (_D(late), cost)
    assert len(found.parts) == 1


@pytest.mark.parametrize(
    ("sources", "problem"),
    [
        ([], "there is none"),
        ([Terms("A", ())], "'A': it has no price"),
        ([Terms("A", (Step(_D(0), _D(1)),), maximum=_D(0))], "'A': it has no capacity"),
        ([Terms("A", (Step(_D(0), _D(1)),), _D(9), _D(5))], "its maximum 5 is below its minimum 9"),
        ([Terms("A", (Step(_D(0), _D(1)),), maximum=_D(5))], "10 cannot be had from A: together they have 5"),
    ],
)
def test_what_cannot_be_covered_is_named(sources: list[Terms], problem: str) -> None:
    with pytest.raises(NoChoice, match=problem):
        choice(_D(10), sources)
    with pytest.raises(NoChoice, match="no quantity to have"):
        choice(_D(0), [ONE])
