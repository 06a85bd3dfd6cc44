"""`plantwright serve`: the page and the HTTP interface."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from agents.untraced import keep_langsmith_out
from server.commands.ask import mention_key
from server.commands.options import Model
from server.errors import ExitCode, run_service
from server.settings import Settings


def serve(
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 takes any free one.", min=0, max=65535)
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; demo homes answer this machine only.")
    ] = None,
    model: Model = None,
) -> None:
    """Serve the page and the HTTP interface until Ctrl-C or SIGTERM; running questions get their time."""

    async def work(settings: Settings) -> ExitCode:
        keep_langsmith_out()
        from server.bootstrap import opened
        from server.serving import address, bound
        from server.serving import serve as serve_house
        from server.telemetry.logs import configure
        from server.telemetry.traces import traced

        configure(settings.log)
        mention_key(settings)
        listening = bound(settings.demo_bind or settings.host, settings.port, may_move=False)
        with listening, traced(settings.otlp_endpoint):
            async with opened(settings) as house:
                if house.picker is not None:
                    # Questions that come before it is prepared are read by the embedded model.
                    house.picker.prepare()
                where = house.door.link(address(listening))
                sys.stderr.write(f"plantwright is at {where} (Ctrl-C ends it)\n")
                await serve_house(house, listening)
        return ExitCode.ANSWERED

    raise typer.Exit(run_service(work, port=port, host=host, model=model))
