"""An answer in the terminal: the sentence, its tables, how it was read, and what it rests on."""

from __future__ import annotations

import sys

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from agents.answer import Answer, AnswerEvidence, AnswerTable
from server.wording import NUMERIC_KINDS, cell, day_of, plain, sources_line

ROWS_SHOWN = 20

_STATUS = {
    "answered": "",
    "clarify": "Which do you mean?",
    "cannot_answer": "Cannot be answered from this data",
    "refused": "Refused",
}


def out() -> Console:
    """The console of results."""
    return Console(highlight=False, emoji=False, markup=False, soft_wrap=False)


def err() -> Console:
    """The console of progress and errors, so that results can be piped."""
    return Console(file=sys.stderr, highlight=False, emoji=False, markup=False)


def shown(answer: Answer, *, with_question: bool = False, details: bool = False) -> RenderableType:
    """The whole answer; `details` adds the query, the arguments and sample keys of each piece of evidence."""
    parts: list[RenderableType] = []
    if with_question:
        parts += [Text(f"? {plain(answer.question)}", style="bold"), Text("")]
    heading = _STATUS[answer.status]
    if heading:
        parts.append(Text(heading, style="bold yellow" if answer.status != "refused" else "bold red"))
    if answer.answer:
        parts.append(Text(plain(answer.answer, lines=True)))
    for table in answer.tables:
        parts += [Text(""), *_table(table)]
    parts += [Text(""), _notes(answer)]
    if details:
        parts += [_detail(evidence) for evidence in answer.evidence]
    if answer.alternatives:
        heading = "Readings" if answer.status == "clarify" else "Other readings"
        parts += [Text(""), _choices(heading, [(a.key, a.reading) for a in answer.alternatives])]
    if answer.suggestions:
        parts += [Text(""), _choices("Ask next", [("·", s) for s in answer.suggestions])]
    return Padding(Group(*parts), (0, 0, 0, 2))


def _table(table: AnswerTable) -> list[RenderableType]:
    kinds = table.kinds or ("text",) * len(table.columns)
    grid = Grid(box=None, padding=(0, 3, 0, 0), header_style="bold", show_edge=False)
    for label, kind, unit in zip(table.columns, kinds, table.units, strict=True):
        heading = Text(plain(label))
        if unit:
            heading.append(f" {plain(unit)}", style="not bold dim")
        numeric = kind in NUMERIC_KINDS
        grid.add_column(heading, justify="right" if numeric else "left", no_wrap=numeric)
    for row in table.rows[:ROWS_SHOWN]:
        grid.add_row(*(Text(cell(value, kind)) for value, kind in zip(row, kinds, strict=True)))
    parts: list[RenderableType] = [Text(plain(table.title), style="italic")] if table.title else []
    parts.append(grid)
    total = table.total_rows if table.total_rows is not None else len(table.rows)
    if not table.rows:
        parts.append(Text("no rows", style="dim"))
    elif total > min(len(table.rows), ROWS_SHOWN) or table.truncated:
        first = min(len(table.rows), ROWS_SHOWN)
        of = f" of {total:,}" if total > first else ""
        parts.append(Text(f"first {first}{of} rows; --json has every row returned", style="dim"))
    return parts


def _notes(answer: Answer) -> Grid:
    """Two columns: what a line is about, and the line."""
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(ratio=1)
    if answer.reading:
        grid.add_row("read as", Text(plain(answer.reading)))
    for caveat in answer.caveats:
        grid.add_row("note", Text(plain(caveat)))
    for evidence in answer.evidence:
        grid.add_row("evidence", Text(evidence_line(evidence)))
        for flag in evidence.flags:
            if flag not in answer.caveats:
                grid.add_row("", Text(plain(flag), style="dim"))
    timing = f"{plain(answer.model)} · {answer.timings.total_ms:,.0f} ms · answer {answer.id}"
    grid.add_row("by", Text(timing, style="dim"))
    return grid


def evidence_line(evidence: AnswerEvidence) -> str:
    """Evidence in a line: sources with rows, how far data reaches, when it was loaded, what computed it."""
    parts = [sources_line(evidence) or "no source rows"]
    if evidence.data_as_of:
        parts.append(f"data as of {day_of(evidence.data_as_of)}")
    if evidence.loaded_at:
        parts.append(f"loaded {day_of(evidence.loaded_at)}")
    parts.append(f"{plain(evidence.tool)} {plain(evidence.version)}")
    return " · ".join(parts)


def _detail(evidence: AnswerEvidence) -> RenderableType:
    keys = [
        f"{plain(s.system)} {plain(s.record)}: {', '.join(plain(k) for k in s.sample_keys)}"
        for s in evidence.sources
        if s.sample_keys
    ]
    lines = [Text(""), Text(f"evidence {evidence.id}", style="bold")]
    lines.append(Text(f"arguments  {plain(evidence.arguments)}", style="dim"))
    lines += [Text(f"keys       {key}", style="dim") for key in keys]
    if evidence.query:
        lines.append(Text(plain(evidence.query, lines=True), style="cyan"))
    return Group(*lines)


def _choices(heading: str, items: list[tuple[str, str]]) -> Grid:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold cyan", no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_row(Text(heading, style="dim"), "")
    for key, text in items:
        grid.add_row(f"  {key}", Text(plain(text)))
    return grid
