"""The cheapest way to have a quantity in time from several sources, with a bound that no way can beat.

Each source has its price scale (all units at the price of the step that is reached), minimum and maximum,
order step, capacity, cost of an order and day of arrival; stock of another plant is a source like the others.
What comes too late is taken only where nothing else suffices, and as little of it as possible.

One source alone is compared by counting, which needs no solver. For several, OR-Tools is an extra of its own.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import gcd, lcm
from typing import Any, Literal

from tools.engines.scheduling.solving import cp
from tools.engines.structure import ZERO

Status = Literal["OPTIMAL", "FEASIBLE"]
_LARGEST = 2**62


class NoChoice(ValueError):
    """No choice of sources covers the need; the message names what stands in the way."""


@dataclass(frozen=True, slots=True)
class Step:
    """From a quantity on, every unit costs this."""

    from_quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What a source asks for, and when it is there."""

    key: str
    steps: tuple[Step, ...]
    """By quantity, the first from 0 on; in one currency for all sources."""
    minimum: Decimal = ZERO
    maximum: Decimal | None = None
    """The most of it: at once, or that it has."""
    multiple: Decimal | None = None
    """Quantities are multiples of it."""
    order_cost: Decimal = ZERO
    days_late: int = 0
    """After the day of need; 0 where it is there in time."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is taken from a source."""

    key: str
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Choice:
    """What to take from where."""

    parts: tuple[Part, ...]
    cost: Decimal
    bound: Decimal
    """No choice with as little too late costs less."""
    unit_days_late: Decimal
    status: Status
    seconds: float

    @property
    def gap(self) -> Decimal:
        """What it may cost too much, as a share of the bound; 0 where it is optimal."""
        if self.status == "OPTIMAL" or self.cost <= self.bound:
            return ZERO
        return (self.cost - self.bound) / self.bound if self.bound > 0 else Decimal(1)


def choice(
    quantity: Decimal,
    sources: Sequence[Terms],
    *,
    most: int | None = None,
    time_limit: float = 5.0,
    workers: int = 1,
) -> Choice:
    """The cheapest parts that together are at least a quantity.

    Args:
        most: how many sources may be taken; any number if left out.
        workers: one makes it the same at every run.

    Raises:
        NoChoice: nothing is needed, or the sources cannot cover it.
        PlanningNotInstalled: OR-Tools is not there; one source alone needs none.
    """
    began = time.monotonic()
    if quantity <= 0:
        raise NoChoice(f"{quantity} is no quantity to have: name one above zero")
    usable = [one for one in sources if not _hindrance(one)]
    if not usable:
        reasons = "; ".join(f"{one.key!r}: {_hindrance(one)}" for one in sources) or "there is none"
        raise NoChoice(f"no source can be ordered from: {reasons}")
    if most == 1:
        return _alone(quantity, usable, began)
    model = _Model(quantity, usable, most)
    late = model.solve(model.late, time_limit / 2, workers)
    if late is None:
        raise _uncovered(quantity, usable)
    model.keep(late.value)
    cheapest = model.solve(model.cost, max(0.1, time_limit - (time.monotonic() - began)), workers)
    # Where time runs out before anything cheaper is found, nothing is known of the least cost.
    found = cheapest or replace(late, bound=0, is_optimal=False)
    return model.choice(replace(found, is_optimal=found.is_optimal and late.is_optimal), began)


def _uncovered(quantity: Decimal, usable: Sequence[Terms]) -> NoChoice:
    has = sum((one.maximum for one in usable if one.maximum is not None), ZERO)
    return NoChoice(
        f"{quantity} cannot be had from {', '.join(one.key for one in usable)}"
        + (f": together they have {has}" if all(one.maximum is not None for one in usable) else "")
        + "; ask for less, for a later day, or for another source"
    )


def _alone(quantity: Decimal, usable: Sequence[Terms], began: float) -> Choice:
    """The one source that is cheapest: of each, the least it has to be, and each price step beyond."""
    best: tuple[Decimal, Decimal, int] | None = None
    found: tuple[Part, Terms] | None = None
    for at, one in enumerate(usable):
        least = _up(max(quantity, one.minimum), one.multiple)
        wanted = {least, *(_up(s.from_quantity, one.multiple) for s in one.steps if s.from_quantity > least)}
        for amount in sorted(wanted):
            if one.maximum is not None and amount > one.maximum:
                continue
            price = max(
                (s for s in one.steps if s.from_quantity <= amount), key=lambda s: s.from_quantity
            ).price
            worth = (amount * one.days_late, amount * price + one.order_cost, at)
            if best is None or worth < best:
                best, found = worth, (Part(one.key, amount, price), one)
    if best is None or found is None:
        raise _uncovered(quantity, usable)
    return Choice((found[0],), best[1], best[1], best[0], "OPTIMAL", time.monotonic() - began)


def _up(value: Decimal, multiple: Decimal | None) -> Decimal:
    if not multiple:
        return value
    return _decimal(-(-Fraction(value) // Fraction(multiple)) * Fraction(multiple))


def _hindrance(one: Terms) -> str:
    """Why a source cannot be ordered from, or nothing."""
    if not one.steps:
        return "it has no price"
    if one.maximum is not None and one.maximum <= 0:
        return "it has no capacity"
    if one.maximum is not None:
        multiple = Fraction(one.multiple) if one.multiple else None
        most = Fraction(one.maximum)
        most = most if multiple is None else most // multiple * multiple
        if most < Fraction(one.minimum) or most <= 0:
            return f"its maximum {one.maximum} is below its minimum {one.minimum} in its order steps"
    return ""


@dataclass(frozen=True, slots=True)
class _Solved:
    value: int
    bound: int
    is_optimal: bool
    taken: Mapping[str, tuple[int, int]]
    """By source, the quantity and the step of the price scale."""


class _Model:
    """Sources as whole numbers for CP-SAT."""

    def __init__(self, quantity: Decimal, sources: Sequence[Terms], most: int | None) -> None:
        self._cp = cp()
        self._model = self._cp.CpModel()
        self._sources = sources
        prices = [step.price for one in sources for step in one.steps]
        costs = [one.order_cost for one in sources]
        self._money = _denominator([*prices, *costs])
        self._unit = self._whole_unit(quantity, sources)
        self._needed = int(Fraction(quantity) / self._unit)
        self._x: dict[str, list[Any]] = {}
        self._y: dict[str, list[Any]] = {}
        self._at: dict[str, list[int]] = {}
        late: list[Any] = []
        cost: list[Any] = []
        for one in sources:
            self._add(one, late, cost)
        every = [x for parts in self._x.values() for x in parts]
        self._model.add(sum(every) >= self._needed)
        if most is not None:
            self._model.add(sum(y for parts in self._y.values() for y in parts) <= most)
        self.late, self.cost = sum(late), sum(cost)

    @staticmethod
    def _whole_unit(quantity: Decimal, sources: Sequence[Terms]) -> Fraction:
        """The largest unit in which every quantity that matters is whole."""
        given = [quantity]
        for one in sources:
            given += [one.minimum, *([one.multiple] if one.multiple else [])]
            given += [step.from_quantity for step in one.steps]
            given += [one.maximum] if one.maximum is not None else []
        scale = _denominator(given)
        whole = [int(each * scale) for each in given if each]
        common = 0
        for each in whole:
            common = gcd(common, each)
        # A price step is reached or not by the smallest part of a unit, so the unit is not coarser than one.
        return Fraction(common or 1, scale) if all(one.multiple for one in sources) else Fraction(1, scale)

    def _add(self, one: Terms, late: list[Any], cost: list[Any]) -> None:
        unit, model = self._unit, self._model
        multiple = max(1, int(Fraction(one.multiple) / unit)) if one.multiple else 1
        least = max(int(-(-Fraction(one.minimum) // unit)), multiple)
        # Nobody takes more than covers the need in one step beyond, the minimum, or the last price step.
        top = max(self._needed, least, *(int(Fraction(s.from_quantity) / unit) for s in one.steps)) + multiple
        most = top if one.maximum is None else min(top, int(Fraction(one.maximum) // unit))
        xs: list[Any] = []
        ys: list[Any] = []
        for at, step in enumerate(one.steps):
            begins = max(least, int(-(-Fraction(step.from_quantity) // unit)))
            following = one.steps[at + 1].from_quantity if at + 1 < len(one.steps) else None
            ends = most if following is None else min(most, int(-(-Fraction(following) // unit)) - 1)
            if begins > ends:
                continue
            y = model.new_bool_var("")
            x = model.new_int_var(0, ends, "")
            model.add(x >= begins * y)
            model.add(x <= ends * y)
            xs.append((x, at))
            ys.append(y)
            price = int(Fraction(step.price) * self._money * unit.numerator)
            if price * ends >= _LARGEST:
                raise NoChoice(
                    f"the quantities and prices of {one.key!r} are too large to be compared exactly"
                )
            cost.append(price * x)
        if not ys:
            return
        model.add(sum(ys) <= 1)
        if multiple > 1:
            lots = model.new_int_var(0, most // multiple, "")
            model.add(sum(x for x, _ in xs) == lots * multiple)
        order = int(Fraction(one.order_cost) * self._money * unit.denominator)
        cost += [order * y for y in ys]
        late += [one.days_late * x for x, _ in xs] if one.days_late else []
        self._x[one.key], self._y[one.key] = [x for x, _ in xs], ys
        self._at[one.key] = [at for _, at in xs]

    def solve(self, aim: Any, seconds: float, workers: int) -> _Solved | None:
        """The least of an aim; None where nothing covers the need."""
        self._model.minimize(aim)
        solver = self._cp.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = workers
        solver.parameters.random_seed = 0
        status = solver.solve(self._model)
        if status not in (self._cp.OPTIMAL, self._cp.FEASIBLE):
            return None
        taken: dict[str, tuple[int, int]] = {}
        for key, xs in self._x.items():
            for x, at in zip(xs, self._at[key], strict=True):
                if solver.value(x) > 0:
                    taken[key] = (solver.value(x), at)
        is_optimal = status == self._cp.OPTIMAL
        # The solver tells objective and bound as floating point: the value is summed up anew.
        return _Solved(solver.value(aim), int(solver.best_objective_bound + 1e-6), is_optimal, taken)

    def keep(self, late: int) -> None:
        """Not more is too late than can be helped."""
        self._model.add(self.late <= late)

    def choice(self, solved: _Solved, began: float) -> Choice:
        """What was solved in the terms of the sources."""
        by_key = {one.key: one for one in self._sources}
        parts = tuple(
            Part(key, _decimal(number * self._unit), by_key[key].steps[at].price)
            for key, (number, at) in sorted(solved.taken.items())
        )
        cost = sum((part.quantity * part.price + by_key[part.key].order_cost for part in parts), ZERO)
        late = sum((part.quantity * by_key[part.key].days_late for part in parts), ZERO)
        least = _decimal(Fraction(solved.bound, self._money * self._unit.denominator))
        return Choice(
            parts,
            cost,
            cost if solved.is_optimal else min(cost, least),
            late,
            "OPTIMAL" if solved.is_optimal else "FEASIBLE",
            time.monotonic() - began,
        )


def _denominator(numbers: Sequence[Decimal]) -> int:
    """What all of them are whole multiples of one part of."""
    return lcm(1, *(Fraction(each).denominator for each in numbers))


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)
