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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO, TypeAlias

from erp_adapters.errors import SourceUnreadable
from erp_adapters.store.mapping import DateRange, FileSpec
from erp_adapters.store.terms import ColumnType

Value: TypeAlias = str | int | Decimal | date | datetime | time | bool | None
Values: TypeAlias = tuple[Value, ...]

_SCALE = Decimal("0.000001")
LARGEST = Decimal(10) ** 14
"""First number that `numeric(20,6)` cannot hold."""
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\Z", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}\Z", re.ASCII)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?\Z", re.ASCII)
_TIME = re.compile(r"(\d\d:\d\d(:\d\d)?)(\.\d+)?\Z", re.ASCII)
_ARCHIVES = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row that fits its columns' types."""

    line: int
    values: Values


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row with a value that does not fit its column's type."""

    line: int
    reason: str
    raw: dict[str, str | None]
    """The row as it stands in the file."""


def _text(value: str) -> str:
    if "\0" in value:
        raise ValueError("holds a zero byte")
    return value


def _integer(value: str) -> int:
    if not _INTEGER.match(value):
        raise ValueError("is not a whole number")
    return int(value)


def _decimal(value: str) -> Decimal:
    if not _DECIMAL.match(value):
        raise ValueError("is not a decimal number with a point")
    number = Decimal(value)
    if abs(number) >= LARGEST:
        raise ValueError("has more than 14 digits before the point")
    exponent = number.as_tuple().exponent
    # Six places is what the store keeps; rounding here makes the checksum say what is stored.
    return (
        number
        if isinstance(exponent, int) and -6 <= exponent <= 0
        else number.quantize(_SCALE, ROUND_HALF_UP)
    )


def _date(value: str) -> date:
    found = _DATE.match(value)
    if not found:
        raise ValueError("is not a date as YYYY-MM-DD")
    try:
        # A time of day after the date is dropped on purpose: these columns are business days.
        return date.fromisoformat(found[1])
    except ValueError:
        raise ValueError("is not a day of the calendar") from None


def _timestamp(value: str) -> datetime:
    if not _DATE.match(value):
        raise ValueError("is not a date and time as YYYY-MM-DD HH:MM:SS")
    try:
        return datetime.fromisoformat(value[:26])
    except ValueError:
        raise ValueError("is not a moment of the calendar") from None


def _time(value: str) -> time:
    found = _TIME.match(value)
    if not found:
        raise ValueError("is not a time as HH:MM:SS")
    try:
        return time.fromisoformat(found[1])
    except ValueError:
        raise ValueError("is not a time of day") from None


def _flag(value: str) -> bool:
    if value not in ("0", "1"):
        raise ValueError("is neither 0 nor 1")
    return value == "1"


Parser: TypeAlias = Callable[[str], Value]


def _parsers(plausible: DateRange) -> dict[ColumnType, Parser]:
    first, last = plausible.first, plausible.last

    def plausible_date(value: str) -> date:
        day = _date(value)
        if not first <= day <= last:
            raise ValueError(f"is not between {first} and {last}")
        return day

    return {
        "text": _text,
        "integer": _integer,
        "decimal": _decimal,
        "date": plausible_date,
        "timestamp": _timestamp,
        "time": _time,
        "flag": _flag,
    }


@dataclass(frozen=True, slots=True)
class _Reader:
    """How one column of the file at hand is read."""

    position: int
    name: str
    parse: Parser
    required: bool


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
    left_out: frozenset[str] = frozenset()
    """Columns that the mapping leaves out with a reason."""
    rows_read: int = 0
    sha256: str = ""
    undeclared: tuple[str, ...] = ()
    """Columns of the header that the mapping does not know."""

    def rows(self) -> Iterator[Row | BadRow]:
        """Every row, typed, with its values in the order of the mapping's columns; call it once.

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

    def _parsed(self, text: io.TextIOWrapper) -> Iterator[Row | BadRow]:
        reader = csv.reader(text, delimiter=self.spec.delimiter, strict=True)
        line = 1
        try:
            header = [cell.strip() for cell in next(reader)]
            readers = self._readers(header)
            while True:
                line = reader.line_num + 1
                cells = next(reader, None)
                if cells is None:
                    break
                if len(cells) == len(header):
                    self.rows_read += 1
                    yield _typed(line, cells, readers, header)
                elif cells:
                    self._refuse_width(line, cells, header)
        except csv.Error as exc:
            raise SourceUnreadable(
                f"{self.spec.file}, line {line}: not well-formed ({exc}). "
                "Look for an unclosed or stray quotation mark there, or export the file again."
            ) from None
        if not self.rows_read and not self.spec.may_be_empty:
            raise SourceUnreadable(f"{self.spec.file}: a header and no rows. Export it again.")

    def _readers(self, header: list[str]) -> list[_Reader]:
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
        parsers = _parsers(self.plausible)
        return [
            _Reader(header.index(name), name, parsers[column.type], column.required)
            for name, column in spec.columns.items()
        ]

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


def _typed(line: int, cells: list[str], readers: list[_Reader], header: list[str]) -> Row | BadRow:
    values: list[Value] = []
    for reader in readers:
        cell = cells[reader.position].strip()
        try:
            value = reader.parse(cell) if cell else None
            if value is None and reader.required:
                raise ValueError("is empty")
        except ValueError as exc:
            shown = f" {cell[:40]!r}" if cell else ""
            raw: dict[str, str | None] = dict(zip(header, cells, strict=True))
            return BadRow(line, f"{reader.name}{shown} {exc}", raw)
        values.append(value)
    return Row(line, tuple(values))
