"""How the plan went: a queue at every work centre, repairs that hold it up, scrap, and late postings."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import exp
from zlib import crc32

from erp_adapters.demo.assortment import BY_ID, parts_of
from erp_adapters.demo.planning import Lot, Operation, Plan, status_of
from erp_adapters.demo.plant import (
    AS_OF_DAY,
    Plant,
    WorkCentre,
    WorkingDays,
    months,
)

_REASONS = (
    ("1", "Porosity in casting"),
    ("2", "Tool breakage"),
    ("3", "Dimension out of tolerance"),
    ("4", "Press fit cracked"),
    ("5", "Assembly error"),
    ("6", "Leak test failed"),
    ("7", "Paint defect"),
    ("8", "Damaged in handling"),
    ("9", "Wrong material"),
)
_PROCESS_REASONS = (
    ("1", "Viscosity out of range"),
    ("2", "Colour off shade"),
    ("3", "Charge contaminated"),
    ("4", "Gelled in the reactor"),
    ("5", "Moisture too high"),
    ("6", "Drum leaking"),
    ("7", "Wrong label"),
    ("8", "Weight out of tolerance"),
    ("9", "Residue at changeover"),
)
_USUAL = {
    "Reaction": ("1", "4", "5", "9"),
    "Mixing": ("1", "2", "2", "3", "9"),
    "Filling": ("6", "7", "8", "8"),
    "Machining": ("1", "2", "3", "3", "8"),
    "Assembly": ("4", "5", "5", "8", "9"),
    "Test and paint": ("6", "6", "7", "7", "8"),
}
_STOP_REASONS = (
    "Hydraulic leak",
    "Sensor fault",
    "Tool change",
    "Spindle alarm",
    "No operator",
    "Material missing",
)
_PROCESS_STOPS = (
    "Agitator blocked",
    "Sensor fault",
    "Filter change",
    "Cooling water warm",
    "No operator",
    "Material missing",
)
_WITHIN_GROUP, _ACROSS = 0.6, 1.25
"""Set-up within a group of products and between two, against the routing's time."""
_LEAD = {"finished": 3, "assembly": 2, "component": 2}
"""Days from start to due date."""
_TRANSFER_MINUTES = 45


def reasons_of(plant: Plant) -> tuple[tuple[str, str], ...]:
    """Codes and names of the plant's scrap reasons."""
    return _PROCESS_REASONS if plant.is_process else _REASONS


def setup_factor(before: str, after: str) -> float:
    """How long a set-up takes from one group of products to another, against the routing's time."""
    if not before:
        return 1.0
    if before == after:
        return _WITHIN_GROUP
    # Not every change is as long as its opposite.
    return round(_ACROSS + (crc32(f"{before}>{after}".encode()) % 50) / 100, 2)


@dataclass(slots=True)
class Step:
    """One operation as it was worked."""

    operation: Operation
    started: datetime
    ended: datetime
    posted: datetime
    good: int
    scrapped: int
    reworked: int
    planned_minutes: float
    actual_minutes: int
    reason: str | None


@dataclass(slots=True)
class Order:
    """A production order and what is known of it by now."""

    id: str
    lot: Lot
    status: str
    due: int
    steps: list[Step] = field(default_factory=list)
    scrap_at: int = -1
    """Position of the operation that scraps."""
    scrap: int = 0

    @property
    def is_complete(self) -> bool:
        return self.status == "complete"

    @property
    def scrapped(self) -> int:
        return sum(step.scrapped for step in self.steps)

    @property
    def started_on(self) -> date | None:
        return self.steps[0].started.date() if self.steps else None

    @property
    def ended_on(self) -> date | None:
        return self.steps[-1].ended.date() if self.is_complete else None


@dataclass(frozen=True, slots=True)
class Stop:
    """A time in which a work centre stood still."""

    work_centre: str
    started: datetime
    minutes: int
    reason: str
    is_planned: bool


@dataclass(frozen=True, slots=True)
class History:
    """What happened on the shop floor."""

    orders: tuple[Order, ...]
    stops: tuple[Stop, ...]


def run(plant: Plant, days: WorkingDays, plan: Plan) -> History:
    """The plan worked through, first come first served, until business now."""
    floor = _Floor(plant, days)
    lots = sorted(
        (lot for lot in plan.lots if lot.start <= days.today or status_of(lot, days.today) != "planned"),
        key=lambda lot: (lot.start, lot.product.id),
    )
    orders = [floor.order(plant.document(1, number), lot) for number, lot in enumerate(lots, start=1)]
    floor.work([order for order in orders if order.lot.start <= days.today], plan)
    for order in orders:
        if order.steps and len(order.steps) == len(plan.routes[order.lot.product.id]):
            order.status = "complete"
        elif order.steps:
            order.status = "in process"
        else:
            order.status = status_of(order.lot, days.today)
    return History(
        tuple(orders), tuple(sorted(floor.stops, key=lambda stop: (stop.started, stop.work_centre)))
    )


class _Floor:
    def __init__(self, plant: Plant, days: WorkingDays) -> None:
        self._plant = plant
        self._days = days
        self._chance = plant.random("shop floor")
        self._centres = {centre.id: _as_it_is(centre, plant) for centre in plant.work_centres}
        self._free = dict.fromkeys(self._centres, 0)
        self._last: dict[str, str] = {}
        self._cast = {
            product.id
            for product in plant.products
            if any(BY_ID[part].supply == "castings" for part, _ in parts_of(product, plant.mass_per_kg))
        }
        self._services = {centre: self._service_days(n) for n, centre in enumerate(self._centres)}
        self.stops: list[Stop] = []

    def order(self, id: str, lot: Lot) -> Order:
        # A day more for each two operations beyond the third.
        slack = (
            _LEAD[lot.product.kind] + (self._chance.random() < 0.3) + max(0, len(lot.product.route) - 2) // 2
        )
        return Order(id, lot, "created", lot.start + slack)

    def work(self, orders: list[Order], plan: Plan) -> None:
        """Every operation in the order in which it becomes ready."""
        waiting: list[tuple[int, int, int]] = []
        for number, order in enumerate(orders):
            ready = order.lot.start * self._plant.day_minutes + self._chance.randint(0, 300)
            heapq.heappush(waiting, (ready, number, 0))
            order.scrap_at, order.scrap = self._scrap(order.lot, plan)
        while waiting:
            ready, number, position = heapq.heappop(waiting)
            order = orders[number]
            route = plan.routes[order.lot.product.id]
            ended = self._operate(order, route[position], position, ready)
            if ended is not None and position + 1 < len(route):
                heapq.heappush(waiting, (ended + _TRANSFER_MINUTES, number, position + 1))

    def _operate(self, order: Order, operation: Operation, position: int, ready: int) -> int | None:
        """Work one operation; the minute after it, or None where it is not known yet."""
        centre = self._centres[operation.work_centre]
        start = self._wait(centre, max(ready, self._free[centre.id]))
        arriving = order.steps[-1].good if order.steps else order.lot.quantity
        planned = operation.setup + operation.run * arriving
        setup = operation.setup * setup_factor(self._last.get(centre.id, ""), order.lot.product.setup_group)
        worked = setup + operation.run * arriving
        actual = max(1, round(worked * exp(self._chance.gauss(0.035, 0.11))))
        self._last[centre.id] = order.lot.product.setup_group
        self._free[centre.id] = start + actual
        if start + actual > self._days.now_minute:
            return None
        ended = self._days.moment_after(start + actual)
        posted = ended + self._delay(centre)
        if posted > self._plant.as_of:
            return None
        scrapped = order.scrap if position == order.scrap_at else 0
        without_reason = scrapped > 0 and self._chance.random() < 0.006
        reason = None if not scrapped or without_reason else self._reason(centre, order.lot.start)
        order.steps.append(
            Step(
                operation=operation,
                started=self._days.moment(start),
                ended=ended,
                posted=posted,
                good=arriving - scrapped,
                scrapped=scrapped,
                reworked=min(arriving, self._chance.randint(1, 4)) if self._chance.random() < 0.04 else 0,
                planned_minutes=planned,
                actual_minutes=actual,
                reason=reason,
            )
        )
        return start + actual

    def _wait(self, centre: WorkCentre, start: int) -> int:
        """The minute at which work can begin, after a service that is due or a repair."""
        if self._services[centre.id] and self._services[centre.id][0] <= start // self._plant.day_minutes:
            self._services[centre.id].pop(0)
            start = self._stop(centre, start, 90, "Preventive maintenance", is_planned=True)
        if self._chance.random() < centre.stops:
            minutes = max(10, round(centre.repair_minutes * exp(self._chance.gauss(0, 0.6))))
            usual = "Hydraulic leak" if centre.id == self._plant.weak_press else ""
            others = _PROCESS_STOPS if self._plant.is_process else _STOP_REASONS
            usual = others[0] if usual else ""
            reason = usual if usual and self._chance.random() < 0.6 else self._chance.choice(others)
            start = self._stop(centre, start, minutes, reason, is_planned=False)
        return start

    def _stop(self, centre: WorkCentre, start: int, minutes: int, reason: str, *, is_planned: bool) -> int:
        if start + minutes <= self._days.now_minute:
            self.stops.append(Stop(centre.id, self._days.moment(start), minutes, reason, is_planned))
        return start + minutes

    def _delay(self, centre: WorkCentre) -> timedelta:
        hours = 0.5 * exp(self._chance.gauss(0, 0.9))
        if centre.id == self._plant.slow_posting:
            hours += self._chance.uniform(18, 30)
        hours += self._plant.posting_hours
        return timedelta(minutes=round(hours * 60))

    def _scrap(self, lot: Lot, plan: Plan) -> tuple[int, int]:
        """Which operation of the lot scraps, and how many pieces."""
        spike, route = self._plant.spike, plan.routes[lot.product.id]
        if self._in_spike(lot.start) and any(step.work_centre == spike.work_centre for step in route):
            position = [step.work_centre for step in route].index(spike.work_centre)
            return position, max(1, round(lot.quantity * self._chance.uniform(0.07, 0.17)))
        vintage = self._plant.vintage
        if vintage and lot.product.id in self._cast and self._in_month(lot.start, vintage.month):
            pieces = round(lot.quantity * vintage.scrap * self._chance.uniform(0.6, 1.4))
            return self._chance.randrange(len(route)), min(max(1, pieces), lot.quantity - 1)
        if self._chance.random() > 0.36:
            return -1, 0
        pieces = round(lot.quantity * self._chance.uniform(0.004, 0.06))
        return self._chance.randrange(len(route)), min(pieces, lot.quantity - 1)

    def _in_spike(self, start: int) -> bool:
        return self._in_month(start, self._plant.spike.month)

    def _in_month(self, start: int, month: date) -> bool:
        return self._days.day(start).replace(day=1) == month

    def _reason(self, centre: WorkCentre, start: int) -> str:
        spike = self._plant.spike
        if centre.id == spike.work_centre and self._in_spike(start) and self._chance.random() < 0.85:
            return spike.reason
        return self._chance.choice(_USUAL[centre.line])

    def _service_days(self, number: int) -> list[int]:
        """A day a month, not the same for all work centres."""
        due = [self._days.number(month) + number for month in months(self._plant.first_day, AS_OF_DAY)]
        return [day for day in due if 0 <= day <= self._days.today]


def _as_it_is(centre: WorkCentre, plant: Plant) -> WorkCentre:
    """The work centre with the weakness that this plant's has."""
    if centre.id != plant.weak_press:
        return centre
    return WorkCentre(
        centre.id,
        centre.name,
        centre.line,
        centre.cost_centre,
        centre.rate,
        centre.load,
        stops=0.16,
        repair_minutes=125.0,
    )
