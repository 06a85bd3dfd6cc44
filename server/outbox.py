"""An answer's events on their way to whoever waits for it, as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, assert_never

from agents.events import Clause, Done, Event, Progress, Started
from server.errors import Problem, told
from tools.languages import Language, speaking

HEARTBEAT_S: Final = 15.0
GATHERED_S: Final = 0.03
"""How long what only tells of progress waits for more: each message costs the service and its reader."""


class Outbox:
    """What has happened and is not sent yet.

    Events that are there at once are sent at once; those that only tell that something goes on are sent with
    the next one that does more, a moment later at the latest.

    Args:
        spoken: what problems are told in.
        gathered_s: the longest such a moment.
        heartbeat_s: silence after which a comment is sent, so that nothing on the way hangs up.
    """

    def __init__(
        self, spoken: Language, *, gathered_s: float = GATHERED_S, heartbeat_s: float = HEARTBEAT_S
    ) -> None:
        self._spoken: Language = spoken
        self._gathered_s, self._heartbeat_s = gathered_s, heartbeat_s
        self._loop = asyncio.get_running_loop()
        self._held: list[str] = []
        self._number = 0
        self._is_over = False
        self._due: asyncio.Future[None] | None = None
        """Done once something is to be sent; None while nobody waits for that."""
        self._is_due = False
        self._gathering: asyncio.TimerHandle | None = None

    def hear(self, event: Event | Problem) -> None:
        """Have an event sent; an answer or a problem is the last one."""
        name, data = self._written(event)
        self._held.append(f"id: {self._number}\nevent: {name}\ndata: {data}\n\n")
        self._number += 1
        self._is_over = self._is_over or isinstance(event, (Done, Problem))
        if not isinstance(event, (Started, Progress)):
            self._send()
        elif self._gathering is None:
            self._gathering = self._loop.call_later(self._gathered_s, self._send)

    async def sent(self, turn: Callable[[], Awaitable[None]]) -> AsyncIterator[str]:
        """The events of a turn that has them heard here; whoever stops listening ends it."""
        running = asyncio.create_task(told(turn(), self.hear))
        running.add_done_callback(lambda _: self._send())
        try:
            ended = False
            while not ended:
                await self._something()
                text = self._taken()
                ended = self._is_over or running.done()
                if text or not ended:
                    yield text or ": still working\n\n"
            await running
        finally:
            # A reader who leaves takes the work along.
            self._taken()
            if not running.done():
                running.cancel()
                await asyncio.wait({running})

    async def _something(self) -> None:
        """Wait until something is to be sent, or nothing has been for long."""
        if self._is_due:
            return
        self._due = self._loop.create_future()
        heartbeat = self._loop.call_later(self._heartbeat_s, self._send)
        try:
            await self._due
        finally:
            heartbeat.cancel()
            self._due = None

    def _send(self) -> None:
        self._is_due = True
        if self._due is not None and not self._due.done():
            self._due.set_result(None)

    def _taken(self) -> str:
        """All that is there."""
        if self._gathering is not None:
            self._gathering.cancel()
        text = "".join(self._held)
        self._held, self._is_due, self._gathering = [], False, None
        return text

    def _written(self, event: Event | Problem) -> tuple[str, str]:
        """Name and JSON of an event."""
        match event:
            case Started(conversation, answer):
                return "started", json.dumps({"conversation": conversation, "answer": answer})
            case Progress(stage, text):
                return "progress", json.dumps({"stage": stage, "text": text})
            case Clause(text):
                return "clause", json.dumps({"text": text})
            case Done():
                return "answer", event.json()
            case Problem():
                with speaking(self._spoken):
                    return "error", json.dumps(event.body())
            case _:
                assert_never(event)
