"""The HTTP service on an address: the port, the server, and its end."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING

import uvicorn

from erp_adapters.errors import ConfigurationError, ErpUnavailable
from erp_adapters.store.provision import LOADER_ROLE
from server.app import create_app
from server.house import House
from server.settling import settle
from server.shutdown import signals

if TYPE_CHECKING:
    from starlette.types import ASGIApp

log = logging.getLogger("plantwright")

PORTS_TRIED = 20


def bound(host: str, port: int, *, may_move: bool) -> socket.socket:
    """A listening socket on the port, or on the next free one where it may move.

    Raises:
        ConfigurationError: the port is taken or not ours to use; the message names the remedy.
    """
    ports = range(port, min(port + PORTS_TRIED, 65536)) if may_move and port else (port,)
    for candidate in ports:
        try:
            return _listening(host, candidate)
        except OSError as exc:
            if exc.errno != errno.EADDRINUSE:
                raise ConfigurationError(
                    f"cannot listen on {host} port {candidate}: {exc.strerror};"
                    " choose another with --port or --host"
                ) from exc
    if may_move:
        return _listening(host, 0)
    raise ConfigurationError(f"port {port} is in use; choose another with --port (0 takes any free one)")


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Reusing lets a restart take the port over at once; a living listener still makes it fail.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except BaseException:
        listening.close()
        raise
    return listening


def address(listening: socket.socket) -> str:
    """What to type into a browser on this machine."""
    host, port = listening.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def server(house: House) -> uvicorn.Server:
    """The HTTP server of an opened home."""
    return _server(create_app(house))


class _Server(uvicorn.Server):
    """Leaves signals to `serve`, which has more to bring to an end than connections."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Nothing."""
        yield


def _server(app: ASGIApp) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        log_level="warning",
        log_config=None,
        access_log=False,
        # The peer must stay who it is: a forwarded address would defeat the loopback rule.
        proxy_headers=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=3,
    )
    return quiet(config)


def quiet(config: uvicorn.Config) -> uvicorn.Server:
    """A server that leaves signals to whoever runs it."""
    return _Server(config)


async def serve(house: House, listening: socket.socket) -> None:
    """Serve until told to end; what is confirmed meanwhile is written to the ERP, unless others do that.

    With the first signal readiness says no and nothing new begins; questions that are being answered get
    their time, then streams are told to go on elsewhere, and a worker ends what it has begun. A second
    signal ends all of that at once.

    Raises:
        KeyboardInterrupt: it was ended from the keyboard.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(listening)
        if house.desk is not None and house.settings.worker == "within":
            try:
                await stack.enter_async_context(house.desk.working())
            except (ConfigurationError, ErpUnavailable) as error:
                # Questions are answered all the same; what is confirmed waits.
                log.warning("nothing is written to an ERP: %s", error)
        if (file := house.settings.collectors) is not None and house.desk is not None:
            # A service that no collector speaks to needs none of it.
            from server.intake.serving import taking_in

            await stack.enter_async_context(taking_in(file, house.desk.home.dsn(LOADER_ROLE)))
        if house.upkeep is not None:
            upkeep = asyncio.create_task(house.upkeep(), name="threads of drafts")
            stack.callback(upkeep.cancel)
        settling = asyncio.create_task(settle(house.metrics.is_warm), name="settling")
        stack.callback(settling.cancel)
        if house.settings.metrics_port is not None:
            await stack.enter_async_context(_metrics(house, house.settings.metrics_port))
        with signals(house.shutdown) as received:
            await _until_told(house, server(house), listening)
    if received == [signal.SIGINT]:
        raise KeyboardInterrupt


async def _until_told(house: House, running: uvicorn.Server, listening: socket.socket) -> None:
    serving = asyncio.create_task(running.serve(sockets=[listening]), name="http")
    told = asyncio.create_task(house.shutdown.begins.wait())
    try:
        await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            log.info("the service is ending; %s questions are being answered", house.metrics.turns)
            if not await house.shutdown.drained(house.settings.grace_s):
                log.warning("%s questions were not answered in time", house.metrics.turns)
        running.should_exit = True
        await serving
    finally:
        told.cancel()
        if not serving.done():
            running.should_exit = running.force_exit = True
            await asyncio.wait({serving}, timeout=1)


@asynccontextmanager
async def _metrics(house: House, port: int) -> AsyncIterator[None]:
    """`/metrics` on a port of its own while the block lasts."""
    from server.routes.prometheus import metrics_app

    with bound(house.settings.host, port, may_move=False) as listening:
        log.info("metrics are at %smetrics", address(listening))
        running = _server(metrics_app(house))
        serving = asyncio.create_task(running.serve(sockets=[listening]), name="metrics")
        try:
            yield
        finally:
            running.should_exit = running.force_exit = True
            await asyncio.wait({serving}, timeout=2)
