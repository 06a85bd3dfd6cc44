"""What a source's files mean: a declarative mapping from tables or files to canonical records.

A mapping is YAML. It names the source, and the site where there is but one, describes each file and the
type of each column, and says for each canonical record which file feeds it, what its key is, how each field
is computed, and which quality rules its rows must pass. What is left out is listed with the reason.
`consistency` reads a mapping and holds it against itself, `fitting` holds it against the store.
"""

from __future__ import annotations

import codecs
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator, model_validator

from erp_adapters.store.date_formats import DateOrder
from erp_adapters.store.number_formats import DecimalSign
from erp_adapters.store.terms import ColumnType, Condition, Expression, Strict

Severity: TypeAlias = Literal["pass", "flag", "quarantine"]


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{value!r} is not a time zone of the IANA database") from None
    return value


def _known_encoding(value: str) -> str:
    try:
        codecs.lookup(value)
    except LookupError:
        raise ValueError(f"{value!r} is not an encoding; use utf-8-sig, cp1252, ...") from None
    return value


def _known_clock(value: str) -> str:
    return value if value in ("site", "utc") else _known_zone(value)


class Column(Strict):
    """Type of one source column; written `integer` or `integer required` in YAML."""

    type: ColumnType
    required: bool = False

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        kind, _, rest = value.partition(" ")
        if rest not in ("", "required"):
            raise ValueError(f"{value!r} is not a type, or a type and 'required'")
        return {"type": kind, "required": rest == "required"}


class FileSpec(Strict):
    """One delimited text file with a header line."""

    file: str = Field(pattern=r"^[^/\\]+$")
    """Name inside the source directory."""
    table: str
    """The source's own name of it, which starts every source key."""
    columns: dict[str, Column] = Field(min_length=1)
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8-sig"
    decimals: DecimalSign = "point"
    dates: DateOrder = "iso"
    zone: Annotated[str, AfterValidator(_known_clock)] = "site"
    """Whose clock columns of type `moment` are told by: `site`, `utc`, or a zone."""
    flags: tuple[str, str] = ("1", "0")
    """Yes and no; an empty no makes an empty cell a no."""
    settled: list[str] = Field(default=[])
    """Columns whose numbers are known to be written as `decimals` says, although they could be otherwise."""
    may_be_empty: bool = False

    @model_validator(mode="after")
    def _settled_numbers(self) -> FileSpec:
        unknown = [name for name in self.settled if name not in self.columns]
        if unknown:
            raise ValueError(f"settled: {unknown[0]!r} is not a column of it")
        return self

    @field_validator("flags", mode="before")
    @classmethod
    def _two_words(cls, value: object) -> object:
        if isinstance(value, list | tuple) and any(isinstance(word, bool) for word in value):
            raise ValueError("put words that YAML reads as true or false, such as yes and no, in quotes")
        words = tuple(str(word) for word in value) if isinstance(value, list | tuple) else value
        if isinstance(words, tuple) and len(words) == 2 and (words[0] == words[1] or not words[0]):
            raise ValueError("yes and no must differ, and yes cannot be empty")
        return words


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
    only: Condition | None = None
    """Which rows of the file are for this record, where it also holds others."""
    fields: dict[str, Expression]
    company: Expression | None = None
    currency: Expression | None = None
    units: dict[str, str] = Field(default={})
    """Units of fields whose canonical record has no unit column of its own."""
    quality: list[Rule] = Field(default=[])
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
    """A table of the source, or some of its columns, not loaded, and why; `*` stands for every table."""

    table: str
    columns: list[str] = Field(default=[])
    because: str


class Absent(Strict):
    """Something that people will ask for and the source does not hold; it stays unknown."""

    what: str
    because: str


class ColumnOf(Strict):
    """A column of a file."""

    file: str
    column: str


class AsOf(Strict):
    """Business now of the data: the latest date in any of these columns, at this time of day on the site."""

    latest: list[ColumnOf] = Field(min_length=1)
    at: time = time(12)
    because: str


class DateRange(Strict):
    """Dates outside are typing errors; their rows are set aside."""

    first: date
    last: date


class SiteSpec(Strict):
    """The site that this source describes."""

    code: str = Field(pattern=r"^[^,\s]{1,64}$")
    name: str
    country: str
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    currency: str
    unit_system: Literal["metric", "imperial"] = "metric"


class SourceMapping(Strict):
    """A whole source: its site, its files, its records, and what is left out."""

    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int
    site: SiteSpec | None = None
    """The site, where the source is of one; otherwise each import says whose files it reads."""
    as_of: AsOf
    plausible_dates: DateRange
    files: dict[str, FileSpec]
    records: list[RecordSpec]
    left_out: list[LeftOut] = Field(default=[])
    absent: list[Absent] = Field(default=[])
    max_quarantined_share: Decimal = Field(default=Decimal("0.01"), ge=0, le=1)
