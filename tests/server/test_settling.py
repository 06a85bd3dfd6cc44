"""Collections of garbage do not look through what the service has for good."""

from __future__ import annotations

import asyncio
import gc

import pytest

from server.settling import settle


@pytest.mark.slow
async def test_what_is_there_for_good_is_set_aside() -> None:
    """At the start, and again once the first questions have loaded the rest; later garbage is collected."""
    is_warm, before, usual = asyncio.Event(), gc.get_freeze_count(), gc.get_threshold()
    try:
        settling = asyncio.create_task(settle(is_warm))
        await asyncio.sleep(0.05)
        first = gc.get_freeze_count()
        assert first > before
        assert not settling.done()
        loaded = [[number] for number in range(10_000)]
        is_warm.set()
        await asyncio.wait_for(settling, 30)
        assert gc.get_freeze_count() >= first + len(loaded)
        later: list[object] = []
        later.append(later)
        del later
        assert gc.collect() >= 1
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
