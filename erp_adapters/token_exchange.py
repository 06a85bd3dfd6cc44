"""A person's own token for a system, by token exchange (RFC 8693): this program vouches for who they are.

What is confirmed is written later and by a worker, when nobody's sign-in is at hand and none was kept. So
what is exchanged is a token of this program's own about the person, for minutes, whose key the server trusts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from erp_adapters.errors import ConfigurationError, ErpUnavailable
from erp_adapters.http import Secret
from erp_adapters.signing_key import signing_key

GRANT: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"
JWT: Final = "urn:ietf:params:oauth:token-type:jwt"
_HOLDS: Final = timedelta(minutes=5)


def subject_token(issuer: str, person: str, audience: str, key: Secret) -> Secret:
    """A signed JWT that names the person, for one token server and a few minutes.

    Args:
        issuer: as the token server knows this program.
        person: what they are called there.
        audience: the token server's own address.
        key: private RSA or EC key, as PEM.

    Raises:
        ConfigurationError: the key is none that can sign.
    """
    import jwt
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    held = signing_key(key)
    match held:
        case rsa.RSAPrivateKey():
            algorithm = "RS256"
        case ec.EllipticCurvePrivateKey(curve=ec.SECP256R1()):
            algorithm = "ES256"
        case _:
            raise ConfigurationError(
                "the key of `own` in the file of systems is neither RSA nor of the curve P-256"
            )
    now = datetime.now(UTC)
    claims = {
        "iss": issuer, "sub": person, "aud": audience, "iat": now, "nbf": now, "exp": now + _HOLDS,
        "jti": uuid4().hex,
    }  # fmt: skip
    return Secret(jwt.encode(claims, held, algorithm=algorithm))


def exchange_form(subject: Secret, *, audience: str, scope: str = "") -> dict[str, str]:
    """What the token server is asked: an access token for the system, of the person that the token names."""
    return {
        "grant_type": GRANT,
        "subject_token": subject.reveal(),
        "subject_token_type": JWT,
        "requested_token_type": ACCESS_TOKEN,
        "audience": audience,
        "scope": scope,
    }


def check_issued(given: Mapping[str, object], system: str) -> None:
    """Refuse what was issued in place of an access token.

    Raises:
        ErpUnavailable: it is something else, such as a token of a sign-in.
    """
    kind = given.get("issued_token_type")
    if kind not in (ACCESS_TOKEN, JWT):
        raise ErpUnavailable(
            f"the token server of {system} issued {str(kind)!r} in exchange, and no access token: correct"
            " what it is set up to issue for this client"
        )
