"""The one HTTP client of adapters: bounded in time and size, repeats reads only, shows no secrets."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import urljoin, urlsplit

from erp_adapters.errors import ConfigurationError, ErpUnavailable, WriteOutcomeUnknown

if TYPE_CHECKING:
    import httpx2

Effect: TypeAlias = Literal["read", "write"]
"""`read` may be repeated; `write` never is, and its fate is unknown unless it certainly was not sent."""
Transport: TypeAlias = "httpx2.AsyncBaseTransport"
"""Another way to a system than the network."""
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

MOST_BYTES = 32 * 1024 * 1024
_TRIES = 4
_LONGEST_WAIT_S = 30.0
_HIDDEN = "***"
_TITLE = re.compile(r"<title[^>]*>\s*(.{1,80}?)\s*</title>", re.IGNORECASE | re.DOTALL)


class Secret:
    """A password or token that no text shows; `reveal` is for the call that needs it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({_HIDDEN!r})"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Content:
    """A body that is no JSON of ours."""

    data: bytes
    type: str


Answers: TypeAlias = Literal["json", "text", "bytes"]
"""`json`: anything else under 400 is no answer; `text`, `bytes`: whatever it is, for the caller to read."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system answered: any status below 500 but 429."""

    status: int
    body: Any
    """The JSON of the body; None where there is none."""
    text: str = ""
    """The body as it came."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By names in lower case."""
    data: bytes = b""
    """The body itself, where a file was asked for and is there."""


class HttpClient:
    """Calls to one system.

    ::

        async with HttpClient("https://erp.example/plant/", "Tryton", secrets=[password]) as http:
            reply = await http.call("POST", "rpc/", {"method": "..."}, effect="read")
    """

    def __init__(
        self,
        url: str,
        system: str,
        *,
        timeout_s: float = 10.0,
        tries: int = _TRIES,
        most_bytes: int = MOST_BYTES,
        secrets: Sequence[Secret] = (),
        transport: Transport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        explains: Callable[[str], str] = lambda _: "",
    ) -> None:
        """
        Args:
            url: what paths are added to; without a user or password in it.
            system: what messages call the system.
            timeout_s: for each try as a whole.
            tries: of a read, the first one counted; a write has one.
            most_bytes: of one reply, unpacked.
            secrets: never part of a message, even where the system repeats them.
            transport: another way than the network.
            sleep: how pauses between tries are waited for.
            explains: what a body of the system's own form says went wrong; empty where it is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            shown = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
            raise ConfigurationError(
                f"{shown!r} is no address for {system}: give http(s)://host[:port]/path, and the login apart"
            )
        self.url = url.rstrip("/") + "/"
        self._system = system
        self._timeout_s = timeout_s
        self._tries = tries
        self._most = most_bytes
        self._secrets = secrets
        self._transport = transport
        self._sleep = sleep
        self._explains = explains
        # One for reads and writes: a token that was read may hold only within its session.
        self._cookies = CookieJar()
        self._clients: dict[Effect, httpx2.AsyncClient] = {}

    async def __aenter__(self) -> HttpClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    def redacted(self, text: str) -> str:
        """The text without any of the secrets."""
        for secret in self._secrets:
            if value := secret.reveal():
                text = text.replace(value, _HIDDEN)
        return text

    async def call(
        self,
        method: str,
        path: str,
        body: Json | Content = None,
        *,
        effect: Effect,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        answers: Answers = "json",
    ) -> Reply:
        """The answer to one call; a read is tried again where the system is busy or does not answer.

        Raises:
            ErpUnavailable: no usable answer to a read; or a write that certainly was not taken.
            WriteOutcomeUnknown: a write was sent, and what became of it cannot be told.
        """
        tries = self._tries if effect == "read" else 1
        for left in reversed(range(tries)):
            try:
                return await self._once(method, path, body, effect, headers or {}, timeout_s, answers)
            except _Again as again:
                if not left or effect == "write":
                    raise again.error from again.__cause__
                await self._sleep(again.after_s(tries - left))
        raise AssertionError("the last try returns or raises")

    async def _once(
        self,
        method: str,
        path: str,
        body: Json | Content,
        effect: Effect,
        headers: Mapping[str, str],
        timeout_s: float | None,
        answers: Answers,
    ) -> Reply:
        import httpx2

        seconds = timeout_s or self._timeout_s
        try:
            async with asyncio.timeout(seconds):
                status, found, data = await self._sent(method, path, body, effect, headers)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            # Nothing of a request is sent before its connection stands.
            why = f"{self._system} cannot be reached at {self.url} ({type(error).__name__}); nothing was sent"
            raise _Again(ErpUnavailable(why)) from error
        except TimeoutError as error:
            raise _Again(self._lost(effect, f"did not answer within {seconds:g} s")) from error
        except httpx2.HTTPError as error:
            raise _Again(self._lost(effect, f"broke off ({type(error).__name__})")) from error
        except _TooLarge as error:
            raise self._lost(effect, f"answered with more than {self._most} bytes") from error
        text = data.decode(errors="replace")
        patience = _patience(found.get("retry-after"))
        if status == 429:
            # The system took nothing: that is what the status is for.
            why = f"429: {self._system} asks for patience; nothing was done"
            raise _Again(ErpUnavailable(why), patience)
        if status >= 500:
            lost = self._lost(effect, f"failed with the status {status}{self._said(text)}")
            raise _Again(lost, patience) if status in (502, 503, 504) else lost
        if 300 <= status < 400:
            raise self._lost(
                effect, f"sends elsewhere (status {status}), which is not followed: correct {self.url}"
            )
        if answers == "bytes" and status < 300:
            return Reply(status, None, "", found, data)
        if not text.strip():
            return Reply(status, None, "", found)
        try:
            return Reply(status, json.loads(text), text, found)
        except (ValueError, RecursionError) as error:
            if status >= 400 or answers != "json":
                return Reply(status, None, text, found)
            kind = found.get("content-type", "")
            what = (
                "an HTML page" if "html" in kind or text.lstrip()[:1] == "<" else "something that is no JSON"
            )
            why = f"answered with {what}{self._said(text)}: is {self.url} right, with no proxy between?"
            raise self._lost(effect, why) from error

    async def _sent(
        self, method: str, path: str, body: Json | Content, effect: Effect, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        client = self._client(effect)
        if not isinstance(body, Content):
            body = None if body is None else Content(json.dumps(body).encode(), "application/json")
        content = body.data if body else None
        given = {"content-type": body.type} if body else {}
        async with client.stream(
            method, urljoin(self.url, path.lstrip("/")), content=content, headers={**given, **headers}
        ) as response:
            found = bytearray()
            async for part in response.aiter_bytes():
                found += part
                if len(found) > self._most:
                    raise _TooLarge
            heads = {name.lower(): value for name, value in response.headers.items()}
            return response.status_code, heads, bytes(found)

    def _client(self, effect: Effect) -> httpx2.AsyncClient:
        # Only where a system is reached over HTTP.
        import httpx2

        if effect not in self._clients:
            # A kept connection may have died unnoticed: the fate of a write that never left would be unknown.
            kept = 8 if effect == "read" else 0
            self._clients[effect] = httpx2.AsyncClient(
                timeout=httpx2.Timeout(None, connect=min(5.0, self._timeout_s / 2)),
                limits=httpx2.Limits(max_connections=16, max_keepalive_connections=kept),
                headers={"accept": "application/json"},
                follow_redirects=False,
                cookies=self._cookies,
                transport=self._transport,
            )
        return self._clients[effect]

    def _lost(self, effect: Effect, what: str) -> ErpUnavailable | WriteOutcomeUnknown:
        text = self.redacted(f"{self._system} {what}")
        if effect == "read":
            return ErpUnavailable(text)
        return WriteOutcomeUnknown(f"{text}; whether it wrote is not known")

    def _said(self, text: str) -> str:
        if why := self._explains(text):
            return f": {self.redacted(why)}"
        title = _TITLE.search(text)
        return f" titled {self.redacted(' '.join(title[1].split()))!r}" if title else ""


class _TooLarge(Exception):
    """A reply is longer than it may be."""


class _Again(Exception):
    """A try failed in a way that a read may be repeated after."""

    def __init__(self, error: Exception, patience_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self._patience_s = patience_s

    def after_s(self, tried: int) -> float:
        """How long to wait before the next try: what the system asks for, or twice as long each time."""
        if self._patience_s is not None:
            return min(self._patience_s, _LONGEST_WAIT_S)
        # Jitter, so that many readers do not come back at once; nothing secret hangs on it.
        return random.uniform(0.5, 1.0) * 0.25 * float(2**tried)


def _patience(header: str | None) -> float | None:
    """Seconds of a Retry-After header, which names them or a moment."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (until.astimezone(UTC) - datetime.now(UTC)).total_seconds())
