"""Tokens that are taken, and every way in which one is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable

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


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
async def test_good_tokens_are_taken(algorithm: str) -> None:
    """By each of the three algorithms, with the header's type in any usual spelling."""
    key, kid = (ec_key(), "e1") if algorithm == "ES256" else (rsa_key(), "r1")
    for kind in ("JWT", "at+jwt", "application/at+jwt"):
        found = await checked(token(key=key, algorithm=algorithm, kid=kid, typ=kind), kept(), EXPECTED)
        assert found.subject == "buyer"


def now() -> int:
    return int(time.time())


def stranger_s() -> str:
    """Signed by somebody who sends their own key along."""
    stranger = rsa_key("stranger")
    return token(key=stranger, jwk=jwk(stranger))


REFUSED: dict[str, Callable[[], str]] = {
    "alg none": lambda: f"{encoded({'alg': 'none'})}.{encoded(claims())}.",
    "alg nOnE": lambda: f"{encoded({'alg': 'nOnE', 'kid': 'r1'})}.{encoded(claims())}.",
    "HS256 with the public key": with_public_key_as_secret,
    "HS256": lambda: token(key=b"k" * 64, algorithm="HS256"),
    "RS512": lambda: token(algorithm="RS512"),
    "wrong iss": lambda: token(claims(iss="https://id.example/other")),
    "iss with a slash": lambda: token(claims(iss=ISSUER + "/")),
    "no iss": lambda: token(claims(iss=None)),
    "wrong aud": lambda: token(claims(aud="api://other")),
    "empty aud": lambda: token(claims(aud=[])),
    "no aud": lambda: token(claims(aud=None)),
    "expired": lambda: token(claims(exp=now() - 120)),
    "no exp": lambda: token(claims(exp=None)),
    "exp no number": lambda: token(claims(exp="never")),
    "exp a text": lambda: token(claims(exp=str(now() + 300))),
    "exp beyond every year": lambda: token(claims(exp=10**30)),
    "nbf in the future": lambda: token(claims(nbf=now() + 300)),
    "iat in the future": lambda: token(claims(iat=now() + 300)),
    "no iat": lambda: token(claims(iat=None)),
    "no sub": lambda: token(claims(sub=None)),
    "empty sub": lambda: token(claims(sub="")),
    "sub with a zero byte": lambda: token(claims(sub="a\0b")),
    "long sub": lambda: token(claims(sub="b" * 201)),
    "bound to its sender": lambda: token(claims(cnf={"jkt": "x"})),
    "another's key": lambda: token(key=rsa_key("stranger")),
    "kid a path": lambda: token(kid="../../dev/null"),
    "kid a file": lambda: token(kid="/etc/passwd"),
    "kid SQL": lambda: token(kid="' or 1=1 --"),
    "kid an address": lambda: token(kid="https://evil.example/keys"),
    "kid of a key of another kind": lambda: token(kid="e1"),
    "jku": lambda: token(jku="https://evil.example/jwks"),
    "x5u": lambda: token(x5u="https://evil.example/chain"),
    "jwk": stranger_s,
    "crit": lambda: token(crit=["exp"]),
    "logout token": lambda: token(typ="logout+jwt"),
    "DPoP proof": lambda: token(typ="dpop+jwt"),
    "signature changed": lambda: token()[:-8] + "AAAAAAAA",
    "a part more": lambda: token() + ".x",
    "too long": lambda: "x" * 20_000,
    "empty": lambda: "",
    "no token": lambda: "a.b.c",
    "not ASCII": lambda: "ü",
}


@pytest.mark.parametrize("made", REFUSED.values(), ids=REFUSED.keys())
async def test_other_tokens_are_refused(made: Callable[[], str]) -> None:
    """Algorithm, issuer, audience, times, subject, key and header: each alone is enough; none is repeated."""
    refused = made()
    with pytest.raises(TokenRefused) as told:
        await checked(refused, kept(), EXPECTED)
    assert refused[:200] not in str(told.value) or len(refused) < 8


async def test_a_minute_of_difference_between_clocks_is_let_pass() -> None:
    """And no more than that."""
    assert await checked(token(claims(exp=now() - 30)), kept(), EXPECTED)
    assert await checked(token(claims(nbf=now() + 30, iat=now() + 30)), kept(), EXPECTED)
    with pytest.raises(TokenRefused):
        await checked(token(claims(exp=now() - 70)), kept(), EXPECTED)


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


async def test_keys_that_do_not_fit_are_not_used() -> None:
    """A list may hold others; none of them checks a signature of ours."""
    for key in (
        jwk(rsa_key(), kid="r1", use="enc"),
        jwk(rsa_key(), kid="r1", alg="RS512"),
        {"kty": "oct", "k": encoded("secret"), "kid": "r1"},
        {"kty": "RSA", "kid": "r1", "n": "!", "e": "AQAB"},
        {"kty": "RSA", "kid": "r1"},
    ):
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
