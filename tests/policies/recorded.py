"""A trail that keeps what it is told, for changes that stand or fall with their record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from erp_adapters.errors import AuditUnavailable
from policies.audit.event import AuditEvent, Position


class Recorded:
    """A trail that keeps what it is told, or fails."""

    def __init__(self, *, fails: bool = False) -> None:
        self.events: list[AuditEvent] = []
        self._fails = fails

    async def append(self, events: Sequence[AuditEvent]) -> Position:
        raise AssertionError("a change and its record stand or fall together")

    async def append_in(
        self, connection: psycopg.AsyncConnection[Any], events: Sequence[AuditEvent]
    ) -> Position:
        if self._fails:
            raise AuditUnavailable("the audit cannot be written")
        self.events += events
        return Position(len(self.events))
