"""By whose rights SAP is called: a technical user's, an OAuth client's, or a person's own."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, assert_never
from urllib.parse import urlencode

from erp_adapters.errors import ConfigurationError, ErpRefused, ErpUnavailable
from erp_adapters.http import Content, HttpClient, Secret
from erp_adapters.sap_odata.assertion import assertion
from erp_adapters.token_exchange import check_issued, exchange_form, subject_token

_EARLY_S: Final = 60.0
"""A token that ends this soon is no longer handed out."""
SAML_BEARER: Final = "urn:ietf:params:oauth:grant-type:saml2-bearer"


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
Grant: TypeAlias = Literal["saml-bearer", "token-exchange"]
"""How a person's token is come by: a SAML assertion to SAP's own endpoint, or a JWT to a server that trades
tokens (RFC 8693) and that SAP takes them of."""


def means_of(grant: Grant) -> str:
    """What a grant is called where a connection is shown."""
    return "token exchange (RFC 8693)" if grant == "token-exchange" else "SAML bearer"


@dataclass(frozen=True, slots=True)
class Propagation:
    """Each person's own authorisation: what this program vouches for is changed for a token of theirs."""

    token_url: str
    client_id: str
    client_secret: Secret
    issuer: str
    """As SAP's trusted providers name this program."""
    audience: str
    """As SAP names itself there."""
    key: Secret
    """Private key, as PEM, that is trusted there; RSA for an assertion."""
    people: Mapping[str, str] = field(default_factory=dict)
    """What a person is called in SAP, by their subject here."""
    scope: str = ""
    grant: Grant = "saml-bearer"

    @property
    def means(self) -> str:
        """What it is called where the connection is shown."""
        return means_of(self.grant)

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
                form = _vouched(client, person)
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
        if isinstance(client, Propagation) and client.grant == "token-exchange":
            check_issued(given, "SAP")
        if str(given.get("token_type", "bearer")).lower() != "bearer":
            raise ErpUnavailable(
                f"SAP gave a token of the kind {given['token_type']!r}, and not a bearer token"
            )
        return Secret(str(given["access_token"])), float(given.get("expires_in") or 300)


def _vouched(client: Propagation, person: str) -> dict[str, str]:
    """What the token server is told of the person, by the grant that is set up and no other."""
    name = client.name_of(person)
    match client.grant:
        case "saml-bearer":
            text = assertion(
                issuer=client.issuer,
                audience=client.audience,
                recipient=client.token_url,
                person=name,
                key=client.key,
            )
            return {
                "grant_type": SAML_BEARER,
                "assertion": base64.urlsafe_b64encode(text.encode()).decode(),
                "client_id": client.client_id,
                "scope": client.scope,
            }
        case "token-exchange":
            vouched = subject_token(client.issuer, name, client.token_url, client.key)
            return exchange_form(vouched, audience=client.audience, scope=client.scope)
        case never:
            assert_never(never)
