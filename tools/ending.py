"""A way for whoever waits to end what takes long: what has been found by then is the answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Ending:
    """Ends the search that runs early; may be asked from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stops: list[Callable[[], None]] = []
        self.is_asked = False
        """True once somebody asked while something could end early."""

    def ask(self) -> bool:
        """End early what can; False where nothing runs that could, or where it was asked before."""
        with self._lock:
            stops = [] if self.is_asked else list(self._stops)
            self.is_asked = self.is_asked or bool(stops)
        for stop in stops:
            stop()
        return bool(stops)

    @contextmanager
    def heeding(self, stop: Callable[[], None]) -> Iterator[None]:
        """While something runs that `stop` ends with the best found by then."""
        with self._lock:
            self._stops.append(stop)
            was_asked = self.is_asked
        if was_asked:
            # A second search of the same question need not begin.
            stop()
        try:
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)


_ENDING: ContextVar[Ending | None] = ContextVar("ending", default=None)


def ending() -> Ending:
    """What ends this turn's searches early; one that nobody asks outside of any."""
    return _ENDING.get() or Ending()


@contextmanager
def ended_by(asked: Ending) -> Iterator[None]:
    """Every search that begins within, also in tasks that start within, ends when it is asked."""
    before = _ENDING.set(asked)
    try:
        yield
    finally:
        _ENDING.reset(before)
