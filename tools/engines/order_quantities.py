"""The order quantity for a steady demand: economic order and production quantities, shortages, discounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tools.engines.structure import ZERO

_TWO = Decimal(2)


@dataclass(frozen=True, slots=True)
class Economic:
    """An order quantity and what it costs in the time that the demand is given for."""

    quantity: Decimal
    ordering_cost: Decimal
    holding_cost: Decimal
    purchase_cost: Decimal = ZERO
    shortage_cost: Decimal = ZERO
    backorder: Decimal = ZERO
    """The most that waits to be delivered."""
    peak: Decimal = ZERO
    """The most that is in stock."""

    @property
    def cost(self) -> Decimal:
        """Ordering, holding and shortage: what the quantity decides on."""
        return self.ordering_cost + self.holding_cost + self.shortage_cost

    @property
    def total(self) -> Decimal:
        """The same with purchase."""
        return self.cost + self.purchase_cost


def priced(
    quantity: Decimal,
    setup: Decimal,
    holding: Decimal,
    demand: Decimal,
    unit_cost: Decimal = ZERO,
    production_rate: Decimal | None = None,
) -> Economic:
    """What any quantity costs; holding is for a unit over the time of the demand."""
    built = Decimal(1) if production_rate is None else 1 - demand / production_rate
    peak = quantity * built
    return Economic(quantity, setup * demand / quantity, holding * peak / _TWO, unit_cost * demand, peak=peak)


def order_quantity(
    setup: Decimal,
    holding: Decimal,
    demand: Decimal,
    unit_cost: Decimal = ZERO,
    production_rate: Decimal | None = None,
) -> Economic:
    """The economic order quantity, or with a finite production rate the production quantity."""
    built = Decimal(1) if production_rate is None else 1 - demand / production_rate
    best = (_TWO * setup * demand / (holding * built)).sqrt()
    return priced(best, setup, holding, demand, unit_cost, production_rate)


def with_backorders(
    setup: Decimal,
    holding: Decimal,
    demand: Decimal,
    shortage: Decimal,
    unit_cost: Decimal = ZERO,
    production_rate: Decimal | None = None,
) -> Economic:
    """The quantity where waiting is allowed and costs; shortage is for a unit over the time of the demand."""
    built = Decimal(1) if production_rate is None else 1 - demand / production_rate
    best = (_TWO * setup * demand * (holding + shortage) / (holding * shortage * built)).sqrt()
    waiting = best * built * holding / (holding + shortage)
    peak = best * built - waiting
    return Economic(
        best,
        setup * demand / best,
        holding * peak * peak / (_TWO * best * built),
        unit_cost * demand,
        shortage * waiting * waiting / (_TWO * best * built),
        waiting,
        peak,
    )


@dataclass(frozen=True, slots=True)
class Bracket:
    """A price from some quantity on, up to below the next bracket."""

    from_quantity: Decimal
    unit_cost: Decimal


@dataclass(frozen=True, slots=True)
class Candidate:
    """The best quantity of one bracket."""

    bracket: int
    economic: Economic
    unconstrained: Decimal
    """What the formula gives at this price, whether or not it lies within the bracket."""
    is_feasible: bool
    """True where that lies within the bracket."""


@dataclass(frozen=True, slots=True)
class Discounted:
    """The best quantity under price breaks, with the best of each bracket."""

    best: Candidate
    candidates: tuple[Candidate, ...]


def all_units(
    setup: Decimal, holding: Sequence[Decimal], demand: Decimal, brackets: Sequence[Bracket]
) -> Discounted:
    """The quantity of least total cost where a price holds for all units; of equals the smaller.

    Args:
        holding: cost of holding a unit, for each bracket.
    """
    found: list[Candidate] = []
    for at, bracket in enumerate(brackets):
        free = (_TWO * setup * demand / holding[at]).sqrt()
        end = brackets[at + 1].from_quantity if at + 1 < len(brackets) else None
        if end is not None and free >= end:
            # A larger order is cheaper by the unit and nearer to this quantity: the next bracket has it.
            continue
        quantity = max(free, bracket.from_quantity)
        economic = priced(quantity, setup, holding[at], demand, bracket.unit_cost)
        found.append(Candidate(at, economic, free, quantity == free))
    return Discounted(min(found, key=lambda one: (one.economic.total, one.economic.quantity)), tuple(found))


def incremental(
    setup: Decimal, rate: Decimal, demand: Decimal, brackets: Sequence[Bracket], storage: Decimal = ZERO
) -> Discounted:
    """The quantity of least total cost where each price holds only for the units of its bracket.

    Args:
        rate: share of the unit's average cost that holding it takes.
        storage: what holding a unit takes beside that.
    """
    found: list[Candidate] = []
    extra = ZERO
    for at, bracket in enumerate(brackets):
        if at:
            extra += (brackets[at - 1].unit_cost - bracket.unit_cost) * bracket.from_quantity
        held = rate * bracket.unit_cost + storage
        free = (_TWO * (setup + extra) * demand / held).sqrt()
        end = brackets[at + 1].from_quantity if at + 1 < len(brackets) else None
        if free < bracket.from_quantity or (end is not None and free > end):
            continue
        average = bracket.unit_cost + extra / free
        holding_cost = (rate * average + storage) * free / _TWO
        economic = Economic(free, setup * demand / free, holding_cost, average * demand, peak=free)
        found.append(Candidate(at, economic, free, True))
    return Discounted(min(found, key=lambda one: (one.economic.total, one.economic.quantity)), tuple(found))
