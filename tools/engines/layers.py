"""What lies in stock came when: first in, first out, so that the latest receipts are what is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Layer:
    """A quantity that came on one day; without a day it was there before any receipt that is recorded."""

    day: date | None
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Bucket:
    """A range of ages in days; the last has no end."""

    name: str
    first: int
    last: int | None = None

    def holds(self, age: int) -> bool:
        """True where something of that age belongs here."""
        return self.first <= age and (self.last is None or age <= self.last)


BUCKETS = (
    Bucket("0-30", 0, 30),
    Bucket("31-90", 31, 90),
    Bucket("91-180", 91, 180),
    Bucket("181-365", 181, 365),
    Bucket("over 365", 366),
)


def layers(receipts: Iterable[Layer], on_hand: Decimal) -> tuple[Layer, ...]:
    """The layers that make up a stock, youngest first; their quantities add up to it.

    Nothing is made up for a negative stock: it is one layer without a day.
    """
    if on_hand <= 0:
        return (Layer(None, on_hand),) if on_hand else ()
    found, left = [], on_hand
    for receipt in sorted((r for r in receipts if r.day), key=lambda r: r.day or date.min, reverse=True):
        taken = min(left, receipt.quantity)
        if taken > 0:
            found.append(Layer(receipt.day, taken))
            left -= taken
        if not left:
            break
    return (*found, *((Layer(None, left),) if left else ()))


def by_age(found: Sequence[Layer], today: date, recorded_from: date | None) -> dict[str, Decimal]:
    """The quantity of each bucket, by its name; `unknown` for what cannot be told.

    Args:
        recorded_from: first day of which movements are recorded. What was there before is at least as old,
            and so over a year old where that is more than a year ago.
    """
    sums: dict[str, Decimal] = {}
    old = recorded_from is not None and (today - recorded_from).days > (BUCKETS[-2].last or 0)
    for layer in found:
        if layer.day is None:
            name = BUCKETS[-1].name if old and layer.quantity > 0 else UNKNOWN
        else:
            age = max(0, (today - layer.day).days)
            name = next(bucket.name for bucket in BUCKETS if bucket.holds(age))
        sums[name] = sums.get(name, ZERO) + layer.quantity
    return sums


UNKNOWN = "unknown"
"""Bucket of what was there before movements are recorded, where that is less than a year ago."""
