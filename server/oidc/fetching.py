"""Small JSON documents from an identity provider: no redirect, no proxy, bounded in size and time."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from server.errors import ProviderUnavailable
from server.oidc.addresses import reached, usable
from server.outgoing import client

if TYPE_CHECKING:
    import httpx2
    from starlette.types import ASGIApp

MOST_BYTES: Final = 512 * 1024
PATIENCE_S: Final = 10.0


def within(app: ASGIApp) -> httpx2.AsyncBaseTransport:
    """A way to a provider that is part of this application, which leaves the network out."""
    import httpx2

    return httpx2.ASGITransport(app, client=("127.0.0.1", 0))


class Fetcher:
    """Calls the endpoints of one issuer."""

    def __init__(self, issuer: str, *, within: httpx2.AsyncBaseTransport | None = None) -> None:
        """
        Args:
            issuer: the configured one; only its own host may be in a private network.
            within: a way to a provider in this very process, which leaves the machine's network out.
        """
        self._issuer = issuer
        self._within = within

    def look_at(self, url: str) -> None:
        """Raise ProviderUnavailable for an address that would not be called."""
        if self._within is None:
            usable(url)

    async def json(
        self,
        url: str,
        form: Mapping[str, str] | None = None,
        login: tuple[str, str] | None = None,
        *,
        refusable: bool = False,
    ) -> Mapping[str, object]:
        """The JSON object that the address answers with: to a GET, or to a POST of the form.

        Args:
            refusable: True to get the object of a 400 or 401 as well.

        Raises:
            ProviderUnavailable: no answer, another status, too much or too slow, or no JSON object.
        """
        # Only a home where people sign in needs it.
        import httpx2

        self.look_at(url)
        try:
            async with asyncio.timeout(PATIENCE_S):
                status, body = await self._called(url, form, login)
        except TimeoutError as exc:
            raise ProviderUnavailable(f"{url} does not answer within {PATIENCE_S:.0f} seconds") from exc
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError) as exc:
            raise ProviderUnavailable(f"{url} cannot be read: {type(exc).__name__}: {exc}") from exc
        if status != 200 and not (refusable and status in (400, 401)):
            raise ProviderUnavailable(f"{url} answers with status {status}")
        try:
            found = json.loads(body)
        except (ValueError, RecursionError) as exc:
            raise ProviderUnavailable(f"{url} answers with something that is no JSON") from exc
        if not isinstance(found, dict):
            raise ProviderUnavailable(f"{url} answers with something that is no JSON object")
        return found

    async def _called(
        self, url: str, form: Mapping[str, str] | None, login: tuple[str, str] | None
    ) -> tuple[int, bytes]:
        headers, extensions, sent_to = {"accept": "application/json", "accept-encoding": "identity"}, {}, url
        if self._within is None:
            place = await reached(url, self._issuer)
            # The certificate is still held to the name.
            sent_to, extensions = place.url, {"sni_hostname": place.host}
            headers["host"] = place.parts.netloc
        async with (
            client(PATIENCE_S, self._within) as http,
            http.stream(
                "GET" if form is None else "POST",
                sent_to,
                data=dict(form) if form is not None else None,
                auth=login,
                headers=headers,
                extensions=extensions,
            ) as response,
        ):
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise ProviderUnavailable(f"{url} answers with more than {MOST_BYTES} bytes")
            return response.status_code, bytes(body)
