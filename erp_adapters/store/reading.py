"""Typed rows of a delimited text file, or a message that names the file, the line, the column and the remedy.

A file that is not what its mapping says is refused whole: a missing column, another delimiter, a row with too
many or too few fields may have moved values under the wrong heading. A single value that does not fit its
column's type is set aside with its row, and the loader decides how many of those are too many.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast
from zoneinfo import ZoneInfo

from erp_adapters.errors import SourceUnreadable
from erp_adapters.store.columns import (
    AMBIGUOUS_NUMBER,
    ColumnReader,
    Doubtful,
    Met,
    Unfit,
    Value,
    Values,
    decimals_of,
    readers_of,
)
from erp_adapters.store.mapping import DateRange, FileSpec
from erp_adapters.store.number_formats import NumberFormat

__all__ = ["BadRow", "Batch", "Doubt", "SourceFile", "Value", "Values"]

_AT_ONCE = 2000
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_ARCHIVES = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
}


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row with a value that does not fit its column's type."""

    line: int
    reason: str
    raw: dict[str, str | None]
    """The row as it stands in the file."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A value that could have been read differently."""

    row: int
    """Where in the batch."""
    column: int
    flag: str


@dataclass
class Batch:
    """Some rows of a file one after another, typed, with their columns in the order of the mapping's."""

    lines: list[int]
    """Line of the file of each row."""
    columns: list[list[Value]]
    bad: list[BadRow] = field(default_factory=list)
    """Rows that are not among the others because they do not fit."""
    doubts: list[Doubt] = field(default_factory=list)
    written: dict[int, list[str]] = field(default_factory=dict)
    """Columns that are known already as `copy_column` writes them."""

    @cached_property
    def rows(self) -> list[Values]:
        """The same, row by row."""
        return list(zip(*self.columns, strict=True))


class _Hashing(io.RawIOBase):
    """Counts and hashes the bytes that pass, so that a file is read once."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._raw.read(len(view))
        view[: len(data)] = data
        self.digest.update(data)
        return len(data)


@dataclass
class SourceFile:
    """One file of a source directory."""

    path: Path
    spec: FileSpec
    plausible: DateRange
    zone: ZoneInfo
    """The site's, for files that tell the time by its clocks."""
    left_out: frozenset[str] = frozenset()
    """Columns that the mapping leaves out with a reason."""
    rows_read: int = 0
    sha256: str = ""
    undeclared: tuple[str, ...] = ()
    """Columns of the header that the mapping does not know."""
    _undecided: bool = False
    """True once the whole file has been looked through and leaves open how its numbers are written."""

    def batches(self) -> Iterator[Batch]:
        """Every row, typed, a few thousand at a time; call it once.

        Raises:
            SourceUnreadable: the file as a whole is not what the mapping says.
        """
        name = self.spec.file
        try:
            with self.path.open("rb") as raw:
                self._refuse_binary(raw)
                hashing = _Hashing(raw)
                buffered = io.BufferedReader(hashing, 1 << 16)
                with io.TextIOWrapper(buffered, encoding=self.spec.encoding, newline="") as text:
                    yield from self._parsed(text)
                    self.sha256 = hashing.digest.hexdigest()
        except UnicodeDecodeError as exc:
            raise SourceUnreadable(
                f"{name}, {self._undecodable()}: not {self.spec.encoding} text ({exc.reason}). "
                "Save it as UTF-8, or name its encoding in the mapping."
            ) from None
        except OSError as exc:
            raise SourceUnreadable(
                f"{name}: cannot be read: {exc.strerror or exc}. Check the file and its permissions."
            ) from exc

    def _refuse_binary(self, raw: BinaryIO) -> None:
        name = self.spec.file
        head = raw.read(8192)
        raw.seek(0)
        if not head.strip():
            raise SourceUnreadable(f"{name}: empty. Export it again, with its header line.")
        for magic, kind in _ARCHIVES.items():
            if head.startswith(magic):
                raise SourceUnreadable(f"{name}: {kind}, not delimited text. Export it as CSV.")
        if b"\0" in head and "16" not in self.spec.encoding and "32" not in self.spec.encoding:
            raise SourceUnreadable(
                f"{name}: binary data or UTF-16, not {self.spec.encoding} text. Save it as CSV in UTF-8."
            )

    def _undecodable(self) -> str:
        """Line, and column where it can be told, of the first byte that is no text."""
        with self.path.open("rb") as raw:
            header = b""
            for number, line in enumerate(raw, start=1):
                header = header or line
                try:
                    line.decode(self.spec.encoding)
                except UnicodeDecodeError as exc:
                    names = self._cells(header)
                    before = self._cells(line[: exc.start])
                    known = number > 1 and 0 < len(before) <= len(names)
                    return f"line {number}" + (f", column {names[len(before) - 1]!r}" if known else "")
        return "at its end"

    def _cells(self, line: bytes) -> list[str]:
        text = line.decode(self.spec.encoding, "replace").splitlines()[:1]
        try:
            return [cell.strip() for cell in next(csv.reader(text, delimiter=self.spec.delimiter), [])]
        except csv.Error:
            return []

    def _parsed(self, text: io.TextIOWrapper) -> Iterator[Batch]:
        reader = csv.reader(text, delimiter=self.spec.delimiter, strict=True)
        line = 1
        rows: list[list[str]] = []
        try:
            header = [cell.strip() for cell in next(reader)]
            numbers = NumberFormat(self.spec.decimals)
            readers = self._readers(header, numbers)
            line = reader.line_num + 1
            while True:
                rows.extend(islice(reader, _AT_ONCE))
                if not rows:
                    break
                lines = self._lines(rows, line, reader.line_num, header)
                line = reader.line_num + 1
                if lines:
                    yield self._batch(lines, [cells for cells in rows if cells], header, readers, numbers)
                rows.clear()
        except csv.Error as exc:
            line += sum(map(_height, rows))
            raise SourceUnreadable(
                f"{self.spec.file}, line {line}: not well-formed ({exc}). "
                "Look for an unclosed or stray quotation mark there, or export the file again."
            ) from None
        if not self.rows_read and not self.spec.may_be_empty:
            raise SourceUnreadable(f"{self.spec.file}: a header and no rows. Export it again.")

    def _lines(self, rows: list[list[str]], first: int, last: int, header: list[str]) -> list[int]:
        """The line of the file at which each row begins that is not empty."""
        if last - first + 1 == len(rows) and set(map(len, rows)) == {len(header)}:
            return list(range(first, last + 1))
        lines = []
        for cells in rows:
            if len(cells) == len(header):
                lines.append(first)
            elif cells:
                self._refuse_width(first, cells, header)
            first += _height(cells)
        return lines

    def _batch(
        self,
        lines: list[int],
        rows: list[list[str]],
        header: list[str],
        readers: list[ColumnReader],
        numbers: NumberFormat,
    ) -> Batch:
        self.rows_read += len(rows)
        cells = list(zip(*rows, strict=True))
        columns = [reader.read(cells[reader.position]) for reader in readers]
        if any(reader.has_doubtful for reader in readers):
            self._settle(numbers, readers, columns, cells)
        unfit: dict[int, str] = {}
        doubts: list[Doubt] = []
        for number, (reader, column) in enumerate(zip(readers, columns, strict=True)):
            if not (reader.has_unfit or reader.has_doubtful):
                continue
            for position, met in enumerate(column):
                if isinstance(met, Unfit):
                    unfit.setdefault(position, met.reason)
                elif isinstance(met, Doubtful):
                    doubts.append(Doubt(position, number, met.flag))
                    column[position] = met.value
        values = cast("list[list[Value]]", columns)
        if not unfit:
            return Batch(lines, values, [], doubts)
        bad = [
            BadRow(lines[at], reason, dict(zip(header, rows[at], strict=True)))
            for at, reason in sorted(unfit.items())
        ]
        kept = [at for at in range(len(rows)) if at not in unfit]
        moved = {at: new for new, at in enumerate(kept)}
        return Batch(
            [lines[at] for at in kept],
            [[column[at] for at in kept] for column in values],
            bad,
            [Doubt(moved[d.row], d.column, d.flag) for d in doubts if d.row in moved],
        )

    def _settle(
        self,
        numbers: NumberFormat,
        readers: list[ColumnReader],
        columns: list[list[Met]],
        cells: list[tuple[str, ...]],
    ) -> None:
        """Read doubtful numbers anew where any number of the file shows how they are written."""
        doubtful = [
            position
            for position, column in enumerate(columns)
            if any(isinstance(met, Doubtful) and met.flag == AMBIGUOUS_NUMBER for met in column)
        ]
        if not doubtful:
            return
        if not numbers.is_proven:
            if self._undecided:
                return
            self._look_ahead(numbers)
        if not numbers.is_proven:
            self._undecided = True
            return
        for position in doubtful:
            readers[position].forget()
            columns[position] = readers[position].read(cells[readers[position].position])

    def _look_ahead(self, numbers: NumberFormat) -> None:
        """Look through the file for a number that is written in one way only.

        Raises:
            SourceUnreadable: there is none, and every number of a column would be grouped thousands.
        """
        names = decimals_of(self.spec)
        counts = dict.fromkeys(names, 0)
        grouped: dict[str, tuple[int, str]] = {}
        plain: set[str] = set()
        with self.path.open(encoding=self.spec.encoding, newline="") as text:
            reader = csv.reader(text, delimiter=self.spec.delimiter, strict=True)
            header = [cell.strip() for cell in next(reader)]
            positions = [(name, header.index(name)) for name in names]
            for cells in reader:
                if len(cells) != len(header):
                    continue
                for name, position in positions:
                    cell = cells[position].strip()
                    if numbers.is_grouped(cell):
                        counts[name] += 1
                        grouped.setdefault(name, (reader.line_num, cell))
                    elif cell:
                        plain.add(name)
                        numbers.proves(cell)
                if numbers.is_proven:
                    return
        for name, (line, cell) in grouped.items():
            if name not in plain:
                self._refuse_numbers(name, line, cell, counts[name])

    def _refuse_numbers(self, name: str, line: int, cell: str, count: int) -> None:
        other = "comma" if self.spec.decimals == "point" else "point"
        every = "its only number is" if count == 1 else f"all {count:,} numbers are"
        raise SourceUnreadable(
            f"{self.spec.file}, line {line}, column {name!r}: {every} written like {cell!r}, which "
            f"`decimals: {self.spec.decimals}` of the mapping makes thousands and `decimals: {other}` a "
            "fraction, and no number in the file shows which it is. "
            f"Set `decimals: {other}` in the mapping, or, where they are thousands, `settled: [{name}]`."
        )

    def _readers(self, header: list[str], numbers: NumberFormat) -> list[ColumnReader]:
        spec = self.spec
        missing = [name for name in spec.columns if name not in header]
        if missing and len(header) == 1:
            self._refuse_delimiter(header[0])
        doubled = sorted({name for name in header if header.count(name) > 1})
        if doubled:
            raise SourceUnreadable(
                f"{spec.file}, line 1: column {doubled[0]!r} stands there twice. Remove one."
            )
        if missing:
            close = get_close_matches(missing[0], [name for name in header if name not in spec.columns], 1)
            hint = f" Did {close[0]!r} replace it?" if close else ""
            raise SourceUnreadable(
                f"{spec.file}, line 1: no column {', '.join(repr(name) for name in missing)}; it has "
                f"{', '.join(header[:40])}.{hint} Export the file with that column, or change the mapping."
            )
        known = spec.columns.keys() | self.left_out
        self.undeclared = tuple(name for name in header if name not in known)
        return readers_of(spec, header, self.plausible, self.zone, numbers)

    def _refuse_delimiter(self, header: str) -> None:
        for other, called in ((";", "a semicolon"), ("\t", "a tab"), ("|", "a bar"), (",", "a comma")):
            if other != self.spec.delimiter and other in header:
                raise SourceUnreadable(
                    f"{self.spec.file}, line 1: separated by {called}, the mapping says "
                    f"{self.spec.delimiter!r}. Export it again, or set `delimiter: {other!r}` in the mapping."
                )

    def _refuse_width(self, line: int, cells: list[str], header: list[str]) -> None:
        expected, found = len(header), len(cells)
        where = (
            f"the row ends before column {header[found]!r}"
            if found < expected
            else f"fields follow column {header[-1]!r}"
        )
        raise SourceUnreadable(
            f"{self.spec.file}, line {line}: {found} fields instead of {expected}; {where}. "
            "Look for a line that was cut, or for text with an unquoted delimiter."
        )


def _height(cells: list[str]) -> int:
    """How many lines of the file a row takes."""
    return 1 + sum(len(_LINE_ENDS.findall(cell)) for cell in cells)
