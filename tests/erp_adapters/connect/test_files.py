"""Files as they come: what can be told of them is told, and what cannot is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from erp_adapters.connect.files import delimiter_of, encoding_of, tables_of
from erp_adapters.connect.seen import SeenTable
from erp_adapters.errors import SourceUnreadable
from tests.erp_adapters.connect.workshops import bad_files


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SeenTable]:
    """The folder of bad files, looked at once."""
    return {table.name: table for table in tables_of(bad_files(tmp_path_factory.mktemp("bad")))}


def test_how_a_file_is_written_is_seen(seen: dict[str, SeenTable]) -> None:
    """Semicolons, an old encoding, decimal commas and German days, whatever the name ends in."""
    table = seen["artikel"]
    assert (table.delimiter, table.encoding, table.decimals, table.dates) == (";", "cp1252", "comma", "dmy")
    assert table.column("Bezeichnung").samples == ("Türgriff, groß", "Öse")
    assert seen["buchungen"].delimiter == "|"
    assert [column.name for column in seen["meldungen"].columns] == ["id", "material.number", "qty", "done"]
    assert seen["meldungen"].flags == ("true", "false")
    assert len(seen["breit"].columns) == 500


def test_what_cannot_be_told_is_said(seen: dict[str, SeenTable]) -> None:
    """Two encodings in one file, no rows, no header, a damaged workbook: each with what to do."""
    assert "two encodings in one file" in seen["lieferanten"].doubts[0]
    assert "line 3" in seen["lieferanten"].doubts[0]
    assert seen["leer"].unusable == "empty"
    assert "no columns" in seen["ohne_kopf"].unusable
    assert "each sheet as CSV" in seen["mappe"].unusable
    assert seen["nur_kopf"].rows == 0
    assert not seen["nur_kopf"].unusable


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Größe;Maß\n", "cp1252"),
        ("Größe;Maß\n", "cp850"),
        ("Größe;Maß\n", "utf-8-sig"),
        ("Größe;Maß\n", "utf-16"),
    ],
)
def test_encodings_of_old_programs_are_told_apart(tmp_path: Path, text: str, encoding: str) -> None:
    """By the letters that people write, not by which of them happens to decode."""
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode(encoding))
    assert encoding_of(path).name == encoding


def test_a_delimiter_that_could_be_another_is_doubtful() -> None:
    """Decimal commas do not make a table of commas, and of two that fit both are named."""
    assert delimiter_of(["a;b;c\n", "1,5;2,5;3,5\n", "1,5;2;3\n"])[0] == ";"
    best, doubts = delimiter_of(["a,b|c,d|e,f\n", "1,2|3,4|5,6\n"])
    assert best == ","
    assert "bars (3 columns) would fit as well" in doubts[0]


def test_rows_of_another_width_are_counted(tmp_path: Path) -> None:
    """They make a file that cannot be loaded, and the first line is named."""
    (tmp_path / "cut.csv").write_text("a,b\n1,2\n3\n4,5\n", encoding="utf-8")
    [table] = tables_of(tmp_path)
    assert "1 rows have more or fewer fields" in table.doubts[0]
    assert "line 3" in table.doubts[0]


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    """With the kinds of files that are looked for."""
    with pytest.raises(SourceUnreadable, match=r"\.csv"):
        tables_of(tmp_path)
    with pytest.raises(SourceUnreadable, match="no folder"):
        tables_of(tmp_path / "absent")
