"""The end of a service in order: nothing new, then what runs, then the streams, then the process."""

from __future__ import annotations

import asyncio
import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Shutdown:
    """Where a service stands on its way to the end; one for each application.

    Args:
        turns: how many questions are being answered.
    """

    def __init__(self, turns: Callable[[], int] = lambda: 0) -> None:
        self.begins = asyncio.Event()
        """Set with the first signal: readiness says no, and nothing new is taken."""
        self.streams_end = asyncio.Event()
        """Set when time is up: what still streams is told to go on elsewhere."""
        self._turns = turns

    @property
    def begun(self) -> bool:
        """True once the service takes nothing new."""
        return self.begins.is_set()

    async def drained(self, grace_s: float, *, look_every_s: float = 0.05) -> bool:
        """Wait until nothing runs any more or time is up; then streams end. True where all was finished."""
        loop = asyncio.get_running_loop()
        until = loop.time() + grace_s
        for _ in range(math.ceil(grace_s / look_every_s)):
            if not self._turns():
                break
            await asyncio.sleep(look_every_s)
        finished = not self._turns()
        # What has just been finished still has to reach its reader.
        await asyncio.sleep(min(look_every_s, max(0.0, until - loop.time())))
        self.streams_end.set()
        return finished


@contextmanager
def signals(shutdown: Shutdown) -> Iterator[list[signal.Signals]]:
    """Begin the shutdown with the first signal, and end what runs inside the block with the second.

    Yields:
        The signals that came.

    Raises:
        KeyboardInterrupt: a second one came.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    received: list[signal.Signals] = []

    def take(number: signal.Signals) -> None:
        received.append(number)
        if len(received) == 1:
            shutdown.begins.set()
        elif task is not None:
            task.cancel()

    handled: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGINT)
    try:
        for number in handled:
            loop.add_signal_handler(number, take, number)
    except (NotImplementedError, RuntimeError, ValueError):
        # Not the main thread, or a platform without signals: whoever embeds the service ends it.
        handled = ()
    try:
        yield received
    except asyncio.CancelledError:
        if len(received) < 2:
            raise
        raise KeyboardInterrupt from None
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
