"""The worker's part of reading systems again: whatever is due by time, or was told of by an event."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import psycopg

from erp_adapters.errors import ConfigurationError, CopilotError, ImportRunning, StoreUnavailable
from erp_adapters.store.failures import translated
from erp_adapters.store.provision import LOADER_ROLE
from server.database import Database
from server.feeding import Wanted, every, plan_of, read_again
from server.systems import System, Systems

if TYPE_CHECKING:
    from erp_adapters.documents.embedding import Embedder

_log = logging.getLogger(__name__)
_FINDINGS_S: Final = 900.0
"""Looking through everything that is loaded takes long, so it is done at most so often."""
_STATE = """
select max(tried_at), coalesce(array_agg(part) filter (where due_since is not null), '{}'), now()
from erp.sync_feed where source_system = %s and site = %s
"""


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be read of a site now."""

    parts: frozenset[str] | None
    """None for everything."""


class ReadingAgain:
    """Reads each system of the file that says how often."""

    def __init__(self, home: Database, systems: Systems, embedder: Callable[[], Embedder]) -> None:
        self._embedder = embedder
        self._systems: Mapping[str, System] = {
            name: system
            for name, system in systems.items()
            if system.reads and (system.every or system.events)
        }
        self._connections = {
            name: connection for name, connection in systems.connections.items() if connection.every
        }
        self._loader = ""
        if self:
            try:
                self._loader = home.dsn(LOADER_ROLE)
            except ConfigurationError as error:
                # What is confirmed is written all the same.
                _log.error("no system is read again by the clock: %s", error)
                self._systems, self._connections = {}, {}
        self._sources: dict[tuple[str, str], str] = {}
        self._looked = 0.0

    def __bool__(self) -> bool:
        """True where there is anything to read."""
        return bool(self._systems or self._connections)

    async def sweep(self) -> None:
        """Read what is due; what fails is kept where it is looked for, and tried when it is due again."""
        changed = False
        for name, system in self._systems.items():
            for code in system.reads:
                try:
                    due = await asyncio.to_thread(self._due, name, system, code)
                    if due is None:
                        continue
                    report = await read_again(self._loader, system, code, Wanted(due.parts), self._embedder)
                except ImportRunning:
                    # Another worker reads it, or a person does.
                    continue
                except StoreUnavailable:
                    raise
                except CopilotError as error:
                    _log.warning("%s could not be read for %s: %s", name, code, error)
                    continue
                changed |= report.load is not None
                for part in report.problems:
                    _log.warning("%s of %s could not be read for %s: %s", part.part, name, code, part.problem)
        if self._connections:
            # Imported where one is named: gathering files takes more than reading a port.
            from server.loading_again import load_due

            changed |= await load_due(self._loader, self._connections, self._embedder)
        if changed and time.monotonic() - self._looked > _FINDINGS_S:
            from erp_adapters.store.checks import look_through

            self._looked = time.monotonic()
            await asyncio.to_thread(look_through, self._loader)

    def _due(self, name: str, system: System, code: str) -> Due | None:
        if (name, code) not in self._sources:
            self._sources[name, code] = plan_of(system, code).mapping.source
        with translated(), psycopg.connect(self._loader, connect_timeout=15) as connection:
            row = connection.execute(_STATE, (self._sources[name, code], code)).fetchone()
        assert row is not None, "an aggregate has a row"
        tried_at: datetime | None
        tried_at, told, now = row
        if system.every and (tried_at is None or now - tried_at >= every(system.every)):
            return Due(None)
        return Due(frozenset(map(str, told))) if told else None
