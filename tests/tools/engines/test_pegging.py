"""Chains of orders: upwards to customers, downwards to what is bought, with what each link is late by."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tools.engines.netting import Demand, Supply
from tools.engines.pegging import Network, Plan

TODAY = date(2025, 6, 10)


def day(days: int) -> date:
    return TODAY + timedelta(days=days)


def chain() -> Network:
    """A purchase of 10 seals for two pump orders, of which two customers wait; one shaft is missing."""
    return Network(
        {
            "seal": Plan(
                Decimal(2),
                (Supply("po", day(3), Decimal(10)),),
                (Demand("seal/w1", day(4), Decimal(6)), Demand("seal/w2", day(9), Decimal(5))),
            ),
            "shaft": Plan(Decimal(0), (), (Demand("shaft/w2", day(9), Decimal(5)),)),
            "pump": Plan(
                Decimal(0),
                (Supply("w1", day(8), Decimal(6)), Supply("w2", day(12), Decimal(5))),
                (Demand("c1", day(8), Decimal(4)), Demand("c2", day(10), Decimal(7))),
            ),
        },
        {"seal/w1": "w1", "seal/w2": "w2", "shaft/w2": "w2"},
        {"po": "seal", "w1": "pump", "w2": "pump"},
        TODAY,
    )


def test_pegs_of_a_receipt_add_up_to_it() -> None:
    """What is pegged and what is free make the ten of the purchase order."""
    network = chain()
    first = [step for step in network.up(["po"]) if step.level == 1]
    assert {step.demand: step.quantity for step in first} == {"seal/w1": Decimal(4), "seal/w2": Decimal(5)}
    assert sum(step.quantity for step in first) + network.allocation("seal").free["po"] == 10


def test_a_delivery_in_time_makes_nobody_late() -> None:
    """The order for the second customer is late by its own date, which the delivery has no part in."""
    steps = chain().up(["po"])
    assert {step.demand for step in steps} == {"seal/w1", "seal/w2", "c1", "c2"}
    assert {step.late for step in steps} == {0}


def test_a_late_delivery_is_followed_up_to_the_customers() -> None:
    """Three days late is two days after the need, and so is the customer whose order has no slack."""
    late = {step.demand: step.late for step in chain().up(["po"], 3) if step.late}
    assert late == {"seal/w1": 2, "c1": 2}


def test_downwards_everything_that_is_needed_shows() -> None:
    """Stock, receipts, and what nothing covers."""
    found = {(step.demand, step.supply, step.available is None) for step in chain().down(["c2"])}
    assert ("c2", "w1", False) in found
    assert ("seal/w1", "", False) in found
    assert ("shaft/w2", "", True) in found


def test_the_days_of_the_chain_add_up() -> None:
    """The order is two days after the need of the second customer; a part that is missing says so."""
    days, causes = chain().causes("c1")
    assert (days, [(cause.supply, cause.days) for cause in causes]) == (0, [("w1", 0)])
    days, causes = chain().causes("c2")
    assert days == sum(cause.days for cause in causes) == 2
    assert [cause.covered for cause in causes] == [True, False]


def test_orders_that_wait_for_each_other_end() -> None:
    """A circle in the data is no endless walk."""
    network = Network(
        {
            "a": Plan(Decimal(0), (Supply("wa", day(3), Decimal(1)),), (Demand("a/wb", day(1), Decimal(1)),)),
            "b": Plan(Decimal(0), (Supply("wb", day(2), Decimal(1)),), (Demand("b/wa", day(1), Decimal(1)),)),
        },
        {"a/wb": "wb", "b/wa": "wa"},
        {"wa": "a", "wb": "b"},
        TODAY,
    )
    assert network.up(["wa"], 5)
    assert network.down(["a/wb"])
    assert network.causes("a/wb")[1]


def test_an_order_that_needs_a_part_twice_is_followed_once() -> None:
    """Two reservations of one order are two links, and what hangs on the order is listed once."""
    network = Network(
        {
            "bolt": Plan(
                Decimal(0),
                (Supply("po", day(3), Decimal(9)),),
                (Demand("bolt/1", day(4), Decimal(4)), Demand("bolt/2", day(4), Decimal(5))),
            ),
            "pump": Plan(Decimal(0), (Supply("w", day(8), Decimal(1)),), (Demand("c", day(9), Decimal(1)),)),
        },
        {"bolt/1": "w", "bolt/2": "w"},
        {"po": "bolt", "w": "pump"},
        TODAY,
    )
    assert [step.demand for step in network.up(["po"])] == ["bolt/1", "c", "bolt/2"]
