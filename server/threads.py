"""The threads in which drafts wait, and who wakes them: the row decides, a thread only notices."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from agents.flows.waiting import Waiting
from erp_adapters.errors import CopilotError
from erp_adapters.store.provision import WORKER_ROLE
from policies.register import Register, rows
from policies.states import PENDING
from server.database import Database

_LATEST = """
select distinct on (series) series, state, version, document_number, reason, changed_at from app.proposal
where series = %(series)s order by series, version desc
"""
_STATES = """
select series, state from (
    select distinct on (series) series, state, changed_at from app.proposal order by series, version desc
) latest
where state = any(%(pending)s) or changed_at > now() - interval '10 minutes'
"""
_LOOK_EVERY_S = 5.0

log = logging.getLogger("plantwright.threads")


@dataclass(frozen=True, slots=True)
class Standing:
    """How the latest version of a draft stands."""

    state: str
    version: int
    document_number: str
    reason: str


class DraftRows:
    """The rows as threads read them: for no person, so nothing of a draft's contents."""

    def __init__(self, register: Register) -> None:
        self._register = register

    @classmethod
    @asynccontextmanager
    async def of(cls, home: Database) -> AsyncIterator[DraftRows]:
        """Rows of a home, behind the worker's login."""
        register = await Register.open(home.dsn(WORKER_ROLE), max_size=2)
        try:
            yield cls(register)
        finally:
            await register.close()

    async def state_of(self, series: UUID) -> Standing | None:
        """How the draft stands; None where there is none."""
        async with self._register.working() as connection:
            for row in await rows(connection, _LATEST, {"series": series}):
                return Standing(row["state"], row["version"], row["document_number"], row["reason"])
        return None

    async def states(self) -> dict[UUID, str]:
        """Every draft that is under way, and those that ended in the last minutes."""
        async with self._register.working() as connection:
            found = await rows(connection, _STATES, {"pending": sorted(PENDING)})
        return {row["series"]: row["state"] for row in found}


async def keep_waiting(waiting: Waiting, drafts: DraftRows) -> None:
    """Give each pending draft a thread and end those of the others, until cancelled."""
    while True:
        try:
            states = await drafts.states()
            await waiting.sweep([series for series, state in states.items() if state in PENDING])
            for series, state in states.items():
                if state not in PENDING and await waiting.waits(series):
                    await waiting.wake(series)
        except CopilotError as error:
            log.warning("threads of drafts are looked after again later: %s", error)
        await asyncio.sleep(_LOOK_EVERY_S)
