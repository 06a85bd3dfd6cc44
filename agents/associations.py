"""Checks that a clause gives each value to the row and the heading that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.references import Cited, Literal, Piece, Resolver, RowKey, same_number
from agents.rendering import visible
from agents.vocabularies import FILLERS, GENERIC_HEADINGS
from agents.vocabulary import GENERIC_LABEL_WORDS
from agents.words import stem, stems, word_set, words_of
from tools.languages import language, said

_UNFIT_BEFORE_QUESTION_NUMBER = word_set(
    "is was are were be been of to equals at for and or a the has had have with than by reached"
)

_FILLERS = stems("of the in per by and or at to for a an on with")
_GENERIC = stems(" ".join(GENERIC_LABEL_WORDS))
_BEFORE_A_YEAR = "in|during|for|since|until|seit|bis|en|desde|hasta|depuis"

# The same in the other languages.
_OTHER_UNFIT = frozenset(words_of(FILLERS))
_OTHER_FILLERS = stems(FILLERS)
_OTHER_GENERIC = stems(f"{FILLERS} {GENERIC_HEADINGS}")


@dataclass(frozen=True, slots=True)
class _Named:
    """Where a clause says what it speaks of: by a reference, or by writing a name of the results out."""

    position: int
    rows: frozenset[RowKey]


def misassigned(pieces: Sequence[Piece], resolver: Resolver) -> str:
    """Why a value of the clause is given to the wrong row, heading or question; empty where all is well."""
    named = list(_named(pieces, resolver))
    for position, piece in enumerate(pieces):
        if not (isinstance(piece, Cited) and piece.is_claim):
            continue
        if piece.question_number is not None:
            reason = _misquoted(pieces, position, resolver)
        elif piece.row is not None:
            reason = _wrong_row(piece, position, named, resolver)
        else:
            reason = _figure_of_a_row(piece, named, resolver)
        if reason:
            return reason
    return _wrong_heading(pieces, resolver)


def _named(pieces: Sequence[Piece], resolver: Resolver) -> Iterator[_Named]:
    for position, piece in enumerate(pieces):
        if isinstance(piece, Cited):
            if piece.row is not None and piece.identifies:
                same = resolver.names.get(visible(str(piece.value)).casefold(), frozenset())
                yield _Named(position, same | {piece.row})
            continue
        text = piece.text.casefold()
        for name, rows in resolver.names.items():
            if name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
                yield _Named(position, rows)


def _wrong_row(piece: Cited, position: int, named: Sequence[_Named], resolver: Resolver) -> str:
    assert piece.row is not None
    before = [name for name in named if name.position < position]
    after = [name for name in named if name.position > position]
    nearest = before[-1].position if before else after[0].position if after else None
    if nearest is None:
        result, table, _ = piece.row
        if len(resolver.results[result].tables[table].rows) > 1:
            return "a value of a row needs the row's name in the same clause, by its reference"
        return ""
    if all(piece.row in name.rows for name in named if name.position == nearest):
        return ""
    return "the value belongs to another row than the name beside it; write one row in one clause"


def _figure_of_a_row(piece: Cited, named: Sequence[_Named], resolver: Resolver) -> str:
    for name in named:
        held = any(
            same_number(cell, piece.value)
            for r, t, i in name.rows
            for cell in resolver.results[r].tables[t].rows[i]
        )
        if not held:
            return "the figure is about the whole result and may not stand beside the name of a row"
    return ""


def _misquoted(pieces: Sequence[Piece], position: int, resolver: Resolver) -> str:
    piece = pieces[position]
    assert isinstance(piece, Cited)
    assert piece.question_number is not None
    readings = " ".join(result.reading for result in resolver.results)
    if not re.search(rf"(?<![\w.,]){re.escape(piece.text)}(?![\w%]|[.,]\d)", readings):
        return "that number of the question is not part of what was computed"
    start = resolver.numbers[piece.question_number].start()
    asked = words_of(resolver.question[:start])
    before = pieces[position - 1] if position else Literal("")
    written = words_of(before.text) if isinstance(before, Literal) else []
    unfit = _UNFIT_BEFORE_QUESTION_NUMBER | (frozenset() if language() == "en" else _OTHER_UNFIT)
    if asked and written and asked[-1] == written[-1] and written[-1] not in unfit:
        return ""
    return "a number of the question may only stand after the word that stands before it in the question"


def _said_of(label: str) -> frozenset[str]:
    """Stems of the words by which a heading is spoken of."""
    return stems(label) - (_FILLERS if language() == "en" else _OTHER_FILLERS)


def _headings(resolver: Resolver) -> tuple[frozenset[str], frozenset[str]]:
    """Stems of all headings of values, and of the headings that say what rows are about."""
    values: set[str] = set()
    names: set[str] = set()
    for result in resolver.results:
        for figure in result.figures:
            values |= _said_of(said(figure.label))
        for table in result.tables:
            for column in table.columns:
                (names if column.kind in ("id", "text") else values).update(_said_of(said(column.label)))
    return frozenset(values), frozenset(names)


def _wrong_heading(pieces: Sequence[Piece], resolver: Resolver) -> str:
    cited = [
        piece
        for at, piece in enumerate(pieces)
        if isinstance(piece, Cited)
        and (piece.is_claim or (piece.is_bare and not _is_year(pieces, at)))
        and piece.question_number is None
        and piece.label != "rows"
    ]
    if not cited:
        return ""
    written = stems(" ".join(piece.text for piece in pieces if isinstance(piece, Literal)))
    generic = _GENERIC if language() == "en" else _OTHER_GENERIC
    of_cited: set[str] = set()
    for piece in cited:
        words = _said_of(piece.label)
        of_cited |= words
        telling = words - generic or (words if piece.is_bare else frozenset())
        if telling and not telling & written:
            return f"the clause does not say what the value is: {piece.label!r}"
    of_values, of_names = _headings(resolver)
    for word in sorted(written & of_values):
        if word not in of_cited and word not in of_names:
            return f"the clause speaks of {word!r}, which is another value than {cited[0].label!r}"
    return _swapped(pieces, cited)


def _is_year(pieces: Sequence[Piece], at: int) -> bool:
    """True for "in 2014" where the column holds years: nobody says "in the year 2014"."""
    piece, before = pieces[at], pieces[at - 1] if at else Literal("")
    assert isinstance(piece, Cited)
    return (
        piece.label.casefold() == said("year").casefold()
        and isinstance(before, Literal)
        and re.search(rf"\b(?:{_BEFORE_A_YEAR})\s+$", before.text, re.IGNORECASE) is not None
    )


def _swapped(pieces: Sequence[Piece], cited: Sequence[Cited]) -> str:
    """Where a clause holds several values, their headings must come in the same order as they do."""
    contents = list(dict.fromkeys(_said_of(piece.label) for piece in cited))
    if len(contents) < 2:
        return ""
    shared = frozenset.intersection(*contents)
    order = [stem(word) for piece in pieces if isinstance(piece, Literal) for word in words_of(piece.text)]
    places = []
    for content in contents:
        telling = content - shared
        place = next((i for i, word in enumerate(order) if word in telling), -1)
        if telling and place < 0:
            return "each value needs the words of its own heading in the clause"
        places.append(place)
    if places != sorted(places):
        return "the headings come in another order than the values; write one value in one clause"
    return ""
