"""Cells as JSON that keeps the type of each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from erp_adapters.ports import Cell


def packed_rows(names: Sequence[str], columns: Sequence[Sequence[Cell]]) -> list[str]:
    """Rows as JSON objects."""
    return [
        json.dumps(dict(zip(names, map(packed, row), strict=True)), ensure_ascii=False)
        for row in zip(*columns, strict=True)
    ]


def packed(cell: Cell) -> object:
    """A cell as what JSON can hold."""
    match cell:
        case Decimal():
            return {"n": str(cell)}
        case datetime():
            return {"t": cell.isoformat()}
        case date():
            return {"d": cell.isoformat()}
        case _:
            return cell


def unpacked_row(cells: Mapping[str, Any]) -> dict[str, Cell]:
    """The cells of a row."""
    return {name: unpacked(cell) for name, cell in cells.items()}


def unpacked(cell: object) -> Cell:
    """What `packed` was given."""
    match cell:
        case {"n": str(number)}:
            return Decimal(number)
        case {"t": str(moment)}:
            return datetime.fromisoformat(moment)
        case {"d": str(day)}:
            return date.fromisoformat(day)
        case _:
            return cast(Cell, cell)
