"""Work without end: woken by the queue when something is confirmed, and by the clock for what time brings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import procrastinate
from procrastinate.exceptions import ConnectorException

from erp_adapters.errors import CopilotError
from policies.execution.executor import Executor
from policies.jobs import EXECUTE, QUEUE, QUEUE_OPTIONS

_log = logging.getLogger(__name__)
_AT_ONCE = 4
"""Drafts that one worker brings to the ERP at the same time."""
_LOST_AFTER = timedelta(minutes=5)
"""Jobs of a killed worker are taken off the queue after that; the sweeper has long done their work."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Something else that the same worker does: woken by the queue, by the clock, or by both."""

    name: str
    """Of the queue's task, whose jobs hold an `id`; or of the sweep alone."""
    sweep: Callable[[], Coroutine[Any, Any, None]]
    """Does what is due and nobody was woken for."""
    run: Callable[[UUID], Coroutine[Any, Any, None]] | None = None
    """Does what one job names; None where no job wakes it."""


async def work(
    executor: Executor,
    dsn: str,
    *,
    sweep_every_s: float = 2.0,
    stop: asyncio.Event | None = None,
    duties: Sequence[Duty] = (),
) -> None:
    """Bring what is confirmed to the ERP until stopped or cancelled; any number may run, in many processes.

    A database or an ERP that goes away is waited for.

    Args:
        executor: an open executor.
        dsn: address for the worker's login, which the queue is read under.
        sweep_every_s: how often what is due by time alone is looked for.
        stop: set to begin nothing more and return once what was begun has ended.
        duties: what else it does, beside the ERP's documents.
    """
    stop = stop or asyncio.Event()
    async with asyncio.TaskGroup() as both:
        both.create_task(_again_and_again(lambda: _listen(executor, dsn, stop, duties), "queue", stop))
        both.create_task(_again_and_again(lambda: _sweep(executor, sweep_every_s, stop), "sweeper", stop))
        for duty in duties:
            begin = partial(_swept, duty, sweep_every_s, stop)
            both.create_task(_again_and_again(begin, duty.name, stop))


async def _again_and_again(
    begin: Callable[[], Coroutine[None, None, None]], name: str, stop: asyncio.Event
) -> None:
    """Begin anew whenever it ends, until stopped: a fault in one of the two must stop neither."""
    while not stop.is_set():
        task = asyncio.create_task(begin(), name=name)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            await asyncio.wait({task})
        if (error := task.exception()) is not None:
            _log.error("the %s ended and begins anew: %s", name, error, exc_info=error)
        await _paused(2, stop)


async def _paused(seconds: float, stop: asyncio.Event) -> None:
    """Return after so long, or once stopped."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _listen(executor: Executor, dsn: str, stop: asyncio.Event, duties: Sequence[Duty]) -> None:
    queue = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=dsn, min_size=1, max_size=4, kwargs={"options": QUEUE_OPTIONS}
        )
    )

    async def execute(proposal: str) -> None:
        try:
            await executor.run(UUID(proposal))
        except CopilotError as error:
            _log.warning("proposal %s is tried again by the sweeper: %s", proposal, error)

    queue.task(name=EXECUTE, queue=QUEUE)(execute)
    for duty in duties:
        if duty.run is not None:
            queue.task(name=duty.name, queue=QUEUE)(partial(_woken, duty.name, duty.run))
    async with queue.open_async():
        await _forget_lost(queue)
        listening = asyncio.ensure_future(
            queue.run_worker_async(
                queues=[QUEUE],
                concurrency=_AT_ONCE,
                install_signal_handlers=False,
                delete_jobs="always",
                fetch_job_polling_interval=1.0,
            )
        )
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # A worker that is cancelled takes no more jobs and ends with those that it has.
            listening.cancel()
            stopping.cancel()
            await asyncio.wait({listening, stopping})
    if not listening.cancelled():
        listening.result()


async def _sweep(executor: Executor, every_s: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await executor.sweep()
        except CopilotError as error:
            _log.warning("what is due is looked for again later: %s", error)
        await _paused(every_s, stop)


async def _swept(duty: Duty, every_s: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await duty.sweep()
        except CopilotError as error:
            _log.warning("%s: what is due is looked for again later: %s", duty.name, error)
        await _paused(every_s, stop)


async def _woken(name: str, run: Callable[[UUID], Coroutine[Any, Any, None]], id: str) -> None:
    try:
        await run(UUID(id))
    except CopilotError as error:
        _log.warning("%s %s is tried again by the sweep: %s", name, id, error)


async def _forget_lost(queue: procrastinate.App) -> None:
    for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=_LOST_AFTER.total_seconds()):
        with suppress(ConnectorException):
            await queue.job_manager.finish_job(job, status=procrastinate.jobs.Status.FAILED, delete_job=True)
