"""How like the letters of an unknown word are to a language: `lagerwert` is German, listed or not."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

from agents.models.embedded.languages.tables import FOREIGN, folded, table
from agents.models.embedded.spelling import everyday_words
from tools.languages import Language

_SHORTEST = 5
"""Letters of a word that say something."""
_RARE = 0.5
"""What three letters count that a language was never seen with."""


@cache
def likeness(word: str) -> tuple[Language, float]:
    """The language that the letters of a word are likest to, and by how much, for each three of them; English
    and nothing for a short word."""
    plain = folded(word)
    if len(plain) < _SHORTEST or not plain.isalpha():
        return "en", 0.0
    threes = _threes(plain)
    ranked = sorted(
        ((sum(seen.get(three, seen[""]) for three in threes) / len(threes), language)
         for language, seen in _seen().items()),
        reverse=True,
    )  # fmt: skip
    (best, language), (second, _) = ranked[:2]
    return language, best - second


@cache
def _seen() -> Mapping[Language, Mapping[str, float]]:
    """By language, the logarithm of how often three letters follow each other; the empty key is for others
    than were seen."""
    found: dict[Language, Mapping[str, float]] = {"en": _logarithms(everyday_words())}
    for language in FOREIGN:
        known = table(language)
        found[language] = _logarithms(known.functions | known.trade | known.known)
    return found


def _logarithms(words: Iterable[str]) -> Mapping[str, float]:
    counts = Counter(three for word in words if len(word) > 2 for three in _threes(folded(word)))
    total = sum(counts.values()) + _RARE * 5000
    found = {three: math.log((count + _RARE) / total) for three, count in counts.items()}
    return found | {"": math.log(_RARE / total)}


def _threes(word: str) -> list[str]:
    framed = f"^{word}$"
    return [framed[at : at + 3] for at in range(len(framed) - 2)]
