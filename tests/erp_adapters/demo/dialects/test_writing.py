"""How single values are written, and that the same book gives the same bytes."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from erp_adapters.demo.book import Book
from erp_adapters.demo.dialects import SiteCodes, dialect, export, site_codes
from erp_adapters.demo.plant import Plant
from erp_adapters.demo.plants import plants_of
from erp_adapters.errors import ConfigurationError
from erp_adapters.store.reading import Value

PLANTS = {plant.code: plant for plant in plants_of("small")}
BERLIN = ZoneInfo("Europe/Berlin")


def _book(plant: Plant, record: str, *rows: dict[str, Value]) -> Book:
    book = Book(plant)
    for number, row in enumerate(rows):
        book.add(record, str(number), flags=(), **row)
    return book


def _written(book: Book, system: str, table: str, folder: Path) -> list[dict[str, str]]:
    """The rows of a table, as they stand in its file."""
    spec = dialect(system)
    export(book, spec, site_codes(book.plant.code), folder)
    text = (folder / spec.file(table)).read_text(encoding=spec.encoding)
    return list(csv.DictReader(text.splitlines(), delimiter=spec.delimiter))


def test_the_same_book_gives_the_same_bytes(books: tuple[Book, ...], tmp_path: Path) -> None:
    """Twice the same files, and a manifest that tells their rows and digests."""
    book = books[-1]
    one, other = tmp_path / "one", tmp_path / "other"
    written = export(book, dialect("lotto"), site_codes(book.plant.code), one)
    export(book, dialect("lotto"), site_codes(book.plant.code), other)
    names = sorted(path.name for path in one.iterdir())
    assert all((one / name).read_bytes() == (other / name).read_bytes() for name in names)
    manifest = json.loads((one / "manifest.json").read_text(encoding="utf-8"))
    assert sorted([*(entry["file"] for entry in manifest), "manifest.json"]) == names
    for entry in manifest:
        content = (one / entry["file"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["rows"] == content.count(b"\n") - 1
    assert written.rows == sum(entry["rows"] for entry in manifest)


def test_numbers_of_each_system(tmp_path: Path) -> None:
    """The minus behind, thousands in groups, decimals that are only implied."""
    rate: dict[str, Value] = {
        "cost_centre_id": "4110",
        "activity": "hour",
        "period": "2026-03",
        "currency": "EUR",
    }
    row = rate | {"plan_rate": Decimal("-1234.50"), "actual_rate": "65"}
    (norda,) = _written(_book(PLANTS["KAS"], "activity_rate", row), "norda", "COST", tmp_path / "n")
    assert (norda["TOG001"], norda["TKG001"]) == ("1234,50-", "65,00")
    (plexor,) = _written(_book(PLANTS["GRV"], "activity_rate", row), "plexor", "F30008", tmp_path / "p")
    assert (plexor["RASRAT"], plexor["RAARAT"]) == ("-123450", "6500")
    (lotto,) = _written(
        _book(PLANTS["BRE"], "activity_rate", row), "lotto", "TARIFFE_ATTIVITA", tmp_path / "l"
    )
    assert (lotto["TARIFFA_PREV"], lotto["TARIFFA_CONS"]) == ("-1.234,50", "65,00")


def test_no_decimal_is_lost_without_a_word(tmp_path: Path) -> None:
    """More decimals than usual are written; more than a system implies are refused."""
    row: dict[str, Value] = {
        "ship_method_id": "1",
        "name": "Parcel",
        "base_charge": Decimal("12.345"),
        "rate": None,
    }
    (norda,) = _written(_book(PLANTS["KAS"], "ship_method", row), "norda", "ZVERSART", tmp_path)
    assert (norda["GRUND"], norda["ANTEIL"]) == ("12,345", "")
    with pytest.raises(ValueError, match=r"12\.345 has more than the 2 decimals that are implied"):
        _written(_book(PLANTS["GRV"], "ship_method", row), "plexor", "F0005MOT", tmp_path)


def test_leading_zeros_can_be_taken_off_again(tmp_path: Path) -> None:
    """A number is filled up, a name is left alone, and a number that begins with a zero is refused."""
    row: dict[str, Value] = {"customer_id": "1900001", "name": "A", "country": "DE", "group_company": None}
    book = _book(PLANTS["KAS"], "customer", row, row | {"customer_id": "X9"})
    assert [line["KUNNR"] for line in _written(book, "norda", "KNA1", tmp_path)] == ["0001900001", "X9"]
    with pytest.raises(ValueError, match="'007' begins with a zero"):
        _written(_book(PLANTS["KAS"], "customer", row | {"customer_id": "007"}), "norda", "KNA1", tmp_path)


def test_text_with_the_delimiter_stays_in_its_column(tmp_path: Path) -> None:
    """Bars, quotation marks and line ends do not move what follows."""
    names = ["Pipe|Fitting", 'Pump 3/4"', "two\nlines"]
    rows: list[dict[str, Value]] = [
        {"customer_id": str(n), "name": name, "country": "DE", "group_company": None}
        for n, name in enumerate(names, start=1)
    ]
    spec = dialect("norda")
    export(_book(PLANTS["KAS"], "customer", *rows), spec, site_codes("KAS"), tmp_path)
    with (tmp_path / "KNA1.txt").open(encoding="utf-8", newline="") as file:
        assert [row["NAME1"] for row in csv.DictReader(file, delimiter="|")] == names


def test_the_hour_that_comes_twice(tmp_path: Path) -> None:
    """In UTC the two are an hour apart; the system with local times shows the same, which is its loss."""
    first = datetime(2025, 10, 26, 2, 30, tzinfo=BERLIN)
    rows: list[dict[str, Value]] = [
        {"downtime_id": str(fold), "work_centre_id": "L1", "started_at": first.replace(fold=fold)}
        for fold in (0, 1)
    ]
    utc = _written(_book(PLANTS["KAS"], "downtime", *rows), "takt", "machine_stopped", tmp_path / "t")
    assert [row["data.from"] for row in utc] == ["2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z"]
    local = _written(_book(PLANTS["BRE"], "downtime", *rows), "linea", "STOPS", tmp_path / "l")
    assert [row["T_BEGIN"] for row in local] == ["26.10.2025 02:30:00"] * 2
    assert any("equal local times" in loss.what for loss in dialect("linea").losses)


def test_moments_as_each_system_shows_them(tmp_path: Path) -> None:
    """Two columns by the clock of the plant, and no date where there is none."""
    row: dict[str, Value] = {
        "hold_id": "H1",
        "material_id": "1001",
        "severity": "high",
        "placed_at": datetime(2026, 7, 1, 12, 5, tzinfo=UTC),
        "released_at": None,
    }
    (norda,) = _written(_book(PLANTS["KAS"], "quality_hold", row), "norda", "QMEL", tmp_path / "n")
    assert [norda[c] for c in ("QMDAT", "MZEIT", "BEZDT", "BEZUR")] == ["20260701", "140500", "00000000", ""]
    (plexor,) = _written(_book(PLANTS["GRV"], "quality_hold", row), "plexor", "F41082", tmp_path / "p")
    assert [plexor[c] for c in ("LHTRDJ", "LHTDAY", "LHRLDJ")] == ["07/01/2026", "080500", ""]


def test_readings_of_a_day(tmp_path: Path) -> None:
    """Blanks between readings, a dash for one that did not come, and the system's own decimal sign."""
    row: dict[str, Value] = {"sensor_id": "T", "day": date(2026, 3, 1), "readings": "{61.5,NULL,-2.0,NULL}"}
    (takt,) = _written(_book(PLANTS["KAS"], "sensor_day", row), "takt", "sensor_days", tmp_path / "t")
    (linea,) = _written(_book(PLANTS["GRV"], "sensor_day", row), "linea", "DAYFILE", tmp_path / "l")
    assert (takt["values"], linea["SAMPLES"]) == ("61.5 - -2.0 -", "61,5 - -2,0 -")


def test_letters_that_a_system_does_not_have(tmp_path: Path) -> None:
    """Windows keeps a grave accent, loses a hacek and a stroke, and the export says in which lines."""
    rows: list[dict[str, Value]] = [
        {"customer_id": str(n), "name": name, "country": "IT", "group_company": None}
        for n, name in enumerate(["Città Nuova", "Čerpadla Łódź"], start=1)
    ]
    written = export(_book(PLANTS["BRE"], "customer", *rows), dialect("lotto"), site_codes("BRE"), tmp_path)
    text = (tmp_path / "CLIENTI.csv").read_text(encoding="cp1252")
    assert "Città Nuova" in text
    assert "Cerpadla Lódz" in text
    assert [line.split(";")[1] for line in written.unaccented] == ["Čerpadla Łódź"]


def test_prices_are_for_as_many_as_the_system_says(tmp_path: Path) -> None:
    """A price for a hundred beside the hundred."""
    row: dict[str, Value] = {
        "material_id": "4001",
        "supplier_id": "7001",
        "standard_price": Decimal("3.24"),
        "unit": "PC",
        "valid_from": date(2025, 1, 1),
    }
    (line,) = _written(_book(PLANTS["KAS"], "info_record", row), "norda", "EINE", tmp_path)
    assert (line["NETPR"], line["PEINH"], line["BPRME"], line["DATAB"]) == ("324,00", "100", "ST", "20250101")


def test_rows_of_two_records_in_one_table_are_marked(tmp_path: Path) -> None:
    """Orders and contracts share a table of headers, and a contract has its line in the table beside."""
    book = _book(
        PLANTS["KAS"],
        "contract",
        {"contract_id": "C1", "supplier_id": "7001", "material_id": "5001", "unit_price": Decimal(9)},
    )
    book.add("purchase_order", "1", order_id="1400001", supplier_id="7001", status="pending")
    heads = _written(book, "norda", "EKKO", tmp_path)
    lines = _written(book, "norda", "EKPO", tmp_path)
    assert [(row["EBELN"], row["BSTYP"]) for row in heads] == [("0001400001", "F"), ("C1", "K")]
    assert [(row["EBELN"], row["NETPR"], row["BSTYP"]) for row in lines] == [("C1", "9,00", "K")]


def test_orders_stand_under_the_column_of_their_kind(tmp_path: Path) -> None:
    """A movement names a production order, a purchase order or a sales order, each in its own column."""
    rows: list[dict[str, Value]] = [
        {"movement_id": str(n), "material_id": "1001", "kind": kind, "quantity": 1, "order_id": f"14{n}"}
        for n, kind in enumerate(["purchase", "sale", "production"], start=1)
    ]
    written = _written(_book(PLANTS["KAS"], "stock_movement", *rows), "norda", "MSEG", tmp_path)
    assert [(row["EBELN"], row["KDAUF"], row["AUFNR"]) for row in written] == [
        ("0000000141", "", ""),
        ("", "0000000142", ""),
        ("", "", "000000000143"),
    ]


def test_codes_of_another_company_are_refused(tmp_path: Path) -> None:
    """Rules and book of two companies would be mixed up in every ledger line."""
    codes = SiteCodes(site="KAS", company="9999", codes={}, first_month=1, period="{period}.{year}")
    with pytest.raises(ConfigurationError, match=r"company '9999' in its rules and '1000' in its book"):
        export(Book(PLANTS["KAS"]), dialect("norda"), codes, tmp_path)


def test_fiscal_years_that_begin_later() -> None:
    """A year is named by the month that it ends in."""
    codes = SiteCodes(site="X", company="1", codes={}, first_month=4, period="{year}/P{period:2}")
    assert codes.period_code("2026-03") == "2026/P12"
    assert codes.period_code("2026-04") == "2027/P01"
