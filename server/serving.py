"""The HTTP service on an address: the port, the server, and its end."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from contextlib import AsyncExitStack
from ipaddress import ip_address

import uvicorn

from erp_adapters.errors import ConfigurationError, ErpUnavailable
from server.app import create_app
from server.house import House

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
    config = uvicorn.Config(
        create_app(house),
        log_level="warning",
        access_log=False,
        # The peer must stay who it is: a forwarded address would defeat the loopback rule.
        proxy_headers=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=3,
    )
    return uvicorn.Server(config)


async def serve(house: House, listening: socket.socket) -> None:
    """Serve until interrupted; what is confirmed meanwhile is written to the ERP, unless others do that."""
    async with AsyncExitStack() as stack:
        stack.enter_context(listening)
        if house.desk is not None and house.settings.worker == "within":
            try:
                await stack.enter_async_context(house.desk.working())
            except (ConfigurationError, ErpUnavailable) as error:
                # Questions are answered all the same; what is confirmed waits.
                log.warning("nothing is written to an ERP: %s", error)
        if house.upkeep is not None:
            upkeep = asyncio.create_task(house.upkeep(), name="threads of drafts")
            stack.callback(upkeep.cancel)
        await server(house).serve(sockets=[listening])
