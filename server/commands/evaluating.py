"""`plantwright eval`: hands over to the evaluation, which lives beside the server and not under it."""

from __future__ import annotations

from importlib.metadata import entry_points

import typer

GROUP = "plantwright.commands"


def evaluate(context: typer.Context) -> None:
    """Run the evaluation cases, report on a run, compare two."""
    (command,) = entry_points(group=GROUP, name="eval")
    command.load()(context.args)
