"""The plant as an organisation: company, departments, calendars, periods, units and exchange rates."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from math import exp
from random import Random

from erp_adapters.demo.book import Book
from erp_adapters.demo.plant import AS_OF_DAY, FIRST_DAY, SEED, Plant, month_end, months

_DEPARTMENTS = (
    ("1", "Machining", "Production"),
    ("2", "Assembly", "Production"),
    ("3", "Test and paint", "Production"),
    ("4", "Maintenance", "Operations support"),
    ("5", "Quality", "Operations support"),
    ("6", "Planning and warehouse", "Operations support"),
    ("7", "Purchasing", "Operations support"),
    ("8", "Sales", "Sales and administration"),
    ("9", "Finance and administration", "Sales and administration"),
)
_SHIFTS = (("1", "Early", time(6), time(14)), ("2", "Late", time(14), time(22)))
_UNITS = (
    ("PC", "Piece"),
    ("EA", "Each"),
    ("KG", "Kilogram"),
    ("LB", "Pound"),
    ("MM", "Millimetre"),
    ("IN", "Inch"),
    ("MIN", "Minute"),
)
_CONVERSIONS = (
    ("KG", "LB", "2.204623"),
    ("LB", "KG", "0.453592"),
    ("IN", "MM", "25.4"),
    ("MM", "IN", "0.039370"),
    ("PC", "EA", "1"),
    ("EA", "PC", "1"),
)
_CURRENCIES = {
    "EUR": "Euro",
    "USD": "US dollar",
    "GBP": "Pound sterling",
    "PLN": "Polish zloty",
    "CZK": "Czech koruna",
    "CHF": "Swiss franc",
    "MXN": "Mexican peso",
    "CAD": "Canadian dollar",
    "JPY": "Japanese yen",
}
"""The yen has no rates: somebody will ask."""
_EURO_RATES = {
    "USD": (1.06, 1.10),
    "GBP": (0.84, 0.85),
    "PLN": (4.21, 4.25),
    "CZK": (25.1, 25.0),
    "CHF": (0.94, 0.95),
    "MXN": (21.3, 21.0),
    "CAD": (1.50, 1.52),
}
"""Units for one euro: where the rate starts, and the planned one."""
_STOPPED = ("CZK", date(2025, 12, 31))
"""A currency whose rates are no longer kept up."""


def write_organisation(book: Book) -> None:
    """What everything else refers to."""
    plant = book.plant
    book.add(
        "company",
        plant.company,
        name=plant.company_name,
        parent="Demo Pumps and Valves Group",
        currency=plant.currency,
        ownership_pct=plant.ownership_pct,
        fiscal_calendar="calendar",
    )
    for department, name, group in _DEPARTMENTS:
        book.add("department", department, department_id=department, name=name, group_name=group)
    for shift, name, start, end in _SHIFTS:
        book.add("shift", shift, shift_id=shift, name=name, starts_at=start, ends_at=end)
    for unit, name in _UNITS:
        book.add("unit", unit, unit=unit, name=name)
    for source, target, factor in _CONVERSIONS:
        book.add(
            "unit_conversion",
            source,
            target,
            material_id="",
            from_unit=source,
            to_unit=target,
            factor=Decimal(factor),
        )
    _write_calendars(book)
    _write_rates(book)
    _write_documents(book)


def _write_calendars(book: Book) -> None:
    plant = book.plant
    day = date(2025, 1, 1)
    while day <= date(2026, 12, 31):
        works = day.weekday() < 5 and day not in plant.holidays
        book.add(
            "work_calendar",
            plant.pace,
            day.isoformat(),
            calendar_id=plant.pace,
            day=day,
            is_working=works,
            hours=16 if works else 0,
        )
        day += timedelta(days=1)
    for month in months(date(2025, 1, 1), date(2026, 12, 1)):
        age = (AS_OF_DAY.year - month.year) * 12 + AS_OF_DAY.month - month.month
        book.add(
            "fiscal_period",
            plant.company,
            f"{month:%Y-%m}",
            period=f"{month:%Y-%m}",
            starts_on=month,
            ends_on=month_end(month),
            status="closed" if age > 1 else "soft_closed" if age == 1 else "open",
        )


@cache
def _euro_walk(currency: str) -> dict[date, tuple[float, float]]:
    """Average and closing rate for one euro on each weekday; the same for all plants."""
    chance = Random(f"{SEED} rates {currency}")
    level, found, day = _EURO_RATES[currency][0], {}, FIRST_DAY
    while day <= AS_OF_DAY:
        if day.weekday() < 5:
            level *= exp(chance.gauss(0.0001, 0.0035))
            found[day] = (level * chance.uniform(0.998, 1.002), level)
        day += timedelta(days=1)
    return found


def _write_rates(book: Book) -> None:
    plant = book.plant
    home = plant.currency
    for currency, name in _CURRENCIES.items():
        book.add("currency", currency, currency=currency, name=name)
    one = dict.fromkeys(_euro_walk("USD"), (1.0, 1.0))
    base = one if home == "EUR" else _euro_walk(home)
    planned = 1.0 if home == "EUR" else _EURO_RATES[home][1]
    for currency in ("EUR", *_EURO_RATES):
        if currency == home:
            continue
        walk = one if currency == "EUR" else _euro_walk(currency)
        for day, (average, closing) in walk.items():
            if currency == _STOPPED[0] and day > _STOPPED[1]:
                break
            book.add(
                "fx_rate",
                home,
                currency,
                day.isoformat(),
                from_currency=home,
                to_currency=currency,
                valid_on=day,
                average_rate=_rate(average / base[day][0]),
                closing_rate=_rate(closing / base[day][1]),
                plan_rate=_rate((1.0 if currency == "EUR" else _EURO_RATES[currency][1]) / planned),
            )


def _rate(value: float) -> Decimal:
    return Decimal(f"{value:.6f}")


def _write_documents(book: Book) -> None:
    for number, (kind, title, material, supplier, day) in enumerate(_documents(book.plant), start=1):
        id = f"D{book.plant.number_range}{number:03d}"
        book.add(
            "document",
            id,
            document_id=id,
            kind=kind,
            title=title,
            material_id=material,
            supplier_id=supplier,
            revision="B",
            written_on=day,
        )


def _documents(plant: Plant) -> tuple[tuple[str, str, str | None, str | None, date], ...]:
    return (
        ("procedure", f"{plant.name}: goods receipt and incoming inspection", None, None, date(2025, 1, 15)),
        ("procedure", f"{plant.name}: handling of blocked stock", None, None, date(2025, 3, 4)),
        ("procedure", f"{plant.name}: order release and shortages", None, None, date(2024, 11, 20)),
        ("agreement", "Quality agreement on castings", "5001", "7001", date(2025, 6, 2)),
        ("agreement", "Frame contract on electric motors", "4006", "7013", date(2025, 1, 7)),
    )
