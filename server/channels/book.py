"""The book of channels, kept by the worker's login; any number of processes share it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from erp_adapters.store.provision import WORKER_ROLE
from policies.register import Register
from server.channels.accounts import Accounts
from server.channels.events import Events
from server.channels.posted import Posted
from server.database import Database


@dataclass(frozen=True, slots=True)
class ChannelBook:
    """What came in, whose accounts are whose, and what was posted where."""

    events: Events
    accounts: Accounts
    posted: Posted

    @classmethod
    @asynccontextmanager
    async def of(cls, home: Database) -> AsyncIterator[ChannelBook]:
        """The book of a home while the block lasts."""
        async with await Register.open(home.dsn(WORKER_ROLE), max_size=4) as register:
            yield cls(Events(register), Accounts(register), Posted(register))
