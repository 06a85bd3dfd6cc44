"""One line, one span and one count for each request, and the end of streams when the service shuts down."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from erp_adapters.store.ids import new_id
from server.errors import Problem
from server.shutdown import Shutdown
from server.telemetry.logs import REQUEST
from server.telemetry.metrics import Metrics
from server.telemetry.traces import request_span

log = logging.getLogger("plantwright.access")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BEGINS_WORK = frozenset({"POST", "PUT", "PATCH", "DELETE"})
RETRY_S = 1
RESUME = {
    "type": "CUSTOM",
    "name": "plantwright.resume",
    "value": {
        "detail": "This server is shutting down. Go on at the same address: another one answers.",
        "retry_ms": RETRY_S * 1000,
    },
}
"""Last event of a stream that ends before its answer; AG-UI clients read it as one of theirs."""


class Requests:
    """Watches every request; the outermost layer of the application.

    Args:
        app: the application.
        metrics: where requests are counted.
        shutdown: says when nothing new may begin, and when streams have to end.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, shutdown: Shutdown) -> None:
        self.app = app
        self._metrics = metrics
        self._shutdown = shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; tell of it once it has ended."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        given = headers.get("x-request-id", "")
        request = given if _ID.fullmatch(given) else str(new_id())
        token = REQUEST.set(request)
        since = time.perf_counter()
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request.encode())]
            await send(message)

        try:
            with request_span("request", headers) as span:
                try:
                    await self._answered(scope, receive, noted)
                finally:
                    route, passed = route_of(scope), time.perf_counter() - since
                    for name, value in (("method", scope["method"]), ("route", route), ("status", status)):
                        span.note(name, value)
                    self._metrics.request(scope["method"], route, status, passed)
                    _tell(scope["method"], route, status, passed)
        finally:
            REQUEST.reset(token)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._shutdown.begun and scope["method"] in _BEGINS_WORK:
            await _refuse(send)
            return
        stream = _Stream(send)
        answering = asyncio.ensure_future(self.app(scope, receive, stream))
        ending = asyncio.ensure_future(self._shutdown.streams_end.wait())
        try:
            await asyncio.wait({answering, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done() and stream.is_open:
                await stream.end()
                answering.cancel()
                with suppress(asyncio.CancelledError):
                    await answering
                return
            await answering
        finally:
            ending.cancel()
            if not answering.done():
                answering.cancel()
                await asyncio.wait({answering})


_SILENT = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds: they are counted, and no line is written."""


def _tell(method: str, route: str, status: int, seconds: float) -> None:
    if route not in _SILENT:
        told = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        log.info("request", extra=told)


class _Stream:
    """Passes messages on; can put a last event behind those of an event stream."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._lock = asyncio.Lock()
        self._ended = False
        self.is_open = False
        """True between the beginning and the end of an event stream."""

    async def __call__(self, message: Message) -> None:
        async with self._lock:
            if self._ended:
                return
            await self._send(message)
            if message["type"] == "http.response.start":
                kind = next((value for name, value in message["headers"] if name == b"content-type"), b"")
                self.is_open = kind.startswith(b"text/event-stream")
            elif not message.get("more_body"):
                self.is_open = False

    async def end(self) -> None:
        """Say that the stream goes on elsewhere, and end it."""
        async with self._lock:
            self._ended, self.is_open = True, False
            body = f"event: resume\ndata: {json.dumps(RESUME)}\n\n".encode()
            await self._send({"type": "http.response.body", "body": body, "more_body": False})


def route_of(scope: Scope) -> str:
    """The template of the route, never the address itself: it may hold ids, and there are too many."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    if isinstance(path, str):
        return path
    # A mounted folder leaves no route behind; what was not found has no endpoint.
    return "page" if "endpoint" in scope else "none"


async def _refuse(send: Send) -> None:
    detail = "this server is shutting down and begins nothing new; ask again, another one answers"
    body = json.dumps(Problem("Shutting down", 503, detail).body()).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(RETRY_S).encode()),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
