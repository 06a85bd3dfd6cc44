"""Words of a text, and their stems, as far as telling headings apart needs them."""

from __future__ import annotations

import re
from functools import lru_cache

WORD = re.compile(r"[^\W\d_]+")
_SUFFIXES = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ies",
    "ied",
    "ers",
    "ed",
    "es",
    "er",
    "s",
    "y",
    "e",
)


def word_set(text: str) -> frozenset[str]:
    """The blank-separated words of a text."""
    return frozenset(text.split())


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without digits; `supplier's` gives `supplier`."""
    return [word.casefold() for word in WORD.findall(re.sub(r"['’]s\b", "", text))]


# The words of labels and of plain prose come again and again.
@lru_cache(maxsize=8_192)
def stem(word: str) -> str:
    """The word without its ending: `scrapped`, `scrapping` and `scrap` are one."""
    word = word.casefold()
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word


def stems(text: str) -> frozenset[str]:
    """Stems of all words of a text."""
    return frozenset(stem(word) for word in words_of(text))
