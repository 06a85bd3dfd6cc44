"""References from prose into results, such as `{{r0.tables[0].rows[0].name}}`, and what they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias, TypeVar

from agents.rendering import cell_in_prose, quoted, value_text, visible
from agents.vocabulary import CERTAIN_NUMBERS, LOOSE_NUMBERS
from agents.words import words_of
from tools.languages import said
from tools.results import Cell, Column, Table, ToolResult

_PIECE = re.compile(r"\{\{\s*([^{}]{1,120}?)\s*\}\}")
_PATH = re.compile(
    r"(?:r(?P<result>\d{1,2})\.)?"
    r"(?:figures\[(?P<figure>\d{1,3})\](?P<label>\.label)?"
    r"|tables\[(?P<table>\d{1,2})\]\.(?:(?P<count>count)|rows\[(?P<row>\d{1,4})\]\.(?P<column>[A-Za-z_]\w{0,80})))",
    re.ASCII,
)
_QUESTION = re.compile(r"q\.(\d{1,2})", re.ASCII)
NUMBER_IN_QUESTION = re.compile(r"(?<![\w.,])[-+]?\d[\d.,]*(?:(?<=\d)%)?(?!\w)")

_DAY = re.compile(r"\d{4}-\d{2}(?:-\d{2})?", re.ASCII)
_NUMBER_WORDS = CERTAIN_NUMBERS | LOOSE_NUMBERS

_T = TypeVar("_T")
RowKey: TypeAlias = "tuple[int, int, int]"


@dataclass(frozen=True, slots=True)
class Cited:
    """What a reference stands for, rendered."""

    text: str
    label: str
    is_claim: bool
    """True for a figure, a flag or a date that its row has; False for a name, a code or a label."""
    row: RowKey | None = None
    """Result, table and row, for a cell."""
    identifies: bool = False
    """True where the cell says what its row is about."""
    is_bare: bool = False
    """True for a name or code that reads as a number: prose must say what it is, as of a claim."""
    value: Cell = None
    unit: str = ""
    question_number: int | None = None
    """Index of the question's number, for `q.1`."""


@dataclass(frozen=True, slots=True)
class Literal:
    """Words between references."""

    text: str


Piece: TypeAlias = Literal | Cited


class UnknownReference(LookupError):
    """The reference names nothing that is there; the message says what is."""


class Resolver:
    """Looks references up in the results of a turn and in the numbers of its question."""

    def __init__(self, question: str, results: Sequence[ToolResult]) -> None:
        self.question = question
        self.results = tuple(results)
        self.numbers = tuple(match for match in NUMBER_IN_QUESTION.finditer(question))

    def pieces(self, clause: str, default: int | None = None) -> list[Piece]:
        """The clause as words and cited values.

        Args:
            clause: prose with references.
            default: the result that a reference without `r0.` means; without it such a reference means
                the only result there is.

        Raises:
            UnknownReference: a reference names nothing, or braces are left over.
        """
        found: list[Piece] = []
        end = 0
        for match in _PIECE.finditer(clause):
            found.append(Literal(clause[end : match.start()]))
            found.append(self.cite(match[1], default))
            end = match.end()
        found.append(Literal(clause[end:]))
        for piece in found:
            if isinstance(piece, Literal) and ("{" in piece.text or "}" in piece.text):
                raise UnknownReference("braces stand only around a reference, as in {{r0.figures[0]}}")
        return found

    def cite(self, path: str, default: int | None = None) -> Cited:
        """What one reference stands for."""
        if question := _QUESTION.fullmatch(path):
            return self._question_number(int(question[1]))
        match = _PATH.fullmatch(path)
        if match is None:
            raise UnknownReference(
                f"{path!r} is not a reference; write {{{{r0.tables[0].rows[0].<column>}}}}"
            )
        index = int(match["result"]) if match["result"] else (default if default is not None else 0)
        if not match["result"] and default is None and len(self.results) != 1:
            raise UnknownReference(f"{path!r} does not say which result it means; write r0. or r1. before it")
        result = self._at(self.results, index, "result", path)
        if match["figure"] is not None:
            figure = self._at(result.figures, int(match["figure"]), "figure", path)
            if match["label"]:
                return Cited(quoted(said(figure.label)), said(figure.label), is_claim=False)
            text = value_text(figure.value, figure.kind, figure.unit)
            return Cited(text, said(figure.label), is_claim=True, value=figure.value, unit=said(figure.unit))
        number = int(match["table"])
        table = self._at(result.tables, number, "table", path)
        if match["count"]:
            count = table.total_rows if table.total_rows is not None else len(table.rows)
            if table.truncated and table.total_rows is None:
                raise UnknownReference(
                    f"{path!r}: the table was cut, and how many rows there are is not known"
                )
            return Cited(value_text(count, "count"), "rows", is_claim=True, value=count)
        return self._cell(table, (index, number, int(match["row"])), match["column"], path)

    def _cell(self, table: Table, key: RowKey, name: str, path: str) -> Cited:
        row = self._at(table.rows, key[2], "row", path)
        position = next((i for i, column in enumerate(table.columns) if column.name == name), None)
        if position is None:
            names = ", ".join(column.name for column in table.columns)
            raise UnknownReference(f"{path!r}: there is no column {name!r}; there are {names}")
        column, value = table.columns[position], row[position]
        identifies = column in identifying(table)
        text = cell_in_prose(value, column)
        return Cited(
            text,
            said(column.label),
            is_claim=not identifies and column.kind not in ("id", "text"),
            row=key,
            identifies=identifies,
            is_bare=value is not None and column.kind in ("id", "text") and _reads_as_number(text),
            value=value,
            unit=said(column.unit),
        )

    def _question_number(self, nth: int) -> Cited:
        if not 1 <= nth <= len(self.numbers):
            raise UnknownReference(
                f"the question holds {len(self.numbers)} numbers, so q.{nth} is none of them"
            )
        text = self.numbers[nth - 1][0].rstrip(".,")
        return Cited(text, "", is_claim=True, question_number=nth - 1)

    def _at(self, items: Sequence[_T], index: int, noun: str, path: str) -> _T:
        if index >= len(items):
            raise UnknownReference(
                f"{path!r}: there is no {noun} {index}; there are {len(items)}, counted from 0"
            )
        return items[index]

    @cached_property
    def names(self) -> Mapping[str, frozenset[RowKey]]:
        """Names and codes in the results, in lower case, with the rows that they stand in.

        What the question asks about is left out: it holds for every row, so it tells none apart.
        """
        asked = self.question.casefold()
        found: dict[str, set[RowKey]] = {}
        for key, table, row in self.rows():
            for column, cell in zip(table.columns, row, strict=True):
                if column.kind in ("text", "id") and isinstance(cell, str) and len(cell) >= 3:
                    name = visible(cell).casefold()
                    if name not in asked:
                        found.setdefault(name, set()).add(key)
        return {name: frozenset(rows) for name, rows in found.items()}

    def rows(self) -> Iterator[tuple[RowKey, Table, tuple[Cell, ...]]]:
        """Every row of every table with its key."""
        for r, result in enumerate(self.results):
            for t, table in enumerate(result.tables):
                for i, row in enumerate(table.rows):
                    yield (r, t, i), table, row


def identifying(table: Table) -> tuple[Column, ...]:
    """The columns that say what a row is about: names and codes, or dates where a table has no names."""
    named = tuple(column for column in table.columns if column.kind in ("id", "text"))
    return named or tuple(column for column in table.columns if column.kind == "date")


def _reads_as_number(text: str) -> bool:
    if _DAY.fullmatch(text):
        return False
    words = words_of(text)
    return all(word in _NUMBER_WORDS for word in words) and (bool(words) or any(map(str.isnumeric, text)))


def same_number(first: Cell, second: Cell) -> bool:
    """True where both cells are the same number."""
    numbers = [
        Decimal(v) for v in (first, second) if isinstance(v, Decimal | int) and not isinstance(v, bool)
    ]
    return len(numbers) == 2 and numbers[0] == numbers[1]
