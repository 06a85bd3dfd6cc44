"""Whether an answer holds what was expected: the same rows, in any order, with any further columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

Value: TypeAlias = str | float | bool | None
Rows: TypeAlias = Sequence[Sequence[Value]]

_QUARTER = re.compile(r"(?:\d{4}-)?q([1-4])")
_RELATIVE = 1e-4


def plain(value: object) -> Value:
    """A cell as it is compared: numbers as floats, quarters by their number, text in lower case."""
    if value is None or isinstance(value, bool):
        return value
    try:
        return float(str(value))
    except ValueError:
        text = str(value).strip().lower()
    quarter = _QUARTER.fullmatch(text)
    return float(quarter[1]) if quarter else text


def same(found: object, expected: object, tolerance: float) -> bool:
    """True where a cell says what was expected."""
    left, right = plain(found), plain(expected)
    if isinstance(left, float) and isinstance(right, float):
        return abs(left - right) <= max(tolerance, abs(right) * _RELATIVE)
    if left is None or right is None:
        return left == right or "(none)" in (left, right)
    return left == right


def holds(row: Sequence[object], expected: Sequence[object], tolerance: float) -> bool:
    """True where a row has a cell of its own for every expected one."""
    left = list(row)
    for wanted in expected:
        at = next((i for i, cell in enumerate(left) if same(cell, wanted, tolerance)), None)
        if at is None:
            return False
        left.pop(at)
    return True


def matches(tables: Sequence[Rows], figures: Sequence[object], expected: Rows, tolerance: float) -> bool:
    """True where a table has exactly the expected rows, or single figures all that one row expects."""
    if any(_table_matches(table, expected, tolerance) for table in tables):
        return True
    if len(expected) != 1:
        return False
    cells = [*figures, *(cell for table in tables for row in table[:1] for cell in row)]
    return all(any(same(cell, wanted, tolerance) for cell in cells) for wanted in expected[0])


def _table_matches(table: Rows, expected: Rows, tolerance: float) -> bool:
    if len(table) != len(expected):
        return False
    left = list(table)
    for wanted in expected:
        at = next((i for i, row in enumerate(left) if holds(row, wanted, tolerance)), None)
        if at is None:
            return False
        left.pop(at)
    return True
