"""Safety stocks, newsvendors and (r, Q) policies against sums over demand that is spelled out."""

from __future__ import annotations

from decimal import Decimal
from math import exp, pi, sqrt

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from tools.engines import demand_distributions as dd
from tools.engines import reorder_points
from tools.engines.demand_distributions import Discrete, Exponential, Normal, Poisson, Uniform

_D = Decimal
_UNHURRIED = settings(deadline=None, max_examples=50)


def _density(demand: dd.Distribution, at: float) -> float:
    match demand:
        case Normal():
            mean, sd = float(demand.mean), float(demand.sd)
            return exp(-((at - mean) ** 2) / (2 * sd * sd)) / (sd * sqrt(2 * pi))
        case Uniform():
            inside = float(demand.low) <= at <= float(demand.high)
            return inside / float(demand.high - demand.low)
        case Exponential():
            return exp(-at / float(demand.mean)) / float(demand.mean) if at >= 0 else 0.0
        case _:
            raise AssertionError(demand)


@pytest.mark.parametrize("demand", [Normal(_D(50), _D(8)), Uniform(_D(10), _D(90)), Exponential(_D(40))])
@pytest.mark.parametrize("level", [-5, 20, 50, 57, 88, 120])
def test_expected_shortage_is_the_integral_over_demand(demand: dd.Distribution, level: int) -> None:
    """What demand exceeds a level by, added up in small steps."""
    step = 0.1
    points = [-100 + step * (at + 0.5) for at in range(int(1100 / step))]
    integral = sum(max(0.0, x - level) * _density(demand, x) for x in points) * step
    assert float(dd.expected_shortage(demand, _D(level))) == pytest.approx(integral, rel=1e-3, abs=1e-2)


_weights = st.dictionaries(
    st.integers(0, 60).map(Decimal), st.integers(1, 9).map(Decimal), min_size=1, max_size=8
)


@_UNHURRIED
@given(_weights, st.integers(1, 99).map(Decimal), st.integers(1, 99).map(Decimal))
def test_the_newsvendor_of_given_figures_is_the_cheapest_of_all(
    weights: dict[Decimal, Decimal], over: Decimal, under: Decimal
) -> None:
    """No level of stock costs less, each tried; the cost is that of the demands one by one."""
    total = sum(weights.values())
    shares = {value: weight / total for value, weight in weights.items()}
    found = dd.newsvendor(over, under, Discrete(shares))

    def cost(level: Decimal) -> Decimal:
        return sum(
            (
                share * (over * max(_D(0), level - at) + under * max(_D(0), at - level))
                for at, share in shares.items()
            ),
            _D(0),
        )

    assert abs(found.cost - cost(found.level)) < _D("1e-20")
    assert all(cost(found.level) <= cost(_D(level)) + _D("1e-20") for level in range(0, 62, 3))


@pytest.mark.parametrize(
    "demand", [Normal(_D(50), _D(8)), Uniform(_D(10), _D(90)), Exponential(_D(40)), Poisson(_D(20))]
)
def test_the_newsvendor_is_no_dearer_than_its_neighbours(demand: dd.Distribution) -> None:
    """For every distribution, a little more or less stock costs as much or more."""
    found = dd.newsvendor(_D("0.18"), _D("0.7"), demand)
    for step in (_D(-3), _D(-1), _D(1), _D(3)):
        assert dd.stocked(found.level + step, _D("0.18"), _D("0.7"), demand).cost >= found.cost
    assert abs(found.sales + found.lost - dd.mean_of(demand)) < _D("1e-9")


@_UNHURRIED
@given(st.integers(1, 999), st.integers(1, 400), st.integers(1, 60))
def test_safety_stock_promises_what_was_asked_for(per_mille: int, sd: int, lead: int) -> None:
    """The cycle service of the stock is the one asked for; it grows with the root of the lead time."""
    service = _D(per_mille) / 1000
    spread = reorder_points.spread_over(_D(lead), _D(sd))
    guard = reorder_points.guarded(dd.z_for(service), spread, _D(100))
    assert float(guard.cycle_service) == pytest.approx(per_mille / 1000, abs=1e-9)
    assert guard.reorder_point == 100 + guard.safety_stock
    assert float(spread) == pytest.approx(sd * sqrt(lead))


@_UNHURRIED
@given(st.integers(500, 999), st.integers(20, 400))
def test_a_fill_rate_is_served_and_is_no_cycle_service(per_mille: int, lot: int) -> None:
    """The expected shortage is the share of the lot that may be missing."""
    rate, spread = _D(per_mille) / 1000, _D(30)
    z = reorder_points.z_for_fill(rate, _D(lot), spread)
    assert float(1 - spread * dd.unit_loss(z) / lot) == pytest.approx(per_mille / 1000, abs=1e-9)


@_UNHURRIED
@given(st.integers(1, 60), st.integers(1, 40), st.integers(50, 400), st.integers(5, 60))
def test_no_policy_near_the_found_one_is_cheaper(setup: int, holding: int, shortage: int, sd: int) -> None:
    """A larger or smaller r or Q costs more by the same cost function."""
    over = Normal(_D(200), _D(sd))
    try:
        found = reorder_points.continuous_review(_D(setup), _D(holding), _D(shortage), _D(2400), over)
    except reorder_points.NoPolicy:
        reject()

    def cost(r: Decimal, q: Decimal) -> Decimal:
        return (
            _D(setup) * 2400 / q
            + _D(holding) * (r - 200 + q / 2)
            + _D(shortage) * 2400 * dd.expected_shortage(over, r) / q
        )

    assert abs(cost(found.reorder_point, found.quantity) - found.cost) < _D("1e-6")
    for r, q in ((1, 0), (-1, 0), (0, 1), (0, -1), (2, -2)):
        assert cost(found.reorder_point + r, max(_D(1), found.quantity + q)) >= found.cost - _D("1e-6")


def test_shortage_that_costs_too_little_allows_no_policy() -> None:
    """Where running short is always cheaper, that is said."""
    with pytest.raises(reorder_points.NoPolicy, match="running short"):
        reorder_points.continuous_review(_D(900), _D(50), _D("0.1"), _D(10), Normal(_D(5), _D(2)))
