"""Runs over a whole service: the database, the embedded model, two replicas and real sockets."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from agents.events import Clause, Done, Event, Started
from agents.page import Page
from erp_adapters.caller import Caller
from server.bootstrap import opened_on
from server.house import House
from server.serving import address, bound, server
from server.settings import Settings
from tests.conftest import Database
from tests.server.stand_in import StandInCopilot, house, ranking
from tests.server.test_http import client
from tests.server.test_runs import asked, kinds, resumed, told, words

WITHIN_S = 0.1
WHO = {"x-plantwright-person": "planner.kassel"}


@asynccontextmanager
async def served(home: House) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the house on a port of its own."""
    listening = bound("127.0.0.1", 0, may_move=False)
    made = server(home)
    serving = asyncio.create_task(made.serve(sockets=[listening]))
    try:
        async with httpx.AsyncClient(base_url=address(listening), timeout=30, trust_env=False) as http:
            yield http
    finally:
        made.should_exit = True
        await serving


class Paced(StandInCopilot):
    """Says three clauses with a pause after each, and notes when."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[float] = []

    async def stream(
        self,
        caller: Caller,
        question: str,
        *,
        conversation: str | None = None,
        alternatives: bool = False,
        answer: str | None = None,
        page: Page | None = None,
    ) -> AsyncIterator[Event]:
        yield Started(conversation or "", answer or "")
        parts = ("One.", "Two.", "Three.")
        for part in parts:
            self.said.append(time.monotonic())
            yield Clause(part)
            await asyncio.sleep(0.2)
        whole = ranking().model_copy(update={"id": answer, "answer": " ".join(parts)})
        yield Done(whole, is_kept=False)


@pytest.mark.slow
async def test_verified_clause_reaches_the_client_at_once() -> None:
    """Over a socket, within 100 ms of its end, while the rest is still being written."""
    copilot = Paced()
    heard: list[float] = []
    async with served(house(copilot)) as http, http.stream("POST", "/v1/agui", json=asked()) as response:
        async for line in response.aiter_lines():
            if line.startswith("data:") and "delta" in json.loads(line[5:]):
                heard.append(time.monotonic())
    delays = [at - said for said, at in zip(copilot.said, heard, strict=True)]
    assert max(delays) < WITHIN_S, delays


@pytest.fixture
async def replicas(demo: Database, tmp_path: object) -> AsyncIterator[tuple[httpx.AsyncClient, ...]]:
    """Two processes' worth of service on one database."""
    settings = Settings(home=tmp_path)  # type: ignore[arg-type]
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(2):
            home = await stack.enter_async_context(opened_on(settings, demo))  # type: ignore[arg-type]
            made.append(await stack.enter_async_context(client(replace(home, desk=None))))
        for http in made:
            http.headers.update(WHO)
        yield tuple(made)


async def test_turn_is_the_same_on_every_replica(replicas: tuple[httpx.AsyncClient, ...]) -> None:
    """Asked here, heard again there from any point: one answer, whole, once; the page beside it is read."""
    here, there = replicas
    run, thread = str(uuid4()), str(uuid4())
    shown = {"context": [{"description": "plant", "value": "KAS"}]}
    question = {**asked("How much was scrapped in 2025?", run=run, thread=thread), **shown}
    whole = told((await here.post("/v1/agui", json=question)).text)
    assert kinds(whole)[-1] == "RUN_FINISHED", whole[-1]
    answer = whole[-2][1]["value"]
    assert answer["status"] == "answered", answer["answer"]
    assert answer["question"] == "How much was scrapped in 2025 at Kassel?"
    assert answer["reading"].endswith("as the page shows: Kassel")
    assert words(whole) == answer["answer"]
    for last, _ in whole[:-1]:
        rest = await resumed(there, run, last)
        heard_before = words(
            [each for each in whole if int(each[0].split(".")[0]) <= int(last.split(".")[0])]
        )
        assert heard_before + words(rest) == answer["answer"]
        assert kinds(rest)[-1] == "RUN_FINISHED"
    assert await resumed(there, run, whole[-1][0]) == []
    again = told((await there.post("/v1/agui", json=question)).text)
    assert again[-2][1]["value"] == answer
    history = (await there.get(f"/v1/conversations/{thread}")).json()
    assert [each["id"] for each in history["answers"]] == [answer["id"]]
    listed = (await there.get("/v1/conversations")).json()["conversations"]
    assert (listed[0]["id"], listed[0]["title"]) == (thread, "How much was scrapped in 2025?")


async def test_refused_question_is_heard_again_too(replicas: tuple[httpx.AsyncClient, ...]) -> None:
    """No conversation keeps it, and yet every replica tells it."""
    here, there = replicas
    run = str(uuid4())
    whole = told((await here.post("/v1/agui", json=asked(" ", run=run, thread=str(uuid4())))).text)
    assert whole[-2][1]["value"]["status"] == "refused"
    assert words(await resumed(there, run, "1.none.begun.0")) == words(whole)
