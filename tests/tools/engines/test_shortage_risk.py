"""The risk of running short, against sums by hand and against every way that receipts can come."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest

from tools.engines.shortage_risk import Arrival, Lateness, shortage_risk

_D = Decimal
TODAY = date(2026, 3, 31)
UNTIL = TODAY + timedelta(days=30)
# One in ten of eight deliveries, with one late and one punctual one added, is two in ten.
MOSTLY = Lateness((0, 0, 0, 0, 0, 0, 0, 9))


def _day(number: int) -> date:
    return TODAY + timedelta(days=number)


def test_stock_that_lasts_has_no_risk() -> None:
    found = shortage_risk(_D(10), [], {_day(3): _D(10)}, TODAY, UNTIL)
    assert (found.probability, found.first_short, found.days_of_cover) == (_D("0.0"), None, None)


def test_a_receipt_is_late_as_often_as_its_supplier_is() -> None:
    """Two in ten that five are missing on day four: one on average. On day ten it would have come."""
    found = shortage_risk(
        _D(5), [Arrival(_day(3), _D(5), MOSTLY)], {_day(4): _D(10)}, TODAY, UNTIL
    )  # fmt: skip
    assert (found.probability, found.worst_on, found.days_of_cover) == (_D("20.0"), _day(4), 4)
    assert found.expected == _D("1.000")


def test_an_order_of_the_plants_own_comes_on_its_day() -> None:
    wanted = {_day(4): _D(10)}
    assert shortage_risk(_D(5), [Arrival(_day(4), _D(5))], wanted, TODAY, UNTIL).probability == 0
    assert shortage_risk(_D(5), [Arrival(_day(5), _D(5))], wanted, TODAY, UNTIL).probability == 100


def test_what_is_required_after_the_protection_time_does_not_count() -> None:
    found = shortage_risk(_D(0), [], {_day(31): _D(1)}, TODAY, UNTIL)
    assert found.probability == 0


def test_a_supplier_without_a_history_may_go_either_way() -> None:
    assert Lateness().later_than(0) == 0.5
    assert Lateness().later_than(-1) == 1.0


@pytest.mark.parametrize("seed", range(12))
def test_several_receipts_are_combined_in_every_way(seed: int) -> None:
    """Each subset of the receipts with its chance, added up for every day."""
    arrivals = [
        Arrival(
            _day((seed * 5 + at * 3) % 11), _D(2 + (seed + at) % 4), Lateness(tuple(range((seed + at) % 6)))
        )
        for at in range(4)
    ]
    demand = {_day(2): _D(4), _day(6): _D(3), _day(9): _D(3)}
    worst = 0.0
    needed = -_D(seed % 3)
    for day in sorted(demand):
        needed += demand[day]
        short = 0.0
        for comes in product((True, False), repeat=len(arrivals)):
            chance, there = 1.0, _D(0)
            for one, is_there in zip(arrivals, comes, strict=True):
                assert one.lateness is not None
                late = one.lateness.later_than((day - one.due).days)
                chance *= 1 - late if is_there else late
                there += one.quantity if is_there else 0
            short += chance if there < needed else 0
        worst = max(worst, short)
    found = shortage_risk(_D(seed % 3), arrivals, demand, TODAY, UNTIL)
    assert float(found.probability) == pytest.approx(worst * 100, abs=0.06)
