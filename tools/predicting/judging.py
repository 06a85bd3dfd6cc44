"""What a version has shown at a site: calibrated scores, its record beside the rule's, and drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tools.engines.predictions.calibration import LEAST_TO_CALIBRATE, Calibration, calibrated
from tools.engines.predictions.drift import Drift, drift
from tools.engines.predictions.judging import Judged, judged

SEEN = timedelta(days=56)
"""The latest inputs that are set against those trained on."""
_LEAST_REFERENCE = 200
"""Things foretold at a site before, from which on its own inputs are what later ones are set against."""
_LEAST_CAME = 5
"""Failures below which a version is not found worse than the rule: chance alone would."""
_WORSE = 1.05
"""How many times the rule's Brier score makes a version worse than it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that was foretold, as it is kept."""

    for_day: date
    score: float
    rule: float
    quality: float
    inputs: Sequence[float | None]
    came: bool | None


@dataclass(frozen=True, slots=True)
class Record:
    """What a version has shown at one site."""

    calibration: Calibration
    outcomes: int
    model: Judged
    rule: Judged
    drifted: Mapping[str, Drift]

    @property
    def complaint(self) -> str:
        """Why it should not speak until a person has looked at it; empty where nothing is wrong."""
        if self.drifted:
            worst = max(self.drifted, key=lambda name: self.drifted[name].psi)
            found = self.drifted[worst]
            return (
                f"{len(self.drifted)} of its inputs have moved from what it was trained on, most {worst}: PSI"
                f" {found.psi:.2f} where {found.psi_limit:.2f} may be"
            )
        if (
            self.model.came >= _LEAST_CAME
            and self.model.brier is not None
            and self.rule.brier is not None
            and self.model.brier > _WORSE * self.rule.brier
        ):
            return (
                f"it foretells worse than the rule: Brier score {self.model.brier:.4f} against"
                f" {self.rule.brier:.4f} over {self.model.outcomes} outcomes"
            )
        return ""


def record_of(
    shown: Sequence[Shown],
    inputs: Sequence[str],
    trained_on: Mapping[str, Sequence[float]],
    *,
    trained_until: date,
    least_quality: float,
    threshold: float,
) -> Record:
    """The record of a version at a site.

    Only what came after its training counts, and only where its inputs were good enough for it to speak. It
    is judged by the later half of the outcomes under the calibration of the earlier half, so that no outcome
    judges a chance that it made; what its scores mean from now on rests on all of them.
    """
    counted = sorted(
        (
            each
            for each in shown
            if each.came is not None and each.for_day >= trained_until and each.quality >= least_quality
        ),
        key=lambda each: each.for_day,
    )
    days = sorted({each.for_day for each in counted})
    middle = days[len(days) // 2] if len(days) > 1 else date.max
    early = [each for each in counted if each.for_day < middle]
    late = [each for each in counted if each.for_day >= middle]
    before = _calibrated(early)
    came = [bool(each.came) for each in late]
    return Record(
        _calibrated(counted),
        len(counted),
        judged([before.chance(each.score).p for each in late], came, threshold),
        judged([each.rule for each in late], came, threshold),
        _drifted(shown, inputs, trained_on),
    )


def _calibrated(shown: Sequence[Shown]) -> Calibration:
    return calibrated([each.score for each in shown], [bool(each.came) for each in shown], LEAST_TO_CALIBRATE)


def _drifted(
    shown: Sequence[Shown], inputs: Sequence[str], trained_on: Mapping[str, Sequence[float]]
) -> dict[str, Drift]:
    if not shown:
        return {}
    since = max(each.for_day for each in shown) - SEEN
    latest = [each for each in shown if each.for_day > since]
    earlier = [each for each in shown if each.for_day <= since]
    found = {}
    for number, name in enumerate(inputs):
        values = [value for each in latest if (value := each.inputs[number]) is not None]
        reference: Sequence[float] = trained_on.get(name, ())
        if len(earlier) >= _LEAST_REFERENCE:
            # A site differs from the mixture that it was trained on without having changed.
            reference = [value for each in earlier if (value := each.inputs[number]) is not None]
        moved = drift(list(reference), values)
        if moved is not None and moved.is_drifted:
            found[name] = moved
    return found
