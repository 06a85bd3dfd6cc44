"""A split is offered where limits of one supplier make it cheaper or sooner, and only there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.drafting.sources import Market
from tools.drafting.splitting import Split, as_alternative, split_of
from tools.engines.sourcing import Contract, Lots, Need, Offer, Sourced, Unsourceable, source

_D = Decimal
TODAY, DAY = date(2026, 3, 30), date(2026, 5, 4)
AGREED = Offer("1", "Agreed", _D(10), _D("2.60"), currency="EUR")
OPEN = Offer("2", "Open", _D(10), _D("2.50"), currency="EUR")
SLOW = Offer("3", "Slow", _D(90), _D("1.00"), currency="EUR")
LEFT = Contract("C1", "1", _D("2.00"), "EUR", None, None, _D(300))
_TEN = Lots(rounding=_D(10))


def split(
    asked: int, *offers: Offer, contracts: tuple[Contract, ...] = (), lots: Lots = _TEN
) -> tuple[Sourced, Split | None]:
    """The rule's choice, and the split beside it."""
    market = Market(offers, contracts, (), (), {}, {})

    def bought(quantity: Decimal, named: str = "") -> Sourced:
        need = Need(quantity, "PC", DAY, TODAY)
        return source(need, offers, contracts=contracts, lots=lots, asked_for=named)

    def part(named: str, quantity: Decimal) -> Sourced | None:
        try:
            return bought(quantity, named)
        except Unsourceable:
            return None

    chosen = bought(_D(asked))
    return chosen, split_of(chosen, market, lots, _D(asked), DAY, part)


def test_what_a_contract_has_left_is_taken_before_the_dearer_source() -> None:
    """Five hundred: three hundred of the contract at 2.00, the rest at 2.50; one source alone costs 1,250."""
    chosen, found = split(500, AGREED, OPEN, contracts=(LEFT,))
    assert chosen.offer.name == "Open"
    assert found is not None
    assert [(one.offer.name, one.sizing.total) for one in found.parts] == [("Agreed", 300), ("Open", 200)]
    assert [one.chosen_by for one in found.parts] == ["contract", "info_record"]
    assert (found.cost, found.saved, found.days_late) == (1100, 150, 0)
    told = as_alternative(found, "PC")
    assert told.what == (
        "Split it: 300 PC from Agreed at 2.00 EUR and 200 PC from Open at 2.50 EUR, 1,100.00 EUR in all,"
        " 150.00 EUR less than the source of this draft."
        ' Say "split it over several suppliers" for that draft.'
    )  # fmt: skip
    assert told.cost is not None
    assert told.cost.amount == 1100


def test_what_can_be_there_in_time_comes_before_what_is_cheap() -> None:
    """The slow one alone is agreed upon and late: what the others deliver at once comes from them."""
    small = Offer("2", "Small", _D(10), _D("2.50"), currency="EUR", maximum=_D(100))
    preferred = Offer("3", "Slow", _D(90), _D("1.00"), currency="EUR", is_preferred=True)
    _, found = split(250, preferred, small)
    assert found is not None
    assert [(one.offer.name, one.sizing.total) for one in found.parts] == [("Small", 100), ("Slow", 150)]
    assert found.sooner
    assert found.days_late > 0
    assert "more than the source of this draft, less of it too late. The last part can be there" in (
        as_alternative(found, "PC").what
    )


@pytest.mark.parametrize(
    ("asked", "offers", "contracts"),
    [
        (300, (AGREED, OPEN), (LEFT,)),
        (500, (AGREED, OPEN), ()),
        (500, (AGREED,), (LEFT,)),
        (500, (OPEN, SLOW), ()),
    ],
)
def test_nothing_is_split_where_one_source_is_as_good(
    asked: int, offers: tuple[Offer, ...], contracts: tuple[Contract, ...]
) -> None:
    """The contract covers it, nothing limits anybody, or there is nobody else."""
    assert split(asked, *offers, contracts=contracts)[1] is None


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 12),
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 8), st.integers(1, 4)), min_size=2, max_size=3),
)
def test_no_split_in_time_costs_less(asked: int, drawn: list[tuple[int, int, int]]) -> None:
    """Prices, maximums and minimums at random: the split is the cheapest of all combinations, each tried."""
    offers = tuple(
        Offer(
            str(at), f"S{at}", _D(5), _D(price), currency="EUR", minimum=_D(min(least, most)),
            maximum=_D(most),
        )
        for at, (price, most, least) in enumerate(drawn)
    )  # fmt: skip
    chosen, found = split(asked, *offers, lots=Lots())
    ranges = [[0, *range(int(one.minimum or 0), int(one.maximum or 0) + 1)] for one in offers]
    costs = [
        sum(amount * int(one.price or 0) for amount, one in zip(amounts, offers, strict=True))
        for amounts in product(*ranges)
        if sum(amounts) >= asked
    ]
    own = chosen.sizing.total * (chosen.priced.price or _D(0))
    if found is not None:
        assert found.cost == min(costs) < own
        assert found.total >= asked
    elif costs:
        singles = [
            max(asked, int(one.minimum or 0)) * int(one.price or 0)
            for one in offers
            if asked <= int(one.maximum or 0)
        ]
        assert min([own, *singles]) <= min(costs)
