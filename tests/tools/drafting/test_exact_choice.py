"""What a source costs against the best: it decides where rules leave it open, and else is told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tools.drafting.exact_choice import compared
from tools.drafting.sources import Market
from tools.engines.sourcing import Lots, Need, Offer, Quota, Sourced, Step, Unsourceable, source

_D = Decimal
TODAY, DAY = date(2026, 3, 30), date(2026, 5, 4)
LOTS = Lots(rounding=_D(10))
# The first is cheaper by its info record, the second from a hundred on.
FIRST = Offer("1", "First", _D(10), _D("2.45"), currency="EUR", is_preferred=True)
SECOND = Offer("2", "Second", _D(10), _D("2.50"), currency="EUR", is_preferred=True)
SLOW = Offer("3", "Slow", _D(90), _D("1.00"), currency="EUR", is_preferred=True)
SCALE = (Step("2", _D(100), _D("2.20"), "EUR"),)


def chosen(asked: int, *offers: Offer, quotas: tuple[Quota, ...] = (), supplier: str = "") -> Sourced:
    """The rule's choice, compared."""
    market = Market(offers, (), SCALE, quotas, {}, {})

    def rule(named: str) -> Sourced:
        need = Need(_D(asked), "PC", DAY, TODAY)
        return source(need, offers, steps=SCALE, quotas=quotas, lots=LOTS, asked_for=named)

    def other(named: str) -> Sourced | None:
        try:
            return rule(named)
        except Unsourceable:
            return None

    return compared(rule(supplier), market, LOTS, _D(asked), "PC", DAY, other)


@pytest.mark.parametrize(("asked", "name"), [(50, "First"), (120, "Second")])
def test_the_cheapest_in_time_is_taken_where_no_rule_tells_them_apart(asked: int, name: str) -> None:
    """Fifty at 2.45 from the first, a hundred and twenty at 2.20 from the second; the slow one never."""
    found = chosen(asked, FIRST, SECOND, SLOW)
    assert found.offer.name == name
    assert found.chosen_by == "info_record"
    assert "the cheapest of 3 sources that can be there in time" in found.why[0]
    assert "(optimal)" in found.why[0]


def test_a_quota_decides_and_what_it_costs_is_told() -> None:
    quotas = (Quota("1", _D(100), _D(0), "q"),)
    found = chosen(120, FIRST, SECOND, quotas=quotas)
    assert found.offer.name == "First"
    assert found.why[-1] == (
        "Compared exactly with 1 other source: within 11.4 % of the least possible cost, which is 264.00 EUR"
        " from Second; the quota decides."
    )
    assert chosen(50, FIRST, SECOND, quotas=quotas).why[-1].endswith("optimal, none is cheaper in time.")


def test_a_price_step_within_reach_is_told_and_not_taken() -> None:
    """Ninety cost 225, a hundred 220: what was asked for stays."""
    found = chosen(90, SECOND, SLOW, supplier="2")
    assert found.sizing.total == 90
    assert found.why[-1] == (
        "Compared exactly with 1 other source: the cheapest supplier; 100 PC would cost less in all,"
        " 220.00 EUR against 225.00 EUR."
    )


def test_one_source_alone_is_not_compared() -> None:
    assert not any("ompared" in why for why in chosen(50, FIRST).why)
