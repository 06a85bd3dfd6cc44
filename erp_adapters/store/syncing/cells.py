"""Rows of a read port as typed columns, and what tells a row that changed from one that did not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import compress
from operator import is_, itemgetter
from typing import cast
from zoneinfo import ZoneInfo

from erp_adapters.errors import SourceUnreadable
from erp_adapters.ports import Cell, SourceRow, text_of
from erp_adapters.store.columns import ColumnReader, Doubtful, Met, Unfit, Value, readers_of, zone_of
from erp_adapters.store.date_formats import Ambiguous, Clock
from erp_adapters.store.mapping import DateRange, FileSpec
from erp_adapters.store.number_formats import LARGEST, NumberFormat, rounded
from erp_adapters.store.reading import BadRow, Batch, Doubt
from erp_adapters.store.terms import ColumnType

KEY = "key"
"""Column of every file that a port fills: the row's own key."""


def columns_of(rows: Sequence[SourceRow], names: Sequence[str], system: str, part: str) -> list[list[Cell]]:
    """The cells of these names, column by column, the key among them.

    Raises:
        SourceUnreadable: a row lacks a cell, or a key comes twice.
    """
    keys = [row.key for row in rows]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise SourceUnreadable(
            f"{system} sent the key {twice!r} of {part} twice in one page. Name a key that is unique there."
        )
    columns: list[list[Cell]] = []
    held = [row.cells for row in rows]
    for name in names:
        try:
            columns.append(
                cast("list[Cell]", keys) if name == KEY else list(map(itemgetter(name), held)),
            )
        except KeyError:
            has = ", ".join(sorted({cell for row in rows for cell in row.cells}))
            raise SourceUnreadable(
                f"{system} sent a row of {part} without {name!r}; it has {has}. "
                "Was it renamed there? Change the mapping, or ask for the old name."
            ) from None
    return columns


def digests(texts: Sequence[Sequence[str]]) -> list[int]:
    """A number for each row that is another once any cell is.

    Args:
        texts: the columns, as `copy_column` writes them.
    """
    return [
        int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
        for text in map("\t".join, zip(*texts, strict=True))
    ]


class CellReader:
    """Columns of one file of the mapping, as a port fills it."""

    def __init__(self, spec: FileSpec, plausible: DateRange, site: ZoneInfo) -> None:
        self._names = list(spec.columns)
        self._types = [column.type for column in spec.columns.values()]
        self._required = [column.required for column in spec.columns.values()]
        self._plausible = plausible
        self._clock = Clock(zone_of(spec, site))
        self._zone = zone_of(spec, site)
        # A port's figures are typed: what still comes as text was written by a program, as the mapping says.
        settled = spec.model_copy(
            update={"settled": [n for n, c in spec.columns.items() if c.type == "decimal"]}
        )
        self._texts: list[ColumnReader] = readers_of(
            settled, self._names, plausible, site, NumberFormat(spec.decimals)
        )

    def batch(self, columns: Sequence[Sequence[Cell]], texts: Sequence[list[str]] | None = None) -> Batch:
        """The rows that fit, typed, and those that do not.

        Args:
            texts: the same columns as `copy_column` writes them; what stays as it is need not be again.
        """
        count = len(columns[0])
        met = [self._column(at, column) for at, column in enumerate(columns)]
        bad: dict[int, str] = {}
        doubts: list[Doubt] = []
        for number, column in enumerate(met):
            # Nearly no column holds any of them, and a look at its kinds is cheap.
            if not {Unfit, Doubtful} & set(map(type, column)):
                continue
            for row, value in enumerate(column):
                if isinstance(value, Unfit):
                    bad.setdefault(row, value.reason)
                elif isinstance(value, Doubtful):
                    doubts.append(Doubt(row, number, value.flag))
                    column[row] = value.value
        values = cast("list[list[Value]]", met)
        if not bad:
            written = {
                at: text for at, text in enumerate(texts or ()) if all(map(is_, values[at], columns[at]))
            }
            return Batch(list(range(1, count + 1)), values, [], doubts, written)
        kept = [row not in bad for row in range(count)]
        moved = {row: new for new, row in enumerate(compress(range(count), kept))}
        return Batch(
            [row + 1 for row in moved],
            [list(compress(column, kept)) for column in values],
            [BadRow(row + 1, why, self._raw(columns, row)) for row, why in sorted(bad.items())],
            [Doubt(moved[doubt.row], doubt.column, doubt.flag) for doubt in doubts if doubt.row in moved],
        )

    def _raw(self, columns: Sequence[Sequence[Cell]], row: int) -> dict[str, str | None]:
        cells = zip(self._names, (column[row] for column in columns), strict=True)
        return {name: None if cell is None else text_of(cell) for name, cell in cells}

    def _column(self, at: int, cells: Sequence[Cell]) -> list[Met]:
        kind, kinds = self._types[at], set(map(type, cells))
        filled = kinds - {type(None)}
        is_whole = not (self._required[at] and type(None) in kinds)
        if is_whole and not filled:
            return [None] * len(cells)
        if is_whole and filled == {str}:
            texts = cast("list[str | None]", cells)
            if type(None) not in kinds:
                return self._texts[at].read(cast("list[str]", texts))
            return self._texts[at].read([text or "" for text in texts])
        if is_whole and len(filled) == 1:
            quick = self._quick(kind, filled.pop(), cells)
            if quick is not None:
                return quick
        return [self._met(at, kind, cell) for cell in cells]

    def _quick(self, kind: ColumnType, of: type, cells: Sequence[Cell]) -> list[Met] | None:
        """A column whose cells have the type that it declares and are in its range, as it stands."""
        known = [cell for cell in cells if cell is not None]
        if kind == "decimal" and of is Decimal:
            figures = cast("list[Decimal]", known)
            try:
                is_storable = min(figures) > -LARGEST and max(figures) < LARGEST
            except InvalidOperation:
                is_storable = False
            if is_storable:
                # The store rounds to its places as `rounded` does.
                return list(cells)
        if kind == "date" and of is date:
            days = cast("list[date]", known)
            if self._plausible.first <= min(days) and max(days) <= self._plausible.last:
                return list(cells)
        if (kind == "flag" and of is bool) or (kind == "integer" and of is int):
            return list(cells)
        if kind == "text" and of is int:
            return [None if cell is None else str(cell) for cell in cells]
        if kind == "moment" and of is datetime:
            moments = cast("list[datetime]", known)
            if all(moment.tzinfo is not None for moment in moments):
                return list(cells)
        return None

    def _met(self, at: int, kind: ColumnType, cell: Cell) -> Met:
        reader = self._texts[at]
        try:
            match kind, cell:
                case "date", date():
                    day = cell
                    if isinstance(cell, datetime):
                        day = (cell.astimezone(self._zone) if cell.tzinfo else cell).date()
                    return self._plausible_day(day)
                case "moment", datetime() if cell.tzinfo is not None:
                    return cell
                case "moment", datetime():
                    return self._clock.moment(cell.date(), cell.time())
                case "timestamp", datetime():
                    return (cell.astimezone(self._zone) if cell.tzinfo else cell).replace(tzinfo=None)
                case "flag", bool():
                    return cell
                case "flag", int() | Decimal() if cell in (0, 1):
                    return bool(cell)
                case "integer" | "decimal", bool():
                    raise ValueError("is a flag and no number")
                case "integer", int():
                    return cell
                case "integer", Decimal() if cell == cell.to_integral_value():
                    return int(cell)
                case "decimal", int() | Decimal():
                    number = Decimal(cell)
                    if not number.is_finite() or abs(number) >= LARGEST:
                        raise ValueError("has more than 14 digits before the point")
                    return rounded(number)
                case _:
                    return reader.read(["" if cell is None else text_of(cell)])[0]
        except ValueError as exc:
            return Unfit(f"{self._names[at]} {text_of(cell)[:40]!r} {exc}")
        except Ambiguous as exc:
            return Doubtful(exc.moment, "ambiguous_time")

    def _plausible_day(self, day: date) -> date:
        if not self._plausible.first <= day <= self._plausible.last:
            raise ValueError(f"is not between {self._plausible.first} and {self._plausible.last}")
        return day
