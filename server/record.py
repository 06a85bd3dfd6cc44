"""The home's record, opened to be written to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from policies.audit.checkpoints import CheckpointLog
from policies.audit.keys import AuditKeys
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
