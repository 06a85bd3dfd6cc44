"""The standard cost of what is made, rolled up from materials and operations and tied out to the cent.

The rounding point is the material: what each made material costs is rounded to cents before it goes into the
next one, as the systems do that keep standard costs. Within a material nothing is rounded; the rounding is a
line of its own, so that the lines add up to the cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from tools.engines.structure import CircularStructure

_ZERO = Decimal(0)
_CENT = Decimal("0.01")
_MINUTES = Decimal(60)
_HUNDRED = Decimal(100)
Kind = Literal["material", "setup", "run", "scrap", "rounding"]
Doubt = Literal["", "no_cost", "unit", "no_rate"]
"""`no_cost`: the component has no cost and counts as zero; `unit`: the line's unit is not
the component's and no conversion is on file; `no_rate`:
the work centre has no hourly rate and counts as zero."""


@dataclass(frozen=True, slots=True)
class Part:
    """A line of a bill of materials, in the component's own unit."""

    component: str
    quantity: Decimal
    scrap_pct: Decimal = _ZERO
    same_unit: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """An operation of a routing."""

    operation: int
    work_centre: str
    setup_minutes: Decimal
    run_minutes: Decimal
    hourly_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Item:
    """A material with what it is made of; neither parts nor steps where it is bought."""

    material: str
    held: Decimal | None
    """The standard cost that the system holds."""
    lot: Decimal
    parts: tuple[Part, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def is_made(self) -> bool:
        """True where its cost is made up of others."""
        return bool(self.parts or self.steps)


@dataclass(frozen=True, slots=True)
class CostLine:
    """One part of a material's cost, for one unit of it."""

    kind: Kind
    subject: str
    """Component, or number of the operation."""
    quantity: Decimal
    rate: Decimal
    amount: Decimal
    doubt: Doubt = ""
    held_amount: Decimal | None = None
    """The same at the component's held cost, for a component."""


@dataclass(frozen=True, slots=True)
class BuildUp:
    """What a material costs by its structure, and the lines that this is made of."""

    material: str
    cost: Decimal
    held: Decimal | None
    lines: tuple[CostLine, ...]

    @property
    def difference(self) -> Decimal | None:
        """The held cost above the one built up."""
        return None if self.held is None else self.held - self.cost

    def of(self, *kinds: Kind) -> Decimal:
        """What the lines of some kinds add up to."""
        return sum((line.amount for line in self.lines if line.kind in kinds), _ZERO)


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of the difference between a held cost and the one built up."""

    why: Literal["component", "scrap", "lot", "rest"]
    subject: str
    amount: Decimal
    lot: Decimal | None = None
    """Lot size that would explain it."""


def build_up(material: str, items: Mapping[str, Item]) -> dict[str, BuildUp]:
    """The cost of a material and of everything made that goes into it, by material.

    Raises:
        CircularStructure: a material goes into itself.
    """
    found: dict[str, BuildUp] = {}
    _built(material, items, found, ())
    return found


def _built(
    material: str, items: Mapping[str, Item], found: dict[str, BuildUp], path: tuple[str, ...]
) -> Decimal:
    if material in path:
        raise CircularStructure((*path[path.index(material) :], material))
    item = items[material]
    if not item.is_made:
        return item.held or _ZERO
    if material in found:
        return found[material].cost
    lines: list[CostLine] = []
    for part in item.parts:
        each = _built(part.component, items, found, (*path, material))
        held = items[part.component].held
        doubt: Doubt = "unit" if not part.same_unit else "no_cost" if not each else ""
        lines.append(
            CostLine(
                "material", part.component, part.quantity, each, part.quantity * each, doubt,
                part.quantity * (held or _ZERO),
            )
        )  # fmt: skip
        if part.scrap_pct:
            lost = part.quantity * part.scrap_pct / _HUNDRED
            lines.append(
                CostLine("scrap", part.component, lost, each, lost * each, "", lost * (held or _ZERO))
            )
    for step in item.steps:
        rate = (step.hourly_rate or _ZERO) / _MINUTES
        without: Doubt = "" if step.hourly_rate else "no_rate"
        if step.setup_minutes:
            minutes = step.setup_minutes / item.lot
            lines.append(CostLine("setup", str(step.operation), minutes, rate, minutes * rate, without))
        if step.run_minutes:
            amount = step.run_minutes * rate
            lines.append(CostLine("run", str(step.operation), step.run_minutes, rate, amount, without))
    exact = sum((line.amount for line in lines), _ZERO)
    cost = exact.quantize(_CENT, ROUND_HALF_UP)
    if cost != exact:
        lines.append(CostLine("rounding", "", Decimal(1), cost - exact, cost - exact))
    found[material] = BuildUp(material, cost, item.held, tuple(lines))
    return cost


def reasons(built: BuildUp, item: Item) -> tuple[Reason, ...]:
    """What the difference to the held cost is made of; the amounts add up to it exactly.

    What components cost otherwise than held comes first. What is left is planned scrap that the held cost
    does not have, or that of another lot size where one would explain it, or a rest without explanation.
    """
    if built.difference is None:
        return ()
    found = [
        Reason("component", line.subject, line.held_amount - line.amount)
        for line in built.lines
        if line.held_amount is not None and line.held_amount != line.amount
    ]
    rest = built.difference - sum((reason.amount for reason in found), _ZERO)
    scrap = built.of("scrap")
    if scrap and abs(rest + scrap) <= _CENT:
        found.append(Reason("scrap", "", rest))
    elif rest:
        lot = _other_lot(built, item, rest)
        found.append(Reason("lot" if lot else "rest", "", rest, lot))
    return tuple(found)


def _other_lot(built: BuildUp, item: Item, rest: Decimal) -> Decimal | None:
    """The lot over which set-up would have to be spread for a difference of more than a cent."""
    setup = built.of("setup")
    wanted = setup + rest
    if abs(rest) <= _CENT or setup <= 0 or wanted <= 0:
        return None
    lot = (setup * item.lot / wanted).quantize(Decimal(1), ROUND_HALF_UP)
    return lot if 1 <= lot <= item.lot * _HUNDRED and lot != item.lot else None


def levels(material: str, built: Mapping[str, BuildUp]) -> Sequence[tuple[int, str]]:
    """The made materials below one, each once at its highest level, from the top down."""
    found: dict[str, int] = {material: 0}
    queue = [material]
    while queue:
        here = queue.pop(0)
        for line in built[here].lines:
            if line.kind == "material" and line.subject in built and line.subject not in found:
                found[line.subject] = found[here] + 1
                queue.append(line.subject)
    return [(level, name) for name, level in sorted(found.items(), key=lambda pair: pair[1])]
