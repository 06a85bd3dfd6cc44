"""Parts equal the total exactly, whatever the figures: before rounding, and as they are shown."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.engines.variance import (
    Corner,
    CostLine,
    Item,
    Order,
    Scrapped,
    Sold,
    Usage,
    Variances,
    Version,
    bridge,
    production_order,
)
from tools.engines.variance.catalogue import BY_NAME, FAMILIES
from tools.engines.variance.components import Component, Total
from tools.engines.variance.equations import Var
from tools.engines.variance.families import Family
from tools.engines.variance.production_order import INPUT, OUTPUT
from tools.engines.variance.solving import worked_out

LEAVES = {
    "material_price_quantity": "actual_qty actual_cost standard_qty standard_price",
    "purchase_price_variance": "purchase_cost purchased_qty standard_price",
    "material_mix_yield": "share standard_price actual_qty actual_cost standard_yield actual_output",
    "labour_rate_efficiency": "paid_hours idle_hours actual_cost standard_hours standard_rate",
    **dict.fromkeys(
        (
            "overhead_two_way",
            "overhead_three_way",
            "overhead_four_way",
            "variable_overhead",
            "fixed_overhead_absorption",
        ),
        "actual_variable_overhead actual_fixed_overhead actual_hours variable_rate fixed_rate budget_hours"
        " standard_hours",
    ),
    "flexible_budget": "actual_units actual_price actual_unit_variable_cost actual_fixed budget_units"
    " budget_price budget_unit_variable_cost budget_fixed",
    "sales_mix_quantity": "budget_units actual_units budget_price actual_price unit_cost budget_market_size"
    " actual_market_size",
    "planning_operational": "units ex_ante_qty ex_ante_price ex_post_qty ex_post_price actual_qty"
    " actual_cost",
    "cost_centre": "plan_fixed_cost plan_variable_cost plan_activity actual_activity actual_cost",
    "sap_posting_percentage": "actual_cost percentage",
}
"""What fixes every figure of a family."""
SOLVED = [each for each in FAMILIES if each.name in LEAVES]
amounts = st.decimals(min_value=0, max_value=Decimal("1e30"), allow_nan=False, places=6) | st.decimals(
    min_value=0, max_value=1000, places=2
)
some = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("1e12"), places=4)


def held(total: Total, parts: dict[Var, Component], of: Var) -> list[Component]:
    """The parts of a total that were found; none unless all were."""
    found: list[Component] = []
    for part in total.parts:
        names = (
            [each for each in parts if each.name == part[:-1] and (of.item is None or each.item == of.item)]
            if part.endswith("*")
            else [Var(part)]
        )
        if not names or any(each not in parts for each in names):
            return []
        found += [parts[each] for each in names]
    return found


def assert_adds_up(found: Variances, totals: tuple[Total, ...]) -> int:
    """Every total is the sum of its parts; says how many there were."""
    parts = dict(found.parts)
    checked = 0
    for total in totals:
        for of in [each for each in parts if each.name == total.of.rstrip("*")]:
            summands = held(total, parts, of)
            if not summands:
                continue
            whole = parts[of]
            assert _profit(whole, whole.exact) == sum(_profit(each, each.exact) for each in summands)
            assert Fraction(whole.profit_impact) == sum(Fraction(each.profit_impact) for each in summands)
            checked += 1
    for each in parts.values():
        assert Fraction(each.amount) == abs(Fraction(each.delta)) == abs(Fraction(each.profit_impact))
        assert (each.effect == "N") == (each.amount == 0)
    return checked


def _profit(component: Component, delta: Fraction) -> Fraction:
    return -delta if component.side == "cost" else delta


@pytest.mark.parametrize("family", SOLVED, ids=lambda each: each.name)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_parts_of_every_family_add_up(family: Family, data: st.DataObject) -> None:
    """Every sum that the family promises is there and holds."""
    items = ["A", "B", "C"][: data.draw(st.integers(1, 3))]
    known = {
        Var(name, item): Fraction(data.draw(amounts)) + Fraction(1, 100)
        for name in LEAVES[family.name].split()
        for item in (items if family.indexed[name] else [None])
    }
    found = worked_out(family, items, known)
    assert assert_adds_up(found, family.totals) >= len(family.totals)


def test_every_family_is_tried() -> None:
    """A new family without leaves here would be held to nothing."""
    bridges = {"price_volume", "price_volume_mix"}
    assert {each.name for each in FAMILIES} == LEAVES.keys() | bridges
    assert {each.name for each in BY_NAME.values()} == {each.name for each in FAMILIES}


@st.composite
def sold(draw: st.DrawFn) -> Sold:
    return Sold(draw(some), draw(amounts), draw(amounts), draw(some))


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    found = []
    for name in "ABCD"[: draw(st.integers(1, 4))]:
        before, after = draw(st.none() | sold()), draw(sold())
        found.append(Item(name, before, draw(st.just(after) | st.none()) if before else after, draw(some)))
    return found


@pytest.mark.parametrize("corner", get_args(Corner))
@settings(max_examples=30, deadline=None)
@given(sold_items=items())
def test_a_bridge_ends_where_it_should(corner: Corner, sold_items: list[Item]) -> None:
    """Steps add up to the difference of the two margins, in total and over the items of each step."""
    found = bridge(sold_items, corner=corner)

    def worth(each: Sold | None) -> Fraction:
        if each is None:
            return Fraction(0)
        margin = Fraction(each.price) - Fraction(each.unit_cost)
        return Fraction(each.quantity) * margin * Fraction(each.rate)

    assert found["total"].exact == sum(worth(each.after) - worth(each.before) for each in sold_items)
    steps = [each.name for each in found.parts if each.item is None and each.name != "total"]
    totals = (Total("total", tuple(steps)), *(Total(name, (f"{name}_by*",)) for name in steps))
    assert assert_adds_up(found, totals)


@settings(max_examples=30, deadline=None)
@given(sold_items=items())
def test_shapley_is_the_mean_of_both_ways_round(sold_items: list[Item]) -> None:
    """With two factors: half of price first, half of quantity first."""
    one, two, fair = (
        bridge(sold_items, corner=corner, factors=factors)
        for corner, factors in (
            ("late_corner", ("quantity", "price")),
            ("late_corner", ("price", "quantity")),
            ("shapley", ("quantity", "price")),
        )
    )
    assert 2 * fair["price"].exact == one["price"].exact + two["price"].exact


usages = st.builds(Usage, amounts, st.none() | some)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    lines = [
        CostLine(
            name,
            draw(st.none() | usages),
            draw(st.none() | usages),
            plan=draw(st.none() | usages),
            price=draw(st.none() | amounts),
            operation=draw(st.integers(0, 3)),
            lot_size_independent=draw(st.booleans()),
            in_process=draw(st.just(Decimal(0)) | amounts),
        )
        for name in "ABCD"[: draw(st.integers(0, 4))]
    ]
    return Order(
        draw(some),
        draw(amounts),
        lines,
        scrapped=draw(st.lists(st.builds(Scrapped, amounts, st.none() | st.integers(0, 3)), max_size=2)),
        in_process=draw(st.just(Decimal(0)) | amounts),
        standard_price=draw(st.none() | amounts),
        mixed_price=draw(st.none() | amounts),
        delivered_price=draw(st.none() | amounts),
    )


@settings(max_examples=80, deadline=None)
@given(order=orders(), version=st.sampled_from(Version))
def test_nine_categories_are_the_whole_of_an_order(order: Order, version: Version) -> None:
    """Each is there, and they add up; of the total version to what is settled."""
    found = production_order(order, version)
    totals = (
        Total("total", (*INPUT, *OUTPUT)),
        Total("input", INPUT),
        Total("output", OUTPUT),
        *(Total(name, (f"{name}_by*",)) for name in INPUT),
    )
    assert assert_adds_up(found, totals) >= 3
    if version is Version.TOTAL and order.delivered_price is not None and order.lines:
        debits = sum(Fraction(each.actual.cost) for each in order.lines if each.actual)
        held = sum(Fraction(each.in_process) for each in order.lines)
        if any(each.standard and each.standard.cost for each in order.lines):
            held += Fraction(order.in_process)
            credit = Fraction(order.delivered_price) * Fraction(order.delivered)
            if order.delivered:
                assert found["total"].exact == debits - held - credit
