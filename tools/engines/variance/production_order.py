"""Variances of a production order in the nine categories of SAP, by target cost version.

Input side in the order of attribution: scrap, input price, resource usage, input quantity, remaining. Output
side: mixed price, output price, lot size, remaining. The last of each side is found by subtraction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    lines = _compared(order, version)
    spread = _spread(order, lines) if version in (Version.TOTAL, Version.PRODUCTION) else {}
    control = target = ZERO
    for each in lines:
        held = spread.get(each.line.name, ZERO)
        control += each.actual_cost - held if held else each.actual_cost
        target += each.target_cost
        for name, amount in _attributed(each, held):
            if amount:
                exact[Var(name)] += amount
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
    has_target: bool
    target_cost: Fraction
    target_quantity: Fraction | None
    actual: Usage | None
    actual_cost: Fraction
    scrap: Fraction
    """Cost of the scrap at the target of the operations that it had been through."""

    @property
    def price(self) -> Fraction | None:
        """What a unit should cost."""
        if self.target_quantity:
            return self.target_cost / self.target_quantity
        return None if self.line.price is None else _fraction(self.line.price)


def _fraction(value: Fraction | Decimal) -> Fraction:
    # An order has hundreds of steps, and wrapping a fraction anew takes as long as adding two.
    return value if type(value) is Fraction else Fraction(value)


def _compared(order: Order, version: Version) -> list[_Compared]:
    planned = _fraction(order.planned)
    share = Fraction(1) if version is Version.PLANNING else _fraction(order.delivered) / planned
    scrapped = () if version is Version.PLANNING else order.scrapped
    through: dict[int, Fraction] = {}
    found = []
    for line in order.lines:
        plan = line.plan if line.plan is not None else line.standard
        reference = plan if version is Version.PRODUCTION else line.standard
        actual = plan if version is Version.PLANNING else line.actual
        cost, quantity, scrap = ZERO, None, ZERO
        if reference is not None:
            cost = _fraction(reference.cost)
            quantity = None if reference.quantity is None else _fraction(reference.quantity)
            # Set-up is not scaled here: what the lot size changes of it is a variance of the output side.
            if not line.lot_size_independent:
                if scrapped:
                    if line.operation not in through:
                        through[line.operation] = _scrapped_after(order, line.operation) / planned
                    scrap = through[line.operation] * cost
                cost, quantity = cost * share, None if quantity is None else quantity * share
        actual_cost = ZERO if actual is None else _fraction(actual.cost)
        found.append(_Compared(line, reference is not None, cost, quantity, actual, actual_cost, scrap))
    return found


def _scrapped_after(order: Order, operation: int) -> Fraction:
    """What was scrapped at that operation or later."""
    return sum(
        (
            _fraction(each.quantity)
            for each in order.scrapped
            if each.operation is None or operation <= each.operation
        ),
        ZERO,
    )


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


def _attributed(compared: _Compared, held: Fraction) -> Iterator[tuple[str, Fraction]]:
    """The input categories of a line; the quantity is that without scrap and work in process."""
    price = ZERO
    actual, should = compared.actual, compared.price
    has_quantity = actual is not None and actual.quantity is not None and should is not None
    if has_quantity:
        assert actual is not None
        assert actual.quantity is not None
        assert should is not None
        price = compared.actual_cost - _fraction(actual.quantity) * should
    rest = compared.actual_cost - compared.target_cost
    for part in (held, compared.scrap, price):
        if part:
            rest -= part
    if not compared.has_target or actual is None:
        name = "resource_usage"
    elif has_quantity and compared.target_quantity is not None:
        name = "input_quantity"
    else:
        name = "remaining_input"
    yield "scrap", compared.scrap
    yield "input_price", price
    yield name, rest


def _output_side(order: Order, target: Fraction, exact: dict[Var, Fraction]) -> Fraction:
    """What deliveries were credited with, and the categories of the output side but the last."""
    delivered, planned = Fraction(order.delivered), Fraction(order.planned)
    independent = sum(
        (_fraction(i.standard.cost) for i in order.lines if i.standard and i.lot_size_independent), ZERO
    )
    if order.standard_price is None:
        standard = sum((_fraction(i.standard.cost) for i in order.lines if i.standard), ZERO) / planned
    else:
        standard = _fraction(order.standard_price)
    mixed = standard if order.mixed_price is None else Fraction(order.mixed_price)
    credit = mixed if order.delivered_price is None else Fraction(order.delivered_price)
    exact[Var("mixed_price")] = (standard - mixed) * delivered
    exact[Var("output_price")] = (mixed - credit) * delivered
    exact[Var("lot_size")] = independent * (1 - delivered / planned)
    return credit * delivered
