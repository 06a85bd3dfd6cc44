"""Rates with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z = 1.959964
"""Half the width of a 95 % interval in standard errors."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of how many."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 of none."""
        return self.count / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share; everything is possible after no trial."""
        if not self.of:
            return 0.0, 1.0
        spread = Z * Z / self.of
        centre = (self.share + spread / 2) / (1 + spread)
        half = Z * math.sqrt(self.share * (1 - self.share) / self.of + spread / (4 * self.of)) / (1 + spread)
        return max(0.0, centre - half), min(1.0, centre + half)

    def __str__(self) -> str:
        if not self.of:
            return "-"
        low, high = self.interval
        return f"{100 * self.share:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed (nearest rank); NaN where there is none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def passed_every_time(tries: Sequence[tuple[int, int]], k: int) -> float:
    """The mean chance that k tries drawn from a case's tries are all right: pass^k (Yao et al. 2024).

    Args:
        tries: for each case how many tries were right, of how many; at least k of them.
        k: how many are drawn.

    Raises:
        ValueError: a case has fewer than k tries, or there is no case.
    """
    if not tries or any(of < k for _, of in tries):
        raise ValueError(f"pass^{k} needs {k} tries of every case")
    return sum(math.comb(right, k) / math.comb(of, k) for right, of in tries) / len(tries)
