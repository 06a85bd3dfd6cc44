"""Columns of a compiled query: what their cells are, and how fields of the catalogue become columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tools.metrics.catalogue import EntityField
from tools.results import ColumnKind

CURRENCY = '"CURRENCY"'
"""The row's currency. In capitals, like the keys of joins, because names in a query cannot be."""

NUMBERS: frozenset[ColumnKind] = frozenset({"quantity", "count", "money", "percent", "ratio", "days", "rate"})


@dataclass(frozen=True, slots=True)
class CompiledColumn:
    """A result column: where it comes from and what its cells are."""

    name: str
    label: str
    kind: ColumnKind
    unit: str = ""
    good: Literal["up", "down", "none"] = "none"
    money_of_row: bool = False
    """True where the currency stands in a column of its own."""
    is_measure: bool = False
    adds_up: bool = False
    """True for sums and counts, where nothing to add means zero."""
    numeric: bool = False
    """True for a category whose values are numbers."""
    shows: str = ""
    """Of a list: the path that the query shows in it."""

    @property
    def is_number(self) -> bool:
        """True where cells can be calculated with and compared with numbers."""
        return self.kind in NUMBERS or self.numeric


def quoted(name: str) -> str:
    """A column's name as an SQL identifier; a measure may be called `order` or `end`."""
    return f'"{name}"'


def kind_of(field: EntityField) -> ColumnKind:
    """What the cells of a field's column are."""
    match field.kind:
        case "category":
            return "text"
        case _:
            return field.kind


def unit_of(field: EntityField) -> str:
    """Unit of a field's values, where the catalogue or the kind gives one."""
    if field.unit:
        return field.unit
    return {"days": "days", "percent": "%"}.get(field.kind, "")
