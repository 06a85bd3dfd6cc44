"""How often a bill of materials can be built from stock, and what ends first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from tools.engines.structure import ONE, ZERO, Link, enough_for, explode, most, shortages
from tools.structures import Line, Part, links

Level: TypeAlias = Literal["direct", "purchased", "all"]
"""Which stock counts: of direct components, of purchased parts alone, or of both and sub-assemblies."""
WORDS: dict[Level, str] = {
    "direct": "stock of direct components only",
    "purchased": "stock of purchased parts alone, all levels, sub-assembly stock ignored",
    "all": "stock of purchased parts and sub-assemblies, all levels",
}
"""The same in words."""


@dataclass(frozen=True, slots=True)
class Component:
    """A component with how far its stock reaches."""

    part: Part
    unit: str
    per_unit: Decimal
    enough_for: int | None
    missing: Decimal | None


@dataclass(frozen=True, slots=True)
class Build:
    """How many can be built, and why no more."""

    most: int | None
    """How many can be built; None where no component needs anything."""
    components: list[Component]
    """Those that end first at the top."""
    limiting: frozenset[str]


def build_of(
    level: Level, quantity: Decimal | None, top: str, lines: Sequence[Line], known: Mapping[str, Part]
) -> Build:
    """What can be built of `top`, and what is missing for a quantity.

    Raises:
        CircularStructure: something below the top goes into itself.
    """
    assembled = {line.parent_id for line in lines}

    def is_leaf(material: str) -> bool:
        # What is bought is not taken apart, even where the data lists what is in it.
        return material not in assembled or (known[material].is_made is False and material != top)

    all_links = [link for link in links(lines) if link.parent == top or not is_leaf(link.parent)]
    unit = {line.component_id: line.unit for line in lines}
    wanted = quantity or ZERO
    needs = {need.material: need.quantity for need in explode(all_links, top) if is_leaf(need.material)}
    if level == "direct":
        needs = {need.material: need.quantity for need in explode(all_links, top)}
    missing = {name: max(ZERO, per * wanted - max(ZERO, known[name].on_hand)) for name, per in needs.items()}
    enough = {name: enough_for(known[name].on_hand, per) for name, per in needs.items()}
    counts = [count for count in enough.values() if count is not None]
    best = min(counts, default=None)
    limiting = frozenset(name for name, count in enough.items() if count is not None and count == best)
    if level == "all":
        best, limiting, missing = _netted(all_links, top, wanted, known, is_leaf)
    components = [
        Component(known[name], unit[name], per, enough[name], missing[name] if quantity else None)
        for name, per in needs.items()
    ]
    components.sort(key=lambda entry: _scarcity(entry, limiting))
    return Build(best, components, limiting)


def _scarcity(entry: Component, limiting: frozenset[str]) -> tuple[bool, bool, int, str, str]:
    part = entry.part
    return (
        part.material_id not in limiting,
        entry.enough_for is None,
        entry.enough_for or 0,
        part.name,
        part.material_id,
    )


def _netted(
    links: list[Link], top: str, wanted: Decimal, known: Mapping[str, Part], is_leaf: Callable[[str], bool]
) -> tuple[int | None, frozenset[str], dict[str, Decimal]]:
    stock = {name: part.on_hand for name, part in known.items()}

    def lacking(quantity: Decimal) -> dict[str, Decimal]:
        needed = shortages(links, top, quantity, stock, is_leaf)
        return {name: amount for name, amount in needed.items() if amount > 0}

    best = most(lambda count: not lacking(Decimal(count)))
    limiting = frozenset(lacking(Decimal(best) + ONE)) if best is not None else frozenset()
    missing = shortages(links, top, wanted, stock, is_leaf) if wanted else {}
    return best, limiting, missing
