"""An OpenAI-compatible endpoint on the loopback interface that behaves as a test tells it to."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import uvicorn

Send: TypeAlias = "Callable[[dict[str, Any]], Any]"


@dataclass(frozen=True, slots=True)
class Tools:
    """Asks for these tools: (name, arguments as JSON text or as an object)."""

    calls: Sequence[tuple[str, str | dict[str, Any]]]
    cached: int = 0
    """Prompt tokens that are reported as cached."""


@dataclass(frozen=True, slots=True)
class Text:
    """Writes this text, streamed in small pieces where a stream is asked for."""

    text: str
    finish: str = "stop"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Declines."""


@dataclass(frozen=True, slots=True)
class Status:
    """Fails with an HTTP status."""

    code: int
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """Answers 200 with this body, whatever it is."""

    body: str


@dataclass(frozen=True, slots=True)
class Truncated:
    """Streams this text and drops the connection."""

    text: str


@dataclass(frozen=True, slots=True)
class Hang:
    """Answers nothing for a long time; after the text, where there is one."""

    text: str = ""


Behaviour: TypeAlias = Tools | Text | Refusal | Status | Raw | Truncated | Hang


@dataclass
class ScriptedOpenAI:
    """The endpoint: what it will do, and what it was asked."""

    base_url: str = ""
    script: list[Behaviour] = field(default_factory=list)
    answering: Callable[[dict[str, Any]], Behaviour] | None = None
    """Decides on each request, where there is no script."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Any], send: Send) -> None:
        assert scope["type"] == "http"
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        request = json.loads(body)
        self.requests.append(request)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.keys.append(headers.get("authorization", ""))
        self.headers.append(headers)
        if self.script:
            behaviour = self.script.pop(0)
        else:
            assert self.answering is not None, "the endpoint was asked once too often"
            behaviour = self.answering(request)
        await self._behave(behaviour, bool(request.get("stream")), send)

    async def _behave(self, behaviour: Behaviour, streaming: bool, send: Send) -> None:
        match behaviour:
            case Status(code, retry_after):
                headers = {"retry-after": retry_after} if retry_after else {}
                await _whole(send, code, json.dumps({"error": {"message": "scripted"}}), headers)
            case Raw(text) if streaming:
                await _begin(send)
                await send({"type": "http.response.body", "body": f"data: {text}\n\n".encode()})
            case Raw(text):
                await _whole(send, 200, text)
            case Hang(text):
                if text:
                    await _begin(send)
                    await _piece(send, {"content": text})
                await asyncio.sleep(30)
            case Truncated(text):
                await _begin(send)
                await _piece(send, {"content": text})
                raise ConnectionResetError("scripted")
            case Text(text, finish) if streaming:
                await _begin(send)
                for start in range(0, len(text), 7):
                    await _piece(send, {"content": text[start : start + 7]})
                await _piece(send, {}, finish)
                await _event(send, {"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 20}})
                await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})
            case Refusal() if streaming:
                await _begin(send)
                await _piece(send, {"refusal": "I would rather not."})
                await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})
            case Text(text, finish):
                await _completion(send, {"content": text}, finish)
            case Refusal():
                await _completion(send, {"content": None, "refusal": "I would rather not."}, "stop")
            case Tools(calls, cached):
                tool_calls = [
                    {
                        "id": f"call_{i}",
                        "type": "function",
                        "function": {
                            "name": name,
                            "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
                        },
                    }
                    for i, (name, arguments) in enumerate(calls)
                ]
                message = {"content": None, "tool_calls": tool_calls}
                await _completion(send, message, "tool_calls", cached)


async def _whole(send: Send, status: int, body: str, headers: dict[str, str] | None = None) -> None:
    raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    raw.append((b"content-type", b"application/json"))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body.encode()})


async def _completion(send: Send, message: dict[str, Any], finish: str, cached: int = 0) -> None:
    body = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": 1000,
            "completion_tokens": 50,
            "total_tokens": 1050,
            "prompt_tokens_details": {"cached_tokens": cached},
        },
    }
    await _whole(send, 200, json.dumps(body))


async def _begin(send: Send) -> None:
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _piece(send: Send, delta: dict[str, Any], finish: str | None = None) -> None:
    await _event(send, {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


async def _event(send: Send, event: dict[str, Any]) -> None:
    event = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "scripted", **event}
    await send(
        {"type": "http.response.body", "body": f"data: {json.dumps(event)}\n\n".encode(), "more_body": True}
    )


@asynccontextmanager
async def scripted_openai(*script: Behaviour) -> AsyncIterator[ScriptedOpenAI]:
    """The endpoint, listening until the block ends."""
    endpoint = ScriptedOpenAI(script=list(script))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    # From here on the kernel accepts connections, and keeps them until the server is up.
    listening.listen()
    endpoint.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    config = uvicorn.Config(
        endpoint, lifespan="off", log_level="critical", access_log=False, timeout_graceful_shutdown=0
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield endpoint
    finally:
        server.should_exit = True
        await serving
        listening.close()
