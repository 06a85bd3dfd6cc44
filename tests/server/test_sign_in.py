"""Signing in, from page to page over a real port, with the development provider as the identity provider."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE, Person, save_people
from erp_adapters.store.people import deactivate
from server.dev_idp.issuing import API_AUDIENCE
from server.oidc.flow import challenge_of
from server.settings import Settings
from tests.conftest import Database
from tests.server.doors import (
    BUTTON,
    HIDDEN,
    Service,
    browser,
    chosen,
    on_the_way,
    parameter,
    real_home,
    serving,
    signed_in,
)
from tests.server.oidc.test_provider import Answers, answering, discovery

ERP = "https://erp.example"


@pytest.fixture
async def demo_service(demo_apart: Database) -> AsyncIterator[Service]:
    """A demo home, which is also the identity provider of `service`."""
    async with serving(demo_apart, Settings(embed_origins=(ERP,)), is_demo=True) as made:
        yield made


def registered(provider: Service, **more: object) -> Settings:
    """Settings of a home that asks this provider."""
    return Settings(oidc_issuer=f"{provider.url}/dev/idp", oidc_client_id="plantwright", **more)


@pytest.fixture
async def service(demo_service: Service, database: Database) -> AsyncIterator[Service]:
    """A home with people of its own."""
    real_home(database)
    settings = registered(demo_service, oidc_audience=API_AUDIENCE, embed_origins=(ERP,))
    async with serving(database, settings, is_demo=False) as made:
        yield made


async def test_a_newcomer_picks_a_role_and_is_in(demo_service: Service) -> None:
    """Planner, buyer and controller come first; one press, and the page is there with that person."""
    async with browser() as http:
        url = demo_service.url
        before = (await http.get(f"{url}/v1/session")).json()
        assert (before["signed_in"], before["person"], before["is_demo"]) == (False, None, True)
        begun = await http.get(f"{url}{before['sign_in']}", params={"next": "/panel/?view=ask"})
        page = await http.get(begun.headers["location"])
        assert BUTTON.findall(page.text)[:3] == ["planner", "buyer", "controller"]
        assert "buyer.kassel" in BUTTON.findall(page.text)
        picked = await chosen(http, page, "controller")
        came = await http.get(picked.headers["location"])
        assert (came.status_code, came.headers["location"]) == (302, "/panel/?view=ask")
        after = (await http.get(f"{url}/v1/session")).json()
        assert (after["signed_in"], after["person"]["subject"]) == (True, "controller")
        assert (await http.get(f"{url}/v1/me")).json()["person"]["roles"] == ["controller"]


async def test_people_of_a_home_of_its_own_sign_in(service: Service) -> None:
    """Outside demo homes the provider's word and the people table let somebody in, and nothing else does."""
    async with browser() as http:
        assert (await http.get(f"{service.url}/v1/me")).status_code == 401
        await signed_in(http, service.url, "buyer")
        me = (await http.get(f"{service.url}/v1/me")).json()
        assert (me["person"]["subject"], me["person"]["sites"], me["people"]) == ("buyer", ["HAM", "KAS"], [])
        asked = await http.post(
            f"{service.url}/v1/conversations",
            headers={"origin": service.url, "sec-fetch-site": "same-origin"},
        )
        assert asked.status_code == 201


async def test_the_session_cookie_is_out_of_reach(service: Service) -> None:
    """Of scripts and of other sites; what is in it is nowhere in the database."""
    async with browser() as http:
        came = await signed_in(http, service.url, "buyer")
        cookies = came.headers.get_list("set-cookie")
        cookie = next(each for each in cookies if each.startswith("plantwright_session="))
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
        secret = http.cookies["plantwright_session"]
    assert len(base64.urlsafe_b64decode(secret + "=")) == 32


async def test_cookies_are_secure_where_the_public_address_is(
    demo_service: Service, database: Database
) -> None:
    """Behind a proxy that ends TLS, the setting decides; what a request claims of itself is not believed."""
    real_home(database)
    settings = registered(demo_service, public_url="https://copilot.example")
    async with serving(database, settings, is_demo=False) as made, browser() as http:
        lies = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example;proto=http"}
        begun = await http.get(f"{made.url}/v1/session/begin", headers={**lies, "host": "evil.example"})
        assert parameter(begun.headers["location"], "redirect_uri") == (
            "https://copilot.example/v1/session/return"
        )
        assert "Secure" in begun.headers["set-cookie"]


async def test_an_unknown_name_of_this_service_is_not_believed(service: Service) -> None:
    """Without a public address only a browser on this machine is sent anywhere."""
    async with browser() as http:
        begun = await http.get(f"{service.url}/v1/session/begin", headers={"host": "evil.example"})
    assert begun.status_code == 500
    assert "PLANTWRIGHT_PUBLIC_URL" in begun.text
    assert "location" not in begun.headers


@pytest.mark.parametrize("subject", ["controller", "admin"])
async def test_who_is_not_in_the_people_table_is_told_what_to_do(service: Service, subject: str) -> None:
    """Nobody is added by signing in, and whoever was deactivated stays out."""
    async with browser() as http:
        came = await signed_in(http, service.url, subject)
        assert came.status_code == 403
        assert f"plantwright people add {subject}" in came.text
        assert "plantwright_session" not in http.cookies


async def test_a_state_of_another_browser_is_refused(service: Service) -> None:
    """A link that somebody else began signs nobody in: their session would be the attacker's."""
    async with browser() as attacker, browser() as victim:
        link = await on_the_way(attacker, service.url, "buyer")
        came = await victim.get(link)
        assert came.status_code == 400
        await victim.get(f"{service.url}/v1/session/begin")
        assert (await victim.get(link)).status_code == 400
        assert "plantwright_session" not in victim.cookies


async def test_a_code_of_another_sign_in_is_refused(service: Service) -> None:
    """PKCE: a stolen code is worth nothing with somebody else's verifier, and is used up by the attempt."""
    async with browser() as thief, browser() as owner:
        stolen = parameter(await on_the_way(owner, service.url, "buyer"), "code")
        own = await on_the_way(thief, service.url, "planner")
        came = await thief.get(own.replace(parameter(own, "code"), stolen))
        assert came.status_code == 400
        assert "plantwright_session" not in thief.cookies


async def test_a_token_of_another_sign_in_is_refused(service: Service) -> None:
    """The nonce binds the ID token: one that was issued for another sign-in is not taken."""
    async with browser() as http:
        begun = await http.get(f"{service.url}/v1/session/begin")
        page = await http.get(begun.headers["location"])
        form = dict(HIDDEN.findall(page.text)) | {"subject": "buyer", "nonce": "another"}
        origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
        picked = await http.post(f"{origin}/dev/idp/authorize", data=form, headers={"origin": origin})
        came = await http.get(picked.headers["location"])
        assert came.status_code == 400
        assert "another sign-in" in came.text


async def test_a_return_is_good_once(service: Service) -> None:
    """Neither the browser's own reload nor a replayed code signs in a second time."""
    async with browser() as http:
        link = await on_the_way(http, service.url, "buyer")
        kept = {name: value for name, value in http.cookies.items() if "signing_in" in name}
        assert (await http.get(link)).status_code == 302
        assert (await http.get(link)).status_code == 400
    async with browser(cookie="; ".join(f"{name}={value}" for name, value in kept.items())) as again:
        assert (await again.get(link)).status_code == 400


async def test_a_session_that_was_planted_is_not_signed_in(service: Service) -> None:
    """Fixation: signing in makes a new secret, and the one that was there before stands for nobody."""
    async with browser() as attacker:
        await signed_in(attacker, service.url, "planner")
        planted = attacker.cookies["plantwright_session"]
        async with browser() as victim:
            victim.cookies.set("plantwright_session", planted, domain="127.0.0.1", path="/")
            await signed_in(victim, service.url, "buyer")
            values = {cookie.value for cookie in victim.cookies.jar if cookie.name == "plantwright_session"}
            assert values - {planted}
        assert (await attacker.get(f"{service.url}/v1/me")).status_code == 401


async def test_next_leads_nowhere_else(demo_service: Service) -> None:
    """After signing in a browser goes to a path of ours; more of them in `oidc/test_flow.py`."""
    async with browser() as http:
        for wanted in ("https://evil.example", "//evil.example", "/\\evil.example"):
            came = await signed_in(http, demo_service.url, "buyer", wanted)
            assert came.headers["location"] == "/"


async def test_two_tabs_sign_in_side_by_side(demo_service: Service) -> None:
    """Each sign-in has its own cookie, so that none spoils another."""
    async with browser() as http:
        first = await on_the_way(http, demo_service.url, "planner", "/one")
        second = await on_the_way(http, demo_service.url, "buyer", "/two")
        assert (await http.get(first)).headers["location"] == "/one"
        assert (await http.get(second)).headers["location"] == "/two"


async def test_what_the_provider_refuses_is_said(service: Service) -> None:
    """An error of the provider ends the sign-in, is shown as text, and leaves nobody signed in."""
    async with browser() as http:
        begun = await http.get(f"{service.url}/v1/session/begin")
        state = parameter(begun.headers["location"], "state")
        came = await http.get(
            f"{service.url}/v1/session/return", params={"state": state, "error": "<script>access_denied"}
        )
    assert came.status_code == 400
    assert "&lt;script&gt;access_denied" in came.text
    assert "<script>access" not in came.text


async def test_an_answer_of_another_issuer_is_refused(service: Service) -> None:
    """RFC 9207: a code is never taken to a provider that did not issue it."""
    async with browser() as http:
        link = await on_the_way(http, service.url, "buyer")
        other = re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", link)
        assert (await http.get(other)).status_code == 400
    async with browser() as http:
        link = await on_the_way(http, service.url, "buyer")
        assert (await http.get(re.sub(r"&iss=[^&]+", "", link))).status_code == 400


async def test_a_page_of_others_changes_nothing_with_a_session(service: Service) -> None:
    """Cross-site requests: whatever a cookie vouches for must come from a page of ours."""
    async with browser() as http:
        await signed_in(http, service.url, "buyer")
        for headers in (
            {},
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"origin": service.url, "sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"sec-fetch-site": "none"},
        ):
            refused = await http.post(f"{service.url}/v1/conversations", headers=headers)
            assert refused.status_code == 403, headers
            ended = await http.post(f"{service.url}/v1/session/end", headers=headers)
            assert ended.status_code == 403, headers
        assert (await http.get(f"{service.url}/v1/session")).json()["signed_in"]


async def test_a_role_that_was_taken_away_counts_for_the_next_request(
    service: Service, database: Database
) -> None:
    """The token says who, the table says what, at every request; so it does for whoever was deactivated."""
    owner = database.dsn(OWNER_ROLE)
    async with browser() as http:
        await signed_in(http, service.url, "buyer")
        save_people(owner, [Person("buyer", "Buyer", ("production",), ("HAM",))])
        me = (await http.get(f"{service.url}/v1/me")).json()["person"]
        assert (me["roles"], me["sites"]) == (["production"], ["HAM"])
        with psycopg.connect(owner) as connection:
            connection.execute("update erp.person set active = false where subject = 'buyer'")
        refused = await http.get(f"{service.url}/v1/me")
        assert (refused.status_code, "people add" in refused.json()["detail"]) == (403, True)
        assert not (await http.get(f"{service.url}/v1/session")).json()["signed_in"]
        with psycopg.connect(owner) as connection:
            connection.execute("update erp.person set active = true where subject = 'buyer'")
        assert (await http.get(f"{service.url}/v1/me")).status_code == 200
        deactivate(owner, "buyer")
        assert (await http.get(f"{service.url}/v1/me")).status_code == 401


async def test_signing_out_counts_at_once_on_every_replica(
    service: Service, demo_service: Service, database: Database
) -> None:
    """Two replicas on one Postgres share sessions, and their end; everywhere means every browser."""
    settings = registered(demo_service)
    async with serving(database, settings, is_demo=False) as replica, browser() as http, browser() as other:
        ours = {"origin": service.url}
        await signed_in(http, service.url, "buyer")
        assert (await http.get(f"{replica.url}/v1/me")).json()["person"]["subject"] == "buyer"
        left = await http.post(f"{service.url}/v1/session/end", headers=ours)
        assert left.status_code == 204
        await signed_in(http, service.url, "buyer")
        await signed_in(other, service.url, "buyer")
        await http.post(f"{service.url}/v1/session/end?everywhere=true", headers=ours)
        for at in (service.url, replica.url):
            assert (await http.get(f"{at}/v1/me")).status_code == 401
            assert (await other.get(f"{at}/v1/me")).status_code == 401


async def test_signing_out_leads_on_to_a_provider_that_has_a_place_for_it(database: Database) -> None:
    """Signed out here first; the provider is shown the token that it gave, and the cookies are gone."""
    real_home(database)
    answers: Answers = {}
    async with answering(answers) as (at, _), browser() as http:
        answers.update(discovery(at, end_session_endpoint=f"{at}/bye"))
        settings = Settings(oidc_issuer=at, oidc_client_id="plantwright")
        async with serving(database, settings, is_demo=False) as made:
            held = await made.door.sessions.begin("buyer")
            cookies = f"plantwright_session={held.secret}; plantwright_hint=a.b.c"
            ended = await http.post(
                f"{made.url}/v1/session/end", headers={"origin": made.url, "cookie": cookies}
            )
            address = urlsplit(ended.json()["sign_out"])
            assert (ended.status_code, f"{address.scheme}://{address.netloc}{address.path}") == (
                200,
                f"{at}/bye",
            )
            assert parse_qs(address.query) == {
                "client_id": ["plantwright"],
                "post_logout_redirect_uri": [f"{made.url}/v1/session/ended"],
                "id_token_hint": ["a.b.c"],
            }
            gone = [
                each.split("=")[0] for each in ended.headers.get_list("set-cookie") if "Max-Age=0" in each
            ]
            assert gone == ["plantwright_session", "plantwright_hint"]
            assert await made.door.sessions.held(held.secret) is None


async def test_a_sign_in_goes_on_at_another_replica(
    service: Service, demo_service: Service, database: Database
) -> None:
    """What is on its way is in the browser alone, so any replica takes it up."""
    settings = registered(demo_service, public_url=service.url)
    async with serving(database, settings, is_demo=False) as replica, browser() as http:
        link = await on_the_way(http, replica.url, "buyer")
        assert link.startswith(service.url)
        assert (await http.get(link)).status_code == 302


async def access_token(provider: Service, subject: str) -> str:
    """A token that the development provider gives a program."""
    verifier = "v" * 43
    back = f"{provider.url}/v1/session/return"
    asked = {
        "client_id": "plantwright",
        "redirect_uri": back,
        "response_type": "code",
        "scope": "openid",
        "state": "s",
        "nonce": "n",
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    async with browser() as http:
        page = await http.get(f"{provider.url}/dev/idp/authorize", params=asked)
        link = (await chosen(http, page, subject)).headers["location"]
        form = {
            "grant_type": "authorization_code",
            "code": parameter(link, "code"),
            "redirect_uri": back,
            "client_id": "plantwright",
            "code_verifier": verifier,
        }
        return str((await http.post(f"{provider.url}/dev/idp/token", data=form)).json()["access_token"])


async def test_a_program_sends_a_token(service: Service, demo_service: Service) -> None:
    """Bearer tokens need no cookie and no origin; the table still says what their person may."""
    token = await access_token(demo_service, "buyer")
    async with browser(authorization=f"Bearer {token}") as http:
        assert (await http.get(f"{service.url}/v1/me")).json()["person"]["subject"] == "buyer"
        assert (await http.post(f"{service.url}/v1/conversations")).status_code == 201
        assert (await http.get(f"{service.url}/v1/session")).json()["signed_in"]
    async with browser(authorization=f"Bearer {await access_token(demo_service, 'admin')}") as http:
        assert (await http.get(f"{service.url}/v1/me")).status_code == 403


async def test_a_role_removed_between_proposal_and_approval_counts(
    service: Service, demo_service: Service, database: Database
) -> None:
    """A token that was issued while somebody was a buyer lets them approve nothing once they are none."""
    token = await access_token(demo_service, "buyer")
    async with browser(authorization=f"Bearer {token}") as http:
        assert (await http.get(f"{service.url}/v1/me")).json()["person"]["roles"] == ["buyer"]
        save_people(database.dsn(OWNER_ROLE), [Person("buyer", "Buyer", (), ("KAS",))])
        assert (await http.get(f"{service.url}/v1/me")).json()["person"]["roles"] == []


async def test_tokens_are_taken_only_where_an_audience_is_set(
    demo_service: Service, database: Database
) -> None:
    """Neither in a demo home nor without the setting; the refusal says where a browser would sign in."""
    real_home(database)
    token = await access_token(demo_service, "buyer")
    async with (
        serving(database, registered(demo_service), is_demo=False) as plain,
        browser(authorization=f"Bearer {token}") as http,
    ):
        for at in (plain.url, demo_service.url):
            refused = await http.get(f"{at}/v1/me")
            assert (refused.status_code, refused.json()["sign_in"]) == (401, "/v1/session/begin")


async def handed_over(http: httpx.AsyncClient, url: str, origin: str = ERP) -> httpx.Response:
    return await http.get(
        f"{url}/v1/session/handover", params={"origin": origin}, headers={"sec-fetch-site": "cross-site"}
    )


@pytest.fixture(params=[True, False], ids=["demo", "own people"])
def any_service(request: pytest.FixtureRequest, demo_service: Service, service: Service) -> Service:
    return demo_service if request.param else service


async def test_an_embedding_page_gets_a_token_of_its_own(any_service: Service) -> None:
    """The popup signs in if need be and posts a token to that origin, which works nowhere else."""
    url = any_service.url
    async with browser() as http:
        first = await handed_over(http, url)
        assert first.headers["location"].startswith("/v1/session/begin?next=%2Fv1%2Fsession%2Fhandover")
        assert first.headers["cross-origin-opener-policy"] == "unsafe-none"
        back = await signed_in(http, url, "buyer", parameter(first.headers["location"], "next"))
        assert back.headers["location"] == "/v1/session/handover?origin=https%3A%2F%2Ferp.example"
        page = await http.get(url + back.headers["location"])
        assert page.headers["cross-origin-opener-policy"] == "unsafe-none"
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        said = json.loads(re.search(r'id="handover">(.*?)</script>', page.text)[1])
        assert (said["origin"], said["type"]) == (ERP, "plantwright.token")
        token = said["token"]
        ended = {"origin": url, "sec-fetch-site": "same-origin"}
        async with browser(authorization=f"Bearer {token}") as panel:
            for origin, status in ((ERP, 200), ("https://evil.example", 401), (url, 401), (None, 401)):
                headers = {"sec-fetch-site": "cross-site"} | ({"origin": origin} if origin else {})
                answer = await panel.get(f"{url}/v1/me", headers=headers)
                assert answer.status_code == status, (origin, answer.text)
            made = await panel.post(f"{url}/v1/conversations", headers={"origin": ERP})
            assert made.status_code == 201
            assert (await http.post(f"{url}/v1/session/end", headers=ended)).status_code == 204
            assert (await panel.get(f"{url}/v1/me", headers={"origin": ERP})).status_code == 401
        async with browser() as thief:
            thief.cookies.set("plantwright_session", token, domain="127.0.0.1", path="/")
            assert (await thief.get(f"{url}/v1/me")).status_code == 401


async def test_pages_that_are_not_listed_get_no_token(any_service: Service) -> None:
    """Whoever opens the popup from elsewhere is told so, signed in or not."""
    others = ("https://evil.example", f"{ERP}.evil.example", f"{ERP}:444", f"{ERP}/a", "null", "*", "")
    async with browser() as http:
        assert (await handed_over(http, any_service.url, others[0])).status_code == 403
        await signed_in(http, any_service.url, "buyer")
        for origin in others:
            refused = await handed_over(http, any_service.url, origin)
            assert refused.status_code == 403, origin
            assert "pwp_" not in refused.text


async def test_a_frame_gets_no_token(demo_service: Service) -> None:
    """A token is handed over in a window of its own, which people see."""
    async with browser() as http:
        await signed_in(http, demo_service.url, "buyer")
        address = f"{demo_service.url}/v1/session/handover?origin={ERP}"
        refused = await http.get(address, headers={"sec-fetch-dest": "iframe"})
    assert refused.status_code == 403


async def test_a_provider_that_is_away_is_said(database: Database) -> None:
    """Nobody waits for long, and the page names what does not answer."""
    real_home(database)
    settings = Settings(oidc_issuer="http://127.0.0.1:9/idp", oidc_client_id="x")
    async with serving(database, settings, is_demo=False) as made, browser() as http:
        begun = await http.get(f"{made.url}/v1/session/begin")
    assert begun.status_code == 503
    assert "127.0.0.1:9" in begun.text


async def test_a_home_without_a_provider_says_what_to_set(database: Database) -> None:
    """An administrator reads which settings are missing."""
    real_home(database)
    async with serving(database, Settings(), is_demo=False) as made, browser() as http:
        begun = await http.get(f"{made.url}/v1/session/begin")
        idp = await http.get(f"{made.url}/dev/idp/jwks")
    assert "PLANTWRIGHT_OIDC_ISSUER" in begun.text
    assert idp.status_code == 404


async def test_sessions_live_as_long_as_they_are_set_to(demo_apart: Database) -> None:
    """The setting reaches the answer that a page plans by."""
    async with serving(demo_apart, Settings(session_hours=1), is_demo=True) as made, browser() as http:
        await signed_in(http, made.url, "buyer")
        shown = (await http.get(f"{made.url}/v1/session")).json()
    left = datetime.fromisoformat(shown["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
