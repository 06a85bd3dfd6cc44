"""What plants with stock to spare give to plants that lack it: the most that helps, then at the least cost.

Exact: a flow of least cost is built path by path, and each path may take back what earlier ones gave, so
that no other allocation covers more, or as much for less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tools.engines.structure import ZERO


@dataclass(frozen=True, slots=True)
class Lack:
    """A plant that is short."""

    site: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Spare:
    """A plant with stock that nobody there needs."""

    site: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Way:
    """What a move from one plant to another would mean."""

    days_late: int = 0
    """After the day on which it is needed."""
    cost: Decimal = ZERO
    """Of a unit, in one currency for all ways."""


@dataclass(frozen=True, slots=True)
class Move:
    """A quantity from one plant to another."""

    from_site: str
    to_site: str
    quantity: Decimal


_Cost = tuple[Decimal, Decimal]
_FREE: _Cost = (ZERO, ZERO)


def balanced(
    lacks: Sequence[Lack], spares: Sequence[Spare], ways: Mapping[tuple[str, str], Way]
) -> tuple[Move, ...]:
    """The moves that cover the most; of those the fewest unit-days late, then the least cost.

    Args:
        ways: by sender and receiver; where there is none, nothing is moved.
    """
    left = {one.site: one.quantity for one in spares if one.quantity > 0}
    open_ = {one.site: one.quantity for one in lacks if one.quantity > 0}
    moved: dict[tuple[str, str], Decimal] = {}
    costs: dict[tuple[str, str], _Cost] = {
        pair: (Decimal(way.days_late), way.cost)
        for pair, way in ways.items()
        if pair[0] in left and pair[1] in open_ and pair[0] != pair[1]
    }
    while (path := _cheapest(left, open_, moved, costs)) is not None:
        sender, receiver = path[0], path[-1]
        amount = min(left[sender], open_[receiver])
        # Every second step of a path takes back what its receiver got from another sender.
        for at in range(1, len(path) - 1, 2):
            amount = min(amount, moved[path[at + 1], path[at]])
        for at in range(0, len(path) - 1, 2):
            moved[path[at], path[at + 1]] = moved.get((path[at], path[at + 1]), ZERO) + amount
        for at in range(1, len(path) - 1, 2):
            moved[path[at + 1], path[at]] -= amount
        left[sender] -= amount
        open_[receiver] -= amount
    return tuple(Move(*pair, quantity) for pair, quantity in sorted(moved.items()) if quantity > 0)


def _cheapest(
    left: Mapping[str, Decimal],
    open_: Mapping[str, Decimal],
    moved: Mapping[tuple[str, str], Decimal],
    costs: Mapping[tuple[str, str], _Cost],
) -> list[str] | None:
    """Sender, receiver, sender, receiver ...: the cheapest way to cover more; None where there is none."""
    # A plant is sender or receiver of one material, never both, so that a name tells which.
    best: dict[str, tuple[_Cost, list[str]]] = {
        site: (_FREE, [site]) for site, quantity in left.items() if quantity > 0
    }
    for _ in range(len(left) + len(open_)):
        changed = False
        for (sender, receiver), cost in costs.items():
            if sender in best and _improves(best, receiver, _sum(best[sender][0], cost)):
                best[receiver] = (_sum(best[sender][0], cost), [*best[sender][1], receiver])
                changed = True
            if moved.get((sender, receiver), ZERO) > 0 and receiver in best:
                back = _sum(best[receiver][0], (-cost[0], -cost[1]))
                if _improves(best, sender, back):
                    best[sender] = (back, [*best[receiver][1], sender])
                    changed = True
        if not changed:
            break
    ends = [(best[site][0], site) for site, quantity in open_.items() if quantity > 0 and site in best]
    return best[min(ends)[1]][1] if ends else None


def _improves(best: Mapping[str, tuple[_Cost, list[str]]], site: str, cost: _Cost) -> bool:
    return site not in best or cost < best[site][0]


def _sum(one: _Cost, other: _Cost) -> _Cost:
    return one[0] + other[0], one[1] + other[1]
