"""From a receipt up to what it is for, and from an order down to what it waits for, through all levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tools.engines.netting import STOCK, Allocation, Demand, Supply, allocate


@dataclass(frozen=True, slots=True)
class Plan:
    """Receipts and requirements of one material."""

    opening: Decimal
    supplies: tuple[Supply, ...]
    demands: tuple[Demand, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A peg with its place in the chain."""

    level: int
    material: str
    supply: str
    demand: str
    quantity: Decimal
    available: date | None
    """When the supply is there; None for what nothing covers."""
    needed: date
    late: int
    """Days by which it is there too late; upwards, of these only what the first delivery causes."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A link in the chain that decides when a demand is met."""

    supply: str
    demand: str
    days: int
    """By how many days the supply's own date lies after the day of need; negative where before."""
    covered: bool = True
    """False where nothing covers the demand."""


class Network:
    """All plans of a site, pegged first in, first out.

    Args:
        owner: the order that a demand is for, as a supply's key: a reservation's production order.
        made: the material of each supply.
    """

    def __init__(
        self,
        plans: Mapping[str, Plan],
        owner: Mapping[str, str],
        made: Mapping[str, str],
        today: date,
    ) -> None:
        self._plans = plans
        self._owner = owner
        self._made = made
        self._today = today
        self._pegged: dict[str, Allocation] = {}
        self._due = {one.key: max(one.due, today) for plan in plans.values() for one in plan.supplies}
        self._needed = {one.key: one.due for plan in plans.values() for one in plan.demands}
        self._parts: dict[str, list[str]] = {}
        self._material = {one.key: name for name, plan in plans.items() for one in plan.demands}
        for demand, order in owner.items():
            self._parts.setdefault(order, []).append(demand)

    def allocation(self, material: str) -> Allocation:
        """Which supply of a material is for which demand."""
        if material not in self._pegged:
            plan = self._plans.get(material)
            self._pegged[material] = (
                allocate(plan.opening, plan.supplies, plan.demands, self._today)
                if plan
                else Allocation((), {}, {})
            )
        return self._pegged[material]

    def up(self, supplies: Sequence[str], late: int | None = None) -> list[Step]:
        """What hangs on these supplies, level by level; an order that was followed is followed again only
        where it turns out to be later.

        An order that waits for one part waits with all that it makes. `late` days are added to the day of
        the supplies; without it they come on their own day, and overdue ones today.
        """
        found: list[Step] = []
        for key in supplies:
            start = self._due.get(key, self._today) + timedelta(days=late or 0)
            self._climb(key, start, 1, found, {key: late or 0})
        return found

    def _climb(self, key: str, there: date, level: int, found: list[Step], followed: dict[str, int]) -> None:
        material = self._made.get(key, "")
        for peg in self.allocation(material).pegs:
            if peg.supply != key or not peg.demand:
                continue
            needed = self._needed[peg.demand]
            behind = max(0, (there - max(needed, self._today)).days)
            if level > 1:
                # What is late by its own date is late anyway.
                behind -= max(0, (self._due[key] - max(needed, self._today)).days)
            found.append(Step(level, material, key, peg.demand, peg.quantity, there, needed, behind))
            order = self._owner.get(peg.demand, "")
            if order in self._due and followed.get(order, -1) < behind:
                followed[order] = behind
                self._climb(order, self._due[order] + timedelta(days=behind), level + 1, found, followed)

    def down(self, demands: Sequence[str]) -> list[Step]:
        """What covers these demands, level by level, down to what is bought or lies in stock."""
        found: list[Step] = []
        followed: set[str] = set()
        for key in demands:
            self._descend(key, 1, found, followed)
        return found

    def causes(self, demand: str) -> tuple[int, list[Cause]]:
        """Days by which a demand is met late, negative where early, and the chain that decides it.

        Each order ends as much later as the latest of its parts is there after the day of need; the days of
        the chain add up to the whole. Where something in it is not covered, the days say only what is known.
        """
        return self._caused(demand, frozenset())

    def _caused(self, demand: str, path: frozenset[str]) -> tuple[int, list[Cause]]:
        allocation = self.allocation(self._material.get(demand, ""))
        needed = self._needed[demand]
        if demand in allocation.uncovered:
            return 0, [Cause("", demand, 0, covered=False)]
        worst, chain = (min(0, (self._today - needed).days), list[Cause]())
        found = False
        for peg in allocation.pegs:
            if peg.demand != demand or peg.supply == STOCK or peg.supply in path:
                continue
            own = (self._due[peg.supply] - needed).days
            shift, below = 0, list[Cause]()
            for part in self._parts.get(peg.supply, ()):
                days, causes = self._caused(part, path | {peg.supply})
                lacking = any(not cause.covered for cause in causes)
                if days > shift or (lacking and not any(not cause.covered for cause in below)):
                    shift, below = max(days, 0), causes
            if not found or own + shift > worst:
                worst, chain, found = own + shift, [Cause(peg.supply, demand, own), *below], True
        return worst, chain

    def parts_of(self, order: str) -> tuple[str, ...]:
        """The demands that an order has."""
        return tuple(self._parts.get(order, ()))

    def _descend(self, demand: str, level: int, found: list[Step], followed: set[str]) -> None:
        material = self._material.get(demand, "")
        needed = self._needed[demand]
        allocation = self.allocation(material)
        for peg in allocation.pegs:
            if peg.demand != demand:
                continue
            there = self._today if peg.supply == STOCK else self._due[peg.supply]
            late = 0 if peg.supply == STOCK else max(0, (there - max(needed, self._today)).days)
            found.append(Step(level, material, peg.supply, demand, peg.quantity, there, needed, late))
            if peg.supply != STOCK and peg.supply not in followed:
                followed.add(peg.supply)
                for part in self._parts.get(peg.supply, ()):
                    self._descend(part, level + 1, found, followed)
        missing = allocation.uncovered.get(demand)
        if missing:
            found.append(Step(level, material, "", demand, missing, None, needed, 0))
