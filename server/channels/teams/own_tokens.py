"""The tokens that this program shows Teams when it posts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from erp_adapters.http import Secret
from server.channels.teams.clouds import Cloud
from server.errors import ChannelUnavailable, ProviderUnavailable
from server.oidc.fetching import Fetcher

_RENEWED_BEFORE_S = 300.0


@dataclass(frozen=True, slots=True)
class Registration:
    """How the program is registered in the organisation's directory."""

    app: str
    tenant: str
    secret: Secret


class OwnTokens:
    """Gets a token with the registration's secret, and another before it expires."""

    def __init__(
        self, registration: Registration, cloud: Cloud, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._registration = registration
        self._cloud = cloud
        self._clock = clock
        self._fetcher = Fetcher(cloud.login)
        self._lock = asyncio.Lock()
        self._token = ""
        self._until = 0.0

    async def token(self) -> str:
        """One that is good for minutes yet.

        Raises:
            ChannelUnavailable: none is given; the message says why and what to look at.
        """
        async with self._lock:
            if not self._token or self._clock() >= self._until:
                self._token, lives = await self._fresh()
                self._until = self._clock() + max(0.0, lives - _RENEWED_BEFORE_S)
            return self._token

    async def _fresh(self) -> tuple[str, float]:
        registration = self._registration
        form = {
            "grant_type": "client_credentials",
            "client_id": registration.app,
            "client_secret": registration.secret.reveal(),
            "scope": self._cloud.scope,
        }
        address = f"{self._cloud.login}/{registration.tenant}/oauth2/v2.0/token"
        try:
            said = await self._fetcher.json(address, form, refusable=True)
        except ProviderUnavailable as error:
            raise ChannelUnavailable(f"Teams: no token for posting: {error}") from error
        token, lives = said.get("access_token"), said.get("expires_in", 0)
        if not isinstance(token, str) or not token:
            why = str(said.get("error_description") or said.get("error") or "no reason is given")
            raise ChannelUnavailable(
                f"Teams: {self._cloud.login} gives no token: {why.splitlines()[0][:200]!r}; look at"
                " PLANTWRIGHT_TEAMS_APP_ID, PLANTWRIGHT_TEAMS_TENANT and the secret (docs/teams.md)"
            )
        return token, float(lives) if isinstance(lives, int | float | str) else 0.0
