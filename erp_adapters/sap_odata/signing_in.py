"""By whose rights SAP is called: a technical user's, an OAuth client's, or a person's own by SAML bearer."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias, assert_never
from urllib.parse import urlencode
from uuid import uuid4
from xml.sax.saxutils import escape

from erp_adapters.errors import ConfigurationError, ErpRefused, ErpUnavailable
from erp_adapters.http import Content, HttpClient, Secret

_EARLY_S: Final = 60.0
"""A token that ends this soon is no longer handed out."""
_ASSERTION_HOLDS: Final = timedelta(minutes=5)
_SKEW: Final = timedelta(seconds=60)
SAML_BEARER: Final = "urn:ietf:params:oauth:grant-type:saml2-bearer"
_SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
_SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"
_CANONICAL: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_RSA: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA: Final = "http://www.w3.org/2001/04/xmlenc#sha256"


@dataclass(frozen=True, slots=True)
class Basic:
    """A technical user with a password."""

    login: str
    password: Secret


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A technical user behind an OAuth client."""

    token_url: str
    client_id: str
    client_secret: Secret
    scope: str = ""

    @property
    def login(self) -> str:
        """What messages call it."""
        return self.client_id


Technical: TypeAlias = Basic | ClientCredentials


@dataclass(frozen=True, slots=True)
class Propagation:
    """Each person's own authorisation: an assertion that SAP trusts is changed for a token of theirs."""

    token_url: str
    client_id: str
    client_secret: Secret
    issuer: str
    """As SAP's trusted providers name this program."""
    audience: str
    """As SAP names itself there."""
    key: Secret
    """Private RSA key, as PEM, whose certificate SAP trusts."""
    people: Mapping[str, str] = field(default_factory=dict)
    """What a person is called in SAP, by their subject here."""
    scope: str = ""

    def name_of(self, subject: str) -> str:
        """What the person is called in SAP.

        Raises:
            ErpRefused: nobody said; another user's rights are never used instead.
        """
        if subject not in self.people:
            raise ErpRefused(
                f"nobody said who {subject!r} is in SAP, and nothing is written with another's rights: add"
                " them under `own.people` of the system in the file of systems"
            )
        return self.people[subject]


class Tokens:
    """Headers that let a call in, with tokens that are asked for once and kept until nearly their end."""

    def __init__(
        self, technical: Technical, propagation: Propagation | None, timeout_s: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._technical = technical
        self._propagation = propagation
        self._timeout_s = timeout_s
        self._clock = clock
        self._kept: dict[str | None, tuple[Secret, float]] = {}
        self._asking = asyncio.Lock()
        self.secrets: list[Secret] = [
            technical.password if isinstance(technical, Basic) else technical.client_secret,
            *([propagation.client_secret] if propagation else []),
        ]
        """What no message shows: it grows with the tokens that are given."""

    async def headers(self, person: str | None) -> Mapping[str, str]:
        """What a call of this person needs; None is the technical user.

        Raises:
            ErpUnavailable: no token is to be had now.
            ErpRefused: the person is unknown there.
        """
        if person is None and isinstance(self._technical, Basic):
            pair = f"{self._technical.login}:{self._technical.password.reveal()}".encode()
            return {"authorization": "Basic " + base64.b64encode(pair).decode()}
        async with self._asking:
            token, ends = self._kept.get(person, (Secret(""), 0.0))
            if ends <= self._clock():
                self.forget(person)
                token, lasts_s = await self._asked(person)
                self.secrets.append(token)
                self._kept[person] = (token, self._clock() + max(lasts_s - _EARLY_S, lasts_s / 2))
        return {"authorization": f"Bearer {token.reveal()}"}

    def forget(self, person: str | None) -> bool:
        """Let the next call ask anew; False where there was no token that could have run out."""
        kept = self._kept.pop(person, None)
        if kept is not None:
            self.secrets.remove(kept[0])
        return kept is not None

    async def _asked(self, person: str | None) -> tuple[Secret, float]:
        match self._technical if person is None else self._propagation:
            case ClientCredentials() as client:
                form = {"grant_type": "client_credentials", "scope": client.scope}
            case Propagation() as client:
                assert person is not None
                form = {
                    "grant_type": SAML_BEARER,
                    "assertion": base64.urlsafe_b64encode(assertion(client, person).encode()).decode(),
                    "client_id": client.client_id,
                    "scope": client.scope,
                }
            case Basic() | None:
                raise ConfigurationError("there is no OAuth client to ask for a token")
            case never:
                assert_never(never)
        pair = f"{client.client_id}:{client.client_secret.reveal()}".encode()
        body = Content(
            urlencode({k: v for k, v in form.items() if v}).encode(), "application/x-www-form-urlencoded"
        )
        who = "the technical user" if person is None else repr(person)
        above, _, last = client.token_url.rpartition("/")
        async with HttpClient(
            above, "SAP's token endpoint", timeout_s=self._timeout_s, secrets=[client.client_secret]
        ) as http:
            # Asking twice does no harm: the first token just runs out.
            reply = await http.call(
                "POST",
                last,
                body,
                effect="read",
                headers={"authorization": f"Basic {base64.b64encode(pair).decode()}"},
            )
        given = reply.body if isinstance(reply.body, dict) else {}
        if reply.status >= 400 or not given.get("access_token"):
            why = " ".join(str(given[name]) for name in ("error", "error_description") if given.get(name))
            raise ErpUnavailable(
                f"SAP gives no token for {who} (status {reply.status}"
                f"{', ' if why else ''}{http.redacted(why)}):"
                f" correct client, secret or trust for {client.token_url!r} in the file of systems"
            )
        if str(given.get("token_type", "bearer")).lower() != "bearer":
            raise ErpUnavailable(
                f"SAP gave a token of the kind {given['token_type']!r}, and not a bearer token"
            )
        return Secret(str(given["access_token"])), float(given.get("expires_in") or 300)


def assertion(client: Propagation, person: str) -> str:
    """A signed SAML 2.0 assertion that names the person, for one token endpoint and a few minutes.

    It is written in its canonical form, so that what is signed is what is sent.
    """
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    try:
        key = serialization.load_pem_private_key(client.key.reveal().encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            "the key of `own` in the file of systems is no private key in PEM"
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ConfigurationError("the key of `own` in the file of systems is no RSA key, which SAP asks for")
    now = datetime.now(UTC)
    number = f"_{uuid4().hex}"
    begins, ends = _instant(now - _SKEW), _instant(now + _ASSERTION_HOLDS)
    head = (
        f'<saml2:Assertion xmlns:saml2="{_SAML}" ID="{number}" IssueInstant="{_instant(now)}" Version="2.0">'
        f"<saml2:Issuer>{escape(client.issuer)}</saml2:Issuer>"
    )
    tail = (
        '<saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">'
        f"{escape(client.name_of(person))}</saml2:NameID>"
        '<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
        f'<saml2:SubjectConfirmationData NotOnOrAfter="{ends}" Recipient={_attribute(client.token_url)}>'
        "</saml2:SubjectConfirmationData></saml2:SubjectConfirmation></saml2:Subject>"
        f'<saml2:Conditions NotBefore="{begins}" NotOnOrAfter="{ends}"><saml2:AudienceRestriction>'
        f"<saml2:Audience>{escape(client.audience)}</saml2:Audience></saml2:AudienceRestriction>"
        "</saml2:Conditions>"
        f'<saml2:AuthnStatement AuthnInstant="{_instant(now)}"><saml2:AuthnContext>'
        "<saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:X509</saml2:AuthnContextClassRef></saml2:AuthnContext>"
        "</saml2:AuthnStatement></saml2:Assertion>"
    )
    digest = base64.b64encode(hashlib.sha256((head + tail).encode()).digest()).decode()
    info = (
        f'<ds:CanonicalizationMethod Algorithm="{_CANONICAL}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{_RSA}"></ds:SignatureMethod><ds:Reference URI="#{number}">'
        f'<ds:Transforms><ds:Transform Algorithm="{_ENVELOPED}"></ds:Transform>'
        f'<ds:Transform Algorithm="{_CANONICAL}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{_SHA}"></ds:DigestMethod><ds:DigestValue>{digest}</ds:DigestValue>'
        "</ds:Reference></ds:SignedInfo>"
    )
    signed = f'<ds:SignedInfo xmlns:ds="{_SIGNATURE}">{info}'.encode()
    value = base64.b64encode(key.sign(signed, padding.PKCS1v15(), hashes.SHA256())).decode()
    signature = (
        f'<ds:Signature xmlns:ds="{_SIGNATURE}"><ds:SignedInfo>{info}'
        f"<ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"
    )
    return head + signature + tail


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _attribute(text: str) -> str:
    # As canonical XML has it, which leaves `>` alone.
    return '"' + text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;") + '"'
