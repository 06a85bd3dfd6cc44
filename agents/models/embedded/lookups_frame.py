"""What a look-up frame is: patterns that call it up, words that it explains, and what it proposes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import BaseModel

from agents.models.embedded.lookups_patterns import compiled, stem_bag, words_of
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


Frame: TypeAlias = Callable[[Sentence], Iterable[Proposal]]


class Cues:
    """Patterns with their strengths, and the stems that they and further words explain."""

    def __init__(self, *patterns: tuple[float, str], words: str = "") -> None:
        self._patterns = tuple(sorted(patterns, reverse=True))
        named = [words_of(text) for _, text in patterns]
        self.vocabulary = frozenset().union(*named, stem_bag(words))

    def strength(self, sentence: Sentence) -> float:
        """The strength of the strongest pattern that occurs; zero where none does."""
        for strength, text in self._patterns:
            if compiled(text).search(sentence.text):
                return strength
        return 0.0


def site_in(sentence: Sentence) -> str | None:
    """The site that the question names, if it names one."""
    sites = sentence.of("W")
    return sites[0].word if sites else None


def used(*items: Item | None) -> tuple[Item, ...]:
    """The items that are there."""
    return tuple(item for item in items if item is not None)


def words_explained(*cues: Cues) -> frozenset[str]:
    """All stems that some of these explain."""
    return frozenset().union(*(each.vocabulary for each in cues))
