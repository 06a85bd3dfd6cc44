"""All engines under their names; an engine is its own file and a line here."""

from __future__ import annotations

import typer

from server.commands.engines import planning, schedule, variance

app = typer.Typer(
    help="Calculate cases of a file: no model, no database, every figure exact.", no_args_is_help=True
)

app.command()(planning.planning)
app.command()(schedule.schedule)
app.command()(variance.variance)
