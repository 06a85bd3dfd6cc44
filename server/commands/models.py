"""`plantwright models`: files of small models, for `local:<file>`; nothing is fetched unasked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from agents.models.local.engine import Progress
from server.errors import ExitCode, at_edge
from server.settings import Settings

app = typer.Typer(help="Fetch and list small models that run on this machine.", no_args_is_help=True)

To = Annotated[
    Path | None,
    typer.Option("--to", metavar="DIR", help="Folder to keep it in; `models` of the home without it."),
]


@app.command("fetch")
def fetch_model(
    source: Annotated[
        str,
        typer.Argument(
            metavar="NAME|URL|FOLDER", help="A known model, an address, or a folder that holds one."
        ),
    ],
    sha256: Annotated[
        str, typer.Option("--sha256", metavar="HEX", help="The hash that the file must have.")
    ] = "",
    to: To = None,
) -> None:
    """Fetch a model's file and verify its hash; an interrupted download goes on where it stopped."""

    def work(settings: Settings) -> ExitCode:
        from agents.models.local.fetching import fetch, source_of

        file = fetch(source_of(source, sha256), to or settings.models, _percent("Fetching"))
        sys.stdout.write(f"{file}\nAsk it with --model local:{file if to else file.stem}\n")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command("list")
def list_models(to: To = None) -> None:
    """List the models that were fetched, and those that can be fetched by name."""

    def work(settings: Settings) -> ExitCode:
        from agents.models.local.store import KNOWN, fetched

        folder = to or settings.models
        here = fetched(folder)
        for path in here:
            sys.stdout.write(f"{path.stem}  {_gigabytes(path.stat().st_size)}  {path}\n")
        for name, known in KNOWN.items():
            if all(path.stem.lower() != name for path in here):
                sys.stdout.write(f"{name}  {_gigabytes(known.size)}  {known.licence}, not fetched\n")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command("prepare")
def prepare_model(
    model: Annotated[str, typer.Argument(metavar="FILE", help="A file, or the name of a fetched model.")],
) -> None:
    """Have a model read the catalogue now, a matter of minutes, so that later starts take seconds."""

    def work(settings: Settings) -> ExitCode:
        from server.models import local

        made = local(settings.model_copy(update={"model": f"local:{model}"}))
        picker = made.picker
        picker.prepare(_percent(f"Preparing {picker.name}")).result()
        made.close()
        sys.stdout.write(f"local:{model} is prepared\n")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


def _percent(what: str) -> Progress:
    """Says on stderr how far it is, whole percents only and only to a terminal."""
    last = [-1]

    def show(done: float) -> None:
        percent = int(100 * done)
        if percent != last[0] and sys.stderr.isatty():
            last[0] = percent
            sys.stderr.write(f"\r{what}: {percent} %" + ("\n" if percent == 100 else ""))

    return show


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
