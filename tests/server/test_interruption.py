"""Ctrl-C at a question ends a search with what it has; where nothing searches, the question is stopped."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from server.commands.interruption import interruptible
from tools.ending import ending


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_a_search_ends_with_what_it_has_and_the_next_press_stops() -> None:
    """Signals are as they were afterwards."""

    async def searched(is_stubborn: bool) -> str:
        found = asyncio.Event()
        with ending().heeding(found.set):
            asyncio.get_running_loop().call_later(0.05, press)
            await found.wait()
        if is_stubborn:
            asyncio.get_running_loop().call_later(0.05, press)
            await asyncio.sleep(30)
        return "the best so far"

    before, told = signal.getsignal(signal.SIGINT), list[str]()
    with asyncio.Runner() as runner:
        found = runner.run(interruptible(searched(False), lambda: told.append("ending")))
        assert (found, told) == ("the best so far", ["ending"])
        with pytest.raises(KeyboardInterrupt):
            runner.run(interruptible(searched(True)))
    assert signal.getsignal(signal.SIGINT) == before


def test_a_question_that_searches_nothing_is_stopped() -> None:
    """At once."""

    async def asked() -> str:
        asyncio.get_running_loop().call_later(0.05, press)
        await asyncio.sleep(30)
        return "never"

    with asyncio.Runner() as runner, pytest.raises(KeyboardInterrupt):
        runner.run(interruptible(asked()))
