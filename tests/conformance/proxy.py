"""A proxy in front of a real server that lets one kind of call meet with what calls meet on networks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

Fault: TypeAlias = Literal[
    "refuse", "throttle", "half_open", "drop_before", "drop_after", "hold", "gateway", "html", "truncate"
]
"""Not passed on: `refuse` is closed unread, `throttle` gets 429, `half_open` no answer, `drop_before` is
read and closed. Passed on, and in place of the answer: `drop_after` is closed, `hold` kept until released,
`gateway` gets 504, `html` a page, `truncate` half of the answer."""
_NEVER_PASSED_ON = frozenset({"refuse", "throttle", "half_open", "drop_before"})
_PAGE = b"<html><head><title>Sign in</title></head><body>please</body></html>"


@dataclass
class FaultProxy:
    """What is passed on, and what befalls it."""

    target: str
    """Address of the real server's database."""
    port: int = 0
    call: str = ""
    """Part of a request's first line (in lower case) or body that says it is meant."""
    faults: list[Fault] = field(default_factory=list)
    """What befalls the next such calls; after them they pass."""
    seen: int = 0
    """Such calls that came."""
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    """The real server has answered one that is held."""
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Its own address, which stands for the target's."""
        return f"http://127.0.0.1:{self.port}{urlsplit(self.target).path}"

    def befall(self, call: str, *faults: Fault) -> None:
        """Let the next calls with this in them meet these faults."""
        self.call, self.faults, self.seen = call, list(faults), 0
        self.answered.clear()
        self.released.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side has had enough."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                while await self._one(reader, writer):
                    pass
            finally:
                writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = [line.lower() for line in head.split(b"\r\n")]
        length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")), 0)
        body = await reader.readexactly(length)
        fault: Fault | None = None
        if self.call and self.call.encode() in lines[0] + body:
            self.seen += 1
            fault = self.faults.pop(0) if self.faults else None
        match fault:
            case "refuse" | "drop_before":
                return False
            case "throttle":
                writer.write(_reply(429, b"{}", b"retry-after: 0\r\n"))
                return True
            case "half_open":
                await self.released.wait()
                return False
        answer = await self._passed_on(head, body)
        match fault:
            case "drop_after":
                return False
            case "hold":
                self.answered.set()
                await self.released.wait()
            case "gateway":
                answer = _reply(504, json.dumps({"error": "gateway"}).encode())
            case "html":
                answer = _reply(200, _PAGE, b"content-type: text/html\r\n")
            case "truncate":
                writer.write(answer[: len(answer) - 20])
                await writer.drain()
                return False
        writer.write(answer)
        await writer.drain()
        return False

    async def _passed_on(self, head: bytes, body: bytes) -> bytes:
        parts = urlsplit(self.target)
        assert parts.hostname is not None
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        kept = [line for line in head.strip().split(b"\r\n") if not line.lower().startswith(b"connection:")]
        writer.write(b"\r\n".join([*kept, b"connection: close"]) + b"\r\n\r\n" + body)
        await writer.drain()
        try:
            return await reader.read()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


def was_passed_on(fault: Fault) -> bool:
    """True where the real server did what was asked."""
    return fault not in _NEVER_PASSED_ON


def _reply(status: int, body: bytes, headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d Said\r\n%scontent-length: %d\r\n\r\n%s" % (status, headers, len(body), body)


@asynccontextmanager
async def in_front_of(target: str) -> AsyncIterator[FaultProxy]:
    """A proxy on a port of its own."""
    proxy, running = FaultProxy(target), set[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await proxy.serve(reader, writer)
        finally:
            running.discard(task)
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        proxy.released.set()
        server.close()
        for task in tuple(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
