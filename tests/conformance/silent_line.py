"""A line to a Postgres that goes silent: it takes what is sent and brings nothing back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class SilentLine:
    """What is passed on."""

    folder: Path
    """Where its socket lies, which stands for the server's."""
    is_silent: bool = False
    """Nothing comes back any more, of connections that are new neither."""
    _forgotten: set[asyncio.StreamWriter] = field(default_factory=set)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def forget(self) -> None:
        """Bring nothing back to those that are connected now, as a router does that was started anew."""
        self._forgotten |= self._open

    async def serve(self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        self._open.add(writer)
        server, there = await asyncio.open_unix_connection(target)
        back = asyncio.ensure_future(self._back(server, writer))
        try:
            while block := await reader.read(65536):
                there.write(block)
        finally:
            back.cancel()
            there.close()
            writer.close()
            self._open.discard(writer)

    async def _back(self, server: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while block := await server.read(65536):
            if not self.is_silent and writer not in self._forgotten:
                writer.write(block)


@asynccontextmanager
async def line_to(folder: Path, port: int, at: Path) -> AsyncIterator[SilentLine]:
    """A line with a socket in a folder of its own, in front of the server whose socket lies in another."""
    line, running = SilentLine(at), set[asyncio.Task[None]]()
    name = f".s.PGSQL.{port}"

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        with suppress(ConnectionError, asyncio.CancelledError):
            await line.serve(str(folder / name), reader, writer)
        running.discard(task)

    server = await asyncio.start_unix_server(connected, at / name)
    try:
        yield line
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
