"""How much to order and when, for a requirement that is given period by period: exact, in Decimal.

Every rule answers with the quantity to receive in each period. Requirements are net of stock. Holding cost is
on the stock at the end of a period; what a period needs is there when it begins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Literal

from tools.engines.structure import ZERO

Rule = Literal[
    "lot_for_lot",
    "fixed",
    "eoq",
    "periods",
    "poq",
    "min_max",
    "silver_meal",
    "least_unit_cost",
    "least_total_cost",
    "part_period_balancing",
    "wagner_whitin",
]
Stop = Literal["closest", "before", "reached"]
"""Where part-period balancing ends a lot: at the holding cost closest to the set-up cost (of two equally
close ones the longer lot), before it would exceed it, or as soon as it has reached it."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What an order and a stored unit cost in each period."""

    setup: tuple[Decimal, ...]
    holding: tuple[Decimal, ...]
    """For a unit in stock at the end of the period."""
    unit: tuple[Decimal, ...]
    """For a unit that is received in the period."""

    @staticmethod
    def flat(periods: int, setup: Decimal, holding: Decimal, unit: Decimal = ZERO) -> Costs:
        """The same in every period."""
        return Costs((setup,) * periods, (holding,) * periods, (unit,) * periods)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a plan costs."""

    setups: int
    setup_cost: Decimal
    holding_cost: Decimal
    purchase_cost: Decimal
    stock: tuple[Decimal, ...]
    """At the end of each period; negative where a period is not covered."""

    @property
    def total(self) -> Decimal:
        """Set-up, holding and purchase."""
        return self.setup_cost + self.holding_cost + self.purchase_cost


@dataclass(frozen=True, slots=True)
class Step:
    """A lot that a heuristic looked at."""

    first: int
    last: int
    """Periods that it would cover, counted from 0."""
    quantity: Decimal
    figure: Decimal
    """What the rule judges by: cost per period, cost per unit, or holding cost."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Lots that a rule chose, and the way there."""

    quantities: tuple[Decimal, ...]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Optimum:
    """A plan of least cost."""

    quantities: tuple[Decimal, ...]
    total: Decimal
    through: tuple[Decimal, ...]
    """Least cost of the periods up to each one, taken alone."""
    cost_to_go: tuple[Decimal, ...]
    """Least cost from each period on, with nothing in stock when it begins."""


def evaluated(
    demand: Sequence[Decimal], quantities: Sequence[Decimal], costs: Costs, opening: Decimal = ZERO
) -> Evaluation:
    """What a plan costs and leaves in stock."""
    stock: list[Decimal] = []
    running, setups = opening, 0
    setup = holding = purchase = ZERO
    for at, (wanted, received) in enumerate(zip(demand, quantities, strict=True)):
        running += received - wanted
        stock.append(running)
        holding += costs.holding[at] * max(ZERO, running)
        if received > 0:
            setups += 1
            setup += costs.setup[at]
            purchase += costs.unit[at] * received
    return Evaluation(setups, setup, holding, purchase, tuple(stock))


# ── rules that follow a quantity or a time ────────────────────────────────────────────────────────────────
def lot_for_lot(demand: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Each period its own requirement."""
    return tuple(demand)


def fixed(demand: Sequence[Decimal], lot: Decimal) -> tuple[Decimal, ...]:
    """As many whole lots as cover what is missing, in the period in which it is missing."""
    return _as_short(demand, lambda missing: (missing / lot).to_integral_value(ROUND_CEILING) * lot)


def periods_of_supply(demand: Sequence[Decimal], periods: int) -> tuple[Decimal, ...]:
    """The requirement of a number of periods, counted from the first one that needs something."""
    return _grouped(demand, lambda first: first + periods - 1).quantities


def at_least(demand: Sequence[Decimal], minimum: Decimal) -> tuple[Decimal, ...]:
    """What is missing, but never less than a minimum; the excess is used up before the next order."""
    return _as_short(demand, lambda missing: max(missing, minimum))


def up_to(
    demand: Sequence[Decimal], opening: Decimal, reorder_at: Decimal, maximum: Decimal
) -> tuple[Decimal, ...]:
    """Min/max: where a period would end below the minimum, the order brings its end to the maximum."""
    running, found = opening, []
    for wanted in demand:
        running -= wanted
        order = maximum - running if running < reorder_at else ZERO
        running += order
        found.append(order)
    return tuple(found)


def _as_short(demand: Sequence[Decimal], order: Callable[[Decimal], Decimal]) -> tuple[Decimal, ...]:
    running, found = ZERO, []
    for wanted in demand:
        missing = wanted - running
        quantity = order(missing) if missing > 0 else ZERO
        running += quantity - wanted
        found.append(quantity)
    return tuple(found)


# ── heuristics that weigh set-up against holding ──────────────────────────────────────────────────────────
def silver_meal(demand: Sequence[Decimal], costs: Costs) -> Grouping:
    """Lots that grow as long as their cost per period does not rise."""
    return _least_average(demand, costs, lambda first, last, quantity: Decimal(last - first + 1))


def least_unit_cost(demand: Sequence[Decimal], costs: Costs) -> Grouping:
    """Lots that grow as long as their cost per unit does not rise."""
    return _least_average(demand, costs, lambda first, last, quantity: quantity)


def _least_average(
    demand: Sequence[Decimal], costs: Costs, per: Callable[[int, int, Decimal], Decimal]
) -> Grouping:
    steps: list[Step] = []
    sums = _Sums.of(demand, costs)

    def last_of(first: int) -> int:
        best: Decimal | None = None
        chosen = first
        for last in range(first, len(demand)):
            quantity = sums.quantity(first, last)
            cost = sums.lot(costs, first, last)
            average = cost / per(first, last, quantity)
            steps.append(Step(first, last, quantity, average))
            if best is not None and average > best:
                break
            best, chosen = average, last
        return chosen

    found = _grouped(demand, last_of)
    return Grouping(found.quantities, tuple(steps))


def part_period_balancing(demand: Sequence[Decimal], costs: Costs, stop: Stop = "closest") -> Grouping:
    """Lots whose holding cost comes up to the set-up cost."""
    steps: list[Step] = []
    sums = _Sums.of(demand, costs)

    def last_of(first: int) -> int:
        wanted, chosen, before = costs.setup[first], first, ZERO
        for last in range(first, len(demand)):
            held = sums.held(first, last)
            steps.append(Step(first, last, sums.quantity(first, last), held))
            if held > wanted:
                nearer = abs(held - wanted) <= abs(wanted - before)
                return last if stop == "reached" or (stop == "closest" and nearer) else chosen
            chosen, before = last, held
            if held == wanted and stop == "reached":
                return last
        return chosen

    found = _grouped(demand, last_of)
    return Grouping(found.quantities, tuple(steps))


@dataclass(frozen=True, slots=True)
class _Sums:
    """Requirements and holding costs summed up to each period, so that any lot is priced at once."""

    demand: tuple[Decimal, ...]
    path: tuple[Decimal, ...]
    """What holding a unit from the first period to the beginning of each one costs."""
    weighted: tuple[Decimal, ...]

    @staticmethod
    def of(demand: Sequence[Decimal], costs: Costs) -> _Sums:
        total, path, weighted = [ZERO], [ZERO], [ZERO]
        for wanted, held in zip(demand, costs.holding, strict=True):
            total.append(total[-1] + wanted)
            weighted.append(weighted[-1] + wanted * path[-1])
            path.append(path[-1] + held)
        return _Sums(tuple(total), tuple(path), tuple(weighted))

    def quantity(self, first: int, last: int) -> Decimal:
        """Requirement of some periods."""
        return self.demand[last + 1] - self.demand[first]

    def held(self, first: int, last: int) -> Decimal:
        """Holding cost of a lot that is received in `first` and covers the periods up to `last`."""
        return self.weighted[last + 1] - self.weighted[first] - self.path[first] * self.quantity(first, last)

    def lot(self, costs: Costs, first: int, last: int) -> Decimal:
        """All that such a lot costs."""
        quantity = self.quantity(first, last)
        if quantity == 0:
            return ZERO
        return costs.setup[first] + costs.unit[first] * quantity + self.held(first, last)


def _grouped(demand: Sequence[Decimal], last_of: Callable[[int], int]) -> Grouping:
    """Lots one after another; a period without requirement begins none."""
    quantities = [ZERO] * len(demand)
    at = 0
    while at < len(demand):
        if demand[at] <= 0:
            at += 1
            continue
        last = min(last_of(at), len(demand) - 1)
        quantities[at] = sum(demand[at : last + 1], ZERO)
        at = last + 1
    return Grouping(tuple(quantities))


# ── the optimum ───────────────────────────────────────────────────────────────────────────────────────────
def wagner_whitin(demand: Sequence[Decimal], costs: Costs) -> Optimum:
    """The plan of least set-up, holding and purchase cost; of plans equally cheap, that of later orders."""
    count = len(demand)
    sums = _Sums.of(demand, costs)
    through = [ZERO] * (count + 1)
    began = [0] * (count + 1)
    for last in range(count):
        if demand[last] <= 0:
            through[last + 1], began[last + 1] = through[last], -1
            continue
        best: Decimal | None = None
        for first in range(last, -1, -1):
            cost = through[first] + sums.lot(costs, first, last)
            if best is None or cost < best:
                best, began[last + 1] = cost, first
        through[last + 1] = best or ZERO
    quantities = [ZERO] * count
    end = count
    while end > 0:
        first = began[end]
        if first < 0:
            end -= 1
            continue
        quantities[first] += sum(demand[first:end], ZERO)
        end = first
    to_go = [ZERO] * (count + 1)
    for first in range(count - 1, -1, -1):
        options = [sums.lot(costs, first, last) + to_go[last + 1] for last in range(first, count)]
        to_go[first] = min(options if demand[first] > 0 else [*options, to_go[first + 1]])
    return Optimum(tuple(quantities), through[count], tuple(through[1:]), tuple(to_go[:count]))


# ── sizes of single orders ────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Size:
    """What an order of this material may be, after a rule has said how much is needed."""

    minimum: Decimal = ZERO
    rounding: Decimal = ZERO
    """Orders are multiples of it, after the minimum."""
    maximum: Decimal | None = None
    """A need above it becomes several orders, each of at most this much."""

    def contradiction(self) -> str:
        """Why no order could keep to this, or nothing."""
        if self.maximum is None:
            return ""
        if self.maximum < self.minimum:
            return f"the maximum lot {self.maximum} is below the minimum lot {self.minimum}"
        if self.rounding and self._rounded(max(self.minimum, self.rounding)) > self.maximum:
            return (
                f"no multiple of the rounding value {self.rounding} lies between the minimum lot "
                f"{self.minimum} and the maximum lot {self.maximum}"
            )
        return ""

    def orders(self, needed: Decimal) -> tuple[Decimal, ...]:
        """The orders that cover a need; together never less than it."""
        if needed <= 0:
            return ()
        found: list[Decimal] = []
        left = needed
        most = self.maximum
        if most is not None and self.rounding:
            most = most // self.rounding * self.rounding
        while most is not None and left > most:
            found.append(most)
            left -= most
        found.append(self._rounded(max(left, self.minimum)))
        return tuple(found)

    def _rounded(self, quantity: Decimal) -> Decimal:
        if not self.rounding:
            return quantity
        return (quantity / self.rounding).to_integral_value(ROUND_CEILING) * self.rounding


def order_interval(order_quantity: Decimal, average_demand: Decimal) -> int:
    """Periods that an economic order quantity lasts, to the nearest whole one and at least one."""
    return max(1, int((order_quantity / average_demand).to_integral_value(ROUND_HALF_UP)))
