"""Only what Teams has signed for this program, from the service address that it names, is taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import jwt
import pytest

from erp_adapters.http import Secret
from server.channels.teams.clouds import CLOUDS, service_of, stand_in
from server.channels.teams.own_tokens import OwnTokens, Registration
from server.channels.teams.tokens import ActivityTokens
from server.errors import ChannelUnavailable, UsageError
from server.oidc.claims import TokenRefused
from tests.server.channels.teams.microsoft import APP, SECRET, TENANT, Microsoft, microsoft
from tests.server.oidc.issuers import rsa_key


@pytest.fixture(scope="module")
def teams() -> Iterator[Microsoft]:
    with microsoft() as stand_in:
        yield stand_in


def tokens_of(teams: Microsoft) -> ActivityTokens:
    return ActivityTokens(stand_in(teams.origin), APP)


async def test_what_teams_signs_is_taken(teams: Microsoft) -> None:
    """With and without a slash behind the service address; and the keys are fetched once."""
    tokens, before = tokens_of(teams), teams.keys_given
    for service in (teams.service, f"{teams.service}/"):
        await tokens.check(f"Bearer {teams.token()}", service)
    assert teams.keys_given == before + 1


REFUSED: dict[str, Callable[[Microsoft], str]] = {
    "nothing": lambda teams: "",
    "no bearer": lambda teams: f"Basic {teams.token()}",
    "no token": lambda teams: "Bearer nonsense",
    "another issuer": lambda teams: teams.token(iss="https://sts.windows.net/x/"),
    "another program": lambda teams: teams.token(aud="00000000-0000-0000-0000-000000000000"),
    "expired": lambda teams: teams.token(exp=int(time.time()) - 600),
    "not yet": lambda teams: teams.token(nbf=int(time.time()) + 600),
    "no end": lambda teams: teams.token(exp=None),
    "no service address": lambda teams: teams.token(serviceurl=None),
    "another service address": lambda teams: teams.token(serviceurl="https://smba.trafficmanager.net/emea/"),
    "a number for an address": lambda teams: teams.token(serviceurl=7),
    "another's key": lambda teams: teams.token(key=rsa_key("stranger")),
    "an unknown key": lambda teams: teams.token(key=rsa_key("stranger"), kid="stranger"),
    "unsigned": lambda teams: jwt.encode({"iss": "x"}, "", "none"),
    "a public key as a secret": lambda teams: jwt.encode({"aud": APP}, "k" * 64, "HS256", {"kid": "teams-1"}),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_everything_else_is_refused(teams: Microsoft, what: str) -> None:
    """Each claim that is missing or of somebody else, each other key and each other form."""
    given = REFUSED[what](teams)
    with pytest.raises(TokenRefused):
        await tokens_of(teams).check(f"Bearer {given}" if given.count(".") == 2 else given, teams.service)


async def test_a_key_for_another_channel_is_refused(teams: Microsoft) -> None:
    """A key that Microsoft publishes for its web chat signs nothing of Teams."""

    class WebChat(Microsoft):
        def keys(self) -> dict[str, object]:
            return {"keys": [{**each, "endorsements": ["webchat"]} for each in super().keys()["keys"]]}

    ordinary = teams.keys
    try:
        teams.keys = lambda: WebChat(teams.origin).keys()  # type: ignore[method-assign]
        with pytest.raises(TokenRefused, match="no key"):
            await tokens_of(teams).check(f"Bearer {teams.token()}", teams.service)
    finally:
        teams.keys = ordinary  # type: ignore[method-assign]


@pytest.mark.parametrize(
    "address",
    [
        "http://smba.trafficmanager.net/emea",
        "https://smba.trafficmanager.net.evil.example/",
        "https://evil.example/smba.trafficmanager.net",
        "https://somebody@smba.trafficmanager.net/",
        "https://smba.trafficmanager.net:8443/",
        "https://smba.trafficmanager.net/../admin?x=1",
        "https://169.254.169.254/",
        "file:///etc/passwd",
        "https://[::1",
        "",
    ],
)
def test_only_hosts_of_teams_are_written_to(address: str) -> None:
    """An activity cannot have the program's own token sent to another host."""
    with pytest.raises(UsageError):
        service_of(address, CLOUDS["public"])


def test_each_region_of_teams_is_written_to() -> None:
    """Under the host's name in any case of letters, and without the slash."""
    assert service_of("https://SMBA.trafficmanager.net/emea/", CLOUDS["public"]).endswith("/emea")


async def test_a_token_for_posting_is_used_until_it_ages(teams: Microsoft) -> None:
    """One call for many posts, another some minutes before the end; a wrong secret is named by its remedy."""
    now = [0.0]
    registration = Registration(APP, TENANT, Secret(SECRET))
    own, before = OwnTokens(registration, stand_in(teams.origin), lambda: now[0]), teams.tokens_given
    assert await own.token() == await own.token()
    assert teams.tokens_given == before + 1
    now[0] = 3_301.0
    await own.token()
    assert teams.tokens_given == before + 2
    wrong = OwnTokens(Registration(APP, TENANT, Secret("another")), stand_in(teams.origin))
    with pytest.raises(ChannelUnavailable, match=r"AADSTS7000215.*PLANTWRIGHT_TEAMS_APP_ID") as raised:
        await wrong.token()
    assert "another" not in str(raised.value)
