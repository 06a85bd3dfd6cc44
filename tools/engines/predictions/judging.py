"""How well chances foretold what came: precision, recall, Brier score and calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

_BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A model's record, or a rule's; a share is None where nothing was there to take it of."""

    outcomes: int
    came: int
    alarms: int
    right_alarms: int
    brier: float | None
    """Mean squared difference between chance and what came; 0 is perfect."""
    calibration_error: float | None
    """Mean difference between chance and share that came, over tenths of the scale."""

    @property
    def precision(self) -> float | None:
        """Share of the alarms that came."""
        return self.right_alarms / self.alarms if self.alarms else None

    @property
    def recall(self) -> float | None:
        """Share of what came that was foretold."""
        return self.right_alarms / self.came if self.came else None


def judged(chances: Sequence[float], came: Sequence[bool], threshold: float) -> Judged:
    """The record of chances, where those above the threshold are alarms."""
    pairs = sorted(zip(chances, came, strict=True))
    if not pairs:
        return Judged(0, 0, 0, 0, None, None)
    alarms = [outcome for chance, outcome in pairs if chance > threshold]
    bins = [list(each) for _, each in groupby(pairs, lambda pair: min(int(pair[0] * _BINS), _BINS - 1))]
    error = sum(abs(sum(chance for chance, _ in each) - sum(outcome for _, outcome in each)) for each in bins)
    brier = sum((chance - outcome) ** 2 for chance, outcome in pairs) / len(pairs)
    return Judged(len(pairs), sum(came), len(alarms), sum(alarms), brier, error / len(pairs))
