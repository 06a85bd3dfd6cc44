"""An issuer with keys of every kind, and tokens that say whatever a test wants."""

from __future__ import annotations

import json
import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from server.oidc.kept import Kept

ISSUER = "https://id.example/tenant"
AUDIENCE = "api://copilot"


@cache
def rsa_key(name: str = "r1", bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str = "e1") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def public_pem() -> bytes:
    return rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def jwk(key: Any, **more: object) -> dict[str, object]:
    made = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**json.loads(made.to_jwk(key.public_key())), **more}


def listed(*keys: dict[str, object]) -> dict[str, object]:
    return {"keys": list(keys) or [jwk(rsa_key(), kid="r1", use="sig"), jwk(ec_key(), kid="e1", use="sig")]}


def kept(document: dict[str, object] | None = None) -> Kept:
    """The issuer's keys as the program keeps them."""
    found = document or listed()

    async def fetch() -> dict[str, object]:
        return found

    return Kept(fetch)


def claims(**more: object) -> dict[str, object]:
    """What a good token says; None takes a claim away."""
    now = int(time.time())
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "buyer", "iat": now, "nbf": now, "exp": now + 300, **more}
    return {name: value for name, value in said.items() if value is not None}


def token(
    said: dict[str, object] | None = None, key: Any = None, algorithm: str = "RS256", **header: object
) -> str:
    return jwt.encode(
        claims() if said is None else said,
        rsa_key() if key is None else key,
        algorithm=algorithm,
        headers={"kid": "r1", **header},
    )
