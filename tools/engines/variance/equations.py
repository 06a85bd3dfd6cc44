"""Equations as they stand in a textbook, solved for whatever of them a case leaves open.

A family of variances is a text of equations, so that any figures that fix the answer will do: a price or a
cost, hours or units with hours each, even a variance and all but one of its parts. `x[i]` holds for each item
of the case, `sum(...)` adds over the items. An equation is used where one of its names is unknown and stands
in it linearly; numbers are fractions, so nothing is rounded on the way.
"""

from __future__ import annotations

import ast
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeAlias, assert_never

NOTHING = Fraction(0)
ROUNDED = Fraction(1, 200)
"""How far apart two ways to the same figure may be, of what they are made of, where inputs were rounded."""


class Var(NamedTuple):
    """A name of an equation, of one item or of the whole case."""

    name: str
    item: str | None = None

    def __str__(self) -> str:
        return self.name if self.item is None else f"{self.name}[{self.item}]"


@dataclass(frozen=True, slots=True)
class Number:
    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    indexed: bool


@dataclass(frozen=True, slots=True)
class Sum:
    over: Expression


@dataclass(frozen=True, slots=True)
class Operation:
    sign: str
    left: Expression
    right: Expression


Expression: TypeAlias = "Number | Name | Sum | Operation"


@dataclass(frozen=True, slots=True)
class Equation:
    """`left = right`, with the words it was written in."""

    text: str
    left: Expression
    right: Expression

    @property
    def indexed(self) -> bool:
        """True where it holds for each item."""
        return any(name.indexed and not summed for name, summed in _names(self))


class Contradiction(Exception):
    """Figures of a case that cannot all be right."""


def equations(text: str) -> tuple[Equation, ...]:
    """The equations of a text, one a line."""
    return tuple(_equation(line.strip()) for line in text.strip().splitlines() if line.strip())


def names(of: Iterable[Equation]) -> dict[str, bool]:
    """Every name of the equations, and whether it stands for items."""
    return {name.name: name.indexed for equation in of for name, _ in _names(equation)}


@dataclass(slots=True)
class Solution:
    """What is known, given or found, and where figures that say the same were not quite the same."""

    known: dict[Var, Fraction]
    loose: list[str] = field(default_factory=list)


def solve(of: Sequence[Equation], items: Sequence[str], given: Mapping[Var, Fraction]) -> Solution:
    """Everything that follows from what is given.

    Raises:
        Contradiction: two ways to the same figure differ by more than roundings explain.
    """
    return _Solver(of, items, given).run()


@dataclass(slots=True)
class _Instance:
    equation: Equation
    item: str | None
    unknown: set[Var]
    done: bool = False


class _Solver:
    def __init__(self, of: Sequence[Equation], items: Sequence[str], given: Mapping[Var, Fraction]) -> None:
        self._items = items
        self._solution = Solution(dict(given))
        self._instances = [
            _Instance(equation, item, set())
            for equation in of
            for item in (items if equation.indexed else (None,))
        ]
        self._users: dict[Var, list[int]] = defaultdict(list)
        for number, instance in enumerate(self._instances):
            variables = set(self._variables(instance.equation, instance.item))
            instance.unknown = {each for each in variables if each not in given}
            for each in instance.unknown:
                self._users[each].append(number)

    def run(self) -> Solution:
        waiting = deque(n for n, instance in enumerate(self._instances) if len(instance.unknown) <= 1)
        while waiting:
            instance = self._instances[waiting.popleft()]
            if instance.done or len(instance.unknown) > 1:
                continue
            instance.done = True
            found = self._resolve(instance)
            if found is None:
                continue
            variable, value = found
            self._solution.known[variable] = value
            for user in self._users[variable]:
                other = self._instances[user]
                other.unknown.discard(variable)
                if len(other.unknown) <= 1 and not other.done:
                    waiting.append(user)
        return self._solution

    def _resolve(self, instance: _Instance) -> tuple[Var, Fraction] | None:
        unknown = next(iter(instance.unknown), None)
        left = self._linear(instance.equation.left, instance.item, unknown)
        right = self._linear(instance.equation.right, instance.item, unknown)
        if left is None or right is None:
            instance.done = unknown is None
            return None
        constant, factor = left[0] - right[0], left[1] - right[1]
        if unknown is not None and factor:
            return unknown, -constant / factor
        if constant and unknown is None:
            self._mismatch(instance, left[0], right[0])
        elif constant:
            said = instance.equation.text
            raise Contradiction(f"{said} cannot hold: {_shown(left[0])} is not {_shown(right[0])}")
        return None

    def _mismatch(self, instance: _Instance, left: Fraction, right: Fraction) -> None:
        said = instance.equation.text + (f" for {instance.item!r}" if instance.item else "")
        sizes = (
            self._size(instance.equation.left, instance.item),
            self._size(instance.equation.right, instance.item),
        )
        if abs(left - right) > ROUNDED * max(sizes):
            raise Contradiction(f"{said} does not hold: {_shown(left)} is not {_shown(right)}")
        self._solution.loose.append(f"{said} holds only nearly: {_shown(left)} and {_shown(right)}")

    def _linear(
        self, expression: Expression, item: str | None, unknown: Var | None
    ) -> tuple[Fraction, Fraction] | None:
        """Constant and factor of the unknown; None where it does not stand in it linearly."""
        match expression:
            case Number(value):
                return value, NOTHING
            case Name(name, indexed):
                variable = Var(name, item if indexed else None)
                return (
                    (NOTHING, Fraction(1))
                    if variable == unknown
                    else (self._solution.known[variable], NOTHING)
                )
            case Sum(over):
                constant = factor = NOTHING
                for each in self._items:
                    part = self._linear(over, each, unknown)
                    if part is None:
                        return None
                    constant, factor = constant + part[0], factor + part[1]
                return constant, factor
            case Operation(sign, left, right):
                one, two = self._linear(left, item, unknown), self._linear(right, item, unknown)
                return None if one is None or two is None else _combined(sign, one, two)
        assert_never(expression)

    def _size(self, expression: Expression, item: str | None) -> Fraction:
        """What the terms come to without their signs."""
        match expression:
            case Number(value):
                return value
            case Name(name, indexed):
                return abs(self._solution.known[Var(name, item if indexed else None)])
            case Sum(over):
                return sum((self._size(over, each) for each in self._items), NOTHING)
            case Operation(sign, left, right):
                one, two = self._size(left, item), self._size(right, item)
                return one * two if sign == "*" else one + two
        assert_never(expression)

    def _variables(self, equation: Equation, item: str | None) -> Iterator[Var]:
        for name, summed in _names(equation):
            if not name.indexed:
                yield Var(name.name)
            elif summed:
                yield from (Var(name.name, each) for each in self._items)
            else:
                yield Var(name.name, item)


def _combined(
    sign: str, one: tuple[Fraction, Fraction], two: tuple[Fraction, Fraction]
) -> tuple[Fraction, Fraction] | None:
    match sign:
        case "+":
            return one[0] + two[0], one[1] + two[1]
        case "-":
            return one[0] - two[0], one[1] - two[1]
        case _:
            if one[1] and two[1]:
                return None
            return one[0] * two[0], one[0] * two[1] + one[1] * two[0]


def _names(equation: Equation) -> Iterator[tuple[Name, bool]]:
    yield from _names_in(equation.left, False)
    yield from _names_in(equation.right, False)


def _names_in(expression: Expression, summed: bool) -> Iterator[tuple[Name, bool]]:
    match expression:
        case Name():
            yield expression, summed
        case Sum(over):
            yield from _names_in(over, True)
        case Operation(_, left, right):
            yield from _names_in(left, summed)
            yield from _names_in(right, summed)


_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}


def _equation(text: str) -> Equation:
    left, right = text.split("=")
    return Equation(text, _parsed(left), _parsed(right))


def _parsed(text: str) -> Expression:
    return _expression(ast.parse(text.strip(), mode="eval").body)


def _expression(node: ast.expr) -> Expression:
    match node:
        case ast.Constant(value=int(value)):
            return Number(Fraction(value))
        case ast.Name(id=name):
            return Name(name, indexed=False)
        case ast.Subscript(value=ast.Name(id=name)):
            return Name(name, indexed=True)
        case ast.Call(args=[over]):
            return Sum(_expression(over))
        case ast.BinOp(left=left, op=operator, right=right):
            return Operation(_SIGNS[type(operator)], _expression(left), _expression(right))
    raise AssertionError(f"{ast.unparse(node)!r} is no part of an equation")


def _shown(value: Fraction) -> str:
    return f"{Decimal(value.numerator) / Decimal(value.denominator):.6g}"
