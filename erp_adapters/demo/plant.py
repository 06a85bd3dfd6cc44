"""What a plant of the demo is: where it lies, how it works, and what goes wrong in it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Literal, TypeAlias
from zlib import crc32
from zoneinfo import ZoneInfo

from erp_adapters.demo.holidays import holidays_of
from erp_adapters.demo.partners import CUSTOMERS
from erp_adapters.demo.products import Product

SOURCE = "demo"
SEED = 20260331
AS_OF_DAY = date(2026, 3, 31)
AS_OF_TIME = time(12, 0)
"""Noon at the site: the same day in almost every zone."""
LAST_DAY = date(2026, 12, 31)
"""Where calendars and plans end."""

DISCRETE_LINES = ("Machining", "Assembly", "Test and paint")
PROCESS_LINES = ("Reaction", "Mixing", "Filling")

FiscalCalendar: TypeAlias = Literal["calendar", "4-4-5"]


@dataclass(frozen=True, slots=True)
class WorkCentre:
    """A machine or cell that operations are confirmed at."""

    id: str
    name: str
    line: str
    cost_centre: str
    rate: Decimal
    """Euro per hour."""
    load: float = 0.66
    """Share of its time that the plan fills."""
    stops: float = 0.02
    """Chance that an operation waits for a repair first."""
    repair_minutes: float = 40.0


@dataclass(frozen=True, slots=True)
class Spike:
    """A month in which one work centre scraps far more than usual."""

    work_centre: str
    month: date
    reason: str


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift of every working day."""

    name: str
    starts: time
    hours: int


@dataclass(frozen=True, slots=True)
class Vintage:
    """Castings of one month that break in the machines."""

    month: date
    scrap: float
    """Share of the pieces that is lost."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of the enterprise is built."""

    first_day: date
    lots: int
    """Lots of each made material over the history."""
    orders: int
    """Purchase orders with each supplier over the history."""
    assets: int
    """Assets with sensors, at each plant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """One site with its company, and what is planted there for people to find."""

    code: str
    name: str
    country: str
    company: str
    company_name: str
    ownership_pct: Decimal
    time_zone: str
    currency: str
    per_euro: Decimal
    """Units of the plant's currency for one euro, for planned prices and rates."""
    tax_pct: Decimal
    unit_system: str
    piece: str
    number_range: int
    """First digit of the plant's document numbers."""
    planners: tuple[str, ...]
    buyers: tuple[str, ...]
    scale: Scale
    shifts: tuple[Shift, ...]
    work_centres: tuple[WorkCentre, ...]
    products: tuple[Product, ...]
    fiscal_calendar: FiscalCalendar = "calendar"
    is_process: bool = False
    """Recipes and charges instead of routings and pieces."""
    spike: Spike
    vintage: Vintage | None = None
    weak_press: str
    """Work centre with long and frequent repairs."""
    slow_posting: str
    """Work centre whose confirmations reach the system a day late."""
    posting_hours: float = 0.0
    """By how much everything that the shop floor reports comes later than the work ended."""
    uncosted: tuple[str, ...]
    """Materials without a standard cost."""
    short: tuple[str, ...]
    """Bought parts whose recent deliveries are missing."""
    negative: tuple[str, ...]
    """Parts with negative stock at the line."""
    below_cost: str
    """A product whose list price does not cover its cost."""
    overheads: float
    """Operating expenses in proportion to the first plant's."""
    overspent: tuple[tuple[str, str, float], ...]
    """Cost centre, account and factor of budgets that are exceeded."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def as_of(self) -> datetime:
        return datetime.combine(AS_OF_DAY, AS_OF_TIME, self.zone)

    @property
    def holidays(self) -> frozenset[date]:
        return holidays_of(self.country)

    @property
    def lines(self) -> tuple[str, str, str]:
        """Names of the three production departments, in the order of their cost centres."""
        return PROCESS_LINES if self.is_process else DISCRETE_LINES

    @property
    def customers(self) -> tuple[tuple[str, str], ...]:
        """Names and countries, the biggest first."""
        return CUSTOMERS[self.code]

    @property
    def mass(self) -> str:
        """The unit that it weighs in."""
        return "LB" if self.unit_system == "imperial" else "KG"

    @property
    def mass_per_kg(self) -> float:
        return 2.2046226 if self.unit_system == "imperial" else 1.0

    @property
    def first_day(self) -> date:
        """Where the history begins."""
        return self.scale.first_day

    @property
    def day_minutes(self) -> int:
        """Minutes of work on a working day; the shifts follow each other without a gap."""
        return sum(shift.hours for shift in self.shifts) * 60

    @property
    def pace(self) -> str:
        """Name of the shift calendar."""
        return f"{self.code}-{len(self.shifts)}S"

    def random(self, trade: str) -> Random:
        """Chance for one trade; a change in one leaves the others as they are."""
        return Random(f"{SEED} {self.code} {trade}")

    def money(self, euro: Decimal | float) -> Decimal:
        """An amount in euro as planned in the plant's currency."""
        return cents(Decimal(str(euro)) * self.per_euro)

    def document(self, kind: int, number: int) -> str:
        """A document number: plant, kind, and a running number."""
        return f"{self.number_range}{kind}{number:05d}"

    def work_centre(self, named: str, product: str) -> str:
        """The work centre of a route: one by its name, or one of a group, such as `M*`, for this product."""
        if not named.endswith("*"):
            return named
        group = [centre.id for centre in self.work_centres if centre.id[0] == named[0]]
        return group[crc32(f"{named} {product}".encode()) % len(group)]


def cents(amount: Decimal) -> Decimal:
    """The amount with two decimals, rounded half up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


class WorkingDays:
    """The plant's working days, numbered: day 0 is the first one of the history."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        start = plant.first_day - timedelta(days=90)
        every = (start + timedelta(days=n) for n in range((LAST_DAY - start).days + 1))
        self._days = [day for day in every if day.weekday() < 5 and day not in plant.holidays]
        self._first = bisect_left(self._days, plant.first_day)
        self._minutes = plant.day_minutes
        self._starts = [datetime.combine(day, plant.shifts[0].starts, plant.zone) for day in self._days]
        self.today = self.number(AS_OF_DAY)
        """Number of the day that is business now."""

    def number(self, day: date) -> int:
        """Number of the day, or of the next working day."""
        return bisect_left(self._days, day) - self._first

    def day(self, number: int) -> date:
        return self._days[number + self._first]

    def moment(self, minute: int) -> datetime:
        """The time at which a minute of work begins, counted from the first shift of day 0."""
        number, into = divmod(minute, self._minutes)
        return self._starts[number + self._first] + timedelta(minutes=into)

    def moment_after(self, minute: int) -> datetime:
        """The time at which the minute before `minute` is over: still the same day at the end of a shift."""
        return self.moment(minute - 1) + timedelta(minutes=1)

    @property
    def now_minute(self) -> int:
        """Minutes of work until business now."""
        into = (AS_OF_TIME.hour - self._plant.shifts[0].starts.hour) * 60
        return self.today * self._minutes + max(0, min(self._minutes, into))


def months(first: date, last: date) -> list[date]:
    """First days of the months from one to the other, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [
        date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1)
        for n in range(count + 1)
    ]


def month_end(month: date) -> date:
    """Last day of the month that begins on `month`."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
