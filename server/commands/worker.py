"""`plantwright worker`: writes what was confirmed to the ERPs, beside or in place of `serve`."""

from __future__ import annotations

import signal
import sys

import typer

from server.errors import ExitCode, run
from server.settings import Settings


def worker() -> None:
    """Write what people confirm to the ERP until Ctrl-C or SIGTERM; any number may run on one database.

    `serve` does so by itself unless PLANTWRIGHT_WORKER=separate. A worker may be killed at any moment:
    another one, or the next start, goes on where it was; nothing is written twice.
    """

    async def work(settings: Settings) -> ExitCode:
        from server.desk import manned
        from server.shutdown import Shutdown, signals
        from server.telemetry.logs import configure
        from server.telemetry.traces import traced

        configure(settings.log)
        shutdown = Shutdown()
        with traced(settings.otlp_endpoint), signals(shutdown) as received:
            async with manned(settings, for_a_person=False) as desk, desk.working():
                where = [*(["the demo ERP"] if desk.is_demo else []), *desk.systems] or ["no ERP yet"]
                sys.stderr.write(f"Writing what is confirmed to {', '.join(where)} (Ctrl-C ends it)\n")
                await shutdown.begins.wait()
        if received == [signal.SIGINT]:
            raise KeyboardInterrupt
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))
