"""Keys: a request that is sent again does nothing again, and is answered as the first time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from agents.answer import Answer
from erp_adapters.caller import Caller
from erp_adapters.errors import StoreUnavailable
from erp_adapters.store.session import Store
from server.idempotency import Given, PostgresKeys
from tests.server.stand_in import StandInCopilot, house, person
from tests.server.test_http import JSON, MESSAGES, client

QUESTION = {"question": "Top five"}


@pytest.fixture
async def copilot() -> StandInCopilot:
    return StandInCopilot()


@pytest.fixture
async def http(copilot: StandInCopilot, store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with client(replace(house(copilot), keys=PostgresKeys(store))) as made:
        yield made


def keyed(key: str, **others: str) -> dict[str, str]:
    return {"idempotency-key": key, **others}


async def test_same_request_is_answered_the_same(http: httpx.AsyncClient, copilot: StandInCopilot) -> None:
    """Status and body, and the question is asked once; the second response says what it is."""
    first, again = [await http.post(MESSAGES, json=QUESTION, headers=keyed("a", **JSON)) for _ in range(2)]
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len(copilot.asked) == 1


async def test_what_was_created_is_created_once(http: httpx.AsyncClient) -> None:
    """The id of the first time comes back, with its status."""
    made = [await http.post("/v1/conversations", headers=keyed("b")) for _ in range(3)]
    assert [each.status_code for each in made] == [201, 201, 201]
    assert len({each.json()["id"] for each in made}) == 1


async def test_stream_is_kept_whole(http: httpx.AsyncClient, copilot: StandInCopilot) -> None:
    """The events come again as they came."""
    first, again = [await http.post(MESSAGES, json=QUESTION, headers=keyed("c")) for _ in range(2)]
    assert again.headers["content-type"].startswith("text/event-stream")
    assert again.text == first.text != ""
    assert len(copilot.asked) == 1


async def test_key_of_another_request_is_refused(http: httpx.AsyncClient, copilot: StandInCopilot) -> None:
    """Another body or another address: the client has made a mistake, and is told so."""
    await http.post(MESSAGES, json=QUESTION, headers=keyed("d", **JSON))
    body = await http.post(MESSAGES, json={"question": "Another"}, headers=keyed("d", **JSON))
    path = await http.post("/v1/conversations", headers=keyed("d"))
    assert (body.status_code, path.status_code) == (422, 422)
    assert body.json()["title"] == "Key used for another request"
    assert len(copilot.asked) == 1


class SlowCopilot(StandInCopilot):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.let = asyncio.Event(), asyncio.Event()

    async def ask(
        self, caller: Caller, question: str, *, conversation: str | None = None, alternatives: bool = False
    ) -> Answer:
        self.begun.set()
        await self.let.wait()
        return await super().ask(caller, question, conversation=conversation, alternatives=alternatives)


async def test_key_in_use_is_a_conflict(store: Store) -> None:
    """Two at once: one is answered, the other is told to wait; nothing is done twice."""
    copilot = SlowCopilot()
    async with client(replace(house(copilot), keys=PostgresKeys(store))) as http:
        first = asyncio.create_task(http.post(MESSAGES, json=QUESTION, headers=keyed("e", **JSON)))
        await copilot.begun.wait()
        same = await http.post(MESSAGES, json=QUESTION, headers=keyed("e", **JSON))
        copilot.let.set()
        assert (await first).status_code == 200
    assert same.status_code == 409
    assert len(copilot.asked) == 1


async def test_request_that_failed_leaves_its_key_free(
    http: httpx.AsyncClient, copilot: StandInCopilot
) -> None:
    """Nothing was done, so the next try is a first one."""
    copilot.error = StoreUnavailable("gone")
    failed = await http.post(MESSAGES, json=QUESTION, headers=keyed("f", **JSON))
    copilot.error = None
    again = await http.post(MESSAGES, json=QUESTION, headers=keyed("f", **JSON))
    assert (failed.status_code, again.status_code) == (503, 200)


async def test_keys_belong_to_a_person(http: httpx.AsyncClient, copilot: StandInCopilot) -> None:
    """The same key of somebody else is another key, and nobody is shown another's response."""
    mine = await http.post("/v1/conversations", headers=keyed("g"))
    theirs = await http.post("/v1/conversations", headers=keyed("g", **{"x-plantwright-person": "buyer"}))
    assert mine.json()["id"] != theirs.json()["id"]


@pytest.mark.parametrize("key", ["", "a b", "x" * 129, "a\x7f"])
async def test_unusable_keys_are_named(http: httpx.AsyncClient, key: str) -> None:
    """A key that could be mistaken for another is refused."""
    response = await http.post("/v1/conversations", headers=keyed(key))
    assert response.status_code == 422
    assert "Idempotency-Key" in response.json()["detail"]


async def test_old_and_abandoned_keys_are_free(store: Store, owner_dsn: str) -> None:
    """A day after its response, and soon after a process died with its request."""
    import psycopg

    keys, caller = PostgresKeys(store), person("planner-old", "Planner")
    assert await keys.take(caller, "old", "r") is None
    await keys.give(caller, "old", Given("r", 200, "application/json", b"{}"))
    assert await keys.take(caller, "left", "r") is None
    assert await keys.take(caller, "left", "r") == Given("r", None)
    with psycopg.connect(owner_dsn, autocommit=True) as owner:
        owner.execute("update app.idempotency set taken = now() - interval '23 hours' where key = 'old'")
        owner.execute("update app.idempotency set taken = now() - interval '3 minutes' where key = 'left'")
    assert await keys.take(caller, "old", "r") == Given("r", 200, "application/json", b"{}")
    assert await keys.take(caller, "left", "other") is None
    with psycopg.connect(owner_dsn, autocommit=True) as owner:
        owner.execute("update app.idempotency set taken = now() - interval '25 hours' where key = 'old'")
    assert await keys.take(caller, "old", "other") is None
