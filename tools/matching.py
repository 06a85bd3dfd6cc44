"""Which of many known things a text means: exactly, but for spelling, or only roughly."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA
from rapidfuzz.utils import default_process

_WORDS = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_ROUGH = 62.0
"""Below this similarity, of 100, a thing is not worth being offered."""
_MANY = 2_000
"""Above this number of things, the unlikely ones are dropped before the careful comparison."""


class Fit(IntEnum):
    """How well a text fits a thing; better ones are larger."""

    ROUGH = 1
    """Similar enough to be offered, not to be taken."""
    NEARLY_PART = 2
    """As `PART`, with a slip in a word."""
    PART = 3
    """Every word of the text is in the thing's name, which has more."""
    SPELLING = 4
    """The same but for spelling mistakes or how the words are joined."""
    EXACT = 5
    """The same but for case, accents, spaces and punctuation."""


class Nameable(Protocol):
    """Anything that people call by an id, a code or a name."""

    @property
    def id(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...


ThingT = TypeVar("ThingT", bound=Nameable)


@dataclass(frozen=True, slots=True)
class Match(Generic[ThingT]):
    """A thing that a text may mean."""

    thing: ThingT
    fit: Fit
    similarity: float
    """From 0 to 100, for the order within one fit."""


def ranked(text: str, things: Sequence[ThingT]) -> list[Match[ThingT]]:
    """Everything that the text may mean, best first; ties in the order of names and ids."""
    asked = _folded(text)
    if not asked.joined:
        return []
    matches = [match for thing in _shortlist(text, things) if (match := _match(asked, thing))]
    return sorted(matches, key=lambda m: (-m.fit, -m.similarity, m.thing.name, m.thing.id))


def fitting(text: str, things: Sequence[ThingT]) -> list[Match[ThingT]]:
    """As `ranked`, without the others where a thing is called exactly so: what is `meant` stays the same."""
    asked = _folded(text)
    if not asked.joined:
        return []
    exact = [
        Match(thing, Fit.EXACT, 100.0)
        for thing in _shortlist(text, things)
        if any(_folded(name).joined == asked.joined for name in (thing.id, thing.code, thing.name))
    ]
    return sorted(exact, key=lambda m: (m.thing.name, m.thing.id)) or ranked(text, things)


def nearest(text: str, things: Sequence[ThingT], most: int) -> list[ThingT]:
    """The things that a text is most like, however little that is: for somebody who has to choose anew."""
    asked = _folded(text)

    def unlike(thing: ThingT) -> tuple[float, str, str]:
        names = (_folded(name) for name in (thing.code or thing.id, thing.name))
        return -max(_similarity(asked, name) for name in names), thing.name, thing.id

    return sorted(_shortlist(text, things), key=unlike)[:most]


def meant(matches: Sequence[Match[ThingT]]) -> list[Match[ThingT]]:
    """The matches that the text can be taken to mean: all that fit equally well and better than roughly.

    One match is an answer; several are a question to ask back; none means that the text names nothing.
    """
    best = max((match.fit for match in matches), default=Fit.ROUGH)
    if best is Fit.ROUGH:
        return []
    alike = [match for match in matches if match.fit is best]
    if best is Fit.SPELLING:
        # One slip is likelier than two: "LL Frok" means LL Fork, though HL Fork is not far.
        nearest = max(match.similarity for match in alike)
        alike = [match for match in alike if match.similarity > nearest - 4]
    return alike


def _shortlist(text: str, things: Sequence[ThingT]) -> Sequence[ThingT]:
    if len(things) <= _MANY:
        return things
    # One pass in compiled code keeps a look-up among a hundred thousand names below a second.
    names = [f"{thing.id} {thing.code} {thing.name}" for thing in things]
    found = process.extract(text, names, scorer=fuzz.WRatio, processor=default_process, limit=_MANY // 4)
    return [things[index] for _, _, index in found]


class _Folded:
    """A text without case, accents and punctuation, as words and as one run of characters."""

    __slots__ = ("different", "joined", "short", "spaced", "words")

    def __init__(self, text: str) -> None:
        plain = unicodedata.normalize("NFKD", text).casefold()
        plain = "".join(c for c in plain if not unicodedata.combining(c))
        self.words = tuple(_WORDS.findall(plain))
        self.joined = "".join(self.words)
        self.spaced = " ".join(self.words)
        self.different = frozenset(self.words)
        # Numbers and codes of one or two letters tell things apart; a slip in them is another thing.
        self.short = tuple(sorted(word for word in self.words if len(word) <= 2 or word[0].isdigit()))


@lru_cache(maxsize=10_000)
def _folded(text: str) -> _Folded:
    return _Folded(text)


def _match(asked: _Folded, thing: ThingT) -> Match[ThingT] | None:
    best: Match[ThingT] | None = None
    for text in dict.fromkeys((thing.id, thing.code, thing.name)):
        if not text:
            continue
        name = _folded(text)
        fit = _fit(asked, name)
        alike = 100.0 if fit is Fit.EXACT else _similarity(asked, name, _ROUGH if fit is Fit.ROUGH else 0.0)
        if (fit > Fit.ROUGH or alike >= _ROUGH) and (
            best is None or (fit, alike) > (best.fit, best.similarity)
        ):
            best = Match(thing, fit, alike)
    return best


def _similarity(asked: _Folded, name: _Folded, least: float = 0.0) -> float:
    """How alike they are, of 100; anything below `least` where they are less alike than that."""
    by_words = fuzz.token_set_ratio(asked.spaced, name.spaced, score_cutoff=least)
    return max(fuzz.ratio(asked.joined, name.joined, score_cutoff=least), by_words - 5)


def _fit(asked: _Folded, name: _Folded) -> Fit:
    if asked.joined == name.joined:
        return Fit.EXACT
    if asked.short == name.short and _few_slips(asked, name):
        return Fit.SPELLING
    if len(asked.words) < len(name.words):
        if asked.different <= name.different and not Counter(asked.words) - Counter(name.words):
            return Fit.PART
        if _covered(asked, name):
            return Fit.NEARLY_PART
    return Fit.ROUGH


def _few_slips(asked: _Folded, name: _Folded) -> bool:
    allowed = max(1, len(name.joined) // 7)
    if (
        abs(len(asked.joined) - len(name.joined)) <= allowed
        and OSA.distance(asked.joined, name.joined, score_cutoff=allowed) <= allowed
    ):
        return True
    return len(asked.words) == len(name.words) and _covered(asked, name)


def _covered(asked: _Folded, name: _Folded) -> bool:
    """Whether each word of the one can be paired with a word of its own of the other."""
    left = list(name.words)
    for word in sorted(asked.words, key=len, reverse=True):
        found = next((other for other in left if _same_word(word, other)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _same_word(one: str, other: str) -> bool:
    if one == other:
        return True
    if len(one) <= 2 or one[0].isdigit() or other[0].isdigit():
        return False
    slips = 1 if min(len(one), len(other)) < 7 else 2
    return abs(len(one) - len(other)) <= slips and OSA.distance(one, other, score_cutoff=slips) <= slips
