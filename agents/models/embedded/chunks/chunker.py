"""Cuts a question into its chunks, the likeliest at each word."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.chunks.chunk import Chunk
from agents.models.embedded.chunks.markers import marker
from agents.models.embedded.chunks.phrases import KnownPhrases
from agents.models.embedded.lexicon import Match, Phrases
from agents.models.embedded.periods import FoundPeriod
from agents.models.embedded.text import Token

_SEPARATORS = (",", "and", "or", "versus", "/")


class Chunker:
    """Cuts a question into chunks with the words of a catalogue and of the master data."""

    def __init__(self, words: Phrases, names: Phrases) -> None:
        self._phrases = KnownPhrases(words, names)

    def chunks(self, tokens: Sequence[Token], periods: Sequence[FoundPeriod]) -> tuple[Chunk, ...]:
        """Chunks in order; words that mean nothing here are left out."""
        by_first = {found.first: found for found in periods}
        dated = {i for found in periods for i in range(found.first, found.after)}
        chunks: list[Chunk] = []
        position = 0
        while position < len(tokens):
            chunk = self._at(tokens, position, by_first.get(position), dated)
            if chunk:
                chunks.append(chunk)
            position = chunk.after if chunk else position + 1
        return tuple(chunks)

    def _at(
        self, tokens: Sequence[Token], i: int, period: FoundPeriod | None, dated: set[int]
    ) -> Chunk | None:
        value = self._phrases.longest(tokens, i, dated)
        if period and not (value and value.length > 2):
            return Chunk(i, period.after, marker="period", period=period.period)
        if value and self._phrases.cut(value, tokens, dated):
            value = None
        marked = marker(tokens, i, self._phrases) if i not in dated else None
        if marked and (value is None or _wins(marked, value, tokens)):
            return marked
        shared = self._shared_head(tokens, i) if value is None or value.length == 1 else None
        if shared or value is None:
            return shared
        return Chunk(value.first, value.after, meanings=value.meanings, weight=value.length)

    def _shared_head(self, tokens: Sequence[Token], i: int) -> Chunk | None:
        """`mountain` in `mountain, road and touring bikes`: the noun after the last one belongs to each."""
        if tokens[i].kind != "word" or i + 2 >= len(tokens) or tokens[i + 1].norm not in _SEPARATORS:
            return None
        for at in range(i + 2, min(i + 9, len(tokens))):
            following = tokens[at + 1] if at + 1 < len(tokens) else None
            if tokens[at].norm in _SEPARATORS or tokens[at].kind != "word":
                continue
            if following and following.norm in _SEPARATORS:
                continue
            if following is None or following.kind != "word":
                return None
            meanings = self._phrases.name(tokens[i], following)
            last = self._phrases.name(tokens[at], following)
            return Chunk(i, i + 1, meanings=meanings) if meanings and last else None
        return None


def _wins(marked: Chunk, value: Match, tokens: Sequence[Token]) -> bool:
    """True where a marker is the better reading of words that also are a phrase."""
    if marked.marker == "limit":
        return True
    if marked.marker in ("compare", "grain"):
        return marked.after >= value.after
    return marked.after >= value.after and not tokens[value.first].quoted
