"""A circuit breaker: an endpoint that keeps failing is left alone for a while, then tried once."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, TypeAlias

from erp_adapters.errors import CopilotError, ModelUnavailable

State: TypeAlias = Literal["closed", "open", "half-open"]
"""`closed`: requests go through; `open`: none do; `half-open`: one does, and decides."""


class Breaker:
    """Counts the failures of one endpoint.

    Args:
        failures: failures within the window that open it.
        window_s: seconds after which a failure is forgotten.
        pause_s: seconds for which the endpoint is left alone.
        clock: seconds that never go back.
        down: the error that means that it does not answer: counted, and raised while it is left alone.
    """

    def __init__(
        self,
        *,
        failures: int = 3,
        window_s: float = 60.0,
        pause_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        down: type[CopilotError] = ModelUnavailable,
    ) -> None:
        self._most = failures
        self._window_s, self._pause_s, self._clock = window_s, pause_s, clock
        self._down = down
        self._failed: deque[float] = deque(maxlen=failures)
        self._opened: float | None = None
        self._trying = False

    @property
    def state(self) -> State:
        """What would happen to a request now."""
        if self._opened is None:
            return "closed"
        return "open" if self._clock() - self._opened < self._pause_s else "half-open"

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Lets a request through and learns from how it ends.

        Raises:
            CopilotError: of the kind `down`: the endpoint is left alone now.
        """
        state = self.state
        if state == "open" or (state == "half-open" and self._trying):
            raise self._down("it failed several times and is left alone for a moment")
        trial = state == "half-open"
        self._trying = self._trying or trial
        try:
            yield
        except self._down:
            self._note_failure(trial)
            raise
        except Exception:
            # It answered; what it said is another matter.
            self._note_success(trial)
            raise
        else:
            self._note_success(trial)
        finally:
            # Somebody who stops waiting has found out nothing.
            if trial:
                self._trying = False

    def _note_failure(self, trial: bool) -> None:
        now = self._clock()
        self._failed.append(now)
        if trial or (len(self._failed) == self._most and now - self._failed[0] <= self._window_s):
            self._opened = now

    def _note_success(self, trial: bool) -> None:
        if trial:
            self._failed.clear()
            self._opened = None
        elif self._failed:
            # One failure among many answers is no reason to do without them.
            self._failed.popleft()
