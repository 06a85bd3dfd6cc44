"""The demo is the same everywhere, hangs together, and shows what it is meant to show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from erp_adapters.demo.book import FLAGS, Book
from erp_adapters.demo.plant import AS_OF_DAY

ROOT = Path(__file__).parents[3]
CHECKSUMS = """
import json
from erp_adapters.demo.enterprise import history_of
from erp_adapters.demo.plants import plants_of
plants = plants_of('small')
print(json.dumps({p.code: {n: s.checksum() for n, s in history_of(p).sheets.items()} for p in plants}))
"""
REFERENCES = (
    ("bom_item", "parent_id", "material", "material_id"),
    ("bom_item", "component_id", "material", "material_id"),
    ("routing_operation", "material_id", "material", "material_id"),
    ("routing_operation", "work_centre_id", "work_centre", "work_centre_id"),
    ("work_centre", "cost_centre_id", "cost_centre", "cost_centre_id"),
    ("production_order", "material_id", "material", "material_id"),
    ("production_order", "scrap_reason_id", "scrap_reason", "scrap_reason_id"),
    ("operation_confirmation", "order_id", "production_order", "order_id"),
    ("downtime", "work_centre_id", "work_centre", "work_centre_id"),
    ("info_record", "supplier_id", "supplier", "supplier_id"),
    ("substitute", "material_id", "material", "material_id"),
    ("substitute", "replaced_by", "material", "material_id"),
    ("purchase_order", "supplier_id", "supplier", "supplier_id"),
    ("purchase_order", "ship_method_id", "ship_method", "ship_method_id"),
    ("purchase_line", "order_id", "purchase_order", "order_id"),
    ("purchase_line", "material_id", "material", "material_id"),
    ("goods_receipt", "line_id", "purchase_line", "line_id"),
    ("supplier_invoice", "line_id", "purchase_line", "line_id"),
    ("sales_order", "customer_id", "customer", "customer_id"),
    ("sales_line", "order_id", "sales_order", "order_id"),
    ("billing_line", "line_id", "sales_line", "line_id"),
    ("stock", "location_id", "location", "location_id"),
    ("stock_movement", "material_id", "material", "material_id"),
    ("quality_hold", "batch_id", "batch", "batch_id"),
    ("ledger_line", "account_id", "account", "account_id"),
    ("ledger_line", "cost_centre_id", "cost_centre", "cost_centre_id"),
    ("budget", "cost_centre_id", "cost_centre", "cost_centre_id"),
    ("document", "supplier_id", "supplier", "supplier_id"),
)
DONE = (
    ("production_order", "end_on"),
    ("operation_confirmation", "posted_at"),
    ("downtime", "ended_at"),
    ("purchase_order", "ordered_on"),
    ("purchase_line", "received_on"),
    ("supplier_invoice", "invoiced_on"),
    ("sales_order", "ordered_on"),
    ("billing_line", "billed_on"),
    ("stock_movement", "posted_at"),
    ("maintenance_order", "completed_on"),
    ("fx_rate", "valid_on"),
)


def number(value: object) -> Decimal:
    return Decimal(str(value or 0))


@pytest.mark.slow
def test_another_process_makes_the_same_rows(books: tuple[Book, ...]) -> None:
    """Nothing depends on the order of a set, on the clock, or on what ran before."""
    made = subprocess.run(
        [sys.executable, "-c", CHECKSUMS],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True,
        check=True,
    )
    here = {book.plant.code: {name: s.checksum() for name, s in book.sheets.items()} for book in books}
    assert json.loads(made.stdout) == here


def test_the_small_one_is_of_the_promised_size(long_book: Book) -> None:
    """Small enough to build in seconds, large enough to ask about."""
    rows = {name: len(sheet.rows) for name, sheet in long_book.sheets.items()}
    assert rows["material"] == 62
    assert 2300 <= rows["production_order"] <= 2700
    assert rows["operation_confirmation"] > 2 * rows["production_order"]
    assert 550 <= rows["purchase_order"] <= 650
    assert 1300 <= rows["purchase_line"] <= 1700
    assert 15 <= rows["supplier"] <= 30
    assert sum(rows.values()) < 70_000


def test_suppliers_and_products_are_shared(books: tuple[Book, ...]) -> None:
    """What the first two plants know has one name in both."""
    for record, key in (("supplier", "supplier_id"), ("material", "material_id")):
        kassel, greenville = ({row[key]: row["name"] for row in book.rows(record)} for book in books[:2])
        shared = kassel.keys() & greenville.keys()
        assert len(shared) >= 8
        assert kassel.keys() - shared
        assert greenville.keys() - shared
        assert all(kassel[code] == greenville[code] for code in shared)


@pytest.mark.parametrize(("record", "field", "target", "key"), REFERENCES)
def test_references_lead_somewhere(book: Book, record: str, field: str, target: str, key: str) -> None:
    """No row points at one that is not there."""
    known = {row[key] for row in book.rows(target)}
    used = {row[field] for row in book.rows(record)} - {None}
    assert used
    assert used <= known


def test_no_two_rows_have_one_key(book: Book) -> None:
    """A source key names one row of its record."""
    for sheet in book.sheets.values():
        repeated = [key for key, count in Counter(sheet.keys).items() if count > 1]
        assert not repeated, f"{sheet.record}: {repeated[:3]}"


def test_each_plant_has_substitutes_of_every_kind(book: Book) -> None:
    """One that is released, one that quality decides about each time, one that it turned down."""
    rows = list(book.rows("substitute"))
    said = {(row["needs_approval"], row["is_blocked"]) for row in rows}
    assert said == {(False, False), (True, False), (False, True)}
    assert all(row["material_id"] != row["replaced_by"] for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize(("record", "field"), DONE)
def test_nothing_was_done_in_the_future(book: Book, record: str, field: str) -> None:
    """What is on record as done lies before business now."""
    done = [row[field] for row in book.rows(record) if row[field] is not None]
    assert done
    for moment in done:
        if isinstance(moment, datetime):
            assert moment <= book.plant.as_of
        else:
            assert isinstance(moment, date)
            assert moment <= AS_OF_DAY


def test_confirmations_follow_each_other(book: Book) -> None:
    """An order is worked on step by step, a work centre does one thing at a time, and only scrap is lost."""
    by_order: dict[object, list[tuple[datetime, datetime]]] = defaultdict(list)
    by_centre: dict[object, list[tuple[datetime, datetime]]] = defaultdict(list)
    left: dict[object, Decimal] = {
        row["order_id"]: number(row["ordered"]) for row in book.rows("production_order")
    }
    for row in book.rows("operation_confirmation"):
        started, ended = row["started_at"], row["ended_at"]
        assert isinstance(started, datetime)
        assert isinstance(ended, datetime)
        by_order[row["order_id"]].append((started, ended))
        by_centre[row["work_centre_id"]].append((started, ended))
        left[row["order_id"]] -= number(row["scrapped"])
        assert number(row["good"]) == left[row["order_id"]]
    for times in by_centre.values():
        times.sort()
    for times in (*by_order.values(), *by_centre.values()):
        assert all(before[1] <= after[0] for before, after in pairwise(times))


def test_one_supplier_is_worse_than_all_others(long_book: Book) -> None:
    """Late and rejected: the supplier that a buyer is meant to find."""
    supplier_of = {row["order_id"]: row["supplier_id"] for row in long_book.rows("purchase_order")}
    late: Counter[object] = Counter()
    lines: Counter[object] = Counter()
    rejected: Counter[object] = Counter()
    for row in long_book.rows("purchase_line"):
        if row["received_on"] is not None:
            supplier = supplier_of[row["order_id"]]
            lines[supplier] += 1
            late[supplier] += str(row["received_on"]) > str(row["due_on"])
            rejected[supplier] += int(number(row["rejected"]))
    assert max(lines, key=lambda supplier: late[supplier] / lines[supplier]) == "7001"
    assert rejected.most_common(1)[0][0] == "7001"


def test_scrap_spikes_in_one_month_at_one_work_centre(long_book: Book) -> None:
    """At least three times as much as in any other month."""
    spike = long_book.plant.spike
    good: Counter[str] = Counter()
    scrapped: Counter[str] = Counter()
    for row in long_book.rows("operation_confirmation"):
        if row["work_centre_id"] == spike.work_centre:
            month = str(row["ended_at"])[:7]
            good[month] += int(number(row["good"]))
            scrapped[month] += int(number(row["scrapped"]))
    rates = {month: scrapped[month] / (good[month] + scrapped[month]) for month in good}
    usual = [rate for month, rate in rates.items() if month != f"{spike.month:%Y-%m}"]
    # An order that started in the month may end in the next.
    assert rates[f"{spike.month:%Y-%m}"] > 3 * sorted(usual)[-2]


def test_one_press_stands_still_most(long_book: Book) -> None:
    """Its unplanned downtime is at least three times that of any other work centre."""
    minutes: Counter[object] = Counter()
    for row in long_book.rows("downtime"):
        if not row["is_planned"]:
            minutes[row["work_centre_id"]] += int(number(row["minutes"]))
    (worst, most), (_, next_most) = minutes.most_common(2)
    assert worst == long_book.plant.weak_press
    assert most > 3 * next_most


def test_services_that_are_due_have_their_parts_and_some_stock_is_on_its_way(book: Book) -> None:
    """Most services say what they take, from what there is plenty of; what moves is part of the balance."""
    on_hand: Counter[object] = Counter()
    for row in book.rows("stock"):
        if row["status"] == "unrestricted":
            on_hand[row["material_id"]] += int(number(row["quantity"]))
    made = {row["order_id"] for row in book.rows("production_order")}
    due = {row["order_id"] for row in book.rows("maintenance_order") if row["status"] == "planned"}
    spares = [row for row in book.rows("reservation") if row["order_id"] not in made]
    assert {row["order_id"] for row in spares} < due, "for some nobody has said what they take"
    assert len({row["order_id"] for row in spares}) > len(due) / 2
    needed: Counter[object] = Counter()
    for row in spares:
        needed[row["material_id"]] += int(number(row["quantity"]))
    assert all(on_hand[material] > 3 * quantity for material, quantity in needed.items())
    assert sum(row["status"] == "transit" for row in book.rows("stock")) == 3


def test_some_parts_are_short(long_book: Book) -> None:
    """Open orders need more of them than there is, and deliveries are overdue."""
    on_hand: Counter[object] = Counter()
    needed: Counter[object] = Counter()
    for row in long_book.rows("stock"):
        on_hand[row["material_id"]] += int(number(row["quantity"]))
    for row in long_book.rows("reservation"):
        needed[row["material_id"]] += int(number(row["quantity"]) - number(row["withdrawn"]))
    overdue = {
        row["material_id"]
        for row in long_book.rows("purchase_line")
        if row["received"] is None and str(row["due_on"]) < AS_OF_DAY.isoformat()
    }
    for material in long_book.plant.short:
        assert on_hand[material] < needed[material]
        assert material in overdue


def test_data_quality_has_something_to_show(long_book: Book) -> None:
    """Each kind of flag is there, says what it means, and stands on few rows."""
    found = {
        (record, rule.rule): rule.rows
        for record in long_book.sheets
        for rule in long_book.sheets[record].outcome().rules
    }
    assert {flag for _, flag in found} == FLAGS.keys()
    for wanted in (
        ("material", "no_standard_cost"),
        ("stock", "negative_stock"),
        ("production_order", "undated"),
        ("production_order", "scrap_without_reason"),
        ("purchase_line", "over_received"),
        ("info_record", "no_price"),
    ):
        assert 0 < found[wanted] <= 40


def test_flagged_rows_are_what_their_flag_says(book: Book) -> None:
    """A flag is a fact about the row, not a decoration."""
    for row, flags in _flagged(book, "stock"):
        assert ("negative_stock" in flags) == (number(row["quantity"]) < 0)
    for row, flags in _flagged(book, "production_order"):
        assert ("undated" in flags) == (row["due_on"] is None)
        assert ("scrap_without_reason" in flags) == (
            number(row["scrapped"]) > 0 and row["scrap_reason_id"] is None
        )
    for row, flags in _flagged(book, "material"):
        assert ("no_standard_cost" in flags) == (row["standard_cost"] is None)


def _flagged(book: Book, record: str) -> Iterator[tuple[dict[str, object], tuple[str, ...]]]:
    for row, flags in zip(book.rows(record), book.sheets[record].flags, strict=True):
        yield dict(row), flags
