"""By whose rights SAP is called: tokens that run out, people that are not known, secrets that nobody sees."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from erp_adapters.errors import ConfigurationError, ErpRefused, ErpUnavailable
from erp_adapters.http import Secret
from erp_adapters.ports import Capability, OwnAuthorisation
from erp_adapters.sap_odata import Basic, ClientCredentials, Propagation, SapReader
from erp_adapters.sap_odata import Sap as Writer
from erp_adapters.sap_odata.adapter import REQUISITIONS
from erp_adapters.sap_odata.assertion import assertion
from erp_adapters.sap_odata.client import Client
from erp_adapters.sap_odata.mapping import ITEM
from erp_adapters.sap_odata.signing_in import Grant, Tokens
from erp_adapters.token_exchange import subject_token
from tests.erp_adapters.sap_odata.requisitions import new_marker, requisition
from tests.systems.sap_odata.server import Sap
from tests.systems.sap_odata.trust import AUDIENCE, CLIENT, CLIENT_SECRET, believed

GRANTS = get_args(Grant)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Any) -> Secret:
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return Secret(key.private_bytes(*kinds).decode())


def public(key: rsa.RSAPrivateKey) -> str:
    kinds = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(*kinds).decode()


def token_url(sap: Sap) -> str:
    return f"{sap.url}sap/bc/sec/oauth2/token"


def credentials(sap: Sap, secret: str = CLIENT_SECRET) -> ClientCredentials:
    return ClientCredentials(token_url(sap), CLIENT, Secret(secret))


def propagation(sap: Sap, key: rsa.RSAPrivateKey, **given: Any) -> Propagation:
    people = {"planner.kassel": "PKASSEL", "planner.hamm": "PHAMM", "visitor": "NOBODY"}
    settings = {"issuer": "plantwright & co", "audience": AUDIENCE, "people": people, **given}
    return Propagation(token_url(sap), CLIENT, Secret(CLIENT_SECRET), key=pem(key), **settings)


async def rows(reader: SapReader) -> int:
    return len([row async for page in reader.pages(Capability.MATERIALS) for row in page.rows])


async def test_a_token_is_asked_for_once_and_anew_when_it_has_run_out(sap: Sap) -> None:
    """At its time, or when SAP has taken it back."""
    async with SapReader.open(sap.connection(technical=credentials(sap))) as reader:
        assert await rows(reader) == await rows(reader) == 3
        assert sap.order("seen")["tokens"] == 1
        sap.order("revoke")
        assert await rows(reader) == 3
        assert sap.order("seen")["tokens"] == 1
    now = 0.0
    tokens = Tokens(credentials(sap), None, clock=lambda: now)
    first = await tokens.headers(None)
    now = 530.0
    assert await tokens.headers(None) == first
    now = 541.0
    assert await tokens.headers(None) != first


async def test_a_client_that_is_wrong_is_said_to_be_one_and_its_secret_shown_to_nobody(sap: Sap) -> None:
    """Though SAP itself repeats it."""
    async with SapReader.open(sap.connection(technical=credentials(sap, "a-wrong-secret"))) as reader:
        health = await reader.health()
    assert not health.is_well
    assert "gives no token for the technical user (status 401, invalid_client" in health.why
    assert "a-wrong-secret" not in health.why
    tokens = Tokens(credentials(sap), None)
    await tokens.headers(None)
    assert all(secret.reveal() not in repr(tokens.secrets) for secret in tokens.secrets)


@pytest.mark.parametrize("grant", GRANTS)
async def test_a_requisition_is_written_with_its_requesters_own_authorisation(
    sap: Sap, key: rsa.RSAPrivateKey, grant: Grant
) -> None:
    """Their name is in it as its creator, and SAP refuses them what it would have let the program do."""
    sap.order("set", trusted=public(key))
    own = propagation(sap, key, grant=grant)
    async with Writer.open(sap.connection(propagation=own)) as erp:
        assert erp.traits.authorisation == OwnAuthorisation(own.means)
        posted = await erp.create(requisition(), new_marker())
        async with Client.open(sap.connection()) as client:
            query = {"$filter": f"PurchaseRequisition eq '{posted.number}'"}
            [item] = await client.rows(REQUISITIONS, ITEM, query)
        assert item["CreatedByUser"] == "PKASSEL"
        marker = new_marker()
        with pytest.raises(
            ErpRefused, match=r"no authorization .* plant 1010.*'planner.hamm', who is 'PHAMM'"
        ):
            await erp.create(requisition(requester="planner.hamm"), marker)
        assert await erp.find("purchase_requisition", marker) == ()
        assert (await erp.cancel("purchase_requisition", posted.marker)).number == posted.number


@pytest.mark.parametrize("grant", GRANTS)
async def test_who_is_not_known_writes_nothing_and_nobody_elses_rights_are_used(
    sap: Sap, key: rsa.RSAPrivateKey, grant: Grant
) -> None:
    """Unknown here, unknown there, or with an assertion or a token that is not believed."""
    sap.order("set", trusted=public(key))
    async with Writer.open(sap.connection(propagation=propagation(sap, key, grant=grant))) as erp:
        with pytest.raises(ErpRefused, match="nobody said who 'stranger' is in SAP"):
            await erp.create(requisition(requester="stranger"), new_marker())
        with pytest.raises(
            ErpUnavailable, match=r"no token for 'visitor' \(status 400, invalid_\w+ user NOBODY"
        ):
            await erp.create(requisition(requester="visitor"), new_marker())
    another = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    unsigned = "the signature does not hold" if grant == "saml-bearer" else "Signature verification failed"
    for wrong, said in (
        (propagation(sap, another, grant=grant), unsigned),
        (propagation(sap, key, grant=grant, audience="elsewhere"), "for another audience"),
    ):
        async with Writer.open(sap.connection(propagation=wrong)) as erp:
            with pytest.raises(ErpUnavailable, match=said):
                await erp.create(requisition(), new_marker())
    assert sap.order("seen")["creations"] == 0


def test_an_assertion_that_was_changed_is_not_believed(sap: Sap, key: rsa.RSAPrivateKey) -> None:
    """It is signed as it is sent, character for character."""
    import base64

    own = propagation(sap, key)
    text = assertion(
        issuer=own.issuer, audience=AUDIENCE, recipient=own.token_url, person="PKASSEL", key=own.key
    )

    def judged(sent: str) -> tuple[str | None, str]:
        return believed(base64.urlsafe_b64encode(sent.encode()).decode(), public(key), own.token_url)

    assert judged(text) == ("PKASSEL", "")
    assert judged(text.replace("PKASSEL", "PHAMM")) == (None, "the digest does not hold")
    with pytest.raises(ConfigurationError, match="no private key in PEM"):
        assertion(issuer="i", audience="a", recipient="u", person="P", key=Secret("no key"))


async def test_what_is_issued_in_place_of_an_access_token_is_refused(
    sap: Sap, key: rsa.RSAPrivateKey
) -> None:
    """A token of a sign-in says who somebody is, and is no right to write."""
    sap.order("set", trusted=public(key), issues="urn:ietf:params:oauth:token-type:id_token")
    own = propagation(sap, key, grant="token-exchange")
    try:
        async with Writer.open(sap.connection(propagation=own)) as erp:
            with pytest.raises(ErpUnavailable, match="id_token' in exchange, and no access token"):
                await erp.create(requisition(), new_marker())
        assert sap.order("seen")["creations"] == 0
    finally:
        sap.order("set", issues="urn:ietf:params:oauth:token-type:access_token")


def test_a_token_that_is_exchanged_speaks_of_one_person_for_minutes_and_for_one_server() -> None:
    """By a key of a kind that is known; others are refused before anything is sent."""
    import jwt
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    curve = ec.generate_private_key(ec.SECP256R1())
    told = subject_token("us", "PKASSEL", "https://tokens.example", pem(curve)).reveal()
    claims = jwt.decode(told, curve.public_key(), ["ES256"], audience="https://tokens.example")
    assert (claims["iss"], claims["sub"]) == ("us", "PKASSEL")
    assert claims["exp"] - claims["iat"] == 300
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(told, curve.public_key(), ["ES256"], audience="https://elsewhere.example")
    for wrong in (ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()):
        with pytest.raises(ConfigurationError, match="neither RSA nor of the curve P-256"):
            subject_token("us", "PKASSEL", "https://tokens.example", pem(wrong))


async def test_a_technical_user_has_no_token_to_run_out(sap: Sap) -> None:
    """So that a refused password is asked once and not twice, which would lock the user sooner."""
    tokens = Tokens(Basic("COPILOT", Secret("x")), None)
    assert not tokens.forget(None)
