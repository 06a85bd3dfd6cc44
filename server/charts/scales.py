"""Where a value lies on an axis, and which values are written beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agents.rendering import number_text


@dataclass(frozen=True, slots=True)
class Scale:
    """From a value to its part of the axis, 0 to 1."""

    low: float
    high: float
    ticks: tuple[float, ...]
    is_log: bool = False

    def at(self, value: float | Decimal) -> float:
        """The part of the axis below the value."""
        found = math.log10(float(value)) if self.is_log else float(value)
        return (found - self.low) / (self.high - self.low)


def linear(values: Sequence[float], count: int, *, from_zero: bool) -> Scale:
    """A scale with round ticks; of bars it begins at zero."""
    zero = [0.0] if from_zero else []
    low, high = min([*values, *zero]), max([*values, *zero])
    if not from_zero and low > 0 and low < high * 0.6:
        # A line whose values reach down near zero says more with the zero in sight.
        low = 0.0
    if low == high:
        low, high = (low - 1, high + 1) if low else (0.0, 1.0)
    step = _step((high - low) / max(1, count))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(i * step, 12) for i in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks)


def logarithmic(values: Sequence[float]) -> Scale:
    """A scale with a tick for each power of ten; within one or two, with halves and fifths too."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    factors = (1, 2, 5) if high - low < 3 else (1,)
    ticks = [f * 10.0**power for power in range(low, high + 1) for f in factors]
    return Scale(low, high, tuple(tick for tick in ticks if tick <= 10.0**high), is_log=True)


def _step(raw: float) -> float:
    size = 10.0 ** math.floor(math.log10(raw))
    return next(m * size for m in (1, 2, 2.5, 5, 10) if m * size >= raw * 0.999999)


def tick_text(value: float) -> str:
    """A tick as people write it, short: `1.5k`, `20M`."""
    size = abs(value)
    for unit, suffix in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        # Up to there the digits themselves are short enough.
        if size >= unit and size >= 1e4:
            return f"{number_text(Decimal(repr(round(value / unit, 3))), 'quantity')}{suffix}"
    return number_text(Decimal(repr(round(value, 9))), "quantity")
