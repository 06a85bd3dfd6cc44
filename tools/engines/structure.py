"""Arithmetic on product structures: total needs over all paths, levels, cycles, and how far stock reaches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
_LARGEST_BUILD = 10**9


class CircularStructure(Exception):
    """A material that goes into itself; `path` begins and ends with it."""

    def __init__(self, path: Sequence[str]) -> None:
        super().__init__(" > ".join(path))
        self.path = tuple(path)


@dataclass(frozen=True, slots=True)
class Link:
    """A line of a bill of materials: so much of the component for one of its parent."""

    parent: str
    component: str
    quantity: Decimal

    def turned(self) -> Link:
        """The same line read upwards."""
        return Link(self.component, self.parent, self.quantity)


@dataclass(frozen=True, slots=True)
class Need:
    """How much of a material goes into the top, over all paths."""

    material: str
    quantity: Decimal
    level: int
    """Levels below the top on the shortest path; direct components have level 1."""
    deepest: int
    """Levels below the top on the longest path."""


def explode(links: Iterable[Link], top: str, quantity: Decimal = ONE) -> list[Need]:
    """What `quantity` of the top needs of everything below it, parents before their components.

    Raises:
        CircularStructure: something below the top goes into itself.
    """
    below = _by_parent(links)
    total: dict[str, Decimal] = defaultdict(Decimal, {top: quantity})
    level, deepest = {top: 0}, {top: 0}
    order = _parents_first(below, top)
    for parent in order:
        for link in below.get(parent, ()):
            total[link.component] += total[parent] * link.quantity
            level[link.component] = min(level.get(link.component, level[parent] + 1), level[parent] + 1)
            deepest[link.component] = max(deepest.get(link.component, 0), deepest[parent] + 1)
    return [Need(material, total[material], level[material], deepest[material]) for material in order[1:]]


def enough_for(on_hand: Decimal, per_unit: Decimal) -> int | None:
    """How many units a stock suffices for; None where nothing is needed for one."""
    if per_unit <= 0:
        return None
    return max(0, int((on_hand / per_unit).to_integral_value(ROUND_FLOOR)))


def shortages(
    links: Iterable[Link],
    top: str,
    quantity: Decimal,
    stock: Mapping[str, Decimal],
    is_leaf: Callable[[str], bool],
) -> dict[str, Decimal]:
    """What is missing of each leaf to build `quantity`, with sub-assemblies in stock used up first.

    Raises:
        CircularStructure: something below the top goes into itself.
    """
    below = _by_parent(link for link in links if link.parent == top or not is_leaf(link.parent))
    need: dict[str, Decimal] = defaultdict(Decimal, {top: quantity})
    missing: dict[str, Decimal] = {}
    for parent in _parents_first(below, top):
        open_need = (
            need[parent] if parent == top else max(ZERO, need[parent] - max(ZERO, stock.get(parent, ZERO)))
        )
        if parent != top and is_leaf(parent):
            missing[parent] = open_need
            continue
        for link in below.get(parent, ()):
            need[link.component] += open_need * link.quantity
    return missing


def most(feasible: Callable[[int], bool]) -> int | None:
    """The largest whole number that is feasible, where all smaller ones are; None where there is no limit."""
    low, high = 0, 1
    while feasible(high):
        low, high = high, high * 2
        if high > _LARGEST_BUILD:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if feasible(middle) else (low, middle)
    return low


def _by_parent(links: Iterable[Link]) -> dict[str, list[Link]]:
    below: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        below[link.parent].append(link)
    return below


def _parents_first(below: Mapping[str, Sequence[Link]], top: str) -> list[str]:
    """Everything reachable from the top, each after all of its parents."""
    done: set[str] = set()
    path: dict[str, None] = {top: None}
    stack = [iter(below.get(top, ()))]
    finished: list[str] = []
    while stack:
        link = next(stack[-1], None)
        if link is None:
            stack.pop()
            material, _ = path.popitem()
            done.add(material)
            finished.append(material)
        elif link.component in path:
            walked = list(path)
            raise CircularStructure([*walked[walked.index(link.component) :], link.component])
        elif link.component not in done:
            path[link.component] = None
            stack.append(iter(below.get(link.component, ())))
    return finished[::-1]
