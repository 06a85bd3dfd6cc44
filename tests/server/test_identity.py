"""Who may say who they are: only this machine, under its own name, in a demo home."""

from __future__ import annotations

import httpx
import pytest

from server.app import create_app
from server.origins import is_loopback_host
from tests.server.stand_in import CONVERSATION, StandInCopilot, house
from tests.server.test_http import HERE, JSON, MESSAGES, client

DOOR = ("/v1/session", "/v1/session/end")
"""Asked by whoever may not be in yet; they tell and change nothing of anybody."""


SIGNED = ("/v1/sources/{system}/events",)
"""Told by systems, whose signature is looked at in place of a person (test_source_events)."""


async def test_person_is_picked_once() -> None:
    """The cookie that the picker sets decides who asks, and scripts cannot read it."""
    copilot = StandInCopilot()
    async with client(house(copilot)) as http:
        assert (await http.get("/v1/me")).json()["person"]["subject"] == "planner"
        picked = await http.put("/v1/me", json={"subject": "buyer"})
        assert "HttpOnly" in picked.headers["set-cookie"]
        assert "SameSite=lax" in picked.headers["set-cookie"]
        await http.post(MESSAGES, json={"question": "a"}, headers=JSON)
    assert copilot.asked == [("buyer", "a", CONVERSATION, False)]


async def test_a_page_with_a_sign_in_asks_as_nobody_before_it() -> None:
    """The default person of a demo home is for programs: a panel that was signed out is told to sign in."""
    copilot = StandInCopilot()
    only = {"x-plantwright-signed-in": "only"}
    async with client(house(copilot)) as http:
        response = await http.post(MESSAGES, json={"question": "a"}, headers={**JSON, **only})
        assert (response.status_code, response.json()["sign_in"]) == (401, "/v1/session/begin")
        await http.put("/v1/me", json={"subject": "buyer"}, headers=only)
        await http.post(MESSAGES, json={"question": "a"}, headers={**JSON, **only})
    assert copilot.asked == [("buyer", "a", CONVERSATION, False)]


async def test_unknown_person_is_named() -> None:
    """The refusal says who there is."""
    async with client(house()) as http:
        response = await http.get("/v1/me", headers={"x-plantwright-person": "mallory"})
        assert response.status_code == 401
        assert "buyer, planner" in response.json()["detail"]
        assert (await http.put("/v1/me", json={"subject": "mallory"})).status_code == 404


async def test_outside_demo_homes_nobody_is_believed() -> None:
    """A home with people of its own refuses the development identity and names the remedy."""
    copilot = StandInCopilot()
    async with client(house(copilot, is_demo=False)) as http:
        for headers in ({}, {"x-plantwright-person": "planner"}, {"cookie": "plantwright_session=planner"}):
            response = await http.post(MESSAGES, json={"question": "a"}, headers={**JSON, **headers})
            assert response.status_code == 401
            assert response.json()["sign_in"] == "/v1/session/begin"
    assert copilot.asked == []


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:8046"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "localhost.evil.example"},
        {"host": ""},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
        {"origin": "http://["},
        {"host": "[::1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"x-forwarded-for": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"via": "1.1 proxy"},
    ],
)
async def test_rebound_names_other_origins_and_proxies_are_refused(headers: dict[str, str]) -> None:
    """A loopback peer is not enough: name, origin and path of the request must be this machine's."""
    copilot = StandInCopilot()
    async with client(house(copilot)) as http:
        response = await http.post(MESSAGES, json={"question": "a"}, headers={**JSON, **headers})
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert copilot.asked == []


@pytest.mark.parametrize("peer", ["10.0.0.7", "192.168.1.2", "::ffff:10.0.0.7", "testclient"])
async def test_other_machines_are_refused(peer: str) -> None:
    """Even where the server listens on every address."""
    copilot = StandInCopilot()
    async with client(house(copilot), peer=peer) as http:
        assert (await http.post(MESSAGES, json={"question": "a"}, headers=JSON)).status_code == 401
        assert (await http.get("/v1/me")).status_code == 401
    assert copilot.asked == []


@pytest.mark.parametrize("base", [HERE, "http://localhost:8046", "http://[::1]:8046", "http://127.0.0.2"])
async def test_names_of_this_machine_are_accepted(base: str) -> None:
    """With the same name as origin, as a browser sends it."""
    async with client(house(), base=base) as http:
        response = await http.get("/v1/me", headers={"origin": base, "sec-fetch-site": "same-origin"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "path", [f"/v1/answers/{CONVERSATION}", f"/v1/conversations/{CONVERSATION}", "/v1/me"]
)
async def test_every_route_that_shows_data_asks_who(path: str) -> None:
    """No path is forgotten."""
    async with client(house(is_demo=False)) as http:
        assert (await http.get(path)).status_code == 401


@pytest.mark.slow
async def test_every_route_of_the_interface_is_guarded() -> None:
    """A new route under /v1 that does not ask who is there fails here."""
    app = create_app(house(is_demo=False))
    paths = app.openapi()["paths"]
    assert {path for path in paths if not path.startswith("/v1/")} == {"/healthz", "/readyz"}
    bodies = {
        "messages": {"question": "a"},
        "choices": {"answer_id": "a", "key": "1"},
        "me": {"subject": "a"},
    }
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 50000))
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
        for path in paths.keys() - {"/healthz", "/readyz", *DOOR, *SIGNED}:
            for method in paths[path]:
                filled = path.replace("{", "").replace("}", "")
                response = await http.request(method, filled, json=bodies.get(path.rsplit("/", 1)[1]))
                assert response.status_code == 401, (method, path)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:80", "127.8.9.1"])
def test_loopback_names(host: str) -> None:
    """What a browser on this machine can call it."""
    assert is_loopback_host(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "10.0.0.1", "localhost.", "a.localhost", "127.1", "[::ffff:127.0.0.1"]
)
def test_names_that_are_not_loopback(host: str) -> None:
    """Doubtful names are refused."""
    assert not is_loopback_host(host)
