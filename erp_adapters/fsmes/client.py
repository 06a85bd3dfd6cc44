"""Calls to a FactorySemantics MES over REST, signed in as one user; its refusals become our errors here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlencode

from erp_adapters.errors import CapabilityMissing, ErpRefused, ErpUnavailable, RecordNotFound
from erp_adapters.http import Effect, HttpClient, Json, Reply, Secret

SYSTEM = "FactorySemantics MES"
_MOST = 500
"""Rows of a page; the most that the MES gives where nobody has set another bound."""


class Conflict(ErpRefused):
    """The MES has it already, or it is in a state that does not admit this."""


class Client:
    """One user's calls to one plant's MES.

    ::

        async with Client.open("https://mes.example/", "COPILOT", password) as mes:
            orders = await mes.rows("workorders", status="on_hold")
    """

    def __init__(self, http: HttpClient, login: str, password: Secret) -> None:
        self._http = http
        self._login = login
        self._password = password
        self._token: Secret | None = None
        self._signing_in = asyncio.Lock()
        self._most = _MOST

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, login: str, password: Secret, *, timeout_s: float = 10.0
    ) -> AsyncIterator[Client]:
        """Calls to the MES; nothing is sent until the first call."""
        async with HttpClient(url, SYSTEM, timeout_s=timeout_s, secrets=[password]) as http:
            yield cls(http, login, password)

    @property
    def login(self) -> str:
        """Who calls, as the MES's record of changes writes it."""
        return self._login.upper()

    async def get(self, *path: str, **query: str | int | None) -> Any:
        """What the MES answers to a read.

        Raises:
            RecordNotFound: it has no such thing.
            ErpUnavailable, ErpRefused, CapabilityMissing: as `post`.
        """
        given = {name: value for name, value in query.items() if value is not None}
        asked = "/".join(quote(part, safe="") for part in path)
        reply = await self._signed_in("GET", asked + (f"?{urlencode(given)}" if given else ""), None, "read")
        return reply.body

    async def post(self, *path: str, body: Json = None) -> Any:
        """What the MES answers to a write.

        Its `Idempotency-Key` is not sent: with SQLite below it, 0.4.2 holds such a write until its database's
        patience of 15 s is over. A code that is taken once and states that admit a step once do without it.

        Raises:
            Conflict: it is there already, or not in a state for this.
            ErpRefused: the MES said no.
            RecordNotFound: it has no such thing; nothing was done.
            CapabilityMissing: the user may not do that.
            ErpUnavailable, WriteOutcomeUnknown: as the client says.
        """
        asked = "/".join(quote(part, safe="") for part in path)
        reply = await self._signed_in("POST", asked, body, "write")
        return reply.body

    async def rows(self, *path: str, **query: str) -> list[dict[str, Any]]:
        """Every row of a list that the MES gives in pages."""
        found: list[dict[str, Any]] = []
        while True:
            try:
                page = await self.get(*path, **query, limit=self._most, offset=len(found))
            except ErpRefused:
                if self._most != _MOST:
                    raise
                # The plant has set a lower bound than is usual; fifty is what a page has by itself.
                self._most = 50
                continue
            found += page["items"]
            # Newest first: what comes in between moves rows to the next page, and none is left out.
            if not page["has_more"] or not page["items"]:
                return found

    async def health(self) -> Mapping[str, Any]:
        """What the MES says of itself; needs no sign-in."""
        reply = await self._http.call("GET", "health", effect="read")
        if reply.status != 200 or not isinstance(reply.body, dict) or "plant" not in reply.body:
            raise ErpUnavailable(f"what answers at {self._http.url} is no {SYSTEM}: correct its address")
        return reply.body

    async def version(self) -> str:
        """Of the MES, such as `0.4.2`."""
        reply = await self._http.call("GET", "openapi.json", effect="read", timeout_s=30)
        info = reply.body.get("info", {}) if isinstance(reply.body, dict) else {}
        return str(info.get("version", ""))

    async def _signed_in(self, method: str, path: str, body: Json, effect: Effect) -> Reply:
        async def call(token: Secret) -> Reply:
            given = {"authorization": f"Bearer {token.reveal()}"}
            return await self._http.call(method, path, body, effect=effect, headers=given)

        used = await self._sign_in()
        reply = await call(used)
        if reply.status == 401:
            # Refused before anything was done: the token is over, so the same call may go out again.
            reply = await call(await self._sign_in(instead_of=used))
        return _judged(reply, self._login, method, path)

    async def _sign_in(self, instead_of: Secret | None = None) -> Secret:
        async with self._signing_in:
            if self._token is None or self._token is instead_of:
                given = {"code": self._login, "password": self._password.reveal()}
                reply = await self._http.call("POST", "auth/login", given, effect="read")
                if reply.status >= 400:
                    raise ErpUnavailable(
                        f"{SYSTEM} does not let {self._login!r} in: correct user or password in the file of"
                        " systems"
                    )
                if not isinstance(reply.body, dict) or not isinstance(reply.body.get("token"), str):
                    raise ErpUnavailable(f"{SYSTEM} answered the sign-in with something that is no token")
                self._token = Secret(reply.body["token"])
            return self._token


def _judged(reply: Reply, login: str, method: str, path: str) -> Reply:
    said = reply.body.get("detail", "") if isinstance(reply.body, dict) else ""
    what = said if isinstance(said, str) else "; ".join(str(one.get("msg", "")) for one in said)
    named = path.partition("?")[0]
    match reply.status:
        case 401:
            raise ErpUnavailable(f"{SYSTEM} ends the session of {login!r} at once")
        case 403:
            raise CapabilityMissing(f"{SYSTEM} does not let {login!r} call {method} {named!r}: {what}")
        case 404:
            raise RecordNotFound(f"{SYSTEM}: {what or 'nothing is at ' + repr(named)}")
        case 409:
            raise Conflict(f"{SYSTEM}: {what}")
        case status if status >= 400:
            raise ErpRefused(f"{SYSTEM}: {what or f'status {status} at {named!r}'}")
        case _:
            return reply
