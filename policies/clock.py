"""The wall clock, handed over: expiry, audit and leases are judged by it, and tests turn it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Now, aware."""


def now_utc() -> datetime:
    """The machine's wall clock."""
    return datetime.now(UTC)
