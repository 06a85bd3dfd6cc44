"""Shares with their uncertainty, quantiles, and whether a series changed its level: exact and without I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import exp, sqrt

_Z = 1.959963984540054
"""Of the normal distribution, two-sided 95 %."""
LEAST_FOR_SHIFT = 12
"""Values below which no change of level is looked for."""
SHIFT_BELOW = 0.01
"""p-value below which a change of level is named."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval of a share, in percent."""

    low: Decimal
    high: Decimal


def wilson(successes: int, trials: int) -> Interval | None:
    """The Wilson score interval of a share; None without trials. It is sound for few trials."""
    if not trials:
        return None
    share, square = successes / trials, _Z * _Z
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = _Z * sqrt(share * (1 - share) / trials + square / (4 * trials * trials)) / (1 + square / trials)
    return Interval(_percent(max(0.0, middle - half)), _percent(min(1.0, middle + half)))


def _percent(share: float) -> Decimal:
    return round(Decimal(repr(100 * share)), 1)


def quantile(values: Sequence[Decimal], share: Decimal) -> Decimal | None:
    """The value below which that share lies, between two by proportion, as PostgreSQL's percentile_cont."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def mean(values: Sequence[Decimal]) -> Decimal | None:
    """The arithmetic mean; None without values."""
    return sum(values, Decimal(0)) / len(values) if values else None


def spread(values: Sequence[Decimal]) -> Decimal | None:
    """The standard deviation of a sample; None for fewer than two values."""
    middle = mean(values)
    if middle is None or len(values) < 2:
        return None
    return (sum(((v - middle) ** 2 for v in values), Decimal(0)) / (len(values) - 1)).sqrt()


@dataclass(frozen=True, slots=True)
class Shift:
    """A change of level in a series: where it begins, the medians before and after, and its p-value."""

    at: int
    before: Decimal
    after: Decimal
    p_value: Decimal


def shift(values: Sequence[Decimal]) -> Shift | None:
    """The change of level that Pettitt's rank test finds below one percent; None where it finds none.

    It takes no shape of distribution for granted, so that a single very late delivery makes no shift. Its
    p-value is the usual approximation, which is too large rather than too small for short series.
    """
    number = len(values)
    if number < LEAST_FOR_SHIFT:
        return None
    running, best, at = 0, 0, 0
    for index in range(number - 1):
        running += sum((values[index] > other) - (values[index] < other) for other in values)
        if abs(running) > abs(best):
            best, at = running, index + 1
    p_value = min(1.0, 2 * exp(-6.0 * best * best / (number**3 + number**2)))
    half = Decimal("0.5")
    before, after = quantile(values[:at], half), quantile(values[at:], half)
    if p_value >= SHIFT_BELOW or before is None or after is None or before == after:
        return None
    return Shift(at, before, after, Decimal(f"{p_value:.6f}"))
