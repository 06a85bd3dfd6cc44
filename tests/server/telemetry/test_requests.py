"""One line, one count and one id for each request; none of them holds what somebody asked."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import httpx
import pytest

from server.app import create_app
from server.house import House
from server.settings import Settings
from server.shutdown import Shutdown
from server.telemetry.logs import configure
from tests.server.stand_in import CONVERSATION, StandInCopilot, house

HERE = "http://127.0.0.1:8046"
MESSAGES = f"/v1/conversations/{CONVERSATION}/messages"
SECRET = "what does the Quarzwerk supplier charge us"


def client(served: House, peer: str = "127.0.0.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(served), client=(peer, 50000), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=HERE)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged as JSON meanwhile."""
    root, levels = logging.getLogger(), {}
    before, level = list(root.handlers), root.level
    for name in ("server", "agents", "plantwright"):
        levels[name] = logging.getLogger(name).level
    stream = io.StringIO()
    configure("json", stream)
    yield stream
    root.handlers, root.level = before, level
    for name, held in levels.items():
        logging.getLogger(name).setLevel(held)


async def test_a_request_leaves_one_line_with_its_route_and_never_its_words(lines: io.StringIO) -> None:
    """Method, template, status, milliseconds and the client's id; no id of the address, no question."""
    async with client(house()) as http:
        answered = await http.post(
            MESSAGES,
            json={"question": SECRET},
            headers={"x-request-id": "abc-1", "accept": "application/json", "cookie": "other=tok-1"},
        )
        await http.get(f"/nowhere/{CONVERSATION}")
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    first, second = [line for line in told if line["logger"] == "plantwright.access"]
    assert answered.headers["x-request-id"] == "abc-1"
    assert (first["method"], first["route"]) == ("POST", "/v1/conversations/{conversation}/messages")
    assert (first["status"], first["request"], first["level"]) == (200, "abc-1", "info")
    assert first["ms"] >= 0
    assert (second["route"], second["status"]) == ("page", 404)
    for kept in ("Quarzwerk", "tok-1", CONVERSATION):
        assert kept not in lines.getvalue()


async def test_ids_that_could_forge_a_line_are_replaced(lines: io.StringIO) -> None:
    """A request id is taken over only where it is one."""
    async with client(house()) as http:
        for given in ("a b", "x" * 65, '","level":"error'):
            got = (await http.get("/healthz", headers={"x-request-id": given})).headers["x-request-id"]
            assert got != given
            assert len(got) == 36


async def test_probes_are_counted_and_write_no_line(lines: io.StringIO) -> None:
    """They come every few seconds."""
    served = house()
    async with client(served) as http:
        await http.get("/healthz")
    assert lines.getvalue() == ""
    counted = 'plantwright_http_requests_total{method="GET",route="/healthz",status="200"} 1.0'
    assert counted in served.metrics.text().decode()


async def test_text_lines_cannot_be_broken_by_what_they_tell(capsys: pytest.CaptureFixture[str]) -> None:
    """A line break in a message makes no second line."""
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        configure("text", stream)
        logging.getLogger("server.x").warning("one\ntwo %s", "a\r\nb")
        configure("text", stream)
        logging.getLogger("server.x").info("once")
    finally:
        root.handlers, root.level = before, level
    assert [line.split(" ", 1)[1].strip() for line in stream.getvalue().splitlines()] == [
        "warning one two a b",
        "info    once",
    ]


async def test_metrics_are_for_this_machine(lines: io.StringIO) -> None:
    """Who comes from elsewhere, through a proxy or under another name finds nothing there."""
    async with client(house()) as http:
        found = await http.get("/metrics")
        assert found.status_code == 200
        assert found.headers["content-type"].startswith("text/plain")
        for headers in ({"host": "erp.example"}, {"x-forwarded-for": "127.0.0.1"}, {"via": "1.1 a"}):
            assert (await http.get("/metrics", headers=headers)).status_code == 404
    async with client(house(), peer="10.0.0.9") as http:
        assert (await http.get("/metrics")).status_code == 404
    async with client(house(settings=Settings(metrics_port=9464))) as http:
        assert (await http.get("/metrics")).status_code == 404


async def test_two_applications_count_apart() -> None:
    """A registry for each: one process may hold several."""
    one, other = house(), house()
    async with client(one) as http:
        await http.get("/healthz")
    assert b'route="/healthz"' in one.metrics.text()
    assert b'route="/healthz"' not in other.metrics.text()


async def test_what_nobody_foresaw_makes_no_new_series() -> None:
    """Methods and paths of others' making end in one series each."""
    served = house()
    async with client(served) as http:
        for n in range(20):
            await http.request(f"X{n}", f"/wp-admin/{n}")
    series = [line for line in served.metrics.text().decode().splitlines() if "http_requests_total{" in line]
    assert len(series) <= 2
    assert all('method="other"' in line for line in series)


@pytest.mark.slow
async def test_a_service_that_ends_takes_nothing_new_and_ends_its_streams() -> None:
    """Readiness says no first; what runs goes on; a stream that does not finish is told so."""
    served = house(StandInCopilot(pause=30))
    async with client(served) as http:
        running = asyncio.create_task(http.post(MESSAGES, json={"question": "Top five"}))
        await asyncio.sleep(0.2)
        served.shutdown.begins.set()
        ready = await http.get("/readyz")
        assert ready.status_code == 503
        assert "shutting down" in ready.json()["detail"]
        assert (await http.get("/healthz")).status_code == 200
        refused = await http.post(MESSAGES, json={"question": "Top five"})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.headers["content-type"] == "application/problem+json"
        assert not running.done()
        await served.shutdown.drained(0.1)
        text = (await asyncio.wait_for(running, 5)).text
    last = text.strip().split("\n\n")[-1].splitlines()
    assert last[0] == "event: resume"
    assert json.loads(last[1].removeprefix("data: "))["name"] == "plantwright.resume"
    assert "event: started" in text


async def test_a_service_that_ends_waits_for_what_runs() -> None:
    """Until nothing runs any more, or the time is up."""
    turns = [1]
    assert not await Shutdown(lambda: turns[0]).drained(0.1)
    ending = asyncio.create_task(Shutdown(lambda: turns[0]).drained(5))
    await asyncio.sleep(0.1)
    assert not ending.done()
    turns[0] = 0
    assert await asyncio.wait_for(ending, 1)
