"""Costs tie out to the cent, and a difference to the held cost is explained to the last of it."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from tools.engines.costing import BuildUp, Item, Part, Step, build_up, levels, reasons
from tools.engines.structure import CircularStructure


def money(text: str) -> Decimal:
    return Decimal(text)


def pump(held: str | None = "26.54", rotor_held: str = "10.05", lot: int = 10) -> dict[str, Item]:
    """A pump of two castings and a rotor that is turned; 30 minutes of set-up, 6 a piece, at 60 an hour."""
    step = Step(10, "Lathe", money("30"), money("6"), money("60"))
    return {
        "pump": Item(
            "pump",
            money(held) if held else None,
            Decimal(lot),
            (Part("casting", money("2"), money("5")), Part("rotor", money("1")), Part("seal", money("1"))),
            (step,),
        ),
        "rotor": Item("rotor", money(rotor_held), Decimal(100), (Part("bar", money("0.333")),), (step,)),
        "casting": Item("casting", money("3.50"), Decimal(1)),
        "bar": Item("bar", money("11.111"), Decimal(1)),
        "seal": Item("seal", None, Decimal(1)),
    }


def test_material_scrap_setup_and_run_make_a_cost() -> None:
    """The rotor: 0.333 of a bar, 30/100 minutes of set-up and 6 of work; rounded before the pump takes it."""
    built = build_up("pump", pump())
    assert built["rotor"].cost == money("10.00")
    found = built["pump"]
    assert found.of("material") == money("17.00")
    assert found.of("scrap") == money("0.35")
    assert found.of("setup") == 3
    assert found.of("run") == 6
    assert found.cost == money("26.35")
    assert [line.subject for line in found.lines if line.doubt == "no_cost"] == ["seal"]


def test_a_difference_is_explained_to_the_cent() -> None:
    items = pump()
    built = build_up("pump", items)
    found = reasons(built["pump"], items["pump"])
    assert [(each.why, each.subject) for each in found] == [("component", "rotor"), ("rest", "")]
    assert sum(each.amount for each in found) == built["pump"].difference == money("0.19")


def test_another_lot_is_named_where_it_would_explain() -> None:
    items = pump(held="29.35", rotor_held="10.00")
    (found,) = reasons(build_up("pump", items)["pump"], items["pump"])
    assert (found.why, found.lot, found.amount) == ("lot", Decimal(5), Decimal(3))


def test_scrap_that_is_not_held_is_named() -> None:
    items = pump(held="26.00", rotor_held="10.00")
    (found,) = reasons(build_up("pump", items)["pump"], items["pump"])
    assert (found.why, found.amount) == ("scrap", money("-0.35"))


def test_levels_go_from_the_top_down() -> None:
    assert levels("pump", build_up("pump", pump())) == [(0, "pump"), (1, "rotor")]


def test_a_circle_is_named() -> None:
    items = {
        "a": Item("a", None, Decimal(1), (Part("b", Decimal(1)),)),
        "b": Item("b", None, Decimal(1), (Part("a", Decimal(1)),)),
    }
    with pytest.raises(CircularStructure, match="a > b > a"):
        build_up("a", items)


def test_what_is_bought_is_not_built_up() -> None:
    assert build_up("casting", pump()) == {}


@pytest.mark.parametrize("seed", range(30))
def test_lines_add_up_to_any_cost(seed: int) -> None:
    """Whatever the structure: the lines to the cost, and the reasons to the difference."""
    chance = Random(seed)

    def number(most: int) -> Decimal:
        return Decimal(chance.randint(1, most * 1000)) / 1000

    names = [f"m{at}" for at in range(8)]
    items = {}
    for at, name in enumerate(names):
        below = chance.sample(names[at + 1 :], k=min(2, len(names) - at - 1))
        parts = tuple(Part(each, number(5), number(3)) for each in below)
        steps = (Step(10, "W", number(60), number(9), number(80)),) if below else ()
        items[name] = Item(name, number(500), Decimal(chance.randint(1, 300)), parts, steps)
    for each in build_up("m0", items).values():
        assert isinstance(each, BuildUp)
        assert sum(line.amount for line in each.lines) == each.cost == round(each.cost, 2)
        assert sum(reason.amount for reason in reasons(each, items[each.material])) == each.difference
