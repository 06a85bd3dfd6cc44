"""A chat endpoint in the OpenAI form whose model follows the script and takes the time that is declared.

Half of the time passes before the tool call, half while the text is streamed. `GET /ends` tells when each
sentence of each text had been sent, by the clock that processes of one machine share.

    python -m eval.benchmarks.turns.endpoint MODEL_MS
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

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
                if head.startswith("GET /ends"):
                    _whole(writer, json.dumps(self.ends))
                    self.ends = []
                elif head.startswith("POST /model_ms"):
                    self.model_s = float(body) / 1000
                    _whole(writer, "{}")
                else:
                    await self._complete(json.loads(body), writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _complete(self, sent: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        kind, messages = sent["model"], sent["messages"]
        asked = [one["content"] for one in messages if one["role"] == "user"][-1]
        # Earlier questions stand above this one.
        said = lines(kind, asked.rpartition("Question: ")[2] if kind == "referring" else asked)
        calls = "tools" in sent and messages[-1]["role"] != "tool"
        if calls:
            await _pause(self.model_s / 2)
        if not sent.get("stream"):
            _whole(writer, json.dumps(_reply(kind, said)))
            return
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        async for piece in self._called(said) if calls else self._told(said):
            _event(writer, json.dumps(_chunk(kind, [piece])))
            if self.model_s:
                await writer.drain()
        if sent.get("stream_options", {}).get("include_usage"):
            _event(writer, json.dumps({**_chunk(kind, []), "usage": _USAGE}))
        _event(writer, "[DONE]")
        writer.write(b"0\r\n\r\n")

    async def _called(self, said: Lines) -> AsyncIterator[dict[str, Any]]:
        first = {"index": 0, "id": "call_1", "type": "function"}
        yield _delta(
            {
                "role": "assistant",
                "tool_calls": [{**first, "function": {"name": said.tool, "arguments": ""}}],
            }
        )
        size = 20
        for at in range(0, len(said.arguments), size):
            part = {"index": 0, "function": {"arguments": said.arguments[at : at + size]}}
            yield _delta({"tool_calls": [part]})
        yield _delta({}, "tool_calls")

    async def _told(self, said: Lines) -> AsyncIterator[dict[str, Any]]:
        fragments = said.fragments
        began, each = time.monotonic(), self.model_s / 2 / len(fragments)
        ending = {end for end in range(len(said.text)) if said.text[end] == "." and _ends(said.text, end)}
        at = 0
        for number, fragment in enumerate(fragments, 1):
            await _pause(began + number * each - time.monotonic() if each else 0.0)
            yield _delta({"content": fragment})
            now = time.monotonic()
            self.ends += [now for place in range(at, at + len(fragment)) if place in ending]
            at += len(fragment)
        yield _delta({}, "stop")


def _ends(text: str, at: int) -> bool:
    return at + 1 == len(text) or text[at + 1] == " "


async def _pause(seconds: float) -> None:
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


def _event(writer: asyncio.StreamWriter, data: str) -> None:
    part = f"data: {data}\n\n".encode()
    writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")


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


def _reply(kind: str, said: Lines) -> dict[str, Any]:
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": said.tool, "arguments": said.arguments},
    }
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": kind,
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": _USAGE,
    }


async def main(model_ms: float) -> None:
    """Serve on a free port of the loopback interface, told on stdout, until ended."""
    server = await asyncio.start_server(Endpoint(model_ms / 1000).serve, "127.0.0.1", 0, limit=2**22)
    print(f"the model is at http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
