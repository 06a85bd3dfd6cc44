"""How a question wants rows: ranked, the latest only, or one for each of something."""

from __future__ import annotations

from collections.abc import Iterator

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing

_UNITS = frozenset({
    "dollar", "euro", "piece", "unit", "hour", "day", "kg", "kilo", "stuck", "stunde", "tag", "pieza",
    "unidad", "hora", "dia", "unite", "heure", "jour", "kwh", "cent", "percent",
})  # fmt: skip
"""After `per` they are part of a figure's unit."""


def ranking(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the five largest`: nothing is ranked."""
    found = [] if doing.has_order else [cue.words for cue in question.cues("ranking")]
    if found:
        yield Left("ranking", tuple(found))


def recent(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the most recent order`: all of them are taken."""
    found = [] if doing.has_last else [cue.words for cue in question.cues("recent")]
    if found:
        yield Left("recent", tuple(found))


def grouping(question: Asked, doing: Doing) -> Iterator[Left]:
    """`per supplier`: one row for all."""
    found = [
        cue.words
        for cue in question.cues("grouping")
        if not doing.grouped and cue.after < len(question.plain) and question.plain[cue.after] not in _UNITS
    ]
    if found:
        yield Left("grouping", tuple(found))
