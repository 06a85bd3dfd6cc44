"""A plant's book written as the files of one of its systems."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TypeAlias

from erp_adapters.demo.book import Book, Sheet
from erp_adapters.demo.dialects.cells import Show, Shown, quoted, show
from erp_adapters.demo.dialects.dialect import Cell, Dialect, Table
from erp_adapters.demo.dialects.fields import type_of
from erp_adapters.demo.dialects.site_codes import SiteCodes
from erp_adapters.errors import ConfigurationError
from erp_adapters.store.reading import Value

_WITHOUT_STROKE = str.maketrans("łŁđĐøØ", "lLdDoO")
_Columns: TypeAlias = dict[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file, as the manifest lists it."""

    file: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    files: tuple[WrittenFile, ...]
    unaccented: tuple[str, ...]
    """Lines that lost accents, as they were: the system's encoding does not have those letters."""

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(file.rows for file in self.files)


def export(book: Book, dialect: Dialect, codes: SiteCodes, folder: Path) -> Written:
    """Write the files of a system with a manifest; the same book gives the same bytes.

    Args:
        folder: made if it is not there; files of the same names are replaced.

    Raises:
        ConfigurationError: the plant has no code for a value.
    """
    if codes.company != book.plant.company:
        raise ConfigurationError(
            f"Site {codes.site} has the company {codes.company!r} in its rules and {book.plant.company!r} in"
            f" its book. Correct sites/{codes.site}.yaml."
        )
    folder.mkdir(parents=True, exist_ok=True)
    writer = _Writer(book, dialect, codes)
    files, unaccented = [], []
    for name, table in dialect.tables.items():
        lines = [dialect.delimiter.join(quoted(column, dialect.delimiter) for column in table.columns)]
        for record in table.records:
            lines.extend(writer.lines(table, record))
        content, changed = _encoded("\n".join(lines) + "\n", dialect.encoding)
        unaccented.extend(changed)
        (folder / dialect.file(name)).write_bytes(content)
        files.append(WrittenFile(dialect.file(name), len(lines) - 1, hashlib.sha256(content).hexdigest()))
    manifest = json.dumps([asdict(file) for file in files], indent=1) + "\n"
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")
    return Written(tuple(files), tuple(dict.fromkeys(unaccented)))


class _Writer:
    def __init__(self, book: Book, dialect: Dialect, codes: SiteCodes) -> None:
        self._book = book
        self._dialect = dialect
        self._codes = codes
        self._zone: tzinfo = UTC if dialect.zone == "utc" else book.plant.zone
        self._columns: dict[str, _Columns] = {}

    def lines(self, table: Table, record: str) -> Iterator[str]:
        """The rows of one record, as lines of the table."""
        sheet = self._book.sheets.get(record)
        if sheet is None or not sheet.rows:
            return iter(())
        texts = [self._texts(table, record, cell, sheet) for cell in table.columns.values()]
        return map(self._dialect.delimiter.join, zip(*texts, strict=True))

    def _texts(self, table: Table, record: str, cell: Cell, sheet: Sheet) -> list[str]:
        """One column of the table, from the first to the last row of the record."""
        count = len(sheet.rows)
        fields = cell.fields(record, len(table.records) == 1)
        if not fields:
            return self._unrelated(record, cell, count)
        values = self._of(sheet).get(fields[0])
        if values is None:
            values = (None,) * count
        write = self._show(table, record, fields[0], cell)
        # Of two moments that the clocks show alike, Python finds one equal to the other.
        is_moment = type_of(record, fields[0]) == "moment"
        texts = list(map(write if is_moment else Shown(write).__getitem__, values))
        for conditions, wanted in ((cell.where, True), (cell.unless, False)):
            for field, among in conditions.items():
                allowed = frozenset(among)
                others = self._of(sheet)[field]
                texts = [
                    text if (other in allowed) is wanted else ""
                    for text, other in zip(texts, others, strict=True)
                ]
        return texts

    def _show(self, table: Table, record: str, field: str, cell: Cell) -> Show:
        return show(record, field, cell, table, self._dialect, self._codes, self._zone)

    def _unrelated(self, record: str, cell: Cell, count: int) -> list[str]:
        """A column that shows nothing of the record."""
        if cell.number is not None:
            return [str(number).zfill(cell.number) for number in range(1, count + 1)]
        if cell.technical is not None:
            text = cell.technical.fill
        elif cell.plant is not None:
            text = self._book.plant.company
        else:
            text = cell.mark.get(record, cell.constant or "")
        return [quoted(text, self._dialect.delimiter)] * count

    def _of(self, sheet: Sheet) -> _Columns:
        """The sheet's columns by name."""
        known = self._columns.get(sheet.record)
        if known is None:
            turned = zip(*sheet.rows, strict=True)
            known = self._columns[sheet.record] = dict(zip(sheet.columns, turned, strict=True))
        return known


def _encoded(text: str, encoding: str) -> tuple[bytes, list[str]]:
    """The text in the system's encoding, and the lines that lost accents on the way."""
    try:
        return text.encode(encoding), []
    except UnicodeEncodeError:
        changed, lines = [], []
        for line in text.split("\n"):
            plain = within(line, encoding)
            if plain != line:
                changed.append(line)
            lines.append(plain)
        return "\n".join(lines).encode(encoding), changed


def within(line: str, encoding: str) -> str:
    """The line without the accents that the encoding does not have, as people type it there."""
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        letters = (
            letter
            if letter.encode(encoding, "ignore")
            else unicodedata.normalize("NFD", letter.translate(_WITHOUT_STROKE))[0]
            for letter in line
        )
        return "".join(letters).encode(encoding, "replace").decode(encoding)
    return line
