"""Tokens that are taken, and every way in which one is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from server.oidc.claims import Expected, TokenRefused, checked
from tests.server.oidc.issuers import (
    AUDIENCE,
    ISSUER,
    claims,
    ec_key,
    jwk,
    kept,
    listed,
    public_pem,
    rsa_key,
    token,
)

EXPECTED = Expected(ISSUER, AUDIENCE)


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def with_public_key_as_secret() -> str:
    """The classic confusion: what everybody can read taken for a shared secret."""
    signed = f"{encoded({'alg': 'HS256', 'kid': 'r1'})}.{encoded(claims())}"
    mac = hmac.new(public_pem(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"),
    [(rsa_key(), "RS256", "r1"), (rsa_key(), "PS256", "r1"), (ec_key(), "ES256", "e1")],
    ids=["RS256", "PS256", "ES256"],
)
async def test_good_tokens_are_taken(key: object, algorithm: str, kid: str) -> None:
    """By each of the three algorithms, with the header's type in any usual spelling."""
    for kind in ("JWT", "at+jwt", "application/at+jwt"):
        found = await checked(token(key=key, algorithm=algorithm, kid=kid, typ=kind), kept(), EXPECTED)
        assert found.subject == "buyer"


now = int(time.time())


@pytest.mark.parametrize(
    "refused",
    [
        f"{encoded({'alg': 'none'})}.{encoded(claims())}.",
        f"{encoded({'alg': 'nOnE', 'kid': 'r1'})}.{encoded(claims())}.",
        with_public_key_as_secret(),
        token(key=b"k" * 64, algorithm="HS256"),
        token(algorithm="RS512"),
        token(claims(iss="https://id.example/other")),
        token(claims(iss=ISSUER + "/")),
        token(claims(iss=None)),
        token(claims(aud="api://other")),
        token(claims(aud=[])),
        token(claims(aud=None)),
        token(claims(exp=now - 120)),
        token(claims(exp=None)),
        token(claims(exp="never")),
        token(claims(nbf=now + 300)),
        token(claims(iat=now + 300)),
        token(claims(iat=None)),
        token(claims(sub=None)),
        token(claims(sub="")),
        token(claims(sub="a\0b")),
        token(claims(sub="b" * 201)),
        token(claims(cnf={"jkt": "x"})),
        token(key=rsa_key("stranger")),
        token(kid="../../dev/null"),
        token(kid="/etc/passwd"),
        token(kid="' or 1=1 --"),
        token(kid="https://evil.example/keys"),
        token(kid="e1"),
        token(jku="https://evil.example/jwks"),
        token(x5u="https://evil.example/chain"),
        token(jwk=jwk(rsa_key("stranger")), key=rsa_key("stranger")),
        token(crit=["exp"]),
        token(typ="logout+jwt"),
        token(typ="dpop+jwt"),
        token()[:-4] + "AAAA",
        token() + ".x",
        "x" * 20_000,
        "",
        "a.b.c",
        "ü",
    ],
    ids=lambda value: value[-24:],
)
async def test_other_tokens_are_refused(refused: str) -> None:
    """Algorithm, issuer, audience, times, subject, key and header: each alone is enough."""
    with pytest.raises(TokenRefused) as told:
        await checked(refused, kept(), EXPECTED)
    assert refused[:200] not in str(told.value) or len(refused) < 8


async def test_a_minute_of_difference_between_clocks_is_let_pass() -> None:
    """And no more than that."""
    assert await checked(token(claims(exp=now - 30)), kept(), EXPECTED)
    assert await checked(token(claims(nbf=now + 30, iat=now + 30)), kept(), EXPECTED)
    with pytest.raises(TokenRefused):
        await checked(token(claims(exp=now - 70)), kept(), EXPECTED)


async def test_another_tenant_is_refused() -> None:
    """Of a provider that signs for many, only the one that is set."""
    mine = Expected(ISSUER, AUDIENCE, tenant="t1")
    assert await checked(token(claims(tid="t1")), kept(), mine)
    for other in ("t2", None, ["t1"]):
        with pytest.raises(TokenRefused, match="tenant"):
            await checked(token(claims(tid=other)), kept(), mine)


async def test_a_token_issued_to_another_program_is_refused() -> None:
    """`azp` has to be ours where it is there, and has to be there where several are meant."""
    mine = Expected(ISSUER, AUDIENCE, azp="copilot")
    assert await checked(token(claims(azp="copilot", aud=[AUDIENCE, "other"])), kept(), mine)
    assert await checked(token(), kept(), mine)
    for said in (claims(azp="other"), claims(aud=[AUDIENCE, "other"])):
        with pytest.raises(TokenRefused, match="another program"):
            await checked(token(said), kept(), mine)


async def test_another_claim_may_name_the_person() -> None:
    """An address only where the provider has verified it."""
    mine = Expected(ISSUER, AUDIENCE, subject_claim="email")
    found = await checked(token(claims(email="b@example.com", email_verified=True)), kept(), mine)
    assert found.subject == "b@example.com"
    assert await checked(token(claims(email="b@example.com")), kept(), mine)
    for said in (claims(email="b@example.com", email_verified=False), claims(), claims(email=["b"])):
        with pytest.raises(TokenRefused):
            await checked(token(said), kept(), mine)


@pytest.mark.parametrize(
    "key",
    [
        jwk(rsa_key(), kid="r1", use="enc"),
        jwk(rsa_key(), kid="r1", alg="RS512"),
        {"kty": "oct", "k": encoded("secret"), "kid": "r1"},
        {"kty": "RSA", "kid": "r1", "n": "!", "e": "AQAB"},
        {"kty": "RSA", "kid": "r1"},
    ],
    ids=["for encryption", "another algorithm", "shared secret", "broken", "empty"],
)
async def test_keys_that_do_not_fit_are_not_used(key: dict[str, object]) -> None:
    """A list may hold others; none of them checks a signature of ours."""
    with pytest.raises(TokenRefused, match="no key"):
        await checked(token(), kept({"keys": [key]}), EXPECTED)


async def test_short_keys_are_not_used() -> None:
    """1024 bits are within reach of others."""
    short = rsa_key("short", 1024)
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        made = token(key=short)
    with pytest.raises(TokenRefused, match="no key"):
        await checked(made, kept({"keys": [jwk(short, kid="r1")]}), EXPECTED)


async def test_a_curve_of_another_kind_is_not_used() -> None:
    """ES256 is over P-256 alone."""
    other = ec.generate_private_key(ec.SECP256K1())
    with pytest.raises(TokenRefused):
        await checked(
            token(key=ec_key(), algorithm="ES256", kid="k"), kept({"keys": [jwk(other, kid="k")]}), EXPECTED
        )


async def test_without_a_key_s_name_only_a_single_key_is_meant() -> None:
    """Where there are two, nobody guesses."""
    made = jwt.encode(claims(), rsa_key(), algorithm="RS256")
    assert await checked(made, kept(listed(jwk(rsa_key(), kid="r1"))), EXPECTED)
    with pytest.raises(TokenRefused):
        await checked(made, kept(listed(jwk(rsa_key(), kid="a"), jwk(rsa_key("b"), kid="b"))), EXPECTED)
