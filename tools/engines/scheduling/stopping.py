"""A way to end solving early: what has been found by then is the answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Stopping:
    """Ends the search that runs, and every one after it; may be asked from any thread."""

    def __init__(
        self,
        heard: Callable[[str], None] | None = None,
        bettered: Callable[[str, int, int], None] | None = None,
    ) -> None:
        """Who listens, from the threads that search.

        Args:
            heard: is told which way is looked for now.
            bettered: is told of each better plan: the aim, its value, and the least that is possible.
        """
        self._heard = heard
        self._bettered = bettered
        self._lock = threading.Lock()
        self._is_stopped = False
        self._solver: Any = None

    def looking_for(self, way: str) -> None:
        """Tell whoever waits."""
        if self._heard is not None and not self._is_stopped:
            self._heard(way)

    def found(self, aim: str, value: int, bound: int) -> None:
        """Tell whoever waits of a better plan."""
        if self._bettered is not None and not self._is_stopped:
            self._bettered(aim, value, bound)

    @property
    def is_stopped(self) -> bool:
        """True once somebody asked."""
        return self._is_stopped

    def stop(self) -> None:
        """End it."""
        with self._lock:
            self._is_stopped = True
            if self._solver is not None:
                self._solver.stop_search()

    @contextmanager
    def searching(self, solver: Any) -> Iterator[None]:
        """While this solver runs."""
        with self._lock:
            self._solver = solver
            if self._is_stopped:
                solver.parameters.max_time_in_seconds = 0.01
        try:
            yield
        finally:
            with self._lock:
                self._solver = None
