"""A whole plant netted day by day: what to release and when, and what comes too late whatever one does."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from tools.engines import scrap
from tools.engines.material_requirements.calendars import Calendar
from tools.engines.material_requirements.explosion import Component, Item, PlannedOrder, exploded
from tools.engines.material_requirements.netting import Line
from tools.engines.material_requirements.policies import LotPolicy
from tools.engines.structure import ZERO, CircularStructure

PLACES = Decimal("0.000001")
"""What the store keeps of a quantity."""
WEEKS = 26
"""How far ahead requirements are netted where nothing else is said."""


class RequirementsInvalid(ValueError):
    """A plant that cannot be planned; the message names the place and what would make it plannable."""


class NoCalendar(RequirementsInvalid):
    """A plant without working days, by which nothing can be timed."""


class CircularBill(RequirementsInvalid):
    """A material that goes into itself."""


class LotsContradict(RequirementsInvalid):
    """Lot rules that no order could keep to."""


class NeedIsPast(RequirementsInvalid):
    """A requirement dated before today."""


@dataclass(frozen=True, slots=True)
class PlantMaterial:
    """What planning knows of a material at a plant."""

    is_made: bool = False
    lead: int = 0
    """Working days where it is made, calendar days where it is bought."""
    receipt_days: int = 0
    """From arrival to usable stock, in calendar days; of bought materials."""
    on_hand: Decimal = ZERO
    safety: Decimal = ZERO
    receipts: Mapping[date, Decimal] = field(default_factory=dict)
    demand: Mapping[date, Decimal] = field(default_factory=dict)
    policy: LotPolicy = field(default_factory=LotPolicy)
    scrap_pct: Decimal = ZERO
    components: tuple[Component, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """An order to release."""

    material: str
    release_on: date
    """Today where it should have been released before."""
    due_on: date
    quantity: Decimal
    started: Decimal
    """With what is lost to scrap."""
    days_late: int
    """Days after the due date on which it can be there at the earliest; 0 where it can be there in time."""

    @property
    def available_on(self) -> date:
        """When it can be there."""
        return self.due_on + timedelta(days=self.days_late)


@dataclass(frozen=True, slots=True)
class PlantPlan:
    """What netting a plant found."""

    lines: Mapping[str, tuple[Line, ...]]
    """By material, day by day; a period is the ordinal of a day."""
    orders: tuple[Proposed, ...]
    """From finished goods down, each material in the order of its receipts."""

    def of(self, material: str) -> tuple[Proposed, ...]:
        """The orders of one material."""
        return tuple(order for order in self.orders if order.material == material)


def plant_plan(
    materials: Mapping[str, PlantMaterial],
    calendar: Calendar | None,
    today: date,
    weeks: int = WEEKS,
    convention: scrap.Convention = "surcharge",
    *,
    past: bool = True,
) -> PlantPlan:
    """Net requirements of every material of a plant over all levels.

    Lead times of made items are counted in working days, those of bought ones in calendar days from and to a
    day that is worked. What should have been released already is released today.

    Args:
        past: requirements before today count as today's; False refuses them.

    Raises:
        NoCalendar: there is none, or nobody works for a year.
        CircularBill: a material goes into itself.
        LotsContradict: no order could keep to a material's lot rules.
        NeedIsPast: with `past=False`, something is needed before today.
    """
    if calendar is None or not (calendar.weekdays or calendar.opened):
        raise NoCalendar(
            "the plant has no working day: load its work calendar, or name the weekdays that it works"
        )
    _lots(materials)
    if not past:
        _none_past(materials, today)
    timing = _Timing(materials, calendar, today)
    first, last = today.toordinal(), today.toordinal() + weeks * 7
    items: dict[str, Item] = {}
    for name, one in materials.items():
        missing = [part.item for part in one.components if part.item not in materials]
        if missing:
            raise RequirementsInvalid(
                f"{name!r} is made of {missing[0]!r}, which has no material master: create it, or end the"
                " line of the bill of materials"
            )
        receipts = _by_day(one.receipts, first, last)
        items[name] = Item(one.components, one.on_hand, one.safety, receipts, one.policy, one.scrap_pct)
    demand = {name: _by_day(one.demand, first, last) for name, one in materials.items()}
    try:
        with _uncollected():
            plan = exploded(items, demand, timing.release, convention, first, PLACES)
            orders = timing.proposed(plan.orders)
    except CircularStructure as circle:
        raise CircularBill(
            f"{circle.path[0]!r} goes into itself: {' > '.join(circle.path)}; end one of these lines of the"
            " bills of materials"
        ) from circle
    return PlantPlan(plan.lines, orders)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for circular garbage, of which there is none.

    It would look through hundreds of thousands of new lines and orders again and again: four tenths of the
    time of a large enterprise.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def contradiction(policy: LotPolicy) -> str:
    """Why no order could keep to a material's lot rules, or nothing."""
    size = policy.size
    if min(size.minimum, size.rounding, policy.lot, ZERO) < 0:
        return "a lot size is below zero"
    if policy.rule in ("fixed", "eoq") and policy.lot <= 0:
        return "its lots are to be fixed, and no lot size is given"
    if policy.rule == "min_max" and policy.maximum < policy.reorder_at:
        return f"the maximum stock {policy.maximum} is below the reorder point {policy.reorder_at}"
    if policy.rule in ("periods", "poq") and policy.periods < 1:
        return "a lot covers less than one period"
    return size.contradiction()


def _lots(materials: Mapping[str, PlantMaterial]) -> None:
    for name, one in materials.items():
        problem = contradiction(one.policy)
        if problem:
            raise LotsContradict(
                f"the lot rules of {name!r} contradict each other: {problem}; correct its master data"
            )


def _none_past(materials: Mapping[str, PlantMaterial], today: date) -> None:
    for name, one in materials.items():
        before = min((day for day, amount in one.demand.items() if amount and day < today), default=None)
        if before is not None:
            raise NeedIsPast(
                f"{name!r} is needed on {before}, before today, {today}; name a day from today on"
            )


def _by_day(dated: Mapping[date, Decimal], first: int, last: int) -> dict[int, Decimal]:
    """By the ordinal of the day, what is past as if it were today's."""
    found: dict[int, Decimal] = {}
    for day, amount in dated.items():
        at = max(first, day.toordinal())
        if at <= last:
            found[at] = found.get(at, ZERO) + amount
    return found


class _Timing:
    """When an order is released for a day of receipt, and when it can be there at the earliest."""

    def __init__(self, materials: Mapping[str, PlantMaterial], calendar: Calendar, today: date) -> None:
        self._calendar = calendar
        self._today = today
        # Materials with the same lead time share what was worked out for it.
        releases: dict[tuple[bool, int], dict[int, int]] = {}
        earliest: dict[tuple[bool, int], int] = {}
        self._leads: dict[str, tuple[bool, int]] = {}
        self._releases: dict[str, dict[int, int]] = {}
        self._earliest: dict[str, int] = {}
        for name, one in materials.items():
            lead = (one.is_made, one.lead if one.is_made else one.lead + one.receipt_days)
            if lead not in earliest:
                earliest[lead] = self._can_be(*lead)
            self._leads[name] = lead
            self._releases[name] = releases.setdefault(lead, {})
            self._earliest[name] = earliest[lead]

    @property
    def release(self) -> Callable[[str, int], int]:
        """As `exploded` takes it."""
        return self._release

    def _release(self, name: str, due: int) -> int:
        known = self._releases[name]
        found = known.get(due)
        if found is None:
            (is_made, days), on = self._leads[name], date.fromordinal(due)
            day = (
                self._calendar.before(on, days)
                if is_made
                else self._calendar.on_or_before(on - timedelta(days=days))
            )
            found = known[due] = max(self._today, day).toordinal()
        return found

    def _can_be(self, is_made: bool, days: int) -> int:
        day = (
            self._calendar.after(self._today, days)
            if is_made
            else self._calendar.on_or_after(self._today + timedelta(days=days))
        )
        return day.toordinal()

    def proposed(self, orders: Sequence[PlannedOrder]) -> tuple[Proposed, ...]:
        """The orders with their dates."""
        days = {at: date.fromordinal(at) for order in orders for at in (order.release, order.receipt)}
        return tuple(
            Proposed(
                order.item,
                days[order.release],
                days[order.receipt],
                order.quantity,
                order.started,
                max(0, self._earliest[order.item] - order.receipt),
            )
            for order in orders
        )
