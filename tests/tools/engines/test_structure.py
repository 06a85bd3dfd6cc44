"""Needs add up over all paths, cycles are found, and what can be built is exact."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.engines.structure import CircularStructure, Link, enough_for, explode, most, shortages


def link(parent: str, component: str, quantity: int | str) -> Link:
    return Link(parent, component, Decimal(quantity))


def needs(links: list[Link], top: str, quantity: int = 1) -> dict[str, Decimal]:
    return {need.material: need.quantity for need in explode(links, top, Decimal(quantity))}


WHEELED = [
    link("bike", "wheel", 2),
    link("wheel", "spoke", 36),
    link("bike", "spoke", 4),
    link("wheel", "rim", 1),
]


def test_a_component_is_counted_over_every_path() -> None:
    assert needs(WHEELED, "bike", 10) == {"wheel": 20, "spoke": 760, "rim": 20}


def test_levels_are_the_shortest_and_the_longest_path() -> None:
    spoke = next(need for need in explode(WHEELED, "bike") if need.material == "spoke")
    assert (spoke.level, spoke.deepest) == (1, 2)


def test_parents_come_before_their_components() -> None:
    order = [need.material for need in explode(WHEELED, "bike")]
    assert order.index("wheel") < order.index("spoke")


def test_a_material_with_no_structure_needs_nothing() -> None:
    assert explode(WHEELED, "rim") == []


def test_a_cycle_is_named_from_the_material_it_begins_with() -> None:
    with pytest.raises(CircularStructure) as caught:
        explode([link("a", "b", 1), link("b", "c", 1), link("c", "b", 1)], "a")
    assert caught.value.path == ("b", "c", "b")


def test_deep_structures_do_not_exhaust_the_stack() -> None:
    chain = [link(str(n), str(n + 1), 1) for n in range(5000)]
    assert explode(chain, "0")[-1].deepest == 5000


def test_wide_diamonds_take_no_time() -> None:
    """With two ways at each of sixty levels there are 2^60 paths, and every one of them counts."""
    links = [link(str(n), f"{n}{side}", 1) for n in range(60) for side in "ab"]
    links += [link(f"{n}{side}", str(n + 1), 1) for n in range(60) for side in "ab"]
    assert needs(links, "0")["60"] == 2**60


@pytest.mark.parametrize(
    ("on_hand", "per_unit", "count"),
    [("47", "8", 5), ("0", "1", 0), ("-3", "1", 0), ("5", "0", None), ("0.3", "0.1", 3)],
)
def test_stock_suffices_for_whole_units(on_hand: str, per_unit: str, count: int | None) -> None:
    assert enough_for(Decimal(on_hand), Decimal(per_unit)) == count


def test_sub_assemblies_in_stock_are_used_before_parts() -> None:
    stock = {"wheel": Decimal(3), "spoke": Decimal(100), "rim": Decimal(9)}
    leaves = {"spoke", "rim"}

    def missing(count: int) -> dict[str, Decimal]:
        return shortages(WHEELED, "bike", Decimal(count), stock, leaves.__contains__)

    # Two bikes need a fourth wheel: 36 spokes for it and 8 for the bikes themselves.
    assert missing(2) == {"spoke": 0, "rim": 0}
    assert missing(3) == {"spoke": Decimal(3 * 36 + 12 - 100), "rim": 0}
    assert most(lambda count: not any(missing(count).values())) == 2


def test_what_needs_nothing_has_no_limit() -> None:
    assert most(lambda count: True) is None
    assert most(lambda count: count <= 1) == 1
    assert most(lambda count: False) == 0


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 7), st.integers(1, 9)), max_size=20))
def test_needs_are_those_of_walking_every_path(edges: list[tuple[int, int, int]]) -> None:
    """Lines lead only from a smaller to a larger number, so there is no cycle."""
    links = [link(str(low), str(low + step), quantity) for low, step, quantity in edges]

    def walk(material: str) -> dict[str, Fraction]:
        total: dict[str, Fraction] = {}
        for each in (one for one in links if one.parent == material):
            total[each.component] = total.get(each.component, Fraction(0)) + Fraction(each.quantity)
            for below, quantity in walk(each.component).items():
                total[below] = total.get(below, Fraction(0)) + quantity * Fraction(each.quantity)
        return total

    assert {name: Fraction(quantity) for name, quantity in needs(links, "0").items()} == walk("0")
