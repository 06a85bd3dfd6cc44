"""The plant as an organisation: company, departments, calendars, periods, units and exchange rates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal

from erp_adapters.demo.book import Book
from erp_adapters.demo.markets import EURO_RATES, euro_walk
from erp_adapters.demo.plant import AS_OF_DAY, LAST_DAY, Plant, months
from erp_adapters.demo.suppliers import Offer
from erp_adapters.store.calendars import FiscalCalendar

_DEPARTMENTS = (
    ("4", "Maintenance", "Operations support"),
    ("5", "Quality", "Operations support"),
    ("6", "Planning and warehouse", "Operations support"),
    ("7", "Purchasing", "Operations support"),
    ("8", "Sales", "Sales and administration"),
    ("9", "Finance and administration", "Sales and administration"),
)
_UNITS = (
    ("PC", "Piece"),
    ("EA", "Each"),
    ("PZ", "Piece (pieza, pezzo)"),
    ("SZT", "Piece (sztuka)"),
    ("KS", "Piece (kus)"),
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
_BOUGHT = "Purchased parts"
_IN_EUROPE: Mapping[str | None, str] = {None: "1.70", _BOUGHT: "2.70"}
_DUTY: Mapping[str, Mapping[str | None, str]] = {
    "US": {None: "2.50", _BOUGHT: "3.20"},
    "MX": {None: "5.00"},
    "CA": {None: "1.50"},
    **dict.fromkeys(("DE", "PL", "CZ", "IT"), _IN_EUROPE),
}
"""Of goods from outside, by the country that they come to; invented, of a plausible size."""
_FREE_TRADE = (frozenset({"US", "MX", "CA"}), frozenset({"DE", "PL", "CZ", "IT"}))
_DUTY_SINCE = date(2024, 1, 1)
_OVERTIME_DAY, _OVERTIME_WEEK, _SURCHARGE = Decimal(90), Decimal(300), Decimal(18)
_OVERTIME_SINCE = date(2024, 1, 1)
_STOPPED = ("CHF", date(2025, 12, 31))
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
        fiscal_calendar=plant.fiscal_calendar,
    )
    production = tuple((str(number), line, "Production") for number, line in enumerate(plant.lines, start=1))
    for department, name, group in (*production, *_DEPARTMENTS):
        book.add("department", department, department_id=department, name=name, group_name=group)
    for number, shift in enumerate(plant.shifts, start=1):
        ends = time((shift.starts.hour + shift.hours) % 24)
        book.add(
            "shift", str(number), shift_id=str(number), name=shift.name, starts_at=shift.starts, ends_at=ends
        )
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
    _write_duty(book)
    _write_overtime(book)


def _write_calendars(book: Book) -> None:
    plant = book.plant
    first = date(plant.first_day.year, 1, 1)
    day = first
    while day <= LAST_DAY:
        works = day.weekday() < 5 and day not in plant.holidays
        book.add(
            "work_calendar",
            plant.pace,
            day.isoformat(),
            calendar_id=plant.pace,
            day=day,
            is_working=works,
            hours=plant.day_minutes // 60 if works else 0,
        )
        day += timedelta(days=1)
    calendar = _closing_by(plant)
    for month in months(first, LAST_DAY):
        age = (AS_OF_DAY.year - month.year) * 12 + AS_OF_DAY.month - month.month
        days = calendar.days_of(f"{month:%Y-%m}")
        if days is None:
            raise ValueError(f"the calendar of {plant.code} does not know {month:%Y-%m}")
        starts_on, ends_on = days
        book.add(
            "fiscal_period",
            plant.company,
            f"{month:%Y-%m}",
            period=f"{month:%Y-%m}",
            starts_on=starts_on,
            ends_on=ends_on,
            status="closed" if age > 1 else "soft_closed" if age == 1 else "open",
        )


def _closing_by(plant: Plant) -> FiscalCalendar:
    """The periods that the plant's books are closed by."""
    because = "how the plant closes its books"
    if plant.fiscal_calendar == "calendar":
        return FiscalCalendar(because=because)
    years = range(plant.first_day.year, LAST_DAY.year + 2)
    return FiscalCalendar(
        because=because, kind="4-4-5", first_days={year: _monday_next_to(year) for year in years}
    )


def _monday_next_to(year: int) -> date:
    """The Monday nearest to 1 January, on which a year of weeks begins."""
    new_year = date(year, 1, 1)
    return new_year + timedelta(days=3) - timedelta(days=(new_year.weekday() + 3) % 7)


def _write_rates(book: Book) -> None:
    plant = book.plant
    home = plant.currency
    for currency, name in _CURRENCIES.items():
        book.add("currency", currency, currency=currency, name=name)
    one = dict.fromkeys(euro_walk("USD", plant.first_day), (1.0, 1.0))
    base = one if home == "EUR" else euro_walk(home, plant.first_day)
    planned = 1.0 if home == "EUR" else EURO_RATES[home][1]
    for currency in ("EUR", *EURO_RATES):
        if currency == home:
            continue
        walk = one if currency == "EUR" else euro_walk(currency, plant.first_day)
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
                plan_rate=_rate((1.0 if currency == "EUR" else EURO_RATES[currency][1]) / planned),
            )


def _write_duty(book: Book) -> None:
    """What the plant's country takes on goods from each other country of the group; invented rates."""
    plant = book.plant
    for origin in sorted(_DUTY.keys() - {plant.country}):
        for category, share in _duty(origin, plant.country).items():
            book.add(
                "duty_rate",
                *(origin, category or "", _DUTY_SINCE.isoformat()),
                origin_country=origin,
                category=category,
                percent=Decimal(share),
                valid_from=_DUTY_SINCE,
            )


def _write_overtime(book: Book) -> None:
    """What every work centre of the plant may work longer, and what an hour of it costs; invented."""
    book.add(
        "overtime",
        *("", _OVERTIME_SINCE.isoformat()),
        work_centre_id="",
        daily_minutes=_OVERTIME_DAY,
        weekly_minutes=_OVERTIME_WEEK,
        surcharge=(_SURCHARGE * book.plant.per_euro).quantize(Decimal("0.01")),
        valid_from=_OVERTIME_SINCE,
        valid_to=None,
    )


def _duty(origin: str, country: str) -> Mapping[str | None, str]:
    """Percent by category of materials, None for all others; nothing is taken where trade is free."""
    if any(origin in countries and country in countries for countries in _FREE_TRADE):
        return {None: "0.00"}
    return _DUTY[country]


def _rate(value: float) -> Decimal:
    return Decimal(f"{value:.6f}")


def write_documents(book: Book, offers: tuple[Offer, ...]) -> None:
    """What is written down at the plant, by title."""
    for number, (kind, title, material, supplier, day) in enumerate(_documents(book.plant, offers), start=1):
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


def _documents(
    plant: Plant, offers: tuple[Offer, ...]
) -> tuple[tuple[str, str, str | None, str | None, date], ...]:
    agreed, framed = ("castings", "motors") if not plant.is_process else ("resins", "packaging")
    quality, frame = (
        next(offer for offer in offers if offer.supplier.supply == trade) for trade in (agreed, framed)
    )
    return (
        ("procedure", f"{plant.name}: goods receipt and incoming inspection", None, None, date(2025, 1, 15)),
        ("procedure", f"{plant.name}: handling of blocked stock", None, None, date(2025, 3, 4)),
        ("procedure", f"{plant.name}: order release and shortages", None, None, date(2024, 11, 20)),
        (
            *("agreement", f"Quality agreement on {agreed}"),
            *(quality.product.id, quality.supplier.id, date(2025, 6, 2)),
        ),
        ("agreement", f"Frame contract on {framed}", frame.product.id, frame.supplier.id, date(2025, 1, 7)),
    )
