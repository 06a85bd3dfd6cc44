"""Grains: rows for each day, week, month, quarter or year, as in `by month` or `which due date`."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.chunks.chunk import Chunk
from agents.models.embedded.chunks.marker_words import GRAINS, HIGH, LOW
from tools.metrics.query import Operator

_ALONE = frozenset({"monthly", "quarterly", "yearly", "annually", "weekly"})
_LEADS = frozenset({"by", "per", "each", "every", "which", "what"})
_ROLES = frozenset({
    "due", "start", "starting", "end", "finish", "completion", "order", "ordering", "posting", "ship",
    "shipping", "moved",
})  # fmt: skip
_INSIDE = frozenset({"calendar", "the", "single", "fiscal"})


def grain(words: Sequence[str], i: int) -> Chunk | None:
    """`monthly`, `month by month`, `in each calendar year`, `per due month`, `highest quarter`."""
    word = words[0]
    if word in _ALONE:
        return Chunk(i, i + 1, marker="grain", grain=GRAINS[word])
    if word in GRAINS and words[2:3] == [word] and words[1] in ("by", "on", "over", "after"):
        return Chunk(i, i + 3, marker="grain", grain=GRAINS[word])
    if word in ("in", "for", "of", "over") and words[1:2] in (["each"], ["every"]):
        return _led(words[1:], i, i + 1)
    return _led(words, i, i)


def _led(words: Sequence[str], first: int, lead: int) -> Chunk | None:
    """A grain after the word that stands at `lead`; `first` is where the whole phrase begins."""
    word = words[0]
    ranked = word in HIGH or word in LOW
    if not ranked and word not in _LEADS:
        return None
    at, role = 1, ""
    while at < len(words) and (words[at] in _ROLES or words[at] in _INSIDE):
        role = words[at] if words[at] in _ROLES else role
        at += 1
    if at == len(words) or words[at] not in GRAINS:
        return None
    if words[at] == "date" and word in ("by", "per") and role:
        return None  # `by due date` names the date role, not a row for each day
    found = GRAINS[words[at]]
    if word in ("which", "what") and found == "day" and words[at + 1 : at + 2] == ["late"]:
        return None
    op: Operator = "=" if not ranked else "<" if word in LOW else ">"
    return Chunk(first, lead + at + 1, marker="grain", grain=found, op=op, unit=role)
