"""Checks that a clause gives each value to the row and the heading that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.references import Cited, Literal, Piece, Resolver, RowKey, same_number
from agents.rendering import visible
from agents.vocabulary import GENERIC_LABEL_WORDS
from agents.words import WORD, stem, stems, word_set, words_of
from tools.results import Table

_UNFIT_BEFORE_QUESTION_NUMBER = word_set(
    "is was are were be been of to equals at for and or a the has had have with than by reached"
)


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
    asked = resolver.question.casefold()
    names: dict[str, set[RowKey]] = {}
    for key, table, row in resolver.rows():
        for column, cell in zip(table.columns, row, strict=True):
            if column.kind in ("text", "id") and isinstance(cell, str) and len(cell) >= 3:
                name = visible(cell).casefold()
                # What the question asks about holds for every row, so it tells none apart.
                if name not in asked:
                    names.setdefault(name, set()).add(key)
    for position, piece in enumerate(pieces):
        if isinstance(piece, Cited):
            if piece.row is not None and piece.identifies:
                same = names.get(visible(str(piece.value)).casefold(), set())
                yield _Named(position, frozenset(same | {piece.row}))
            continue
        text = piece.text.casefold()
        for name, rows in names.items():
            if name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
                yield _Named(position, frozenset(rows))


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
    start = resolver.numbers[piece.question_number].start()
    asked = words_of(resolver.question[:start])
    before = pieces[position - 1] if position else Literal("")
    said = words_of(before.text) if isinstance(before, Literal) else []
    if asked and said and asked[-1] == said[-1] and said[-1] not in _UNFIT_BEFORE_QUESTION_NUMBER:
        return ""
    return "a number of the question may only stand after the word that stands before it in the question"


def _content(label: str) -> frozenset[str]:
    return stems(" ".join(word for word in words_of(label) if word not in GENERIC_LABEL_WORDS))


def _headings(resolver: Resolver) -> Iterator[str]:
    def claims(table: Table) -> Iterator[str]:
        return (column.label for column in table.columns if column.kind not in ("id", "text"))

    for result in resolver.results:
        yield from (figure.label for figure in result.figures)
        for table in result.tables:
            yield from claims(table)


def _wrong_heading(pieces: Sequence[Piece], resolver: Resolver) -> str:
    cited = [
        piece
        for piece in pieces
        if isinstance(piece, Cited)
        and piece.is_claim
        and piece.question_number is None
        and piece.label != "rows"
    ]
    said = stems(" ".join(piece.text for piece in pieces if isinstance(piece, Literal)))
    covered: set[str] = set()
    for piece in cited:
        content = _content(piece.label)
        covered |= content
        if content and not content & said:
            return f"the clause does not say what the value is: {piece.label!r}"
    if not cited:
        return ""
    for heading in _headings(resolver):
        content = _content(heading)
        if content and content <= said and not content <= covered:
            return f"the clause names {heading!r} but refers to {cited[0].label!r}"
    return _swapped(pieces, cited)


def _swapped(pieces: Sequence[Piece], cited: Sequence[Cited]) -> str:
    """Where a clause holds several values, their headings must come in the same order as they do."""
    contents = list(dict.fromkeys(_content(piece.label) for piece in cited))
    if len(contents) < 2:
        return ""
    shared = frozenset.intersection(*contents)
    order = [
        stem(word.casefold())
        for piece in pieces
        if isinstance(piece, Literal)
        for word in WORD.findall(piece.text)
    ]
    places = []
    for content in contents:
        telling = content - shared
        place = next((i for i, word in enumerate(order) if word in telling), None)
        if telling and place is None:
            return "each value needs the words of its own heading in the clause"
        places.append(place if place is not None else -1)
    if places != sorted(places):
        return "the headings come in another order than the values; write one value in one clause"
    return ""
