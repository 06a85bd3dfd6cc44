"""Samples that a source handed over together, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.int64]
"""Microseconds since 1970 in UTC."""
Values = NDArray[np.float64]
Qualities = NDArray[np.uint8]
Places = NDArray[np.int32]

GOOD, UNCERTAIN, BAD = 0, 1, 2
"""What a source says of a sample itself; the low two bits of a quality."""
OUT_OF_RANGE, LATE, FROZEN, MOVED = 4, 8, 16, 32
"""What the site's rules say of it. `MOVED`: its time was read by a rule, not as it was sent."""
MICROSECONDS = 1_000_000


def moment(micros: int) -> datetime:
    """A moment of a batch as a time that is aware."""
    seconds, rest = divmod(int(micros), MICROSECONDS)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def micros(at: datetime) -> int:
    """A moment as a batch has it."""
    whole = at.astimezone(UTC)
    return int(whole.replace(microsecond=0).timestamp()) * MICROSECONDS + whole.microsecond


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples in the order in which they came; taken once for each source and sequence."""

    source: str
    sequence: int
    """Of the source's own counting; a batch that is handed over again bears the same."""
    signals: tuple[str, ...]
    """Names of the signals that it has samples of."""
    which: Places
    """Of each sample, its signal's place among the names."""
    at: Moments
    """As the source says."""
    values: Values
    """NaN where the source sent no number."""
    qualities: Qualities
    """`GOOD`, `UNCERTAIN` or `BAD`, as the source says."""
    arrived_at: datetime
    is_history: bool = False
    """True where it fills what was missed: nothing of it is late, and the order is the source's."""

    def __len__(self) -> int:
        return len(self.which)
