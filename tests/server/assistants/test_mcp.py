"""A person's assistant has their tools, scope and policy over MCP; it drafts, and confirms nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from psycopg import connect

from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.store import ADMIN_ROLE, Store
from policies.engine import CedarPolicy
from policies.reading import PolicyReads
from server.app import create_app
from server.desk import opened_desk
from server.settings import Settings
from tests.conftest import Database
from tests.server.stand_in import house
from tools.all_tools import DRAFTS, registry

DRAFT = {
    "material": "BR-6204", "quantity": "500", "unit": "PC", "needed_on": "2026-05-05", "site": "Kassel",
}  # fmt: skip


@dataclass(frozen=True)
class Served:
    """A service with MCP on a demo home, and its database."""

    app: Any
    database: Database

    @asynccontextmanager
    async def client(self, person: str) -> AsyncIterator[Client]:
        """The official client, as an assistant of that person."""
        async with (
            httpx2.AsyncClient(
                transport=httpx2.ASGITransport(self.app, client=("127.0.0.1", 5000)),
                headers={"x-plantwright-person": person},
            ) as http,
            Client(streamable_http_client("http://127.0.0.1/mcp", http_client=http)) as client,
        ):
            yield client

    def counted(self) -> tuple[int, ...]:
        """Proposals, signatures and outbox rows there are."""
        with connect(self.database.dsn(ADMIN_ROLE)) as connection:
            found = connection.execute(
                "select (select count(*) from app.proposal), (select count(*) from app.signature),"
                " (select count(*) from app.outbox)"
            ).fetchone()
        assert found is not None
        return tuple(int(each) for each in found)


@pytest.fixture
def folder(demo_apart: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / f"home-{demo_apart.name}"


@asynccontextmanager
async def serving(demo_apart: Database, folder: Path, **more: int) -> AsyncIterator[Served]:
    """Entered within the test: the protocol's tasks end where they began."""
    settings = Settings(home=folder, mcp=True, **more)
    async with (
        await Store.open(demo_apart.dsn()) as store,
        opened_desk(settings, demo_apart, store) as desk,
    ):
        copilot = Copilot(
            store,
            registry(),
            EmbeddedModel(),
            desk=desk,
            trail=desk.trail,
            reads=PolicyReads(CedarPolicy.packaged()),
        )
        home = replace(house(), settings=settings, directory=desk.directory, copilot=copilot, desk=desk)
        app = create_app(home)
        async with app.router.lifespan_context(app):
            yield Served(app, demo_apart)


async def test_a_persons_assistant_gets_figures_with_their_evidence(
    demo_apart: Database, folder: Path
) -> None:
    async with serving(demo_apart, folder) as served, served.client("planner.kassel") as client:
        tools = (await client.list_tools()).tools
        names = {tool.name for tool in tools}
        assert {"query_metrics", "stock_and_requirements", "draft_requisition"} <= names
        assert not any(name.startswith(("confirm", "approve", "sign")) for name in names)
        hints = {tool.name: tool.annotations.read_only_hint for tool in tools if tool.annotations}
        assert {name for name, reads in hints.items() if not reads} < {tool.name for tool in DRAFTS}
        found = await client.call_tool("stock_and_requirements", {"material": "BR-6204", "site": "Kassel"})
    assert not found.is_error
    assert found.structured_content is not None
    answer = found.structured_content
    assert answer["status"] == "answered"
    proofs = {each["id"] for each in answer["evidence"]}
    assert {each["evidence"] for each in answer["figures"]} <= proofs
    assert "Evidence" in found.content[0].text


async def test_another_plant_is_as_if_it_were_not_there(demo_apart: Database, folder: Path) -> None:
    async with serving(demo_apart, folder) as served, served.client("planner.kassel") as client:
        found = await client.call_tool("stock_and_requirements", {"material": "BR-6204", "site": "Brescia"})
        assert found.is_error
        assert "no site 'Brescia' that you may see" in found.content[0].text
        wrong = await client.call_tool("stock_and_requirements", {"material": "BR-6204", "subject": "admin"})
        assert wrong.is_error
        nothing = await client.call_tool("confirm_draft", {"id": "1"})
        assert "there is no tool 'confirm_draft' for you" in nothing.content[0].text


async def test_a_draft_waits_and_nothing_is_confirmed(demo_apart: Database, folder: Path) -> None:
    async with serving(demo_apart, folder) as served, served.client("planner.kassel") as client:
        before = served.counted()
        found = await client.call_tool("draft_requisition", DRAFT)
        after = served.counted()
    assert not found.is_error, found.content[0].text
    assert "waits for a person in plantwright; it cannot be confirmed here" in found.content[0].text
    assert (after[0] - before[0], after[1:]) == (1, before[1:])


async def test_whoever_is_not_known_gets_nothing(demo_apart: Database, folder: Path) -> None:
    """The refusal is of HTTP, so that a client knows to sign in."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    async with (
        serving(demo_apart, folder) as served,
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(served.app, client=("127.0.0.1", 5000)),
            base_url="http://127.0.0.1",
        ) as http,
    ):
        stranger = await http.post("/mcp/", json=call, headers={"x-plantwright-person": "nobody"})
        assert stranger.status_code == 401
        other = await http.post("/mcp/", json=call, headers={"origin": "https://elsewhere.example"})
        assert other.status_code == 401
        assert (await http.get("/.well-known/oauth-protected-resource/mcp")).status_code == 404


async def test_size_and_pace_are_those_of_everywhere(demo_apart: Database, folder: Path) -> None:
    """Too large a body is refused, and whoever asks too much is told when to come again, in one bucket."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    async with (
        serving(demo_apart, folder, body_limit=4_096, requests_a_minute=3) as served,
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(served.app, client=("127.0.0.1", 5000)),
            base_url="http://127.0.0.1",
            headers={
                "x-plantwright-person": "planner.kassel",
                "accept": "application/json, text/event-stream",
            },
        ) as http,
    ):
        large = {**call, "params": {"note": "x" * 5_000}}
        assert (await http.post("/mcp/", json=large)).status_code == 413

        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(5):
                yield b"x" * 1_000

        sent = await http.post("/mcp/", content=chunks(), headers={"content-type": "application/json"})
        assert sent.status_code == 413
        answers = [await http.post("/mcp/", json=call) for _ in range(3)]
        assert answers[0].status_code == 200
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["retry-after"]) > 0
        # The bucket is the person's, not the way's.
        assert (await http.post("/v1/conversations")).status_code == 429
        other = await http.post("/mcp/", json=call, headers={"x-plantwright-person": "buyer.kassel"})
        assert other.status_code == 200


async def test_no_address_asks_without_end() -> None:
    """Before anybody is looked up: an address that has no token either is slowed down."""
    settings = Settings(mcp=True, requests_a_minute_of_address=2)
    app = create_app(replace(house(), settings=settings))
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="https://copilot.example") as http,
    ):
        statuses = [(await http.post("/mcp/", json={})).status_code for _ in range(3)]
    assert statuses[:2] == [401, 401]
    assert statuses[2] == 429


async def test_clients_learn_where_tokens_come_from() -> None:
    """RFC 9728: the refusal names the metadata, and the metadata the issuer."""
    settings = Settings(
        mcp=True,
        oidc_issuer="https://id.example",
        oidc_client_id="plantwright",
        public_url="https://copilot.example",
    )
    home = replace(house(), settings=settings, is_demo=False)
    assert home.entrance is not None
    home = replace(home, entrance=replace(home.entrance, settings=settings, is_demo=False))
    app = create_app(home)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="https://copilot.example") as http,
    ):
        refused = await http.post("/mcp/", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        assert refused.status_code == 401
        where = "https://copilot.example/.well-known/oauth-protected-resource/mcp"
        assert refused.headers["www-authenticate"] == f'Bearer resource_metadata="{where}"'
        told = (await http.get(where)).json()
    assert told["authorization_servers"] == ["https://id.example"]
    assert told["resource"] == "https://copilot.example/mcp"
