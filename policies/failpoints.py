"""Places where a process may be made to die, so that tests can show what a crash there leaves behind."""

from __future__ import annotations

import os
import signal
from enum import StrEnum
from typing import Protocol

from erp_adapters.errors import ConfigurationError


class Failpoint(StrEnum):
    """Every place, named after what has just been done."""

    PROPOSAL_WRITTEN = "proposal_written"
    """Inside the transaction, before its commit."""
    PROPOSED = "proposed"
    SIGNED = "signed"
    CONSUMED = "consumed"
    """State, outbox row and job written, not committed."""
    CONFIRMED = "confirmed"
    CLAIMED = "claimed"
    RECHECKED = "rechecked"
    DISPATCH_WRITTEN = "dispatch_written"
    """Recorded that a call follows, not committed."""
    DISPATCHED = "dispatched"
    """Committed; the call has not begun."""
    CALLED = "called"
    """The system has answered; nothing of it is kept yet."""
    SETTLE_WRITTEN = "settle_written"
    SETTLED = "settled"
    READ_BACK = "read_back"
    """The system was asked what it has; nothing of it is kept yet."""
    SWEPT = "swept"


class Failpoints(Protocol):
    """Where a process may die."""

    def reach(self, point: Failpoint) -> None:
        """The process is at this point now."""
        ...


class NoFailpoints:
    """A process that dies nowhere by design."""

    def reach(self, point: Failpoint) -> None:
        """Nothing."""


class KillAt:
    """A process that kills itself, as by `kill -9`, when it reaches a point for the n-th time."""

    def __init__(self, point: Failpoint, times: int = 1) -> None:
        self._point = point
        self._left = times

    def reach(self, point: Failpoint) -> None:
        """End the process where it is its turn: no clean-up runs."""
        if point is self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def failpoints(setting: str) -> Failpoints:
    """What a setting such as `called` or `called:3` asks for; empty asks for nothing.

    Raises:
        ConfigurationError: there is no such point.
    """
    if not setting:
        return NoFailpoints()
    name, _, times = setting.partition(":")
    try:
        return KillAt(Failpoint(name), int(times or 1))
    except ValueError:
        raise ConfigurationError(
            f"{setting!r} is no failpoint; there are {', '.join(Failpoint)}, each with `:n` for the n-th time"
        ) from None
