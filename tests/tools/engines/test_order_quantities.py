"""Order quantities against neighbours and grids: no other quantity is cheaper."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tools.engines import order_quantities
from tools.engines.order_quantities import Bracket

_UNHURRIED = settings(deadline=None, max_examples=40)
_positive = st.integers(1, 5_000).map(lambda value: Decimal(value) / 10)
_CLOSE = Decimal("1e-12")


@given(_positive, _positive, _positive, st.sampled_from([None, Decimal("1.2"), Decimal(9)]))
def test_no_quantity_is_cheaper_than_the_economic_one(
    setup: Decimal, holding: Decimal, demand: Decimal, times: Decimal | None
) -> None:
    """With and without a finite production rate, smaller and larger lots cost more."""
    rate = None if times is None else demand * times
    best = order_quantities.order_quantity(setup, holding, demand, production_rate=rate)
    assert abs(best.ordering_cost - best.holding_cost) <= _CLOSE * best.cost
    for factor in ("0.9", "0.999", "1.001", "1.1"):
        other = order_quantities.priced(
            best.quantity * Decimal(factor), setup, holding, demand, production_rate=rate
        )
        assert other.cost > best.cost


@given(_positive, _positive, _positive, _positive)
def test_waiting_customers_make_larger_lots_and_less_cost(
    setup: Decimal, holding: Decimal, demand: Decimal, shortage: Decimal
) -> None:
    """Backorders never cost more than none; where they are dear, the lot is that without them."""
    plain = order_quantities.order_quantity(setup, holding, demand)
    found = order_quantities.with_backorders(setup, holding, demand, shortage)
    assert found.quantity >= plain.quantity * (1 - _CLOSE)
    assert found.cost <= plain.cost * (1 + _CLOSE)
    assert abs(found.backorder + found.peak - found.quantity) <= _CLOSE * found.quantity
    dear = order_quantities.with_backorders(setup, holding, demand, shortage * Decimal("1e12"))
    assert abs(dear.quantity - plain.quantity) <= Decimal("1e-4") * plain.quantity


@st.composite
def _brackets(draw: st.DrawFn) -> list[Bracket]:
    breaks = sorted(draw(st.sets(st.integers(1, 80), max_size=3)))
    price, found = Decimal(draw(st.integers(50, 90))), []
    for start in (0, *(each * 10 for each in breaks)):
        found.append(Bracket(Decimal(start), price))
        price -= Decimal(draw(st.integers(1, 10)))
    return found


@_UNHURRIED
@given(_positive, _positive, _brackets(), st.integers(5, 60))
def test_discounts_are_the_cheapest_on_a_grid(
    setup: Decimal, demand: Decimal, brackets: list[Bracket], percent: int
) -> None:
    """No quantity of a fine grid is cheaper, whether a price holds for all units or only for those above."""
    rate = Decimal(percent) / 100
    holding = [rate * one.unit_cost for one in brackets]
    every = order_quantities.all_units(setup, holding, demand, brackets).best.economic
    above = order_quantities.incremental(setup, rate, demand, brackets).best.economic
    for quantity in (Decimal(at) for at in range(1, 1200, 7)):
        at = max(each for each, one in enumerate(brackets) if one.from_quantity <= quantity)
        flat = order_quantities.priced(quantity, setup, holding[at], demand, brackets[at].unit_cost)
        assert every.total <= flat.total * (1 + _CLOSE)
        paid = _paid(quantity, brackets)
        stepped = setup * demand / quantity + (rate * quantity / 2 + demand) * paid / quantity
        assert above.total <= stepped * (1 + _CLOSE)
    bracket = max(each for each, one in enumerate(brackets) if one.from_quantity <= every.quantity)
    assert every.purchase_cost == demand * brackets[bracket].unit_cost


def _paid(quantity: Decimal, brackets: list[Bracket]) -> Decimal:
    """What an order costs where each price holds for the units of its bracket."""
    ends = [one.from_quantity for one in brackets[1:]] + [quantity]
    return sum(
        (
            max(Decimal(0), min(end, quantity) - one.from_quantity) * one.unit_cost
            for one, end in zip(brackets, ends, strict=True)
        ),
        Decimal(0),
    )
