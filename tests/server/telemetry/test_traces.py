"""A turn as those who run the service see it: what ran, how long, how it ended, nothing of its contents."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agents.copilot import Copilot
from erp_adapters import tracing
from erp_adapters.errors import ConfigurationError
from erp_adapters.store.session import Store
from server.app import create_app
from server.telemetry.metrics import Metrics
from server.telemetry.traces import traced, traced_by
from tests.agents.scripted import ScriptedModel, calls
from tests.agents.toy import PLANNER, KeptInMemory, NoStore, ScrapArguments, registry
from tests.server.stand_in import CONVERSATION, house

PARENT = "0af7651916cd43dd8448eb211c80319c"
SECRET = "How much scrap does the Quarzwerk line make"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """What is traced meanwhile."""
    exporter = InMemorySpanExporter()
    with traced_by(SimpleSpanProcessor(exporter)):
        yield exporter


def _agent(metrics: Metrics | None = None, **options: Any) -> Copilot:
    model = ScriptedModel(
        calls("scrap", ScrapArguments(top=2)), ["The scrapped quantity was {{r0.figures[0]}}."]
    )
    return Copilot(
        NoStore(), registry(), model, conversations=KeptInMemory(), watch=metrics or Metrics(), **options
    )


async def test_a_turn_is_one_trace_with_its_stages_and_calls(spans: InMemorySpanExporter) -> None:
    """Stages and calls stand below the turn; no attribute holds what was asked."""
    answer = await _agent().ask(PLANNER, SECRET)
    assert answer.status == "answered"
    done = spans.get_finished_spans()
    (turn,) = [span for span in done if span.name == "turn"]
    assert turn.attributes is not None
    assert turn.attributes["plantwright.status"] == "answered"
    names = [span.name for span in done]
    assert {"plan", "tools", "tool", "compose", "finish"} <= set(names)
    assert {span.context.trace_id for span in done if span.context} == {turn.context.trace_id}  # type: ignore[union-attr]
    (tool,) = [span for span in done if span.name == "tool"]
    (stage,) = [span for span in done if span.name == "tools"]
    assert tool.attributes == {"plantwright.tool": "scrap", "plantwright.outcome": "answered"}
    assert tool.parent is not None
    assert stage.context is not None
    assert tool.parent.span_id == stage.context.span_id
    everything = " ".join(span.to_json() for span in done)
    for kept in ("Quarzwerk", "Paint", "5,957", "5957", PLANNER.subject):
        assert kept not in everything


async def test_a_failed_turn_tells_its_kind_and_not_its_message(spans: InMemorySpanExporter) -> None:
    """Messages of errors may quote the data."""

    def broken(turn: object) -> Any:
        raise ValueError(SECRET)

    agent = Copilot(
        NoStore(), registry(), ScriptedModel(broken), conversations=KeptInMemory(), watch=Metrics()
    )
    with pytest.raises(ValueError, match="Quarzwerk"):
        await agent.ask(PLANNER, SECRET)
    (turn,) = [span for span in spans.get_finished_spans() if span.name == "turn"]
    assert turn.attributes is not None
    assert turn.attributes["error.type"] == "ValueError"
    assert all("Quarzwerk" not in span.to_json() for span in spans.get_finished_spans())


async def test_a_request_goes_on_with_the_callers_trace(spans: InMemorySpanExporter) -> None:
    """W3C traceparent in; a broken one begins a trace of our own."""
    transport = httpx.ASGITransport(create_app(house()), client=("127.0.0.1", 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8046") as http:
        await http.get("/v1/me", headers={"traceparent": f"00-{PARENT}-b7ad6b7169203331-01"})
        await http.get("/v1/me", headers={"traceparent": "00-zz-yy-01"})
    first, second = [span for span in spans.get_finished_spans() if span.name == "request"]
    assert first.context is not None
    assert second.context is not None
    assert f"{first.context.trace_id:032x}" == PARENT
    assert f"{second.context.trace_id:032x}" != PARENT
    assert first.attributes is not None
    assert first.attributes["plantwright.route"] == "/v1/me"
    assert CONVERSATION not in first.to_json()


async def test_a_transaction_is_traced_without_its_statements(spans: InMemorySpanExporter, dsn: str) -> None:
    """How long the database took, and whether something was written."""
    async with await Store.open(dsn) as store, store.reading(PLANNER) as tx:
        await tx.fetch("select 'Quarzwerk'")
    (span,) = [span for span in spans.get_finished_spans() if span.name == "database"]
    assert span.attributes == {"plantwright.access": "read"}


async def test_spans_are_posted_where_the_setting_says() -> None:
    """One real OTLP request over HTTP, in protobuf, with the service's name."""
    received: list[tuple[str, bytes]] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length")
        )
        body = await reader.readexactly(length)
        received.append((head.splitlines()[0], body))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    def one_turn() -> None:
        with traced(f"http://127.0.0.1:{port}"):
            asyncio.run(_agent().ask(PLANNER, SECRET))

    async with server:
        await asyncio.to_thread(one_turn)
    line, body = received[0]
    assert line == "POST /v1/traces HTTP/1.1"
    sent = ExportTraceServiceRequest.FromString(body)
    (resource,) = sent.resource_spans
    assert {one.key: one.value.string_value for one in resource.resource.attributes}[
        "service.name"
    ] == "plantwright"
    assert "turn" in {span.name for scope in resource.scope_spans for span in scope.spans}
    assert b"Quarzwerk" not in body
    assert not tracing.is_on()


def test_no_address_is_named() -> None:
    """A typing error is told at the start, not as spans that never arrive."""
    with pytest.raises(ConfigurationError, match="PLANTWRIGHT_OTLP_ENDPOINT"), traced("localhost:4318"):
        raise AssertionError


def test_without_an_endpoint_a_turn_pays_next_to_nothing() -> None:
    """Fifty spans that nobody wants cost less than 0.2 ms."""
    best = min(_spans_s(50) for _ in range(20))
    assert best < 0.0002


def _spans_s(count: int) -> float:
    since = time.perf_counter()
    for _ in range(count):
        with tracing.span("x", a=1) as seen:
            seen.note("b", 2)
    return time.perf_counter() - since


@pytest.mark.slow
def test_nothing_that_sends_is_loaded_without_an_endpoint() -> None:
    """What is not needed takes no memory."""
    code = (
        "import server.app, server.bootstrap, sys;"
        "print([m for m in sys.modules if m.startswith(('opentelemetry.exporter', 'google.protobuf'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
