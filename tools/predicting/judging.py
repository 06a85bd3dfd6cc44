"""What a version has shown at a site: calibrated scores, its record beside the rule's, and drift."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median

from tools.engines.predictions.calibration import LEAST_TO_CALIBRATE, Calibration, calibrated
from tools.engines.predictions.drift import PSI_ABOVE, Drift, drift
from tools.engines.predictions.judging import Judged, judged
from tools.engines.predictions.quantities import Line, Off, errors_kept, off

SEEN = timedelta(days=56)
"""The latest inputs that are set against those trained on."""
_LEAST_REFERENCE = 200
"""Things foretold at a site before, from which on its own inputs are what later ones are set against."""
_LEAST_CAME = 5
"""Failures below which a version is not found worse than the rule: chance alone would."""
_REACH = re.compile(r"_(\d+)d$")
"""Of an input over the days before, such as `energy_28d`."""


@dataclass(frozen=True, slots=True)
class Retraining:
    """From where on a version is to be trained anew, and speaks no more until then."""

    from_drift: float = PSI_ABOVE
    """PSI of one of its inputs."""
    from_error: float = 1.05
    """How many times the rule's error its own is."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that was foretold, as it is kept."""

    for_day: date
    score: float
    rule: float
    quality: float
    inputs: Sequence[float | None]
    came: bool | None
    rule_value: float | None = None
    """Of a quantity: what the rule foretold, and what came; both in multiples of the usual."""
    actual: float | None = None
    subject: str = ""
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What a version has shown at one site."""

    calibration: Calibration
    outcomes: int
    model: Judged
    rule: Judged
    drifted: Mapping[str, Drift]
    errors: tuple[float, ...] = ()
    """Of a quantity: what came less what was foretold."""
    model_off: Off | None = None
    """Of a quantity: how far off the version was, and the rule of the same."""
    rule_off: Off | None = None
    retraining: Retraining = Retraining()

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
            and self.model.brier > self.retraining.from_error * self.rule.brier
        ):
            return (
                f"it foretells worse than the rule: Brier score {self.model.brier:.4f} against"
                f" {self.rule.brier:.4f} over {self.model.outcomes} outcomes"
            )
        if (
            self.model_off is not None
            and self.rule_off is not None
            and self.model_off.outcomes >= LEAST_TO_CALIBRATE
            and self.model_off.wape is not None
            and self.rule_off.wape is not None
            and self.model_off.wape > self.retraining.from_error * self.rule_off.wape
        ):
            return (
                f"it foretells worse than the rule: off by {100 * self.model_off.wape:.0f} % against"
                f" {100 * self.rule_off.wape:.0f} % over {self.model_off.outcomes} outcomes"
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
    line: Line | None = None,
    horizon: timedelta = timedelta(0),
    has_seasons: bool = False,
    reaches_back: bool = False,
    accepted_at: datetime | None = None,
    retraining: Retraining = Retraining(),
) -> Record:
    """The record of a version at a site.

    Only what came after its training counts, and only where its inputs were good enough for it to speak. It
    is judged by the later half of the outcomes under the calibration of the earlier half, so that no outcome
    judges a chance that it made; what its scores mean from now on rests on all of them.

    Args:
        line: what a quantity must cross to be acted on; None where chances are foretold.
        horizon: of a quantity: days closer than it tell the same once more, and count once for drift; and how
            far chance alone may move inputs is told by how many things there are rather than rows.
        has_seasons: whether what all things of a site do together on a day is a season rather than drift.
        reaches_back: whether how far chance alone may move an input is told by days as far apart as its name
            reaches: `energy_28d` says on the next day much the same.
        accepted_at: when a person let it speak again: inputs as they were then are what later ones are set
            against.
        retraining: from where on something is wrong.
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
    before = _calibrated(early, line)
    came = [bool(each.came) for each in late]
    record = Record(
        _calibrated(counted, line),
        len(counted),
        judged([before.chance(_rising(each, line)).p for each in late], came, threshold),
        judged([each.rule for each in late], came, threshold),
        _drifted(
            shown,
            inputs,
            trained_on,
            horizon,
            has_seasons=has_seasons,
            reaches_back=reaches_back,
            accepted=_accepted(shown, accepted_at),
            above=retraining.from_drift,
        ),
        retraining=retraining,
    )
    return record if line is None else _measured(record, counted)


def _measured(record: Record, counted: Sequence[Shown]) -> Record:
    """The record with how far off the quantities were."""
    known = [
        (each.score, each.rule_value, each.actual)
        for each in counted
        if each.rule_value is not None and each.actual is not None
    ]
    scores, rules, actuals = ([each[number] for each in known] for number in range(3))
    return replace(
        record,
        errors=errors_kept(scores, actuals),
        model_off=off(scores, actuals),
        rule_off=off(rules, actuals),
    )


def _rising(shown: Shown, line: Line | None) -> float:
    return shown.score if line is None else line.rising(shown.score)


def _calibrated(shown: Sequence[Shown], line: Line | None) -> Calibration:
    scores = [_rising(each, line) for each in shown]
    return calibrated(scores, [bool(each.came) for each in shown], LEAST_TO_CALIBRATE)


def _accepted(shown: Sequence[Shown], accepted_at: datetime | None) -> date | None:
    """The last day that was foretold when a person let a version speak again."""
    if accepted_at is None:
        return None
    return max((each.for_day for each in shown if each.made_at and each.made_at <= accepted_at), default=None)


def _drifted(
    shown: Sequence[Shown],
    inputs: Sequence[str],
    trained_on: Mapping[str, Sequence[float]],
    horizon: timedelta,
    *,
    has_seasons: bool,
    reaches_back: bool,
    accepted: date | None,
    above: float,
) -> dict[str, Drift]:
    if not shown:
        return {}
    since = max(each.for_day for each in shown) - SEEN
    if accepted is not None and accepted > since:
        since = accepted
    latest = [each for each in shown if each.for_day > since]
    earlier = [
        each
        for each in shown
        if each.for_day <= since and (accepted is None or each.for_day > accepted - SEEN)
    ]
    # Inputs that reach weeks back say of one thing for eight weeks much the same.
    spans = len({(since - each.for_day) // SEEN for each in earlier}) or 1
    things = len({each.subject for each in latest})
    of_things = (things * spans, things) if horizon else None
    found = {}
    for number, name in enumerate(inputs):
        values = _values(_apart(latest, horizon), number, has_seasons=has_seasons)
        reference: Sequence[float] = trained_on.get(name, ())
        independent = of_things
        if reaches_back and (reach := _REACH.search(name)):
            apart = timedelta(days=int(reach[1]))
            independent = (len(_apart(earlier, apart)) or len(reference), len(_apart(latest, apart)))
        if len(earlier) >= _LEAST_REFERENCE or accepted is not None:
            # A site differs from the mixture that it was trained on without having changed.
            reference = _values(_apart(earlier, horizon), number, has_seasons=has_seasons)
        elif has_seasons and reference:
            middle = median(reference)
            reference = [value - middle for value in reference]
        moved = drift(list(reference), values, independent, above=above)
        if moved is not None and moved.is_drifted:
            found[name] = moved
    return found


def _apart(shown: Sequence[Shown], horizon: timedelta) -> list[Shown]:
    """What was foretold on days at least so far from each other, the latest first."""
    kept: list[date] = []
    for day in sorted({each.for_day for each in shown}, reverse=True):
        if not kept or kept[-1] - day >= horizon:
            kept.append(day)
    return [each for each in shown if each.for_day in kept]


def _values(shown: Sequence[Shown], number: int, *, has_seasons: bool) -> list[float]:
    """The known values of an input; with seasons less what lies in the middle of their day."""
    of_day: dict[date, list[float]] = defaultdict(list)
    for each in shown:
        if (value := each.inputs[number]) is not None:
            of_day[each.for_day].append(value)
    return [
        value - (median(values) if has_seasons else 0.0) for values in of_day.values() for value in values
    ]
