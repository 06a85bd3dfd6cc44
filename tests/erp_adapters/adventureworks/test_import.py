"""All of AdventureWorks arrives as it is: every row, every total, every gap left open and flagged."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from erp_adapters.adventureworks.mapping import mapping
from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, Store
from erp_adapters.store.lineage import lineage
from tests.conftest import ADVENTUREWORKS, Database

ROOT = Path(__file__).parents[3]
CALLER = Caller("t", "T", frozenset(), frozenset({"AW"}), frozenset(map(str, range(1, 15))))


@pytest.fixture
def owner(adventureworks: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(adventureworks.dsn(OWNER_ROLE)) as connection:
        yield connection


def one(owner: psycopg.Connection[Any], query: str) -> tuple[Any, ...]:
    row = owner.execute(query.encode()).fetchone()
    assert row is not None
    return tuple(row)


def rows(file: str) -> list[dict[str, str]]:
    with (ADVENTUREWORKS / f"{file}.csv").open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def total(file: str, column: str) -> Decimal:
    """Sum of a column as the store keeps it: each value to six places."""
    step = Decimal("0.000001")
    values = (Decimal(row[column]) for row in rows(file) if row[column])
    return sum((value.quantize(step, ROUND_HALF_UP) for value in values), Decimal(0))


def test_every_row_of_every_file_is_loaded(owner: psycopg.Connection[Any]) -> None:
    """Rows in the tables are the rows of the manifest; nothing was set aside and no file was overlooked."""
    expected = {
        entry["file"]: entry["rows"] for entry in json.loads((ADVENTUREWORKS / "manifest.json").read_text())
    }
    aw = mapping()
    assert {spec.file for spec in aw.files.values()} == expected.keys()
    for record in aw.records:
        found = one(owner, f"select count(*) from erp.{record.record} where source_system = 'adventureworks'")
        assert found == (expected[aw.files[record.file].file],), record.record
    (report,) = one(owner, "select report from erp.load where status = 'loaded'")
    assert {file["file"]: file["rows"] for file in report["files"]} == expected
    assert all(file["sha256"] == file["expected_sha256"] for file in report["files"])
    assert not any(record["quarantined"] for record in report["records"])
    assert not any(file["undeclared"] for file in report["files"])


@pytest.mark.parametrize(
    ("record", "field", "file", "column"),
    [
        ("material", "standard_cost", "product", "StandardCost"),
        ("material", "list_price", "product", "ListPrice"),
        ("material", "weight", "product", "Weight"),
        ("material", "safety_stock", "product", "SafetyStockLevel"),
        ("standard_cost_version", "standard_cost", "productcosthistory", "StandardCost"),
        ("list_price_version", "list_price", "productlistpricehistory", "ListPrice"),
        ("stock", "quantity", "productinventory", "Quantity"),
        ("location", "availability", "location", "Availability"),
        ("bom_item", "quantity_per", "billofmaterials", "PerAssemblyQty"),
        ("bom_item", "level", "billofmaterials", "BOMLevel"),
        ("info_record", "standard_price", "productvendor", "StandardPrice"),
        ("info_record", "on_order", "productvendor", "OnOrderQty"),
        ("purchase_order", "total", "purchaseorderheader", "TotalDue"),
        ("purchase_line", "line_total", "purchaseorderdetail", "LineTotal"),
        ("purchase_line", "rejected", "purchaseorderdetail", "RejectedQty"),
        ("production_order", "ordered", "workorder", "OrderQty"),
        ("production_order", "stocked", "workorder", "StockedQty"),
        ("production_order", "scrapped", "workorder", "ScrappedQty"),
        ("stock_movement", "quantity", "transactionhistory", "Quantity"),
        ("stock_movement", "unit_cost", "transactionhistory", "ActualCost"),
        ("fx_rate", "average_rate", "currencyrate", "AverageRate"),
        ("fx_rate", "closing_rate", "currencyrate", "EndOfDayRate"),
        ("ledger_line", "amount", "factfinance", "Amount"),
    ],
)
def test_totals_are_those_of_the_files(
    owner: psycopg.Connection[Any], record: str, field: str, file: str, column: str
) -> None:
    """Sums over the tables equal sums over the files, to the last digit kept."""
    assert one(owner, f"select sum({field}) from erp.{record}") == (total(file, column),)


@pytest.mark.parametrize(
    ("record", "field", "file", "column"),
    [
        ("production_order", "start_on", "workorder", "StartDate"),
        ("production_order", "due_on", "workorder", "DueDate"),
        ("production_order", "scrap_reason_id", "workorder", "ScrapReasonID"),
        ("bom_item", "parent_id", "billofmaterials", "ProductAssemblyID"),
        ("bom_item", "valid_to", "billofmaterials", "EndDate"),
        ("material", "colour", "product", "Color"),
        ("material", "size", "product", "Size"),
        ("material", "subcategory", "product", "ProductSubcategoryID"),
        ("material", "category", "product", "ProductSubcategoryID"),
        ("material", "model", "product", "ProductModelID"),
        ("purchase_order", "shipped_on", "purchaseorderheader", "ShipDate"),
    ],
)
def test_empty_stays_empty(
    owner: psycopg.Connection[Any], record: str, field: str, file: str, column: str
) -> None:
    """As many values as the file has, so no default was put where the source says nothing."""
    assert one(owner, f"select count({field}) from erp.{record}") == (
        sum(1 for row in rows(file) if row[column]),
    )


def test_codes_become_words(owner: psycopg.Connection[Any]) -> None:
    """Statuses, kinds, scenarios, flags, categories and currencies read as people say them."""
    statuses = {"1": "pending", "2": "approved", "3": "rejected", "4": "complete"}
    expected = Counter(statuses[row["Status"]] for row in rows("purchaseorderheader"))
    assert (
        dict(owner.execute("select status, count(*) from erp.purchase_order group by 1").fetchall())
        == expected
    )
    kinds = {"W": "production", "P": "purchase", "S": "sale"}
    moved = Counter(kinds[row["TransactionType"]] for row in rows("transactionhistory"))
    assert dict(owner.execute("select kind, count(*) from erp.stock_movement group by 1").fetchall()) == moved
    scenarios = {"1": "actual", "2": "plan", "3": "forecast"}
    lines = Counter((row["OrganizationKey"], scenarios[row["ScenarioKey"]]) for row in rows("factfinance"))
    found = owner.execute("select company, scenario, count(*) from erp.ledger_line group by 1, 2").fetchall()
    assert {(company, scenario): count for company, scenario, count in found} == lines
    made = sum(row["MakeFlag"] == "1" for row in rows("product"))
    assert one(owner, "select count(*) from erp.material where is_made") == (made,)
    bike = one(
        owner,
        "select name, category, subcategory, product_line, class, style, colour, currency from erp.material"
        " where number = 'BK-R93R-62'",
    )
    assert bike == ("Road-150 Red, 62", "Bikes", "Road Bikes", "R", "H", "U", "Red", "USD")


def test_organisations_are_companies_with_their_own_currency(owner: psycopg.Connection[Any]) -> None:
    """A ledger line is in the currency of its organisation, found through two tables."""
    names = dict(owner.execute("select name, array[currency, parent] from erp.company").fetchall())
    assert names["Canadian Division"] == ["CAD", "2"]
    assert names["France"] == ["EUR", "9"]
    assert names["AdventureWorks Cycle"] == ["USD", None]
    assert one(owner, "select ownership_pct from erp.company where name = 'Germany'") == (Decimal(25),)
    odd = one(
        owner,
        "select count(*) from erp.ledger_line l join erp.company c using (site, company)"
        " where l.currency <> c.currency",
    )
    assert odd == (0,)


def test_undated_work_orders_stay_undated_and_are_flagged(owner: psycopg.Connection[Any]) -> None:
    """The orders after the cut of the copy have no dates, carry the flag, and are exactly those."""
    undated = sum(1 for row in rows("workorder") if not row["StartDate"])
    flagged = one(
        owner,
        "select count(*), count(start_on), count(due_on), min(order_id::int) from erp.production_order"
        " where 'undated' = any (flags)",
    )
    assert flagged == (undated, 0, 0, 65536)
    unflagged = "select count(*) from erp.production_order where flags = '{}' and due_on is null"
    assert one(owner, unflagged) == (0,)


def test_stock_that_cannot_be_valued_is_flagged(owner: psycopg.Connection[Any]) -> None:
    """Every stocked product without a standard cost, and every stock row of one."""
    costless = {row["ProductID"] for row in rows("product") if Decimal(row["StandardCost"]) == 0}
    stocked = [row["ProductID"] for row in rows("productinventory") if row["ProductID"] in costless]
    flag = "where 'no_standard_cost' = any (flags)"
    assert one(owner, f"select count(*) from erp.material {flag}") == (len(set(stocked)),)
    assert one(owner, f"select count(*) from erp.stock {flag}") == (len(stocked),)


def test_business_now_is_the_latest_recorded_event(owner: psycopg.Connection[Any]) -> None:
    """The latest of what was done, not of what is planned, and the same day at the site and in UTC."""
    done = [
        max(row[column][:10] for row in rows(file))
        for file, column in [
            ("workorder", "EndDate"),
            ("transactionhistory", "TransactionDate"),
            ("productinventory", "ModifiedDate"),
            ("purchaseorderheader", "OrderDate"),
            ("purchaseorderheader", "ShipDate"),
            ("productvendor", "LastReceiptDate"),
        ]
    ]
    days = one(
        owner, "select (as_of at time zone 'UTC')::date, (as_of at time zone time_zone)::date from erp.site"
    )
    assert days == (date.fromisoformat(max(done)),) * 2


def test_monthly_sums_agree_with_the_ledger_lines(owner: psycopg.Connection[Any]) -> None:
    """Period aggregates hold all lines and all money, and not one month twice."""
    lines = one(owner, "select count(*), sum(amount) from erp.ledger_line")
    assert one(owner, "select sum(lines)::bigint, sum(amount) from erp.ledger_period") == lines
    assert one(owner, "select count(*) from erp.ledger_period where extract(day from month) <> 1") == (0,)


async def test_every_row_leads_back_to_its_line(
    owner: psycopg.Connection[Any], adventureworks_store: Store
) -> None:
    """Any loaded row has a line of a file, and that line says what the row says."""
    loaded = sum(one(owner, f"select count(*) from erp.{r.record}")[0] for r in mapping().records)
    assert one(owner, "select count(*) from erp.source_line") == (loaded,)
    async with adventureworks_store.reading(CALLER) as tx:
        (found,) = await lineage(tx, "production_order", "WorkOrder/70000")
    assert found.file == "workorder.csv"
    assert found.line is not None
    assert (ADVENTUREWORKS / found.file).read_text().splitlines()[found.line - 1].startswith("70000,")
    assert found.flags.keys() == {"undated"}


def test_the_import_takes_less_than_half_a_minute(owner: psycopg.Connection[Any]) -> None:
    """As the load itself measured it."""
    (seconds,) = one(owner, "select (report ->> 'seconds')::float from erp.load where status = 'loaded'")
    assert seconds < 30


def test_the_mapping_gives_a_reason_for_everything_it_leaves_out() -> None:
    """Left-out tables and columns exist in the source, so that the list cannot rot."""
    if not ADVENTUREWORKS.is_dir():
        pytest.skip(f"AdventureWorks is not there: put its CSV files into {ADVENTUREWORKS}")
    manifest = json.loads((ADVENTUREWORKS / "manifest.json").read_text())
    tables = {entry["table"].partition(".")[2]: set(entry["columns"]) for entry in manifest}
    everywhere: set[str] = set().union(*tables.values())
    for item in mapping().left_out:
        assert item.because
        assert set(item.columns) <= (everywhere if item.table == "*" else tables[item.table])
