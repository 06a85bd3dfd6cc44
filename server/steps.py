"""Progress of a long command: one line a step on stderr, with the time that it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from erp_adapters.store.loading import LoadProgress

Detail = Callable[[str], None]
"""Told what the step is at now; shown on a terminal only."""


class Steps:
    """Numbered steps; on a terminal the running one moves, elsewhere each is a line when it ends."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._number = 0

    @contextmanager
    def step(self, what: str) -> Iterator[Detail]:
        """One step; yields a function that shows a detail of it."""
        self._number += 1
        head = f"[{self._number}/{self._total}] {what}"
        begun = time.perf_counter()
        last = ""
        if self._console.is_terminal:
            with self._console.status(head, spinner="dots") as status:

                def detail(text: str) -> None:
                    nonlocal last
                    last = text
                    status.update(f"{head}  {text}")

                yield detail
        else:

            def noted(text: str) -> None:
                nonlocal last
                last = text

            yield noted
        seconds = time.perf_counter() - begun
        self._console.print(f"{head}  {last}{'  ' if last else ''}{seconds:.1f} s")


def load_words(progress: LoadProgress) -> str:
    """How far an import is, in words."""
    return f"{progress.step} {progress.name}, {progress.rows:,} rows ({progress.position}/{progress.total})"
