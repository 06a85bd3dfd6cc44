"""The end of a real process: what runs is finished or told to go on elsewhere; a second signal ends it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import Database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

QUESTION = "How many suppliers named Quarzwerk do we have?"
ASKED = "/v1/conversations/0192d0f0-0000-7000-8000-0000000000cc/messages"


class Endpoint:
    """A model that keeps everybody waiting until it is let go, and then fails: the embedded one answers."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.let_go = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked.set()
        await self.let_go.wait()
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


class Service:
    """`plantwright serve`, and somebody who waits for an answer there."""

    def __init__(
        self, process: asyncio.subprocess.Process, http: httpx.AsyncClient, endpoint: Endpoint
    ) -> None:
        self.process, self.http, self.endpoint = process, http, endpoint
        self.reading = asyncio.create_task(http.post(ASKED, json={"question": QUESTION}))

    async def told(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        for _ in range(100):
            if (await self.http.get("/readyz")).status_code == 503:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("readiness never said no")


@asynccontextmanager
async def service(demo: Database, home: Path, grace_s: float) -> AsyncIterator[Service]:
    endpoint = Endpoint()
    async with await asyncio.start_server(endpoint, "127.0.0.1", 0) as listening:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "HOME") if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "serve", "--port", "0",
            env={
                **kept,
                "PLANTWRIGHT_HOME": str(home),
                "DATABASE_URL": demo.dsn(),
                "PLANTWRIGHT_MODEL": "openai:m",
                "OPENAI_BASE_URL": f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1",
                "PLANTWRIGHT_PERSON": "planner.kassel",
                "PLANTWRIGHT_GRACE_S": str(grace_s),
                "PLANTWRIGHT_LOG": "json",
            },
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        try:
            found = None
            while found is None:
                line = await asyncio.wait_for(process.stderr.readline(), 60)
                assert line, "the service ended before it was there"
                found = re.search(r"http://127\.0\.0\.1:\d+/", line.decode())
            async with httpx.AsyncClient(base_url=found[0], timeout=60) as http:
                made = Service(process, http, endpoint)
                await asyncio.wait_for(endpoint.asked.wait(), 60)
                yield made
        finally:
            endpoint.let_go.set()
            if process.returncode is None:
                process.kill()
                await process.wait()


async def test_a_question_that_runs_is_answered_before_the_end(demo: Database, tmp_path: Path) -> None:
    """Readiness says no first, nothing new is taken, and the reader has the answer; the exit code is 0."""
    async with service(demo, tmp_path, 60) as served:
        await served.told(signal.SIGTERM)
        assert (await served.http.post(ASKED, json={"question": "Another?"})).status_code == 503
        served.endpoint.let_go.set()
        text = (await served.reading).text
        assert "event: answer" in text
        assert "event: resume" not in text
        assert await asyncio.wait_for(served.process.wait(), 30) == 0
        assert served.process.stderr is not None
        lines = (await served.process.stderr.read()).decode().splitlines()
    told = [json.loads(line) for line in lines]
    assert any(line["message"] == "turn" and line["subject"] == "planner.kassel" for line in told)
    assert any(line["logger"] == "plantwright.access" and line["status"] == 503 for line in told)
    assert "Quarzwerk" not in "".join(lines)


async def test_what_is_not_answered_in_time_goes_on_elsewhere(demo: Database, tmp_path: Path) -> None:
    """The stream ends with an event that says so, not in the middle."""
    async with service(demo, tmp_path, 0.5) as served:
        served.process.send_signal(signal.SIGTERM)
        text = (await served.reading).text
        last = text.strip().split("\n\n")[-1]
        assert last.startswith("event: resume\n")
        assert json.loads(last.split("data: ", 1)[1])["value"]["retry_ms"] > 0
        assert await asyncio.wait_for(served.process.wait(), 30) == 0


async def test_a_second_signal_ends_it_at_once(demo: Database, tmp_path: Path) -> None:
    """Nobody waits out a minute's grace at a terminal."""
    async with service(demo, tmp_path, 60) as served:
        await served.told(signal.SIGINT)
        since = time.monotonic()
        served.process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(served.process.wait(), 30) == 130
        assert time.monotonic() - since < 10
        served.reading.cancel()
