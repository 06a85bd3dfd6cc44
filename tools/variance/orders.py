"""Variances of the production orders that ended in a period, by driver, from what was issued and confirmed.

Each order is taken apart by the engine in its nine categories. Amounts stand on the accounts on which a
settlement books them: scrap at full standard cost where it was confirmed, the rest on the last work centre.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tools.engines.variance import CostLine, Order, Scrapped, Usage, production_order
from tools.engines.variance.equations import Var
from tools.variance.contributions import ZERO, Contribution, Driver
from tools.variance.standards import Standards

_CENT = Decimal("0.01")
_MINUTES = 60
_MATERIAL, _RUN, _SETUP = "m:", "r:", "s:"


@dataclass(frozen=True, slots=True)
class Made:
    """A production order that is complete."""

    order_id: str
    material_id: str
    ordered: Decimal
    stocked: Decimal
    end_on: date


@dataclass(frozen=True, slots=True)
class Issue:
    """What an order took of a component, with what was booked for it."""

    order_id: str
    material_id: str
    quantity: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An operation as it was worked."""

    order_id: str
    operation: int
    work_centre_id: str
    cost_centre_id: str | None
    rate: Decimal
    minutes: Decimal
    scrapped: Decimal
    reason: str | None


@dataclass(frozen=True, slots=True)
class Routed:
    """An operation as the routing has it."""

    material_id: str
    operation: int
    rate: Decimal
    setup_minutes: Decimal
    run_minutes: Decimal


@dataclass(frozen=True, slots=True)
class Needed:
    """A component as the bill of materials has it, in one piece of its product."""

    parent_id: str
    component_id: str
    quantity: Decimal
    converted: Decimal | None
    """The same in the unit that the component is kept in; None where no conversion is on file."""
    is_other_unit: bool


@dataclass(frozen=True, slots=True)
class Shop:
    """Everything that is known of the orders of a period, by order and by product."""

    standards: Standards
    issues: Mapping[str, Sequence[Issue]]
    steps: Mapping[str, Sequence[Confirmed]]
    routes: Mapping[str, Sequence[Routed]]
    parts: Mapping[str, Sequence[Needed]]
    lots: Mapping[str, Decimal]
    """Lot over which the standard cost spreads set-up, by product."""


@dataclass(slots=True)
class Doubts:
    """What had to be taken for granted, for the caveats."""

    without_route: set[str] = field(default_factory=set)
    without_parts: set[str] = field(default_factory=set)
    without_standard: set[str] = field(default_factory=set)
    no_quantity: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    never_taken: set[str] = field(default_factory=set)
    """Components of bills of materials that no order took and no standard cost holds."""


def order_contributions(made: Made, shop: Shop, doubts: Doubts) -> list[Contribution]:
    """The parts of one order's variance; they add up exactly to what its settlement booked over standard."""
    issues, steps = shop.issues.get(made.order_id, ()), shop.steps.get(made.order_id, ())
    if not steps and not issues:
        return []
    if made.ordered <= 0:
        doubts.no_quantity.add(made.order_id)
        return []
    standard = shop.standards.on(made.material_id, made.end_on)
    if standard is None:
        doubts.without_standard.add(made.material_id)
    lines = [*_component_lines(made, issues, shop, doubts), *_work_lines(made, steps, shop, doubts)]
    scrapped = [step for step in steps if step.scrapped]
    engine_order = Order(
        made.ordered,
        made.stocked,
        lines,
        tuple(Scrapped(step.scrapped, step.operation) for step in scrapped),
        standard_price=standard or ZERO,
    )
    found = production_order(engine_order, digits=2)
    deltas = {var: part.delta for var, part in found.parts.items()}
    centre = steps[-1].cost_centre_id if steps else None
    base = Contribution(
        "scrap", "production", ZERO, made.end_on, centre, order=made.order_id, product=made.material_id
    )
    parts: list[Contribution] = []
    for step, amount in _by_step(scrapped, lines, made, deltas[Var("scrap")]):
        booked = (standard or ZERO) * step.scrapped
        at = replace(base, operation=step.operation, work_centre=step.work_centre_id, reason=step.reason)
        parts.append(replace(at, role="scrap", amount=booked, cost_centre=step.cost_centre_id))
        parts.append(replace(at, amount=amount - booked))
    centres = {step.operation: step.work_centre_id for step in steps}
    for var, delta in deltas.items():
        if var.item is None or not delta or var.name == "scrap_by":
            continue
        kind, name = var.item[:2], var.item[2:]
        part = replace(base, driver=_driver(var.name, kind), amount=delta)
        parts.append(
            replace(part, material=name)
            if kind == _MATERIAL
            else replace(part, operation=int(name), work_centre=centres.get(int(name)))
        )
    lot_size = _lot_size(made, lines, shop)
    parts.append(replace(base, driver="lot_size", amount=lot_size))
    parts.append(replace(base, driver="order_rest", amount=deltas[Var("output")] - lot_size))
    return [part for part in parts if part.amount]


def _lot_size(made: Made, lines: Sequence[CostLine], shop: Shop) -> Decimal:
    """The set-up of this lot less what the standard cost holds of it for what was delivered."""
    set_up = sum(
        (Fraction(i.standard.cost) for i in lines if i.lot_size_independent and i.standard), Fraction(0)
    )
    lot = shop.lots.get(made.material_id) or made.ordered
    return _cents(set_up * (1 - Fraction(made.stocked) / Fraction(lot)))


def _driver(category: str, kind: str) -> Driver:
    if kind in (_RUN, _SETUP):
        return "work_time"
    match category:
        case "input_price_by":
            return "standard_change"
        case "resource_usage_by":
            return "substitution"
        case _:
            return "material_usage"


def _component_lines(made: Made, issues: Sequence[Issue], shop: Shop, doubts: Doubts) -> list[CostLine]:
    took: dict[str, tuple[Decimal, Decimal]] = {}
    for issue in issues:
        quantity, cost = took.get(issue.material_id, (ZERO, ZERO))
        took[issue.material_id] = (quantity + issue.quantity, cost + issue.cost)
    needed: dict[str, Decimal] = defaultdict(Decimal)
    for part in shop.parts.get(made.material_id, ()):
        actual = took.get(part.component_id, (ZERO, ZERO))[0] / made.ordered
        needed[part.component_id] += _meant(part, actual, doubts)
    if not needed and took:
        doubts.without_parts.add(made.material_id)
    _drop_never_taken(made, needed, took, shop, doubts)
    found = []
    for component in dict.fromkeys((*needed, *took)):
        price = shop.standards.on(component, made.end_on) or ZERO
        standard = actual_usage = None
        if component in needed:
            quantity = needed[component] * made.ordered
            standard = Usage(quantity * price, quantity)
        if component in took:
            actual_usage = Usage(took[component][1], took[component][0])
        found.append(CostLine(f"{_MATERIAL}{component}", standard, actual_usage, price=price))
    return found


def _drop_never_taken(
    made: Made,
    needed: dict[str, Decimal],
    took: Mapping[str, tuple[Decimal, Decimal]],
    shop: Shop,
    doubts: Doubts,
) -> None:
    """Leave out what no order took where the standard cost is nearer to the structure without it."""
    standard = shop.standards.on(made.material_id, made.end_on)
    if standard is None or not took:
        return
    work = sum(
        (
            each.rate
            * (each.setup_minutes / (shop.lots.get(made.material_id) or 1) + each.run_minutes)
            / _MINUTES
            for each in shop.routes.get(made.material_id, ())
        ),
        ZERO,
    )
    costs = {each: (shop.standards.on(each, made.end_on) or ZERO) * needed[each] for each in needed}
    for component in [each for each in needed if each not in took]:
        held = standard - work - sum(costs.values(), ZERO)
        if abs(held + costs[component]) < abs(held):
            doubts.never_taken.add(component)
            del needed[component], costs[component]


def _meant(part: Needed, actual: Decimal, doubts: Doubts) -> Decimal:
    """The quantity that the bill of materials means: the nearer one where its unit is another."""
    if not part.is_other_unit:
        return part.quantity
    doubts.units.add(part.component_id)
    if part.converted is None:
        return part.quantity
    return min((part.quantity, part.converted), key=lambda each: abs(each - actual))


def _work_lines(made: Made, steps: Sequence[Confirmed], shop: Shop, doubts: Doubts) -> list[CostLine]:
    routed = {each.operation: each for each in shop.routes.get(made.material_id, ())}
    if not routed and steps:
        doubts.without_route.add(made.material_id)
    worked: dict[int, tuple[Decimal, Decimal]] = {}
    for step in steps:
        minutes, cost = worked.get(step.operation, (ZERO, ZERO))
        booked = (step.rate * step.minutes / _MINUTES).quantize(_CENT, ROUND_HALF_UP)
        worked[step.operation] = (minutes + step.minutes, cost + booked)
    found = []
    for operation in sorted({*routed, *worked}):
        route = routed.get(operation)
        standard = actual = None
        minutes, cost = worked.get(operation, (ZERO, ZERO))
        if route is not None:
            # How long the set-up really took is confirmed nowhere; it is taken as planned.
            setup = min(route.setup_minutes, minutes) if operation in worked else ZERO
            set_up = Usage(Fraction(route.rate * setup) / _MINUTES, Fraction(setup) / _MINUTES)
            minutes, cost_left = minutes - setup, Fraction(cost) - Fraction(set_up.cost)
            whole = Fraction(route.run_minutes * made.ordered) / _MINUTES
            standard = Usage(Fraction(route.rate) * whole, whole)
            if setup:
                found.append(
                    CostLine(
                        f"{_SETUP}{operation}", set_up, set_up, operation=operation, lot_size_independent=True
                    )
                )
        else:
            cost_left = Fraction(cost)
        if operation in worked:
            actual = Usage(cost_left, Fraction(minutes) / _MINUTES)
        found.append(CostLine(f"{_RUN}{operation}", standard, actual, operation=operation))
    return found


def _by_step(
    scrapped: Sequence[Confirmed], lines: Sequence[CostLine], made: Made, total: Decimal
) -> list[tuple[Confirmed, Decimal]]:
    """The cost of scrap by the operation that scrapped; the last by subtraction."""
    found, left = [], total
    for number, step in enumerate(scrapped, start=1):
        through = sum(
            (
                Fraction(line.standard.cost)
                for line in lines
                if line.standard and not line.lot_size_independent and line.operation <= step.operation
            ),
            Fraction(0),
        )
        amount = (
            left
            if number == len(scrapped)
            else _cents(through * Fraction(step.scrapped) / Fraction(made.ordered))
        )
        left -= amount
        found.append((step, amount))
    return found


def _cents(amount: Fraction) -> Decimal:
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(_CENT, ROUND_HALF_UP)
