"""Explanations that nobody waits for: asked for once, computed by a worker, fetched when they are there."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, LiteralString, TypeAlias
from uuid import UUID

import procrastinate

from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError, RecordNotFound, StoreUnavailable
from erp_adapters.store.ids import new_id
from erp_adapters.store.session import Store
from policies.announcing import announce
from policies.jobs import put
from policies.people import People
from policies.register import Connection, Register, rows
from server.errors import KeyReused
from server.finance.explanations import Explanations
from tools.registry import ToolContext
from tools.variance.tool import ExplainVariance, sites_of

JobState: TypeAlias = Literal["queued", "working", "done", "failed"]

EXPLAIN = "plantwright.explain"
"""Name of the queue's task; its job names one of ours and nothing else."""
_HEARD_S = 45
"""A worker that was not heard of for longer is not running: its heart beats every ten seconds."""
_LEASE_S = 120
_MOST_ATTEMPTS = 3
_COLUMNS: LiteralString = (
    "id, subject, key, locale, arguments, state, explanation, problem, attempts, asked_at, ended_at"
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """An explanation on its way."""

    id: UUID
    subject: str
    key: str
    locale: str
    arguments: dict[str, str | None]
    state: JobState
    explanation: UUID | None
    problem: str
    attempts: int
    asked_at: datetime
    ended_at: datetime | None

    @property
    def asked(self) -> ExplainVariance:
        """What is to be explained."""
        return ExplainVariance.model_validate(self.arguments)


class Jobs:
    """The caller's jobs, as they are asked for and looked at."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._queue = procrastinate.App(connector=procrastinate.PsycopgConnector())

    async def ask(self, caller: Caller, arguments: ExplainVariance, key: str | None) -> tuple[Job, bool]:
        """The job, and whether it is new: the same request under the same key is the job that there is.

        Raises:
            KeyReused: the key belongs to another question.
        """
        id = new_id()
        known = key or f"job {id}"
        async with self._register.under(caller) as connection:
            made = await connection.execute(
                "insert into app.finance_job (id, subject, key, locale, arguments)"
                " values (%s, %s, %s, %s, %s) on conflict (subject, key) do nothing",
                (id, caller.subject, known, caller.locale, arguments.model_dump_json()),
            )
            if made.rowcount:
                # It wakes a worker; where it is lost, the worker's sweep finds the row.
                await put(self._queue, connection, EXPLAIN, "id", id)
            (found,) = await _jobs(connection, "j.key = %(key)s", key=known)
        if found.asked != arguments:
            raise KeyReused(f"the idempotency key {known!r} belongs to another question; send a new one")
        return found, bool(made.rowcount)

    async def find(self, caller: Caller, id: UUID) -> Job:
        """One of the caller's jobs.

        Raises:
            RecordNotFound: the caller has none of that id.
        """
        async with self._register.under(caller) as connection:
            found = await _jobs(connection, "j.id = %(id)s", id=id)
        if not found:
            raise RecordNotFound(f"there is no job {str(id)!r} of yours")
        return found[0]

    async def is_worked(self, caller: Caller) -> bool:
        """Whether a worker was heard of lately, which will take what waits."""
        async with self._register.under(caller) as connection:
            found = await rows(
                connection,
                "select coalesce(app.worker_heard_at() > now() - make_interval(secs => %(heard)s), false)"
                " as is_there",
                {"heard": _HEARD_S},
            )
        return bool(found[0]["is_there"])


class JobWorker:
    """Computes what was asked for, under the scope that whoever asked has by then."""

    def __init__(self, register: Register, store: Store, people: People) -> None:
        self._register = register
        self._store = store
        self._people = people

    async def run(self, id: UUID) -> None:
        """Compute one job, where nobody else does."""
        async with self._register.working() as connection:
            taken = await rows(
                connection,
                "update app.finance_job set state = 'working', attempts = attempts + 1,"
                " lease_until = clock_timestamp() + make_interval(secs => %(lease)s)"
                " where id = %(id)s and state in ('queued', 'working')"
                f" and (lease_until is null or lease_until <= clock_timestamp()) returning {_COLUMNS}",
                {"lease": _LEASE_S, "id": id},
            )
        if not taken:
            return
        job = Job(**taken[0])
        if job.attempts > _MOST_ATTEMPTS:
            await self._fail(
                job, "the worker ended several times while it was computed; ask for less at once"
            )
            return
        try:
            await self._compute(job)
        except StoreUnavailable as error:
            log.warning("job %s is taken up again: %s", id, error)
        except CopilotError as error:
            await self._fail(job, str(error))

    async def sweep(self) -> None:
        """Compute what no job of the queue has brought, such as what a killed worker left."""
        async with self._register.working() as connection:
            waiting = await _jobs(
                connection,
                "state in ('queued', 'working') and coalesce(lease_until, asked_at + interval '5 seconds')"
                " <= clock_timestamp() order by asked_at limit 20",
            )
        for job in waiting:
            await self.run(job.id)

    async def _compute(self, job: Job) -> None:
        person = await self._people.person(job.subject)
        if person is None:
            await self._fail(job, f"{job.subject!r}, who asked for it, is no longer active")
            return
        caller = replace(person, locale=job.locale)
        kept, _ = await Explanations(self._store).explain(caller, job.asked, job.key)
        async with self._store.reading(caller) as tx:
            about = sorted(await sites_of(job.asked, ToolContext(caller, tx)))
        async with self._register.working() as connection:
            done = await connection.execute(
                "update app.finance_job set state = 'done', explanation = %s, ended_at = clock_timestamp()"
                " where id = %s and state = 'working' and attempts = %s",
                (kept.id, job.id, job.attempts),
            )
            if done.rowcount:
                told = {"job": str(job.id), "explanation": str(kept.id), "digest": kept.digest}
                await announce(connection, "explanation.ready", about, {**told, "sites": about})

    async def _fail(self, job: Job, why: str) -> None:
        async with self._register.working() as connection:
            await connection.execute(
                "update app.finance_job set state = 'failed', problem = %s, ended_at = clock_timestamp()"
                " where id = %s and state = 'working' and attempts = %s",
                (why, job.id, job.attempts),
            )


async def _jobs(connection: Connection, where: LiteralString, **values: object) -> list[Job]:
    found = await rows(connection, f"select {_COLUMNS} from app.finance_job j where {where}", values)
    return [Job(**row) for row in found]
