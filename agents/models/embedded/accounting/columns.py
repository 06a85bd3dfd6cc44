"""Columns that a question names: more than are shown, or the number of a thing beside its name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing
from agents.models.embedded.masked import Spot
from tools.languages import Language

_AND = frozenset({",", "and", "und", "y", "e", "et", "plus", "sowie", "/"})
_OPENS = frozenset({":", "with", "mit", "con", "avec", "show", "need", "give", "please", "brauche", "dazu"})
_CLOSES = frozenset({".", "?", ";", ":", "(", ")", "-"})
_LONGEST = 5
"""Words of a part up to which it names a column."""
_ORDER = re.compile(r"\b(?:first|on top|descending|ascending|absteigend|aufsteigend|zuerst)$")
_LEAST = 3
"""Parts from which on they are a list of columns."""


def columns(question: Asked, doing: Doing) -> Iterator[Left]:
    """`order, product, quantity and due date`: fewer columns are shown."""
    if doing.looks_up:
        return
    longest = max(_lists(question.spots, question.language), key=len, default=[])
    if len(longest) >= _LEAST and len(longest) > doing.columns:
        yield Left("columns", tuple(longest))


def number(question: Asked, doing: Doing) -> Iterator[Left]:
    """`part number`: names are shown, and no number."""
    found = [cue.words for cue in question.cues("number")]
    if not found or doing.looks_up:
        return
    paths = [path for query in doing.queries for path in (*query.show, *(each.path for each in query.by))]
    groups = [each.entity for query in doing.queries for each in query.by]
    groups += [query.rows_of for query in doing.queries]
    # A material stands with its number wherever its name stands.
    named = any(path.endswith((".number", "material.name")) for path in paths) or "material" in groups
    if not named:
        yield Left("number", tuple(found))


def _lists(spots: Sequence[Spot], language: Language) -> Iterator[list[str]]:
    """Lists of short parts after a colon or a word that asks for columns."""
    for at, spot in enumerate(spots):
        if spot.word in _OPENS:
            yield _list(spots[at + 1 :], _AND - {"plus"} if language == "fr" else _AND)


def _list(spots: Sequence[Spot], between: frozenset[str]) -> list[str]:
    parts: list[str] = []
    part: list[Spot] = []
    for spot in spots:
        if spot.word in _CLOSES:
            break
        if spot.word in between:
            if len(part) > _LONGEST:
                return parts
            if part:
                parts.append(" ".join(one.text for one in part))
            part = []
        else:
            part.append(spot)
    if part and len(part) <= _LONGEST:
        parts.append(" ".join(one.text for one in part))
    # What says in which order rows stand is no column.
    return [one for one in parts if one and not _ORDER.search(one.lower())]
