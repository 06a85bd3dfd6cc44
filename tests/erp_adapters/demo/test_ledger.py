"""The ledger ties to the cent: to itself, and to stock, production, purchases and sales."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from erp_adapters.demo.book import Book
from erp_adapters.demo.ledger import INVENTORY, PAYABLES, REVENUE, UNINVOICED, WIP, in_own_direction
from erp_adapters.demo.plant import AS_OF_DAY, months

FIRST_DAY = date(2025, 2, 1)
MONTHS = [f"{month:%Y-%m}" for month in months(FIRST_DAY, AS_OF_DAY)]


def number(value: object) -> Decimal:
    return Decimal(str(value or 0))


def actuals(book: Book) -> Iterator[dict[str, object]]:
    return (dict(row) for row in book.rows("ledger_line") if row["scenario"] == "actual")


def by_month(book: Book, accounts: set[str]) -> dict[str, Decimal]:
    """Postings of some accounts by month."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in actuals(book):
        if row["account_id"] in accounts:
            sums[str(row["posted_on"])[:7]] += number(row["amount"])
    return sums


def balances(book: Book, accounts: set[str]) -> list[Decimal]:
    """Balance of some accounts at the end of each month."""
    moved = by_month(book, accounts)
    return [sum((moved[m] for m in moved if m <= month), Decimal(0)) for month in MONTHS]


def summed(book: Book, record: str, month: str, amount: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in book.rows(record):
        sums[str(row[month])[:7]] += number(row[amount])
    return sums


def test_documents_balance(book: Book) -> None:
    """Debits equal credits in every document."""
    sums: dict[object, Decimal] = defaultdict(Decimal)
    for row in actuals(book):
        sums[row["document"]] += in_own_direction(str(row["account_id"]), number(row["amount"]))
    assert len(sums) > 800
    assert not [document for document, rest in sums.items() if rest]


def test_revenue_is_what_was_billed(book: Book) -> None:
    """Month by month, and so is the cost of what was sold."""
    assert by_month(book, set(REVENUE.values())) == summed(book, "billing_line", "billed_on", "amount")
    assert by_month(book, {"5100"}) == summed(book, "billing_line", "billed_on", "cost")


def test_inventory_accounts_are_the_value_of_the_stock(book: Book) -> None:
    """Month-end stock at standard cost, through receipts, issues, counts and new standard costs."""
    values = summed(book, "stock_snapshot", "month", "value")
    assert balances(book, set(INVENTORY.values())) == [values[month] for month in MONTHS]


def test_work_in_process_is_that_of_the_open_orders(book: Book) -> None:
    """What orders were charged with and have not delivered yet."""
    values = summed(book, "work_in_process", "period", "amount")
    assert balances(book, {WIP}) == [values[month] for month in MONTHS]


def test_uninvoiced_receipts_are_those_without_an_invoice(book: Book) -> None:
    """Accepted quantities at the ordered price, as long as their invoice has not come."""
    price = {row["line_id"]: number(row["unit_price"]) for row in book.rows("purchase_line")}
    accepted = sum(
        (number(row["stocked"]) * number(row["unit_price"]) for row in book.rows("purchase_line")), Decimal(0)
    )
    invoiced = sum(
        (number(row["quantity"]) * price[row["line_id"]] for row in book.rows("supplier_invoice")), Decimal(0)
    )
    assert balances(book, {UNINVOICED})[-1] == accepted - invoiced
    assert balances(book, {PAYABLES})[-1] > 0


def test_stock_is_its_snapshots_and_movements(book: Book) -> None:
    """Opening stock and every movement give today's stock, wherever it lies."""
    sign = {"production": 1, "purchase": 1, "sale": -1, "consumption": -1, "adjustment": 1}
    expected: dict[object, Decimal] = defaultdict(Decimal)
    closing: dict[object, Decimal] = defaultdict(Decimal)
    on_hand: dict[object, Decimal] = defaultdict(Decimal)
    for row in book.rows("stock_snapshot"):
        if str(row["month"]) == "2025-01-01":
            expected[row["material_id"]] += number(row["quantity"])
        if str(row["month"])[:7] == MONTHS[-1]:
            closing[row["material_id"]] += number(row["quantity"])
    for row in book.rows("stock_movement"):
        expected[row["material_id"]] += sign[str(row["kind"])] * number(row["quantity"])
    for row in book.rows("stock"):
        on_hand[row["material_id"]] += number(row["quantity"])
    assert expected == closing == on_hand
    assert min(on_hand.values()) >= 0


def test_budgets_are_the_plan_of_cost_centres(book: Book) -> None:
    """The ledger's plan lines and the budget table say the same, for every period of two years."""
    planned: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for row in book.rows("ledger_line"):
        if row["scenario"] == "plan" and row["cost_centre_id"] is not None:
            key = (row["cost_centre_id"], row["account_id"], str(row["posted_on"])[:7])
            planned[key] += number(row["amount"])
    budget = {
        (row["cost_centre_id"], row["account_id"], row["period"]): number(row["amount"])
        for row in book.rows("budget")
    }
    assert planned == budget
    assert {str(period) for _, _, period in budget} >= {"2025-02", "2026-12"}


def test_orders_and_lines_add_up(book: Book) -> None:
    """A purchase order is the sum of its lines, and a line its quantity times its price."""
    totals: dict[object, Decimal] = defaultdict(Decimal)
    for row in book.rows("purchase_line"):
        assert number(row["line_total"]) == number(row["ordered"]) * number(row["unit_price"])
        totals[row["order_id"]] += number(row["line_total"])
    for row in book.rows("purchase_order"):
        assert number(row["subtotal"]) == totals[row["order_id"]]
        assert number(row["total"]) == sum(number(row[part]) for part in ("subtotal", "tax", "freight"))
