"""The ledger: balanced documents for everything that moved, was worked, bought, sold or spent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeAlias

from erp_adapters.demo.book import Book
from erp_adapters.demo.costing import YEARS, Costs
from erp_adapters.demo.demand import Demand
from erp_adapters.demo.inventory import Stock
from erp_adapters.demo.plant import AS_OF_DAY, WorkingDays, cents, month_end, months
from erp_adapters.demo.products import Kind, Product
from erp_adapters.demo.purchasing import Purchases
from erp_adapters.demo.shopfloor import History, Order, Step

RECEIVABLES, WIP, DEPRECIATED = "1200", "1340", "1490"
INVENTORY: dict[Kind, str] = {
    "raw": "1310",
    "bought": "1310",
    "component": "1320",
    "assembly": "1320",
    "finished": "1330",
}
CASH, PAYABLES, UNINVOICED, ACCRUED, EQUITY = "1100", "2100", "2200", "2300", "2900"
REVENUE = {
    "Pumps": "4100",
    "Valves": "4200",
    "Actuators": "4400",
    "Heat exchangers": "4500",
    "Strainers": "4600",
    "Compounds": "4700",
}
GOODS_SOLD, PRICE_VARIANCE, INVOICE_DIFFERENCE, UNVALUED = "5100", "5200", "5210", "5250"
SCRAP, PRODUCTION_VARIANCE, COUNT_DIFFERENCE, REVALUED, ABSORBED = "5300", "5400", "5500", "5600", "5900"
PURCHASING, WAREHOUSE = "4240", "4230"
"""Cost centres that variances of purchases, and of counts, belong to."""
_CREDIT_NATURE = ("2", "4")
"""First digits of accounts that a credit increases: liabilities and revenue."""

Entry: TypeAlias = tuple[str, str | None, Decimal]
"""Account, cost centre and amount; a debit is positive."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of the ledger."""

    document: str
    day: date
    account: str
    cost_centre: str | None
    amount: Decimal
    """In the account's own direction: revenue is positive."""
    scenario: str = "actual"


def in_own_direction(account: str, debit: Decimal) -> Decimal:
    """A debit as the account shows it: liabilities and revenue grow by credits."""
    return -debit if account.startswith(_CREDIT_NATURE) else debit


class Journal:
    """Documents, each of which balances."""

    def __init__(self) -> None:
        self.postings: list[Posting] = []

    def document(self, name: str, day: date, entries: Iterable[Entry]) -> None:
        """Post one document; entries on the same account and cost centre become one line, empty ones none."""
        sums: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
        for account, cost_centre, debit in entries:
            sums[account, cost_centre] += debit
        if sum(sums.values(), Decimal(0)):
            raise ValueError(f"document {name} does not balance")
        for (account, cost_centre), debit in sums.items():
            if debit:
                amount = in_own_direction(account, debit)
                self.postings.append(Posting(name, day, account, cost_centre, amount))


def post_operations(
    book: Book,
    journal: Journal,
    days: WorkingDays,
    demand: Demand,
    purchases: Purchases,
    history: History,
    stock: Stock,
    costs: Costs,
) -> None:
    """Postings of stock, production, purchases and sales, so that each ties to its own records."""
    _post_opening(book, journal, stock, costs)
    _post_purchases(journal, days, purchases, costs)
    _post_production(book, journal, history, stock, costs)
    _post_sales(journal, days, demand, costs)
    for number, moved in enumerate((m for m in stock.movements if m.kind == "adjustment"), start=1):
        value = costs.value(moved.product.id, moved.quantity, moved.day)
        account = INVENTORY[moved.product.kind]
        entries = [(account, None, value), (COUNT_DIFFERENCE, WAREHOUSE, -value)]
        journal.document(f"CD{number:05d}", moved.day, entries)
    _post_revaluation(book, journal, stock, costs)


def _post_opening(book: Book, journal: Journal, stock: Stock, costs: Costs) -> None:
    day = book.plant.first_day - timedelta(days=1)
    entries: list[Entry] = []
    for product in book.plant.products:
        value = costs.value(product.id, stock.opening[product.id], day)
        entries += [(INVENTORY[product.kind], None, value), (EQUITY, None, -value)]
    cash = book.plant.money(2_400_000)
    journal.document("OB00001", day, [*entries, (CASH, None, cash), (EQUITY, None, -cash)])


def _post_revaluation(book: Book, journal: Journal, stock: Stock, costs: Costs) -> None:
    """What a new year's standard costs do to the stock that is there."""
    for new_year in (date(year, 1, 1) for year in YEARS if date(year, 1, 1) > book.plant.first_day):
        entries: list[Entry] = []
        for product in book.plant.products:
            quantity = stock.balance(product.id, new_year - timedelta(days=1))
            before = costs.value(product.id, quantity, new_year - timedelta(days=1))
            change = costs.value(product.id, quantity, new_year) - before
            entries += [(INVENTORY[product.kind], None, change), (REVALUED, None, -change)]
        journal.document(f"RV{new_year.year}", new_year, entries)


def _post_purchases(journal: Journal, days: WorkingDays, purchases: Purchases, costs: Costs) -> None:
    paid: dict[date, Decimal] = defaultdict(Decimal)
    for line in purchases.lines():
        for receipt in line.receipts:
            accepted = receipt.quantity - receipt.rejected
            if not accepted:
                continue
            day, owed = days.day(receipt.day), line.price * accepted
            standard = costs.value(line.product.id, accepted, day)
            variance = UNVALUED if costs.standard(line.product.id, day) is None else PRICE_VARIANCE
            journal.document(
                f"GR{receipt.id}",
                day,
                [
                    (INVENTORY[line.product.kind], None, standard),
                    (variance, PURCHASING, owed - standard),
                    (UNINVOICED, None, -owed),
                ],
            )
            invoiced_on, extra = days.day(receipt.invoiced), receipt.surcharge * accepted
            if invoiced_on <= AS_OF_DAY:
                journal.document(
                    f"IV{receipt.id}",
                    invoiced_on,
                    [
                        (UNINVOICED, None, owed),
                        (INVOICE_DIFFERENCE, PURCHASING, extra),
                        (PAYABLES, None, -owed - extra),
                    ],
                )
                paid[month_end(month_end(invoiced_on) + timedelta(days=1))] += owed + extra
    for day, amount in sorted(paid.items()):
        if day <= AS_OF_DAY:
            journal.document(f"PY{day:%Y%m}", day, [(PAYABLES, None, amount), (CASH, None, -amount)])


def _post_sales(journal: Journal, days: WorkingDays, demand: Demand, costs: Costs) -> None:
    documents: dict[tuple[str, int], list[Entry]] = defaultdict(list)
    collected: dict[date, Decimal] = defaultdict(Decimal)
    for line in demand.lines:
        if line.delivered is None:
            continue
        day, amount = days.day(line.delivered), line.price * line.shipped
        cost = costs.value(line.product.id, line.shipped, day)
        documents[line.order, line.delivered] += [
            (RECEIVABLES, None, amount),
            (REVENUE[line.product.category], None, -amount),
            (GOODS_SOLD, None, cost),
            (INVENTORY["finished"], None, -cost),
        ]
        collected[month_end(month_end(day) + timedelta(days=1))] += amount
    for (order, delivered), entries in documents.items():
        journal.document(f"BI{order}-{delivered}", days.day(delivered), entries)
    for day, amount in sorted(collected.items()):
        if day <= AS_OF_DAY:
            journal.document(f"CR{day:%Y%m}", day, [(CASH, None, amount), (RECEIVABLES, None, -amount)])


def _post_production(book: Book, journal: Journal, history: History, stock: Stock, costs: Costs) -> None:
    """Costs go into work in process and leave it as stock, scrap, or a variance when the order ends."""
    centres = {centre.id: centre.cost_centre for centre in book.plant.work_centres}
    used: dict[str, list[tuple[Product, Decimal]]] = defaultdict(list)
    for moved in stock.movements:
        if moved.kind == "consumption" and moved.order:
            used[moved.order].append(
                (moved.product, costs.value(moved.product.id, moved.quantity, moved.day))
            )
    by_day: dict[date, list[Entry]] = defaultdict(list)
    in_process: dict[str, list[tuple[date, Decimal]]] = {}
    for order in history.orders:
        if not order.steps:
            continue
        charges = in_process[order.id] = []
        issued_on = order.steps[0].started.date()
        for product, value in used[order.id]:
            by_day[issued_on] += [(WIP, None, value), (INVENTORY[product.kind], None, -value)]
            charges.append((issued_on, value))
        for step in order.steps:
            worked_on, value = step.ended.date(), _activity(step, costs)
            centre = centres[step.operation.work_centre]
            by_day[worked_on] += [(WIP, None, value), (ABSORBED, centre, -value)]
            charges.append((worked_on, value))
        if order.is_complete:
            ended_on = order.steps[-1].ended.date()
            total = sum((value for _, value in charges), Decimal(0))
            by_day[ended_on] += [*_settlement(order, ended_on, total, centres, costs), (WIP, None, -total)]
            charges.append((ended_on, -total))
    for day, entries in sorted(by_day.items()):
        journal.document(f"PP{day:%Y%m%d}", day, entries)
    _write_work_in_process(book, in_process)


def _activity(step: Step, costs: Costs) -> Decimal:
    return cents(costs.rates[step.operation.work_centre] * step.actual_minutes / 60)


def _settlement(
    order: Order, day: date, total: Decimal, centres: dict[str, str], costs: Costs
) -> list[Entry]:
    product = order.lot.product
    stocked = costs.value(product.id, order.steps[-1].good, day)
    centre = centres[order.steps[-1].operation.work_centre]
    scrap: list[Entry] = [
        (SCRAP, centres[step.operation.work_centre], costs.value(product.id, step.scrapped, day))
        for step in order.steps
        if step.scrapped
    ]
    variance = total - stocked - sum((value for _, _, value in scrap), Decimal(0))
    return [(INVENTORY[product.kind], None, stocked), *scrap, (PRODUCTION_VARIANCE, centre, variance)]


def _write_work_in_process(book: Book, in_process: dict[str, list[tuple[date, Decimal]]]) -> None:
    for month in months(book.plant.first_day, AS_OF_DAY):
        end = month_end(month)
        for order, charges in in_process.items():
            amount = sum((value for day, value in charges if day <= end), Decimal(0))
            if amount:
                book.add(
                    "work_in_process",
                    order,
                    f"{month:%Y-%m}",
                    order_id=order,
                    period=f"{month:%Y-%m}",
                    amount=amount,
                    currency=book.plant.currency,
                )
