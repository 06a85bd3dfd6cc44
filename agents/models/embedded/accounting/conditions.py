"""What a question leaves out or keeps: `without rejected orders`, `only where it is over plan`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked, Cue
from agents.models.embedded.accounting.doing import Doing
from agents.models.embedded.masked import Spot
from agents.models.embedded.text import singular
from tools.languages import speaking
from tools.metrics.labels import Labels

_ENDS = [(), (",",), (".",), ("and",), (")",), ("?",), (":",), (";",)]
_PLAIN_NOT = frozenset({"not", "nicht", "no", "pas"})
_COUNTS_AS = frozenset({"=", "zero", "null", "cero"})
_AS = frozenset({"as", "for"})
_ZERO = frozenset({"none", "nothing", "no"})
_SAYING = frozenset({"ich"})
NO_ROWS = frozenset({
    "tax", "freight", "want", "sure", "steuer", "steuern", "fracht", "sicher", "impuestos", "portes",
    "converted", "taxe", "taxes", "frais", "rush", "matter", "yet", "port", "mehr", "moyenne", "promedio",
})  # fmt: skip
"""After `without` or `not` they say how an amount is meant, or nothing: no rows are left out."""


def _sets_apart(question: Asked, cue: Cue) -> bool:
    """`the ordered day, not the confirmed one`; `no record = 0`: how something is meant, and no condition."""
    before = question.plain[cue.first - 1] if cue.first else ""
    if before in ("or", "oder") and question.plain[cue.after : cue.after + 1] in _ENDS:
        return True  # `dated or not`
    if question.plain[cue.first] == "no" and question.plain[cue.after : cue.after + 1] in _ENDS:
        return True  # `order no`
    if before in _AS and question.plain[cue.first] in _ZERO:
        return True  # `taking what has no record as none on hand`
    if before in _SAYING:
        return True  # `the average I do not want`
    return (before == "," and question.plain[cue.first] in _PLAIN_NOT) or not _COUNTS_AS.isdisjoint(
        question.plain[cue.after : cue.after + 5]
    )


def exception(question: Asked, doing: Doing) -> Iterator[Left]:
    """`not`, `without`, `except`: no condition leaves anything out."""
    # Records without a value of what is grouped by are left out, or kept, and told of, as it is.
    with speaking(question.language):
        groups = doing.group_words(Labels(doing.catalogue))
    found = [
        cue.words
        for cue in question.cues("exception")
        if (NO_ROWS | groups).isdisjoint(question.said(cue.after, cue.after + 3))
        and not _sets_apart(question, cue)
        and not _is_kept(question, cue, doing)
    ]
    if found and not doing.exceptions:
        yield Left("exception", tuple(found))


def _is_kept(question: Asked, cue: Cue, doing: Doing) -> bool:
    """`no end date` of what is valid now; `leaving out who delivered under 1,000` of what is from it on.

    Also `leave out those without dates` of what has dates, and `no longer sold` where that is its name.
    """
    after = question.plain[cue.after : cue.after + _FAR]
    if doing.is_of_valid_ones and tuple(word for word in after if word not in ("an", "any"))[:2] == _END:
        return True
    if doing.keeps_from and not _BELOW.isdisjoint(after):
        return any(spot.number is not None for spot in question.spots[cue.after : cue.after + _FAR])
    near = frozenset(singular(word) for word in after[:_NEAR_ENOUGH])
    said = near | {singular(word) for word in cue.words.lower().split()}
    if cue.words.lower() in _DROPS:
        around = question.plain[max(0, cue.first - _FAR) : cue.after + _FAR]
        twice = not _LACKS.isdisjoint(around) and not doing.is_called(frozenset(map(singular, around)))
        return twice and doing.has_what(frozenset(map(singular, around)))
    stretch = question.plain[max(0, cue.first - _NEAR_ENOUGH) : cue.after + _NEAR_ENOUGH]
    return (
        doing.is_called(said)
        or doing.is_of_what_is_not(frozenset(singular(word) for word in stretch))
        or (cue.words.lower() in _LACKS and doing.has_what(near))
    )


_FAR = 9
_NEAR_ENOUGH = 5
_LACKS = frozenset({"without", "no"})
_DROPS = frozenset({"leave out", "leaving out", "left out", "exclude", "excluding", "excluded"})
_END = ("end", "date")
_BELOW = frozenset({"under", "below", "less", "fewer"})


def only(question: Asked, doing: Doing) -> Iterator[Left]:
    """`only where`: there is no condition but names and days."""
    found = [
        cue.words
        for cue in question.cues("only")
        if not doing.conditions and not _names(question.spots[cue.after : cue.after + _NEAR])
    ]
    if found:
        yield Left("only", tuple(found))


def _names(spots: Sequence[Spot]) -> bool:
    """True where a name tells what is kept: `only the lines of Saddles`."""
    return any(spot.meanings and spot.word.isupper() for spot in spots)


_NEAR = 6


def free(question: Asked, doing: Doing) -> Iterator[Left]:
    """`free stock`: blocked stock and stock in inspection are taken too."""
    found = [] if doing.is_of_free_stock else [cue.words for cue in question.cues("free")]
    if found:
        yield Left("free", tuple(found))
