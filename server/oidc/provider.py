"""The identity provider: where it sends a browser, and what it says of whoever comes back."""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_plus, urlencode

from server.errors import NotSignedIn, ProviderUnavailable, SignInFailed
from server.oidc.claims import Claims, Expected, TokenRefused, checked
from server.oidc.fetching import Fetcher
from server.oidc.flow import Flow
from server.oidc.kept import Document, Kept

log = logging.getLogger("plantwright")

_SCOPES: Final = "openid profile email"
_LONGEST_CODE: Final = 4096


@dataclass(frozen=True, slots=True)
class Registration:
    """How this service is known to its provider."""

    issuer: str
    client_id: str
    client_secret: str = ""
    audience: str = ""
    """Of access tokens that programs send; empty where none is taken."""
    subject_claim: str = "sub"
    tenant: str = ""


class Provider:
    """One issuer."""

    def __init__(
        self, registration: Registration, fetcher: Fetcher, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._known = registration
        self._fetcher = fetcher
        self._discovery = Kept(self._discovered, clock)
        self._keys = Kept(self._listed, clock)

    async def begin(self, flow: Flow, return_to: str) -> str:
        """Address that the browser goes to.

        Raises:
            ProviderUnavailable: the provider cannot be asked where that is.
        """
        endpoint = await self._endpoint("authorization_endpoint")
        asked = {
            "response_type": "code",
            "client_id": self._known.client_id,
            "redirect_uri": return_to,
            "scope": _SCOPES,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def end(self, return_to: str, token: str = "") -> str | None:
        """Address at which a browser ends its session at the provider too; None where there is none.

        Args:
            return_to: where the provider sends the browser afterwards; it has to be registered there.
            token: the ID token of that session, where it is at hand: some providers ask for it.
        """
        try:
            endpoint = (await self._discovery.get()).get("end_session_endpoint")
            if not isinstance(endpoint, str):
                return None
            self._fetcher.look_at(endpoint)
        except ProviderUnavailable as error:
            # Signing out here goes on without the provider.
            log.warning("nobody can be signed out at the identity provider: %s", error)
            return None
        asked = {"client_id": self._known.client_id, "post_logout_redirect_uri": return_to}
        if token:
            asked["id_token_hint"] = token
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def finished(self, flow: Flow, code: str, issuer: str, return_to: str) -> tuple[Claims, str]:
        """Who the provider says came back with this code, and the ID token that says so.

        Args:
            issuer: what the answer names as its issuer (RFC 9207); empty where it names none.

        Raises:
            SignInFailed: the code or the token is not of this sign-in.
            ProviderUnavailable: the provider does not answer.
        """
        is_named = (await self._discovery.get()).get("authorization_response_iss_parameter_supported") is True
        if issuer != self._known.issuer and (issuer or is_named):
            raise SignInFailed("the answer is not of the identity provider that was asked")
        token = await self._redeemed(flow, code, return_to)
        expected = self._expected(self._known.client_id, azp=self._known.client_id)
        try:
            claims = await checked(token, self._keys, expected)
        except TokenRefused as exc:
            raise SignInFailed(f"the identity provider's token is not taken: {exc}") from exc
        if not hmac.compare_digest(claims.nonce.encode(), flow.nonce.encode()):
            raise SignInFailed("the identity provider's token is of another sign-in")
        return claims, token

    async def bearer(self, token: str) -> Claims:
        """Whom an access token of a program stands for.

        Raises:
            NotSignedIn: it is not one for this service, or none is taken here.
            ProviderUnavailable: the issuer's keys are not to be had.
        """
        if not self._known.audience:
            raise NotSignedIn("access tokens are not taken here; PLANTWRIGHT_OIDC_AUDIENCE says whose are")
        try:
            claims = await checked(token, self._keys, self._expected(self._known.audience))
        except TokenRefused as exc:
            raise NotSignedIn(str(exc)) from exc
        if claims.nonce and self._known.audience == self._known.client_id:
            raise NotSignedIn("this is an ID token, which gives no access; send an access token")
        return claims

    def _expected(self, audience: str, azp: str = "") -> Expected:
        return Expected(self._known.issuer, audience, self._known.tenant, self._known.subject_claim, azp)

    async def _redeemed(self, flow: Flow, code: str, return_to: str) -> str:
        if not 0 < len(code) <= _LONGEST_CODE:
            raise SignInFailed("the identity provider sent no usable code")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": return_to,
            "code_verifier": flow.verifier,
        }
        login = None
        secret = self._known.client_secret
        if secret and await self._takes_basic():
            login = (quote_plus(self._known.client_id), quote_plus(secret))
        else:
            form |= {"client_id": self._known.client_id} | ({"client_secret": secret} if secret else {})
        answer = await self._fetcher.json(await self._endpoint("token_endpoint"), form, login, refusable=True)
        token = answer.get("id_token")
        if not isinstance(token, str):
            said = answer.get("error")
            log.warning("the identity provider refused a code: %r", str(said)[:100])
            raise SignInFailed("the identity provider does not take this code; it may have been used already")
        return token

    async def _takes_basic(self) -> bool:
        methods = (await self._discovery.get()).get("token_endpoint_auth_methods_supported")
        if not isinstance(methods, list):
            return True
        return "client_secret_basic" in methods or "client_secret_post" not in methods

    async def _endpoint(self, name: str) -> str:
        return _address(await self._discovery.get(), name)

    async def _discovered(self) -> Document:
        found = await self._fetcher.json(f"{self._known.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self._known.issuer:
            raise ProviderUnavailable(
                f"the identity provider calls itself {found.get('issuer')!r}; if it is the right one, set"
                f" PLANTWRIGHT_OIDC_ISSUER to that in place of {self._known.issuer!r}"
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            self._fetcher.look_at(_address(found, name))
        return found

    async def _listed(self) -> Document:
        return await self._fetcher.json(await self._endpoint("jwks_uri"))


def _address(document: Mapping[str, object], name: str) -> str:
    found = document.get(name)
    if not isinstance(found, str):
        raise ProviderUnavailable(f"the identity provider's discovery document has no {name!r}")
    return found
