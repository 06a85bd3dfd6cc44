"""Requirements over all levels against a plain walk through periods, materials and days."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.engines.lot_sizing import Rule, Size
from tools.engines.material_requirements import Calendar, Component, Item, LotPolicy, exploded, netted
from tools.engines.material_requirements.calendars import NoWorkingDays
from tools.engines.structure import CircularStructure

_D = Decimal
_UNHURRIED = settings(deadline=None, max_examples=40)
_quantities = st.dictionaries(st.integers(1, 12), st.integers(1, 30).map(Decimal), max_size=8)
_RULES: tuple[Rule, ...] = (
    "lot_for_lot", "fixed", "eoq", "periods", "poq", "silver_meal", "least_unit_cost", "least_total_cost",
    "part_period_balancing", "wagner_whitin",
)  # fmt: skip


@_UNHURRIED
@given(
    _quantities,
    _quantities,
    st.integers(0, 60).map(Decimal),
    st.integers(0, 15).map(Decimal),
    st.sampled_from(_RULES),
    st.sampled_from([Size(), Size(_D(20)), Size(_D(5), _D(6)), Size(_D(0), _D(4), _D(16))]),
)
def test_every_lot_rule_keeps_the_safety_stock_and_orders_only_when_it_must(
    gross: dict[int, Decimal],
    receipts: dict[int, Decimal],
    opening: Decimal,
    safety: Decimal,
    rule: Rule,
    size: Size,
) -> None:
    """Stock by a plain walk; an order comes only in a period that is short, and leaves none short."""
    policy = LotPolicy(rule, lot=_D(25), periods=3, setup=_D(40), holding=_D(1), size=size)
    stock = opening
    for line in netted(gross, receipts, opening, policy, safety):
        stock += receipts.get(line.period, _D(0)) - gross.get(line.period, _D(0))
        assert line.net == max(_D(0), safety - stock)
        assert (line.received > 0) == (line.net > 0)
        stock += line.received
        assert line.on_hand == stock >= safety
        if rule == "lot_for_lot" and size == Size():
            assert line.received == line.net
        if rule in ("fixed", "eoq") and size == Size():
            assert line.received % 25 == 0


@_UNHURRIED
@given(_quantities, st.integers(0, 40).map(Decimal))
def test_min_max_fills_up_to_the_maximum(gross: dict[int, Decimal], opening: Decimal) -> None:
    """An order where a period would end below the minimum, and its end is the maximum."""
    policy = LotPolicy("min_max", reorder_at=_D(10), maximum=_D(50))
    for line in netted(gross, {}, opening, policy):
        assert line.on_hand == 50 if line.received else line.on_hand >= 10


def _oracle(
    parts: dict[str, dict[str, Decimal]], lead: dict[str, int], demand: dict[str, dict[int, Decimal]]
) -> dict[tuple[str, int], Decimal]:
    """Releases without stock: each demand followed down on its own."""
    found: dict[tuple[str, int], Decimal] = defaultdict(lambda: Decimal(0))

    def need(item: str, period: int, quantity: Decimal) -> None:
        start = period - lead[item]
        found[item, start] += quantity
        for part, per in parts.get(item, {}).items():
            need(part, start, quantity * per)

    for item, by_period in demand.items():
        for period, quantity in by_period.items():
            need(item, period, quantity)
    return found


@st.composite
def _structures(draw: st.DrawFn) -> tuple[dict[str, dict[str, Decimal]], dict[str, int]]:
    names = [f"m{at}" for at in range(7)]
    parts = {
        name: {
            below: Decimal(draw(st.integers(1, 4)))
            for below in draw(st.sets(st.sampled_from(names[at + 1 :]), max_size=3))
        }
        for at, name in enumerate(names[:-1])
    }
    return parts, {name: draw(st.integers(0, 3)) for name in names}


@pytest.mark.slow
@_UNHURRIED
@given(_structures(), _quantities, _quantities)
def test_releases_are_those_of_following_each_demand_down(
    structure: tuple[dict[str, dict[str, Decimal]], dict[str, int]],
    first: dict[int, Decimal],
    third: dict[int, Decimal],
) -> None:
    """Over shared parts and several levels; without stock, netting adds nothing and loses nothing."""
    parts, lead = structure
    items = {
        name: Item(tuple(Component(part, per) for part, per in parts.get(name, {}).items())) for name in lead
    }
    demand = {"m0": first, "m2": third}
    plan = exploded(items, demand, lambda name, period: period - lead[name])
    found: dict[tuple[str, int], Decimal] = defaultdict(lambda: Decimal(0))
    for order in plan.orders:
        found[order.item, order.release] += order.quantity
    assert found == _oracle(parts, lead, demand)


@_UNHURRIED
@given(_structures(), _quantities, st.integers(0, 80).map(Decimal), st.sampled_from(["surcharge", "yield"]))
def test_what_is_made_and_in_stock_is_what_is_used(
    structure: tuple[dict[str, dict[str, Decimal]], dict[str, int]],
    demand: dict[int, Decimal],
    stock: Decimal,
    convention: str,
) -> None:
    """Of every material: stock and receipts less all use is the stock at the end, with scrap and safety."""
    parts, lead = structure
    items = {
        name: Item(
            tuple(Component(part, per, _D(10)) for part, per in parts.get(name, {}).items()),
            on_hand=stock,
            safety=_D(5),
            scrap_pct=_D(20),
            policy=LotPolicy("fixed", lot=_D(7)),
        )
        for name in lead
    }
    by_yield = convention == "yield"
    plan = exploded(
        items,
        {"m0": demand},
        lambda name, period: period - lead[name],
        "yield" if by_yield else "surcharge",
        first=1,
    )
    grown = (1 / _D("0.8"), 1 / _D("0.9")) if by_yield else (_D("1.2"), _D("1.1"))
    for name, lines in plan.lines.items():
        made = sum((one.quantity for one in plan.orders if one.item == name), _D(0))
        used = sum((demand.values()), _D(0)) if name == "m0" else _D(0)
        for order in plan.orders:
            per = parts.get(order.item, {}).get(name, _D(0))
            assert abs(order.started - order.quantity * grown[0]) < _D("1e-15")
            used += order.started * per * grown[1]
        assert abs(stock + made - used - lines[-1].on_hand) < _D("1e-15")
        assert lines[-1].on_hand >= 5


def test_a_material_that_goes_into_itself_is_named() -> None:
    """The way round, from the first material back to it."""
    items = {
        "a": Item((Component("b", _D(1)),)),
        "b": Item((Component("c", _D(1)), Component("x", _D(1)))),
        "c": Item((Component("a", _D(1)),)),
        "x": Item(),
    }
    with pytest.raises(CircularStructure) as caught:
        exploded(items, {"a": {1: _D(1)}}, lambda name, period: period)
    assert caught.value.path == ("a", "b", "c", "a")


@given(st.integers(0, 700), st.integers(0, 40), st.sets(st.integers(0, 700), max_size=30))
def test_working_days_are_counted_one_by_one(start: int, days: int, off: set[int]) -> None:
    """Back and forth over weekends and holidays, as a plain count does."""
    origin = date(2025, 1, 1)
    calendar = Calendar(closed=frozenset(origin + timedelta(days=at) for at in off))
    due = origin + timedelta(days=start)
    begin = calendar.before(due, days)
    assert calendar.works(begin)
    worked = [
        day for at in range((due - begin).days + 1) if calendar.works(day := begin + timedelta(days=at))
    ]
    assert len(worked) == days + 1
    assert calendar.after(begin, days) == calendar.on_or_before(due)


def test_a_year_without_work_is_named() -> None:
    """A calendar on which nobody works ends in a message, not in a loop."""
    with pytest.raises(NoWorkingDays, match="no working day"):
        Calendar(weekdays=frozenset()).before(date(2025, 1, 1), 1)
    opened = Calendar(weekdays=frozenset(), opened=frozenset({date(2025, 1, 4)}))
    assert opened.before(date(2025, 1, 6), 0) == date(2025, 1, 4)
