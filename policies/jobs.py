"""The queue that wakes workers. A job names a proposal and nothing else; what is done, the outbox decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import procrastinate
import psycopg

EXECUTE = "plantwright.execute"
"""Name of the one task."""
QUEUE = "outbox"
QUEUE_OPTIONS = "-c search_path=jobs,pg_catalog"
"""Connection options under which the queue's tables are found."""


async def put_job(app: procrastinate.App, connection: psycopg.AsyncConnection[Any], proposal: UUID) -> None:
    """Put a job for the proposal into the caller's transaction; at most one waits at a time.

    The connection's search path must hold the schema `jobs`.
    """
    await app.configure_task(
        EXECUTE, queue=QUEUE, queueing_lock=str(proposal), connection=connection
    ).defer_async(proposal=str(proposal))
