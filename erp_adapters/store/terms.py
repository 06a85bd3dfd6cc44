"""The language of a mapping: expressions that compute a field from a row, conditions that judge a row.

Both are small on purpose. An expression is a column, a constant, a code translated to a word, a value of
another file found by key, texts put together, a number times a factor, or one of these by the rules of the
site; a condition compares such values or asks whether other rows are there. Everything else is left to the
tools that read the canonical records.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

ColumnType: TypeAlias = Literal[
    "text", "zero_padded", "integer", "decimal", "date", "timestamp", "time", "flag", "moment", "series"
]
CodedType: TypeAlias = Literal["text", "integer", "decimal", "flag"]
SiteFact: TypeAlias = Literal["code", "name", "country", "time_zone", "currency", "unit_system"]
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


class Coded(Strict):
    """A code translated by the site's rules of that name; one without a rule sets its row aside."""

    coded: Expression
    rule: str
    type: CodedType = "text"


class Quantity(Strict):
    """A quantity times what its unit code stands for at the site."""

    quantity: str
    unit: Expression
    rule: str


class Amount(Strict):
    """An amount of money times what its currency code stands for at the site."""

    amount: str
    currency: Expression
    rule: str


class Price(Strict):
    """The price of one canonical unit, from a price for `per` of what the unit code stands for."""

    price: str
    unit: Expression
    rule: str
    per: str | None = None


class Period(Strict):
    """A fiscal period as `2026-03`, from the code by which the site writes it; or its month's first day."""

    period: Expression
    type: Literal["text", "date"] = "text"


class Moment(Strict):
    """An absolute time from a day and a time of day by the file's clock; no time is midnight."""

    moment: str
    time: str


class OfSite(Strict):
    """What is known of the site, the same for every row."""

    site: SiteFact


class Setting(Strict):
    """A constant of the site's rules."""

    setting: str


_EXPRESSIONS = (
    *("constant", "enum", "lookup", "concat", "scaled", "coded", "quantity", "amount", "price", "period"),
    *("moment", "site", "setting"),
)


def _expression_tag(value: object) -> str | None:
    if isinstance(value, str):
        return "column"
    if isinstance(value, dict):
        found = set(value).intersection(_EXPRESSIONS)
        return found.pop() if len(found) == 1 else None
    return next((name for name in _EXPRESSIONS if hasattr(value, name)), None)


Expression: TypeAlias = Annotated[
    Annotated[str, Tag("column")]
    | Annotated[Constant, Tag("constant")]
    | Annotated[EnumMap, Tag("enum")]
    | Annotated[Lookup, Tag("lookup")]
    | Annotated[Concat, Tag("concat")]
    | Annotated[Scaled, Tag("scaled")]
    | Annotated[Coded, Tag("coded")]
    | Annotated[Quantity, Tag("quantity")]
    | Annotated[Amount, Tag("amount")]
    | Annotated[Price, Tag("price")]
    | Annotated[Period, Tag("period")]
    | Annotated[Moment, Tag("moment")]
    | Annotated[OfSite, Tag("site")]
    | Annotated[Setting, Tag("setting")],
    Discriminator(
        _expression_tag,
        custom_error_type="expression",
        custom_error_message=f"an expression is a column name or exactly one of {', '.join(_EXPRESSIONS)}",
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
