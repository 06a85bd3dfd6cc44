"""What is wrong on purpose is wrong, is listed, and is read by nothing that answers."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from erp_adapters.demo.book import Book, Fault
from erp_adapters.demo.plants import plants_of
from erp_adapters.demo.sensors import A_DAY, FAHRENHEIT, IN_LOCAL_TIME, MISSING
from erp_adapters.demo.suppliers import suppliers_of

ROOT = Path(__file__).parents[3]


def of(book: Book, kind: str) -> list[Fault]:
    return [fault for fault in book.faults if fault.kind == kind]


def test_each_kind_is_planted_where_it_is_meant_to_be(books: tuple[Book, ...]) -> None:
    """Some at every plant, the others at the plants that are known for them."""
    kinds = {book.plant.code: set(Counter(fault.kind for fault in book.faults)) for book in books}
    everywhere = {
        "duplicate_material",
        "duplicate_supplier",
        "bom_unit",
        "stale_lead_time",
        "missing_standard_cost",
        "negative_stock",
    }
    assert all(everywhere <= found for found in kinds.values())
    only = {
        "naming_scheme": {"WRO", "OLO", "MTY", "HAM"},
        "sensor_history_missing": set(MISSING),
        "sensor_fahrenheit": {FAHRENHEIT},
        "sensor_local_time": {IN_LOCAL_TIME},
        "posts_late": {"MTY"},
        "model_drift": {"GRV"},
        "offline": {"WRO"},
    }
    for kind, sites in only.items():
        assert {site for site, found in kinds.items() if kind in found} == sites, kind


def test_listed_rows_are_there(book: Book) -> None:
    """Every fault of a row names a row of its record."""
    for fault in book.faults:
        if fault.record in book.sheets and fault.kind != "model_drift":
            assert fault.key in book.sheets[fault.record].keys, fault


def test_a_duplicate_is_another_row_of_the_same_thing(book: Book) -> None:
    """Another number and name; the same cost, weight and unit."""
    rows = {str(row["material_id"]): row for row in book.rows("material")}
    for fault in of(book, "duplicate_material"):
        twin, first = rows[fault.key.split("/")[1]], rows[fault.details["same_as"]]
        assert twin["number"] != first["number"]
        assert twin["name"] != first["name"]
        assert [twin[f] for f in ("standard_cost", "weight", "base_unit")] == [
            first[f] for f in ("standard_cost", "weight", "base_unit")
        ]


def test_a_supplier_entered_twice_got_some_of_the_orders(book: Book) -> None:
    """Orders, invoices and inspections went with it, and its tax id is another."""
    rows = {str(row["supplier_id"]): row for row in book.rows("supplier")}
    (fault,) = of(book, "duplicate_supplier")
    id = fault.key.split("/")[1]
    assert rows[id]["tax_id"] != rows[fault.details["same_as"]]["tax_id"]
    assert rows[id]["name"] != rows[fault.details["same_as"]]["name"]
    moved = {row["order_id"] for row in book.rows("purchase_order") if row["supplier_id"] == id}
    lines = {row["line_id"] for row in book.rows("purchase_line") if row["order_id"] in moved}
    assert moved
    for row in book.rows("supplier_invoice"):
        assert (row["line_id"] in lines) == (row["supplier_id"] == id)


def test_sensors_are_unsound_where_they_are_meant_to_be(books: tuple[Book, ...]) -> None:
    """Four tenths missing, days of 23 and 25 hours, and readings far above any in Celsius."""
    for book in books:
        days = list(book.rows("sensor_day"))
        readings = [str(row["readings"]).strip("{}").split(",") for row in days]
        whole = ((days[-1]["day"] - book.plant.first_day).days + 1) * A_DAY  # type: ignore[operator]
        there = sum(1 for day in readings for value in day if value != "NULL")
        if book.plant.code in MISSING:
            assert 0.5 < there / whole < 0.7
            continue
        lengths = {len(day) for day in readings}
        assert lengths == ({A_DAY, A_DAY - 12, A_DAY + 12} if book.plant.code == IN_LOCAL_TIME else {A_DAY})
        hottest = max(float(value) for day in readings for value in day)
        assert (hottest > 90) == (book.plant.code == FAHRENHEIT)


def test_one_plant_posts_a_day_and_a_half_late(books: tuple[Book, ...]) -> None:
    for book in books:
        delays = []
        for row in book.rows("operation_confirmation"):
            posted, ended = row["posted_at"], row["ended_at"]
            assert isinstance(posted, datetime)
            assert isinstance(ended, datetime)
            delays.append(posted - ended)
        median = sorted(delays)[len(delays) // 2]
        assert (median > timedelta(hours=36)) == (book.plant.code == "MTY")


def test_nothing_that_answers_reads_the_truth() -> None:
    """Only the demo writes it, and only what measures may read it."""
    for package in ("agents", "tools", "prompts", "policies", "server", "erp_adapters/store"):
        for file in (ROOT / package).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            assert "truth.json" not in text, file
            assert "demo.faults" not in text, file


@pytest.mark.slow
def test_the_whole_enterprise_is_of_the_promised_size() -> None:
    """What is known without making up a row: plants, products, parts, suppliers, machines, sensors, days."""
    plants = plants_of("full")
    products = {product.id: product for plant in plants for product in plant.products}
    kinds = Counter("finished" if product.kind == "finished" else "part" for product in products.values())
    assert kinds["finished"] == 120
    assert 800 <= kinds["part"] <= 1000
    known: Counter[str] = Counter(s.id for plant in plants for s in suppliers_of(plant))
    assert 130 <= len(known) <= 150
    assert 20 <= sum(1 for count in known.values() if count > 1) <= 30
    assert sum(len(plant.work_centres) for plant in plants) == 400
    assert sum(plant.scale.assets for plant in plants) == 60
    assert {plant.first_day for plant in plants} == {date(2024, 4, 1)}
    intermittent = sum(product.intermittent for product in products.values())
    assert 0.12 <= intermittent / 120 <= 0.18
