"""What no plan does: the second highest, all but the first few, totals that run on, sums
of days on average, time between failures; and in time where late is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing

_BUT = frozenset(
    {"but", "except", "excluding", "without", "outside", "besides", "exclude", "omit", "omitting"}
)
_FIRST = frozenset({"top", "largest", "biggest", "highest", "best", "most", "worst", "lowest", "smallest"})
_ON_AVERAGE = re.compile(
    r"\b(?:per|a|each) (day|week|month|quarter|year) on average\b|\bon average (?:per|each) (\w+)"
)
_VERBS = frozenset({
    "has", "have", "had", "is", "are", "was", "were", "cost", "costs", "get", "sell", "show", "list",
    "rank", "sort", "with", "first", "only",
})  # fmt: skip
"""Behind these something else is said than what is left out."""
_NEAR = 4
_ONE = 1


def nth(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the second highest spend`: the highest is shown; the two highest hold it."""
    if doing.looks_up:
        return
    alone = any(query.extreme or query.limit == _ONE for query in doing.queries)
    found = [cue.words for cue in question.cues("nth")]
    if alone and found:
        yield Left("ranking", tuple(found))


def all_but(question: Asked, doing: Doing) -> Iterator[Left]:
    """`all suppliers but the top 3`: those three are shown."""
    if question.language != "en" or doing.looks_up:
        return
    if not any(query.extreme or query.limit is not None for query in doing.queries):
        return
    for at, word in enumerate(question.plain):
        near = list(takewhile(lambda each: each not in _VERBS, question.plain[at + 1 : at + _NEAR]))
        if word in _BUT and not _FIRST.isdisjoint(near) and (word != "but" or "all" in question.plain[:at]):
            yield Left("exception", (word,))


def running(question: Asked, doing: Doing) -> Iterator[Left]:
    """`cumulative spend by month`: each month's own is shown."""
    if any(query.extreme or query.limit is not None for query in doing.queries):
        return
    cues = question.cues("running")
    found = [cue.words for cue in cues if question.plain[cue.after : cue.after + 1] != ("over",)]
    if found and any(each.grain for query in doing.queries for each in query.by):
        yield Left("words", tuple(found))


def on_average(question: Asked, doing: Doing) -> Iterator[Left]:
    """`pieces per day on average`: each day's own are shown."""
    said = " ".join(question.plain)
    grains = {each.grain for query in doing.queries for each in query.by if each.grain}
    for found in () if question.language != "en" else _ON_AVERAGE.finditer(said):
        if (found[1] or found[2]) in grains:
            yield Left("average", ("on average",))


def between_failures(question: Asked, doing: Doing) -> Iterator[Left]:
    """`mean time between failures`: how long repairs took is shown."""
    found = [cue.words for cue in question.cues("between_failures")]
    if found and any("repair" in name for name in doing.names):
        yield Left("words", tuple(found))


def in_time(question: Asked, doing: Doing) -> Iterator[Left]:
    """`spätestens zum Termin fertig`, `au plus tard à l'échéance`: what was late is shown."""
    found = question.cues("in_time")
    taken = {at for cue in found for at in range(cue.first, cue.after)}
    late = [cue for cue in question.cues("too_late") if taken.isdisjoint(range(cue.first, cue.after))]
    if found and not late and any(name.startswith("late") or "_late" in name for name in doing.names):
        yield Left("words", tuple(cue.words for cue in found))
