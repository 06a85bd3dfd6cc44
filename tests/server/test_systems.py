"""The file of systems: who gets which site's documents, and where passwords stand."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from erp_adapters.demo.erp import DemoErp
from erp_adapters.errors import ConfigurationError, ErpRefused
from erp_adapters.ports import OwnAuthorisation, TechnicalUser
from erp_adapters.tryton import Tryton
from server.doctor.systems import systems
from server.settings import Settings, secret
from server.systems import systems_of
from tests.conftest import Database

SECRET = "open-sesame-1234"
GOOD = """
[north]
adapter = "tryton"
url = "https://erp.example/plant/"
login = "copilot"
password = "env:NORTH_PASSWORD"
reason = "Tryton's JSON-RPC takes no token of another sign-in"
sites = ["KAS", "HAM"]
warehouses = { KAS = "WH-1" }
"""


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NORTH_PASSWORD", SECRET)


def settings(folder: Path, text: str = GOOD) -> Settings:
    file = folder / "systems.toml"
    file.write_text(text)
    return Settings(home=folder / "home", systems=file)


@pytest.mark.usefixtures("password")
async def test_a_site_that_a_system_is_named_for_is_written_there_and_nowhere_else(
    tmp_path: Path, demo: Database
) -> None:
    """The others stay with the demo ERP; each is called by its name in sentences."""
    systems = systems_of(settings(tmp_path))
    async with systems.opened(demo) as ports:
        assert isinstance(ports["KAS"], Tryton)
        assert ports["KAS"] is ports["HAM"]
        assert isinstance(ports["WRO"], DemoErp)
    assert (systems.said("KAS"), systems.said("WRO")) == ("Tryton (north)", "the demo ERP")
    assert "http" not in repr(systems["north"].password)
    assert SECRET not in repr(systems["north"].connection())


SAP = """
[south]
adapter = "sap_rfc"
route = { ashost = "sap.example", sysnr = "00" }
client = "100"
login = "copilot"
password = "env:NORTH_PASSWORD"
reason = "no single sign-on for RFC"
sites = ["KAS"]
reads = { HAM = { name = "Hamm", country = "DE", time_zone = "Europe/Berlin", currency = "EUR" } }
plants = { KAS = "1000" }
"""


@pytest.mark.usefixtures("password")
def test_a_system_over_rfc_says_where_it_is_and_doctor_how_to_get_pyrfc(tmp_path: Path) -> None:
    """Its route in the library's words, its plants by site, and no password in any text."""
    known = systems_of(settings(tmp_path, SAP))
    system = known["south"]
    assert known.said("KAS") == "SAP (south)"
    connection = system.connection()
    assert dict(connection.plants) == {"HAM": "HAM", "KAS": "1000"}
    assert SECRET not in repr(connection)
    who = {"client": "100", "user": "copilot", "passwd": SECRET, "lang": "EN"}
    assert connection.logon.parameters() == {"ashost": "sap.example", "sysnr": "00", **who}
    [found] = systems(settings(tmp_path, SAP))
    assert (found.state, found.name) == ("broken", "system south")
    assert "`pyrfc` is not here: fetch the SDK" in found.why
    by_snc = SAP.replace('login = "copilot"', "").replace('password = "env:NORTH_PASSWORD"', "")
    by_snc = by_snc.replace('"00" }', '"00", snc_partnername = "p:CN=SAP" }')
    assert "passwd" not in systems_of(settings(tmp_path, by_snc))["south"].connection().logon.parameters()


OWN = """
[south.own]
by = "x509"
people = { "planner.kassel" = { user = "PKASSEL", shows = "env:PKASSEL_CERTIFICATE" } }
"""
OVER_SNC = SAP.replace(
    '"00" }', '"00", snc_mode = "1", snc_myname = "p:CN=PW", snc_partnername = "p:CN=SAP" }'
)


@pytest.mark.usefixtures("password")
def test_a_system_over_rfc_writes_as_each_requester_where_that_is_set_up(tmp_path: Path) -> None:
    """What shows who they are is looked up when it is needed; where it is missing nobody else's is used."""
    system = systems_of(settings(tmp_path, OVER_SNC + OWN))["south"]
    assert system.written_by == OwnAuthorisation("X.509 certificate over SNC")
    assert isinstance(system.read_by, TechnicalUser)
    assert "env:PKASSEL_CERTIFICATE" in system.secrets
    own = system.connection().own
    assert own is not None
    with pytest.raises(ErpRefused, match="nothing is written with another's rights"):
        own.person("planner.kassel").credential()
    ticket = systems_of(settings(tmp_path, SAP + OWN.replace("x509", "ticket")))["south"]
    assert ticket.written_by == OwnAuthorisation("SAP logon ticket")


@pytest.mark.usefixtures("password")
async def test_a_library_that_is_missing_stops_whoever_writes_and_nobody_else(
    tmp_path: Path, database: Database
) -> None:
    """A system that is only read keeps no other from its documents."""
    with pytest.raises(ConfigurationError, match="`pyrfc` is not here"):
        async with systems_of(settings(tmp_path, SAP)).opened(database):
            pass
    read = SAP.replace('sites = ["KAS"]', "")
    async with systems_of(settings(tmp_path, GOOD + read)).opened(database) as ports:
        assert isinstance(ports["KAS"], Tryton)


@pytest.mark.usefixtures("password")
async def test_a_home_without_a_demo_erp_writes_for_named_sites_only(
    tmp_path: Path, database: Database
) -> None:
    """A draft of another site waits and says why; without any system the home cannot write at all."""
    async with systems_of(settings(tmp_path)).opened(database) as ports:
        assert "KAS" in ports
        assert ports.get("WRO") is None
    with pytest.raises(ConfigurationError):
        async with systems_of(Settings(home=tmp_path)).opened(database):
            pass


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[north", "is no TOML"),
        (GOOD.replace('"tryton"', '"odoo"'), "north.adapter"),
        (GOOD.replace('login = "copilot"', ""), "north.login"),
        (GOOD.replace("reason", "reasons"), "north.reason"),
        (GOOD.replace('["KAS", "HAM"]', "[]"), "name `sites`"),
        (SAP.replace('sysnr = "00"', 'passwd = "x"'), "'passwd' says nothing about where"),
        (SAP.replace('ashost = "sap.example", ', ""), "name `ashost` and `sysnr`"),
        (SAP.replace('"00" }', '"00", saprouter = "/H/r/S/3299/W/x/H/" }'), "password of the SAProuter"),
        (SAP.replace('login = "copilot"', ""), "or sign in by SNC"),
        (SAP.replace('"100"', '"1"'), "client"),
        (SAP + OWN, "SAP takes a certificate over SNC alone"),
        (OVER_SNC + OWN.replace("env:", ""), r"south\.own\.people"),
        (OVER_SNC.replace('snc_mode = "1"', 'snc_qop = "7"'), "is no `snc_qop`"),
        (GOOD + '[north.documents]\npurchase_order = ["buyers"]', "'buyers' is no role"),
        (GOOD + '[north.documents]\ninvoice = ["buyer"]', r"north\.documents"),
        (GOOD + "[north.documents]\nmaterial = []", r"north\.documents"),
        (GOOD + GOOD.replace("[north]", "[south]"), "'KAS' is given to 'north' and to 'south'"),
    ],
)
def test_a_file_that_cannot_be_is_refused_by_place(tmp_path: Path, text: str, said: str) -> None:
    """Before anything is written anywhere."""
    with pytest.raises(ConfigurationError, match=said):
        systems_of(settings(tmp_path, text))


def test_a_password_stands_in_the_environment_or_a_file_and_in_no_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was written into the file of systems by mistake is refused and not repeated."""
    monkeypatch.setenv("NORTH_PASSWORD", SECRET)
    (tmp_path / "password").write_text(SECRET + "\n")
    assert secret("env:NORTH_PASSWORD") == SECRET
    assert secret(f"file:{tmp_path / 'password'}") == SECRET
    for wrong in (SECRET, "env:", "file:/nowhere/at/all", "env:NOT_THERE_AT_ALL", f"vault:{SECRET}"):
        with pytest.raises(ConfigurationError) as raised:
            secret(wrong)
        assert SECRET not in str(raised.value)


@pytest.mark.slow
def test_doctor_names_what_is_wrong_with_a_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is none, a password that is nowhere, a server that does not answer; none without a file."""
    assert list(systems(Settings(home=tmp_path))) == []
    [found] = systems(settings(tmp_path, "[north"))
    assert (found.state, found.name) == ("broken", "systems")
    monkeypatch.delenv("NORTH_PASSWORD", raising=False)
    [found] = systems(settings(tmp_path))
    assert (found.state, found.name) == ("broken", "system north")
    assert "there is no secret at 'env:NORTH_PASSWORD'" in found.why
    monkeypatch.setenv("NORTH_PASSWORD", SECRET)
    [found] = systems(settings(tmp_path, GOOD.replace("https://erp.example", "http://127.0.0.1:9")))
    assert found.state == "broken"
    assert "cannot be reached" in found.why
    assert SECRET not in found.why


@pytest.mark.parametrize("url", ["https://me:open-sesame-1234@erp.example/plant/", "erp.example/plant"])
@pytest.mark.usefixtures("password")
async def test_an_address_that_is_none_is_refused_at_the_start(
    tmp_path: Path, demo: Database, url: str
) -> None:
    """With no login in it, which would come into logs."""
    text = GOOD.replace("https://erp.example/plant/", url)
    with pytest.raises(ConfigurationError, match="the login apart"):
        async with systems_of(settings(tmp_path, text)).opened(demo):
            pass


_AT = """
[plant]
adapter = "{adapter}"
url = "http://127.0.0.1:{port}/"
login = "copilot"
password = "env:NORTH_PASSWORD"
reason = "it takes no token of another sign-in"
sites = ["KAS"]
{more}
"""
_MORE = {
    "tryton": 'warehouses = { KAS = "WH-1" }',
    "sap_odata": 'client = "100"\nplants = { KAS = "1010" }',
    "fsmes": 'plants = { KAS = "NG1" }',
}


@pytest.mark.slow
@pytest.mark.usefixtures("password")
@pytest.mark.parametrize("adapter", _MORE)
@pytest.mark.parametrize("breakage", ["nothing listens", "it is no such system"])
def test_each_kind_of_system_that_is_broken_is_named_by_doctor(
    tmp_path: Path, adapter: str, breakage: str
) -> None:
    """With what it says and the file to correct, and never with its password."""

    class Other(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.send_response(404)
            self.send_header("content-length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

        do_GET = do_POST = do_HEAD = _answer

        def log_message(self, format: str, *args: object) -> None:
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # Ports below ten are nobody's.
        port = 9 if breakage == "nothing listens" else server.server_address[1]
        text = _AT.format(adapter=adapter, port=port, more=_MORE[adapter])
        every = list(systems(settings(tmp_path, text)))
        server.shutdown()
    (found,) = every
    assert (found.name, found.state) == ("system plant", "broken")
    assert found.why
    assert SECRET not in found.why
    assert "PLANTWRIGHT_SYSTEMS" in found.mend
