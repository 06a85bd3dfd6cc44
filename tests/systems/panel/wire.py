"""Ways to a service that a test can cut, and pages of other origins that embed it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Wire:
    """A port that leads to another one until it is cut."""

    to: int
    port: int = 0
    is_cut: bool = False
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while part := await reader.read(65536):
                writer.write(part)
                await writer.drain()
        writer.close()

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.to)
        ends = {writer, back}
        self.open |= ends
        await asyncio.gather(self._carry(reader, back), self._carry(there, writer))
        self.open -= ends

    def cut(self) -> None:
        """Drop what is under way, and let nothing through until it is mended."""
        self.is_cut = True
        for each in tuple(self.open):
            each.transport.abort()

    def mend(self) -> None:
        self.is_cut = False


@asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    """An open wire to this port of this machine."""
    wire = Wire(port)
    listening = await asyncio.start_server(wire._taken, "127.0.0.1", 0)
    wire.port = listening.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        listening.close()
        wire.cut()


@asynccontextmanager
async def site(*pages: str) -> AsyncIterator[int]:
    """The port of a site of its own; page 0 is at /0, and so on."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode().strip("/")
            is_page = path.isdigit() and int(path) < len(pages)
            body = pages[int(path)].encode() if is_page else b""
            status = "200 OK" if is_page else "404 Not Found"
            writer.write(
                f"HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
                + body
            )
            await writer.drain()
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
