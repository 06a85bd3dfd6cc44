"""What a row alone cannot tell: what comes second, after something else, or in every month."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing

_ORDINALS = {
    "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5, "sixth": 6,
}  # fmt: skip
_ENDS = frozenset({
    "most", "least", "fewest", "highest", "lowest", "largest", "biggest", "smallest", "longest", "shortest",
    "cheapest", "dearest", "best", "worst", "oldest", "newest", "latest", "earliest", "heaviest", "lightest",
    "steepest", "fastest", "slowest", "expensive", "last", "in", "place",
})  # fmt: skip
_RUNNER_UP = (("runner", "up"), ("runner", "-", "up"), ("next", "to", "last"), ("last", "but", "one"))
_SIDES = frozenset({"after", "before", "by", "until", "since", "from"})
_BOTH = 2
"""Events that have a period each."""
_THAT = frozenset({"it", "that", "then"})
_FIRST_RECORD = re.compile(
    r"^(?:(?:show|give|me|the|list|what|which|is|was|our) )*(?:very )?"
    r"(?:first|last|latest|earliest|newest|oldest) "
    r"(?:purchase order|work order|production order|sales order|order|po|movement|receipt|line)s? "
    r"(?:of|in|from|during) (?:period|day)\b"
)
_ENDS_OF_RECORDS = re.compile(r"\.(?:first|last|latest)_")


def ordinal(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the second largest supplier`: the first is shown."""
    if question.language != "en" or doing.looks_up or not doing.queries:
        return
    words = question.plain
    for at, word in enumerate(words):
        place = _ORDINALS.get(word, 0)
        if place and _ENDS.isdisjoint(words[at + 1 : at + 2]):
            place = 0
        if any(words[at : at + len(phrase)] == phrase for phrase in _RUNNER_UP):
            place = 2
        if place and not any((query.limit or 0) >= place for query in doing.queries):
            yield Left("ranking", tuple(spot.text for spot in question.spots[at : at + 2]))


def after_it(question: Asked, doing: Doing) -> Iterator[Left]:
    """`due before 1 March but finished after it`: one of the two events alone has a period."""
    if question.language != "en" or doing.looks_up:
        return
    words = question.plain
    for at, word in enumerate(words[:-1]):
        if word not in _SIDES or words[at + 1] not in _THAT:
            continue
        ends = words[at + 2 : at + 3] in (
            (),
            (",",),
            (".",),
            ("?",),
            (";",),
            ("day",),
            ("date",),
            ("and",),
            ("by",),
        )
        named = any(spot.period is not None and spot.word == "DAY" for spot in question.spots[:at])
        tests = {(test.role, test.start, test.end) for test in doing.periods}
        if named and ends and len(tests) < _BOTH:
            yield Left("periods", tuple(spot.text for spot in question.spots[at : at + 2]))


def first_record(question: Asked, doing: Doing) -> Iterator[Left]:
    """`first purchase order of 2025`: those are listed whose first one of all was then."""
    text = " ".join(spot.word.lower() for spot in question.spots)
    if question.language != "en" or doing.looks_up or not _FIRST_RECORD.search(text):
        return
    if any(_ENDS_OF_RECORDS.search(path) for query in doing.queries for path in query.show):
        yield Left("ranking", tuple(spot.text for spot in question.spots[:3]))


def in_all(question: Asked, doing: Doing) -> Iterator[Left]:
    """`suppliers with orders in every month`: their months are shown, or all that had any."""
    text = " ".join(spot.word.lower() for spot in question.spots)
    if question.language != "en" or doing.looks_up or not _IN_ALL.search(text):
        return
    if not any(query.having for query in doing.queries):
        yield Left("grouping", tuple(spot.text for spot in question.spots if spot.word in _GRAINS))


_GRAINS = frozenset({"week", "month", "quarter", "year", "weeks", "months", "quarters", "years"})
_IN_ALL = re.compile(
    r"^(?:(?:which|what|show|list|the|all|our|me|name) )*(?:[a-z]+ ){1,2}"
    r"(?:with|had|have|who had|(?:that|who|which) (?:had|have|got|received|sold|shipped|delivered))\b"
    r"(?:(?!\b(?:per|by|each|number|how)\b|[.?;:]).)*\bin (?:(?:every|all) (?:single |of )?|each )(?:the )?"
    r"(?:number )?(?:weeks?|months?|quarters?|years?)\b"
)
