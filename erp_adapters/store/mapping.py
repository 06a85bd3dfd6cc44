"""What a source's files mean: a declarative mapping from tables or files to canonical records.

A mapping is YAML. It names the source and the site, describes each file and the type of each column, and says for
each canonical record which file feeds it, what its key is, how each field is computed, and which quality rules its
rows must pass. What is left out is listed with the reason. Unknown keys are refused, and so are columns that a file
does not declare, so that a typing error is found before any row is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias, assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

from erp_adapters.errors import ConfigurationError

ColumnType: TypeAlias = Literal["text", "integer", "decimal", "date", "timestamp", "time", "flag"]
Severity: TypeAlias = Literal["pass", "flag", "quarantine"]
Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# ── expressions: how one field is computed from one row ─────────────────────────────────────────────────────────


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

# ── conditions: when a quality rule applies to a row ────────────────────────────────────────────────────────────


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
        custom_error_message="a condition is exactly one of missing, compare, orphan, exists, duplicate, all, any, not",
    ),
]

# ── the mapping itself ──────────────────────────────────────────────────────────────────────────────────────────


class Column(Strict):
    """Type of one source column; written `integer` or `integer required` in YAML."""

    type: ColumnType
    required: bool = False

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        words = value.split()
        return {"type": words[0] if words else "", "required": words[1:] == ["required"]} | (
            {"unknown": " ".join(words[1:])} if words[1:] not in ([], ["required"]) else {}
        )


class FileSpec(Strict):
    """One delimited text file with a header line."""

    file: str
    """Name inside the source directory."""
    table: str
    """The source's own name of it, which starts every source key."""
    columns: dict[str, Column]
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8-sig"
    may_be_empty: bool = False


class Rule(Strict):
    """A quality rule: what happens to rows for which `when` is true, and why, in words."""

    rule: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    severity: Severity
    when: Condition
    reason: str


class RecordSpec(Strict):
    """How one canonical record is filled from one file."""

    record: str
    file: str
    key: list[str] = Field(min_length=1)
    """Columns that identify a row in the source."""
    fields: dict[str, Expression]
    company: Expression | None = None
    currency: Expression | None = None
    units: dict[str, str] = {}
    """Units of fields whose canonical record has no unit column of its own."""
    quality: list[Rule] = []
    max_quarantined_share: Decimal | None = Field(default=None, ge=0, le=1)

    def expressions(self) -> dict[str, Expression]:
        """Every field with its expression, company and currency included."""
        found = dict(self.fields)
        if self.company is not None:
            found["company"] = self.company
        if self.currency is not None:
            found["currency"] = self.currency
        return found


class LeftOut(Strict):
    """A table or column of the source that is not loaded, and why."""

    table: str
    columns: list[str] = []
    because: str


class ColumnOf(Strict):
    file: str
    column: str


class AsOf(Strict):
    """Business now of the data: the latest date in any of these columns."""

    latest: list[ColumnOf] = Field(min_length=1)
    at: time = time(12)
    because: str


class SiteSpec(Strict):
    """The site that this source describes."""

    code: str
    name: str
    country: str
    time_zone: str
    currency: str
    unit_system: Literal["metric", "imperial"] = "metric"

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{value!r} is not a time zone of the IANA database") from None
        return value


class SourceMapping(Strict):
    """A whole source: its site, its files, its records, and what is left out."""

    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int
    site: SiteSpec
    as_of: AsOf
    files: dict[str, FileSpec]
    records: list[RecordSpec]
    left_out: list[LeftOut] = []
    max_quarantined_share: Decimal = Field(default=Decimal("0.01"), ge=0, le=1)

    @model_validator(mode="after")
    def _names_resolve(self) -> Self:
        problems = list(_unresolved(self))
        if problems:
            raise ValueError("; ".join(problems))
        return self


def _unresolved(mapping: SourceMapping) -> Iterator[str]:
    seen: set[str] = set()
    for ref in mapping.as_of.latest:
        yield from _columns_missing(mapping, ref.file, [ref.column], "as_of")
    for record in mapping.records:
        where = f"record {record.record!r}"
        yield from _columns_missing(mapping, record.file, record.key, where)
        for name, expression in record.expressions().items():
            yield from _expression_problems(mapping, record.file, expression, f"{where}, field {name!r}")
        for rule in record.quality:
            yield from _condition_problems(
                mapping, record.file, rule.when, f"{where}, rule {rule.rule!r}", seen
            )
        if record.record in seen:
            yield f"{where} is filled twice"
        seen.add(record.record)


def _columns_missing(mapping: SourceMapping, file: str, columns: list[str], where: str) -> Iterator[str]:
    spec = mapping.files.get(file)
    if spec is None:
        yield f"{where}: no file {file!r}; there are {', '.join(sorted(mapping.files))}"
        return
    for column in columns:
        if column not in spec.columns:
            yield f"{where}: file {file!r} declares no column {column!r}; it has {', '.join(spec.columns)}"


def _expression_problems(
    mapping: SourceMapping, file: str, expression: Expression, where: str
) -> Iterator[str]:
    match expression:
        case str():
            yield from _columns_missing(mapping, file, [expression], where)
        case Constant():
            pass
        case EnumMap():
            yield from _columns_missing(mapping, file, [expression.enum], where)
        case Scaled():
            yield from _columns_missing(mapping, file, [expression.scaled], where)
        case Concat():
            for part in expression.concat:
                yield from _expression_problems(mapping, file, part, where)
        case Lookup():
            yield from _expression_problems(mapping, file, expression.by, where)
            missing = list(_columns_missing(mapping, expression.lookup, [expression.key], where))
            yield from missing
            if not missing:
                yield from _expression_problems(mapping, expression.lookup, expression.value, where)
        case _ as never:
            assert_never(never)


def _condition_problems(
    mapping: SourceMapping, file: str, condition: Condition, where: str, loaded: set[str]
) -> Iterator[str]:
    match condition:
        case Missing():
            yield from _columns_missing(mapping, file, condition.missing, where)
        case Duplicate():
            yield from _columns_missing(mapping, file, condition.duplicate, where)
        case Compare():
            yield from _expression_problems(mapping, file, condition.compare, where)
            yield from _expression_problems(mapping, file, condition.to, where)
        case Orphan():
            yield from _columns_missing(mapping, file, condition.by, where)
            if condition.orphan not in loaded:
                yield f"{where}: record {condition.orphan!r} must be filled before it can be referred to"
        case Exists():
            yield from _columns_missing(mapping, file, [condition.by], where)
            yield from _columns_missing(mapping, condition.exists, [condition.key], where)
        case AllOf():
            for part in condition.all:
                yield from _condition_problems(mapping, file, part, where, loaded)
        case AnyOf():
            for part in condition.any:
                yield from _condition_problems(mapping, file, part, where, loaded)
        case Not():
            yield from _condition_problems(mapping, file, condition.negate, where, loaded)
        case _ as never:
            assert_never(never)


def read_mapping(path: Path) -> SourceMapping:
    """The mapping in a YAML file.

    Raises:
        ConfigurationError: the file is not there, is not YAML, or says something that cannot be; names each place.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"Source mapping {str(path)!r} cannot be read: {exc}") from exc
    return parse_mapping(text, path.name)


def parse_mapping(text: str, name: str) -> SourceMapping:
    """The mapping in a YAML text; `name` stands in messages."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as exc:
        raise ConfigurationError(f"Source mapping {name!r} is not YAML: {exc}") from exc
    try:
        return SourceMapping.model_validate(document)
    except ValidationError as exc:
        places = "\n".join(
            f"  {'.'.join(str(part) for part in error['loc']) or 'mapping'}: {error['msg']}"
            for error in exc.errors()
        )
        raise ConfigurationError(f"Source mapping {name!r} is wrong:\n{places}") from exc
