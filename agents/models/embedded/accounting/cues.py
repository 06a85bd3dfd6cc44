"""Where the words of a question ask for something of a kind, in its own language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from agents.models.embedded.encoder import SEPARATOR
from agents.models.embedded.languages.tables import folded
from agents.models.embedded.masked import Masked, Spot
from tools.languages import Language

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase found in a question: spots [first, after)."""

    first: int
    after: int
    words: str
    """As typed."""


class Asked:
    """A question without the turn before it, with the phrases that were looked for in it."""

    def __init__(self, question: Masked) -> None:
        words = question.words
        self.question = question
        """With the turn before it."""
        self.spots: tuple[Spot, ...] = (
            question.spots[: words.index(SEPARATOR)] if SEPARATOR in words else question.spots
        )
        self.language: Language = question.language
        self.plain = tuple("" if spot.word.isupper() else folded(spot.word) for spot in self.spots)
        self._found: dict[str, tuple[Cue, ...]] = {}

    def cues(self, kind: str) -> tuple[Cue, ...]:
        """The phrases of that kind, longest first at each place."""
        return self._known(kind, "cues.yaml")

    def dated(self, kind: str) -> tuple[Cue, ...]:
        """The words that say that a period is about that kind of day."""
        return self._known(kind, "dates.yaml")

    def before(self, cue: Cue) -> str:
        """The word before a phrase; empty where there is none."""
        return self.plain[cue.first - 1] if cue.first else ""

    def said(self, first: int, after: int) -> frozenset[str]:
        """The words there as they were typed, folded, names too."""
        return frozenset(word for spot in self.spots[first:after] for word in folded(spot.text).split())

    def _known(self, kind: str, file: str) -> tuple[Cue, ...]:
        if kind not in self._found:
            self._found[kind] = tuple(self._phrases(_tables(file)[kind].get(self.language, ())))
        return self._found[kind]

    def _phrases(self, phrases: Sequence[tuple[re.Pattern[str], ...]]) -> Iterator[Cue]:
        at = 0
        while at < len(self.plain):
            if not self.plain[at]:
                at += 1
                continue
            size = next((len(phrase) for phrase in phrases if _stands(self.plain, at, phrase)), 0)
            if size:
                yield Cue(at, at + size, " ".join(spot.text for spot in self.spots[at : at + size]))
            at += size or 1


DAYS = ("ordered", "received", "due", "finished", "started", "requested", "invoiced", "released")
"""Kinds of days that words beside a period speak of."""


@cache
def roles_of(kind: str) -> frozenset[str]:
    """Names of the catalogue's roles of a date that such words stand for."""
    raw = yaml.safe_load((_FOLDER / "dates.yaml").read_text(encoding="utf-8"))
    return frozenset(part.strip() for part in raw[kind]["roles"].split(","))


def _stands(plain: Sequence[str], at: int, phrase: tuple[re.Pattern[str], ...]) -> bool:
    if not phrase[0].fullmatch(plain[at]):
        return False
    stretch = plain[at : at + len(phrase)]
    return len(stretch) == len(phrase) and all(
        pattern.fullmatch(word) for pattern, word in zip(phrase, stretch, strict=True)
    )


@cache
def _tables(file: str) -> dict[str, dict[Language, tuple[tuple[re.Pattern[str], ...], ...]]]:
    raw = yaml.safe_load((_FOLDER / file).read_text(encoding="utf-8"))
    return {
        kind: {language: _phrases(said) for language, said in languages.items() if language != "roles"}
        for kind, languages in raw.items()
    }


def _phrases(said: str) -> tuple[tuple[re.Pattern[str], ...], ...]:
    phrases = [part.strip().replace("'", "").split() for part in said.split(",")]
    found = [tuple(_pattern(word) for word in words) for words in phrases]
    return tuple(sorted(found, key=len, reverse=True))


def _pattern(word: str) -> re.Pattern[str]:
    plain = "percent" if word == "%" else folded(word)
    return re.compile(re.escape(plain).replace(r"\~", ".*").replace("~", ".*"))
