"""Codes and tokens of the development provider, under a key that lives as long as the process."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from server.oidc.flow import challenge_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

PATH: Final = "/dev/idp"
CLIENT_ID: Final = "plantwright"
API_AUDIENCE: Final = "plantwright-api"
_CODE_LIFE_S: Final = 60.0
_TOKEN_LIFE_S: Final = 300
_MOST_CODES: Final = 1000


@dataclass(frozen=True, slots=True)
class Granted:
    """What a code was given out for."""

    subject: str
    name: str
    issuer: str
    redirect_uri: str
    nonce: str
    challenge: str


class Issuing:
    """Gives out codes, and a token for each of them once."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._codes: dict[str, tuple[float, Granted]] = {}
        self._kid = secrets.token_hex(8)

    def code(self, granted: Granted) -> str:
        """A code, good for a minute and one use."""
        now = self._clock()
        self._codes = {code: each for code, each in self._codes.items() if each[0] > now}
        while len(self._codes) >= _MOST_CODES:
            del self._codes[next(iter(self._codes))]
        made = secrets.token_urlsafe(32)
        self._codes[made] = (now + _CODE_LIFE_S, granted)
        return made

    def tokens(
        self, code: str, client_id: str, redirect_uri: str, verifier: str
    ) -> Mapping[str, object] | None:
        """The answer to a code; None where it is unknown, used, too old, or of another sign-in."""
        until, granted = self._codes.pop(code, (0.0, None))
        if granted is None or until <= self._clock() or client_id != CLIENT_ID:
            return None
        if redirect_uri != granted.redirect_uri:
            return None
        if not hmac.compare_digest(challenge_of(verifier), granted.challenge):
            return None
        about = {"iss": granted.issuer, "sub": granted.subject}
        return {
            "token_type": "Bearer",
            "expires_in": _TOKEN_LIFE_S,
            "id_token": self._signed(
                {**about, "aud": CLIENT_ID, "nonce": granted.nonce, "name": granted.name}, "JWT"
            ),
            "access_token": self._signed({**about, "aud": API_AUDIENCE}, "at+jwt"),
        }

    def jwks(self) -> Mapping[str, object]:
        """The public key."""
        from jwt.algorithms import ECAlgorithm

        public = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self._kid, "use": "sig", "alg": "ES256"}]}

    @cached_property
    def _key(self) -> EllipticCurvePrivateKey:
        from cryptography.hazmat.primitives.asymmetric import ec

        return ec.generate_private_key(ec.SECP256R1())

    def _signed(self, claims: Mapping[str, object], kind: str) -> str:
        import jwt

        now = int(self._clock())
        timed = {**claims, "iat": now, "nbf": now, "exp": now + _TOKEN_LIFE_S}
        return jwt.encode(timed, self._key, algorithm="ES256", headers={"kid": self._kid, "typ": kind})
