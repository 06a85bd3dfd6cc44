"""Fields of a record computed for a thousand rows at a time.

An expression of one column is computed once for each value that the column has; the others row by row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeAlias, cast

from erp_adapters.store.columns import AMBIGUOUS_TIME, Doubtful, Value, Values
from erp_adapters.store.date_formats import Ambiguous
from erp_adapters.store.expressions import Evaluate, Surroundings, Unmapped, compile_expression
from erp_adapters.store.mapping import FileSpec
from erp_adapters.store.terms import (
    Amount,
    Coded,
    Concat,
    Constant,
    EnumMap,
    Expression,
    Lookup,
    Moment,
    OfSite,
    Period,
    Price,
    Quantity,
    Scaled,
    Setting,
)

Outcome: TypeAlias = Value | Unmapped | Doubtful
_REMEMBERED = 50_000


class Rows(Protocol):
    """Rows of a file, by column and by row."""

    columns: list[list[Value]]

    @property
    def rows(self) -> list[Values]: ...


class Field(Protocol):
    """One field of a record."""

    may_differ: bool
    """True once an outcome was `Unmapped` or `Doubtful`, so that it must be looked for."""

    def outcomes(self, rows: Rows) -> list[Outcome]:
        """The field's value in each row."""
        ...


def compile_field(expression: Expression, file: str, spec: FileSpec, around: Surroundings) -> Field:
    """The field that an expression fills."""
    if isinstance(expression, str):
        return Plain(around.position(file, expression))
    evaluate = compile_expression(expression, file, around)
    columns = set(columns_of(expression))
    if isinstance(expression, Constant | OfSite | Setting):
        return _Same(evaluate(()))
    if isinstance(expression, Concat) and all(isinstance(part, str | Constant) for part in expression.concat):
        parts = [compile_field(part, file, spec, around) for part in expression.concat]
        return _Together(parts, expression.separator, evaluate)
    # Equal decimals may be written with more or fewer places, and a text keeps them.
    if len(columns) == 1 and spec.columns[column := columns.pop()].type != "decimal":
        return _Remembered(around.position(file, column), len(spec.columns), evaluate)
    return _ByRow(evaluate)


def columns_of(expression: Expression) -> Iterator[str]:
    """Columns of its own file that an expression reads."""
    match expression:
        case str():
            yield expression
        case EnumMap():
            yield expression.enum
        case Scaled():
            yield expression.scaled
        case Lookup():
            yield from columns_of(expression.by)
        case Concat():
            for part in expression.concat:
                yield from columns_of(part)
        case Coded():
            yield from columns_of(expression.coded)
        case Period():
            yield from columns_of(expression.period)
        case Quantity():
            yield expression.quantity
            yield from columns_of(expression.unit)
        case Amount():
            yield expression.amount
            yield from columns_of(expression.currency)
        case Price():
            yield expression.price
            yield from columns_of(expression.unit)
            if expression.per is not None:
                yield expression.per
        case Moment():
            yield from (expression.moment, expression.time)
        case Constant() | OfSite() | Setting():
            pass


class Plain:
    """A column of the file as it stands."""

    may_differ = False

    def __init__(self, position: int) -> None:
        self.position = position

    def outcomes(self, rows: Rows) -> list[Outcome]:
        """The column, for whoever changes it to keep."""
        return [*rows.columns[self.position]]


class _Same:
    may_differ = False

    def __init__(self, value: Value) -> None:
        self._value = value

    def outcomes(self, rows: Rows) -> list[Outcome]:
        return [self._value] * len(rows.columns[0])


class _Together:
    may_differ = False

    def __init__(self, parts: list[Field], separator: str, evaluate: Evaluate) -> None:
        self._parts, self._separator, self._evaluate = parts, separator, evaluate

    def outcomes(self, rows: Rows) -> list[Outcome]:
        columns = [part.outcomes(rows) for part in self._parts]
        if all(set(map(type, column)) == {str} for column in columns):
            return list(map(self._separator.join, cast("Iterator[list[str]]", zip(*columns, strict=True))))
        return list(map(self._evaluate, rows.rows))


class _Remembered(dict[Value, Outcome]):
    def __init__(self, position: int, width: int, evaluate: Evaluate) -> None:
        super().__init__()
        self.may_differ = False
        self._position, self._evaluate = position, evaluate
        self._before: Values = (None,) * position
        self._behind: Values = (None,) * (width - position - 1)

    def __missing__(self, value: Value) -> Outcome:
        outcome = self[value] = _outcome(self._evaluate, (*self._before, value, *self._behind))
        if isinstance(outcome, Unmapped | Doubtful):
            self.may_differ = True
        return outcome

    def outcomes(self, rows: Rows) -> list[Outcome]:
        if len(self) > _REMEMBERED:
            self.clear()
        return list(map(self.__getitem__, rows.columns[self._position]))


class _ByRow:
    def __init__(self, evaluate: Evaluate) -> None:
        self.may_differ = False
        self._evaluate = evaluate

    def outcomes(self, rows: Rows) -> list[Outcome]:
        try:
            return list(map(self._evaluate, rows.rows))
        except (Unmapped, Ambiguous):
            self.may_differ = True
            return [_outcome(self._evaluate, row) for row in rows.rows]


def _outcome(evaluate: Evaluate, row: Values) -> Outcome:
    try:
        return evaluate(row)
    except Unmapped as exc:
        return exc
    except Ambiguous as exc:
        return Doubtful(exc.moment, AMBIGUOUS_TIME)
