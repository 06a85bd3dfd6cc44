"""Organisations as people call them: `Northeast` for Northeast Division, `Canada` for Canadian Division."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

_KINDS = frozenset({
    "division", "operations", "organisation", "organization", "region", "branch", "subsidiary",
})  # fmt: skip
_COMPASS = ("north", "south", "east", "west")
_NATIONS = (
    ("australia", "australian"), ("austria", "austrian"), ("brazil", "brazilian"), ("canada", "canadian"),
    ("china", "chinese"), ("france", "french"), ("germany", "german"), ("india", "indian"),
    ("italy", "italian"), ("japan", "japanese"), ("mexico", "mexican"), ("poland", "polish"),
    ("spain", "spanish"), ("sweden", "swedish"), ("switzerland", "swiss"),
)  # fmt: skip


def called(names: Iterable[str]) -> Iterator[tuple[str, str, bool]]:
    """What else each organisation is called: its name, the shorter one, and whether that needs a capital.

    `Central` is one where it is written so; `northeast` and `canada` always are.
    """
    known = list(names)
    short = {name: word for name in known if (word := _telling(name))}
    shared = Counter(short.values())
    for name, word in short.items():
        if shared[word] > 1:
            continue
        nation = next((pair for pair in _NATIONS if word in pair), ())
        for form in dict.fromkeys((word, *nation)):
            if form != name.lower():
                yield name, form, not (nation or word.startswith(_COMPASS))


def _telling(name: str) -> str:
    """The one word of a name that says more than what kind of unit it is; empty where there are several."""
    words = [word for word in name.lower().split() if word not in _KINDS]
    return words[0] if len(words) == 1 and words[0].isalpha() else ""
