"""Typing mistakes: an unknown word that is one slip away from a known one is read as that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from rapidfuzz.distance import OSA

from agents.models.embedded.chunks import KNOWN_WORDS
from agents.models.embedded.lexicon import Phrases
from agents.models.embedded.text import Token, stem

_SHORTEST = 5
_OTHER_FORMS = ("ing", "ings", "ed", "er", "ers", "ly")
_VOWELS = frozenset("aeiou")


def spelt(
    tokens: Sequence[Token], phrases: Sequence[Phrases], *, keep_everyday: bool = False
) -> tuple[Token, ...]:
    """Tokens with slips of the keyboard mended; words of five letters or more only, and on request none that
    is a word of ordinary English."""
    return tuple(_mended(token, phrases, keep_everyday) for token in tokens)


def _mended(token: Token, phrases: Sequence[Phrases], keep_everyday: bool) -> Token:
    word = token.norm
    if token.kind != "word" or len(word) < _SHORTEST or not word.isalpha() or token.quoted:
        return token
    if word in KNOWN_WORDS or (keep_everyday and everyday(word)):
        return token
    if any(token.stem in known.words for known in phrases):
        return _in_form(token, phrases)
    best = nearest(word, _vocabulary(tuple(phrases)))
    return token if best is None else replace(token, norm=best, stem=stem(best))


def _in_form(token: Token, phrases: Sequence[Phrases]) -> Token:
    """The token in the form in which its word is written: `categorie` as `category`.

    The rules go by stems; the network reads letters, and takes a form that it has not seen for another word.
    """
    word = token.norm
    forms = _forms(tuple(phrases)).get(token.stem, ())
    if everyday(word) or word in forms or word.endswith(_OTHER_FORMS):
        return token
    best = next((form for form in forms if OSA.distance(word, form) == 1), None)
    return token if best is None else replace(token, norm=best)


@lru_cache(maxsize=8)
def _forms(phrases: tuple[Phrases, ...]) -> dict[str, tuple[str, ...]]:
    """The words of some phrases, one and several of it, by their stems."""
    found: dict[str, set[str]] = defaultdict(set)
    for word in (word for known in phrases for word in known.spellings if len(word) >= _SHORTEST):
        for form in (word, _several(word)):
            found[stem(form)].add(form)
    return {each: tuple(sorted(forms)) for each, forms in found.items()}


def everyday(word: str) -> bool:
    """True for a word of ordinary English, which is rather meant as it stands than a slip or a short form."""
    return word in everyday_words()


@lru_cache(maxsize=1)
def everyday_words() -> frozenset[str]:
    """Words of ordinary English."""
    pieces = Path(__file__).with_name("weights") / "pieces.txt"
    words = pieces.read_text(encoding="utf-8").splitlines()
    return frozenset(word for word in words if len(word) > 2 and word.isalpha())


@lru_cache(maxsize=8)
def _vocabulary(phrases: tuple[Phrases, ...]) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                form
                for known in phrases
                for word in known.spellings
                if len(word) >= _SHORTEST
                for form in (word, _several(word))
            }
        )
    )


def _several(word: str) -> str:
    """The plural as most words form it."""
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in _VOWELS else word + "s"


def nearest(word: str, vocabulary: Sequence[str]) -> str | None:
    """The one word at a distance of one slip (two in long words) with the same first letter."""
    allowed = 1 if len(word) < 9 else 2
    near = []
    for known in vocabulary:
        if known[0] != word[0] or abs(len(known) - len(word)) > allowed:
            continue
        distance = OSA.distance(word, known, score_cutoff=allowed)
        if distance <= allowed:
            near.append((distance, known[-1] != word[-1], known))
    if not near:
        return None
    # Of `order` and `ordered`, `orderd` is the one that ends like it.
    return min(near)[-1]
