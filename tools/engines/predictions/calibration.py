"""Scores of a model turned into chances that hold at one site, each with the interval of its history."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from tools.engines.statistics import wilson

LEAST_TO_CALIBRATE = 50
"""Outcomes below which a site's scores are left as they are."""
_LEAST_STEP = 20


@dataclass(frozen=True, slots=True)
class Chance:
    """A probability, and between which it lies with 95 % as far as its history can tell."""

    p: float
    low: float
    high: float
    seen: int
    """Outcomes of scores like this one that it rests on; 0 where the score stands for itself."""


@dataclass(frozen=True, slots=True)
class Step:
    """Scores from one value on, and what came of those."""

    score_from: float
    seen: int
    came: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Steps of rising chance, from the lowest score up; without steps scores stand for themselves."""

    steps: tuple[Step, ...] = ()

    def chance(self, score: float) -> Chance:
        """What a score means here."""
        if not self.steps:
            return Chance(score, 0.0, 1.0, 0)
        at = max(0, bisect_right([step.score_from for step in self.steps], score) - 1)
        step = self.steps[at]
        interval = wilson(step.came, step.seen)
        assert interval is not None  # a step has been seen at least once
        # Laplace: that it never came in what was seen does not make it impossible.
        p = (step.came + 1) / (step.seen + 2)
        return Chance(p, min(p, float(interval.low) / 100), max(p, float(interval.high) / 100), step.seen)


def calibrated(scores: Sequence[float], came: Sequence[bool], least: int = LEAST_TO_CALIBRATE) -> Calibration:
    """Isotonic regression by pooling adjacent violators; no steps for fewer outcomes than `least`.

    Steps that rest on fewer than twenty outcomes are joined with the one below, so that no chance is told
    from a handful. Source: Ayer and others (1955); Zadrozny and Elkan (2002) for its use on scores.
    """
    if len(scores) != len(came):
        raise ValueError(f"{len(scores)} scores and {len(came)} outcomes do not belong together")
    if len(scores) < least:
        return Calibration()
    pooled: list[Step] = []
    for score, outcome in sorted(zip(scores, came, strict=True)):
        if pooled and pooled[-1].score_from == score:
            last = pooled.pop()
            pooled.append(Step(score, last.seen + 1, last.came + outcome))
        else:
            pooled.append(Step(score, 1, int(outcome)))
    return Calibration(_wide(_rising(pooled)))


def _rising(steps: Sequence[Step]) -> list[Step]:
    rising: list[Step] = []
    for step in steps:
        rising.append(step)
        while len(rising) > 1 and _falls(rising[-2], rising[-1]):
            upper, lower = rising.pop(), rising.pop()
            rising.append(_joined(lower, upper))
    return rising


def _wide(steps: Sequence[Step]) -> tuple[Step, ...]:
    wide: list[Step] = []
    for step in steps:
        if wide and (step.seen < _LEAST_STEP or wide[-1].seen < _LEAST_STEP):
            wide.append(_joined(wide.pop(), step))
        else:
            wide.append(step)
    return tuple(wide)


def _falls(lower: Step, upper: Step) -> bool:
    return lower.came * upper.seen >= upper.came * lower.seen


def _joined(lower: Step, upper: Step) -> Step:
    return Step(lower.score_from, lower.seen + upper.seen, lower.came + upper.came)
