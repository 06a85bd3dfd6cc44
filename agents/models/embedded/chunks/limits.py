"""Limits: how many of the highest or lowest are asked for, as in `top 5` or `3 cheapest`."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.chunks.chunk import Chunk
from agents.models.embedded.chunks.marker_words import HIGH, LOW
from agents.models.embedded.chunks.phrases import KnownPhrases
from agents.models.embedded.text import Token, amount
from tools.metrics.query import Operator

_LEADS = frozenset({"top", "first", "bottom", "best", "worst"})
_COUNTED = frozenset({"than", "least", "most", "exactly", "build", "make", "of", "for"})
"""Words after which a number of records is a condition."""
_LARGEST = 500


def limit(tokens: Sequence[Token], i: int, phrases: KnownPhrases) -> Chunk | None:
    """`top 5`, `3 cheapest`, `5 suppliers` of a question that ranks, or `top` alone."""
    word = tokens[i].norm
    if word in _LEADS and i + 1 < len(tokens) and tokens[i + 1].number is not None:
        number, after = amount(tokens, i + 1)
        return Chunk(i, after, marker="limit", number=number, op="<" if word == "bottom" else ">")
    return _number_first(tokens, i, phrases) or (
        Chunk(i, i + 1, marker="limit", op=">") if word == "top" else None
    )


def _number_first(tokens: Sequence[Token], i: int, phrases: KnownPhrases) -> Chunk | None:
    number = tokens[i].number
    if number is None or number != number.to_integral_value() or not 0 < number <= _LARGEST:
        return None
    following = tokens[i + 1].norm if i + 1 < len(tokens) else ""
    if following in HIGH or following in LOW:
        return Chunk(i, i + 2, marker="limit", number=number, op=_op(following))
    ranked = [token.norm for token in tokens if token.norm in HIGH or token.norm in LOW]
    counted = i > 0 and tokens[i - 1].norm in _COUNTED
    if ranked and not counted and phrases.names_records(tokens, i + 1):
        return Chunk(i, i + 1, marker="limit", number=number, op=_op(ranked[-1]))
    return None


def _op(superlative: str) -> Operator:
    return "<" if superlative in LOW else ">"
