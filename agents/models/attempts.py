"""Requests to an OpenAI-compatible endpoint: made as the SDK made the first, and left to it where one fails.

What the SDK does around a request that goes well takes longer than sending it, with each of a turn's two.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from agents.models.bounded_replies import bounded_client

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

_COMPLETIONS: Final = "/chat/completions"
_OF_ONE: Final = frozenset({"content-length", "transfer-encoding"})
"""Headers of one request alone."""
_TRIED: ContextVar[httpx2.Response | Exception | None] = ContextVar("tried", default=None)


class Attempts:
    """The way to one endpoint.

    Args:
        api_key: sent to the endpoint and to nobody else.
        base_url: the endpoint; OpenAI's own where it is None.
        timeout_s: longest silence of the endpoint.
        attempts: attempts in all, for 429, 5xx and lost connections; `Retry-After` is honoured.
    """

    def __init__(self, api_key: str, base_url: str | None, timeout_s: float, attempts: int) -> None:
        # Imported on first use: it weighs more than the rest of the service.
        from openai import AsyncOpenAI

        self._http = _going_on(timeout_s)
        self._client: AsyncOpenAI = AsyncOpenAI(
            api_key=api_key,
            base_url=base_url,
            timeout=timeout_s,
            max_retries=attempts - 1,
            http_client=self._http,
        )
        self._attempts = attempts
        self._made: dict[bool, httpx2.Request] = {}

    async def post(self, body: bytes, *, stream: bool, attempts: int | None = None) -> httpx2.Response:
        """The endpoint's response to a request, as it comes in where it is streamed.

        Raises:
            OpenAIError: the SDK's, for what cannot be had.
        """
        import httpx2

        made = self._made.get(stream)
        if made is None:
            response = await self._by_sdk(body, stream, attempts)
            self._made[stream] = response.request
            return response
        headers = [(name, value) for name, value in made.headers.multi_items() if name not in _OF_ONE]
        request = httpx2.Request("POST", made.url, headers=headers, content=body, extensions=made.extensions)
        first: httpx2.Response | Exception
        try:
            first = await self._http.send(request, stream=stream)
        except httpx2.RequestError as error:
            first = error
        if isinstance(first, httpx2.Response) and first.is_success:
            return first
        with _tried(first):
            return await self._by_sdk(body, stream, attempts)

    async def _by_sdk(self, body: bytes, stream: bool, attempts: int | None) -> httpx2.Response:
        """As the SDK has it: when to try again, after how long, and what went wrong."""
        import httpx2
        from openai import AsyncStream

        how: dict[str, Any] = {"stream": True, "stream_cls": AsyncStream[object]} if stream else {}
        # The response as it is: walking the SDK's types costs more than the rest of a turn.
        response: object = await self._client.post(
            _COMPLETIONS,
            cast_to=httpx2.Response,
            content=body,
            options={"max_retries": (attempts or self._attempts) - 1},
            **how,
        )
        assert isinstance(response, httpx2.Response)
        return response

    async def close(self) -> None:
        """Close the connections to the endpoint."""
        await self._client.close()


@contextmanager
def _tried(first: httpx2.Response | Exception) -> Iterator[None]:
    before = _TRIED.set(first)
    try:
        yield
    finally:
        _TRIED.reset(before)


def _going_on(timeout_s: float) -> httpx2.AsyncClient:
    """A client whose next request comes to what an attempt before the SDK's came to, where one was made."""
    from openai import DefaultAioHttpClient

    class GoingOn(DefaultAioHttpClient):
        async def send(self, request: httpx2.Request, **how: Any) -> httpx2.Response:
            first = _TRIED.get()
            if first is None:
                return await super().send(request, **how)
            _TRIED.set(None)
            if isinstance(first, Exception):
                raise first
            return first

    return bounded_client(timeout_s, kind=GoingOn)
