"""`plantwright import`: load a source into the home."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from erp_adapters.errors import ConfigurationError
from server.errors import ExitCode, run
from server.settings import Settings
from server.steps import Detail, Steps

app = typer.Typer(help="Load a source into this home; all of it or nothing.", no_args_is_help=True)


@app.callback()
def sources() -> None:
    """Load a source into this home; all of it or nothing."""


@app.command()
def adventureworks(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Directory of the AdventureWorks CSV files.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the data-quality report as JSON.")] = False,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="With DATABASE_URL: make it a demo home, where anybody may be anybody."),
    ] = False,
) -> None:
    """Load AdventureWorks as site AW, replacing an earlier load, and print the data-quality report."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.adventureworks.adapter import import_adventureworks
        from erp_adapters.store.provision import OWNER_ROLE
        from erp_adapters.store.quality import render
        from server.bootstrap import started
        from server.console import err, out
        from server.steps import load_words

        steps = Steps(err(), 4)
        async with AsyncExitStack() as stack:
            with steps.step("database"):
                home = await stack.enter_async_context(started(settings))
            owner = home.dsn(OWNER_ROLE)
            with steps.step("AdventureWorks") as detail:
                report = await import_adventureworks(owner, directory, lambda p: detail(load_words(p)))
                detail(f"{report.loaded:,} rows loaded, {report.quarantined:,} set aside")
            await conclude(steps, settings, owner, demo=demo)
        if as_json:
            sys.stdout.write(report.to_json() + "\n")
        else:
            out().print(render(report))
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def confirmations(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder of CSV and EDIFACT (ORDRSP) files of suppliers.")
    ],
    site: Annotated[str, typer.Option("--site", help="Code of the site whose orders they confirm.")],
) -> None:
    """Load what suppliers confirmed of a site's purchase orders, replacing what was loaded before."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.confirmations import load_confirmations
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started
        from server.console import out

        async with started(settings) as home:
            report = await load_confirmations(home.dsn(OWNER_ROLE), folder, site)
        out().print(f"{report.loaded:,} confirmed lines loaded for {site}, {report.quarantined:,} set aside")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def system(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A system of the file of systems.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the data-quality reports as JSON.")] = False,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="With DATABASE_URL: make it a demo home, where anybody may be anybody."),
    ] = False,
) -> None:
    """Load what a connected system has, site by site, each replacing what was loaded of it before."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.provision import OWNER_ROLE
        from erp_adapters.store.quality import render
        from server.bootstrap import started
        from server.console import err, out
        from server.steps import load_words
        from server.systems import SqlSystem, systems_of

        known = systems_of(settings)
        if name not in known:
            raise ConfigurationError(
                f"there is no system {name!r}; PLANTWRIGHT_SYSTEMS names {', '.join(known) or 'none'}"
            )
        found = known[name]
        if isinstance(found, SqlSystem):
            raise ConfigurationError(f"{name!r} is read again and again: `plantwright sync {name}`")
        if not found.reads:
            raise ConfigurationError(
                f"nothing is read of {name!r}: add [{name}.reads.SITE] to the file of systems"
            )
        reports = []
        steps = Steps(err(), 3 + len(found.reads))
        async with AsyncExitStack() as stack:
            with steps.step("database"):
                home = await stack.enter_async_context(started(settings))
            owner = home.dsn(OWNER_ROLE)
            reader = await stack.enter_async_context(found.reader())
            for code in found.reads:
                with steps.step(f"{name}, {code}") as detail:
                    report = await found.load(
                        owner,
                        reader,
                        code,
                        lambda progress, detail=detail: detail(load_words(progress)),  # type: ignore[misc]
                    )
                    reports.append(report)
                    detail(f"{report.loaded:,} rows loaded, {report.quarantined:,} set aside")
            await conclude(steps, settings, owner, demo=demo)
        for report in reports:
            if as_json:
                sys.stdout.write(report.to_json() + "\n")
            else:
                out().print(render(report))
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


async def conclude(steps: Steps, settings: Settings, owner: str, *, demo: bool) -> None:
    """The last two steps of every load: the data is looked through, and the home gets its people."""
    with steps.step("findings") as detail:
        detail(await looked_through(owner, detail))
    with steps.step("people") as detail:
        detail(await settle(settings, owner, wanted=demo))


async def looked_through(owner: str, detail: Detail) -> str:
    """Look through what is loaded for what is wrong with it; says how much was found."""
    from erp_adapters.store.checks import look_through

    detail("looking through it")
    done = await asyncio.to_thread(look_through, owner)
    return f"{sum(each.found for each in done):,} findings (plantwright quality)"


async def settle(settings: Settings, owner: str, *, wanted: bool) -> str:
    """Make an embedded home a demo home, or another where that was asked for; says what came of it."""
    from erp_adapters.demo.erp import fill_where_possible
    from erp_adapters.store.people import make_demo_home

    if settings.is_given and not wanted:
        return "kept as they are; --demo makes this a demo home"
    try:
        people = await asyncio.to_thread(make_demo_home, owner)
    except ConfigurationError:
        if wanted:
            raise
        return "kept: this home has people of its own"
    await asyncio.to_thread(fill_where_possible, owner)
    return f"demo home: anybody at this machine can ask as {', '.join(p.subject for p in people)}"
