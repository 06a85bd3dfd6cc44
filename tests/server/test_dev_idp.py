"""The development provider: a real one for whoever asks properly, from this machine, in a demo home."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import jwt
import pytest

from server.dev_idp.issuing import API_AUDIENCE, Granted, Issuing
from server.oidc.flow import challenge_of
from tests.server.doors import BUTTON, chosen, parameter
from tests.server.stand_in import house
from tests.server.test_http import HERE, client

VERIFIER = "v" * 43
ASKED = {
    "client_id": "plantwright",
    "redirect_uri": f"{HERE}/v1/session/return",
    "response_type": "code",
    "scope": "openid profile",
    "state": "s",
    "nonce": "n",
    "code_challenge": challenge_of(VERIFIER),
    "code_challenge_method": "S256",
}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with client(house()) as made:
        yield made


async def redeemed(http: httpx.AsyncClient, code: str, **changed: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": ASKED["redirect_uri"],
        "client_id": "plantwright",
        "code_verifier": VERIFIER,
        **changed,
    }
    return await http.post("/dev/idp/token", data=form)


async def code_for(http: httpx.AsyncClient, subject: str = "buyer") -> str:
    page = await http.get("/dev/idp/authorize", params=ASKED)
    return parameter((await chosen(http, page, subject)).headers["location"], "code")


async def test_a_client_library_can_read_its_tokens(http: httpx.AsyncClient) -> None:
    """By its discovery document alone, as any program would."""
    found = (await http.get("/dev/idp/.well-known/openid-configuration")).json()
    assert found["issuer"] == f"{HERE}/dev/idp"
    tokens = (await redeemed(http, await code_for(http))).json()
    (key,) = jwt.PyJWKSet.from_dict((await http.get(found["jwks_uri"])).json()).keys
    said = jwt.decode(
        tokens["id_token"], key, algorithms=["ES256"], audience="plantwright", issuer=found["issuer"]
    )
    assert (said["sub"], said["nonce"]) == ("buyer", "n")
    api = jwt.decode(tokens["access_token"], key, algorithms=["ES256"], audience=API_AUDIENCE)
    assert "nonce" not in api


async def test_a_code_is_good_once_for_who_asked(http: httpx.AsyncClient) -> None:
    """A wrong verifier, address or client uses it up as well."""
    code = await code_for(http)
    assert (await redeemed(http, code)).status_code == 200
    for changed in (
        {},
        {"code_verifier": "w" * 43},
        {"redirect_uri": "http://127.0.0.1:1/v1/session/return"},
        {"client_id": "other"},
        {"grant_type": "password"},
    ):
        code = code if not changed else await code_for(http)
        refused = await redeemed(http, code, **changed)
        assert (refused.status_code, refused.json()) == (400, {"error": "invalid_grant"}), changed


def test_a_code_is_good_for_a_minute_and_codes_are_bounded() -> None:
    """Nobody fills the memory with sign-ins that are never finished."""
    now = 1000.0
    issuing = Issuing(lambda: now)
    granted = Granted("buyer", "Buyer", "i", "r", "n", challenge_of(VERIFIER))
    first = issuing.code(granted)
    for _ in range(1000):
        last = issuing.code(granted)
    assert issuing.tokens(first, "plantwright", "r", VERIFIER) is None
    now += 61
    assert issuing.tokens(last, "plantwright", "r", VERIFIER) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/v1/session/return"},
        {"redirect_uri": "http://127.0.0.1.evil.example/v1/session/return"},
        {"redirect_uri": f"{HERE}/elsewhere"},
        {"redirect_uri": f"{HERE}/v1/session/return#x"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "http://["},
        {"client_id": "other"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"scope": "profile"},
        {"state": ""},
    ],
    ids=lambda changed: f"{next(iter(changed.items()))}",
)
async def test_requests_that_are_not_answered(http: httpx.AsyncClient, changed: dict[str, str]) -> None:
    """They are told so here and lead a browser nowhere; a form with the same is refused too."""
    asked = await http.get("/dev/idp/authorize", params={**ASKED, **changed})
    form = {**ASKED, **changed, "subject": "buyer"}
    sent = await http.post("/dev/idp/authorize", data=form, headers={"origin": HERE})
    for answer in (asked, sent):
        assert answer.status_code == 400
        assert "location" not in answer.headers


async def test_only_its_own_page_picks_a_person(http: httpx.AsyncClient) -> None:
    """A page of others cannot sign a browser in as whom it likes."""
    form = {**ASKED, "subject": "buyer"}
    for headers in ({}, {"origin": "http://evil.example"}, {"origin": "null"}):
        refused = await http.post("/dev/idp/authorize", data=form, headers=headers)
        assert refused.status_code == 403
    unknown = await http.post(
        "/dev/idp/authorize", data={**form, "subject": "mallory"}, headers={"origin": HERE}
    )
    assert unknown.status_code == 404


@pytest.mark.parametrize("path", ["authorize", "jwks", ".well-known/openid-configuration"])
async def test_it_is_there_for_this_machine_alone(path: str) -> None:
    """Not for other machines, names or proxies; and in homes that are no demo it is not there at all."""
    address = f"/dev/idp/{path}"
    async with client(house(), peer="10.0.0.7") as http:
        assert (await http.get(address, params=ASKED)).status_code == 401
    async with client(house()) as http:
        for headers in ({"host": "evil.example"}, {"x-forwarded-for": "127.0.0.1"}):
            assert (await http.get(address, params=ASKED, headers=headers)).status_code == 401
    async with client(house(is_demo=False)) as http:
        assert (await http.get(address, params=ASKED)).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "Wer möchten Sie sein?"),
        ("fr,en;q=0.5,de;q=0.4", "Who would you like to be?"),
        ("", "Who would you like to be?"),
    ],
)
async def test_its_page_speaks_two_languages_and_runs_nothing(
    http: httpx.AsyncClient, wanted: str, title: str
) -> None:
    """Plain buttons in a form, under a policy that allows no script; what a request says is escaped."""
    asked = {**ASKED, "state": '"><script>alert(1)</script>'}
    page = await http.get("/dev/idp/authorize", params=asked, headers={"accept-language": wanted})
    assert f"<h1>{title}</h1>" in page.text
    assert "<script" not in page.text
    assert "script-src 'none'" in page.headers["content-security-policy"]
    assert f"form-action 'self' {HERE}" in page.headers["content-security-policy"]
    assert BUTTON.findall(page.text) == ["planner", "buyer"]
