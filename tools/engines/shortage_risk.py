"""How likely a material runs short while nothing new can come: receipts are as late as their suppliers are.

A receipt of a supplier is there by a day with the share of that supplier's past deliveries that were at most
so many days late; each is taken for itself. Orders of the plant's own are taken to come on their day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tools.engines.structure import ZERO

_MOST_STATES = 4096
"""Sums of receipts that are told apart; beyond, the later receipts are taken to come as promised."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """Days by which past deliveries came after their date, early and punctual ones as 0."""

    delays: tuple[int, ...] = ()

    def later_than(self, days: int) -> float:
        """The chance that a delivery comes more than so many days late.

        One delivery that was late and one that was not are added, as for any share of few.
        """
        if days < 0:
            return 1.0
        late = sum(delay > days for delay in self.delays)
        return (late + 1) / (len(self.delays) + 2)


PUNCTUAL = None
"""Of a receipt that comes on its day."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A receipt to come."""

    due: date
    quantity: Decimal
    lateness: Lateness | None = PUNCTUAL


@dataclass(frozen=True, slots=True)
class Risk:
    """What may become of a material up to a day."""

    probability: Decimal
    """That on some day the stock does not cover what is required by then: of the likeliest day."""
    worst_on: date | None
    """That day; None where nothing is at risk."""
    first_short: date | None
    """The first day on which more is required than is there, if nothing comes at all."""
    days_of_cover: int | None
    """Days up to it; None where the stock alone lasts."""
    expected: Decimal
    """What is missing on the worst day, on average."""


def shortage_risk(
    opening: Decimal, arrivals: Sequence[Arrival], demand: Mapping[date, Decimal], today: date, until: date
) -> Risk:
    """The risk of a shortage from today to a day, both included.

    Args:
        demand: by day; what is overdue is required today.
        until: the end of the protection time, within which an order placed today cannot help.
    """
    taken: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for day, quantity in demand.items():
        taken[max(day, today)] += quantity
    needed, first, worst = -opening, None, (0.0, ZERO)
    worst_on: date | None = None
    for day in sorted(taken):
        if day > until:
            break
        needed += taken[day]
        if needed <= 0:
            continue
        first = first or day
        found = _missing(needed, arrivals, day, today)
        if found[0] > worst[0]:
            worst, worst_on = found, day
    return Risk(
        _percent(worst[0]),
        worst_on,
        first,
        None if first is None else (first - today).days,
        worst[1].quantize(Decimal("0.001")),
    )


def _missing(needed: Decimal, arrivals: Sequence[Arrival], day: date, today: date) -> tuple[float, Decimal]:
    """The chance that receipts up to a day come to less than is needed, and what is missing on average."""
    sums: dict[Decimal, float] = {ZERO: 1.0}
    for one in sorted(arrivals, key=lambda each: each.due):
        chance = _there(one, day, today)
        if not chance:
            continue
        if len(sums) > _MOST_STATES:
            chance = 1.0
        following: dict[Decimal, float] = defaultdict(float)
        for total, likely in sums.items():
            # What is needed is enough: sums beyond it are all the same.
            following[min(needed, total + one.quantity)] += likely * chance
            if chance != 1:
                following[total] += likely * (1 - chance)
        sums = following
    short = {total: likely for total, likely in sums.items() if total < needed}
    expected = sum(((needed - total) * Decimal(repr(likely)) for total, likely in short.items()), ZERO)
    return sum(short.values()), expected


def _there(one: Arrival, day: date, today: date) -> float:
    """The chance that a receipt is there by a day, given that it is not there today where it is overdue."""
    if one.lateness is None:
        return float(max(one.due, today) <= day)
    by_then = 1 - one.lateness.later_than((day - one.due).days)
    if one.due >= today:
        return by_then
    # It has not come up to yesterday.
    not_yet = one.lateness.later_than((today - one.due).days - 1)
    return max(0.0, (by_then - (1 - not_yet)) / not_yet)


def _percent(share: float) -> Decimal:
    return (Decimal(repr(share)) * 100).quantize(Decimal("0.1"))
