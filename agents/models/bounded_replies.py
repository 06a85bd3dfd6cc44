"""A bound on what is read from an endpoint, so that an endless reply costs no memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response
    from openai import DefaultAioHttpClient

MOST_BYTES = 4 * 1024 * 1024
"""Of one reply. A plan has a few kilobytes, a stream with a model's long thoughts a megabyte."""


def bounded_client(
    timeout_s: float, most: int = MOST_BYTES, kind: type[DefaultAioHttpClient] | None = None
) -> AsyncClient:
    """A client for the OpenAI SDK whose replies end after so many bytes; what is cut off cannot be read."""
    import httpx2

    # Its parser is compiled and hands on what has come at once; h11 makes an event of each token.
    from openai import DefaultAioHttpClient

    class Bounded(httpx2.AsyncByteStream):
        def __init__(self, stream: httpx2.AsyncByteStream) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            read = 0
            async for chunk in self._stream:
                read += len(chunk)
                if read > most:
                    # Ended rather than failed: the SDK would ask for the same again.
                    return
                yield chunk

        async def aclose(self) -> None:
            await self._stream.aclose()

    async def bound(response: Response) -> None:
        packed = response.headers.get("content-encoding", "identity") != "identity"
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        # A packed reply was not asked for, and a few of its bytes may hold a great many.
        response.stream = httpx2.ByteStream(b"") if packed else Bounded(response.stream)

    return (kind or DefaultAioHttpClient)(
        timeout=timeout_s, headers={"Accept-Encoding": "identity"}, event_hooks={"response": [bound]}
    )
