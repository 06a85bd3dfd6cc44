"""Dated supply against dated demand of one material: when it falls short, and when each receipt is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import TypeVar

from tools.engines.structure import ZERO


@dataclass(frozen=True, slots=True)
class Supply:
    """A receipt to come."""

    key: str
    due: date
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Demand:
    """A requirement to come."""

    key: str
    due: date
    quantity: Decimal


_EntryT = TypeVar("_EntryT", Supply, Demand)


@dataclass(frozen=True, slots=True)
class Shortage:
    """When a material first falls short, and how far."""

    first: date
    missing: Decimal
    """What is missing at the end of that day."""
    deepest: Decimal
    """The most that is missing on any day up to the horizon."""
    waiting: str
    """Key of the first demand that is not covered in full."""
    next_receipt: Supply | None
    """The first receipt after that day."""
    covers: bool
    """True where it makes up for what is missing on its day."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What becomes of a material up to a horizon."""

    short: Shortage | None
    low_on: date | None
    """First day below the safety stock; None where it never is."""
    low_by: Decimal
    """What is missing to the safety stock on that day."""
    closing: Decimal
    """Available at the end."""


def outlook(
    opening: Decimal,
    supplies: Sequence[Supply],
    demands: Sequence[Demand],
    today: date,
    end: date,
    safety: Decimal = ZERO,
) -> Outlook:
    """The balance at the end of each day up to `end`; what is overdue counts as today's.

    Receipts of a day are there for the requirements of that day.
    """
    coming = _by_day(supplies, today)
    balance = _balances(opening, coming, _by_day(demands, today), today)
    short: Shortage | None = None
    low_on, low_by = None, ZERO
    for day, available in balance.items():
        if day > end:
            break
        if available < 0 and short is None:
            later = next((one for one in coming if one.due > day), None)
            short = Shortage(
                day,
                -available,
                max(-value for at, value in balance.items() if at <= end),
                _uncovered(opening, supplies, demands, today, day),
                later,
                later is not None and balance[later.due] >= 0,
            )
        if available < safety and low_on is None:
            low_on, low_by = day, safety - available
    closing = next((value for day, value in reversed(balance.items()) if day <= end), opening)
    return Outlook(short, low_on, low_by, closing)


def _balances(
    opening: Decimal, coming: Sequence[Supply], taking: Sequence[Demand], today: date
) -> dict[date, Decimal]:
    days = sorted({today, *(one.due for one in coming), *(one.due for one in taking)})
    found: dict[date, Decimal] = {}
    running = opening
    for day in days:
        running += sum((one.quantity for one in coming if one.due == day), ZERO)
        running -= sum((one.quantity for one in taking if one.due == day), ZERO)
        found[day] = running
    return found


def _uncovered(
    opening: Decimal, supplies: Sequence[Supply], demands: Sequence[Demand], today: date, day: date
) -> str:
    """The first demand up to a day that the stock and the receipts up to that day do not cover in full."""
    have = max(ZERO, opening) + sum(
        (one.quantity for one in _by_day(supplies, today) if one.due <= day), ZERO
    )
    for one in _by_day(demands, today):
        have -= one.quantity
        if have < 0:
            return one.key if one.due <= day else ""
    return ""


# ── which receipt is for which requirement ────────────────────────────────────────────────────────────────
STOCK = ""
"""Key of the stock on hand among supplies."""


@dataclass(frozen=True, slots=True)
class Peg:
    """So much of a supply is for a demand."""

    supply: str
    demand: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Allocation:
    """All pegs of a material, with what is left over on either side."""

    pegs: tuple[Peg, ...]
    free: dict[str, Decimal]
    """What nothing asks for, by supply; of every supply, zero included."""
    uncovered: dict[str, Decimal]
    """What nothing covers, by demand; only those that lack something."""


def allocate(
    opening: Decimal, supplies: Sequence[Supply], demands: Sequence[Demand], today: date
) -> Allocation:
    """First in, first out: the earliest demand takes the stock, then the earliest receipt, whatever its date.

    A receipt that comes too late for its demand is pegged to it all the same: that is what makes it late.
    """
    coming = _by_day(supplies, today)
    pool = [(STOCK, max(ZERO, opening)), *((one.key, one.quantity) for one in coming)]
    pegs: list[Peg] = []
    uncovered: dict[str, Decimal] = {}
    at, available = 0, pool[0][1]
    free = dict.fromkeys((key for key, _ in pool), ZERO)
    # Stock below nothing was taken by somebody before all others.
    owed = max(ZERO, -opening)
    for one in (Demand("", today, owed), *_by_day(demands, today)) if owed else _by_day(demands, today):
        wanted = one.quantity
        while wanted > 0:
            while available <= 0 and at + 1 < len(pool):
                at, available = at + 1, pool[at + 1][1]
            if available <= 0:
                uncovered[one.key] = uncovered.get(one.key, ZERO) + wanted
                break
            taken = min(wanted, available)
            pegs.append(Peg(pool[at][0], one.key, taken))
            wanted, available = wanted - taken, available - taken
    free[pool[at][0]] = available
    free.update(pool[at + 1 :])
    return Allocation(tuple(pegs), free, uncovered)


# ── messages ──────────────────────────────────────────────────────────────────────────────────────────────
class Message(Enum):
    """What a planner is told about a receipt; the values are the numbers that MRP gives them."""

    EXPEDITE = "10!"
    """Needed earlier, and that day is today or so near that only a call helps."""
    RESCHEDULE_IN = "10"
    RESCHEDULE_OUT = "15"
    CANCEL = "20"
    OVERDUE = "07"
    """Its date has passed, and nothing needs it yet."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A message about one receipt."""

    supply: Supply
    message: Message
    needed: date | None
    """Day of the first demand that it covers; None where it covers none."""
    days: int
    """Days by which it has to move, forwards positive; 0 for a cancellation."""
    for_demand: str
    """Key of that demand."""
    quantity: Decimal
    """What is needed of it, or what is not needed where it is to be cancelled."""


def advice(
    opening: Decimal,
    supplies: Sequence[Supply],
    demands: Sequence[Demand],
    today: date,
    *,
    safety: Decimal = ZERO,
    tolerance: int = 1,
    near: int = 7,
) -> list[Advice]:
    """What should become of each receipt, in the order of their dates.

    Each receipt, in the order of dates, is needed on the day of the first demand that is covered neither by
    stock nor by earlier receipts. Demand may use the safety stock up; a receipt that only fills it up again
    is left alone.

    Args:
        tolerance: days by which dates may differ without a message.
        near: days from today within which an earlier need is a matter of expediting.
    """
    pegged = allocate(opening, supplies, demands, today)
    due = {one.key: max(one.due, today) for one in demands}
    refill = max(ZERO, safety - pegged.free[STOCK])
    found: list[Advice] = []
    for one in _by_day_as_promised(supplies):
        mine = [peg for peg in pegged.pegs if peg.supply == one.key]
        used = sum((peg.quantity for peg in mine), ZERO)
        if not mine:
            filling = min(refill, one.quantity)
            refill -= filling
            if filling <= 0:
                found.append(Advice(one, Message.CANCEL, None, 0, "", one.quantity))
            continue
        refill = max(ZERO, refill - pegged.free[one.key])
        first = min((peg.demand for peg in mine), key=lambda key: due.get(key, today))
        needed = due.get(first, today)
        days = (needed - one.due).days
        message = _message(one, needed, days, today, tolerance, near)
        if message is not None:
            found.append(Advice(one, message, needed, days, first, used))
    return found


def _message(one: Supply, needed: date, days: int, today: date, tolerance: int, near: int) -> Message | None:
    if one.due < today:
        # It cannot come on a day that has passed; whether it matters is a matter of what waits for it.
        return Message.EXPEDITE if needed <= today + timedelta(days=near) else Message.OVERDUE
    if abs(days) <= tolerance:
        return None
    if days > 0:
        return Message.RESCHEDULE_OUT
    return Message.EXPEDITE if needed <= today + timedelta(days=near) else Message.RESCHEDULE_IN


def _by_day_as_promised(supplies: Sequence[Supply]) -> list[Supply]:
    return sorted(supplies, key=lambda one: (one.due, one.key))


def _by_day(entries: Sequence[_EntryT], today: date) -> list[_EntryT]:
    """By date, overdue ones as if they were today's, in the order in which they were promised."""
    ordered = sorted(entries, key=lambda one: (one.due, one.key))
    return [one if one.due >= today else replace(one, due=today) for one in ordered]
