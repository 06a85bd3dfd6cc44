"""Variances of a production order in the nine categories of SAP, by target cost version.

Input side in the order of attribution: scrap, input price, resource usage, input quantity, remaining. Output
side: mixed price, output price, lot size, remaining. The last of each side is found by subtraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

from tools.engines.variance.components import Side, Total, Variances, components
from tools.engines.variance.equations import Var

ZERO = Fraction(0)
UNEXPLAINED_SHARE = Fraction(5, 100)
"""Of the total, above which what remains on both sides is said to be unexplained."""
INPUT = ("scrap", "input_price", "resource_usage", "input_quantity", "remaining_input")
OUTPUT = ("mixed_price", "output_price", "lot_size", "remaining")
UNEXPLAINED = "remaining variances are above 5 % of the total: unexplained"


class Version(IntEnum):
    """What is compared with what; only the total variance of an order is settled."""

    TOTAL = 0
    """Actual cost with the standard cost of what was delivered."""
    PRODUCTION = 1
    """Actual cost with the order's own plan."""
    PLANNING = 2
    """The order's own plan with the standard cost."""
    PERIOD = 3
    """Actual cost of a period with the standard cost of what it delivered; what is in process is left in."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of something at which cost; the quantity is None where only a cost was recorded."""

    cost: Fraction | Decimal
    quantity: Fraction | Decimal | None = None


@dataclass(frozen=True, slots=True)
class CostLine:
    """A component, activity or surcharge of an order: what it should take and what it took."""

    name: str
    standard: Usage | None
    """In the cost estimate, for the planned lot; None where it was not to be used."""
    actual: Usage | None
    """None where it was not used."""
    plan: Usage | None = None
    """In the order's own plan, for the planned lot; the standard where there is none."""
    price: Fraction | Decimal | None = None
    """What a unit of something unplanned should cost; with it a substitute's price variance is told apart."""
    operation: int = 0
    """Number of the operation that uses it: what is scrapped there or later had it."""
    lot_size_independent: bool = False
    """True for set-up: the same whatever the quantity."""
    in_process: Fraction | Decimal = ZERO
    """What of its cost is in work in process."""


@dataclass(frozen=True, slots=True)
class Scrapped:
    """Unplanned scrap confirmed at an operation, in units of the product."""

    quantity: Fraction | Decimal
    operation: int | None = None
    """None: at the last one."""


@dataclass(frozen=True, slots=True)
class Order:
    """A production order as it is settled."""

    planned: Fraction | Decimal
    delivered: Fraction | Decimal
    lines: Sequence[CostLine]
    scrapped: Sequence[Scrapped] = ()
    in_process: Fraction | Decimal = ZERO
    """Work in process that is not told by line; spread over the lines by their target costs."""
    standard_price: Fraction | Decimal | None = None
    """Standard cost of a unit; that of the lines over the planned lot where there is none."""
    mixed_price: Fraction | Decimal | None = None
    """Of a mixed cost estimate, where procurement alternatives are mixed."""
    delivered_price: Fraction | Decimal | None = None
    """What deliveries were credited at, where it is not the standard or mixed price."""


def production_order(order: Order, version: Version = Version.TOTAL, digits: int | None = None) -> Variances:
    """The nine categories of an order, by line where they are of lines, and its total.

    Raises:
        ValueError: the planned quantity is nothing, so that no target can be scaled to it.
    """
    if order.planned <= 0:
        raise ValueError("planned_qty must be above 0: targets are scaled from it")
    exact: dict[Var, Fraction] = dict.fromkeys((Var(name) for name in (*INPUT, *OUTPUT)), ZERO)
    lines = [_compared(each, order, version) for each in order.lines]
    spread = _spread(order, lines) if version in (Version.TOTAL, Version.PRODUCTION) else {}
    control = target = ZERO
    for each in lines:
        scrap = _scrap(each, order, version)
        held = spread.get(each.line.name, ZERO)
        control += each.actual_cost - held
        target += each.target_cost
        for name, amount in _attributed(each, scrap, held).items():
            exact[Var(name)] += amount
            if amount:
                exact[Var(f"{name}_by", each.line.name)] = amount
    exact[Var("input")] = control - target
    credited = target
    if version is Version.TOTAL:
        credited = _output_side(order, target, exact)
    exact[Var("output")] = target - credited
    exact[Var("remaining")] = exact[Var("output")] - sum((exact[Var(name)] for name in OUTPUT[:-1]), ZERO)
    exact[Var("total")] = exact[Var("input")] + exact[Var("output")]
    sums = [
        Total("total", ("input", "output")),
        Total("input", INPUT),
        Total("output", OUTPUT),
        *(Total(name, (f"{name}_by*",)) for name in INPUT),
    ]
    sides: dict[str, Side] = {var.name: "cost" for var in exact}
    parts, _ = components(exact, sides, sums, digits)
    rest = abs(exact[Var("remaining_input")]) + abs(exact[Var("remaining")])
    unexplained = rest > UNEXPLAINED_SHARE * abs(exact[Var("total")])
    return Variances(parts, conventions=(UNEXPLAINED,) if unexplained else ())


@dataclass(frozen=True, slots=True)
class _Compared:
    """A line with what it should have taken for the quantity delivered, and what it is compared with."""

    line: CostLine
    target: Usage | None
    actual: Usage | None

    @property
    def target_cost(self) -> Fraction:
        return ZERO if self.target is None else Fraction(self.target.cost)

    @property
    def actual_cost(self) -> Fraction:
        return ZERO if self.actual is None else Fraction(self.actual.cost)

    @property
    def price(self) -> Fraction | None:
        """What a unit should cost."""
        if self.target is not None and self.target.quantity:
            return Fraction(self.target.cost) / Fraction(self.target.quantity)
        return None if self.line.price is None else Fraction(self.line.price)


def _compared(line: CostLine, order: Order, version: Version) -> _Compared:
    plan = line.plan if line.plan is not None else line.standard
    reference = plan if version is Version.PRODUCTION else line.standard
    share = Fraction(order.delivered) / Fraction(order.planned)
    actual = line.actual
    if version is Version.PLANNING:
        actual, share = plan, Fraction(1)
    # Set-up is not scaled here: what the lot size changes of it is a variance of the output side.
    return _Compared(line, _scaled(reference, Fraction(1) if line.lot_size_independent else share), actual)


def _scaled(usage: Usage | None, share: Fraction) -> Usage | None:
    if usage is None:
        return None
    quantity = None if usage.quantity is None else Fraction(usage.quantity) * share
    return Usage(Fraction(usage.cost) * share, quantity)


def _scrap(compared: _Compared, order: Order, version: Version) -> Fraction:
    """Cost of the scrap at the target of the operations that it had been through."""
    line = compared.line
    reference = line.plan if version is Version.PRODUCTION and line.plan is not None else line.standard
    if reference is None or line.lot_size_independent or version is Version.PLANNING:
        return ZERO
    a_unit = Fraction(reference.cost) / Fraction(order.planned)
    through = (
        Fraction(each.quantity)
        for each in order.scrapped
        if each.operation is None or line.operation <= each.operation
    )
    return sum((quantity * a_unit for quantity in through), ZERO)


def _spread(order: Order, lines: Sequence[_Compared]) -> dict[str, Fraction]:
    """Work in process by line."""
    if not order.in_process and not any(each.line.in_process for each in lines):
        return {}
    held = {each.line.name: Fraction(each.line.in_process) for each in lines}
    whole = sum((each.target_cost for each in lines), ZERO)
    weights = {each.line.name: each.target_cost if whole else each.actual_cost for each in lines}
    base = sum(weights.values(), ZERO)
    for name, weight in weights.items():
        held[name] += Fraction(order.in_process) * weight / base if base else ZERO
    return held


def _attributed(compared: _Compared, scrap: Fraction, held: Fraction) -> dict[str, Fraction]:
    """The input categories of a line; the quantity is that without scrap and work in process."""
    price = ZERO
    actual, should = compared.actual, compared.price
    if actual is not None and actual.quantity is not None and should is not None:
        price = Fraction(actual.cost) - Fraction(actual.quantity) * should
    rest = compared.actual_cost - held - compared.target_cost - scrap - price
    if compared.target is None or compared.actual is None:
        name = "resource_usage"
    elif compared.target.quantity is not None and compared.actual.quantity is not None and should is not None:
        name = "input_quantity"
    else:
        name = "remaining_input"
    return {"scrap": scrap, "input_price": price, name: rest}


def _output_side(order: Order, target: Fraction, exact: dict[Var, Fraction]) -> Fraction:
    """What deliveries were credited with, and the categories of the output side but the last."""
    delivered, planned = Fraction(order.delivered), Fraction(order.planned)
    independent = sum(
        (Fraction(i.standard.cost) for i in order.lines if i.standard and i.lot_size_independent), ZERO
    )
    estimate = sum((Fraction(i.standard.cost) for i in order.lines if i.standard), ZERO) / planned
    standard = estimate if order.standard_price is None else Fraction(order.standard_price)
    mixed = standard if order.mixed_price is None else Fraction(order.mixed_price)
    credit = mixed if order.delivered_price is None else Fraction(order.delivered_price)
    exact[Var("mixed_price")] = (standard - mixed) * delivered
    exact[Var("output_price")] = (mixed - credit) * delivered
    exact[Var("lot_size")] = independent * (1 - delivered / planned)
    return credit * delivered
