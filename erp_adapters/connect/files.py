"""A folder of files that nobody has described: encoding, delimiter, header and what its columns hold."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final

from erp_adapters.connect.seen import SeenTable, looked_at
from erp_adapters.connect.workbooks import WORKBOOKS, Sheet, sheets_in
from erp_adapters.errors import SourceUnreadable

DELIMITED: Final = frozenset({".csv", ".tsv", ".txt", ".tab", ".dat", ".psv"})
JSON_LINES: Final = frozenset({".jsonl", ".ndjson"})
_DELIMITERS: Final = (",", ";", "\t", "|", "^", "~")
_CALLED: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", "^": "carets", "~": "tildes"}
_TRIED_LINES: Final = 300
_EIGHT_BITS: Final = ("cp1252", "cp850", "cp1250")
"""Encodings of old programs, the commonest first."""
_LIKELY: Final = frozenset("äöüßÄÖÜéèêëàâáíóúñçÉÈÀÇÑôîïûùœŒ€°²³µ§ªº¿¡øØåÅæÆ’")
_LIKELY_EASTERN: Final = frozenset("ąćęłńśźżĄĆĘŁŃŚŹŻčďěňřšťůžČĎĚŇŘŠŤŮŽőűŐŰăâîșțşţ")
_MARKS: Final = frozenset("–—„“”‘…•")
_IN_A_WORD: Final = re.compile(f"(?<=[A-Za-z])[{''.join(_MARKS)}](?=[^\\W\\d_])")


@dataclass(frozen=True, slots=True)
class _Encoding:
    name: str
    doubt: str = ""


def tables_of(folder: Path) -> list[SeenTable]:
    """Every file of a folder that may be a table, and why the others are none.

    Raises:
        SourceUnreadable: it is no folder, or holds nothing that can be read.
    """
    if not folder.is_dir():
        raise SourceUnreadable(f"{str(folder)!r} is no folder. Name the one that holds the files.")
    tables = []
    for path in sorted(folder.iterdir(), key=lambda path: path.name.casefold()):
        kind = path.suffix.lower()
        if not path.is_file() or path.name.startswith((".", "~$")):
            continue
        if kind in DELIMITED:
            tables.append(_delimited(path))
        elif kind in JSON_LINES:
            tables.append(_json_lines(path))
        elif kind in WORKBOOKS:
            tables += _workbook(path)
    if not tables:
        kinds = ", ".join(sorted({*DELIMITED, *JSON_LINES, *WORKBOOKS}))
        raise SourceUnreadable(f"{str(folder)!r} holds no file that could be a table ({kinds}).")
    return tables


def _unusable(path: Path, why: str) -> SeenTable:
    return SeenTable(path.stem, path.name, [], unusable=why)


def _workbook(path: Path) -> list[SeenTable]:
    try:
        return [_sheet(each) for each in sheets_in(path)] or [_unusable(path, "empty")]
    except SourceUnreadable as exc:
        return [_unusable(path, f"{exc}; save it without a password, or each sheet as CSV")]


def _sheet(sheet: Sheet) -> SeenTable:
    header, *rows = sheet.rows()
    if why := _no_header(header):
        return SeenTable(sheet.name, sheet.file, [], unusable=why)
    columns, count, is_counted = looked_at(header, [""] * len(header), iter(rows))
    return SeenTable(sheet.name, sheet.file, columns, count, is_counted)


def _delimited(path: Path) -> SeenTable:
    try:
        return _read(path)
    except (UnicodeError, csv.Error) as exc:
        return _unusable(path, f"not readable as delimited text: {exc}")
    except OSError as exc:
        return _unusable(path, f"cannot be read: {exc.strerror or exc}")


def _read(path: Path) -> SeenTable:
    encoding = encoding_of(path)
    if not encoding.name:
        return _unusable(path, encoding.doubt)
    with path.open(encoding=encoding.name, newline="") as text:
        head = list(islice(text, _TRIED_LINES))
    if not "".join(head).strip():
        return _unusable(path, "empty")
    delimiter, doubts = delimiter_of(head)
    if encoding.doubt:
        doubts.insert(0, encoding.doubt)
    with path.open(encoding=encoding.name, newline="") as text:
        reader = csv.reader(text, delimiter=delimiter)
        header = [name.strip() for name in next(reader)]
        if why := _no_header(header):
            return _unusable(path, why)
        other: list[int] = []
        rows = _whole(reader, len(header), other)
        columns, count, is_counted = looked_at(header, [""] * len(header), rows)
    if other:
        doubts.append(
            f"{len(other):,} rows have more or fewer fields than the header's {len(header)}, the first at"
            f" line {other[0]}: the file cannot be loaded before they are mended"
        )
    table = SeenTable(
        path.stem, path.name, columns, count, is_counted, delimiter=delimiter, encoding=encoding.name
    )
    table.doubts += doubts
    return table


def _whole(reader: Iterator[list[str]], width: int, other: list[int]) -> Iterator[Sequence[str]]:
    for cells in reader:
        if len(cells) == width:
            yield cells
        elif cells:
            other.append(reader.line_num)  # type: ignore[attr-defined]


def _no_header(header: list[str]) -> str:
    """Why the first line names no columns; empty where it does."""
    numbers = sum(1 for name in header if name.replace(".", "").replace(",", "").replace("-", "").isdigit())
    if numbers > len(header) / 3:
        return f"its first line names no columns ({', '.join(header[:4])}); add a header line"
    if "" in header:
        return f"column {header.index('') + 1} has no name in the first line; name it"
    twice = next((name for name in header if header.count(name) > 1), "")
    return f"column {twice!r} stands twice in the first line; rename one" if twice else ""


def encoding_of(path: Path) -> _Encoding:
    """The encoding of a file, and what makes it doubtful; without a name where it is no text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as raw:
        head = raw.read(4096)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return _Encoding("utf-16")
        if head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"%PDF")) or b"\0" in head:
            return _Encoding("", "binary, not text; export it as CSV")
        raw.seek(0)
        try:
            while chunk := raw.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raw.seek(0)
            return _eight_bits(raw.read(1 << 22))
    return _Encoding("utf-8-sig")


def _eight_bits(data: bytes) -> _Encoding:
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    modern = [line for line in lines if _is_utf8(line)]
    if modern:
        at = 1 + data.split(b"\n").index(next(line for line in lines if not _is_utf8(line)))
        return _Encoding(
            "cp1252",
            f"two encodings in one file: {len(modern)} lines are UTF-8, and line {at} is not. Read as cp1252,"
            " which spoils the letters of the UTF-8 lines; export it again in one encoding",
        )
    scores = {name: _plausibility(b"\n".join(lines), name) for name in _EIGHT_BITS}
    best = max(_EIGHT_BITS, key=lambda name: scores[name])
    others = [name for name in _EIGHT_BITS if name != best and scores[name] >= scores[best]]
    shown = next((w for w in b" ".join(lines).decode(best, "replace").split() if not w.isascii()), "")
    return _Encoding(
        best,
        f"not UTF-8; read as {best}, in which it says {shown[:40]!r}"
        + (f". It could be {' or '.join(others)} as well" if others else ""),
    )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _plausibility(data: bytes, encoding: str) -> float:
    """How many of its letters beyond ASCII are such as people write."""
    try:
        letters = [letter for letter in data.decode(encoding) if not letter.isascii()]
    except UnicodeDecodeError:
        return -1.0
    good = _LIKELY | _LIKELY_EASTERN if encoding == "cp1250" else _LIKELY
    # Dashes and quotation marks say nothing by themselves; in the middle of a word they are misread letters.
    counted = [letter for letter in letters if letter not in _MARKS]
    misread = len(_IN_A_WORD.findall(data.decode(encoding)))
    return (sum(letter in good for letter in counted) - misread) / max(1, len(counted))


def delimiter_of(lines: list[str]) -> tuple[str, list[str]]:
    """What separates the fields, and what makes it doubtful."""
    found: dict[str, tuple[float, int]] = {}
    for delimiter in _DELIMITERS:
        try:
            rows = [cells for cells in csv.reader(lines, delimiter=delimiter) if cells]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 1
        if width > 1:
            found[delimiter] = (sum(len(cells) == width for cells in rows) / len(rows), width)
    if not found:
        return ",", ["one column only, or separated by something unknown"]
    best = max(found, key=lambda one: (round(found[one][0], 2) >= 0.9, found[one][1], found[one][0]))
    rivals = [one for one in found if one != best and found[one][0] >= 0.9 and found[one][1] > 1]
    if not rivals:
        return best, []
    named = " or ".join(f"{_CALLED[one]} ({found[one][1]} columns)" for one in rivals)
    return best, [
        f"separated by {_CALLED[best]} ({found[best][1]} columns), it seems; {named} would fit as well"
    ]


def _json_lines(path: Path) -> SeenTable:
    try:
        with path.open(encoding="utf-8-sig") as text:
            rows = (flat(json.loads(line)) for line in text if line.strip())
            head = list(islice(rows, 1000))
            names = list(dict.fromkeys(name for row in head for name in row))
            if not names:
                return _unusable(path, "empty")
            texts = ([row.get(name, "") for name in names] for row in chain(head, rows))
            columns, count, is_counted = looked_at(names, [""] * len(names), texts)
    except (ValueError, AttributeError) as exc:
        return _unusable(path, f"not one JSON object a line: {exc}")
    except OSError as exc:
        return _unusable(path, f"cannot be read: {exc.strerror or exc}")
    return SeenTable(path.stem, f"{path.stem}.csv", columns, count, is_counted)


def flat(held: object, before: str = "") -> dict[str, str]:
    """The cells of a JSON object: names of nested ones joined by points, lists left out."""
    if not isinstance(held, dict):
        raise ValueError("a line is no object")
    cells: dict[str, str] = {}
    for name, value in held.items():
        match value:
            case dict():
                cells |= flat(value, f"{before}{name}.")
            case list():
                continue
            case None:
                cells[before + name] = ""
            case bool():
                cells[before + name] = "true" if value else "false"
            case _:
                cells[before + name] = str(value)
    return cells
