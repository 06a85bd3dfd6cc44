"""Accounts, cost centres, overheads, budgets and forecasts, and the ledger as rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from math import cos, pi

from erp_adapters.demo.book import Book
from erp_adapters.demo.ledger import (
    ABSORBED,
    ACCRUED,
    CASH,
    DEPRECIATED,
    GOODS_SOLD,
    PAYABLES,
    PRICE_VARIANCE,
    PRODUCTION_VARIANCE,
    REVENUE,
    SCRAP,
    Journal,
    Posting,
)
from erp_adapters.demo.plant import AS_OF_DAY, cents, month_end, months

_LAST_PLANNED = date(2026, 12, 1)
_FORECAST = (date(2026, 4, 1), date(2026, 6, 1))

_ACCOUNTS = (
    ("1000", "Assets", "Assets", None),
    ("1100", "Cash at bank", "Assets", "1000"),
    ("1200", "Trade receivables", "Assets", "1000"),
    ("1300", "Inventory", "Assets", "1000"),
    ("1310", "Raw material and purchased parts", "Assets", "1300"),
    ("1320", "Semi-finished goods", "Assets", "1300"),
    ("1330", "Finished goods", "Assets", "1300"),
    ("1340", "Work in process", "Assets", "1300"),
    ("1400", "Machinery", "Assets", "1000"),
    ("1490", "Accumulated depreciation", "Assets", "1400"),
    ("2000", "Liabilities and equity", "Liabilities", None),
    ("2100", "Trade payables", "Liabilities", "2000"),
    ("2200", "Goods received, not invoiced", "Liabilities", "2000"),
    ("2300", "Accrued wages", "Liabilities", "2000"),
    ("2400", "Provisions", "Liabilities", "2000"),
    ("2900", "Equity", "Liabilities", "2000"),
    ("4000", "Revenue", "Revenue", None),
    ("4100", "Pump sales", "Revenue", "4000"),
    ("4200", "Valve sales", "Revenue", "4000"),
    ("4300", "Spare part sales", "Revenue", "4000"),
    ("4400", "Actuator sales", "Revenue", "4000"),
    ("4500", "Heat exchanger sales", "Revenue", "4000"),
    ("4600", "Strainer sales", "Revenue", "4000"),
    ("4700", "Compound sales", "Revenue", "4000"),
    ("5000", "Cost of production", "Expenditures", None),
    ("5100", "Cost of goods sold", "Expenditures", "5000"),
    ("5200", "Purchase price variance", "Expenditures", "5000"),
    ("5210", "Invoice differences", "Expenditures", "5000"),
    ("5250", "Material without standard cost", "Expenditures", "5000"),
    ("5300", "Scrap", "Expenditures", "5000"),
    ("5400", "Production variance", "Expenditures", "5000"),
    ("5500", "Inventory differences", "Expenditures", "5000"),
    ("5600", "Revaluation of stock", "Expenditures", "5000"),
    ("5900", "Absorbed conversion cost", "Expenditures", "5000"),
    ("6000", "Operating expenses", "Expenditures", None),
    ("6100", "Wages and salaries", "Expenditures", "6000"),
    ("6200", "Energy", "Expenditures", "6000"),
    ("6300", "Maintenance and repair", "Expenditures", "6000"),
    ("6400", "Depreciation", "Expenditures", "6000"),
    ("6500", "Outbound freight", "Expenditures", "6000"),
    ("6600", "Travel", "Expenditures", "6000"),
    ("6700", "IT and software", "Expenditures", "6000"),
    ("6800", "Consumables", "Expenditures", "6000"),
    ("9100", "Headcount", "Statistical", None),
)
_COST_CENTRES = (
    ("4100", "Production", None),
    ("4200", "Operations support", None),
    ("4210", "Maintenance", "4200"),
    ("4220", "Quality", "4200"),
    ("4230", "Planning and warehouse", "4200"),
    ("4240", "Purchasing", "4200"),
    ("4300", "Sales and administration", None),
    ("4310", "Finance and administration", "4300"),
    ("4320", "Sales", "4300"),
)
_BUDGETS: dict[str, dict[str, int]] = {
    "4110": {"6100": 47_000, "6200": 12_400, "6400": 17_500, "6800": 4_900},
    "4120": {"6100": 37_000, "6200": 3_300, "6400": 5_200, "6800": 3_100},
    "4130": {"6100": 19_000, "6200": 5_900, "6400": 4_200, "6800": 3_500},
    "4210": {"6100": 9_500, "6300": 6_800, "6800": 1_100},
    "4220": {"6100": 8_800, "6400": 900, "6800": 600},
    "4230": {"6100": 10_500, "6200": 1_000, "6800": 800},
    "4240": {"6100": 7_300, "6600": 600, "6700": 500},
    "4310": {"6100": 15_500, "6600": 700, "6700": 4_400},
    "4320": {"6100": 13_500, "6500": 5_900, "6600": 2_100, "6700": 700},
}
"""Euro a month by cost centre and account."""
_LEVELLED = (*REVENUE.values(), GOODS_SOLD, PRICE_VARIANCE, SCRAP, PRODUCTION_VARIANCE, ABSORBED)
_ALWAYS = {"4100", "4200"}
"""Accounts of the group's first products, open everywhere."""
_AGAINST = {"6100": ACCRUED, "6400": DEPRECIATED}
_SEASONAL = "6200"
_SUPPLIED = ("6300", "6800")
"""Accounts that several invoices a month are posted to."""


def write_finance(book: Book, journal: Journal) -> None:
    """Charts, budgets and the ledger."""
    sold = {REVENUE[product.category] for product in book.plant.products if product.category in REVENUE}
    unused = set(REVENUE.values()) - sold - _ALWAYS
    for account, name, kind, parent in _ACCOUNTS:
        if account in unused:
            continue
        book.add(
            "account",
            account,
            account_id=account,
            code=account,
            name=name,
            kind=kind,
            operator="-" if kind in ("Liabilities", "Expenditures") and parent is None else "+",
            value_type="Units" if kind == "Statistical" else "Currency",
            parent_id=parent,
        )
    lines = tuple((f"41{n}0", line, "4100") for n, line in enumerate(book.plant.lines, start=1))
    for centre, name, parent in sorted((*_COST_CENTRES, *lines)):
        book.add("cost_centre", centre, cost_centre_id=centre, name=name, parent_id=parent)
    _post_overheads(book, journal)
    for posting in [*journal.postings, *_plan(book, journal)]:
        _write_posting(book, posting)
    _write_rates(book)


def _budget(book: Book, centre: str, account: str, month: date) -> Decimal:
    """The budget of a month: energy follows the winter, everything grows by 3 % a year."""
    euro = _BUDGETS[centre][account] * book.plant.overheads * (1.03 if month.year == 2026 else 1.0)
    if account == _SEASONAL:
        euro *= 1 + 0.22 * cos(2 * pi * (month.month - 1) / 12)
    return book.plant.money(round(euro / 50) * 50)


def _post_overheads(book: Book, journal: Journal) -> None:
    """Actual operating expenses: around the budget, but for those that are overspent."""
    chance = book.plant.random("overheads")
    factors = {(centre, account): factor for centre, account, factor in book.plant.overspent}
    owed = Decimal(0)
    for month in months(book.plant.first_day, AS_OF_DAY):
        journal.document(f"PO{month:%Y%m}", month_end(month), [(PAYABLES, None, owed), (CASH, None, -owed)])
        wages = owed = Decimal(0)
        for centre, accounts in _BUDGETS.items():
            for account in accounts:
                factor = factors.get((centre, account), 1.0) * chance.uniform(0.955, 1.05)
                amount = cents(_budget(book, centre, account, month) * Decimal(str(round(factor, 4))))
                against = _AGAINST.get(account, PAYABLES)
                parts = 3 if account in _SUPPLIED else 1
                for part in range(parts):
                    share = amount - 2 * cents(amount / 3) if part == 2 else cents(amount / parts)
                    day = month_end(month) if parts == 1 else month + timedelta(days=5 + 8 * part)
                    name = f"OH{month:%Y%m}-{centre}-{account}-{part + 1}"
                    journal.document(name, day, [(account, centre, share), (against, None, -share)])
                wages += amount if against == ACCRUED else 0
                owed += amount if against == PAYABLES else 0
        journal.document(f"PR{month:%Y%m}", month_end(month), [(ACCRUED, None, wages), (CASH, None, -wages)])


def _plan(book: Book, journal: Journal) -> list[Posting]:
    """Plan and forecast by month; what is planned for a cost centre is its budget too."""
    found: list[Posting] = []
    levels = _levels(book, journal)
    for month in months(book.plant.first_day, _LAST_PLANNED):
        growth = Decimal("1.03") if month.year == 2025 else Decimal("1.07")
        planned = {
            (account, centre): _budget(book, centre, account, month)
            for centre, accounts in _BUDGETS.items()
            for account in accounts
        } | {key: cents(level * growth) for key, level in levels.items()}
        for (account, centre), amount in planned.items():
            found.append(Posting(f"BU{month:%Y%m}", month, account, centre, amount, "plan"))
            if _FORECAST[0] <= month <= _FORECAST[1]:
                expected = cents(amount * Decimal("1.02"))
                found.append(Posting(f"FC{month:%Y%m}", month, account, centre, expected, "forecast"))
            if centre is not None:
                book.add(
                    "budget",
                    centre,
                    account,
                    f"{month:%Y-%m}",
                    cost_centre_id=centre,
                    account_id=account,
                    period=f"{month:%Y-%m}",
                    amount=amount,
                    currency=book.plant.currency,
                )
    return found


def _levels(book: Book, journal: Journal) -> dict[tuple[str, str | None], Decimal]:
    """A round monthly figure, near the average so far, for what follows from sales and production."""
    sums: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
    for posting in journal.postings:
        if posting.account in _LEVELLED:
            sums[posting.account, posting.cost_centre] += posting.amount
    count = len(months(book.plant.first_day, AS_OF_DAY))
    return {key: round(total / count / 100) * Decimal(100) for key, total in sorted(sums.items(), key=str)}


def _write_posting(book: Book, posting: Posting) -> None:
    number = len(book.sheets["ledger_line"].keys) + 1 if "ledger_line" in book.sheets else 1
    line = book.plant.document(0, number)
    book.add(
        "ledger_line",
        line,
        line_id=line,
        posted_on=posting.day,
        account_id=posting.account,
        cost_centre_id=posting.cost_centre,
        scenario=posting.scenario,
        amount=posting.amount,
        currency=book.plant.currency,
        document=posting.document,
    )


def _write_rates(book: Book) -> None:
    """Planned and actual hourly rates of the production cost centres."""
    chance = book.plant.random("rates")
    for centre, euro in (("4110", 65), ("4120", 45), ("4130", 50)):
        for month in months(book.plant.first_day, AS_OF_DAY):
            planned = book.plant.money(euro)
            book.add(
                "activity_rate",
                centre,
                f"{month:%Y-%m}",
                cost_centre_id=centre,
                activity="machine hour",
                period=f"{month:%Y-%m}",
                plan_rate=planned,
                actual_rate=cents(planned * Decimal(str(round(chance.uniform(0.96, 1.09), 4)))),
                currency=book.plant.currency,
            )
