"""What a look-up frame is: when it applies, how clearly it is asked for, and the calls that it proposes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel

from agents.models.embedded.lookups_patterns import stem_bag, words_of
from agents.models.embedded.lookups_sentence import Item, Sentence


@dataclass(frozen=True, slots=True)
class Proposal:
    """A call that a frame proposes, with what of the question it took up."""

    tool: str
    arguments: BaseModel
    words: str
    strength: float
    """How clearly the wording asks for it, before what is left unexplained counts against it."""
    slots: tuple[Item, ...]
    vocabulary: frozenset[str]


class Frame(Protocol):
    """One kind of question that one tool answers."""

    @property
    def tools(self) -> tuple[str, ...]:
        """Names of the tools that it may propose."""
        ...

    @property
    def vocabulary(self) -> frozenset[str]:
        """Stems that it explains."""
        ...

    def fits(self, sentence: Sentence) -> bool:
        """Whether the question has the slots that a call needs."""
        ...

    def strength(self, sentence: Sentence) -> float:
        """How clearly the wording asks for it, from 0 to 1; zero where nothing does."""
        ...

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """The calls, the best first, given that it is meant."""
        ...


class Cues:
    """Patterns with their strengths, and the stems that they and further words explain.

    A pattern of parts joined by ` & ` occurs where all of them do, in whatever order.
    """

    def __init__(self, *patterns: tuple[float, str], words: str = "") -> None:
        self._patterns = tuple(sorted(patterns, reverse=True))
        named = [words_of(part) for _, text in patterns for part in text.split(" & ")]
        self.vocabulary = frozenset().union(*named, stem_bag(words))

    def strength(self, sentence: Sentence) -> float:
        """The strength of the strongest pattern that occurs; zero where none does."""
        return next((strength for strength, text in self._patterns if sentence.said(text)), 0.0)


def site_in(sentence: Sentence) -> str | None:
    """The site that the question names, if it names one."""
    sites = sentence.of("W")
    return sites[0].word if sites else None


def used(*items: Item | None) -> tuple[Item, ...]:
    """The items that are there."""
    return tuple(item for item in items if item is not None)
