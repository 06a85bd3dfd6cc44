"""From one revenue or margin to another: volume, mix, price, unit cost, currency, and what is new or dropped.

Each step changes one factor. What two factors change together, the corner, goes to the later step
(`late_corner`), to a part of its own (`cross_term`), or is shared as Shapley does (`shapley`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import factorial
from typing import Literal, get_args

from tools.engines.variance.components import Side, Total, Variances, components
from tools.engines.variance.equations import Var

Corner = Literal["late_corner", "cross_term", "shapley"]
Factor = Literal["quantity", "volume", "mix", "price", "unit_cost", "fx"]
CORNERS: tuple[Corner, ...] = get_args(Corner)
PRICE_VOLUME: tuple[Factor, ...] = ("quantity", "price", "unit_cost", "fx")
PRICE_VOLUME_MIX: tuple[Factor, ...] = ("volume", "mix", "price", "unit_cost", "fx")
ONE = Fraction(1)
ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Sold:
    """What was sold of an item, in its own currency, and the rate into that of the bridge."""

    quantity: Fraction | Decimal
    price: Fraction | Decimal
    unit_cost: Fraction | Decimal = ZERO
    rate: Fraction | Decimal = ONE


@dataclass(frozen=True, slots=True)
class Item:
    """A product before and after; None where it was not sold."""

    name: str
    before: Sold | None
    after: Sold | None
    weight: Fraction | Decimal = ONE
    """What one unit counts in the volume, such as standard hours; needed where units are unlike."""


def bridge(
    items: Sequence[Item],
    *,
    corner: Corner = "late_corner",
    factors: Sequence[Factor] = PRICE_VOLUME_MIX,
    side: Side = "profit",
    digits: int | None = None,
) -> Variances:
    """Every step, by item and in total; items without a before or an after stand in `new` and `dropped`.

    Args:
        items: all of them, each once.
        corner: who gets what two factors change together.
        factors: the steps in their order; `quantity` is volume and mix in one.
        side: `cost` where the figures are costs.
        digits: of the amounts shown; by default cents, or more where all are below one.
    """
    both = [each for each in items if each.before is not None and each.after is not None]
    volumes = (_volume([(i, i.before) for i in both]), _volume([(i, i.after) for i in both]))
    exact: dict[Var, Fraction] = {}
    for each in both:
        for name, delta in _steps(each, volumes, factors, corner).items():
            exact[Var(f"{name}_by", each.name)] = delta
    for each in items:
        if each.before is None and each.after is not None:
            exact[Var("new_by", each.name)] = _worth(each.after)
        elif each.after is None and each.before is not None:
            exact[Var("dropped_by", each.name)] = -_worth(each.before)
    steps = [*factors, *(["cross"] if corner == "cross_term" else []), "new", "dropped"]
    for name in steps:
        exact[Var(name)] = sum((v for var, v in exact.items() if var.name == f"{name}_by"), ZERO)
    exact[Var("total")] = sum((exact[Var(name)] for name in steps), ZERO)
    sums = [Total("total", tuple(steps)), *(Total(name, (f"{name}_by*",)) for name in steps)]
    sides: Mapping[str, Side] = {var.name: side for var in exact}
    parts, _ = components(exact, sides, sums, digits)
    return Variances(parts)


def _volume(sold: Sequence[tuple[Item, Sold | None]]) -> Fraction:
    return sum((Fraction(s.quantity) * Fraction(i.weight) for i, s in sold if s is not None), ZERO)


def _worth(sold: Sold) -> Fraction:
    return Fraction(sold.quantity) * (Fraction(sold.price) - Fraction(sold.unit_cost)) * Fraction(sold.rate)


def _steps(
    item: Item, volumes: tuple[Fraction, Fraction], factors: Sequence[Factor], corner: Corner
) -> dict[str, Fraction]:
    worth = _Worths(item, volumes, factors)
    match corner:
        case "late_corner":
            reached = [worth.of(frozenset(factors[:count])) for count in range(len(factors) + 1)]
            return {name: reached[at + 1] - reached[at] for at, name in enumerate(factors)}
        case "cross_term":
            alone = {name: worth.of(frozenset({name})) - worth.of(frozenset()) for name in factors}
            every = worth.of(frozenset(factors)) - worth.of(frozenset())
            return {
                **{str(name): delta for name, delta in alone.items()},
                "cross": every - sum(alone.values(), ZERO),
            }
        case "shapley":
            return {name: _mean_over_orders(worth, name, factors) for name in factors}


def _mean_over_orders(worth: _Worths, name: Factor, factors: Sequence[Factor]) -> Fraction:
    others = [each for each in factors if each != name]
    share = ZERO
    for chosen in range(2 ** len(others)):
        before = frozenset(each for at, each in enumerate(others) if chosen >> at & 1)
        weight = Fraction(
            factorial(len(before)) * factorial(len(others) - len(before)), factorial(len(factors))
        )
        share += weight * (worth.of(before | {name}) - worth.of(before))
    return share


class _Worths:
    """What an item is worth where some factors are already as after."""

    def __init__(self, item: Item, volumes: tuple[Fraction, Fraction], factors: Sequence[Factor]) -> None:
        before, after = item.before, item.after
        assert before is not None
        assert after is not None
        sold = (before, after)
        # Of an item whose volume is nothing on one side, no mix can be told apart from it.
        self._volumes = volumes if all(volumes) else (ONE, ONE)
        self._shares = tuple(Fraction(s.quantity) / v for s, v in zip(sold, self._volumes, strict=True))
        self._prices = tuple(Fraction(s.price) for s in sold)
        self._costs = tuple(Fraction(s.unit_cost) for s in sold)
        self._rates = tuple(Fraction(s.rate) for s in sold)
        self._known: dict[frozenset[Factor], Fraction] = {}

    def of(self, after: frozenset[Factor]) -> Fraction:
        if after not in self._known:
            quantity = "quantity" in after
            self._known[after] = (
                self._volumes[quantity or "volume" in after]
                * self._shares[quantity or "mix" in after]
                * (self._prices["price" in after] - self._costs["unit_cost" in after])
                * self._rates["fx" in after]
            )
        return self._known[after]
