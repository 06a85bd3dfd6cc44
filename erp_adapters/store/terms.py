"""The language of a mapping: expressions that compute a field from a row, conditions that judge a row.

Both are small on purpose. An expression is a column, a constant, a code translated to a word, a value of
another file found by key, texts put together, or a number times a factor; a condition compares such values or
asks whether other rows are there. Everything else is left to the tools that read the canonical records.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

ColumnType: TypeAlias = Literal["text", "integer", "decimal", "date", "timestamp", "time", "flag"]
Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]


class Strict(BaseModel):
    """A part of a mapping: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Constant(Strict):
    """The same value for every row."""

    constant: bool | int | Decimal | str


class EnumMap(Strict):
    """A code translated to a word; a code without a word quarantines its row."""

    enum: str
    values: dict[str, str]


class Lookup(Strict):
    """A value of the row of another file whose `key` equals `by` of this row; empty where `by` is empty."""

    lookup: str
    by: Expression
    key: str
    value: Expression


class Concat(Strict):
    """Several values as one text; empty where all of them are."""

    concat: list[Expression]
    separator: str = ""


class Scaled(Strict):
    """A number times a fixed factor, for a source that keeps another unit."""

    scaled: str
    times: Decimal


_EXPRESSIONS = {"constant", "enum", "lookup", "concat", "scaled"}


def _expression_tag(value: object) -> str | None:
    if isinstance(value, str):
        return "column"
    keys = set(value) if isinstance(value, dict) else {n for n in _EXPRESSIONS if hasattr(value, n)}
    found = keys & _EXPRESSIONS
    return found.pop() if len(found) == 1 else None


Expression: TypeAlias = Annotated[
    Annotated[str, Tag("column")]
    | Annotated[Constant, Tag("constant")]
    | Annotated[EnumMap, Tag("enum")]
    | Annotated[Lookup, Tag("lookup")]
    | Annotated[Concat, Tag("concat")]
    | Annotated[Scaled, Tag("scaled")],
    Discriminator(
        _expression_tag,
        custom_error_type="expression",
        custom_error_message="an expression is a column name or exactly one of "
        "constant, enum, lookup, concat, scaled",
    ),
]


class Missing(Strict):
    """True where any of these columns is empty."""

    missing: list[str]


class Compare(Strict):
    """True where both sides have a value and the comparison holds."""

    compare: Expression
    op: Operator
    to: Expression


class Orphan(Strict):
    """True where `by` has a value and no row of that canonical record with this key was loaded."""

    orphan: str
    by: list[str]


class Exists(Strict):
    """True where another file has a row whose `key` equals `by`."""

    exists: str
    key: str
    by: str


class Duplicate(Strict):
    """True where another row of the same file has the same values, ignoring case."""

    duplicate: list[str]


class AllOf(Strict):
    all: list[Condition]


class AnyOf(Strict):
    any: list[Condition]


class Not(Strict):
    negate: Condition = Field(alias="not")


_CONDITIONS = {"missing", "compare", "orphan", "exists", "duplicate", "all", "any", "not"}


def _condition_tag(value: object) -> str | None:
    keys = set(value) if isinstance(value, dict) else {type(value).__name__.lower().removesuffix("of")}
    found = keys & _CONDITIONS
    return found.pop() if len(found) == 1 else None


Condition: TypeAlias = Annotated[
    Annotated[Missing, Tag("missing")]
    | Annotated[Compare, Tag("compare")]
    | Annotated[Orphan, Tag("orphan")]
    | Annotated[Exists, Tag("exists")]
    | Annotated[Duplicate, Tag("duplicate")]
    | Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")],
    Discriminator(
        _condition_tag,
        custom_error_type="condition",
        custom_error_message="a condition is exactly one of "
        "missing, compare, orphan, exists, duplicate, all, any, not",
    ),
]
