"""Expressions and conditions of a mapping, compiled to plain functions of one row."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol, TypeAlias, assert_never

from erp_adapters.store.reading import LARGEST, Value, Values
from erp_adapters.store.terms import (
    AllOf,
    AnyOf,
    Compare,
    Concat,
    Condition,
    Constant,
    Duplicate,
    EnumMap,
    Exists,
    Expression,
    Lookup,
    Missing,
    Not,
    Operator,
    Orphan,
    Scaled,
)

Evaluate: TypeAlias = Callable[[Values], Value]
Test: TypeAlias = Callable[[Values], bool]

_SCALE = Decimal("0.000001")
# Both sides of a comparison have one type: the mapping was checked for that.
_OPERATORS: dict[Operator, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Unmapped(Exception):
    """A value that the mapping cannot translate; its row is set aside."""


class Surroundings(Protocol):
    """What an expression may look at besides its own row."""

    def position(self, file: str, column: str) -> int: ...
    def index(self, file: str, key: str) -> Mapping[Value, Values]:
        """Rows of a file by one column; the first of equals."""
        ...

    def loaded(self, record: str) -> Mapping[Values, object]:
        """Keys of the rows that were loaded into a record."""
        ...

    def repeated(self, file: str, columns: tuple[str, ...]) -> frozenset[Values]:
        """Combinations of values that more than one row of a file has, folded."""
        ...


def as_text(value: Value) -> str | None:
    """A value as the store writes it in a text column."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def folded(values: Values) -> Values:
    """Values by which rows count as the same: text without case and outer or double spaces."""
    return tuple(" ".join(v.casefold().split()) if isinstance(v, str) else v for v in values)


def compile_expression(expression: Expression, file: str, around: Surroundings) -> Evaluate:
    """A function that computes the expression from a row of `file`."""
    match expression:
        case str():
            return operator.itemgetter(around.position(file, expression))
        case Constant():
            constant = expression.constant
            return lambda row: constant
        case EnumMap():
            return _enum(expression, around.position(file, expression.enum))
        case Scaled():
            return _scaled(around.position(file, expression.scaled), expression.times)
        case Concat():
            parts = [compile_expression(part, file, around) for part in expression.concat]
            return _concat(parts, expression.separator)
        case Lookup():
            by = compile_expression(expression.by, file, around)
            value = compile_expression(expression.value, expression.lookup, around)
            return _lookup(by, around.index(expression.lookup, expression.key), value)
        case _ as never:
            assert_never(never)


def _enum(expression: EnumMap, position: int) -> Evaluate:
    words = expression.values

    def evaluate(row: Values) -> Value:
        code = row[position]
        if code is None:
            return None
        word = words.get(str(code))
        if word is None:
            raise Unmapped(f"{expression.enum} {str(code)[:40]!r} is none of {', '.join(words)}")
        return word

    return evaluate


def _scaled(position: int, times: Decimal) -> Evaluate:
    def evaluate(row: Values) -> Value:
        value = row[position]
        if not isinstance(value, int | Decimal):
            return None
        scaled = value * times
        if abs(scaled) >= LARGEST:
            raise Unmapped(f"{times} times {value} has more than 14 digits before the point")
        return scaled.quantize(_SCALE, ROUND_HALF_UP)

    return evaluate


def _concat(parts: list[Evaluate], separator: str) -> Evaluate:
    def evaluate(row: Values) -> Value:
        texts = [text for part in parts if (text := as_text(part(row))) is not None]
        return separator.join(texts) if texts else None

    return evaluate


def _lookup(by: Evaluate, index: Mapping[Value, Values], value: Evaluate) -> Evaluate:
    def evaluate(row: Values) -> Value:
        key = by(row)
        found = index.get(key) if key is not None else None
        return None if found is None else value(found)

    return evaluate


def compile_condition(condition: Condition, file: str, around: Surroundings) -> Test:
    """A function that says whether the condition holds for a row of `file`."""
    match condition:
        case Missing():
            positions = [around.position(file, column) for column in condition.missing]
            return lambda row: any(row[position] is None for position in positions)
        case Compare():
            left = compile_expression(condition.compare, file, around)
            right = compile_expression(condition.to, file, around)
            return _compare(left, _OPERATORS[condition.op], right)
        case Orphan():
            loaded = around.loaded(condition.orphan)
            by = [around.position(file, column) for column in condition.by]
            return lambda row: (
                all(row[position] is not None for position in by)
                and tuple(row[position] for position in by) not in loaded
            )
        case Exists():
            index = around.index(condition.exists, condition.key)
            key = around.position(file, condition.by)
            return lambda row: row[key] in index
        case Duplicate():
            repeated = around.repeated(file, tuple(condition.duplicate))
            columns = [around.position(file, column) for column in condition.duplicate]
            return lambda row: folded(tuple(row[position] for position in columns)) in repeated
        case AllOf():
            tests = [compile_condition(part, file, around) for part in condition.all]
            return lambda row: all(test(row) for test in tests)
        case AnyOf():
            tests = [compile_condition(part, file, around) for part in condition.any]
            return lambda row: any(test(row) for test in tests)
        case Not():
            negated = compile_condition(condition.negate, file, around)
            return lambda row: not negated(row)
        case _ as never:
            assert_never(never)


def _compare(left: Evaluate, holds: Callable[[Any, Any], bool], right: Evaluate) -> Test:
    def test(row: Values) -> bool:
        one, other = left(row), right(row)
        return one is not None and other is not None and holds(one, other)

    return test
