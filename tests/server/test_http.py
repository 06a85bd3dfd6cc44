"""The HTTP interface: what is answered, in which form, and what is refused."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from erp_adapters.breaker import Breaker
from erp_adapters.errors import ConfigurationError, ModelUnavailable, RecordNotFound, StoreUnavailable
from server.app import create_app
from server.house import House
from tests.server.stand_in import ANSWER_ID, CONVERSATION, StandInCopilot, StandInDirectory, house

HERE = "http://127.0.0.1:8046"
MESSAGES = f"/v1/conversations/{CONVERSATION}/messages"
ALONE = [
    {"name": "database", "state": "ok", "why": ""},
    {"name": "model", "state": "ok", "why": ""},
    {"name": "audit", "state": "degraded", "why": "this service keeps no record"},
    {"name": "worker", "state": "degraded", "why": "this service writes to no ERP"},
]
JSON = {"accept": "application/json"}


def client(served: House, *, peer: str = "127.0.0.1", base: str = HERE) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(served), client=(peer, 50000), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=base)


@pytest.fixture
async def copilot() -> StandInCopilot:
    return StandInCopilot()


@pytest.fixture
async def http(copilot: StandInCopilot) -> AsyncIterator[httpx.AsyncClient]:
    async with client(house(copilot)) as made:
        yield made


def events(text: str) -> list[tuple[str, str, dict[str, object]]]:
    """Id, name and data of each event of a stream."""
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


async def test_question_is_answered_as_json(http: httpx.AsyncClient, copilot: StandInCopilot) -> None:
    """A client that accepts only JSON gets the whole answer; person, conversation and wish are passed on."""
    response = await http.post(MESSAGES, json={"question": "Top five", "alternatives": True}, headers=JSON)
    assert response.status_code == 200
    assert response.json()["figures"][0]["value"] == "1271"
    assert copilot.asked == [("planner", "Top five", CONVERSATION, True)]


async def test_question_is_streamed(http: httpx.AsyncClient) -> None:
    """Events come numbered: the ids first, every clause part of the answer's text, and the answer last."""
    response = await http.post(MESSAGES, json={"question": "Top five"})
    assert response.headers["content-type"].startswith("text/event-stream")
    came = events(response.text)
    assert [number for number, _, _ in came] == [str(i) for i in range(len(came))]
    assert [name for _, name, _ in came] == ["started", "progress", "progress", "clause", "answer"]
    assert came[0][2] == {"conversation": CONVERSATION, "answer": ANSWER_ID}
    assert str(came[3][2]["text"]) in str(came[-1][2]["answer"])


async def test_failure_in_a_stream_is_an_event(copilot: StandInCopilot) -> None:
    """A response that has begun ends with an error event that names the thing."""
    copilot.error = StoreUnavailable("the connection to the database was lost")
    async with client(house(copilot)) as http:
        last = events((await http.post(MESSAGES, json={"question": "?"})).text)[-1]
    assert last[1] == "error"
    assert last[2]["status"] == 503
    assert "database was lost" in str(last[2]["detail"])


async def test_unforeseen_failure_in_a_stream_tells_only_an_incident(copilot: StandInCopilot) -> None:
    """What a bug says stays in the log."""
    copilot.error = ZeroDivisionError("secret row")
    async with client(house(copilot)) as http:
        last = events((await http.post(MESSAGES, json={"question": "?"})).text)[-1]
    assert last[2]["status"] == 500
    assert "secret" not in str(last[2])
    assert str(last[2]["incident"]) in str(last[2]["detail"])


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StoreUnavailable("gone"), 503),
        (ModelUnavailable("slow"), 503),
        (RecordNotFound("none"), 404),
        (ConfigurationError("wrong"), 500),
        (ZeroDivisionError("secret"), 500),
    ],
)
async def test_errors_are_problems(copilot: StandInCopilot, error: Exception, status: int) -> None:
    """Every failure is problem+json with a status of the table, and carries the security headers."""
    copilot.error = error
    async with client(house(copilot)) as http:
        response = await http.post(MESSAGES, json={"question": "?"}, headers=JSON)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.json()["status"] == status
    assert "secret" not in response.text


async def test_conversation_begins_with_an_id(http: httpx.AsyncClient) -> None:
    """Ids are UUIDv7, so that they sort by time."""
    response = await http.post("/v1/conversations")
    assert response.status_code == 201
    assert response.json()["id"][14] == "7"


async def test_history_comes_back_in_order(http: httpx.AsyncClient) -> None:
    """A page that is opened again can show what was said."""
    shown = (await http.get(f"/v1/conversations/{CONVERSATION}")).json()
    assert [answer["question"] for answer in shown["answers"]] == [
        "Top five scrap reasons by scrapped quantity",
        "and by month?",
    ]


async def test_offered_reading_runs_by_its_key(http: httpx.AsyncClient, copilot: StandInCopilot) -> None:
    """A choice names the answer and the key, and nothing else."""
    path = f"/v1/conversations/{CONVERSATION}/choices"
    response = await http.post(path, json={"answer_id": ANSWER_ID, "key": "2"})
    assert response.status_code == 200
    assert copilot.chosen == [(CONVERSATION, ANSWER_ID, "2")]
    unknown = await http.post(path, json={"answer_id": ANSWER_ID, "key": "9"})
    assert unknown.status_code == 404
    more = await http.post(path, json={"answer_id": ANSWER_ID, "key": "1", "subject": "admin"})
    assert more.status_code == 422


@pytest.mark.parametrize("path", [f"/v1/answers/{ANSWER_ID}", f"/v1/answers/{ANSWER_ID}/replay"])
async def test_answer_is_read_and_replayed(http: httpx.AsyncClient, path: str) -> None:
    """An answer can be looked up and computed again; an unknown one is not found."""
    assert (await http.get(path)).json()["id"] == ANSWER_ID
    assert (await http.get(path.replace(ANSWER_ID, "none"))).status_code == 404


async def test_health_and_readiness_differ() -> None:
    """A service without its database lives and is not ready."""
    served = house(directory=StandInDirectory(StoreUnavailable("the database does not answer")))
    async with client(served) as http:
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/readyz")).status_code == 503


async def test_readiness_says_how_the_hosted_model_is() -> None:
    """An endpoint that is left alone shows, and takes nobody out of service: the embedded model answers."""
    breaker = Breaker(failures=1)
    async with client(house()) as http:
        ready = (await http.get("/readyz")).json()
        assert ready == {"status": "ready", "hosted_model": None, "parts": ALONE}
    async with client(replace(house(), breaker=breaker)) as http:
        assert (await http.get("/readyz")).json()["hosted_model"] == "closed"
        with pytest.raises(ModelUnavailable), breaker.watching():
            raise ModelUnavailable("away")
        ready = await http.get("/readyz")
    assert (ready.status_code, ready.json()["hosted_model"]) == (200, "open")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\x00\xff\xfe", b'{"question": 5}', b'{"question": "a", "roles": ["admin"]}', b"[]"]
)
async def test_bad_bodies_are_named(http: httpx.AsyncClient, body: bytes) -> None:
    """A body that is not a question is refused with a problem, and its bytes are not repeated."""
    response = await http.post(MESSAGES, content=body, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"


async def test_large_bodies_are_refused_announced_or_not(http: httpx.AsyncClient) -> None:
    """The limit counts what is sent, not only what is announced; 100 kB still reach the copilot."""

    async def trickle() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b"x" * 1024

    headers = {"content-type": "application/json"}
    assert (await http.post(MESSAGES, content=b"x" * 300_000, headers=headers)).status_code == 413
    response = await http.post(MESSAGES, content=trickle(), headers=headers)
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    large = await http.post(MESSAGES, json={"question": "x" * 100_000}, headers=JSON)
    assert large.status_code == 200


async def test_form_posts_are_refused(http: httpx.AsyncClient) -> None:
    """A form of another site can post no JSON."""
    response = await http.post(MESSAGES, content=b'{"question": "a"}', headers={"content-type": "text/plain"})
    assert response.status_code == 415


async def test_unknown_paths_are_problems(http: httpx.AsyncClient) -> None:
    """Nothing outside the page's folder is served."""
    for path in ("/v1/none", "/../settings.py", "/%2e%2e/settings.py"):
        response = await http.get(path)
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"


async def test_page_and_its_headers(http: httpx.AsyncClient) -> None:
    """The page comes with a policy that lets nothing in from elsewhere; answers are not cached."""
    page = await http.get("/plain/")
    assert page.status_code == 200
    assert "<title>plantwright</title>" in page.text
    assert page.headers["x-content-type-options"] == "nosniff"
    assert (await http.get("/plain/app.js")).headers["content-type"].startswith("text/javascript")
    assert (await http.get("/v1/me")).headers["cache-control"] == "no-store"
