"""An SAP of the file of systems: how it is reached, what cannot be, and what the doctor says of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from erp_adapters.errors import ConfigurationError
from erp_adapters.sap_odata import Basic, ClientCredentials
from server.doctor.systems import systems
from server.settings import Settings
from server.systems import SapSystem, systems_of
from tests.systems.sap_odata.erp import USERS
from tests.systems.sap_odata.server import Sap, serving
from tests.systems.sap_odata.trust import CLIENT, CLIENT_SECRET

KEY = "-----BEGIN PRIVATE KEY-----"
COMMON = """
[south]
adapter = "sap_odata"
url = "{url}"
reason = "not trusted by SAP"
client = "100"
sites = ["KAS"]
plants = {{ KAS = "1010" }}
"""
BASIC = 'login = "COPILOT"\npassword = "file:{secret}"\n'
OAUTH = """
[south.oauth]
token_url = "{url}sap/bc/sec/oauth2/token"
client_id = "plantwright"
client_secret = "file:{secret}"
[south.own]
token_url = "{url}sap/bc/sec/oauth2/token"
client_id = "plantwright"
client_secret = "file:{secret}"
issuer = "plantwright"
audience = "S4H_100"
key = "file:{key}"
people = {{ "planner.kassel" = "PKASSEL" }}
"""


@pytest.fixture(scope="module")
def sap() -> Iterator[Sap]:
    with serving() as served:
        yield served


def settings(folder: Path, text: str, secret: str, url: str = "https://s4.example/") -> Settings:
    file, held, key = folder / "systems.toml", folder / "secret", folder / "key"
    for place, value in ((held, secret), (key, KEY)):
        place.write_text(value + "\n")
        place.chmod(0o600)
    file.write_text(text.format(url=url, secret=held, key=key))
    return Settings(home=folder / "home", systems=file)


def system(given: Settings) -> SapSystem:
    found = systems_of(given)["south"]
    assert isinstance(found, SapSystem)
    return found


def test_it_signs_in_by_password_or_as_an_oauth_client_and_shows_neither(tmp_path: Path) -> None:
    """Each person's own authorisation stands beside it, and is not made up of the other."""
    password = str(USERS["COPILOT"]["password"])
    basic = system(settings(tmp_path, COMMON + BASIC, password)).connection()
    assert isinstance(basic.technical, Basic)
    assert basic.propagation is None
    both = system(settings(tmp_path, COMMON + OAUTH, CLIENT_SECRET)).connection()
    assert isinstance(both.technical, ClientCredentials)
    assert both.technical.client_id == CLIENT
    assert both.propagation is not None
    assert both.propagation.name_of("planner.kassel") == "PKASSEL"
    for connection in (basic, both):
        for secret in (password, CLIENT_SECRET, KEY):
            assert secret not in repr(connection)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (COMMON, "south.*name either `login` and `password`, or `oauth`"),
        (COMMON + BASIC + OAUTH, "south.*name either `login` and `password`, or `oauth`"),
        (COMMON + BASIC + 'warehouses = {{ KAS = "x" }}\n', "south.warehouses"),
        (COMMON + OAUTH.replace("issuer", "isuer"), r"south.own.issuer"),
        (COMMON.replace('sites = ["KAS"]', "") + BASIC, "name `sites`"),
    ],
)
def test_a_file_that_cannot_be_is_refused_by_place(tmp_path: Path, text: str, said: str) -> None:
    """Before anything is written anywhere."""
    with pytest.raises(ConfigurationError, match=said):
        systems_of(settings(tmp_path, text, "x"))


@pytest.mark.slow
def test_the_doctor_says_whether_it_answers_lets_in_and_has_its_services(sap: Sap, tmp_path: Path) -> None:
    """Named as a stand-in where it is one; a wrong password is said to be one, an open one warned of."""
    password = str(USERS["COPILOT"]["password"])
    given = settings(tmp_path, COMMON + BASIC, password, sap.url)
    [finding] = systems(given)
    assert finding.state == "ok"
    assert "KAS: plantwright stand-in, no SAP, API_PRODUCT_SRV" in finding.why
    (tmp_path / "secret").chmod(0o644)
    [finding] = systems(given)
    assert finding.state == "warning"
    [finding] = systems(settings(tmp_path, COMMON + BASIC, "wrong", sap.url))
    assert finding.state == "broken"
    assert "does not let the technical user 'COPILOT' in" in finding.why
