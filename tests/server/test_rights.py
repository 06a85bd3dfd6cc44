"""By whose rights each connected system is called: as it is shown, and as its ports have it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from erp_adapters.ports import OwnAuthorisation, TechnicalUser
from server.commands.tree import app
from server.settings import Settings
from server.systems import SapRfcSystem, SqlSystem, systems_of

READS = """
[{name}.reads.KAS]
name = "Kassel"
country = "DE"
time_zone = "Europe/Berlin"
currency = "EUR"
"""
FILE = """
[north]
adapter = "tryton"
url = "https://erp.example/plant/"
login = "planthand"
password = "file:{secret}"
reason = "JSON-RPC takes no token of another sign-in"
sites = ["KAS"]

[floor]
adapter = "fsmes"
url = "https://mes.example/"
login = "COPILOT"
password = "file:{secret}"
reason = "the MES knows its own logins only"
sites = ["KAS"]

[south]
adapter = "sap_odata"
url = "https://s4.example/"
reason = "nobody is signed in where it is read by the clock"
sites = ["HAM"]
oauth = {{ token_url = "https://s4.example/token", client_id = "reader", client_secret = "file:{secret}" }}
[south.own]
grant = "token-exchange"
token_url = "https://identity.example/token"
client_id = "plantwright"
client_secret = "file:{secret}"
issuer = "plantwright"
audience = "S4H_100"
key = "file:{key}"
people = {{ "planner.hamm" = "PHAMM" }}

[west]
adapter = "sap_rfc"
route = {{ ashost = "sap.example", sysnr = "00" }}
client = "100"
login = "RFCUSER"
password = "file:{secret}"
reason = "this SAP has no single sign-on for RFC"
sites = ["BER"]

[shop]
adapter = "sql"
source = "shop.yaml"
"""
SHOP = """
url: postgresql://reader@db.example/erp
role: plant_reader
mapping: mapping.yaml
tables:
  materials: {table: items, key: [id], columns: {material: id}}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for name in ("secret", "key"):
        (tmp_path / name).touch(mode=0o600)
    (tmp_path / "secret").write_text("only-in-this-test\n")
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "key").write_bytes(ec.generate_private_key(ec.SECP256R1()).private_bytes(*kinds))
    (tmp_path / "shop.yaml").write_text(SHOP)
    text = FILE.format(secret=tmp_path / "secret", key=tmp_path / "key")
    text += "".join(READS.format(name=name) for name in ("north", "floor", "south", "west", "shop"))
    (tmp_path / "systems.toml").write_text(text)
    return Settings(home=tmp_path / "home", systems=tmp_path / "systems.toml")


async def test_what_is_shown_of_rights_is_what_the_ports_have(settings: Settings) -> None:
    """So that no technical user writes where the requester's own rights are said to decide."""
    for name, system in systems_of(settings).items():
        # What needs a library or a database is held against its stand-in, in tests of its own.
        if isinstance(system, SqlSystem | SapRfcSystem):
            continue
        async with system.reader() as reader, system.writer() as writer:
            assert reader.traits.authorisation == system.read_by, name
            assert writer.traits.authorisation == system.written_by, name
    south = systems_of(settings)["south"]
    assert south.written_by == OwnAuthorisation("token exchange (RFC 8693)")
    assert isinstance(south.read_by, TechnicalUser)


def test_the_command_says_for_each_system_by_whose_rights_and_why(settings: Settings) -> None:
    """Each way on a line of its own, with the reason; no secret among them."""
    env = {"PLANTWRIGHT_SYSTEMS": str(settings.systems), "PLANTWRIGHT_HOME": str(settings.home)}
    shown = CliRunner().invoke(app, ["adapters"], env={**env, "COLUMNS": "300"})
    assert shown.exit_code == 0, shown.output
    text = " ".join(shown.output.split())
    for line in (
        "north is written to for KAS by the technical user 'planthand': JSON-RPC takes no token",
        "floor is written to for KAS by the technical user 'COPILOT': the MES knows its own logins only",
        "south is read for KAS by the technical user 'reader': nobody is signed in",
        "south is written to for HAM by the requester's own rights, by token exchange (RFC 8693)",
        "west is written to for BER by the technical user 'RFCUSER': this SAP has no single sign-on",
        "shop is read for KAS by the technical user 'reader as plant_reader': a database knows no person",
    ):
        assert line in text
    assert "shop is written" not in text
    assert "only-in-this-test" not in text
