"""The typed metric query: what can be asked of the catalogue, with no SQL and no free expressions in it.

A query is a table request. Its rows are groups (`by`), or the records of an entity (`rows_of`), or a single
row; its columns are measures and attributes. Paths name an entity's field as `material.category`; where an
entity can be reached over several links, the link stands before it: `component/material.name`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

Path = Annotated[str, Field(pattern=r"^([a-z_]+/)*[a-z_]+\.[a-z_]+$", max_length=120)]
Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$", max_length=60)]
Operator = Literal["=", "<>", "<", "<=", ">", ">="]
Grain = Literal["day", "week", "month", "quarter", "year", "weekday", "month_of_year"]
Aggregate = Literal["sum", "average", "median", "minimum", "maximum", "count_distinct", "first", "last"]
"""`first` and `last`: the value of the record with the earliest or latest default date."""
Currency = Annotated[str, Field(pattern=r"^([A-Z]{3})?$")]
RateKind = Literal["plan", "average", "closing", "constant"]
"""`constant`: the plan rates of one year, for all periods."""


CalculationKind = Literal["minus", "plus", "times", "over", "percent_of", "percent_above"]
"""`minus` of two dates gives days; `percent_above`: by how many percent the first is above the second."""

_STOREYS = 6
"""Derived measures that may rest on each other."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ValueTest(_Part):
    """A field against one or more values; several with `=` mean any of them, with `<>` none of them."""

    test: Literal["value"] = "value"
    path: Path
    op: Operator = "="
    label: str = Field(default="", max_length=120)
    """What the values are called, where there are many: the name of an account with all below it."""
    values: tuple[str | Decimal | bool, ...] = Field(min_length=1, max_length=200)


class ContainsTest(_Part):
    """A text field that contains a word or phrase, ignoring case."""

    test: Literal["contains"] = "contains"
    path: Path
    text: str = Field(min_length=1, max_length=200)


class NullTest(_Part):
    """A field that is missing, or is not."""

    test: Literal["null"] = "null"
    path: Path
    missing: bool = True


class FieldTest(_Part):
    """A field against another field of the same record or of one that it refers to."""

    test: Literal["field"] = "field"
    path: Path
    op: Operator
    other: Path


class NamedTest(_Part):
    """A condition of the catalogue, by name."""

    test: Literal["named"] = "named"
    entity: str
    condition: str
    negated: bool = False
    via: str = ""
    """Link through which the entity is reached, where there are several: `component` of a BOM line."""


class DateTest(_Part):
    """A period, both ends included; without a role it is each entity's default date."""

    test: Literal["date"] = "date"
    entity: str = ""
    role: str = ""
    start: date | None = None
    end: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> DateTest:
        if self.start and self.end and self.start > self.end:
            raise ValueError(f"the period ends ({self.end}) before it starts ({self.start})")
        return self


class RelatedTest(_Part):
    """At least so many related records of another entity, or none of them where negated."""

    test: Literal["related"] = "related"
    entity: str
    of: str = ""
    """Entity that they must be related to; empty for the rows' own."""
    where: tuple[Filter, ...] = ()
    negated: bool = False
    at_least: int = Field(default=1, ge=1)


class ValidTest(_Part):
    """Records that were valid on a day: from their start, up to their end or still open."""

    test: Literal["valid"] = "valid"
    entity: str
    on: date


class AnyTest(_Part):
    """At least one of several conditions."""

    test: Literal["any"] = "any"
    of: tuple[Filter, ...] = Field(min_length=1)


Filter: TypeAlias = Annotated[
    ValueTest
    | ContainsTest
    | NullTest
    | FieldTest
    | NamedTest
    | DateTest
    | ValidTest
    | RelatedTest
    | AnyTest,
    Field(discriminator="test"),
]


class Measure(_Part):
    """One figure: a metric, a number of records, an aggregate of a field, or a calculation on others."""

    name: Name
    """Unique in the query; what other measures, having and order refer to."""
    metric: str = ""
    count_of: str = ""
    field: Path | Literal[""] = ""
    records: str = ""
    """Entity whose records the field's values are taken over; empty for the field's own entity."""
    aggregate: Aggregate = "sum"
    derive: Literal["", "difference", "ratio", "percent", "change_percent", "share_of_total", "sum"] = ""
    of: tuple[Name, ...] = ()
    """Measures that a derived one is calculated from: numerator first, the later period first."""
    where: tuple[Filter, ...] = ()
    label: str = Field(default="", max_length=120)
    hidden: bool = False
    """True where it only serves other measures or conditions."""

    @model_validator(mode="after")
    def _one_source(self) -> Measure:
        if sum(map(bool, (self.metric, self.count_of, self.field, self.derive))) != 1:
            raise ValueError(f"measure {self.name!r} needs exactly one of metric, count_of, field, derive")
        if self.derive and len(self.of) != (1 if self.derive == "share_of_total" else 2):
            raise ValueError(
                f"measure {self.name!r}: {self.derive} is calculated from {len(self.of)} measures"
            )
        return self


class Grouping(_Part):
    """A dimension: an entity (its id and name), a field, or a date at some grain."""

    entity: str = ""
    path: Path | Literal[""] = ""
    grain: Grain | Literal[""] = ""
    role: str = ""
    """Date role of the measured entity, for a grain."""
    missing: bool = False
    """True to keep a row for records without a value; otherwise they are left out and counted in a caveat."""
    via: str = ""
    """Link or role through which the entity is reached, where there are several."""

    @model_validator(mode="after")
    def _one_form(self) -> Grouping:
        if sum(map(bool, (self.entity, self.path, self.grain))) != 1:
            raise ValueError("a grouping is an entity, a path, or a grain")
        return self


class Calculation(_Part):
    """A column calculated from two fields of a record or of ones that it refers to; a field of it then.

    `records: purchase_line, name: above_contract` is named as `purchase_line.above_contract` wherever a
    path stands, also by later calculations.
    """

    records: str
    """Entity whose records have it."""
    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$", max_length=60)]
    kind: CalculationKind
    of: tuple[Path, ...] = Field(min_length=2, max_length=2)
    """Minuend before subtrahend, numerator before denominator, the later date before the earlier one."""


class Each(_Part):
    """Of each thing only the first rows, in the query's order: the latest price of each supplier.

    The latest is asked for with an order by the date, largest first, and what breaks a tie after it.
    """

    of: tuple[str, ...] = Field(min_length=1, max_length=4)
    """What the things are: paths of the listed records, or positions of groupings (`#1`)."""
    keep: int = Field(default=1, ge=1, le=100)
    """Rows that are kept of each; equal ones are kept together."""


class Having(_Part):
    """A condition on a result row: a measure or shown field against a number or another one."""

    left: str
    op: Operator
    right: str | None = None
    value: Decimal | None = None

    @model_validator(mode="after")
    def _one_right(self) -> Having:
        if (self.right is None) == (self.value is None):
            raise ValueError("a having condition needs either a value or a right-hand side")
        return self


class Order(_Part):
    """Sort by a measure's name, a shown path, or a grouping's position (`#1`)."""

    by: str
    descending: bool = True


class MetricQuery(_Part):
    """Figures from the catalogue: measures by groups or for records, filtered, ordered and limited."""

    measures: tuple[Measure, ...] = ()
    by: tuple[Grouping, ...] = Field(default=(), max_length=4)
    rows_of: str = ""
    """Entity whose records are the rows, those without any facts included."""
    show: tuple[Path, ...] = Field(default=(), max_length=12)
    """Attributes of each record of `rows_of`."""
    calculated: tuple[Calculation, ...] = Field(default=(), max_length=8)
    """Fields that only this query has."""
    where: tuple[Filter, ...] = ()
    having: tuple[Having, ...] = ()
    order: tuple[Order, ...] = ()
    each: Each | None = None
    limit: int | None = Field(default=None, ge=1, le=10_000)
    extreme: bool = False
    """True where only the rows at the very top are asked for (ties kept)."""
    output: Literal["rows", "count", "top_share", "ties"] = "rows"
    """`count`: the number of rows and their share of all; `top_share`: what the limited rows add up to, of
    the total; `ties`: the extreme value of the first order and how many rows have it."""
    currency: Currency = ""
    """Reporting currency that all amounts are converted to; empty to leave each in its own."""
    rates: RateKind | Literal[""] = ""
    """Rates to convert at; empty for closing rates of what is there now, and average rates of all else."""
    rates_of: int | None = Field(default=None, ge=1990, le=2100)
    """Year whose plan rates are the constant ones; the latest with plan rates where it is left out."""
    intercompany: Literal["", "included", "left_out", "only"] = ""
    """Business with companies of the group; empty to leave it out of amounts over several sites."""

    @model_validator(mode="after")
    def _something(self) -> MetricQuery:
        if not self.measures and not self.rows_of:
            raise ValueError("a query needs measures or rows_of")
        if self.extreme and not self.order:
            raise ValueError("an extreme needs an order that says of what")
        if self.each is not None and not self.order:
            raise ValueError("the first rows of each thing need an order that says which are first")
        if self.each is not None and self.output != "rows":
            raise ValueError("the first rows of each thing can only be listed")
        if self.rates and not self.currency:
            raise ValueError("rates need a currency to convert to")
        if self.rates_of is not None and self.rates != "constant":
            raise ValueError("only constant rates are those of one year")
        names = [measure.name for measure in self.measures]
        if len(set(names)) != len(names):
            raise ValueError("two measures have the same name")
        for measure in self.measures:
            for name in measure.of:
                if name not in names:
                    raise ValueError(
                        f"measure {measure.name!r} is calculated from {name!r}, which is not in the query"
                    )
        _refuse_towers(self.measures)
        return self


def _refuse_towers(measures: tuple[Measure, ...]) -> None:
    """Words and SQL of a measure hold those of its parts, so each storey may double them."""
    standing = {measure.name for measure in measures if not measure.derive}
    left = [measure for measure in measures if measure.derive]
    for storey in range(len(left)):
        rests = [measure for measure in left if all(name in standing for name in measure.of)]
        if not rests and len(left) <= _STOREYS:
            # Calculated from itself; the compiler refuses that by name.
            return
        if not rests or storey == _STOREYS:
            name = (rests or left)[0].name
            raise ValueError(f"measure {name!r} is calculated from more than {_STOREYS} others in a row")
        standing |= {measure.name for measure in rests}
        left = [measure for measure in left if measure.name not in standing]


RelatedTest.model_rebuild()
AnyTest.model_rebuild()
Measure.model_rebuild()
MetricQuery.model_rebuild()
