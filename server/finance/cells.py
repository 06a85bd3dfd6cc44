"""Headings and cells of a report's tables, for whichever file they are written to."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from agents.answer import AnswerTable
from server.finance.report import Report
from tools.languages import said

NUMBERS = frozenset({"money", "percent", "count", "quantity", "ratio", "days", "rate"})
"""Kinds of columns whose cells are numbers."""


def heading(table: AnswerTable, at: int) -> str:
    """What a column is called, with its unit."""
    unit = table.units[at]
    return f"{table.columns[at]} ({unit})" if unit else table.columns[at]


def number(value: str | bool | None) -> Decimal | None:
    """The number of a cell; None where it is none."""
    try:
        return Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None


def shown(value: str | bool | None) -> str:
    """A cell as text; nothing for a missing value."""
    return "" if value is None else str(value)


def sources(report: Report) -> list[str]:
    """How old the data is, and what computed it."""
    return [
        said(
            "Data as of [[day]], by [[tool]] [[version]].",
            day=(each.data_as_of or "")[:10],
            tool=each.tool,
            version=each.version,
        )
        for each in report.evidence
    ]
