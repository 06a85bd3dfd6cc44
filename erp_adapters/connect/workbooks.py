"""Workbooks of a spreadsheet program: each sheet as a table of texts, as a mapping's files have them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from erp_adapters.connect.databases import text_of
from erp_adapters.errors import SourceUnreadable

WORKBOOKS: Final = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with something in it."""

    name: str
    """The workbook's name, and the sheet's behind it where there are several."""
    path: Path
    sheet: str

    @property
    def file(self) -> str:
        """What a mapping calls it."""
        return f"{self.name}.csv"

    def rows(self) -> list[list[str]]:
        """Every row as texts, the header first: days as ISO, figures with a point.

        Raises:
            SourceUnreadable: the workbook is damaged, or locked by a password.
        """
        # Compiled, and of use only to whoever connects a workbook.
        from python_calamine import CalamineError, CalamineWorkbook

        try:
            with CalamineWorkbook.from_path(self.path) as book:
                cells = book.get_sheet_by_name(self.sheet).to_python()
        except (CalamineError, OSError) as exc:
            raise SourceUnreadable(f"{self.path.name}: not readable as a workbook ({exc})") from exc
        rows = [[_text(cell) for cell in row] for row in cells]
        # What only has a colour, or was emptied, is a column without a name and without a value.
        width = max((at for row in rows for at, text in enumerate(row, 1) if text), default=0)
        return [row[:width] for row in rows if any(row)]


def sheets_in(path: Path) -> list[Sheet]:
    """The sheets of a workbook that are not empty.

    Raises:
        SourceUnreadable: the workbook is damaged, or locked by a password.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        with CalamineWorkbook.from_path(path) as book:
            names = [
                sheet.name
                for sheet in book.sheets_metadata
                if sheet.typ is SheetTypeEnum.WorkSheet
                and sheet.visible is SheetVisibleEnum.Visible
                and book.get_sheet_by_name(sheet.name).total_height
            ]
    except (CalamineError, OSError) as exc:
        raise SourceUnreadable(f"{path.name}: not readable as a workbook ({exc})") from exc
    if len(names) == 1:
        return [Sheet(path.stem, path, names[0])]
    return [Sheet(f"{path.stem}_{re.sub(r'[^0-9A-Za-zÀ-ɏ]+', '_', name)}", path, name) for name in names]


def sheets_of(folder: Path) -> Iterator[Sheet]:
    """The sheets of every workbook of a folder that can be read."""
    for path in sorted(folder.iterdir(), key=lambda path: path.name.casefold()):
        if path.suffix.lower() in WORKBOOKS and path.is_file() and not path.name.startswith((".", "~$")):
            yield from sheets_in(path)


def write_sheet(sheet: Sheet, file: Path, delimiter: str) -> None:
    """The sheet as delimited text."""
    with file.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text, delimiter=delimiter).writerows(sheet.rows())


def _text(cell: object) -> str:
    match cell:
        case float() if cell.is_integer():
            return str(int(cell))
        case float():
            # Fifteen digits are what a spreadsheet keeps; what comes behind is of the binary fraction.
            return f"{Decimal(format(cell, '.15g')):f}"
        case timedelta():
            return f"{Decimal(cell / _DAY).quantize(Decimal('0.000001')):f}"
        case _:
            return text_of(cell).strip()
