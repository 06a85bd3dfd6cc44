"""The two plants of the demo: where they are, how they work, and what goes wrong in each."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from zoneinfo import ZoneInfo

SOURCE = "demo"
SEED = 20260331
FIRST_DAY = date(2025, 2, 1)
AS_OF_DAY = date(2026, 3, 31)
AS_OF_TIME = time(12, 0)
"""Noon at the site: the same day in almost every zone."""
SHIFT_START = time(6, 0)
DAY_MINUTES = 960
"""Two shifts, from six to ten in the evening."""


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
    mass: str
    mass_per_kg: float
    number_range: int
    """First digit of the plant's document numbers."""
    planners: tuple[str, ...]
    buyers: tuple[str, ...]
    holidays: frozenset[date]
    spike: Spike
    weak_press: str
    """Work centre with long and frequent repairs."""
    slow_posting: str
    """Work centre whose confirmations reach the system a day late."""
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
    def pace(self) -> str:
        """Name of the shift calendar."""
        return f"{self.code}-2S"

    def random(self, trade: str) -> Random:
        """Chance for one trade; a change in one leaves the others as they are."""
        return Random(f"{SEED} {self.code} {trade}")

    def money(self, euro: Decimal | float) -> Decimal:
        """An amount in euro as planned in the plant's currency."""
        return cents(Decimal(str(euro)) * self.per_euro)

    def document(self, kind: int, number: int) -> str:
        """A document number: plant, kind, and a running number."""
        return f"{self.number_range}{kind}{number:05d}"


def cents(amount: Decimal) -> Decimal:
    """The amount with two decimals, rounded half up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


class WorkingDays:
    """The plant's working days, numbered: day 0 is the first one of the history."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        start, end = FIRST_DAY - timedelta(days=60), date(2026, 12, 31)
        every = (start + timedelta(days=n) for n in range((end - start).days + 1))
        self._days = [day for day in every if day.weekday() < 5 and day not in plant.holidays]
        self._first = bisect_left(self._days, FIRST_DAY)
        self.today = self.number(AS_OF_DAY)
        """Number of the day that is business now."""

    def number(self, day: date) -> int:
        """Number of the day, or of the next working day."""
        return bisect_left(self._days, day) - self._first

    def day(self, number: int) -> date:
        return self._days[number + self._first]

    def moment(self, minute: int) -> datetime:
        """The time at which a minute of work begins, counted from the first shift of day 0."""
        number, into = divmod(minute, DAY_MINUTES)
        start = datetime.combine(self.day(number), SHIFT_START, self._plant.zone)
        return start + timedelta(minutes=into)

    def moment_after(self, minute: int) -> datetime:
        """The time at which the minute before `minute` is over: still the same day at the end of a shift."""
        return self.moment(minute - 1) + timedelta(minutes=1)

    @property
    def now_minute(self) -> int:
        """Minutes of work until business now."""
        return self.today * DAY_MINUTES + (AS_OF_TIME.hour - SHIFT_START.hour) * 60


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


def _days(*texts: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(text) for text in texts)


WORK_CENTRES = (
    WorkCentre("L1", "CNC lathe 1", "Machining", "4110", Decimal("62.00"), load=0.72),
    WorkCentre("L2", "CNC lathe 2", "Machining", "4110", Decimal("62.00")),
    WorkCentre("M1", "Milling centre 1", "Machining", "4110", Decimal("68.00"), load=0.70),
    WorkCentre("M2", "Milling centre 2", "Machining", "4110", Decimal("68.00")),
    WorkCentre("P1", "Hydraulic press 1", "Assembly", "4120", Decimal("48.00"), load=0.60),
    WorkCentre("P2", "Hydraulic press 2", "Assembly", "4120", Decimal("48.00"), load=0.58),
    WorkCentre("A1", "Subassembly cell", "Assembly", "4120", Decimal("41.00"), load=0.70),
    WorkCentre("A2", "Pump assembly line", "Assembly", "4120", Decimal("43.00")),
    WorkCentre("A3", "Valve assembly line", "Assembly", "4120", Decimal("43.00")),
    WorkCentre("T1", "Pump test bench", "Test and paint", "4130", Decimal("52.00")),
    WorkCentre("T2", "Leak test bench", "Test and paint", "4130", Decimal("52.00")),
    WorkCentre("F1", "Paint booth", "Test and paint", "4130", Decimal("45.00"), load=0.70),
)

KASSEL = Plant(
    code="KAS",
    name="Kassel",
    country="DE",
    company="1000",
    company_name="Demo Pumps and Valves GmbH",
    ownership_pct=Decimal(100),
    time_zone="Europe/Berlin",
    currency="EUR",
    per_euro=Decimal(1),
    tax_pct=Decimal(19),
    unit_system="metric",
    piece="PC",
    mass="KG",
    mass_per_kg=1.0,
    number_range=1,
    planners=("K01", "K02"),
    buyers=("KE1", "KE2", "KE3"),
    holidays=_days(
        *("2025-01-01", "2025-04-18", "2025-04-21", "2025-05-01", "2025-05-29", "2025-06-09", "2025-06-19"),
        *("2025-10-03", "2025-12-24", "2025-12-25", "2025-12-26", "2025-12-29", "2025-12-30", "2025-12-31"),
        *("2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25", "2026-06-04"),
        *("2026-12-24", "2026-12-25", "2026-12-31"),
    ),
    spike=Spike("M1", date(2025, 11, 1), "1"),
    weak_press="P2",
    slow_posting="F1",
    uncosted=("4011", "5008"),
    short=("4003", "5003"),
    negative=("4009", "4010"),
    below_cost="1012",
    overheads=1.0,
    overspent=(("4210", "6300", 1.38), ("4110", "6200", 1.17)),
)

GREENVILLE = Plant(
    code="GRV",
    name="Greenville",
    country="US",
    company="2000",
    company_name="Demo Pumps and Valves Inc.",
    ownership_pct=Decimal(80),
    time_zone="America/New_York",
    currency="USD",
    per_euro=Decimal("1.10"),
    tax_pct=Decimal(6),
    unit_system="imperial",
    piece="EA",
    mass="LB",
    mass_per_kg=2.2046226,
    number_range=2,
    planners=("G01", "G02"),
    buyers=("GP1", "GP2"),
    holidays=_days(
        *("2025-01-01", "2025-05-26", "2025-07-04", "2025-09-01", "2025-11-27", "2025-11-28", "2025-12-24"),
        *("2025-12-25", "2025-12-26", "2026-01-01", "2026-05-25", "2026-07-03", "2026-09-07", "2026-11-26"),
        *("2026-11-27", "2026-12-24", "2026-12-25"),
    ),
    spike=Spike("L2", date(2026, 1, 1), "3"),
    weak_press="P1",
    slow_posting="A3",
    uncosted=("4012", "5008"),
    short=("4006", "5001"),
    negative=("4010",),
    below_cost="1023",
    overheads=0.88,
    overspent=(("4320", "6600", 1.45), ("4130", "6800", 1.22)),
)

PLANTS = (KASSEL, GREENVILLE)
