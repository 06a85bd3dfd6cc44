"""Whether what a model sees today is still what it was trained on: PSI and Kolmogorov-Smirnov."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray

PSI_ABOVE = 0.25
D_ABOVE = 0.1
P_BELOW = 0.01
BINS = 10
# Of chi squared at 95 %, by degrees of freedom from 1 on.
_CHI2_95 = (3.841, 5.991, 7.815, 9.488, 11.070, 12.592, 14.067, 15.507, 16.919, 18.307, 19.675, 21.026)
_LEAST = 5
"""Values on either side below which nothing is said."""
_EMPTY = 0.5
"""Counted in for a bin without values, so that its logarithm is finite."""

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drift:
    """How far one input has moved."""

    psi: float
    psi_limit: float
    """What it may be: what was said, or what chance alone gives for so few values."""
    d: float
    """The largest distance between the two distributions."""
    p: float
    """How likely chance alone gives such a distance."""
    above: float = PSI_ABOVE
    """From which PSI on values have moved where there are many of them."""

    @property
    def is_drifted(self) -> bool:
        """Whether it has; with many values a small p alone says nothing: the distance must be large too."""
        return self.psi > self.psi_limit or (
            self.d > D_ABOVE and self.p < P_BELOW and self.psi > self.above / 2
        )


def drift(
    trained: Sequence[float] | Values,
    seen: Sequence[float] | Values,
    independent: tuple[int, int] | None = None,
    *,
    above: float = PSI_ABOVE,
) -> Drift | None:
    """How far values seen are from those trained on; None where either side has fewer than five.

    Values that are missing (NaN) are left out: how many are missing is a matter of data quality.

    Args:
        independent: how many on either side tell something of their own, where others only say it again.
        above: from which PSI on values have moved.
    """
    before, after = _known(trained), _known(seen)
    if len(before) < _LEAST or len(after) < _LEAST:
        return None
    edges = np.unique(np.quantile(before, np.linspace(0, 1, BINS + 1)[1:-1]))
    psi, bins = _psi(_counts(before, edges), _counts(after, edges))
    of_before, of_after = independent or (len(before), len(after))
    n, m = max(1, min(of_before, len(before))), max(1, min(of_after, len(after)))
    by_chance = _CHI2_95[min(bins - 1, len(_CHI2_95)) - 1] * (1 / n + 1 / m)
    d = _distance(before, after)
    return Drift(psi, max(above, by_chance), d, _p_value(d, n, m), above)


def _known(values: Sequence[float] | Values) -> Values:
    known = np.asarray(values, dtype=np.float64)
    return known[~np.isnan(known)]


def _counts(values: Values, edges: Values) -> Values:
    return np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1).astype(
        np.float64
    )


def _psi(before: Values, after: Values) -> tuple[float, int]:
    """The population stability index, and how many bins it was taken over."""
    used = (before + after) > 0
    before, after = np.maximum(before[used], _EMPTY), np.maximum(after[used], _EMPTY)
    p, q = before / before.sum(), after / after.sum()
    return float(np.sum((q - p) * np.log(q / p))), max(2, int(used.sum()))


def _distance(before: Values, after: Values) -> float:
    before, after = np.sort(before), np.sort(after)
    every = np.concatenate((before, after))
    below = np.searchsorted(before, every, side="right") / len(before)
    return float(np.max(np.abs(below - np.searchsorted(after, every, side="right") / len(after))))


def _p_value(d: float, n: int, m: int) -> float:
    """Of the two-sample test, by Kolmogorov's series with Stephens' correction for few values."""
    root = sqrt(n * m / (n + m))
    x = (root + 0.12 + 0.11 / root) * d
    if x < 0.3:  # the series is 1 there and converges slowly
        return 1.0
    terms = (2.0 * (-1.0) ** (k - 1) * exp(-2 * k * k * x * x) for k in range(1, 101))
    return min(1.0, max(0.0, sum(terms)))
