"""On which side of a number records are wanted: `at least 50`, `under 100`, `only 1`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing

_SIDES = {"above": ">", "from": ">=", "below": "<", "up_to": "<=", "exactly": "="}
_OR = frozenset({"or", "oder", "o", "ou"})
_OTHERWISE = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "=": "<>"}
"""What leaves out the one keeps the other: `not more than 50`."""


def limits(question: Asked, doing: Doing) -> Iterator[Left]:
    """The plan takes what lies on another side of the number, or has no use for it."""
    if doing.looks_up:
        return
    yield from _weeks(question, doing)
    for side, operator in _SIDES.items():
        for cue in question.cues(f"limit_{side}"):
            spot = question.spots[cue.after] if cue.after < len(question.spots) else None
            if spot is None or spot.number is None or spot.word != "NUMBER":
                continue
            if _OR & set(question.plain[cue.after + 1 : cue.after + 3]):
                continue  # `over three or more`: the one before it is no limit
            found = doing.operators(spot.number)
            meant = {operator, _OTHERWISE[operator]} if question.cues("exception") else {operator}
            if found and not found & meant:
                yield Left("limit", (cue.words, spot.text))
    for at, spot in enumerate(question.spots[:-2]):
        # `30 or more`
        if spot.word == "NUMBER" and spot.number is not None and question.plain[at + 1] in _OR:
            more = question.spots[at + 2].word
            if more in _MORE and not doing.has_number(spot.number):
                yield Left("limit", (spot.text, question.spots[at + 1].text, more))


def zero(question: Asked, doing: Doing) -> Iterator[Left]:
    """`that add up to zero units`: nothing in the plan is about what is zero."""
    found = [cue.words for cue in question.cues("to_zero")]
    if found and doing.queries and not doing.tells_zero:
        yield Left("limit", tuple(found))


def percents(question: Asked, doing: Doing) -> Iterator[Left]:
    """`more than 2 % of what was ordered`: the plan takes more than two pieces."""
    if doing.looks_up:
        return
    for spot, unit in pairwise(question.spots):
        if spot.word != "NUMBER" or spot.number is None or unit.word not in _PERCENT:
            continue
        paths = doing.limited(spot.number)
        if paths and not any(doing.is_share(path) for path in paths):
            yield Left("limit", (spot.text, unit.text))


def _weeks(question: Asked, doing: Doing) -> Iterator[Left]:
    """`three weeks late`: that many days are taken."""
    for spot, then in pairwise(question.spots):
        if then.word in _WEEKS and spot.number is not None and doing.operators(spot.number):
            yield Left("limit", (spot.text, then.text))


_PERCENT = frozenset({"%", "percent", "prozent", "pourcent"})
_WEEKS = frozenset({"week", "weeks", "woche", "wochen", "semana", "semanas", "semaine", "semaines"})
_MORE = frozenset(
    {
        "more",
        "above",
        "over",
        "higher",
        "less",
        "fewer",
        "below",
        "mehr",
        "weniger",
        "más",
        "menos",
        "plus",
        "moins",
    }
)
