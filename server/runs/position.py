"""How far a client has heard a run, said in the id of its last event."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from agents.events import Stage
from server.errors import UsageError

Told: TypeAlias = Literal["begun", "text", "said", "answered", "over"]
"""Nothing of the text yet; in the middle of it; all of it; the answer too; the end."""

_STAGES: dict[str, Stage] = {stage: stage for stage in get_args(Stage)}
_TOLD: dict[str, Told] = {told: told for told in get_args(Told)}
_ID = re.compile(r"(?P<number>\d{1,9})\.(?P<step>[a-z]+)\.(?P<told>[a-z]+)\.(?P<said>\d{1,9})")


@dataclass(frozen=True, slots=True)
class Position:
    """What the events up to here have told: enough to go on from the answer alone, wherever it is kept."""

    number: int = 0
    """Events so far; 0 before the first."""
    step: Stage | None = None
    """The step that is open."""
    told: Told = "begun"
    said: int = 0
    """Characters of the answer's text."""

    def __str__(self) -> str:
        return f"{self.number}.{self.step or 'none'}.{self.told}.{self.said}"

    @classmethod
    def parsed(cls, text: str) -> Position:
        """The position that an event's id names.

        Raises:
            UsageError: no event has such an id.
        """
        found = _ID.fullmatch(text)
        if found is None or found["told"] not in _TOLD or found["step"] not in {*_STAGES, "none"}:
            raise UsageError(f"{text[:60]!r} is not the id of an event; send the last one as it was received")
        return cls(int(found["number"]), _STAGES.get(found["step"]), _TOLD[found["told"]], int(found["said"]))
