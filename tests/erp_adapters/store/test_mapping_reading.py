"""Rows come typed out of a file, and a file that is not what the mapping says is refused with the remedy."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from erp_adapters.errors import SourceUnreadable
from erp_adapters.store.mapping import Column, DateRange, FileSpec
from erp_adapters.store.reading import BadRow, Batch, SourceFile, Value, Values
from erp_adapters.store.terms import ColumnType

BERLIN = ZoneInfo("Europe/Berlin")
PLAUSIBLE = DateRange(first=date(2000, 1, 1), last=date(2040, 12, 31))


@dataclass(frozen=True)
class Row:
    """One row that fits, with its line."""

    line: int
    values: Values


def rows_of(file: SourceFile) -> list[Row | BadRow]:
    """Rows that fit and rows that do not, in the order of the file."""
    found: list[Row | BadRow] = []
    for batch in file.batches():
        found += [Row(line, values) for line, values in zip(batch.lines, batch.rows, strict=True)]
        found += batch.bad
    return sorted(found, key=lambda row: row.line)


def source(folder: Path, content: bytes, columns: dict[str, str] | None = None, **spec: Any) -> SourceFile:
    path = folder / "parts.csv"
    path.write_bytes(content)
    declared = columns or {"id": "integer required", "name": "text", "price": "decimal"}
    typed = {name: Column.model_validate(text) for name, text in declared.items()}
    return SourceFile(
        path, FileSpec(file="parts.csv", table="Part", columns=typed, **spec), PLAUSIBLE, BERLIN
    )


def only_value(folder: Path, kind: ColumnType, text: str) -> Value | BadRow:
    (row,) = rows_of(source(folder, f"x,y\n{text},1\n".encode(), {"x": kind}))
    return row.values[0] if isinstance(row, Row) else row


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", " R ", "R"),
        ("text", "   ", None),
        ("text", '"a ""b"", c"', 'a "b", c'),
        ("integer", "-12", -12),
        ("decimal", ".0000", Decimal("0")),
        ("decimal", "-657203.80000000005", Decimal("-657203.800000")),
        ("decimal", "0.0000005", Decimal("0.000001")),
        ("decimal", "1e3", Decimal("1000")),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("date", "2024-02-29 23:59:59.997", date(2024, 2, 29)),
        ("timestamp", "2024-02-29 10:01:36.827", datetime(2024, 2, 29, 10, 1, 36, 827000)),  # noqa: DTZ001
        ("time", "07:00:00.0000000", time(7)),
        ("flag", "1", True),
        ("flag", "0", False),
        ("integer", "", None),
    ],
)
def test_values_are_typed(tmp_path: Path, kind: ColumnType, text: str, value: Value) -> None:
    """Spaces, short decimals and times behind dates mean what they mean in the source."""
    assert only_value(tmp_path, kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("integer", "1.5", "x '1.5' is not a whole number"),
        ("integer", "9" * 30, "is not a whole number"),
        ("decimal", '"1,5"', "is not a decimal number with a point"),
        ("decimal", "NaN", "is not a decimal number"),
        ("decimal", "1e15", "more than 14 digits"),
        ("decimal", "١٢", "is not a decimal number"),
        ("date", "31.12.2024", "is not a date as YYYY-MM-DD"),
        ("date", "2023-02-29", "is not a day of the calendar"),
        ("date", "2205-01-01", "is not between 2000-01-01 and 2040-12-31"),
        ("time", "25:00:00", "is not a time of day"),
        ("flag", "yes", "is neither 0 nor 1"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_column(
    tmp_path: Path, kind: ColumnType, text: str, words: str
) -> None:
    """One bad cell sets its row aside and says why; nothing is guessed."""
    found = only_value(tmp_path, kind, text)
    assert isinstance(found, BadRow)
    assert words in found.reason
    assert found.line == 2
    assert found.raw["y"] == "1"


def test_a_required_value_may_not_be_empty(tmp_path: Path) -> None:
    """An empty key is a bad row, not a key."""
    (row,) = rows_of(source(tmp_path, b"id,name,price\n,Bolt,1\n"))
    assert isinstance(row, BadRow)
    assert row.reason == "id is empty"


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    """A quoted line break and an empty line do not shift the line numbers of later rows."""
    rows = rows_of(source(tmp_path, b'id,name,price\n1,"two\nlines",1\n\n2,Nut,2\n'))
    assert [row.line for row in rows] == [2, 5]


def test_columns_may_stand_in_another_order_with_others_between(tmp_path: Path) -> None:
    """Columns are found by name, and those that the mapping does not know are reported."""
    file = source(tmp_path, "\ufeffprice,extra,id,name\n2.5,?,7,Nut\n".encode())
    (row,) = rows_of(file)
    assert isinstance(row, Row)
    assert row.values == (7, "Nut", Decimal("2.5"))
    assert file.undeclared == ("extra",)
    assert len(file.sha256) == 64


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["parts.csv: empty", "Export it again"]),
        (b"\n\n", ["parts.csv: empty"]),
        (b"id,name,price\n", ["a header and no rows"]),
        (b"id;name;price\n1;Bolt;2\n", ["line 1: separated by a semicolon", "delimiter: ';'"]),
        (b"id\tname\tprice\n1\tBolt\t2\n", ["separated by a tab"]),
        (b"id,name,cost\n1,Bolt,2\n", ["line 1: no column 'price'", "id, name, cost", "change the mapping"]),
        (b"id,name,prices\n1,Bolt,2\n", ["Did 'prices' replace it?"]),
        (b"id,name,price,name\n1,Bolt,2,x\n", ["column 'name' stands there twice"]),
        (b"id,name,price\n1,Bolt,2\n2,Nut\n", ["line 3: 2 fields instead of 3", "before column 'price'"]),
        (b"id,name,price\n1,Bolt, big,2\n", ["line 2: 4 fields instead of 3", "unquoted delimiter"]),
        (b'id,name,price\n1,Bolt,2\n2,"Nut,3\n4,Pin,5\n', ["line 3: not well-formed", "quotation mark"]),
        (b'id,name,price\n1,"Bolt" x,2\n', ["line 2: not well-formed"]),
        (b"id,name,price\n1,Bolt,2\n2,M\xfctter,3\n", ["line 3, column 'name': not utf-8-sig text", "UTF-8"]),
        ("id,name,price\n1,Bolt,2\n".encode("utf-16"), ["binary data or UTF-16"]),
        (b"PK\x03\x04" + bytes(100), ["a zip archive or an Excel workbook", "as CSV"]),
        (b"\x1f\x8b" + bytes(100), ["a gzip archive"]),
        (b"\x7fELF" + bytes(2000), ["binary data"]),
    ],
)
def test_a_file_that_is_not_what_the_mapping_says_is_refused(
    tmp_path: Path, content: bytes, words: list[str]
) -> None:
    """The message names the file, the line and column where there is one, and what to do."""
    with pytest.raises(SourceUnreadable) as caught:
        rows_of(source(tmp_path, content))
    message = str(caught.value)
    assert message.startswith("parts.csv")
    assert all(word in message for word in words), message


def test_a_mapping_may_name_another_delimiter_and_encoding(tmp_path: Path) -> None:
    """The remedies that the messages offer work."""
    file = source(tmp_path, "id;name;price\n1;Mütter;2\n".encode("cp1252"), delimiter=";", encoding="cp1252")
    (row,) = rows_of(file)
    assert isinstance(row, Row)
    assert row.values[1] == "Mütter"


@pytest.mark.parametrize(
    ("flags", "cells", "values"),
    [
        (["X", ""], "X,,", [True, False, False]),
        (["Y", "N"], "Y,N,", [True, False, None]),
        (["T", "F"], "T,F,", [True, False, None]),
        ([1, 0], "1,0,", [True, False, None]),
    ],
)
def test_flags_are_written_in_two_words(
    tmp_path: Path, flags: list[str], cells: str, values: list[bool | None]
) -> None:
    """With an empty word for no, an empty cell is no; otherwise it is not known."""
    declared = {"a": "flag", "b": "flag", "c": "flag", "d": "text"}
    (row,) = rows_of(source(tmp_path, f"a,b,c,d\n{cells},x\n".encode(), declared, flags=flags))
    assert isinstance(row, Row)
    assert list(row.values[:3]) == values


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ([True, False], "in quotes"),
        (["X", "X"], "must differ"),
        (["", "X"], "cannot be empty"),
        (["X"], "flags"),
    ],
)
def test_flags_that_cannot_be_told_apart_are_refused(tmp_path: Path, flags: list[str], words: str) -> None:
    """YAML reads `[yes, no]` as two truths, and says nothing of it."""
    with pytest.raises(ValidationError, match=words):
        source(tmp_path, b"", flags=flags)


NUMBERS = {"id": "integer required", "n": "decimal"}


def numbers(folder: Path, decimals: str, cells: list[str], **spec: Any) -> list[Batch]:
    lines = "\n".join(f"{number};{cell}" for number, cell in enumerate(cells, start=1))
    content = f"id;n\n{lines}\n".encode()
    return list(source(folder, content, NUMBERS, delimiter=";", decimals=decimals, **spec).batches())


def doubtful(batch: Batch) -> list[tuple[int, str]]:
    """Lines with a doubtful number, and the number as it was read."""
    assert {doubt.flag for doubt in batch.doubts} <= {"ambiguous_number"}
    return [(batch.lines[doubt.row], str(batch.columns[1][doubt.row])) for doubt in batch.doubts]


@pytest.mark.parametrize(
    ("decimals", "cells", "found"),
    [
        # A plain number among them: thousands are likely, and nothing shows it.
        ("comma", ["1.234", "12"], [(2, "1234")]),
        ("point", ["1.234", "12"], [(2, "1.234")]),
        ("comma", ["1,234", "2,500"], [(2, "1.234"), (3, "2.500")]),
        # One number that can be read in one way only settles the whole file, wherever it stands.
        ("comma", ["1.234", "12", "0,5"], []),
        ("comma", ["1.234", "2.345.678"], []),
        ("point", ["1.234", "12.50"], []),
        ("comma", ["12", "13"], []),
    ],
)
def test_numbers_that_could_be_read_in_two_ways_are_flagged(
    tmp_path: Path, decimals: str, cells: list[str], found: list[tuple[int, str]]
) -> None:
    """They are read as the mapping says, and the row carries that it is not sure."""
    (batch,) = numbers(tmp_path, decimals, cells)
    assert doubtful(batch) == found
    assert len(batch.lines) == len(cells)


@pytest.mark.parametrize(
    ("decimals", "cells"), [("comma", ["1.234", "2.345"]), ("point", ["1,234", "2,345"])]
)
def test_a_column_that_looks_like_the_other_convention_is_refused(
    tmp_path: Path, decimals: str, cells: list[str]
) -> None:
    """Where every number would be grouped thousands, a fraction is as likely: somebody has to say which."""
    other = "point" if decimals == "comma" else "comma"
    words = rf"line 2, column 'n': all 2 numbers .* Set `decimals: {other}` .* `settled: \[n\]`"
    with pytest.raises(SourceUnreadable, match=words):
        numbers(tmp_path, decimals, cells)
    (batch,) = numbers(tmp_path, decimals, cells, settled=["n"])
    assert doubtful(batch) == []
    assert batch.columns[1] == [Decimal(1234), Decimal(2345)]


def test_a_number_late_in_a_long_file_settles_those_before_it(tmp_path: Path) -> None:
    """The file is looked through, not only the rows that are read together."""
    batches = numbers(tmp_path, "comma", [*(["1.234", "12"] * 2500), "1,5"])
    assert len(batches) > 1
    assert not any(batch.doubts for batch in batches)
    assert sum(len(batch.lines) for batch in batches) == 5001


def test_a_quoted_line_break_shifts_no_line_of_a_later_batch(tmp_path: Path) -> None:
    """Rows are read by the thousand, and each still knows its line."""
    rows = [f'{n},"two\nlines",1' if n % 700 == 0 else f"{n},Nut,1" for n in range(1, 5000)]
    text = "\n".join(["id,name,price", *rows])
    lines = text.split("\n")
    for row in rows_of(source(tmp_path, text.encode())):
        assert isinstance(row, Row)
        assert lines[row.line - 1].startswith(f"{row.values[0]},")


def test_a_zero_byte_late_in_the_file_is_a_bad_value(tmp_path: Path) -> None:
    """The database takes no zero bytes; the row is set aside before it sees one."""
    (row,) = rows_of(source(tmp_path, b"id,name,price\n" + b"1,Bo" + b"x" * 9000 + b"\0lt,2\n"))
    assert isinstance(row, BadRow)
    assert "zero byte" in row.reason


PIECES = st.sampled_from(
    [b",", b'"', b"\n", b"\r", b"\xff", b"\xc3", b"\0", b"1", b"id,name,price\n", b"1,Nut,2\n"]
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES | st.binary(max_size=6), max_size=12))
def test_no_bytes_bring_the_reader_down(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    """Any content gives rows or a refusal, never another error."""
    with contextlib.suppress(SourceUnreadable):
        rows_of(
            source(tmp_path_factory.getbasetemp(), b"id,name,price\n" * (len(pieces) % 2) + b"".join(pieces))
        )
