"""`plantwright demo`: a home with data, a tour of real questions, then the page."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from server.commands.ask import mention_key
from server.commands.importing import looked_through, settle
from server.commands.options import Model
from server.errors import ExitCode, run
from server.house import House
from server.loaded import loaded_systems
from server.settings import Settings
from server.steps import Detail, Steps, load_words
from tools.languages import Language


def demo(
    tour_only: Annotated[bool, typer.Option("--tour-only", help="Stop after the tour.")] = False,
    small: Annotated[
        bool, typer.Option("--small", help="Build eight small plants, in seconds rather than minutes.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Directory of AdventureWorks CSV files to use."),
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to try first; a busy one picks another.", min=0, max=65535)
    ] = None,
    model: Model = None,
    language: Annotated[Language, typer.Option(help="What the tour is asked in.")] = "en",
) -> None:
    """Set up a demo home, answer real questions with their evidence, then serve the page."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import opened_on, started
        from server.console import err, out
        from server.tour import take

        mention_key(settings)
        steps = Steps(err(), 4)
        async with AsyncExitStack() as stack:
            with steps.step("database") as detail:
                home = await stack.enter_async_context(started(settings))
                detail("at DATABASE_URL" if settings.is_given else f"in {settings.home}")
            owner = home.dsn(OWNER_ROLE)
            with steps.step("data") as detail:
                detail(await _load(owner, data, detail, settings.home / "demo", small=small))
            with steps.step("people") as detail:
                detail(await settle(settings, owner, wanted=True))
            with steps.step("model") as detail:
                house = await stack.enter_async_context(opened_on(settings, home))
                detail(house.model)
            await take(house, await house.person(None), out(), language)
            if not tour_only:
                await _serve(house, settings)
        return ExitCode.ANSWERED

    raise typer.Exit(run(work, port=port, model=model))


async def _load(owner: str, data: Path | None, detail: Detail, beside: Path, *, small: bool) -> str:
    """Load what is asked for, unless it is there already; says what there is."""
    there = await asyncio.to_thread(loaded_systems, owner)
    if data is not None and "adventureworks" in there:
        return "AdventureWorks is loaded already; `plantwright import adventureworks` loads it anew"
    if data is not None:
        from erp_adapters.adventureworks.adapter import import_adventureworks

        report = await import_adventureworks(owner, data, lambda p: detail(load_words(p)))
        found = await looked_through(owner, detail)
        return f"AdventureWorks, {report.loaded:,} rows, {report.quarantined:,} set aside; {found}"
    if there:
        return f"{', '.join(there)}, loaded already"
    from erp_adapters.demo.adapter import build_demo, write_beside

    built = await build_demo(owner, lambda p: detail(load_words(p)), size="small" if small else "full")
    await asyncio.to_thread(write_beside, beside, built)
    return (
        f"eight plants, {built.loaded:,} rows in {built.seconds:.0f} s; {await looked_through(owner, detail)}"
    )


async def _serve(house: House, settings: Settings) -> None:
    from server.serving import address, bound, serve

    listening = bound(settings.demo_bind or settings.host, settings.port, may_move=not settings.demo_bind)
    with listening:
        where = house.door.link(address(listening))
        sys.stderr.write(f"\nThe page is at {where} (Ctrl-C ends it)\n")
        sys.stderr.write('Or ask here, in another terminal: plantwright ask "...", plantwright chat\n')
        await serve(house, listening)
