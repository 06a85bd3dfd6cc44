"""Clauses of a question that only say what its figures are: `open reservations (reserved less withdrawn)`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.models.embedded.text import Token

_PARTS = frozenset({",", ";", ":", "(", ")", ".", "?", "!"})
_RECKONING = frozenset(
    {
        "minus",
        "less",
        "times",
        "plus",
        "over",
        "divided",
        "counts",
        "counted",
        "treated",
        "=",
        "*",
        "formula",
        "means",
    }
)
"""Words of a clause that says how something is reckoned."""
_ASKING = frozenset({"how", "which", "what", "who", "when", "show", "list", "give"})
_LIMITING = frozenset({"only"})
_NOTHING = frozenset({"zero", "0"})
_LEAST = 2
_HEADING = 4
"""Words of a heading, its colon with them."""


_THAT_IS = re.compile(
    r"\b(?:can|could|may|might|must|should|would) be (?:\w+ ){1,3}?\w+,? ?\(?"
    r"(?:i\.? ?e\.?|that is|meaning),? (?:that |the )?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch between two marks."""

    first: int
    after: int


def told(text: str) -> str:
    """`lines that could be pushed out, i.e. whose stock covers all`, without what is then said plainly."""
    return _THAT_IS.sub(", whose ", text, count=1)


_WHY = re.compile(r"^\s*(?:why|warum|wieso|weshalb)\b[^?]*\?\s+(?=\S+\s+\S+\s+\S)", re.IGNORECASE)
_PERHAPS_A_NAME = re.compile(r"(?<!\d)(?!(?:19|20)\d\d\b)\d")


def without_why(text: str, names: Sequence[tuple[int, int]]) -> str:
    """`Why was press 2 standing? Minutes by reason` as the figures that are asked for, and of what.

    Whether the first sentence sets a period or a condition is for the reader to see. A number that is no
    known name's may be one of a name that is not known, and is not passed over.

    Args:
        names: where names stand in the text.
    """
    found = _WHY.match(text)
    if found is None:
        return text
    rest = text[found.end() :]
    spans = [(start, end) for start, end in names if end <= found.end()]
    said = [text[start:end] for start, end in spans]
    plain = "".join(
        letter for at, letter in enumerate(found[0]) if not any(start <= at < end for start, end in spans)
    )
    if _PERHAPS_A_NAME.search(plain):
        return text
    unsaid = [name for name in said if name.casefold() not in rest.casefold()]
    return f"{', '.join(unsaid)}: {rest}" if unsaid else rest


def clauses(tokens: Sequence[Token]) -> list[Clause]:
    """The stretches of a question between its marks, in brackets and after a comma or a stop."""
    found, start = [], 0
    for at, token in enumerate(tokens):
        if token.kind == "mark" and token.norm in _PARTS:
            if at > start:
                found.append(Clause(start, at))
            start = at + 1
    if start < len(tokens):
        found.append(Clause(start, len(tokens)))
    return found


def explaining(tokens: Sequence[Token], strange: Sequence[int]) -> list[Clause]:
    """Clauses after the first that may only explain: those that reckon, and those with a word of no place."""
    return [
        one
        for one in clauses(tokens)[1:]
        if one.after - one.first >= _LEAST
        and _may_explain(tokens[one.first : one.after])
        and (_reckons(tokens[one.first : one.after]) or any(one.first <= at < one.after for at in strange))
    ]


def _reckons(stretch: Sequence[Token]) -> bool:
    return not _RECKONING.isdisjoint(token.norm for token in stretch)


def _may_explain(stretch: Sequence[Token]) -> bool:
    """False for what asks, for `(status 1 or 2)` and `only where over plan`, which limit, and for
    `late = finished after May`, which gives a word a sense of the asker's own."""
    words = {token.norm for token in stretch}
    limits = any(token.kind == "number" and token.number for token in stretch)
    return not (words & (_ASKING | _LIMITING) or limits or ("=" in words and not words & _NOTHING))


def heading(tokens: Sequence[Token], strange: Sequence[int]) -> Clause | None:
    """The title of `Slow movers: which materials ...`, of which a word has no place."""
    end = next((at for at, token in enumerate(tokens[:_HEADING]) if token.norm == ":"), 0)
    stretch = tokens[:end]
    if not any(at < end for at in strange) or any(token.number is not None for token in stretch):
        return None
    return Clause(0, end + 1)


def said(tokens: Sequence[Token], clause: Clause) -> str:
    """A clause in the words that it was read in."""
    return " ".join(token.norm for token in tokens[clause.first : clause.after])


def without(text: str, tokens: Sequence[Token], left_out: Sequence[Clause]) -> str:
    """The question without some of its clauses, and without brackets that then hold nothing."""
    kept = text
    for one in sorted(left_out, key=lambda clause: -clause.first):
        start, end = tokens[one.first].start, tokens[one.after - 1].end
        before, behind = kept[:start].rstrip(), kept[end:].lstrip()
        if before.endswith("(") and behind.startswith(")"):
            before, behind = before[:-1], behind[1:]
        kept = f"{before} {behind}"
    return kept
