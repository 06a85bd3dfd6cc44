"""The desk: everything that channels do with drafts, put together for one process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError, RecordNotFound
from erp_adapters.store.provision import APP_ROLE
from erp_adapters.store.session import Store
from policies.audit.event import AuditTrail
from policies.confirmation import Confirmations
from policies.proposals import Proposals, Shown
from policies.switches import Switches, SwitchTarget
from server.directory import StoreDirectory
from server.house import NO_DEMO
from server.settings import Settings

_TODAY = "select (coalesce(as_of, now()) at time zone time_zone)::date from erp.site where site = %(site)s"
_COUNTS = """
select case when state = 'awaiting_confirmation' and expires_at <= now() then 'expired' else state end, count(*)
from app.proposal group by 1
"""
_ASKED_S = 0.2


@dataclass(frozen=True, slots=True)
class Desk:
    """Drafts of an opened home."""

    store: Store
    proposals: Proposals
    confirmations: Confirmations
    trail: AuditTrail
    system: str
    """What the system that is written to is called in sentences."""

    @property
    def switches(self) -> Switches:
        """What is switched off."""
        return self.proposals.switches

    async def person(self, subject: str) -> Caller:
        """The person with their scope; RecordNotFound where there is none."""
        return await self.store.caller(subject)

    async def name(self, subject: str) -> str:
        """What a person is called; the subject itself where nobody active has it."""
        try:
            return (await self.store.caller(subject)).name
        except RecordNotFound:
            return subject

    async def day(self, caller: Caller, site: str) -> date:
        """The site's day, by the data that is loaded.

        Raises:
            RecordNotFound: the caller sees no such site.
        """
        async with self.store.reading(caller) as tx:
            found = await tx.fetch(_TODAY, {"site": site})
        if not found.rows or not isinstance(found.rows[0][0], date):
            raise RecordNotFound(
                f"there is no site {site!r} among yours; there are {', '.join(sorted(caller.sites))}"
            )
        return found.rows[0][0]

    async def counts(self, caller: Caller) -> dict[str, int]:
        """How many drafts that the caller may see are in each state."""
        async with self.store.reading(caller) as tx:
            found = await tx.fetch(_COUNTS)
        return {str(state): int(str(count)) for state, count in found.rows}

    async def switch(
        self,
        caller: Caller,
        state: Literal["off", "on"],
        target: Literal["site", "tool", "flow", "all"],
        name: str,
        reason: str,
    ) -> None:
        """Switch off or on; raises as Switches does."""
        turn = self.switches.off if state == "off" else self.switches.on
        await turn(caller, SwitchTarget(target, name), reason)
