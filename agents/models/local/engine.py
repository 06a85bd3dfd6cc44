"""What is needed of a small language model: to keep a text in mind, and to write a few words by a grammar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Progress: TypeAlias = Callable[[float], None]
"""Told how much is done, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A token that a model wrote, with the probability that it gave it before the grammar had its say."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote after a prompt, token by token."""

    pieces: tuple[Piece, ...]
    openings: tuple[Piece, ...] = ()
    """Tokens that it might have begun with, the one that it did among them; likeliest first."""

    @property
    def text(self) -> str:
        """The words."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def probability(self) -> float:
        """That of the least likely token: how sure the model was where it was least sure."""
        return min((piece.probability for piece in self.pieces if piece.text.strip()), default=0.0)


class Engine(Protocol):
    """A language model that runs in this process. Its methods block, and take turns by themselves."""

    @property
    def name(self) -> str:
        """The model's name, as people know it."""
        ...

    def prepare(self, start: str, progress: Progress) -> None:
        """Read the start of every later prompt, so that only what comes after it takes time.

        Raises:
            ModelError: the model cannot be used; the message says why.
        """
        ...

    def write(self, rest: str, grammar: str, most: int, seconds: float) -> Written:
        """What the model writes after the prepared start and `rest`.

        Args:
            rest: the end of the prompt.
            grammar: the texts that may be written, as GBNF.
            most: tokens that are written at most.
            seconds: time after which no further token is waited for.

        Raises:
            ModelError: it failed.
            ModelUnavailable: the time was up, or another question is being read.
        """
        ...

    def close(self) -> None:
        """Let go of its memory."""
        ...
