"""`plantwright sync`: read again what changed in a connected system."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from erp_adapters.errors import ConfigurationError, CopilotError, ErpError, StoreUnavailable
from server.errors import EXIT_CODES_HELP, ExitCode, run
from server.settings import Settings
from server.wording import plain

if TYPE_CHECKING:
    from rich.console import RenderableType

    from erp_adapters.documents.embedding import Embedder
    from erp_adapters.store.syncing.running import SyncReport
    from server.feeding import Wanted
    from server.systems import System

SYNC_HELP = f"What cannot be read makes it 1; the rest is read all the same. {EXIT_CODES_HELP}"


def sync(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A system of the file of systems, or the folder of a connection."
        ),
    ],
    once: Annotated[bool, typer.Option("--once", help="Read once and end; so it is by itself.")] = False,
    again: Annotated[
        str, typer.Option("--every", metavar="TIME", help="Read so often until Ctrl-C: 30s, 5m, 2h.")
    ] = "",
    site: Annotated[list[str] | None, typer.Option("--site", help="Only this site; may be repeated.")] = None,
    part: Annotated[
        list[str] | None, typer.Option("--part", help="Only this part, such as stock; may be repeated.")
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Read everything, and find what went.")] = False,
    removals: Annotated[
        bool, typer.Option("--removals", help="Believe that more than half of a part's rows are gone.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was read as JSON.")] = False,
) -> None:
    """Read what changed in a connected system since the last time, and write only that."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started
        from server.commands.importing import looked_through, settle
        from server.console import err, out
        from server.embedding import embedder_of
        from server.feeding import Wanted, every
        from server.steps import Steps
        from server.systems import systems_of

        if once and again:
            raise ConfigurationError("say --once, or how often with --every")
        pause = every(again) if again else None
        if "/" in name:
            return await _connection(settings, Path(name), site, pause, anew=anew, as_json=as_json)
        known = systems_of(settings)
        if (named := known.connections.get(name)) is not None:
            return await _connection(settings, named.folder, site, pause, anew=anew, as_json=as_json)
        if name not in known:
            there = ", ".join([*known, *known.connections]) or "none"
            raise ConfigurationError(f"there is no system {name!r}; PLANTWRIGHT_SYSTEMS names {there}")
        system = known[name]
        codes = list(dict.fromkeys(site or system.reads))
        if unknown := [code for code in codes if code not in system.reads]:
            raise ConfigurationError(f"nothing is read of {name!r} for {', '.join(unknown)}")
        if not codes:
            raise ConfigurationError(
                f"nothing is read of {name!r}: add [{name}.reads.SITE] to the file of systems"
            )
        embedder = partial(embedder_of, settings)
        wanted = Wanted(frozenset(part) if part else None, anew, removals)
        async with AsyncExitStack() as stack:
            home = await stack.enter_async_context(started(settings))
            owner = home.dsn(OWNER_ROLE)
            while True:
                steps = Steps(err(), len(codes) + 2)
                reports = []
                for code in codes:
                    with steps.step(f"{name}, {code}") as detail:
                        report = await _read(owner, system, code, wanted, embedder, patient=pause is not None)
                        if isinstance(report, str):
                            detail(report)
                            continue
                        detail(_in_short(report))
                        reports.append(report)
                if any(report.load is not None for report in reports):
                    with steps.step("findings") as detail:
                        detail(await looked_through(owner, detail))
                with steps.step("people") as detail:
                    detail(await settle(settings, owner, wanted=False))
                for report in reports:
                    if as_json:
                        sys.stdout.write(json.dumps(_record(report)) + "\n")
                    else:
                        out().print(_grid(report))
                if pause is None:
                    return (
                        ExitCode.FAILURE if any(report.problems for report in reports) else ExitCode.ANSWERED
                    )
                await asyncio.sleep(pause.total_seconds())

    raise typer.Exit(run(work))


async def _connection(
    settings: Settings,
    file: Path,
    sites: Sequence[str] | None,
    pause: timedelta | None,
    *,
    anew: bool,
    as_json: bool,
) -> ExitCode:
    """What `connect` has made, loaded again as a whole where a file of it is another."""
    from erp_adapters.connect.source import read_connection
    from erp_adapters.store.provision import OWNER_ROLE
    from server.bootstrap import started
    from server.commands.importing import looked_through, settle
    from server.console import err
    from server.embedding import embedder_of
    from server.loading_again import load_site
    from server.steps import Steps

    async with AsyncExitStack() as stack:
        home = await stack.enter_async_context(started(settings))
        owner = home.dsn(OWNER_ROLE)
        while True:
            connected = read_connection(file)
            known = [site.code for site in connected.connection.sites]
            steps, has_changed = Steps(err(), len(known) + 2), False
            for code in sites or known:
                of = connected.connection.site(code)
                with steps.step(f"{connected.mapping.source}, {of.code}") as detail:
                    report = await load_site(
                        owner, connected, of, partial(embedder_of, settings), detail, anew=anew
                    )
                    changed = "nothing has changed" if report is None else f"{report.loaded:,} rows loaded"
                    detail(changed)
                    has_changed = has_changed or report is not None
                if as_json:
                    told = {
                        "source": connected.mapping.source,
                        "site": of.code,
                        "changed": report is not None,
                    }
                    sys.stdout.write(json.dumps(told) + "\n")
            if has_changed:
                with steps.step("findings") as detail:
                    detail(await looked_through(owner, detail))
            with steps.step("people") as detail:
                detail(await settle(settings, owner, wanted=False))
            if pause is None:
                return ExitCode.ANSWERED
            await asyncio.sleep(pause.total_seconds())


async def _read(
    owner: str,
    system: System,
    code: str,
    wanted: Wanted,
    embedder: Callable[[], Embedder],
    *,
    patient: bool,
) -> SyncReport | str:
    """What came of it; why nothing did, where the next time may be better."""
    from server.feeding import read_again

    try:
        return await read_again(owner, system, code, wanted, embedder)
    except StoreUnavailable:
        raise
    except (ErpError, CopilotError) as error:
        if not patient or isinstance(error, ConfigurationError):
            raise
        return str(error)


def _in_short(report: SyncReport) -> str:
    read = sum(part.read for part in report.parts)
    changed = sum(part.written + part.gone for part in report.parts)
    failed = f", not read: {', '.join(part.part for part in report.problems)}" if report.problems else ""
    return f"{read:,} rows read, {changed:,} changed in {report.seconds:.1f} s{failed}"


def _record(report: SyncReport) -> dict[str, object]:
    return {
        "source": report.source,
        "site": report.site,
        "seconds": round(report.seconds, 3),
        "changed": report.load is not None,
        "parts": [dataclasses.asdict(part) for part in report.parts],
    }


def _grid(report: SyncReport) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    grid = Table(
        box=None,
        padding=(0, 3, 0, 0),
        show_edge=False,
        header_style="bold",
        title=f"{report.source}, {report.site}",
    )
    for heading in ("Part", "Read", "Written", "Gone", "Set aside"):
        grid.add_column(heading, justify="left" if heading == "Part" else "right")
    grid.add_column("")
    for part in report.parts:
        counts: Sequence[int] = (part.read, part.written, part.gone, part.aside)
        said = Text(plain(part.problem or part.difference), style="yellow")
        grid.add_row(part.part, *(f"{count:,}" for count in counts), said)
    return grid
