"""Requests to one OpenAI-compatible endpoint: sent again where that may help, and failures in words of ours.

Sent by httpx2 itself. The SDK's way from a request to its bytes and back costs as much as the tools of a
turn, and what it makes of a reply is read by types of our own all the same (`agents.models.openai_replies`).
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from time import time
from typing import TYPE_CHECKING, Final

from agents.models.probing import FailedInside, FormRefused
from erp_adapters.errors import ModelError, ModelUnavailable

if TYPE_CHECKING:
    import httpx2

MOST_BYTES: Final = 4 * 1024 * 1024
"""Of one reply. A plan has a few kilobytes, a stream with a model's long thoughts a megabyte."""
OPENAI: Final = "https://api.openai.com/v1"
_FORM_REFUSED = frozenset({400, 405, 415, 422, 501})
_TOO_LONG = "context_length_exceeded"
_AGAIN = frozenset({408, 409, 429})
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 8.0
_LONGEST_ASKED_S: Final = 60.0
"""An endpoint that asks for a longer pause is asked again after one of ours."""


class OpenAIRequests:
    """What sends a turn's requests; one client, whose connections are used again.

    Args:
        api_key: sent to the endpoint and to nobody else.
        base_url: the endpoint, such as `http://localhost:11434/v1`.
        timeout_s: longest silence of the endpoint.
    """

    def __init__(self, api_key: str, base_url: str, timeout_s: float) -> None:
        # Imported where it is used first: a home without a hosted model never needs it.
        import httpx2

        self._client = httpx2.AsyncClient(
            limits=httpx2.Limits(max_connections=1000, max_keepalive_connections=100)
        )
        self._url = httpx2.URL(f"{base_url.rstrip('/')}/chat/completions")
        # A packed reply is not asked for: a few of its bytes may hold a great many.
        self._headers = httpx2.Headers(
            {
                "authorization": f"Bearer {api_key}",
                "content-type": "application/json",
                "accept": "application/json, text/event-stream",
                "accept-encoding": "identity",
                "user-agent": "plantwright",
            }
        )
        self._extensions = {"timeout": httpx2.Timeout(timeout_s).as_dict()}

    async def whole(self, body: bytes, attempts: int) -> bytes:
        """The reply to a request.

        Raises:
            ModelError: the endpoint refused it, as `FormRefused` where the form of the request may be why.
            ModelUnavailable: it did not answer, or failed; as `FailedInside` where it says no more.
        """
        async with self.streamed(body, attempts) as chunks:
            return b"".join([chunk async for chunk in chunks])

    @asynccontextmanager
    async def streamed(self, body: bytes, attempts: int) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of a reply as they come in, up to `MOST_BYTES`; whatever breaks off later is told too.

        Raises:
            ModelError, ModelUnavailable: as for `whole`.
        """
        import httpx2

        try:
            response = await self._answered(body, attempts)
            try:
                yield _bounded(response)
            finally:
                await response.aclose()
        except httpx2.TimeoutException as error:
            raise ModelUnavailable("it did not answer in time") from error
        except httpx2.HTTPError as error:
            raise ModelUnavailable("its endpoint cannot be reached or broke off") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _answered(self, body: bytes, attempts: int) -> httpx2.Response:
        """The response with status 200, its body still to be read."""
        import httpx2

        for attempt in range(1, attempts + 1):
            request = httpx2.Request(
                "POST", self._url, headers=self._headers, content=body, extensions=dict(self._extensions)
            )
            try:
                response = await self._client.send(request, stream=True, follow_redirects=False)
            except httpx2.TransportError:
                if attempt == attempts:
                    raise
                await asyncio.sleep(_pause(attempt))
                continue
            if response.status_code == 200 and _is_plain(response):
                return response
            try:
                text = b"".join([chunk async for chunk in _bounded(response)])
            finally:
                await response.aclose()
            if attempt == attempts or not _may_be_sent_again(response):
                raise _failure(response.status_code, text)
            await asyncio.sleep(_asked_pause(response) or _pause(attempt))
        raise AssertionError("a request is sent at least once")


async def _bounded(response: httpx2.Response) -> AsyncIterator[bytes]:
    """The body as it comes in; after so many bytes it ends, and what is cut off cannot be read."""
    import httpx2

    if not _is_plain(response):
        return
    read = 0
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    # As it is sent: nothing has to be unpacked.
    async for chunk in response.stream:
        read += len(chunk)
        if read > MOST_BYTES:
            return
        yield chunk


def _is_plain(response: httpx2.Response) -> bool:
    return response.headers.get("content-encoding", "identity") == "identity"


def _may_be_sent_again(response: httpx2.Response) -> bool:
    said = response.headers.get("x-should-retry", "")
    if said in ("true", "false"):
        return bool(said == "true")
    return response.status_code in _AGAIN or response.status_code >= 500


def _asked_pause(response: httpx2.Response) -> float:
    """Seconds that the endpoint asks to be left alone; 0 where it asks for none, or for very long."""
    found = 0.0
    asked = response.headers.get("retry-after", "")
    try:
        if milliseconds := response.headers.get("retry-after-ms", ""):
            found = float(milliseconds) / 1000
        elif asked:
            found = float(asked)
    except ValueError:
        try:
            found = parsedate_to_datetime(asked).timestamp() - time()
        except ValueError:
            found = 0.0
    return found if 0 < found <= _LONGEST_ASKED_S else 0.0


def _pause(attempt: int) -> float:
    """Longer each time, and never the same for all who wait."""
    longest = min(_FIRST_PAUSE_S * 2.0 ** (attempt - 1), _LONGEST_PAUSE_S)
    return longest * (1 - 0.25 * random.random())


def _failure(status: int, body: bytes) -> ModelError:
    """What a response other than 200 means, in words of ours: the endpoint's may quote anything."""
    match status:
        case 408:
            return ModelUnavailable("it did not answer in time")
        case 429:
            return ModelUnavailable("it is overloaded or its quota is used up")
        case 401 | 403:
            return ModelError("it refused the API key")
        case 404:
            return ModelError("its endpoint does not know the model or the address")
        case 500:
            # llama.cpp reports so what it was not started with.
            return FailedInside("it failed on its side")
        case 501:
            return FormRefused(_refused(status))
        case _ if status > 501:
            return ModelUnavailable("it failed on its side")
        case _ if status in _FORM_REFUSED and _code(body) != _TOO_LONG:
            return FormRefused(_refused(status))
        case _ if status == 200:
            return ModelError("its endpoint answered in a form that cannot be read")
        case _:
            return ModelError(_refused(status))


def _refused(status: int) -> str:
    return f"its endpoint refused the request (status {status})"


def _code(body: bytes) -> str:
    """The code of an error as OpenAI's interface has it; empty where there is none."""
    try:
        held = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    error = held.get("error", held) if isinstance(held, dict) else None
    return str(error.get("code", "")) if isinstance(error, dict) else ""
