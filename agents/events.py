"""What a channel hears while an answer is being made: progress, verified clauses, and the answer itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from agents.answer import Answer

Stage = Literal["plan", "tools", "propose", "compose"]


@dataclass(frozen=True, slots=True)
class Started:
    """A turn has begun; the ids stay the same until its end."""

    conversation: str
    answer: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being done now, in words: `Running metric_query`."""

    stage: Stage
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A verified piece of the answer's text; it will not be taken back."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer; always the last event. Its text holds every clause that was sent, in order."""

    answer: Answer
    is_kept: bool = True
    """False where its conversation does not have it, as of a question that was refused."""
    text: str = ""
    """The answer as JSON, where it is written already."""

    def json(self) -> str:
        """The answer as JSON."""
        return self.text or self.answer.model_dump_json()


Event: TypeAlias = Started | Progress | Clause | Done
