"""Figures that a question asks for: ratios, differences, averages, and how many of them."""

from __future__ import annotations

from collections.abc import Iterator

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing
from tools.metrics.query import ValidTest


def ratio(question: Asked, doing: Doing) -> Iterator[Left]:
    """`in percent`, `divided by`: no such figure is shown."""
    found = [] if doing.has_ratio else [cue.words for cue in question.cues("ratio")]
    if found:
        yield Left("ratio", tuple(found))


_AT = frozenset({"al", "lo", "au", "du", "a"})
"""Before `menos` or `moins`: at least."""


def share(question: Asked, doing: Doing) -> Iterator[Left]:
    """`its share of the total`: another rate is shown."""
    found = [] if doing.has_share_of_total else [cue.words for cue in question.cues("share")]
    if found:
        yield Left("share", tuple(found))


def difference(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the difference`, `by how much`: two figures are not set against each other."""
    found = (
        []
        if doing.has_gap
        else [cue.words for cue in question.cues("difference") if question.before(cue) not in _AT]
    )
    if found:
        yield Left("difference", tuple(found))


def average(question: Asked, doing: Doing) -> Iterator[Left]:
    """`on average`: what is shown is no average."""
    found = [] if doing.has_average else [cue.words for cue in question.cues("average")]
    if found:
        yield Left("average", tuple(found))


def count(question: Asked, doing: Doing) -> Iterator[Left]:
    """`how many orders, and how many pieces`: fewer figures are shown, and no records."""
    found = [cue.words for cue in question.cues("count")]
    if doing.grouped_only and doing.figures == 1:
        short = len(found) > (_EITHER if doing.is_parted else 1)
    else:
        short = len(found) > max(1, doing.figures) and not doing.grouped
    if short:
        yield Left("count", tuple(found))


def unit(question: Asked, doing: Doing) -> Iterator[Left]:
    """`how many days`, `in hours`: no figure is one of time."""
    found = [cue.words for cue in question.cues("duration")] if not doing.units & _DAYS else []
    found += [cue.words for cue in question.cues("time")] if not doing.units & _TIMES else []
    if found:
        yield Left("unit", tuple(found))


def cost(question: Asked, doing: Doing) -> Iterator[Left]:
    """`what do its parts cost`: pieces are looked up, and no money."""
    found = [cue.words for cue in question.cues("cost")]
    if found and any(
        call.name in _OF_PIECES and getattr(call.arguments, "priced_at", None) is None for call in doing.calls
    ):
        yield Left("amount", tuple(found))


_OF_PIECES = frozenset({"explode_bom", "where_used", "buildable"})
"""Look-ups that show quantities alone."""
_EITHER = 2
"""Figures that come of one that is parted by yes and no."""
_DAYS = frozenset({"days", "d", "day", "time", "delay", "age", "late"})
_TIMES = _DAYS | {"h", "min", "hours", "minutes", "duration"}


def comparison(question: Asked, doing: Doing) -> Iterator[Left]:
    """`against last year`: there is one figure, of one side."""
    both = doing.figures > 1 or doing.grouped or doing.has_gap
    found = [] if both else [cue.words for cue in question.cues("comparison")]
    if found:
        yield Left("comparison", tuple(found))


def before_and_after(question: Asked, doing: Doing) -> Iterator[Left]:
    """`its price before and after the change`: what held on one day is shown."""
    on_one_day = any(isinstance(test, ValidTest) and test.on is not None for test in doing.tests)
    if question.language != "en" or not on_one_day or any("previous" in name for name in doing.names):
        return
    plain = question.plain
    for at in range(len(plain) - 2):
        if plain[at : at + 3] == ("before", "and", "after"):
            yield Left("comparison", tuple(spot.text for spot in question.spots[at : at + 3]))
    if "new" in plain and not _FORMER.isdisjoint(plain):
        yield Left("comparison", tuple(word for word in plain if word == "new" or word in _FORMER))


_FORMER = frozenset({"old", "previous", "former"})
