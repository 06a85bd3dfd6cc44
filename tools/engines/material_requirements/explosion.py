"""Requirements through all levels of the bills of materials, each level when the one above it starts.

Periods are whole numbers: buckets, or the ordinals of days. What a planned order needs of its components is
needed in the period in which it is released.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from tools.engines import scrap
from tools.engines.material_requirements.netting import Line, netted
from tools.engines.material_requirements.policies import LotPolicy
from tools.engines.structure import ZERO, CircularStructure


@dataclass(frozen=True, slots=True)
class Component:
    """A line of a bill of materials, for one unit of the parent."""

    item: str
    quantity: Decimal
    scrap_pct: Decimal = ZERO
    """On top of what the parent is started with."""
    lead_offset: int = 0
    """Periods after the parent's release in which it is needed."""


@dataclass(frozen=True, slots=True)
class Item:
    """What planning knows of a material."""

    components: tuple[Component, ...] = ()
    on_hand: Decimal = ZERO
    safety: Decimal = ZERO
    receipts: Mapping[int, Decimal] = field(default_factory=dict)
    policy: LotPolicy = field(default_factory=LotPolicy)
    scrap_pct: Decimal = ZERO
    """Of the material itself: more is started than comes out."""


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """A lot to release and when it arrives; started with more than it delivers where there is scrap."""

    item: str
    release: int
    receipt: int
    quantity: Decimal
    """What comes out good."""
    started: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """What planning found."""

    lines: Mapping[str, tuple[Line, ...]]
    orders: tuple[PlannedOrder, ...]
    """From the top level down, each material in the order of its receipts."""


def exploded(
    items: Mapping[str, Item],
    demand: Mapping[str, Mapping[int, Decimal]],
    release: Callable[[str, int], int],
    convention: scrap.Convention = "surcharge",
    first: int | None = None,
    places: Decimal | None = None,
) -> Plan:
    """The planned orders of all materials.

    Args:
        release: of a material and a period of receipt, the period in which its order is released.
        first: the period in which safety stocks are filled up where nothing happens before.
        places: what quantities with scrap are rounded up to, such as 0.000001: dividing by a yield leaves
            endless fractions, and a lot must not be ordered for what is missing to the last of them.

    Raises:
        CircularStructure: a material goes into itself.
    """
    gross: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for name, by_period in demand.items():
        for at, amount in by_period.items():
            gross[name][at] += amount
    lines: dict[str, tuple[Line, ...]] = {}
    orders: list[PlannedOrder] = []
    for name in downwards(items):
        item = items[name]
        lines[name] = netted(gross[name], item.receipts, item.on_hand, item.policy, item.safety, first)
        needs = [(part, gross[part.item]) for part in item.components]
        for line in lines[name]:
            for quantity in line.planned:
                start = _started(quantity, item.scrap_pct, convention, places)
                released = release(name, line.period)
                orders.append(PlannedOrder(name, released, line.period, quantity, start))
                for part, needed in needs:
                    needed[released + part.lead_offset] += _started(
                        start * part.quantity, part.scrap_pct, convention, places
                    )
    return Plan(lines, tuple(orders))


def _started(
    good: Decimal, scrap_pct: Decimal, convention: scrap.Convention, places: Decimal | None
) -> Decimal:
    if not scrap_pct:
        return good
    exact = scrap.started(good, scrap_pct, convention)
    return exact if places is None else exact.quantize(places, ROUND_CEILING)


def downwards(items: Mapping[str, Item]) -> Sequence[str]:
    """All materials, each after all that it goes into (by its low-level code).

    Raises:
        CircularStructure: a material goes into itself.
    """
    parents: dict[str, int] = dict.fromkeys(items, 0)
    for item in items.values():
        for part in item.components:
            parents[part.item] += 1
    ready = [name for name, count in parents.items() if not count]
    found: list[str] = []
    while ready:
        name = ready.pop(0)
        found.append(name)
        for part in items[name].components:
            parents[part.item] -= 1
            if not parents[part.item]:
                ready.append(part.item)
    if len(found) < len(items):
        raise CircularStructure(_circle(items, {name for name, count in parents.items() if count}))
    return found


def _circle(items: Mapping[str, Item], left: set[str]) -> tuple[str, ...]:
    """One way through what is left that comes back to where it was."""
    # Everything left has a parent that is left: going upwards must come round.
    above = {part.item: name for name in sorted(left) for part in items[name].components if part.item in left}
    at = min(left)
    seen: list[str] = []
    while at not in seen:
        seen.append(at)
        at = above[at]
    return tuple(reversed([*seen[seen.index(at) :], at]))
