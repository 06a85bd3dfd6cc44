"""Quantities that are foretold: their interval, the line they may cross, and how far off they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tools.engines.predictions.calibration import LEAST_TO_CALIBRATE, Chance
from tools.engines.statistics import wilson

Worse: TypeAlias = Literal["above", "below"]
_KEPT = 81
"""Errors that are kept of a site, evenly over all of them: the outer ones bound 95 %."""
_OUTER = 0.025
_LEAST_PAST = 3


@dataclass(frozen=True, slots=True)
class Line:
    """What a quantity must cross for anybody to act on it."""

    at: float
    worse: Worse

    def is_crossed(self, value: float) -> bool:
        """Whether a value lies on the worse side."""
        return value > self.at if self.worse == "above" else value < self.at

    def rising(self, value: float) -> float:
        """The value turned so that a higher one is likelier to have crossed."""
        return value if self.worse == "above" else -value


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quantity, and between which it lies with 95 % as far as its history can tell."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Off:
    """How far quantities lay from what came."""

    outcomes: int
    wape: float | None
    """Sum of all differences, whichever way, over the sum of what came."""
    bias: float | None
    """Sum of differences over the sum of what came: above zero where too much was foretold."""


def off(foretold: Sequence[float], came: Sequence[float]) -> Off:
    """How far off quantities were; no shares where nothing came at all."""
    pairs = list(zip(foretold, came, strict=True))
    total = sum(came)
    if not total:
        return Off(len(pairs), None, None)
    return Off(
        len(pairs),
        sum(abs(said - actual) for said, actual in pairs) / total,
        sum(said - actual for said, actual in pairs) / total,
    )


def errors_kept(foretold: Sequence[float], came: Sequence[float]) -> tuple[float, ...]:
    """What came less what was foretold, in order and thinned; empty below what an interval can rest on."""
    errors = sorted(actual - said for said, actual in zip(foretold, came, strict=True))
    if len(errors) < LEAST_TO_CALIBRATE:
        return ()
    if len(errors) <= _KEPT:
        return tuple(errors)
    step = (len(errors) - 1) / (_KEPT - 1)
    return tuple(errors[round(number * step)] for number in range(_KEPT))


def between(value: float, errors: Sequence[float]) -> Estimate:
    """A quantity with the interval that errors of before give it; nothing lies below zero."""
    if not errors:
        return Estimate(value, 0.0, float("inf"))
    ordered = sorted(errors)
    low, high = _at(ordered, _OUTER), _at(ordered, 1 - _OUTER)
    return Estimate(value, max(0.0, min(value, value + low)), max(value, value + high))


def by_the_past(value: float, errors: Sequence[float], line: Line) -> tuple[Estimate, Chance]:
    """What a rule says whose errors of before are known: the quantity, and its chance to cross the line."""
    if len(errors) < _LEAST_PAST:
        return Estimate(value, 0.0, float("inf")), Chance(0.5, 0.0, 1.0, 0)
    crossed = sum(line.is_crossed(value + error) for error in errors)
    p = (crossed + 1) / (len(errors) + 2)  # Laplace: that it never came does not make it impossible
    interval = wilson(crossed, len(errors))
    assert interval is not None  # there are errors
    chance = Chance(p, min(p, float(interval.low) / 100), max(p, float(interval.high) / 100), len(errors))
    return between(value, errors), chance


def _at(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
