"""The form of one system's files: its tables and columns, and which canonical field stands in which.

A dialect is YAML; every scalar of it is text. A column is `technical`, the name of the field that it shows,
or a mapping that says more. It names rules of a site where a code stands, never the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import Field, model_validator

from erp_adapters.demo.dialects.fields import FieldType, type_of
from erp_adapters.demo.dialects.yaml_texts import yaml_texts
from erp_adapters.store.terms import Strict

DIALECTS = ("norda", "plexor", "lotto", "takt", "linea")
"""Three ERPs and two MES, all invented."""
FOLDER = Path(__file__).parent

Convention: TypeAlias = Literal["iso", "dmy", "mdy", "ymd"]


class Technical(Strict):
    """A column that a real extract has and nobody reads."""

    fill: str
    because: str
    """Why the mapping leaves it out."""


class Cell(Strict):
    """What stands in one column."""

    of: str | list[str] | dict[str, str] | None = None
    """The field; several that are always equal; or one for each record of the table."""
    zeros: int | None = None
    """Width up to which a number has leading zeros."""
    rule: str | None = None
    """The site's rule that knows the code."""
    places: int = 0
    """Decimals that are always written."""
    implied: int | None = None
    """Decimals that are not written: 12.34 is 1234."""
    part: Literal["date", "time"] | None = None
    """Half of a moment; another column has the other."""
    period: bool = False
    """Written as the site writes fiscal periods."""
    quantity: str | None = None
    """Column with the unit of this quantity."""
    price: str | None = None
    """Column with the unit of this price."""
    per: str | None = None
    """Column with the number of units that the price is for."""
    or_empty: bool = False
    """An empty text is not the same as none here."""
    where: dict[str, list[str]] = Field(default={})
    """Only in rows with one of these values."""
    unless: dict[str, list[str]] = Field(default={})
    """Not in rows with one of these values."""
    constant: str | None = None
    mark: dict[str, str] = Field(default={})
    """What tells the rows of one record from those of another in the same table."""
    plant: Literal["company"] | None = None
    number: int | None = None
    """A running number with leading zeros."""
    technical: Technical | None = None

    def fields(self, record: str, is_only: bool) -> tuple[str, ...]:
        """Fields of the record that the column shows."""
        match self.of:
            case None:
                return ()
            case str():
                return (self.of,) if is_only else ()
            case list():
                return tuple(self.of) if is_only else ()
            case dict():
                return (self.of[record],) if record in self.of else ()


class Table(Strict):
    """One table of the system, and so one file."""

    holds: list[str] = Field(default=[])
    """Records whose rows are its rows."""
    beside: dict[str, str] = Field(default={})
    """Records of another table, of which this one has further columns, and the column that both have."""
    key: list[str] = Field(min_length=1)
    columns: dict[str, Cell]
    flags: tuple[str, str] | None = None
    may_be_empty: bool = False

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: object) -> object:
        if isinstance(value, dict) and isinstance(value.get("holds"), str):
            return value | {"holds": [value["holds"]]}
        return value

    @model_validator(mode="after")
    def _rows(self) -> Table:
        if not self.records:
            raise ValueError("a table holds a record, or stands beside one")
        for name, cell in self.columns.items():
            if len(self.records) > 1 and isinstance(cell.of, str | list):
                raise ValueError(f"{name}: say of which record, as the table has several")
        return self

    @property
    def records(self) -> tuple[str, ...]:
        """Records with a part in this table, in the order of their rows."""
        return (*self.holds, *self.beside)


class Loss(Strict):
    """Something of the book that the files cannot carry."""

    record: str
    what: str
    because: str


class Dialect(Strict):
    """A system: its habits and its tables."""

    dialect: str
    kind: Literal["erp", "mes"]
    version: int
    because: str
    """Why business now is the latest of `as_of`."""
    as_of: dict[str, str]
    """Tables and their column with days on which something was done."""
    suffix: str
    delimiter: str
    encoding: str
    decimals: Literal["point", "comma"]
    grouped: bool = False
    """Thousands stand in groups."""
    minus: Literal["before", "behind"] = "before"
    dates: Convention
    date_separator: str = ""
    no_date: str = ""
    """What stands where there is no date."""
    times: Literal["colons", "digits"] = "colons"
    """14:05:00 or 140500."""
    between: str = " "
    """What stands between the day and the time of a moment."""
    behind: str = ""
    """What stands behind a moment."""
    zone: Literal["site", "utc"] = "site"
    flags: tuple[str, str] = ("1", "0")
    tables: dict[str, Table]
    technical: dict[str, Technical] = Field(default={})
    losses: list[Loss] = Field(default=[])

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: object) -> object:
        """Columns written as one word, as cells."""
        if not isinstance(value, dict):
            return value
        technical = value.get("technical", {})
        tables = {}
        for name, table in value.get("tables", {}).items():
            columns = {}
            for column, cell in table["columns"].items():
                if cell == "technical":
                    cell = {"technical": technical[column]}
                elif isinstance(cell, str):
                    cell = {"of": cell}
                elif "fill" in cell:
                    cell = {"technical": cell}
                columns[column] = cell
            tables[name] = table | {"columns": columns}
        return value | {"tables": tables}

    def records(self) -> tuple[str, ...]:
        """Records that the system has, in the order of its tables."""
        return tuple(dict.fromkeys(record for table in self.tables.values() for record in table.holds))

    def cells(self, record: str) -> Iterator[tuple[str, str, Cell, tuple[str, ...]]]:
        """Table, column, cell and fields of every column that shows something of the record."""
        for name, table in self.tables.items():
            if record in table.records:
                is_only = len(table.records) == 1
                for column, cell in table.columns.items():
                    fields = cell.fields(record, is_only)
                    if fields:
                        yield name, column, cell, fields

    def fields(self, record: str) -> frozenset[str]:
        """Fields of the record that the system shows."""
        return frozenset(field for *_, fields in self.cells(record) for field in fields)

    def rules(self) -> frozenset[str]:
        """Rules that a site with this system needs."""
        cells = [cell for table in self.tables.values() for cell in table.columns.values()]
        return frozenset(cell.rule for cell in cells if cell.rule is not None)

    def file(self, table: str) -> str:
        """Name of the table's file."""
        return f"{table}{self.suffix}"

    def types(self, table: str, column: str) -> FieldType:
        """What kind of value the column shows, by the first of its fields."""
        part = self.tables[table]
        for record in part.records:
            for field in part.columns[column].fields(record, len(part.records) == 1):
                return type_of(record, field)
        return "text"


@cache
def dialect(name: str) -> Dialect:
    """A dialect by its name, one of `DIALECTS`."""
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return Dialect.model_validate(yaml_texts(text))
