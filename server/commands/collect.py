"""`plantwright collect`: at a site, takes what machines tell and hands it over to the service."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from erp_adapters.errors import ConfigurationError
from server.errors import ExitCode, run
from server.settings import Settings
from server.wording import age, plain

if TYPE_CHECKING:
    from erp_adapters.series.buffer import Standing
    from server.collecting.file import CollectorFile


def collect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What it listens to, and the service.")],
    check: Annotated[
        bool, typer.Option("--check", help="Only try each source and the service, and say how they are.")
    ] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only say what waits on the disk.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Try again what the service refused, and end.")
    ] = False,
) -> None:
    """Collect what machines of a site tell and hand it over to the service, until Ctrl-C or SIGTERM.

    It needs no database. What is collected is on the disk before it is sent: a link that is down for hours
    loses nothing, and the program may be killed at any moment. Connections go out only.
    """

    async def work(settings: Settings) -> ExitCode:
        from server.collecting.file import read_collector
        from server.telemetry.logs import configure

        if check + waiting + again > 1:
            raise ConfigurationError("say one of --check, --waiting and --again")
        told = read_collector(file)
        if check:
            return await _checked(told)
        configure(settings.log)
        return await _at_work(told, only_look=waiting, again=again)

    raise typer.Exit(run(work))


async def _checked(told: CollectorFile) -> ExitCode:
    from erp_adapters.errors import ErpRefused, ErpUnavailable
    from server.collecting.sending import Service
    from server.collecting.telling import CollectorState

    is_well = True
    for name, system in told.sources.items():
        health = await system.health()
        is_well &= health.is_well
        sys.stdout.write(f"{name}: {plain(health.why)}\n")
    service = Service(told.service, told.trust())
    try:
        await service.tell(CollectorState().model_dump_json().encode())
        sys.stdout.write("service: it answers and lets this collector in\n")
    except (ErpUnavailable, ErpRefused) as error:
        is_well = False
        sys.stdout.write(f"service: {plain(str(error))}\n")
    finally:
        await service.close()
    return ExitCode.ANSWERED if is_well else ExitCode.FAILURE


async def _at_work(told: CollectorFile, *, only_look: bool, again: bool) -> ExitCode:
    from erp_adapters.series.buffer import Buffer
    from server.collecting.running import Collector
    from server.collecting.sending import Service
    from server.shutdown import Shutdown, signals

    if only_look and not told.buffer.exists():
        sys.stdout.write("Nothing was collected yet\n")
        return ExitCode.ANSWERED
    with Buffer.open(told.buffer, told.most_mib * 2**20) as buffer:
        if only_look:
            for line in _said(buffer.standing(), told.most_mib, buffer.refusals()):
                sys.stdout.write(f"{plain(line)}\n")
            return ExitCode.ANSWERED
        if again:
            sys.stdout.write(f"{buffer.take_up()} batches are handed over again\n")
            return ExitCode.ANSWERED
        service = Service(told.service, told.trust())
        shutdown = Shutdown()
        collector = Collector(told.sources, buffer, service, version("plantwright"))
        try:
            with signals(shutdown) as received:
                working = asyncio.create_task(collector.run(), name="collector")
                ends = asyncio.create_task(shutdown.begins.wait())
                sys.stderr.write(
                    f"Collecting {', '.join(told.sources)} for {told.service} (Ctrl-C ends it)\n"
                )
                await asyncio.wait({working, ends}, return_when=asyncio.FIRST_COMPLETED)
                ends.cancel()
                if working.done():
                    working.result()
                working.cancel()
                await asyncio.wait({working})
        finally:
            await service.close()
    if received == [signal.SIGINT]:
        raise KeyboardInterrupt
    return ExitCode.ANSWERED


def _said(held: Standing, most_mib: int, refusals: Sequence[str]) -> list[str]:
    since = "" if held.since is None else f", the oldest since {age(held.since, datetime.now(UTC))} ago"
    room = f"{held.bytes / 2**20:.1f} of {most_mib:,} MiB"
    lines = [f"{held.batches:,} batches with {held.samples:,} samples wait{since} ({room})"]
    if held.set_aside:
        lines.append(f"{held.set_aside} batches were refused: {'; '.join(refusals)}")
    return lines
