"""The worker of a home, beside whatever else a process does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from erp_adapters.store.provision import WORKER_ROLE
from erp_adapters.store.session import Store
from policies.audit.event import AuditTrail
from policies.clock import Clock, now_utc
from policies.deciding import Policy
from policies.execution.executor import Ended, Executor, Ports, Written
from policies.execution.working import Duty, work
from policies.facts import StoreFacts
from policies.failpoints import failpoints
from policies.people import StorePeople
from policies.register import Register
from server.database import Database
from server.finance.jobs import EXPLAIN, JobWorker
from server.finance.looking import Looks
from server.predicting.duty import Rounds
from server.predicting.endpoints import UNATTENDED_S, Endpoints
from server.predicting.running import DailyRun
from server.retention import Retention
from server.webhooks.sending import Sender


@asynccontextmanager
async def working(
    home: Database,
    ports: Ports,
    *,
    policy: Policy,
    trail: AuditTrail,
    clock: Clock = now_utc,
    failpoint: str = "",
    sweep_every_s: float = 2.0,
    written: Written | None = None,
    ended: Ended | None = None,
    patience_s: float = 0.0,
    is_demo: bool = False,
    further: Sequence[Duty] = (),
    keep_days: int = 90,
    floors: Ports | None = None,
) -> AsyncIterator[Executor]:
    """An executor that works beside whatever else the process does, until the block is left.

    Args:
        home: the started database of the home.
        ports: the write port of each site.
        policy: what decides at the moment of writing.
        trail: where it is put on record.
        clock: the wall clock.
        failpoint: the setting of that name.
        sweep_every_s: how often what is due by time alone is looked for.
        written: called after each document that the ERP has.
        ended: told the state in which a draft was left.
        patience_s: how long what was begun may take to end when the block is left; another worker, or the
            next start, goes on with the rest.
        is_demo: True where webhooks may be of this machine.
        further: what else the worker does.
        keep_days: how long jobs and messages are kept once they have ended.
        floors: the write port of each site's MES.

    Raises:
        StoreUnavailable: the database does not answer.
        ConfigurationError: there is no such failpoint.
    """
    dsn = home.dsn(WORKER_ROLE)
    async with (
        await Store.open(dsn) as store,
        await Register.open(dsn, max_size=4) as register,
        await Executor.open(
            dsn,
            ports,
            policy=policy,
            trail=trail,
            facts=StoreFacts(store),
            people=StorePeople(store),
            clock=clock,
            failpoints=failpoints(failpoint),
            written=written,
            ended=ended,
            floors=floors,
        ) as executor,
        Endpoints(UNATTENDED_S) as endpoints,
    ):
        stop = asyncio.Event()
        people = StorePeople(store)
        jobs = JobWorker(register, store, people)
        duties = (
            Duty(EXPLAIN, jobs.sweep, jobs.run),
            Duty("webhooks", Sender(register, is_demo=is_demo, clock=clock).sweep),
            Duty("published explanations", Looks(register, store, people).sweep),
            Duty("predictions", Rounds(DailyRun(dsn, store, endpoints.ask, trail, clock)).sweep),
            Duty("what is done and old", Retention(register, keep_days, clock).sweep),
            *further,
        )
        worker = asyncio.create_task(
            work(executor, dsn, sweep_every_s=sweep_every_s, stop=stop, duties=duties), name="worker"
        )
        try:
            yield executor
        finally:
            stop.set()
            if patience_s:
                await asyncio.wait({worker}, timeout=patience_s)
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker
