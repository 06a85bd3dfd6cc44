"""A home opened for commands that talk with a person between the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

from server.house import House
from server.settings import Settings


@contextmanager
def at_home(settings: Settings) -> Iterator[tuple[asyncio.Runner, House]]:
    """An opened home and what runs its coroutines.

    A prompt is read outside the event loop, where Ctrl-C interrupts it; inside, it would wait for a key.
    """
    from server.bootstrap import opened

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        house = runner.run(stack.enter_async_context(opened(settings)))
        try:
            yield runner, house
        finally:
            runner.run(stack.aclose())
