"""What can still be promised to customers: discrete with look-ahead, or cumulative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from tools.engines.structure import ZERO

Netting = Literal["larger", "orders_inside_fence", "orders", "forecast"]
"""What counts against the stock in a period: the larger of forecast and orders; up to the demand time fence
the orders and after it the larger; only orders; only the forecast."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A master production schedule with what it leaves."""

    receipts: tuple[Decimal, ...]
    projected: tuple[Decimal, ...]


def counted(
    forecast: Sequence[Decimal], orders: Sequence[Decimal], netting: Netting = "larger", fence: int = 0
) -> tuple[Decimal, ...]:
    """What each period is taken to need."""
    found: list[Decimal] = []
    for at, (expected, booked) in enumerate(zip(forecast, orders, strict=True)):
        match netting:
            case "orders":
                found.append(booked)
            case "forecast":
                found.append(expected)
            case "orders_inside_fence" if at < fence:
                found.append(booked)
            case _:
                found.append(max(expected, booked))
    return tuple(found)


def master_schedule(
    opening: Decimal, needed: Sequence[Decimal], lot: Decimal | None, safety: Decimal = ZERO
) -> Schedule:
    """Lots in the periods whose end would be below the safety stock; without a lot just what is missing."""
    running, receipts, projected = opening, [], []
    for wanted in needed:
        running -= wanted
        made = ZERO
        while running + made < safety:
            made += safety - running if lot is None else lot
        running += made
        receipts.append(made)
        projected.append(running)
    return Schedule(tuple(receipts), tuple(projected))


def projected(
    opening: Decimal, needed: Sequence[Decimal], receipts: Sequence[Decimal]
) -> tuple[Decimal, ...]:
    """The stock at the end of each period for receipts that are given."""
    running, found = opening, []
    for wanted, made in zip(needed, receipts, strict=True):
        running += made - wanted
        found.append(running)
    return tuple(found)


def discrete(
    opening: Decimal, receipts: Sequence[Decimal], orders: Sequence[Decimal], *, look_ahead: bool = True
) -> tuple[Decimal, ...]:
    """What each receipt leaves after the orders up to the next one; nothing in periods without a receipt.

    With look-ahead, orders that a receipt cannot cover are taken from receipts before it, the latest first. A
    figure below zero then is left only in the first period: more is
    promised than there will be.
    """
    starts = [0, *(at for at in range(1, len(receipts)) if receipts[at] > 0)]
    ends = [*starts[1:], len(receipts)]
    left = [
        receipts[start] + (opening if start == 0 else ZERO) - sum(orders[start:end], ZERO)
        for start, end in zip(starts, ends, strict=True)
    ]
    if look_ahead:
        for at in range(len(left) - 1, 0, -1):
            if left[at] < 0:
                left[at - 1] += left[at]
                left[at] = ZERO
    found = [ZERO] * len(receipts)
    for start, amount in zip(starts, left, strict=True):
        found[start] = amount
    return tuple(found)


def cumulative(
    opening: Decimal, receipts: Sequence[Decimal], orders: Sequence[Decimal], *, look_ahead: bool = True
) -> tuple[Decimal, ...]:
    """What can be promised for the end of each period, with all that was left over before it.

    With look-ahead, no more than the least of what any later period has left: a later order keeps its goods.
    """
    running, found = opening, []
    for made, booked in zip(receipts, orders, strict=True):
        running += made - booked
        found.append(running)
    if look_ahead:
        for at in range(len(found) - 2, -1, -1):
            found[at] = min(found[at], found[at + 1])
    return tuple(found)
