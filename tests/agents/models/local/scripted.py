"""A small model that writes what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from agents.models.local.engine import Piece, Progress, Written
from erp_adapters.errors import ModelError


class ScriptedEngine:
    """`Engine` that answers each question with names and one probability.

    Args:
        answers: what is written for a question, by a word in it.
        probability: of every token.
        broken: why it cannot be prepared; empty where it can.
        slow: it is only prepared once `go` is set.
    """

    name = "scripted"

    def __init__(
        self,
        answers: Mapping[str, str] | None = None,
        probability: float = 0.9,
        broken: str = "",
        *,
        slow: bool = False,
    ) -> None:
        self._answers, self._probability, self._broken = dict(answers or {}), probability, broken
        self.go = threading.Event()
        if not slow:
            self.go.set()
        self.starts: list[str] = []
        self.asked: list[str] = []
        self.fails = ""
        self.takes_s = 0.0
        self.closed = False

    def prepare(self, start: str, progress: Progress) -> None:
        self.starts.append(start)
        progress(0.5)
        assert self.go.wait(30)
        if self._broken:
            raise ModelError(self._broken)
        progress(1.0)

    def write(self, rest: str, grammar: str, most: int, seconds: float) -> Written:
        self.asked.append(rest)
        time.sleep(self.takes_s)
        if self.fails:
            raise ModelError(self.fails)
        for word, names in self._answers.items():
            if word in rest:
                return written(f" {names}\n", self._probability)
        return written(" none\n", self._probability)

    def close(self) -> None:
        self.closed = True


def written(text: str, probability: float) -> Written:
    """A text in tokens of a few letters, all of one probability."""
    parts = [text[at : at + 4] for at in range(0, len(text), 4)]
    pieces = tuple(Piece(part, probability) for part in parts)
    return Written(pieces, pieces[:1])
