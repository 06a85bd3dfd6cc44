"""What `plantwright connect` shows and asks in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.table import Table
from rich.text import Text

from erp_adapters.connect.checking import Checked, Pair, questions
from erp_adapters.store.quality import render
from server.console import out

if TYPE_CHECKING:
    from erp_adapters.connect.proposing import Proposal, RecordProposal
    from erp_adapters.connect.scaffold import Scaffold

_SITE_FACTS = (
    ("code", "Code of the site", "such as KAS"),
    ("name", "Name of the site", "such as Kassel"),
    ("country", "Country", "such as DE"),
    ("time_zone", "Time zone", "such as Europe/Berlin"),
    ("currency", "Currency", "such as EUR"),
)


def ask_what_is_open(proposal: Proposal, told: dict[str, str]) -> dict[str, str]:
    """Ask for the site, and for every field with candidates; an empty answer leaves a thing open."""
    answers = dict(told)
    is_said = any(record.site for record in proposal.records)
    for name, what, example in _SITE_FACTS:
        if name not in answers and not (name == "code" and is_said):
            answer = typer.prompt(f"{what} ({example})", default="", show_default=False, err=True)
            if answer.strip():
                answers[name] = answer.strip()
    for record in proposal.records:
        _ask_of(record)
    return answers


def _ask_of(record: RecordProposal) -> None:
    for found in record.fields.values():
        if found.chosen is not None or not found.open:
            continue
        typer.echo(f"\n{record.record.record}.{found.name}, of {record.table.name}:", err=True)
        for number, each in enumerate(found.open, 1):
            where = f"{each.table}." if each.table else ""
            typer.echo(f"  {number}  {where}{each.column}  {each.score:.2f}  {each.why}", err=True)
        answer = typer.prompt("Which? (empty: none)", default="", show_default=False, err=True).strip()
        if answer.isdigit() and 0 < int(answer) <= len(found.open):
            found.chosen = found.open[int(answer) - 1]
            found.open = ()


def show_proposal(scaffold: Scaffold, folder: Path) -> None:
    """What is proposed, what is open, and what to do next."""
    console = out()
    grid = Table("record", "from", title="Proposed", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for heading in ("score", "fields", "open"):
        grid.add_column(heading, justify="right")
    grid.add_column("still lacks")
    for record in scaffold.proposal.records:
        filled = sum(each.chosen is not None for each in record.fields.values())
        left = sum(each.chosen is None and bool(each.open) for each in record.fields.values())
        grid.add_row(
            record.record.record,
            Text(record.table.name),
            f"{record.score:.2f}",
            str(filled),
            str(left) if left else "",
            ", ".join(record.lacking),
        )
    console.print(grid)
    unusable = [f"{table.file}: {table.unusable}" for table in scaffold.proposal.tables if table.unusable]
    doubts = [f"{table.file}: {doubt}" for table in scaffold.proposal.tables for doubt in table.doubts]
    for line in [*unusable, *doubts]:
        console.print(Text(f"  - {line}"))
    if scaffold.proposal.unused:
        names = ", ".join(table.name for table in scaffold.proposal.unused if table.columns)
        console.print(Text(f"Not used: {names or 'nothing'}"))
    console.print(
        Text(
            f"Written: {folder / 'connection.yaml'} and {folder / 'mapping.yaml'}; nothing was loaded."
            f" Look through the comments, then: plantwright connect check {folder}"
        )
    )


def show_check(found: Checked) -> None:
    """What a load would do: the quality report, rows side by side, and what could be asked."""
    console = out()
    console.print(render(found.report))
    for record in found.records:
        outcome = record.outcome
        console.print()
        console.print(Text(f"{outcome.record}: {outcome.loaded:,} of {outcome.read:,} rows", style="bold"))
        if record.never_filled:
            console.print(Text(f"  never filled: {', '.join(record.never_filled)}"))
        for pair in record.pairs:
            console.print(_beside(pair))
    console.print()
    capabilities = ", ".join(each.value.replace("_", " ") for each in found.capabilities)
    console.print(Text(f"There would be data for: {capabilities or 'nothing'}"))
    for question in questions():
        lacking = found.lacking(question)
        mark = "no   " if lacking else "yes  "
        console.print(
            Text(f"  {mark}{question.question}" + (f"  lacks {', '.join(lacking)}" if lacking else ""))
        )
    for record in found.refused:
        outcome = record.outcome
        console.print(
            Text(
                f"Not ready: {outcome.quarantined:,} of {outcome.read:,} rows of {outcome.record} would be"
                f" set aside, more than {record.most_set_aside:.2%}."
            )
        )
    if not found.refused and found.report.loaded:
        console.print(Text("It would load. Nothing was loaded or changed."))
    else:
        console.print(Text("It would not load as it is. Nothing was loaded or changed."))


def _beside(pair: Pair) -> Table:
    grid = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    source = [f"{name} = {text}" for name, text in pair.source.items()]
    canonical = [f"{name} = {text}" for name, text in pair.canonical.items()]
    for number in range(max(len(source), len(canonical))):
        grid.add_row(
            Text(source[number] if number < len(source) else ""),
            "->" if not number else "",
            Text(canonical[number] if number < len(canonical) else ""),
        )
    return grid


def as_record(found: Checked) -> dict[str, object]:
    """The same for a program."""
    return {
        "would_load": not found.refused and found.report.loaded > 0,
        "report": found.report.model_dump(mode="json"),
        "records": [
            {
                "record": record.outcome.record,
                "is_refused": record.is_refused,
                "filled": dict(record.filled),
                "never_filled": list(record.never_filled),
                "rows": [
                    {"key": pair.where, "source": dict(pair.source), "canonical": dict(pair.canonical)}
                    for pair in record.pairs
                ],
            }
            for record in found.records
        ],
        "capabilities": [each.value for each in found.capabilities],
        "questions": [
            {"question": question.question, "lacking": list(found.lacking(question))}
            for question in questions()
        ],
    }
