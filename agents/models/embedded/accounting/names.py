"""Names and numbers of a question that have no part in a plan."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.conditions import NO_ROWS
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing
from agents.models.embedded.languages.tables import folded
from agents.models.embedded.masked import Spot

_EXAMPLES = frozenset({"so", "etc", "example", "beispiel", "ejemplo", "exemple", "like", "usw"})
_RANGES = frozenset({"to", "through", "till", "until", "bis", "a", "hasta", "à", "au", "jusqu"})
_MONEY = frozenset({"CURRENCY", "UNIT"})
"""What figures are in, as often as a condition."""


def names(question: Asked, doing: Doing) -> Iterator[Left]:
    """`temperature too low`: records are told apart by names, and not by this one."""
    if doing.looks_up or not _EXAMPLES.isdisjoint(question.plain):
        return
    used, called = doing.values, " ".join(doing.names).lower()
    found = [
        spot.text
        for spot in question.spots
        if spot.meanings
        and spot.word.isupper()
        and spot.word not in _MONEY
        and NO_ROWS.isdisjoint(folded(spot.text).split())
        and not _is_called(spot.text, called)
        and not any(set(meaning.values) & used or meaning.shown in used for meaning in spot.meanings)
        and (
            any(doing.is_another(meaning.entity, meaning.field, meaning.values) for meaning in spot.meanings)
            or not any(doing.is_told_by(meaning.entity, meaning.field) for meaning in spot.meanings)
        )
    ]
    if found:
        yield Left("names", tuple(found))


def series(question: Asked, doing: Doing) -> Iterator[Left]:
    """`Metal Sheet 1 to 7`, `Road - 150`: the number is a part of a name, and the plan has no use for it."""
    spots = question.spots
    for at, spot in enumerate(spots[2:], 2):
        if spot.word != "NUMBER" or spot.number is None or doing.has_number(spot.number):
            continue
        before, mark = spots[at - 2], spots[at - 1]
        if (
            before.meanings
            and before.word.isupper()
            and (mark.word == "-" or _goes_on(before, mark, spot.number))
        ):
            yield Left("names", (f"{before.text} {mark.text} {spot.text}",))


def _is_called(text: str, called: str) -> bool:
    """True where the words are those of a figure or condition of the plan: `gross margin`."""
    return any(len(word) > 3 and word in called for word in text.lower().split())


def _goes_on(before: Spot, mark: Spot, number: Decimal) -> bool:
    """True for the number up to which a name that ends with one goes on."""
    last = before.text.rpartition(" ")[2]
    return mark.word in _RANGES and last.isdigit() and Decimal(last) < number
