"""What those who run the service see of a turn: that it runs, how it ended, and how long it took."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from agents.answer import Answer
from agents.context import TurnContext
from agents.models.protocol import Meter
from erp_adapters.tracing import span

_LOG = logging.getLogger(__name__)


class TurnWatch(Protocol):
    """Is told of turns; nothing that somebody asked is among it."""

    def began(self) -> None:
        """A turn runs."""
        ...

    def ended(self, outcome: Answer | str, meter: Meter) -> None:
        """It has ended: with an answer, or with the name of the error that ended it without one."""
        ...


class _Unwatched:
    def began(self) -> None:
        return None

    def ended(self, outcome: Answer | str, meter: Meter) -> None:
        return None


unwatched: Final[TurnWatch] = _Unwatched()
"""Nobody looks."""


@dataclass(slots=True)
class Seen:
    """What became of a turn."""

    answer: Answer | None = None


@contextmanager
def watched(turn: TurnContext, watch: TurnWatch) -> Iterator[Seen]:
    """A turn while it runs; one line of the log when it has ended."""
    seen = Seen()
    outcome: Answer | str = "ended"
    watch.began()
    try:
        with span("turn", answer=turn.answer_id) as traced:
            try:
                yield seen
            except BaseException as error:
                outcome = type(error).__name__
                raise
            else:
                assert seen.answer is not None
                outcome = seen.answer
                traced.note("status", outcome.status)
                traced.note("model", outcome.model)
                traced.note("language", outcome.language)
    finally:
        watch.ended(outcome, turn.meter)
        _LOG.info(
            "turn",
            extra={
                "subject": turn.caller.subject,
                "answer": turn.answer_id,
                "outcome": outcome if isinstance(outcome, str) else outcome.status,
                "ms": round(turn.watch.total(), 1),
            },
        )
