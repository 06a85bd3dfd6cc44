"""`plantwright documents`: index a folder of procedures, contracts and policies; see what is indexed."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from erp_adapters.errors import ConfigurationError
from server.errors import ExitCode, run
from server.settings import Settings
from server.wording import plain

app = typer.Typer(help="Procedures, contracts and policies that answers quote.", no_args_is_help=True)


@app.callback()
def documents() -> None:
    """Procedures, contracts and policies that answers quote."""


@app.command(name="import")
def import_(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of .md, .txt, .html, .pdf and .docx.")
    ],
    site: Annotated[str, typer.Option("--site", metavar="SITE", help="Code of the site that they hold at.")],
    roles: Annotated[
        str,
        typer.Option(
            "--roles", metavar="ROLES", help="Who may read those that name nobody: `controller,admin`."
        ),
    ] = "",
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep documents in the index whose files are not in DIR.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Make a site's index hold what DIR holds: new and changed files are read, unchanged ones skipped."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.documents.storing import import_documents
        from erp_adapters.store.people import ROLES
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started
        from server.console import err
        from server.embedding import embedder_of

        wanted = tuple(part.strip() for part in roles.split(",") if part.strip())
        unknown = sorted(set(wanted) - set(ROLES))
        if unknown:
            raise ConfigurationError(f"{unknown[0]!r} is no role; there are {', '.join(ROLES)}")
        async with started(settings) as home:
            report = import_documents(
                home.dsn(OWNER_ROLE),
                directory,
                site,
                embedder_of(settings),
                roles=wanted,
                kept=keep,
                progress=lambda name: err().print(f"  {name}"),
            )
        if as_json:
            sys.stdout.write(json.dumps(asdict(report), indent=2, ensure_ascii=False) + "\n")
        else:
            typer.echo(
                f"{len(report.indexed)} indexed in {report.chunks} passages ({report.embedder}),"
                f" {len(report.unchanged)} unchanged, {len(report.removed)} removed,"
                f" {len(report.refused)} refused"
            )
            for line in report.refused:
                typer.echo(f"  refused: {line}")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False) -> None:
    """Show what is indexed, which embedder made the vectors, and whether questions use the same one."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.documents.storing import index_state, manifest
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started
        from server.embedding import embedder_of

        embedder = embedder_of(settings)
        name = f"{embedder.name} {embedder.version}"
        async with started(settings) as home:
            states = index_state(home.dsn(OWNER_ROLE))
            listed = manifest(home.dsn(OWNER_ROLE))
        if as_json:
            record = {
                "embedder": name,
                "sites": [asdict(state) for state in states],
                "documents": [asdict(one) for one in listed],
            }
            sys.stdout.write(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
            return ExitCode.ANSWERED
        typer.echo(f"Questions are embedded by {name}")
        for state in states:
            other = (
                ""
                if state.embedder in (name, "")
                else f"; made by {state.embedder}: run `plantwright documents embed`"
            )
            typer.echo(
                f"  {state.site}: {state.documents} documents, {state.chunks} passages,"
                f" {state.restricted} for some roles only{other}"
            )
        for one in listed:
            if one.problem:
                on = f"{one.about.replace('_', ' ')} {one.object}, {one.title}"
                typer.echo(plain(f"  not quoted: {one.site}, {one.system}, {on}: {one.problem}"))
        if not states:
            typer.echo("  nothing is indexed: `plantwright documents import DIR --site SITE`")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def embed() -> None:
    """Make the vectors of all passages anew, where another embedder made them."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.documents.storing import embed_again
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started
        from server.embedding import embedder_of

        async with started(settings) as home:
            count = embed_again(home.dsn(OWNER_ROLE), embedder_of(settings))
        typer.echo(f"{count} passages embedded")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))
