"""Ctrl-C at a question: a search ends with the best it has, anything else is stopped."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tools.ending import Ending, ended_by

T = TypeVar("T")


async def interruptible(work: Coroutine[Any, Any, T], told: Callable[[], None] = lambda: None) -> T:
    """The result of a question; the first Ctrl-C ends a search early, any other stops the question.

    Args:
        told: is called when a search ends early.

    Raises:
        KeyboardInterrupt: it was stopped.
    """
    loop, asked, before = asyncio.get_running_loop(), Ending(), signal.getsignal(signal.SIGINT)
    with ended_by(asked):
        task = asyncio.ensure_future(work)
    stopped = False

    def pressed() -> None:
        nonlocal stopped
        if asked.ask():
            told()
            return
        stopped = True
        task.cancel()

    try:
        loop.add_signal_handler(signal.SIGINT, pressed)
    except (NotImplementedError, RuntimeError, ValueError):
        # No signals of our own here: whoever runs the loop decides.
        return await task
    try:
        return await task
    except asyncio.CancelledError:
        if stopped:
            raise KeyboardInterrupt from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)
