"""The card of a draft in the language spoken: everything on it but what people and systems wrote."""

from __future__ import annotations

import re
from dataclasses import replace

from policies.cards import Card, CardRow, CardTable
from tools.languages.forms import decimal_mark
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
_AMOUNTS = frozenset(
    {"Quantity", "Asked for", "Minimum lot", "Rounding", "Maximum lot", "Unit factor", "Lead time", "Price",
     "Price from", "Value", "Total", "Worth", "Free there", "Still to come", "Cost", "Margin effect",
     "Days later"}
)  # fmt: skip
"""Rows and columns with numbers that a card writes itself: thin spaces between thousands, and a point."""
_NUMBER = re.compile(r"(?<![\w.,])[−-]?\d[\d\u202f]*\.\d+(?= |$)")
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
                cell if column in _THEIR_COLUMNS else _told(column, cell)
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
    return _told(key, value)


def _told(key: str, text: str) -> str:
    """A text of ours; the numbers of a card with the decimal mark of the language.

    Their thousands stay apart by thin spaces: a point there reads as decimals in another country.
    """
    told = retold(text)
    if key not in _AMOUNTS and key != "Budget":
        return told
    # Behind what is planned and spent of a budget stand names of others, whose digits stay as they are.
    most = 2 if key == "Budget" else 0
    return _NUMBER.sub(lambda found: found[0].replace(".", decimal_mark()), told, count=most)


def _bare(key: str) -> str:
    """`Line 2 cost centre` is about a cost centre."""
    head, _, rest = key.partition(" ")
    number, _, label = rest.partition(" ")
    return label[:1].upper() + label[1:] if head == "Line" and number.isdecimal() and label else key
