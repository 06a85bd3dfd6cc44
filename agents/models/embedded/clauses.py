"""Questions with two parts: where they can be cut, so that each part is read on its own."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.text import Token

_STARTS = (
    ("how", "many"),
    ("how", "much"),
    ("what", "is"),
    ("what", "was"),
    ("what", "are"),
    ("what", "were"),
    ("which",),
    ("who",),
    ("what", "share"),
    ("what", "percent"),
    ("what", "percentage"),
    ("when",),
    ("where",),
    ("what",),
)
_BACK = frozenset({"those", "them", "these", "they", "that", "it", "its", "their", "each"})


def cuts(tokens: Sequence[Token]) -> list[int]:
    """Positions where a second part may begin: after `and`, a comma, a semicolon or the end of a sentence."""
    found = []
    for index in range(3, len(tokens) - 2):
        before = tokens[index - 1].norm
        words = tuple(token.norm for token in tokens[index : index + 2])
        opens = any(words[: len(start)] == start for start in _STARTS)
        if opens and before in ("and", ",", ";", "?", ".", "-"):
            found.append(index)
    return found


def refers_back(tokens: Sequence[Token]) -> bool:
    """True where a part speaks of what the part before found."""
    return any(token.norm in _BACK for token in tokens[:9])


def trimmed(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """A part without the conjunction and marks at its end."""
    end = len(tokens)
    while end and tokens[end - 1].norm in ("and", ",", ";", "?", ".", "-"):
        end -= 1
    return tuple(tokens[:end])
