"""Slack beside Teams: its stand-in on a thread of its own, for tests that wait without a loop."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from tests.server.channels.slack_stand_in import (
    SECRET,
    TOKEN,
    WORKSPACE,
    Sender,
    SlackStandIn,
    buttons_of,
    listening,
)

_T = TypeVar("_T")
_PATIENCE_S = 45.0


@dataclass
class Slack:
    """The stand-in, and what people do there."""

    stand_in: SlackStandIn
    api: str
    loop: asyncio.AbstractEventLoop

    def settings(self) -> dict[str, str]:
        """What a service is started with that answers there."""
        return {
            "PLANTWRIGHT_SLACK_WORKSPACE": WORKSPACE,
            "PLANTWRIGHT_SLACK_TOKEN": "env:SLACK_TOKEN",
            "PLANTWRIGHT_SLACK_SIGNING_SECRET": "env:SLACK_SECRET",
            "PLANTWRIGHT_SLACK_API": f"{self.api}/api/",
            "SLACK_TOKEN": TOKEN,
            "SLACK_SECRET": SECRET,
        }

    def says(self, url: str, user: str, text: str) -> None:
        """Somebody types the command, wherever they are."""
        assert self._of(url, lambda sends: sends.command(user, text)).status_code == 200

    def verifies(self, url: str) -> str:
        """What the service answers when Slack asks whether the address is its own."""
        body = json.dumps({"type": "url_verification", "challenge": "is-it-yours", "token": "t"})
        return self._of(url, lambda sends: sends.signed(body, "application/json")).text

    def presses(self, url: str, user: str, button: str, message: dict[str, Any]) -> httpx.Response:
        """Somebody presses a button of a message."""
        return self._of(url, lambda sends: sends.pressed(user, buttons_of(message)[button], message))

    def until(self, words: str, since: int = 0, *, method: str = "chat.postMessage") -> dict[str, Any]:
        """The first message with these words, once it is posted or changed."""
        ends = time.monotonic() + _PATIENCE_S
        while time.monotonic() < ends:
            for number, (called, given) in enumerate(list(self.stand_in.calls), 1):
                text = json.dumps(given.get("blocks"), ensure_ascii=False)
                if called == method and number > since and words in text:
                    return {"ts": f"1700000000.{number:06}", **given}
            time.sleep(0.05)
        raise AssertionError(f"nothing in Slack says {words!r}: {self.stand_in.calls[-6:]}")

    def _of(self, url: str, doing: Any) -> httpx.Response:
        async def sent() -> httpx.Response:
            async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE_S) as http:
                there = self.stand_in
                sender = Sender(http, workspace=there.workspace, secret=there.secret)
                answer: httpx.Response = await doing(sender)
                return answer

        return _done(self.loop, sent())


@contextmanager
def slack() -> Iterator[Slack]:
    """A workspace while the block lasts."""
    loop, stand_in = asyncio.new_event_loop(), SlackStandIn()
    thread = threading.Thread(target=loop.run_forever, name="Slack", daemon=True)
    thread.start()
    served = listening(stand_in.app())
    try:
        stand_in.address = _done(loop, served.__aenter__())
        yield Slack(stand_in, stand_in.address, loop)
    finally:
        _done(loop, served.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_PATIENCE_S)
        loop.close()


def _done(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, _T]) -> _T:
    return asyncio.run_coroutine_threadsafe(work, loop).result(_PATIENCE_S)
