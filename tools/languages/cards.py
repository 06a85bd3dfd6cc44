"""The card of a draft in the language spoken: everything on it but what people and systems wrote."""

from __future__ import annotations

from dataclasses import replace

from policies.cards import Card, CardRow, CardTable
from tools.languages.retelling import retold
from tools.languages.speaking import language, said

_THEIRS = frozenset(
    {"Note", "Reason", "On hold because", "Wording", "Material", "Material there", "Category", "Site",
     "To site", "From site", "Cost centre", "Account", "Purchase order", "Work order", "Marker",
     "Released by", "Requested by", "Was asked for by"}
)  # fmt: skip
"""Rows that hold nothing of ours."""
_THEIR_COLUMNS = frozenset(
    {"Number", "Customer", "Material", "Order", "Site", "Work centres", "Id", "Key", "System"}
)
_OF_ITSELF = frozenset({"Location", "Supplier", "Batch"})
"""Ours only where they are exactly one of our texts."""
_OURS = frozenset({"left to the buyer", "every batch", "wherever it lies"})


def card_in_words(card: Card) -> Card:
    """The card as whoever reads it is shown it; its digest, and what programs tell rows by, stay."""
    if language() == "en":
        return card
    return replace(
        card,
        title=retold(card.title),
        rows=tuple(map(_row, card.rows)),
        tables=tuple(map(_table, card.tables)),
        warnings=tuple(map(_warning, card.warnings)),
    )


def _row(row: CardRow) -> CardRow:
    return replace(
        row,
        label=retold(row.label),
        value=_value(_bare(row.key), row.value),
        mark="; ".join(map(retold, row.mark.split("; "))),
    )


def _table(table: CardTable) -> CardTable:
    return replace(
        table,
        title=said(table.title),
        columns=tuple(map(said, table.columns)),
        rows=tuple(
            tuple(
                cell if column in _THEIR_COLUMNS else retold(cell)
                for column, cell in zip(table.columns, cells, strict=True)
            )
            for cells in table.rows
        ),
    )


def _warning(text: str) -> str:
    """A flag, or what is odd about the letters of a row or column."""
    label, colon, remark = text.partition(": ")
    labels = ", ".join(map(retold, label.split(", ")))
    told = retold(text)
    return told if told != text or not colon else f"{labels}: {retold(remark)}"


def _value(key: str, value: str) -> str:
    if key in _THEIRS or (key in _OF_ITSELF and value not in _OURS):
        return value
    return retold(value)


def _bare(key: str) -> str:
    """`Line 2 cost centre` is about a cost centre."""
    head, _, rest = key.partition(" ")
    number, _, label = rest.partition(" ")
    return label[:1].upper() + label[1:] if head == "Line" and number.isdecimal() and label else key
