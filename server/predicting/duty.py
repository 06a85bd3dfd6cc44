"""The daily run as a duty of the worker: a round when it starts, and one whenever a day has passed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from server.predicting.running import DailyRun

_log = logging.getLogger(__name__)
_EVERY_S = 3600.0
"""A round that finds a day foretold already costs a look: so it need not know when a site's day begins."""


class Rounds:
    """Goes round once an hour; what is new each day is foretold, joined and judged then."""

    def __init__(self, run: DailyRun, clock: Callable[[], float] = time.monotonic) -> None:
        self._run = run
        self._clock = clock
        self._next = 0.0

    async def sweep(self) -> None:
        """Go round where it is time."""
        if self._clock() < self._next:
            return
        self._next = self._clock() + _EVERY_S
        for each in await self._run.run():
            where = f"{each.name} {each.version} at {each.site}"
            if each.suspended:
                _log.warning("%s is suspended: %s", where, each.suspended)
            elif each.trouble:
                _log.warning("%s foretold nothing: %s", where, each.trouble)
