"""`plantwright switches`: what is switched off, and the switches themselves."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

from server.commands.drafts import AsJson, at_desk
from server.commands.options import Person
from server.errors import ExitCode, UsageError, at_edge
from server.settings import Settings

app = typer.Typer(
    help="Stop drafting and writing for a site, a tool, a flow or everywhere, within a second.",
    invoke_without_command=True,
)

Target = Annotated[Literal["site", "tool", "flow", "all"], typer.Argument(help="What is switched.")]
Name = Annotated[str, typer.Argument(help="Code of the site, name of the tool or flow; none for `all`.")]
Why = Annotated[str, typer.Option("--reason", help="Why; everybody who is stopped reads it.")]


@app.callback()
def switches(context: typer.Context, person: Person = None, as_json: AsJson = False) -> None:
    """List what is switched off."""
    if context.invoked_subcommand is not None:
        return

    def work(settings: Settings) -> ExitCode:
        from server.draft_records import switches_of
        from server.draft_tables import show_switches

        with at_desk(settings, person) as (runner, desk, _):
            found = runner.run(switches_of(desk))
        if as_json:
            sys.stdout.write(found.model_dump_json(indent=1) + "\n")
        else:
            show_switches(found)
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def off(target: Target, reason: Why, name: Name = "", person: Person = None) -> None:
    """Switch it off: nothing is drafted, confirmed or written there any more."""
    _turned("off", target, name, reason, person)


@app.command()
def on(target: Target, reason: Why, name: Name = "", person: Person = None) -> None:
    """Switch it on again; what was confirmed meanwhile goes on."""
    _turned("on", target, name, reason, person)


def _turned(
    state: Literal["off", "on"],
    target: Literal["site", "tool", "flow", "all"],
    name: str,
    reason: str,
    person: str | None,
) -> None:
    def work(settings: Settings) -> ExitCode:
        from server.draft_records import switches_of
        from server.draft_tables import show_switches

        if not reason.strip():
            raise UsageError("--reason needs a reason")
        with at_desk(settings, person) as (runner, desk, caller):
            runner.run(desk.switch(caller, state, target, name, reason.strip()))
            show_switches(runner.run(switches_of(desk)))
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))
