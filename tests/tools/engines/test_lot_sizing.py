"""Lot rules against plans that are all tried, and against what textbooks work by hand."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.engines import lot_sizing
from tools.engines.lot_sizing import Costs, Size

_D = Decimal
_UNHURRIED = settings(deadline=None, max_examples=40)
_amounts = st.integers(0, 40).map(Decimal)
_demands = st.lists(_amounts, min_size=1, max_size=7)


def _numbers(*values: int | str) -> list[Decimal]:
    return [Decimal(value) for value in values]


@st.composite
def _problems(draw: st.DrawFn) -> tuple[list[Decimal], Costs]:
    demand = draw(_demands)
    figures = st.lists(st.integers(0, 60).map(Decimal), min_size=len(demand), max_size=len(demand))
    return demand, Costs(tuple(draw(figures)), tuple(draw(figures)), tuple(draw(figures)))


def _cheapest(demand: list[Decimal], costs: Costs) -> Decimal:
    """The least cost of all plans in which an order covers whole periods, each tried."""
    best: Decimal | None = None
    for ordered in product((False, True), repeat=len(demand)):
        quantities = [Decimal(0)] * len(demand)
        at = None
        for period, wanted in enumerate(demand):
            at = period if ordered[period] else at
            if at is not None:
                quantities[at] += wanted
        plan = lot_sizing.evaluated(demand, quantities, costs)
        if min(plan.stock) >= 0 and (best is None or plan.total < best):
            best = plan.total
    assert best is not None
    return best


@_UNHURRIED
@given(_problems())
def test_wagner_whitin_is_the_cheapest_of_all_plans(problem: tuple[list[Decimal], Costs]) -> None:
    """No plan is cheaper, and the plan that is given costs what it is said to."""
    demand, costs = problem
    found = lot_sizing.wagner_whitin(demand, costs)
    assert found.total == _cheapest(demand, costs)
    assert lot_sizing.evaluated(demand, found.quantities, costs).total == found.total
    assert found.cost_to_go[0] == found.through[-1] == found.total
    assert all(
        found.through[at] == lot_sizing.wagner_whitin(demand[: at + 1], _cut(costs, at + 1)).total
        for at in range(len(demand))
    )


def _cut(costs: Costs, periods: int) -> Costs:
    return Costs(costs.setup[:periods], costs.holding[:periods], costs.unit[:periods])


@_UNHURRIED
@given(_problems())
def test_every_rule_covers_the_requirement_and_no_more_than_wagner_whitin_saves(
    problem: tuple[list[Decimal], Costs],
) -> None:
    """Heuristics leave no period short, order in all what is needed, and never beat the optimum."""
    demand, costs = problem
    costs = Costs(costs.setup, costs.holding, (Decimal(0),) * len(demand))
    plans = [
        lot_sizing.lot_for_lot(demand),
        lot_sizing.periods_of_supply(demand, 2),
        lot_sizing.silver_meal(demand, costs).quantities,
        lot_sizing.least_unit_cost(demand, costs).quantities,
        *(lot_sizing.part_period_balancing(demand, costs, stop).quantities for stop in _STOPS),
    ]
    for quantities in plans:
        plan = lot_sizing.evaluated(demand, quantities, costs)
        assert min(plan.stock) >= 0
        assert plan.stock[-1] == 0
        assert plan.total >= _cheapest(demand, costs)


_STOPS: tuple[lot_sizing.Stop, ...] = ("closest", "before", "reached")


@given(_demands, st.integers(1, 30).map(Decimal))
def test_fixed_and_minimum_lots_come_when_something_is_missing(demand: list[Decimal], lot: Decimal) -> None:
    """Each order begins with a shortage that it ends, in whole lots or with the minimum at least."""
    for quantities in (lot_sizing.fixed(demand, lot), lot_sizing.at_least(demand, lot)):
        stock = Decimal(0)
        for wanted, ordered in zip(demand, quantities, strict=True):
            assert (ordered > 0) == (wanted > stock)
            stock += ordered - wanted
            assert stock >= 0
    assert all(ordered % lot == 0 for ordered in lot_sizing.fixed(demand, lot))
    assert all(ordered == 0 or ordered >= lot for ordered in lot_sizing.at_least(demand, lot))


@given(
    st.integers(1, 500).map(Decimal), st.integers(0, 60).map(Decimal), st.sampled_from(_numbers(0, 1, 5, 12))
)
def test_orders_keep_to_minimum_rounding_and_maximum(
    need: Decimal, minimum: Decimal, rounding: Decimal
) -> None:
    """Each order is within its limits, together they cover the need, and no order could be left out."""
    size = Size(minimum, rounding, Decimal(75))
    assert not size.contradiction()
    orders = size.orders(need)
    assert sum(orders) >= need
    assert all(max(minimum, Decimal(1)) <= one <= 75 for one in orders)
    assert all(not rounding or one % rounding == 0 for one in orders)
    assert sum(orders[:-1]) < need


@pytest.mark.parametrize(
    "size", [Size(_D(10), _D(0), _D(9)), Size(_D(0), _D(50), _D(49)), Size(_D(11), _D(10), _D(19))]
)
def test_limits_that_no_order_can_keep_are_named(size: Size) -> None:
    """Contradicting limits are said, not silently broken."""
    assert "lot" in size.contradiction()


def test_heuristics_are_those_of_the_textbook() -> None:
    """Demand 18, 30, 42, 5, 20 at K = 80 and h = 2: the figures of Silver-Meal, unit cost and part-period."""
    demand, costs = _numbers(18, 30, 42, 5, 20), Costs.flat(5, _D(80), _D(2))
    silver = lot_sizing.silver_meal(demand, costs)
    assert silver.quantities == tuple(_numbers(48, 0, 47, 0, 20))
    assert [one.figure for one in silver.steps[:2]] == _numbers(80, 70)
    assert lot_sizing.least_unit_cost(demand, costs).quantities == tuple(_numbers(48, 0, 42, 25, 0))
    assert lot_sizing.part_period_balancing(demand, costs).quantities == tuple(_numbers(48, 0, 67, 0, 0))
    assert lot_sizing.part_period_balancing(demand, costs, "before").quantities == tuple(
        _numbers(48, 0, 47, 0, 20)
    )
    assert lot_sizing.part_period_balancing(demand, costs, "reached").quantities == tuple(
        _numbers(90, 0, 0, 25, 0)
    )


def test_wagner_whitin_does_long_horizons_at_once() -> None:
    """400 periods are a matter of a second, and an order covers what follows it."""
    demand = [Decimal(at % 13) for at in range(400)]
    found = lot_sizing.wagner_whitin(demand, Costs.flat(400, _D(90), _D(1)))
    ordered = [at for at, amount in enumerate(found.quantities) if amount]
    assert all(
        found.quantities[at] == sum(demand[at:following])
        for at, following in pairwise([*ordered, len(demand)])
    )
