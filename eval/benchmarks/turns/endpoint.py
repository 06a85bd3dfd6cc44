"""A chat endpoint in the OpenAI form whose model follows the script and takes the time that is declared.

Half of the time passes before the tool call, half while the text is streamed. Both are counted from the
moment at which a request is there: what this process needs to read and answer it is part of them. What it
says is written out once. `GET /ends` tells when each sentence of each text had been sent, by the clock that
processes of one machine share.

    python -m eval.benchmarks.turns.endpoint MODEL_MS
"""

from __future__ import annotations

import asyncio
import json
import selectors
import sys
import time
from functools import lru_cache
from typing import Any

from pydantic_core import from_json

from eval.benchmarks.turns.script import Lines, lines

_USAGE = {"prompt_tokens": 900, "completion_tokens": 60, "total_tokens": 960}


class Endpoint:
    """The model, and when its sentences ended."""

    def __init__(self, model_s: float) -> None:
        self.model_s = model_s
        self.ends: list[float] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client until it leaves."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                body = await reader.readexactly(_length(head))
                since = time.monotonic()
                if head.startswith("GET /ends"):
                    _whole(writer, json.dumps(self.ends))
                    self.ends = []
                elif head.startswith("POST /model_ms"):
                    self.model_s = float(body) / 1000
                    _whole(writer, "{}")
                else:
                    await self._complete(from_json(body), writer, since)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _complete(self, sent: dict[str, Any], writer: asyncio.StreamWriter, since: float) -> None:
        kind, messages = sent["model"], sent["messages"]
        asked = [one["content"] for one in messages if one["role"] == "user"][-1]
        # Earlier questions stand above this one.
        said = lines(kind, asked.rpartition("Question: ")[2] if kind == "referring" else asked)
        calls = "tools" in sent and messages[-1]["role"] != "tool"
        if calls:
            await _until(since + self.model_s / 2)
        if not sent.get("stream"):
            _whole(writer, _reply(kind, said))
            return
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        if calls:
            writer.write(b"".join(_called(kind, said)))
        else:
            await self._tell(kind, said, writer, since)
        if sent.get("stream_options", {}).get("include_usage"):
            writer.write(_event(json.dumps({**_chunk(kind, []), "usage": _USAGE})))
        writer.write(_event("[DONE]") + b"0\r\n\r\n")

    async def _tell(self, kind: str, said: Lines, writer: asyncio.StreamWriter, since: float) -> None:
        pieces, ended = _told(kind, said)
        each = self.model_s / 2 / len(pieces)
        for number, (piece, ends) in enumerate(zip(pieces, ended, strict=True), 1):
            await _until(since + number * each)
            writer.write(piece)
            self.ends += [time.monotonic()] * ends
            if self.model_s:
                await writer.drain()
        writer.write(_event(json.dumps(_chunk(kind, [_delta({}, "stop")]))))


@lru_cache(maxsize=1024)
def _called(kind: str, said: Lines) -> tuple[bytes, ...]:
    """The events that ask for a tool, as they are sent."""
    first = {"index": 0, "id": "call_1", "type": "function"}
    opening = {
        "role": "assistant",
        "tool_calls": [{**first, "function": {"name": said.tool, "arguments": ""}}],
    }
    size = 20
    parts = [
        {"tool_calls": [{"index": 0, "function": {"arguments": said.arguments[at : at + size]}}]}
        for at in range(0, len(said.arguments), size)
    ]
    deltas = [_delta(opening), *map(_delta, parts), _delta({}, "tool_calls")]
    return tuple(_event(json.dumps(_chunk(kind, [delta]))) for delta in deltas)


@lru_cache(maxsize=1024)
def _told(kind: str, said: Lines) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
    """The events of a text as they are sent, and how many of its sentences end with each."""
    ending = [end for end in range(len(said.text)) if said.text[end] == "." and _ends(said.text, end)]
    pieces, ended, at = [], [], 0
    for fragment in said.fragments:
        pieces.append(_event(json.dumps(_chunk(kind, [_delta({"content": fragment})]))))
        ended.append(sum(at <= end < at + len(fragment) for end in ending))
        at += len(fragment)
    return tuple(pieces), tuple(ended)


def _ends(text: str, at: int) -> bool:
    return at + 1 == len(text) or text[at + 1] == " "


async def _until(moment: float) -> None:
    seconds = moment - time.monotonic()
    if seconds > 0:
        await asyncio.sleep(seconds)


def _length(head: str) -> int:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


def _whole(writer: asyncio.StreamWriter, body: str) -> None:
    head = (
        f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body.encode())}\r\n\r\n"
    )
    writer.write((head + body).encode())


def _event(data: str) -> bytes:
    part = f"data: {data}\n\n".encode()
    return f"{len(part):x}\r\n".encode() + part + b"\r\n"


def _delta(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish}


def _chunk(kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": kind,
        "choices": choices,
    }


@lru_cache(maxsize=1024)
def _reply(kind: str, said: Lines) -> str:
    """The whole reply that asks for a tool."""
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": said.tool, "arguments": said.arguments},
    }
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    reply = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": kind,
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": _USAGE,
    }
    return json.dumps(reply)


async def main(model_ms: float) -> None:
    """Serve on a free port of the loopback interface, told on stdout, until ended."""
    server = await asyncio.start_server(Endpoint(model_ms / 1000).serve, "127.0.0.1", 0, limit=2**22)
    print(f"the model is at http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", flush=True)
    await server.serve_forever()


def _exact() -> asyncio.AbstractEventLoop:
    # Sleeps to the microsecond; the usual selector rounds each sleep up to a millisecond.
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=_exact) as runner:
        runner.run(main(float(sys.argv[1])))
