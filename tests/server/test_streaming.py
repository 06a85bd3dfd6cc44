"""A stream of an answer: what is sent together, and what goes out at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from server.routes import conversations


async def _parts(*told: tuple[str, float]) -> AsyncGenerator[conversations._Part]:
    for text, after_s in told:
        await asyncio.sleep(after_s)
        yield conversations._Part(text, text.startswith("progress"))


async def _sent(*told: tuple[str, float]) -> list[str]:
    return [text async for text in conversations._with_heartbeat(_parts(*told), gathered_s=1.0)]


async def test_what_tells_of_progress_is_sent_with_what_follows_soon() -> None:
    """One message for all of it: each costs the service and its reader."""
    assert await _sent(("progress 1 ", 0), ("progress 2 ", 0.01), ("clause", 0.01)) == [
        "progress 1 progress 2 clause"
    ]


async def test_a_clause_goes_out_at_once() -> None:
    """Only what tells of progress waits, and what a clause is followed by is no part of its message."""
    assert await _sent(("clause 1 ", 0), ("clause 2 ", 0.05), ("answer", 0.05)) == [
        "clause 1 ",
        "clause 2 ",
        "answer",
    ]


async def test_progress_is_told_where_nothing_follows_soon() -> None:
    """Somebody who waits for a slow model sees what goes on, and so does who is told nothing else."""
    assert await _sent(("progress 1 ", 0), ("clause", 1.5)) == ["progress 1 ", "clause"]
    assert await _sent(("progress 1 ", 0), ("progress 2", 0.01)) == ["progress 1 progress 2"]
