"""The home's record, opened to be written to or read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from erp_adapters.store.provision import OWNER_ROLE
from policies.audit.checkpoints import CheckpointLog
from policies.audit.contents import opened_events
from policies.audit.keys import WRAPPING, AuditKeys, wrapping_key
from policies.audit.packet import PacketEvent
from policies.audit.reading import tables
from policies.audit.trail import PostgresTrail
from server.settings import Settings


@asynccontextmanager
async def opened_record(settings: Settings, dsn: str) -> AsyncIterator[PostgresTrail]:
    """The trail of a home, under its keys and with its checkpoints.

    Args:
        dsn: of the application's login.

    Raises:
        ConfigurationError: the audit's keys cannot be used; the message names the remedy.
        StoreUnavailable, AuditUnavailable: the database does not answer, or what it holds is not trusted.
    """
    keys = AuditKeys.kept_in(settings.keys)
    log = CheckpointLog(settings.checkpoints, keys.signing)
    async with await PostgresTrail.open(dsn, keys, log=log) as trail:
        yield trail


@asynccontextmanager
async def read_record(settings: Settings) -> AsyncIterator[Iterator[PacketEvent]]:
    """Every event of the home's record, opened as far as it can be; none where nothing is on record yet.

    Raises:
        ConfigurationError: the wrapping key cannot be used.
    """
    # The house stands on the desk, and the desk on this file.
    from server.bootstrap import started

    if not settings.keys.joinpath(WRAPPING).exists():
        yield iter(())
        return
    wrapping = wrapping_key(settings.keys)
    async with started(settings) as home:
        with tables(home.dsn(OWNER_ROLE)) as (_, connection):
            yield opened_events(connection, wrapping)
