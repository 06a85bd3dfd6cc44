"""How many requests a person, or an address, may send."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from server.errors import Problem, TooMany
from server.identity import Asker
from server.limits import refuse

KNOWN_AT_ONCE = 20_000
"""Whoever has been silent for longest is forgotten beyond this, with a full bucket."""
_PACED = ("/v1/", "/mcp")
"""Addresses behind which something is looked up."""


class Pace:
    """A bucket of requests for each of many: it holds a minute's worth, and fills at an even pace.

    Args:
        a_minute: how many one may send in a minute.
        clock: seconds that only go forward.
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(a_minute)
        self._a_second = a_minute / 60
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> int:
        """0 where the request is within the pace; else the seconds after which the next one is."""
        now = self._clock()
        left, at = self._left.pop(who, (self._most, now))
        left = min(self._most, left + (now - at) * self._a_second)
        self._left[who] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > KNOWN_AT_ONCE:
            self._left.popitem(last=False)
        return 0 if left >= 1 else max(1, math.ceil((1 - left) / self._a_second))


class PaceOfAddresses:
    """Refuses what one address sends beyond its pace, before anything is looked up for it."""

    def __init__(self, app: ASGIApp, a_minute: int) -> None:
        self.app = app
        self._pace = Pace(a_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        if scope["type"] == "http" and str(scope["path"]).startswith(_PACED):
            client = scope.get("client")
            wait = self._pace.take(client[0] if client else "")
            if wait:
                detail = f"this address sends more requests than it may; try again in {wait} s"
                await refuse(send, Problem("Too many requests", 429, detail), {"retry-after": str(wait)})
                return
        await self.app(scope, receive, send)


async def paced(request: Request, caller: Asker) -> None:
    """Let a request of this person through.

    Raises:
        TooMany: they have sent more than they may.
    """
    pace: Pace = request.app.state.pace
    wait = pace.take(caller.subject)
    if wait:
        raise TooMany(f"you send more requests than one person may; try again in {wait} s", wait)
