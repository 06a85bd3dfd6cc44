"""`plantwright engine planning`: lot sizes, net requirements and stocks of the cases of a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.engines.given import text_of
from server.errors import ExitCode, UsageError, at_edge
from server.settings import Settings

if TYPE_CHECKING:
    from tools.engines.planning_cases import Result


def planning(
    file: Annotated[Path, typer.Option("--file", help="Cases as JSON; `-` reads them from stdin.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one object, a result by case id.")] = False,
) -> None:
    """Compute planning cases: lots, requirements over all levels, safety stocks, what can be promised."""

    def work(settings: Settings) -> ExitCode:
        from tools.engines.planning_cases import CasesUnreadable, results

        try:
            found = results(text_of(file))
        except CasesUnreadable as exc:
            raise UsageError(f"{str(file)!r}: {exc}") from exc
        if as_json:
            sys.stdout.write(json.dumps({each.id: each.as_json() for each in found}, indent=1) + "\n")
        else:
            _show(found)
        # A case that cannot be computed says so in its place; the others are answered all the same.
        is_answered = any(not each.error for each in found)
        return ExitCode.ANSWERED if is_answered else ExitCode.CANNOT_ANSWER

    raise typer.Exit(at_edge(work))


def _show(found: tuple[Result, ...]) -> None:
    from rich.table import Table

    from server.console import out
    from server.wording import plain

    table = Table(
        "case", "family", "result", box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold"
    )
    for each in found:
        shown = each.as_json()
        lines = (
            [f"cannot be computed: {each.error}"]
            if each.error
            else [f"{name}: {_figure(value)}" for name, value in shown.items() if name != "conventions"]
        )
        lines += [f"({one})" for one in each.conventions]
        table.add_row(plain(each.id), plain(each.family), plain("\n".join(lines), lines=True))
    out().print(table)


def _figure(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(_figure(each) for each in value)
    if isinstance(value, dict):
        return "; ".join(f"{name} {_figure(each)}" for name, each in value.items())
    return str(value)
