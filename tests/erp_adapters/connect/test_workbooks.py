"""Workbooks: each sheet is a table, with figures and days as they are kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from erp_adapters.connect.files import tables_of
from erp_adapters.connect.gathering import gathered
from erp_adapters.connect.source import Connected, Connection
from erp_adapters.connect.workbooks import sheets_of
from erp_adapters.errors import SourceUnreadable
from erp_adapters.store.consistency import parse_mapping
from erp_adapters.store.mapping import SiteSpec

MAPPING = """
source: books
version: 1
as_of: {latest: [{file: parts, column: Valid from}], because: a test}
plausible_dates: {first: 2000-01-01, last: 2040-12-31}
files:
  parts:
    file: plant_Parts.csv
    table: Parts
    columns: {Number: text required, Price: decimal, Valid from: date}
records:
- record: supplier
  file: parts
  key: [Number]
  fields: {supplier_id: Number, name: Number}
left_out:
- {table: Parts, columns: [Price], because: a test}
"""


def workbook(folder: Path) -> Path:
    """Two sheets with something, one without, one that is hidden; titles in front, a column that is empty."""
    path = folder / "plant.xlsx"
    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    parts = book.add_worksheet("Parts")
    for column, name in enumerate(("Number", "Price", "Valid from")):
        parts.write(2, column, name)
    parts.write_row(3, 0, ["A-1", 0.1 + 0.2])
    parts.write_datetime(3, 2, date(2026, 1, 2), day)
    parts.write_row(4, 0, [4711, 1234567])
    parts.write_blank(3, 5, None, day)
    stock = book.add_worksheet("Stock on hand")
    stock.write_row(0, 0, ["Part", "Quantity", "Held"])
    stock.write_row(1, 0, ["A-1", 12.5, True])
    book.add_worksheet("Empty")
    hidden = book.add_worksheet("Notes")
    hidden.write(0, 0, "nobody's business")
    hidden.hide()
    book.close()
    return path


def test_each_sheet_is_a_table(tmp_path: Path) -> None:
    """Named by workbook and sheet; whole numbers without a fraction, days as ISO, figures as shown."""
    workbook(tmp_path)
    (tmp_path / "~$plant.xlsx").write_bytes(b"a lock of the program that has it open")
    parts, stock = tables_of(tmp_path)
    assert (parts.name, parts.file, parts.rows) == ("plant_Parts", "plant_Parts.csv", 2)
    assert [column.name for column in parts.columns] == ["Number", "Price", "Valid from"]
    assert parts.column("Number").samples == ("A-1", "4711")
    assert parts.column("Price").samples == ("0.3", "1234567")
    assert parts.column("Valid from").samples == ("2026-01-02",)
    assert (stock.name, stock.column("Held").samples) == ("plant_Stock_on_hand", ("true",))


def test_what_is_no_workbook_is_said(tmp_path: Path) -> None:
    """Damaged, or locked: with what to do; nothing else of the folder is lost."""
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04nothing")
    (tmp_path / "parts.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    broken, parts = tables_of(tmp_path)
    assert "not readable as a workbook" in broken.unusable
    assert "without a password" in broken.unusable
    assert parts.rows == 1
    with pytest.raises(SourceUnreadable, match=r"broken\.xlsx"):
        list(sheets_of(tmp_path))


def test_a_mapping_reads_a_sheet_as_its_file(tmp_path: Path) -> None:
    """Written out for the reading and gone afterwards; the folder stays as it was."""
    workbook(tmp_path)
    site = SiteSpec(code="KAS", name="Kassel", country="DE", time_zone="Europe/Berlin", currency="EUR")
    connected = Connected(
        connection=Connection(folder=".", sites=(site,)),
        mapping=parse_mapping(MAPPING, "books"),
        path=tmp_path / "connection.yaml",
    )
    with gathered(connected, on=date(2026, 3, 31)) as folder:
        assert folder != tmp_path
        text = (folder / "plant_Parts.csv").read_text(encoding="utf-8")
        assert text.splitlines() == ["Number,Price,Valid from", "A-1,0.3,2026-01-02", "4711,1234567,"]
    assert not folder.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["plant.xlsx"]
