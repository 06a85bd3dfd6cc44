"""Takes away the sentence in which somebody says why they ask."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.compound.pieces import Attribute, Figure, Piece, Record, Test
from agents.models.embedded.text import Token

_PERSONS = frozenset(
    {"i", "we", "you", "us", "me", "my", "our", "hi", "hello", "dear", "someone", "somebody", "boss"}
)
_ENDS = frozenset({".", "!", "?", ";", "-"})
_PARTNERS = ("supplier.", "customer.")
_OF_THEM = frozenset({"them", "they", "their", "theirs", "there"})
_ASKS = frozenset({"ask", "count", "share", "sum", "aggregate", "top", "per"})


def without_setting(tokens: Sequence[Token], pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces after `I am preparing tomorrow's meeting.`: what asks for nothing and limits nothing.

    Of `I am meeting Halmet tomorrow. What did they deliver?` the one who is meant stays.
    """
    rest, start = list(pieces), 0
    about: list[Piece] = []
    while True:
        end = next(
            (at for at, one in enumerate(rest) if one.mark == "break" and tokens[one.first].norm in _ENDS),
            None,
        )
        if end is None or not any(one.meanings for one in rest[end:]):
            return [*about, *rest]
        words = {token.norm.split("'")[0] for token in tokens[start : rest[end].first]}
        sets = bool(words & _PERSONS) and _says_nothing(rest[:end])
        if bool(words & _PERSONS) and not sets and _names_whom(rest[:end]):
            following = {token.norm for token in tokens[rest[end].after :]}
            if not following & _OF_THEM:
                return [*about, *rest]
            about += [one for one in rest[:end] if one.all(Test)]
        elif not sets and not (
            tokens[rest[end].first].norm in ".!" and _is_said_again(rest[:end], rest[end:])
        ):
            return [*about, *rest]
        start, rest = rest[end].after, rest[end + 1 :]


def _is_said_again(pieces: Sequence[Piece], rest: Sequence[Piece]) -> bool:
    """True for `Voltamo is killing us.`, where the rest names Voltamo as well: it tells, and asks nothing."""
    if not any(one.strange for one in pieces):
        return False
    if any(one.op or one.grain or one.number or one.period or one.mark in _ASKS for one in pieces):
        return False
    told = {repr(test.filter) for one in pieces for test in one.all(Test) if isinstance(test, Test)}
    asked = {repr(test.filter) for one in rest for test in one.all(Test) if isinstance(test, Test)}
    return told <= asked and not any(one.all(Record, Attribute, Figure) for one in pieces)


def _names_whom(pieces: Sequence[Piece]) -> bool:
    """True for `I am meeting Halmet tomorrow.`, which names one that the rest calls `them`, and no more."""
    named = [one for one in pieces if one.meanings]
    if not named or any(one.op or one.grain or one.number or one.mark in _ASKS for one in pieces):
        return False
    if any(one.period is not None and one.period.start != one.period.end for one in pieces):
        return False
    return all(_is_partner(one) for one in named)


def _is_partner(piece: Piece) -> bool:
    tests = [one for one in piece.all(Test) if isinstance(one, Test)]
    return bool(tests) and all(one.field.startswith(_PARTNERS) for one in tests)


def _says_nothing(pieces: Sequence[Piece]) -> bool:
    """True where nothing is asked or limited in them; of days, only single ones are named."""
    if any(one.meanings or one.op or one.grain or one.number or one.mark in _ASKS for one in pieces):
        return False
    return not any(one.period is not None and one.period.start != one.period.end for one in pieces)
