"""What may be said and done on a prediction: act, ask a person, show it, or leave it to the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["act", "ask", "show", "rules"]
"""`act`: a draft may start from it. `ask`: a person decides. `show`: it is shown as a prediction and starts
nothing. `rules`: the rule-based fallback answers in its place."""
Reason: TypeAlias = Literal[
    "above the threshold",
    "in the band below the threshold",
    "below the band",
    "data too poor",
    "model drifted",
    "model not approved here",
    "not calibrated here",
    "no answer of the model",
]


@dataclass(frozen=True, slots=True)
class Terms:
    """What acting wrongly costs, and what the data must be like."""

    false_alarm: float
    """What acting costs where nothing would have come; any currency, the same as `missed`."""
    missed: float
    """What not acting costs where it came."""
    band: float = 0.1
    """How far below the threshold a person still looks at it, as a probability."""
    least_quality: float = 0.6
    """Share of the inputs that must be there and sound."""

    def __post_init__(self) -> None:
        if self.false_alarm <= 0 or self.missed <= 0:
            raise ValueError("what a false alarm and a missed event cost has to be above zero")
        if not 0 <= self.band < 1 or not 0 <= self.least_quality <= 1:
            raise ValueError("band and least quality are shares between 0 and 1")

    @property
    def threshold(self) -> float:
        """The probability above which acting costs less than waiting: c_fp / (c_fp + c_fn)."""
        return self.false_alarm / (self.false_alarm + self.missed)


@dataclass(frozen=True, slots=True)
class Decision:
    """What may be done, and why."""

    verdict: Verdict
    reason: Reason


def decided(
    probability: float | None,
    quality: float,
    terms: Terms,
    *,
    is_drifted: bool,
    is_approved: bool,
    is_calibrated: bool = True,
) -> Decision:
    """What may be done on a calibrated probability.

    Args:
        probability: None where the model gave no usable answer.
        quality: share of its inputs that were there and sound.
        is_drifted: whether inputs or outcomes are no longer those that it was trained on.
        is_approved: whether a person has let it act at this site.
        is_calibrated: whether anything can say what its number means there: a quantity is no chance.
    """
    if not is_approved:
        return Decision("rules", "model not approved here")
    if probability is None:
        return Decision("rules", "no answer of the model")
    if is_drifted:
        return Decision("rules", "model drifted")
    if quality < terms.least_quality:
        return Decision("rules", "data too poor")
    if not is_calibrated:
        return Decision("rules", "not calibrated here")
    if probability > terms.threshold:
        return Decision("act", "above the threshold")
    if probability > terms.threshold - terms.band:
        return Decision("ask", "in the band below the threshold")
    return Decision("show", "below the band")
