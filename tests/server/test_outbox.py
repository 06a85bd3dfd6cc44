"""A stream of an answer: what is sent together, what goes out at once, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from agents.events import Clause, Event, Progress
from erp_adapters.errors import StoreUnavailable
from server.errors import Problem
from server.outbox import Outbox

LAST = Problem("Over", 500, "it is over")


def _streamed(outbox: Outbox, *told: tuple[Event | Problem, float]) -> AsyncIterator[str]:
    async def turn() -> None:
        for event, after_s in told:
            await asyncio.sleep(after_s)
            outbox.hear(event)

    return outbox.sent(turn)


async def _sent(*told: tuple[Event | Problem, float], heartbeat_s: float = 15.0) -> list[str]:
    """The names of the events of each message."""
    outbox = Outbox("en", gathered_s=1.0, heartbeat_s=heartbeat_s)
    return [_names(text) async for text in _streamed(outbox, *told)]


def _names(text: str) -> str:
    named = [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event: ")]
    return " ".join(named) or text.strip()


def _progress(number: int) -> Progress:
    return Progress("plan", f"step {number}")


async def test_what_tells_of_progress_is_sent_with_what_follows_soon() -> None:
    """One message for all of it: each costs the service and its reader."""
    found = await _sent((_progress(1), 0), (_progress(2), 0.01), (Clause("a"), 0.01), (LAST, 0.05))
    assert found == ["progress progress clause", "error"]


async def test_a_clause_goes_out_at_once() -> None:
    """Only what tells of progress waits, and what a clause is followed by is no part of its message."""
    assert await _sent((Clause("a"), 0), (Clause("b"), 0.05), (LAST, 0.05)) == ["clause", "clause", "error"]


async def test_progress_is_told_where_nothing_follows_soon() -> None:
    """Somebody who waits for a slow model sees what goes on."""
    assert await _sent((_progress(1), 0), (LAST, 1.5)) == ["progress", "error"]


async def test_a_long_silence_is_told_so_that_nobody_hangs_up() -> None:
    assert await _sent((LAST, 0.25), heartbeat_s=0.1) == [": still working", ": still working", "error"]


async def test_what_is_heard_while_a_message_goes_out_is_sent_after_it() -> None:
    """The last one too: a slow reader misses nothing."""
    outbox = Outbox("en", gathered_s=1.0)
    found = []
    async for text in _streamed(outbox, (Clause("a"), 0), (_progress(1), 0.01), (LAST, 0)):
        found.append(_names(text))
        await asyncio.sleep(0.1)
    assert found == ["clause", "progress error"]


async def test_events_are_numbered_in_their_order() -> None:
    outbox = Outbox("en")
    text = "".join([text async for text in _streamed(outbox, (Clause("a"), 0), (_progress(1), 0), (LAST, 0))])
    assert [line for line in text.splitlines() if line.startswith("id: ")] == ["id: 0", "id: 1", "id: 2"]


async def test_a_turn_that_fails_ends_its_stream_with_the_reason() -> None:
    outbox = Outbox("en")

    async def turn() -> None:
        outbox.hear(Clause("a"))
        raise StoreUnavailable("the database is away")

    text = "".join([text async for text in outbox.sent(turn)])
    assert "event: clause" in text
    assert text.count("event: error") == 1
    assert "the database is away" in text


async def test_a_reader_who_leaves_ends_the_turn() -> None:
    outbox = Outbox("en")
    ended = []

    async def turn() -> None:
        outbox.hear(Clause("a"))
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append(True)
            raise

    stream = outbox.sent(turn)
    assert "event: clause" in await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    assert ended == [True]
