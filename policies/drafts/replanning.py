"""Moves of production orders before anybody has confirmed them: several orders, one signature."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from erp_adapters.records import OrderRescheduling
from policies.drafts.parts import Code, Grounds, Line, Named, Number, OfOneSite, Part, Words

MOST_MOVES = 60
"""Orders that one draft moves at most."""
FROZEN = timedelta(hours=24)
"""The frozen horizon: what starts within it, before or after, needs two signatures."""
NO_CURRENCY = "XXX"
"""ISO 4217's code for amounts of no currency: limits count the orders moved under it."""
FROZEN_CATEGORY = "Frozen horizon"
Way = Literal["do_nothing", "right_shift", "stable_repair", "full_resolve"]
Moment = Annotated[datetime, AwareDatetime]


class Dates(Part):
    """When an order starts and is due: the days that the ERP holds, and the times within them as planned."""

    start_on: date | None
    due_on: date | None
    starts_at: Moment | None = None
    """First start of what is left, in the zone of the plant."""
    ends_at: Moment | None = None
    work_centres: tuple[Named, ...] = ()
    """Of the operations that are left, in their order."""


class OrderMoved(Part):
    """One order, as it is and as it would be."""

    order: Code
    material: Named
    before: Dates
    """Its days are those that the ERP holds; it refuses the move where they are others by then."""
    after: Dates

    @model_validator(mode="after")
    def _is_a_move(self) -> Self:
        if self.after.start_on is None or self.after.due_on is None:
            raise ValueError(f"order {self.order!r} would have no dates")
        if self.after.due_on < self.after.start_on:
            raise ValueError(f"order {self.order!r} would be due before it starts")
        if self.after == self.before:
            raise ValueError(f"order {self.order!r} is not moved")
        return self

    def begins_before(self, moment: datetime) -> bool:
        """Whether it starts by then, before the move or after it."""
        for dates in (self.before, self.after):
            if dates.starts_at is not None and dates.starts_at < moment:
                return True
            if dates.starts_at is None and dates.start_on is not None and dates.start_on <= moment.date():
                return True
        return False

    def document(self, site: str, requester: str, note: str) -> OrderRescheduling:
        """What is written to the ERP for it."""
        after = self.after
        assert after.start_on is not None, "a move has dates"
        assert after.due_on is not None, "a move has dates"
        return OrderRescheduling(
            site=site,
            requester=requester,
            order=self.order,
            start_on=after.start_on,
            due_on=after.due_on,
            expected_start=self.before.start_on,
            expected_due=self.before.due_on,
            starts_at=after.starts_at,
            ends_at=after.ends_at,
            work_centres=tuple(each.code for each in after.work_centres),
            note=note,
        )


class WayShown(Part):
    """A way to go on beside the one that was chosen, with what it comes to."""

    way: Way
    is_possible: bool
    later_orders: int = 0
    later_days: Number = Decimal(0)
    customers: int = 0
    cost: Number | None = None
    """In the site's currency, as `ReplanningDraft.currency` says."""
    margin: Number | None = None
    moved_orders: int = 0
    overtime_minutes: int = 0


class ReplanningDraft(OfOneSite):
    """Moves of production orders of one site as a person is shown them."""

    kind: Literal["order_rescheduling"] = "order_rescheduling"
    schema_version: Literal[1] = 1
    zone: Line
    """Time zone of the plant."""
    now: Moment
    """The site's own now when it was drafted."""
    event: Words
    """What has happened, in words."""
    way: Way | None
    """The way that was chosen; None for what puts right or takes back an earlier draft."""
    moves: Annotated[tuple[OrderMoved, ...], Field(min_length=1, max_length=MOST_MOVES)]
    ways: tuple[WayShown, ...] = ()
    currency: Line = ""
    relaxed: tuple[Words, ...] = ()
    """What gives way where not everything can be kept."""
    follows: Line = ""
    """Id of the earlier draft whose rest it is, or that it takes back."""
    note: Words = ""
    grounds: Grounds = Grounds()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        orders = [move.order for move in self.moves]
        if len(set(orders)) < len(orders):
            raise ValueError("an order is moved twice")
        return self

    @property
    def value(self) -> None:
        """No money: limits count the orders that it moves."""
        return None

    @property
    def frozen(self) -> tuple[str, ...]:
        """Orders of it that start within the frozen horizon, now or then."""
        until = self.now + FROZEN
        return tuple(move.order for move in self.moves if move.begins_before(until))

    def documents(self, requester: str) -> tuple[tuple[str, OrderRescheduling], ...]:
        """What is written to the ERP: one document for each order, by its number."""
        return tuple((move.order, move.document(self.site, requester, self.note)) for move in self.moves)
