"""`plantwright connect`: from a database or files to a mapping, tried on the source and loaded."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from erp_adapters.errors import ConfigurationError
from server.errors import ExitCode, UsageError, at_edge, run
from server.settings import Settings, secret

if TYPE_CHECKING:
    from erp_adapters.connect.seen import SeenTable
    from erp_adapters.store.quality import LoadReport

app = typer.Typer(
    help="Connect an ERP that nobody has described: propose what its tables mean, try it, load it.",
    no_args_is_help=True,
)

_FILE = typer.Argument(metavar="FILE", help="The connection's file, or its folder.")
_SITE = typer.Option("--site", metavar="CODE", help="Which site of the connection; the only one by itself.")


@app.callback()
def connect() -> None:
    """Connect an ERP that nobody has described: propose what its tables mean, try it, load it."""


@app.command()
def to(
    source: Annotated[
        str, typer.Argument(help="A folder of files, `postgresql://user@host/database` or `sqlite:////file`.")
    ],
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FOLDER", help="Where to write the two files.")
    ] = None,
    password: Annotated[
        str | None, typer.Option(help="Where the password stands: `env:NAME` or `file:PATH`.")
    ] = None,
    code: Annotated[
        str | None, typer.Option("--site", help="Code of the site, where no column says it.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the site.")] = None,
    country: Annotated[str | None, typer.Option(help="Its country, such as DE.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Its time zone, such as Europe/Berlin.")] = None,
    currency: Annotated[str | None, typer.Option(help="Its currency, such as EUR.")] = None,
    ask: Annotated[
        bool | None, typer.Option("--ask/--no-ask", help="Ask what is open; by itself at a terminal only.")
    ] = None,
) -> None:
    """Look at a source without changing it and propose which table and column fills what, with scores."""

    def work(settings: Settings) -> ExitCode:
        from erp_adapters.connect.proposing import propose
        from erp_adapters.connect.scaffold import Scaffold, site_lines
        from erp_adapters.store.consistency import parse_mapping
        from server.connecting import ask_what_is_open, show_proposal

        folder = into or Path(_name_of(source))
        held = [file for file in ("connection.yaml", "mapping.yaml") if (folder / file).exists()]
        if held:
            raise UsageError(
                f"{', '.join(held)} in {str(folder)!r} would be written over: choose another --into"
            )
        found = _looked_at(source, password)
        proposal = propose(found)
        wants = sys.stdin.isatty() and sys.stderr.isatty() if ask is None else ask
        given = {
            "code": code, "name": name, "country": country, "time_zone": time_zone, "currency": currency
        }  # fmt: skip
        told = {what: value for what, value in given.items() if value}
        if wants:
            told = ask_what_is_open(proposal, told)
        scaffold = Scaffold(proposal, _name_of(source), _shown(source))
        text = scaffold.text()
        if scaffold.ready:
            # What cannot be read back is a fault of this program, not of the source.
            parse_mapping(text, "mapping.yaml")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "mapping.yaml").write_text(text, encoding="utf-8")
        where = _where(source, password)
        sites = "\n".join(site_lines(proposal, told))
        (folder / "connection.yaml").write_text(
            f"# Where the data lies, and of which sites it is. `?` is for you to say.\n{where}"
            f"mapping: mapping.yaml\nsites:\n{sites}\n",
            encoding="utf-8",
        )
        show_proposal(scaffold, folder)
        return ExitCode.ANSWERED if scaffold.ready and "?" not in sites else ExitCode.CLARIFY

    raise typer.Exit(at_edge(work))


@app.command()
def check(
    file: Annotated[Path, _FILE],
    site: Annotated[str | None, _SITE] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Try the mapping on the real source and load nothing: what maps, what does not, what could be asked.

    Exit code 0 where it would load, 3 where somebody has to decide something, 1 where it cannot be read.
    """

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.connect.checking import check as tried
        from erp_adapters.connect.gathering import gathered
        from erp_adapters.connect.source import read_connection
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started
        from server.connecting import as_record, show_check
        from server.console import err
        from server.steps import Steps, load_words
        from server.systems.connection import password_of, today_of

        connected = read_connection(file)
        of = connected.connection.site(site)
        steps = Steps(err(), 3)
        async with AsyncExitStack() as stack:
            with steps.step("database"):
                home = await stack.enter_async_context(started(settings))
            with steps.step("source") as detail:
                folder = stack.enter_context(
                    gathered(connected, password_of(connected), detail, on=today_of(of))
                )
            with steps.step("trying it") as detail:
                found = await asyncio.to_thread(
                    tried,
                    home.dsn(OWNER_ROLE),
                    connected.mapping,
                    folder,
                    of,
                    None,
                    lambda progress: detail(load_words(progress)),
                )
        if as_json:
            sys.stdout.write(json.dumps(as_record(found), indent=2, ensure_ascii=False) + "\n")
        else:
            show_check(found)
        return ExitCode.CLARIFY if found.refused or not found.report.loaded else ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def load(
    file: Annotated[Path, _FILE],
    site: Annotated[str | None, _SITE] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the data-quality report as JSON.")] = False,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="With DATABASE_URL: make it a demo home, where anybody may be anybody."),
    ] = False,
) -> None:
    """Load a site of the connection, replacing what was loaded of it before; all of it or nothing."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.connect.gathering import gathered
        from erp_adapters.connect.source import read_connection
        from erp_adapters.store.loading import load_source
        from erp_adapters.store.provision import OWNER_ROLE
        from erp_adapters.store.quality import render
        from server.bootstrap import started
        from server.commands.importing import conclude
        from server.console import err, out
        from server.steps import Steps, load_words
        from server.systems.connection import password_of, today_of

        connected = read_connection(file)
        of = connected.connection.site(site)
        steps = Steps(err(), 5)
        report: LoadReport
        async with AsyncExitStack() as stack:
            with steps.step("database"):
                home = await stack.enter_async_context(started(settings))
            owner = home.dsn(OWNER_ROLE)
            with steps.step("source") as detail:
                folder = stack.enter_context(
                    gathered(connected, password_of(connected), detail, on=today_of(of))
                )
            with steps.step(f"{connected.mapping.source}, {of.code}") as detail:
                report = await load_source(
                    owner, connected.mapping, folder, lambda progress: detail(load_words(progress)), site=of
                )
                detail(f"{report.loaded:,} rows loaded, {report.quarantined:,} set aside")
            await conclude(steps, settings, owner, demo=demo)
        if as_json:
            sys.stdout.write(report.to_json() + "\n")
        else:
            out().print(render(report))
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def adapter(
    name: Annotated[str, typer.Argument(help="Name of the system, such as `abas`.")],
    into: Annotated[Path, typer.Option("--into", metavar="FOLDER", help="Where its folder goes.")] = Path(),
) -> None:
    """Make the folder of a new adapter, with nothing declared, and the test that says what is missing."""

    def work(settings: Settings) -> ExitCode:
        from erp_adapters.connect.new_adapter import new_adapter

        folder, test = new_adapter(name, into)
        typer.echo(f"Written: {folder} and {test}. What is missing: pytest -n 0 {test}")
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


def _looked_at(source: str, password: str | None) -> list[SeenTable]:
    from erp_adapters.connect import databases, files
    from erp_adapters.connect.source import dialect_of
    from server.console import err
    from server.steps import Steps

    with Steps(err(), 1).step("looking at the source") as detail:
        if "://" not in source:
            found = files.tables_of(Path(source))
        else:
            try:
                dialect_of(source)
            except ValueError as exc:
                raise UsageError(str(exc)) from None
            with databases.opened(source, secret(password) if password else None) as tables:
                found = databases.tables_of(tables, detail)
        detail(f"{len(found)} tables")
    return found


def _where(source: str, password: str | None) -> str:
    if "://" not in source:
        return f"folder: {json.dumps(str(Path(source).resolve()), ensure_ascii=False)}\n"
    line = f"password: {password}\n" if password else ""
    return f"url: {json.dumps(source, ensure_ascii=False)}\n{line}"


def _shown(source: str) -> str:
    return source if "://" in source else str(Path(source).resolve())


def _name_of(source: str) -> str:
    """A name for the source, as a mapping takes one."""
    last = re.split(r"[/\\]", source.split("?")[0].rstrip("/\\"))[-1]
    name = re.sub(
        r"[^a-z0-9]+", "_", Path(last).stem.casefold() if "://" in source else last.casefold()
    ).strip("_")
    if not name:
        raise ConfigurationError(f"no name can be made of {source!r}: say with --into where to write")
    return name if name[0].isalpha() else f"source_{name}"
