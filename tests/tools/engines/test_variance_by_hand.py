"""A production order, bridges and a cost centre, each worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal as D

import pytest

from tools.engines.variance import (
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
from tools.engines.variance.equations import Var
from tools.engines.variance.production_order import INPUT, OUTPUT, UNEXPLAINED

STEEL = CostLine("steel", Usage(D(600), D(200)), Usage(D("604.50"), D(195)), operation=10)
GLUE = CostLine("glue", None, Usage(D(10), D(2)), operation=20)
SET_UP = CostLine("set-up", Usage(D(100), D(2)), Usage(D(125), D("2.5")), lot_size_independent=True)
RUNNING = CostLine("running", Usage(D(400), D(10)), Usage(D(396), D("9.9")), operation=20)
LINES = (STEEL, GLUE, SET_UP, RUNNING)


def shown(found: Variances, names: Sequence[str]) -> dict[str, D]:
    return {name: found[name].delta for name in names if found[name].delta}


def order(**changed: object) -> Order:
    given: dict[str, object] = {"planned": D(100), "delivered": D(90), "lines": LINES}
    return Order(**{**given, **changed})  # type: ignore[arg-type]


def test_the_order_of_the_formulas_by_hand() -> None:
    """100 planned, 90 delivered, 5 scrapped at the end.

    Scrap: 5 at 6 + 4. Price: 0.10 on 195 kg. Usage: glue that nobody planned. Quantity: steel 195 - 180 kg
    at 3, set-up half an hour at 50 as it is not scaled, running 0.9 h at 40, less the scrap. Lot size:
    set-up of 100 for 90 in place of 100. The total is 1135.50 of debits less 90 at 11.
    """
    found = production_order(order(scrapped=[Scrapped(D(5))]))
    assert shown(found, INPUT) == {
        "scrap": D(50),
        "input_price": D("19.50"),
        "resource_usage": D(10),
        "input_quantity": D(45) + D(25) + D(36) - D(50),
    }
    assert shown(found, OUTPUT) == {"lot_size": D(10)}
    assert found["total"].delta == D("1135.50") - 90 * D(11) == D("145.50")
    assert found.conventions == ()


def test_scrap_at_an_early_operation_costs_what_was_put_in_until_then() -> None:
    """Scrapped after operation 10 it is steel only."""
    found = production_order(order(scrapped=[Scrapped(D(5), operation=10)]))
    assert found["scrap"].delta == D(30)
    assert found["total"].delta == D("145.50")


def test_output_side_in_its_order() -> None:
    """Standard 11, mixed 10.80, delivered at 10.50: 0.20 and 0.30 on 90, set-up 10, nothing left."""
    found = production_order(order(mixed_price=D("10.80"), delivered_price=D("10.50")))
    assert shown(found, OUTPUT) == {"mixed_price": D(18), "output_price": D(27), "lot_size": D(10)}
    assert found["total"].delta == D("1135.50") - 90 * D("10.50")


def test_a_standard_price_that_is_not_the_estimate_remains_and_is_said() -> None:
    """The lines come to 11, the price list says 12: 90 on the output side that no category explains."""
    found = production_order(order(standard_price=D(12)))
    assert found["remaining"].delta == D(-90)
    assert found.conventions == (UNEXPLAINED,)


def test_what_has_a_cost_only_remains_on_the_input_side() -> None:
    """Without quantities price and usage cannot be told apart."""
    found = production_order(Order(D(10), D(10), [CostLine("energy", Usage(D(100)), Usage(D(130)))]))
    assert (found["remaining_input"].delta, found["input_price"].delta) == (D(30), D(0))
    assert found.conventions == (UNEXPLAINED,)


def test_work_in_process_is_no_variance() -> None:
    """What is still on the floor is taken from the debits: the total falls by it, and the quantity too."""
    found = production_order(order(in_process=D(100)))
    assert found["total"].delta == D("45.50")
    assert found["input_quantity"].delta == D(106) - D(100)


def test_a_substitute_has_its_own_price_and_is_a_usage() -> None:
    """Copper for steel: 5 kg at 7 in place of 6; the steel that was not used counts against."""
    lines = [
        CostLine("steel", Usage(D(30), D(10)), None),
        CostLine("copper", None, Usage(D(35), D(5)), price=D(6)),
    ]
    found = production_order(Order(D(1), D(1), lines))
    assert (found["input_price"].delta, found["resource_usage"].delta) == (D(5), D(30) - D(30))


def test_versions_compare_different_pairs() -> None:
    """At 10 an hour: 300 by the standard, 320 by the plan, 310 taken."""
    line = CostLine("hours", Usage(D(3000), D(300)), Usage(D(3100), D(310)), plan=Usage(D(3200), D(320)))
    totals = {
        version: production_order(Order(D(10), D(10), [line]), version)["total"].delta for version in Version
    }
    assert totals == {
        Version.TOTAL: D(100),
        Version.PRODUCTION: D(-100),
        Version.PLANNING: D(200),
        Version.PERIOD: D(100),
    }


TWO = (Item("A", Sold(D(10), D(5)), Sold(D(12), D(6))), Item("B", Sold(D(10), D(3)), Sold(D(8), D(3))))


@pytest.mark.parametrize(
    ("corner", "parts"),
    [
        ("late_corner", {"volume": D(0), "mix": D(4), "price": D(12), "cross": None}),
        ("cross_term", {"volume": D(0), "mix": D(4), "price": D(10), "cross": D(2)}),
        ("shapley", {"volume": D(0), "mix": D(5), "price": D(11), "cross": None}),
    ],
)
def test_who_gets_the_corner(corner: str, parts: dict[str, D | None]) -> None:
    """80 to 96: mix is 2 of A more at 5 and 2 of B less at 3; a price of 1 more on 10 or 12 of A."""
    found = bridge(TWO, corner=corner)  # type: ignore[arg-type]
    assert found["total"].delta == D(16)
    for name, delta in parts.items():
        assert (found[name].delta if Var(name) in found.parts else None) == delta


def test_margin_in_another_currency_step_by_step() -> None:
    """100 at 10 less 6, rate 1.1, to 110 at 11 less 7, rate 1.2: 44, 0, 121, -121, 44."""
    found = bridge([Item("A", Sold(D(100), D(10), D(6), D("1.1")), Sold(D(110), D(11), D(7), D("1.2")))])
    steps = {name: found[name].delta for name in ("volume", "mix", "price", "unit_cost", "fx", "total")}
    assert steps == {
        "volume": D(44),
        "mix": D(0),
        "price": D(121),
        "unit_cost": D(-121),
        "fx": D(44),
        "total": D(88),
    }
    assert (found["unit_cost"].effect, found["fx"].effect) == ("U", "F")


def test_new_and_dropped_items_stand_apart() -> None:
    """They change neither volume nor mix of what stays."""
    gone, come = Item("C", Sold(D(1), D(7)), None), Item("D", None, Sold(D(2), D(4)))
    found, alone = bridge([*TWO, gone, come]), bridge(TWO)
    assert (found["new"].delta, found["dropped"].delta) == (D(8), D(-7))
    assert all(found[name] == alone[name] for name in ("volume", "mix", "price"))


def test_unlike_units_are_weighed() -> None:
    """A ton and a screw: by hours of work the volume is 10 %, by pieces it would be 98 %."""
    items = [
        Item("ton", Sold(D(10), D(900)), Sold(D(11), D(900)), weight=D(100)),
        Item("screw", Sold(D(1), D(9)), Sold(D(2), D(9)), weight=D("0.01")),
    ]
    # 1000.01 to 1100.02 hours, each worth 9009 / 1000.01.
    assert bridge(items)["volume"].delta == D("900.98")
