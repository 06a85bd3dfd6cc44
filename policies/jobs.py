"""The queue that wakes workers. A job names what is due and nothing else; what is done, its row decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import procrastinate
import psycopg

EXECUTE = "plantwright.execute"
"""Name of the task that brings a proposal to the ERP."""
QUEUE = "outbox"
QUEUE_OPTIONS = "-c search_path=jobs,pg_catalog"
"""Connection options under which the queue's tables are found."""


async def put_job(app: procrastinate.App, connection: psycopg.AsyncConnection[Any], proposal: UUID) -> None:
    """Put a job for the proposal into the caller's transaction; see `put`."""
    await put(app, connection, EXECUTE, "proposal", proposal)


async def put(
    app: procrastinate.App, connection: psycopg.AsyncConnection[Any], task: str, names: str, id: UUID
) -> None:
    """Put a job into the caller's transaction; at most one for the same id waits at a time.

    The connection's search path must hold the schema `jobs`.

    Args:
        names: what the task's one argument is called.
    """
    job = app.configure_task(task, queue=QUEUE, queueing_lock=str(id), connection=connection)
    await job.defer_async(**{names: str(id)})
