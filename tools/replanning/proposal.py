"""What replanning proposes: the ways to go on side by side, the one to take, and exactly what it changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from policies.drafts.parts import FactVersion
from tools.engines.scheduling.replanning import Way

DisturbanceKind = Literal[
    "machine_down", "material_late", "rush_order", "quality_hold", "crew_absent", "move"
]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What has happened, or what somebody wants, in the site's own terms."""

    kind: DisturbanceKind
    subject: str
    """Id of the work centre, the purchase line, the material, the shift or the order."""
    name: str
    """What people call it."""
    starts: datetime
    """In the zone of the plant."""
    ends: datetime | None
    """None where no end is known."""
    orders: tuple[str, ...] = ()
    """The orders that it holds up, for what comes late, is on hold or is moved."""
    quantity: Decimal | None = None
    """Of a rush order."""


@dataclass(frozen=True, slots=True)
class Bar:
    """An operation of an order in a plan, in aware times of the plant's zone."""

    order: str
    operation: int
    """As the routing numbers it."""
    work_centre: str
    """Its id."""
    start: datetime
    end: datetime
    overtime: int = 0
    """Minutes of it that are worked after the end of a shift."""
    is_moved: bool = False
    """It starts at another time or runs elsewhere than in the present plan."""


@dataclass(frozen=True, slots=True)
class OrderChange:
    """An operation that moves, with its values before; `before` is None for a rush order's."""

    order: str
    material: str
    """Name of what the order makes."""
    operation: int
    before: Bar | None
    after: Bar


@dataclass(frozen=True, slots=True)
class OrderMove:
    """An order that moves as a whole: what would be written for it.

    `recorded_*` are the dates that the ERP holds, the others the first start and the last end of what is left
    of the order in the present plan and in the new one.
    """

    order: str
    material_id: str
    material: str
    recorded_start: date | None
    recorded_due: date | None
    before_start: datetime | None
    before_end: datetime | None
    after_start: datetime
    after_end: datetime
    work_centres: tuple[str, ...]
    """Ids of the work centres of what is left, in the order of its operations, in the new plan."""
    fact: FactVersion | None
    """The order as it was when it was read; None for a rush order that no system holds yet."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way to go on, and what it comes to."""

    way: Way
    late_orders: int
    late_days: Decimal
    """Sum over the orders of days of work after the end of the due day, to a tenth."""
    later_orders: int
    """Orders that end after their due date and on a later day than in the present plan: what is added."""
    later_days: Decimal
    """Days of work that they end after that day."""
    customers: tuple[str, ...]
    """Customers whose orders wait for one of the late orders."""
    cost: Decimal
    """Of work centres, set-ups and overtime for what is left, in `Replanning.currency`."""
    margin: Decimal
    """Change of the margin against the present plan without the disturbance: minus what it costs more."""
    at_risk: Decimal
    """Sales that wait for late orders."""
    moved_orders: int
    moved_operations: int
    machine_changes: int
    overtime_minutes: int
    overtime_cost: Decimal
    """What of the cost is for overtime."""
    is_optimal: bool
    """True where the solver has proven that no plan is better in the order of aims."""
    gap: Decimal | None
    """By how many percent its weighted lateness could at most be less; None where no search has said."""
    is_rule: bool
    """True where no solver was asked."""
    broken: tuple[str, ...]
    """What cannot be carried out; empty where all can."""
    bars: tuple[Bar, ...]
    changes: tuple[OrderChange, ...]
    moves: tuple[OrderMove, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An open order that could not be planned, and what would make it possible."""

    order: str
    reason: str


@dataclass(frozen=True, slots=True)
class Replanning:
    """The whole proposal for one site and one disturbance."""

    site: str
    zone: str
    currency: str
    now: datetime
    horizon: date
    """The last day whose orders are planned."""
    frozen_until: datetime
    event: Disturbance
    before: tuple[Bar, ...]
    """The present plan."""
    alternatives: tuple[Outcome, ...]
    recommended: Way | None
    """The way to take by the figures."""
    why: tuple[str, ...]
    relax: tuple[str, ...]
    """What would have to give where no way can be gone."""
    left_out: tuple[LeftOut, ...]
    facts: tuple[FactVersion, ...]
    """Of every order that is planned."""
    seconds: float
    is_complete: bool
    """False where OR-Tools is not installed, so that ways are missing."""
    is_ended_early: bool = False
    """True where somebody ended the search before its time."""
    picked: Way | None = None
    """The way that a person chose; None where they did not."""

    @property
    def chosen(self) -> Outcome | None:
        """The way that was picked, otherwise the recommended one."""
        way = self.picked or self.recommended
        return self.of(way) if way else None

    @property
    def changes(self) -> tuple[OrderChange, ...]:
        """What the recommended way changes, operation by operation."""
        return self.chosen.changes if self.chosen else ()

    def of(self, way: Way) -> Outcome | None:
        """One of the ways."""
        return next((one for one in self.alternatives if one.way == way), None)
