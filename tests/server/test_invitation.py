"""A demo home that other machines may reach: one link, one browser, once."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from erp_adapters.errors import ConfigurationError
from server.entrance import Entrance, entrance_of
from server.house import House
from server.invitation import Invitation
from server.settings import Settings
from tests.server.doors import chosen
from tests.server.stand_in import StandInCopilot, StandInDirectory, StandInSessions, house
from tests.server.test_http import JSON, MESSAGES, client

DOCKER = "http://demo.local:9000"


@pytest.fixture
def open_house() -> House:
    """As `PLANTWRIGHT_DEMO_BIND=0.0.0.0 plantwright demo` makes it."""
    settings = Settings(demo_bind="0.0.0.0")
    sessions = StandInSessions(StandInDirectory())
    door = Entrance(settings, sessions, is_demo=True, invitation=Invitation())
    return replace(house(StandInCopilot(), settings=settings), entrance=door)


def far(served: House) -> httpx.AsyncClient:
    """A browser on another machine."""
    return client(served, peer="172.17.0.1", base=DOCKER)


def link(served: House) -> str:
    return served.door.link("/")


async def test_without_the_link_nobody_is_let_in(open_house: House) -> None:
    """Neither by name nor by the sign-in page, from here or from elsewhere; the answer says what to do."""
    named = {"x-plantwright-person": "planner"}
    for peer, base in (("172.17.0.1", DOCKER), ("127.0.0.1", "http://127.0.0.1:8046")):
        async with client(open_house, peer=peer, base=base) as http:
            for answer in (
                await http.get("/v1/me", headers=named),
                await http.put("/v1/me", json={"subject": "planner"}, headers={"origin": base}),
                await http.post(MESSAGES, json={"question": "a"}, headers={**JSON, **named}),
                await http.get("/v1/session/begin"),
                await http.get("/dev/idp/authorize"),
            ):
                assert answer.status_code == 401
                assert "link" in answer.text
            assert (await http.get("/?token=wrong")).status_code == 403
            assert not (await http.get("/v1/session")).json()["signed_in"]


async def test_the_link_lets_one_browser_in_to_pick_a_person(open_house: House) -> None:
    """It is void afterwards; whoever is in signs in as anybody, and changes who they are from the page."""
    async with far(open_house) as http:
        came = await http.get(link(open_house))
        assert (came.status_code, came.headers["location"]) == (303, "/v1/session/begin?next=/")
        assert "token" not in came.headers["location"]
        begun = await http.get(came.headers["location"])
        assert begun.headers["location"].startswith(f"{DOCKER}/dev/idp/authorize?")
        page = await http.get(begun.headers["location"])
        picked = await chosen(http, page, "buyer")
        assert (await http.get(picked.headers["location"])).status_code == 302
        assert (await http.get("/v1/me")).json()["person"]["subject"] == "buyer"
        changed = await http.put("/v1/me", json={"subject": "planner"}, headers={"origin": DOCKER})
        assert changed.status_code == 200
        for headers in ({}, {"origin": "http://evil.example"}):
            refused = await http.post(MESSAGES, json={"question": "a"}, headers={**JSON, **headers})
            assert refused.status_code in (401, 403)
        asked = await http.post(MESSAGES, json={"question": "a"}, headers={**JSON, "origin": DOCKER})
        assert asked.status_code == 200
    async with far(open_house) as other:
        again = await other.get(link(open_house))
        assert again.status_code == 403
        assert (await other.get("/v1/me")).status_code == 401


async def test_a_browser_that_only_looks_ahead_does_not_use_it_up(open_house: House) -> None:
    """Prefetching is not opening, and neither is asking for the head."""
    async with far(open_house) as http:
        assert (await http.get(link(open_house), headers={"sec-purpose": "prefetch"})).status_code == 503
        await http.head(link(open_house))
        assert (await http.get(link(open_house))).status_code == 303


def test_a_token_is_good_once() -> None:
    """A wrong one does not spoil the right one."""
    invitation = Invitation()
    assert not invitation.accept("x")
    assert invitation.accept(invitation.token)
    assert not invitation.accept(invitation.token)


async def test_other_homes_take_no_token() -> None:
    """A demo home on its own machine has no link, and a parameter of that name means nothing there."""
    served = house()
    assert served.door.link("http://127.0.0.1:1/") == "http://127.0.0.1:1/"
    async with client(served) as http:
        assert (await http.get("/plain/?token=x")).status_code == 200
        assert "set-cookie" not in (await http.get("/?token=x")).headers


def test_a_home_with_people_of_its_own_is_not_opened_so() -> None:
    """The setting is for demo homes, and says what to use."""
    with pytest.raises(ConfigurationError, match="PLANTWRIGHT_HOST"):
        entrance_of(Settings(demo_bind="0.0.0.0"), None, is_demo=False)  # type: ignore[arg-type]
