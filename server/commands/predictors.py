"""`plantwright predictors`: models that foretell, what each may do where, and how well they did."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.drafts import AsJson, at_desk
from server.commands.options import Person
from server.errors import ExitCode, at_edge
from server.settings import Settings

if TYPE_CHECKING:
    from policies.predictors.registered import State

app = typer.Typer(
    help="Models that foretell: who let which version speak where, and how well each has foretold.",
    invoke_without_command=True,
)
Name = Annotated[str, typer.Argument(help="Name of the model.")]
Version = Annotated[str, typer.Argument(help="Its version.")]
Site = Annotated[str, typer.Argument(help="Code of the site.")]
Why = Annotated[str, typer.Option("--reason", help="Why; everybody who looks at the model reads it.")]


@app.callback()
def predictors(context: typer.Context, person: Person = None, as_json: AsJson = False) -> None:
    """List the versions with their state and record at each site that you see."""
    if context.invoked_subcommand is not None:
        return

    def work(settings: Settings) -> ExitCode:
        from server.predicting.tables import as_json_text, show_versions

        with at_desk(settings, person) as (runner, desk, caller):
            found = runner.run(desk.predictors.all(caller))
        if as_json:
            sys.stdout.write(as_json_text(found) + "\n")
        else:
            show_versions(found)
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def register(
    file: Annotated[Path, typer.Argument(help="TOML file that says what it is (docs/predictions.md).")],
    site: Annotated[list[str], typer.Option("--site", help="Where it starts, in shadow; repeat for more.")],
    person: Person = None,
) -> None:
    """Register a version: it foretells in shadow, and nobody is told what it says."""

    def work(settings: Settings) -> ExitCode:
        from policies.predictors.registered import registration_of

        entry = registration_of(file)
        with at_desk(settings, person) as (runner, desk, caller):
            runner.run(desk.predictors.register(caller, entry, site))
        sys.stdout.write(f"{entry.name} {entry.version} runs in shadow at {', '.join(site)}\n")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def promote(name: Name, version: Version, site: Site, reason: Why, person: Person = None) -> None:
    """Let a version speak at a site; the one that spoke before goes back to shadow."""
    _decided("active", name, version, site, reason, person)


@app.command()
def shadow(name: Name, version: Version, site: Site, reason: Why, person: Person = None) -> None:
    """Let a version foretell at a site without being heard; that is how it starts."""
    _decided("shadow", name, version, site, reason, person)


@app.command()
def suspend(name: Name, version: Version, site: Site, reason: Why, person: Person = None) -> None:
    """Take a version's right to speak at a site; a rule answers until somebody promotes one."""
    _decided("suspended", name, version, site, reason, person)


@app.command()
def retire(name: Name, version: Version, site: Site, reason: Why, person: Person = None) -> None:
    """Ask a version no more at a site."""
    _decided("retired", name, version, site, reason, person)


@app.command()
def rollback(name: Name, site: Site, reason: Why, person: Person = None) -> None:
    """Let the version speak again that spoke before the present one."""

    def work(settings: Settings) -> ExitCode:
        with at_desk(settings, person) as (runner, desk, caller):
            version = runner.run(desk.predictors.roll_back(caller, name, site, reason))
        sys.stdout.write(f"{name} {version} speaks at {site} again\n")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def run(
    weeks_back: Annotated[
        int,
        typer.Option(help="Also foretell as of so many weeks before, from what was known.", min=0, max=260),
    ] = 0,
    site: Annotated[str | None, typer.Option(help="Only at this site.")] = None,
) -> None:
    """Foretell with every version, join what came to what was said, and judge; once a day."""

    def work(settings: Settings) -> ExitCode:
        import asyncio

        from server.predicting.commanded import ran
        from server.predicting.tables import show_run

        done = asyncio.run(ran(settings, weeks_back=weeks_back, only=site))
        show_run(done)
        return ExitCode.CANNOT_ANSWER if any(each.trouble for each in done) else ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


def _decided(state: State, name: str, version: str, site: str, reason: str, person: str | None) -> None:
    def work(settings: Settings) -> ExitCode:
        with at_desk(settings, person) as (runner, desk, caller):
            runner.run(desk.predictors.decide(caller, name, version, site, state, reason))
        sys.stdout.write(f"{name} {version} is {state} at {site}\n")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))
