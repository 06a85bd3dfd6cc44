"""The marker that begins at a token."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.chunks.chunk import Chunk
from agents.models.embedded.chunks.comparisons import comparison
from agents.models.embedded.chunks.grains import grain
from agents.models.embedded.chunks.limits import limit
from agents.models.embedded.chunks.marker_words import AGGREGATES, HIGH, LOW, MARKER_PHRASES, MARKER_WORDS
from agents.models.embedded.chunks.phrases import KnownPhrases
from agents.models.embedded.text import Token

_RELATIVE = frozenset({"who", "which"})
_OPENS_CLAUSE = frozenset({
    "and", "or", "but", "so", "in", "by", "for", "of", "from", "me", "on", "at", "to", "with", "tell", "hey",
    "hi", "please", "know",
})  # fmt: skip


def marker(tokens: Sequence[Token], i: int, phrases: KnownPhrases) -> Chunk | None:
    """What the words from a token on say about how phrases hang together; longer markers come first."""
    words = [token.norm for token in tokens[i : i + 6]]
    return (
        _sorted(words, i)
        or comparison(tokens, i)
        or limit(tokens, i, phrases)
        or grain(words, i)
        or _phrase(words, i)
        or _superlative(words, i)
        or _word(tokens, i)
    )


def _sorted(words: Sequence[str], i: int) -> Chunk | None:
    """`highest first`."""
    if words[1:2] != ["first"] or (words[0] not in HIGH and words[0] not in LOW):
        return None
    return Chunk(i, i + 2, marker="sorted" if words[0] in HIGH else "sorted_up")


def _phrase(words: Sequence[str], i: int) -> Chunk | None:
    for phrase, kind in MARKER_PHRASES:
        if tuple(words[: len(phrase)]) == phrase:
            return Chunk(i, i + len(phrase), marker=kind)
    return None


def _superlative(words: Sequence[str], i: int) -> Chunk | None:
    after = i + 2 if words[0] in ("most", "least") and words[1:2] == ["expensive"] else i + 1
    if words[0] in HIGH:
        return Chunk(i, after, marker="most", aggregate="maximum")
    if words[0] in LOW:
        return Chunk(i, after, marker="least", aggregate="minimum")
    return None


def _word(tokens: Sequence[Token], i: int) -> Chunk | None:
    word = tokens[i].norm
    if word in _RELATIVE and i and tokens[i - 1].kind != "mark" and tokens[i - 1].norm not in _OPENS_CLAUSE:
        return None  # a relative pronoun, not a question word
    if word in AGGREGATES:
        return Chunk(i, i + 1, marker="aggregate", aggregate=AGGREGATES[word])
    if word in MARKER_WORDS:
        return Chunk(i, i + 1, marker=MARKER_WORDS[word])
    return None
