"""`plantwright doctor`: what is wrong with this installation, and how to mend each."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from server.errors import ExitCode, at_edge
from server.settings import Settings
from server.wording import plain

if TYPE_CHECKING:
    from server.doctor.finding import Finding

_STYLES = {"ok": "green", "warning": "yellow", "broken": "bold red"}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False) -> None:
    """Check database, model, record, clock, keys and machine, and say how to mend each; 1: one is broken."""

    def work(settings: Settings) -> ExitCode:
        from server.doctor.examining import examined

        found = list(examined(settings))
        if as_json:
            sys.stdout.write(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False) + "\n")
        else:
            _show(found)
        return ExitCode.FAILURE if any(one.state == "broken" for one in found) else ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


def _show(found: Sequence[Finding]) -> None:
    from rich.table import Table
    from rich.text import Text

    from server.console import out

    grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, show_header=False)
    for one in found:
        said = Text(plain(one.why))
        if one.mend:
            said.append(f"\n→ {plain(one.mend)}", style="dim")
        grid.add_row(Text(one.state, style=_STYLES[one.state]), Text(one.name), said)
    console = out()
    console.print(grid)
    counts = {state: sum(one.state == state for one in found) for state in _STYLES}
    console.print(f"{counts['ok']} ok, {counts['warning']} to look at, {counts['broken']} broken")
