"""Two models over the cases that both were asked: who wins where they differ, and how sure that is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from eval.rates import Z
from eval.results import Run, Try
from eval.scoring.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Paired:
    """One yes or no of two models over the same cases."""

    name: str
    of: int
    """Cases that both were asked."""
    only_first: int
    """Cases where it holds of the first model alone."""
    only_second: int

    @property
    def difference(self) -> float:
        """Share of the second model minus share of the first."""
        return (self.only_second - self.only_first) / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the difference of paired shares (Bonett and Price 2012).

        It is near its nominal coverage with few cases too, and not empty where the models never differ.
        """
        first, second = (self.only_first + 1) / (self.of + 2), (self.only_second + 1) / (self.of + 2)
        half = Z * math.sqrt((first + second - (second - first) ** 2) / (self.of + 2))
        return max(-1.0, second - first - half), min(1.0, second - first + half)

    @property
    def chance(self) -> float:
        """McNemar's exact two-sided p: how often two equal models would differ at least as unevenly."""
        differing = self.only_first + self.only_second
        fewer = min(self.only_first, self.only_second)
        tail: float = sum(math.comb(differing, k) for k in range(fewer + 1)) / 2**differing
        return min(1.0, 2.0 * tail)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models with all their paired figures."""

    first: str
    second: str
    figures: tuple[Paired, ...]


def _judged(one: Try) -> bool:
    return one.outcome is not Outcome.UNJUDGED


_FIGURES: tuple[tuple[str, Callable[[Try], bool], Callable[[Try], bool]], ...] = (
    ("right at once", _judged, lambda one: one.is_right),
    ("wrong", _judged, lambda one: one.outcome is Outcome.WRONG),
    ("right within one click", _judged, lambda one: one.within_click),
    ("dangerous error", lambda one: one.could_be_dangerous, lambda one: one.dangerous is not None),
)
"""Name, which tries can show it, and whether one does."""


def paired(first: str, a: Run, second: str, b: Run) -> Pair:
    """Two runs over the cases of both; of several tries of a case the majority counts."""
    return Pair(first, second, tuple(_paired(name, may, holds, a, b) for name, may, holds in _FIGURES))


def _paired(name: str, may: Callable[[Try], bool], holds: Callable[[Try], bool], a: Run, b: Run) -> Paired:
    ours, theirs = _by_case(a, may, holds), _by_case(b, may, holds)
    both = ours.keys() & theirs.keys()
    return Paired(
        name,
        len(both),
        sum(ours[key] and not theirs[key] for key in both),
        sum(theirs[key] and not ours[key] for key in both),
    )


def _by_case(
    run: Run, may: Callable[[Try], bool], holds: Callable[[Try], bool]
) -> dict[tuple[str, str], bool]:
    """Tries of one case are not independent, so the case is what is counted."""
    found: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for one in run.tries:
        if may(one):
            found[one.suite, one.case].append(holds(one))
    return {key: 2 * sum(each) > len(each) for key, each in found.items()}
