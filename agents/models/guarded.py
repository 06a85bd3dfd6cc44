"""A chat endpoint behind a circuit breaker."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from agents.models.chat import ChatEndpoint, Description, Message, Reply
from agents.models.protocol import Meter
from erp_adapters.breaker import Breaker


class GuardedEndpoint:
    """`ChatEndpoint` behind a breaker."""

    def __init__(self, endpoint: ChatEndpoint, breaker: Breaker) -> None:
        self._endpoint = endpoint
        self._breaker = breaker

    @property
    def name(self) -> str:
        return self._endpoint.name

    async def reply(self, messages: Sequence[Message], tools: Sequence[Description], meter: Meter) -> Reply:
        """See `ChatEndpoint.reply`; fails at once while the breaker is open."""
        with self._breaker.watching():
            return await self._endpoint.reply(messages, tools, meter)

    async def write(self, messages: Sequence[Message], meter: Meter) -> AsyncGenerator[str]:
        """See `ChatEndpoint.write`; fails at once while the breaker is open."""
        with self._breaker.watching():
            text = self._endpoint.write(messages, meter)
            try:
                async for fragment in text:
                    yield fragment
            finally:
                if isinstance(text, AsyncGenerator):
                    await text.aclose()
