"""What a server's values, moments and status codes come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from erp_adapters.series.batch import BAD, GOOD, UNCERTAIN
from erp_adapters.series.signal import Rule
from erp_adapters.series.source import number_of

if TYPE_CHECKING:
    from asyncua import ua


@dataclass(frozen=True, slots=True)
class Node:
    """A variable of a server."""

    address: str
    """As a signal names it: `ns=2;s=Press2.Temperature`."""
    path: str
    """Names from the server's objects down to it."""
    value: str
    """As it was just then, for people to recognise it."""


def sample_of(data: ua.DataValue, rule: Rule, now: datetime) -> tuple[datetime, float, int]:
    """When a value was measured, as a number, and how good the server says it is."""
    at = data.SourceTimestamp or data.ServerTimestamp
    value = None if data.Value is None else data.Value.Value
    return now if at is None else _aware(at), number_of(value, rule), quality_of(data.StatusCode)


def quality_of(status: ua.StatusCode | None) -> int:
    """The severity of a status code, which its two highest bits say; none at all means good."""
    if status is None:
        return GOOD
    return (GOOD, UNCERTAIN, BAD, BAD)[(status.value >> 30) & 3]


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
