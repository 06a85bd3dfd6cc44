"""Late lines of an order with their reasons, as an answer: the days of each line add up to its delay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Site
from tools.presenting import figure, table
from tools.results import Cell, Column, Evidence, Table, ToolResult

_WORDS = {
    "ordered late": "ordered later than the lead time allows",
    "confirmed late": "supplier confirmed a later date",
    "confirmed early": "supplier confirmed an earlier date",
    "after date": "came after its date",
    "before date": "came before its date",
    "not here": "is overdue",
    "own date": "its own date is later than needed",
    "own slack": "its own date is earlier than needed",
    "not covered": "nothing on order covers it",
    "stock": "covered by stock, not delivered",
    "unexplained": "not explained by the records",
}
"""What people call the reasons of a late line."""


@dataclass(frozen=True, slots=True)
class LineReason:
    """A part of the days by which a line is late."""

    line: str
    material: str
    reason: str
    what: str
    days: int


@dataclass(frozen=True, slots=True)
class LateLine:
    """A line that is late."""

    line: str
    material: str
    due: date
    end: date | None
    days: int


def late_lines(
    tool: str,
    reading: str,
    site: Site,
    rows: Sequence[LineReason],
    late: Sequence[LateLine],
    *,
    proof: Evidence,
    notes: Sequence[str],
) -> ToolResult:
    """The answer about an order's late lines."""
    worst = max((each.days for each in late), default=0)
    return ToolResult(
        tool=tool,
        reading=", ".join(
            (
                reading,
                said("today [[day]]", day=day_text(site.today)),
                said("at [[site]]", site=site.site),
            )
        ),
        tables=(_reasons(rows), _lines(late)),
        figures=(
            figure("late lines", len(late), "count", proof.id),
            figure("days late at worst", worst, "days", proof.id, "days"),
        ),
        evidence=(proof,),
        sentence=_sentence(rows, late),
        caveats=tuple(notes),
        suggestions=(said("What should I expedite today?"),),
    )


def _reasons(rows: Sequence[LineReason]) -> Table:
    columns = (
        Column("line", "Line", "id"),
        Column("material", "Material", "text"),
        Column("reason", "Reason", "text", words="remark"),
        Column("what", "What it was", "text"),
        Column("days", "Days", "days", "days", good="down"),
    )
    cells: list[list[Cell]] = [
        [row.line, row.material, _WORDS[row.reason], row.what or None, row.days] for row in rows
    ]
    return table("Reasons, line by line", columns, cells)


def _lines(late: Sequence[LateLine]) -> Table:
    columns = (
        Column("line", "Line", "id"),
        Column("material", "Material", "text"),
        Column("due_on", "Due", "date"),
        Column("end_on", "Received or delivered", "date"),
        Column("days_late", "Days late", "days", "days", good="down"),
    )
    return table("Late lines", columns, [(e.line, e.material, e.due, e.end, e.days) for e in late])


def _sentence(rows: Sequence[LineReason], late: Sequence[LateLine]) -> str:
    if not late:
        return said("No line of it is late.")
    text = counted(
        len(late),
        "{{figures[0]}} line is late, at worst {{figures[1]}}.",
        "{{figures[0]}} lines are late, at worst {{figures[1]}}.",
    )
    if not rows or rows[0].reason == "unexplained":
        return f"{text} {said('The records do not say why.')}"
    return f"{text} {said('First reason: {{tables[0].rows[0].material}}: {{tables[0].rows[0].reason}}.')}"
