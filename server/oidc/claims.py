"""What a token says, once its signature, issuer, audience and times have been checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from server.oidc.kept import Kept

if TYPE_CHECKING:
    from jwt import PyJWK

ALGORITHMS: Final = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
"""Those that are taken, and the kind of key that each needs; a public key is the secret of none of them."""
LEEWAY_S: Final = 60
_MOST_LETTERS: Final = 16_384
_LONGEST_SUBJECT: Final = 200
_FEWEST_BITS: Final = 2048
_LAST_MOMENT: Final = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
# Each would have the token say how, or by which key, it is to be checked.
_REFUSED_HEADERS: Final = ("jku", "x5u", "jwk", "crit", "b64")
_TYPES: Final = frozenset({"jwt", "at+jwt"})


class TokenRefused(Exception):
    """A token is not taken; the message says why, without the token."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token of this issuer must say."""

    issuer: str
    audience: str
    tenant: str = ""
    subject_claim: str = "sub"
    azp: str = ""
    """The only party that it may have been issued to; empty where any may."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a checked token says."""

    subject: str
    """Value of the claim that names the person."""
    nonce: str
    expires_at: datetime


async def checked(token: str, keys: Kept, expected: Expected) -> Claims:
    """What the token says.

    Raises:
        TokenRefused: it is not one of this issuer for this audience and moment.
        ProviderUnavailable: the issuer's keys are not to be had.
    """
    said = await verified(token, keys, expected.issuer, expected.audience)
    return _claims(said, expected)


async def verified(
    token: str,
    keys: Kept,
    issuer: str,
    audience: str,
    *,
    required: Sequence[str] = ("exp", "iat", "iss", "aud"),
    endorsed_for: str = "",
) -> Mapping[str, object]:
    """All that a token says, once its signature, issuer, audience and times have been checked.

    Args:
        required: claims that it must have.
        endorsed_for: the channel that its key must be endorsed for, where the key names any.

    Raises:
        TokenRefused, ProviderUnavailable: as `checked` does.
    """
    # Only a home where people sign in needs it.
    import jwt

    if len(token) > _MOST_LETTERS:
        raise TokenRefused("the token is too long")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as exc:
        raise TokenRefused("this is no signed token") from exc
    algorithm = _algorithm(header)
    key = await _key(keys, header.get("kid"), algorithm, endorsed_for)
    try:
        said: Mapping[str, object] = jwt.decode(
            token,
            key.key,
            algorithms=[algorithm],
            audience=audience,
            issuer=issuer,
            leeway=LEEWAY_S,
            options={"require": list(required), "verify_sub": False, "verify_jti": False},
        )
    except jwt.InvalidTokenError as exc:
        raise TokenRefused(f"the token is not valid: {exc}") from exc
    return said


def _algorithm(header: Mapping[str, object]) -> str:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise TokenRefused(f"the token is signed with {algorithm!r}; it may be {', '.join(ALGORITHMS)}")
    for name in _REFUSED_HEADERS:
        if name in header:
            raise TokenRefused(f"the token's header has {name!r}, which is not followed")
    kind = str(header.get("typ", "JWT")).lower().removeprefix("application/")
    if kind not in _TYPES:
        raise TokenRefused(f"this is a token of the type {kind!r}")
    return algorithm


async def _key(keys: Kept, kid: object, algorithm: str, endorsed_for: str) -> PyJWK:
    """The issuer's key of that name: what a token says is looked up in its list and used for nothing else."""
    if kid is not None and not isinstance(kid, str):
        raise TokenRefused("the token's key is not named by a text")
    found = _usable((await keys.get()).get("keys"), kid, algorithm, endorsed_for)
    if found is None and kid is not None and (fresh := await keys.anew()) is not None:
        found = _usable(fresh.get("keys"), kid, algorithm, endorsed_for)
    if found is None:
        raise TokenRefused(f"the issuer has no key {kid!r} for {algorithm}")
    return found


def _usable(listed: object, kid: str | None, algorithm: str, endorsed_for: str) -> PyJWK | None:
    import jwt

    fitting = [
        each
        for each in (listed if isinstance(listed, Sequence) else ())
        if isinstance(each, Mapping)
        and each.get("kty") == ALGORITHMS[algorithm]
        and each.get("use", "sig") == "sig"
        and each.get("alg", algorithm) == algorithm
        and (kid is None or each.get("kid") == kid)
        and _is_endorsed(each.get("endorsements"), endorsed_for)
    ]
    # Without a name only a single key is meant without doubt.
    if not fitting or (kid is None and len(fitting) > 1):
        return None
    try:
        key = jwt.PyJWK(dict(fitting[0]), algorithm)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    size, curve = getattr(key.key, "key_size", 0), getattr(key.key, "curve", None)
    if curve is None and size < _FEWEST_BITS:
        return None
    return key if curve is None or curve.name == "secp256r1" else None


def _is_endorsed(named: object, channel: str) -> bool:
    return not channel or named is None or (isinstance(named, Sequence) and channel in named)


def _claims(said: Mapping[str, object], expected: Expected) -> Claims:
    if expected.tenant and said.get("tid") != expected.tenant:
        raise TokenRefused("the token is of another tenant")
    audiences, party = said.get("aud"), said.get("azp")
    if expected.azp:
        several = isinstance(audiences, list) and len(audiences) > 1
        if (several or party is not None) and party != expected.azp:
            raise TokenRefused("the token was issued to another program")
    if "cnf" in said:
        raise TokenRefused("the token is bound to a key of its sender, who has to be the one to use it")
    subject = said.get(expected.subject_claim)
    if not isinstance(subject, str) or not subject.isprintable() or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise TokenRefused(
            f"the token has no usable claim {expected.subject_claim!r}; PLANTWRIGHT_OIDC_SUBJECT_CLAIM says"
            " which one names the person"
        )
    if expected.subject_claim == "email" and said.get("email_verified", True) not in (True, "true"):
        raise TokenRefused("the provider has not verified this address, so it does not say who this is")
    nonce, expires = said.get("nonce"), said["exp"]
    if not isinstance(expires, int | float) or expires > _LAST_MOMENT:
        raise TokenRefused("the token's expiry is no moment")
    return Claims(subject, nonce if isinstance(nonce, str) else "", datetime.fromtimestamp(expires, UTC))
