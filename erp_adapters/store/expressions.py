"""Expressions and conditions of a mapping, as functions of one row; `fields` makes columns of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any, Protocol, TypeAlias, assert_never

from erp_adapters.store.columns import Value, Values
from erp_adapters.store.date_formats import Clock
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.number_formats import LARGEST, rounded, to_scale
from erp_adapters.store.site_rules import Meaning, SiteRules
from erp_adapters.store.terms import (
    AllOf,
    Amount,
    AnyOf,
    Coded,
    CodedType,
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
    Moment,
    Not,
    OfSite,
    Operator,
    Orphan,
    Period,
    Price,
    Quantity,
    Scaled,
    Setting,
)

Evaluate: TypeAlias = Callable[[Values], Value]
Test: TypeAlias = Callable[[Values], bool]

_MIDNIGHT = time()
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

    @property
    def site(self) -> SiteSpec: ...
    @property
    def rules(self) -> SiteRules:
        """The rules of the site; empty of those that the mapping does not need."""
        ...

    def clock(self, file: str) -> Clock:
        """The clock by which a file tells moments."""
        ...

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
        case Coded():
            code = compile_expression(expression.coded, file, around)
            return _coded(code, expression, around)
        case Quantity():
            factor = _factor(expression.unit, expression.rule, file, around)
            return _times(around.position(file, expression.quantity), factor)
        case Amount():
            factor = _factor(expression.currency, expression.rule, file, around)
            return _times(around.position(file, expression.amount), factor)
        case Price():
            factor = _factor(expression.unit, expression.rule, file, around)
            per = None if expression.per is None else around.position(file, expression.per)
            return _price(around.position(file, expression.price), factor, per)
        case Period():
            return _period(compile_expression(expression.period, file, around), expression, around)
        case Moment():
            positions = around.position(file, expression.moment), around.position(file, expression.time)
            return _moment(*positions, around.clock(file))
        case OfSite():
            fact: str = getattr(around.site, expression.site)
            return lambda row: fact
        case Setting():
            setting = around.rules.settings[expression.setting].value
            return lambda row: setting
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
        return to_scale(scaled)

    return evaluate


def _meaning(around: Surroundings, rule: str, value: Value) -> Meaning:
    """What the site's rules say of a code."""
    code = as_text(value) or ""
    meaning = around.rules.codes[rule].values.get(code)
    if meaning is None:
        site = around.site.code
        raise Unmapped(
            f"{rule} {code[:40]!r} has no rule at site {site}; add it to the site's rules and propose them: "
            f"`plantwright sites propose {site} FILE`"
        )
    return meaning


def _coded(code: Evaluate, expression: Coded, around: Surroundings) -> Evaluate:
    rule, kind = expression.rule, expression.type

    def evaluate(row: Values) -> Value:
        value = code(row)
        return None if value is None else _as_type(_meaning(around, rule, value).value, kind, rule)

    return evaluate


def _as_type(word: str, kind: CodedType, rule: str) -> Value:
    try:
        match kind:
            case "text":
                return word
            case "integer":
                return int(word)
            case "decimal":
                return rounded(Decimal(word))
            case "flag":
                return {"true": True, "false": False}[word]
            case _ as never:
                assert_never(never)
    except (ValueError, ArithmeticError, KeyError):
        raise Unmapped(f"the rule {rule!r} says {word!r}, which is no {kind}") from None


def _factor(
    code: Expression, rule: str, file: str, around: Surroundings
) -> Callable[[Values], Decimal | None]:
    """How many canonical units the row's code stands for; None for one, or where there is no code."""
    evaluate = compile_expression(code, file, around)
    known: dict[Value, Decimal | None] = {None: None}

    def factor(row: Values) -> Decimal | None:
        value = evaluate(row)
        try:
            return known[value]
        except KeyError:
            times = _meaning(around, rule, value).times
            return known.setdefault(value, None if times == 1 else times)

    return factor


def _times(position: int, factor: Callable[[Values], Decimal | None]) -> Evaluate:
    def evaluate(row: Values) -> Value:
        value, times = row[position], factor(row)
        if times is None or not isinstance(value, int | Decimal):
            return value
        return _storable(value * times)

    return evaluate


def _price(position: int, factor: Callable[[Values], Decimal | None], per: int | None) -> Evaluate:
    def evaluate(row: Values) -> Value:
        value, times = row[position], factor(row)
        count = None if per is None else row[per]
        if not isinstance(value, int | Decimal):
            return None
        if count == 0:
            raise Unmapped("a price for none of the unit cannot be turned into a price for one")
        for divisor in (times, count):
            if isinstance(divisor, int | Decimal) and divisor != 1:
                value = Decimal(value) / divisor
        return value if isinstance(value, int) else _storable(value)

    return evaluate


def _storable(number: Decimal) -> Decimal:
    if abs(number) >= LARGEST:
        raise Unmapped(f"{number:.6g} has more than 14 digits before the point")
    return rounded(number)


def _period(code: Evaluate, expression: Period, around: Surroundings) -> Evaluate:
    calendar = around.rules.calendar
    assert calendar is not None, "an import checks that the site has the rules that its mapping needs"

    def evaluate(row: Values) -> Value:
        written = as_text(code(row))
        if written is None:
            return None
        period = calendar.canonical(written)
        if period is None:
            raise Unmapped(
                f"period {written[:40]!r} is not written as the calendar of site {around.site.code} says: "
                f"{', '.join(('2026-03', *calendar.periods))}"
            )
        return period if expression.type == "text" else date(int(period[:4]), int(period[5:]), 1)

    return evaluate


def _moment(day: int, clock_time: int, clock: Clock) -> Evaluate:
    def evaluate(row: Values) -> Value:
        on, at = row[day], row[clock_time]
        if not isinstance(on, date):
            return None
        return clock.moment(on, at if isinstance(at, time) else _MIDNIGHT)

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
