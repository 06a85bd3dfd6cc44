"""A home opened for commands that talk with a person between the answers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, contextmanager, suppress
from typing import TextIO

from agents.models.local.picker import Picker
from erp_adapters.errors import ModelError
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
            if house.picker is not None:
                prepare(house.picker, sys.stderr)
            yield runner, house
        finally:
            runner.run(stack.aclose())


def prepare(picker: Picker, log: TextIO) -> None:
    """Wait for a model in a file, and say how far it is where that takes long.

    What is wrong with it is not said here: each answer will.
    """
    prepared = picker.prepare()
    shown = False
    while not _is_over(prepared, _SHOWN_AFTER_S):
        log.write(f"\rPreparing {picker.name}: {picker.done:.0%} of the catalogue is read. ")
        log.flush()
        shown = True
    if shown:
        log.write("\n")


def _is_over(prepared: Future[None], seconds: float) -> bool:
    with suppress(ModelError):
        try:
            prepared.result(seconds)
        except TimeoutError:
            return False
    return True


_SHOWN_AFTER_S = 2.0
"""Seconds after which progress is said, and said anew."""
