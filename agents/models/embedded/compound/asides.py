"""Words of a question that say nothing for a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from agents.models.embedded.periods.months import MONTHS
from agents.models.embedded.periods.weeks import WEEKDAYS
from agents.models.embedded.text import Token

_ANY_DATE = {(one, other) for one in ("all", "any", "whatever") for other in ("date", "dates", "days")}
_SAID_AGAIN = tuple(
    tuple(phrase.split())
    for phrase in (
        "over the whole year", "in the whole year", "the whole year", "over all dates", "in absolute terms",
        "at the latest", "at latest", "in the month", "in the quarter", "ties by number",
        "ties by name", "in that order", "in money", "in sequence", "in order of sequence", "as its own line",
        "as a line of its own",
    )
)  # fmt: skip
"""What only says again what is said: which time, which order, how a row is to look."""
_EARLIER = tuple(
    tuple(phrase.split())
    for phrase in ("( or before )", "( or earlier )", "older ones included", "earlier ones included")
)
"""What only says `until` again, and of one day or year makes all before it."""
_LONGEST = max(map(len, (*_SAID_AGAIN, *_EARLIER)))
_UNTIL = frozenset({"by", "until", "till", "to", "before"})
_DAY_NAMED = frozenset({"the", "today", "yesterday", "now", "end", *WEEKDAYS, *MONTHS})
_FARTHEST = 9
_TOLD_FROM = frozenset({"before", "after", "of"})
"""Behind `in the month` these say which."""


def without_asides(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens without weekdays before dates, `this morning`, and the `one row` of `one row per month`."""
    kept: list[Token] = []
    position = 0
    while position < len(tokens):
        length = _aside(tokens, position)
        if not length:
            kept.append(tokens[position])
            _unbracketed(kept)
        position += length or 1
    return tuple(kept)


def _unbracketed(kept: list[Token]) -> None:
    """Takes away brackets in which nothing is left."""
    if kept[-1].norm != ")":
        return
    at = len(kept) - 2
    while at >= 0 and kept[at].norm in (",", ";"):
        at -= 1
    if at >= 0 and kept[at].norm == "(":
        del kept[at:]


def _is_until(before: Sequence[Token]) -> bool:
    """True behind `by 31 March`, which has all that was before in it."""
    return any(
        one.norm in _UNTIL and (day.number is not None or day.norm in _DAY_NAMED)
        for one, day in pairwise(before)
    )


def _begins(tokens: Sequence[Token], i: int, phrases: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The first of some phrases that stands there; empty where none does."""
    words = tuple(token.norm for token in tokens[i : i + _LONGEST])
    return next((phrase for phrase in phrases if words[: len(phrase)] == phrase), ())


def _aside(tokens: Sequence[Token], i: int) -> int:
    """Number of tokens that say nothing for a table."""
    words = tuple(token.norm for token in tokens[i : i + 3])
    if words[0] in WEEKDAYS and len(words) > 1 and tokens[i + 1].number is not None:
        return 1
    if words[0] in WEEKDAYS and words[1:2] == (",",) and i + 2 < len(tokens) and tokens[i + 2].number:
        return 2
    if phrase := _begins(tokens, i, _SAID_AGAIN):
        behind = tokens[i + len(phrase)].norm if i + len(phrase) < len(tokens) else ""
        told = phrase[-1] in ("month", "quarter") and behind in _TOLD_FROM
        return 0 if told else len(phrase)
    if phrase := _begins(tokens, i, _EARLIER):
        return len(phrase) if _is_until(tokens[max(0, i - _FARTHEST) : i]) else 0
    if words[:1] == ("one",) and words[1:2] in (("row",), ("line",)) and words[2:] in (("per",), ("for",)):
        return 2
    if words in (
        ("in", "all", "plants"),
        ("of", "all", "plants"),
        ("in", "all", "plant"),
        ("of", "all", "plant"),
    ):
        return 3
    if words[:2] in _ANY_DATE:
        return 2
    if words[:2] in (("not", "just"), ("not", "only")) and words[2:] in (("my",), ("mine",), ("ours",)):
        return 3
    if words[0] in ("this", "the") and words[1:2] in (("morning",), ("afternoon",), ("evening",)):
        return 2
    if words[0] == "the" and words[1:] in (("week", "from"), ("week", "of")):
        return 2
    if words[0] == "period" and words[1:] and (words[1].isdigit() or words[1] in MONTHS):
        return 1
    if words[:2] in (("calendar", "year"), ("the", "year")) and words[2:] and words[2].isdigit():
        return 2
    if words[0] == "year" and words[1:] and words[1].isdigit():
        return 1
    if words[:2] in (("both", "months"), ("both", "years")):
        return 2
    return 1 if words[:2] in (("week", "from"), ("week", "of")) else 0
