"""Events kept in Postgres: callers share one transaction and one fsync, or an event joins the caller's own.

While the second place cannot be written, or contradicts the database, nothing is kept, so nothing is
written to an ERP either.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool

from erp_adapters.errors import AuditUnavailable, ConfigurationError, PolicyError
from erp_adapters.store.connections import by_turns_no_more, still_there
from erp_adapters.store.session import Rows
from policies.audit.checkpoints import CheckpointLog
from policies.audit.event import AuditEvent, Position
from policies.audit.keys import AuditKeys
from policies.audit.sealing import Sealed, SubjectKey, seal
from policies.audit.subjects import SYSTEM, Pool, Subjects

_LOG = logging.getLogger("plantwright.audit")
_APPEND: Final = (
    "select audit.append(%(kinds)s, %(moments)s, %(actors)s, %(abouts)s, %(proposals)s, %(sites)s, %(seals)s,"
    " %(leaves)s)"
)
_MOST: Final = 1000
"""Events in one transaction."""
_PATIENCE_MS: Final = 10_000
_LONGEST_TRANSACTION_S: Final = 60.0
"""After that the database itself ends a transaction that does nothing."""

Clock = Callable[[], datetime]
Write = Callable[[LiteralString, Mapping[str, object]], Awaitable[Rows]]


@dataclass(frozen=True, slots=True)
class Often:
    """When a checkpoint is due: whichever comes first."""

    events: int = 256
    seconds: float = 1.0


@dataclass(eq=False, slots=True)
class _Waiting:
    """Events of one caller that wait for the next transaction."""

    events: Sequence[AuditEvent]
    sealed: Sequence[Sealed]
    done: asyncio.Future[Position]


class PostgresTrail:
    """The audit of a home; open it once a process.

    ::

        async with await PostgresTrail.open(dsn, keys, log=CheckpointLog(file, keys.signing)) as trail:
            await trail.append([AuditEvent("switch", now, actor, actor, {"site": "KAS"})])
    """

    def __init__(
        self, pool: Pool, keys: AuditKeys, log: CheckpointLog | None, often: Often, clock: Clock
    ) -> None:
        self._pool = pool
        self._subjects = Subjects(pool, keys.wrapping)
        self._log = log
        self._often = often
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._taken: list[_Waiting] = []
        self._wanted = asyncio.Event()
        self._due = asyncio.Event()
        # Another process may have ended before its last checkpoint.
        self._unwitnessed = 1
        self._open_until = 0.0
        self._trouble = ""
        self._closing = False
        self._has_company = False
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    @classmethod
    async def open(
        cls,
        dsn: str,
        keys: AuditKeys,
        *,
        log: CheckpointLog | None = None,
        often: Often | None = None,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> PostgresTrail:
        """A trail that can be appended to.

        Args:
            dsn: a login that may append: the application's, the worker's or the owner's.
            keys: those of this installation.
            log: the second place; without one there are no checkpoints, which is for tests.
            often: when checkpoints are due.
            clock: wall clock of the checkpoints.

        Raises:
            AuditUnavailable: the database does not answer.
            ConfigurationError: the audit is kept under other keys.
        """
        pool: Pool = AsyncConnectionPool(
            dsn,
            min_size=1,
            max_size=3,
            timeout=_PATIENCE_MS / 1000,
            reconnect_timeout=2.0,
            kwargs={"autocommit": True},
            configure=_configure,
            check=still_there,
            open=False,
            name="audit",
        )
        by_turns_no_more(pool)
        trail = cls(pool, keys, log, often or Often(), clock)
        try:
            # A pool would only time out, without a reason.
            await (await psycopg.AsyncConnection.connect(dsn, connect_timeout=5)).close()
            await pool.open(wait=True, timeout=_PATIENCE_MS / 1000)
            await trail._subjects.adopt()
            await trail._begin()
        except psycopg.Error as error:
            await pool.close()
            raise _unavailable(error) from error
        except BaseException:
            await pool.close()
            raise
        flushing = asyncio.create_task(trail._keep_flushing(), name="audit")
        flushing.add_done_callback(trail._ended)
        trail._tasks = (
            flushing,
            asyncio.create_task(trail._keep_witnessing(), name="audit checkpoints"),
        )
        return trail

    async def close(self) -> None:
        """Keep what waits, write a last checkpoint, and let go of the database."""
        self._closing = True
        self._wanted.set()
        self._due.set()
        for task in self._tasks:
            await task
        self._tasks = ()
        with suppress(AuditUnavailable):
            await self.witness()
        await self._pool.close()

    async def __aenter__(self) -> PostgresTrail:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def trouble(self) -> str:
        """Why nothing can be put on record now; empty where it can."""
        return "the audit has been closed; the program is ending" if self._closing else self._trouble

    async def append(self, events: Sequence[AuditEvent]) -> Position:
        """Keep events in a transaction of their own; the last one's place once all are durable.

        Raises:
            AuditUnavailable: they may not be kept; whoever asked must not go on.
        """
        self._refuse()
        waiting = _Waiting(events, await self._sealed(events), asyncio.get_running_loop().create_future())
        self._refuse()
        self._waiting.append(waiting)
        self._wanted.set()
        return await waiting.done

    async def append_in(
        self, connection: psycopg.AsyncConnection[Any], events: Sequence[AuditEvent]
    ) -> Position:
        """Keep events in the caller's transaction, which must read committed; call it last in it.

        Raises:
            AuditUnavailable: they may not be kept; the caller's transaction has to be rolled back.
        """
        self._refuse()
        try:
            for _ in range(2):
                sealed = await self._sealed(events)
                if (position := await _append(connection, sealed)) is not None:
                    self._open_until = time.monotonic() + _LONGEST_TRANSACTION_S
                    self._count(len(sealed))
                    return position
                self._subjects.forget()
        except psycopg.Error as error:
            raise _unavailable(error) from error
        raise AuditUnavailable("somebody's key was erased while events about them were kept; try again")

    async def sealed(self, events: Sequence[AuditEvent]) -> list[Sealed]:
        """Events as they go into the chain, for an `append_along` soon after.

        Raises:
            AuditUnavailable: they may not be kept.
        """
        return await self._sealed(events)

    async def append_along(self, events: Sequence[AuditEvent | Sealed], write: Write) -> Position | None:
        """Keep events with the last statement of a transaction that is sent and committed in one piece.

        Such a transaction holds the head of the chain for an fsync of its own, so there is one at a time, and
        only while nobody else keeps events: those who come together share one of `append`.

        Args:
            events: as for `append`; those that `sealed` made ahead need not be sealed any more.
            write: commits what it has to write with the statement behind it; the rows of the statement.

        Returns:
            The last one's place. None where the events are still to be appended: others keep theirs, and
            nothing was written, or somebody's key was erased meanwhile, and what else was written stands.

        Raises:
            AuditUnavailable: they may not be kept; nothing was written.
        """
        self._refuse()
        if self._has_company or self._taken or self._waiting:
            return None
        self._has_company = True
        try:
            fresh = iter(await self._sealed([one for one in events if isinstance(one, AuditEvent)]))
            sealed = [next(fresh) if isinstance(one, AuditEvent) else one for one in events]
            self._refuse()
            ((place,),) = (await write(_APPEND, _columns(sealed))).rows
        finally:
            self._has_company = False
        if place is None:
            self._subjects.forget()
            return None
        self._count(len(sealed))
        return Position(int(str(place)))

    async def erase(self, subject: str, why: str) -> UUID | None:
        """Make everything about a person unreadable for good; the id that stood for them, None if unknown.

        Needs the owner's login. The erasure is itself on record, without the name.

        Raises:
            AuditUnavailable: it cannot be put on record, so nothing was erased.
            PolicyError: the subject is the program itself.
        """
        if subject == SYSTEM:
            raise PolicyError("'system' is the program itself and no person: its events stay readable")
        try:
            async with self._pool.connection() as connection, connection.transaction():
                found = await self._subjects.existing(connection, subject)
                if found is None:
                    return None
                payload = {"key": str(found), "why": why}
                await self.append_in(
                    connection, [AuditEvent("erasure", self._clock(), SYSTEM, SYSTEM, payload)]
                )
                await connection.execute(
                    "update audit.subject_key set tag = null, wrapped = null, erased_at = clock_timestamp()"
                    # Somebody else may have asked for the same meanwhile.
                    " where key_id = %s and wrapped is not null",
                    (found,),
                )
        except psycopg.Error as error:
            raise _unavailable(error) from error
        self._subjects.forget()
        return found

    async def witness(self) -> None:
        """Write a checkpoint now, where anything happened since the last one.

        Raises:
            AuditUnavailable: it cannot be written, or the database contradicts an earlier one.
        """
        # What joined a transaction of others may be committed only after the checkpoint that it called for.
        if self._log is None or not (self._unwitnessed or time.monotonic() < self._open_until):
            return
        counted = self._unwitnessed
        try:
            chain, position, hash = await self._look_back()
            if position:
                await asyncio.to_thread(self._log.add, chain, position, hash, self._clock())
        except (AuditUnavailable, psycopg.Error) as error:
            self._note(str(_unavailable(error)))
            raise AuditUnavailable(self._trouble) from error
        self._trouble = ""
        self._unwitnessed -= counted

    async def _begin(self) -> None:
        """A home whose audit was tampered with still answers questions; it writes nothing."""
        try:
            await self._look_back()
        except AuditUnavailable as error:
            self._note(str(error))

    def _note(self, trouble: str) -> None:
        if trouble != self._trouble:
            _LOG.error("%s", trouble)
        self._trouble = trouble

    async def _look_back(self) -> tuple[UUID, int, bytes]:
        """The head of the chain, once it agrees with the latest checkpoint; otherwise nothing is kept."""
        last = await asyncio.to_thread(self._log.last) if self._log else None
        async with self._pool.connection() as connection:
            row = await (await connection.execute("select * from audit.latest()")).fetchone()
            there = None
            if last is not None:
                there = await (
                    await connection.execute("select audit.hash_at(%s)", (last.position,))
                ).fetchone()
        if row is None:
            raise AuditUnavailable("the audit has no head; it was tampered with")
        chain, position, hash = row[0], int(row[1]), bytes(row[2])
        if last is not None and there is not None:
            trouble = _contradiction(last.chain == chain, there[0], last.hash, last.position)
            if trouble:
                raise AuditUnavailable(trouble)
        return chain, position, hash

    def _refuse(self) -> None:
        if trouble := self.trouble:
            raise AuditUnavailable(trouble)

    def _count(self, events: int) -> None:
        self._unwitnessed += events
        if self._unwitnessed >= self._often.events:
            self._due.set()

    async def _sealed(self, events: Sequence[AuditEvent]) -> list[Sealed]:
        try:
            keys = await self._subjects.of(
                name or SYSTEM for event in events for name in (event.actor, event.about)
            )
        except psycopg.Error as error:
            raise _unavailable(error) from error
        return [seal(event, *_both(keys, event)) for event in events]

    async def _keep_flushing(self) -> None:
        while not self._closing or self._waiting:
            if not self._waiting:
                self._wanted.clear()
                await self._wanted.wait()
                continue
            self._take()
            try:
                await self._flush(self._taken)
            except (psycopg.Error, PolicyError, ConfigurationError) as error:
                for waiting in self._taken:
                    if not waiting.done.done():
                        waiting.done.set_exception(_unavailable(error))
            self._taken = []

    def _take(self) -> None:
        """Whoever waits, in their order, as far as one transaction may go."""
        count = 0
        while self._waiting and (not count or count + len(self._waiting[0].sealed) <= _MOST):
            self._taken.append(self._waiting.pop(0))
            count += len(self._taken[-1].sealed)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Nobody waits for ever, should keeping events fail in a way that nobody foresaw."""
        if task.cancelled() or task.exception() is not None:
            self._closing = True
            for waiting in (*self._taken, *self._waiting):
                if not waiting.done.done():
                    waiting.done.set_exception(
                        AuditUnavailable("the audit has stopped; start the program anew")
                    )

    async def _flush(self, taken: Sequence[_Waiting]) -> None:
        """Everything that waits, in one statement: one round trip, one transaction, one fsync."""
        async with self._pool.connection() as connection:
            last = await _append(connection, [each for waiting in taken for each in waiting.sealed])
            if last is None:
                self._subjects.forget()
                for waiting in taken:
                    waiting.sealed = await self._sealed(waiting.events)
                last = await _append(connection, [each for waiting in taken for each in waiting.sealed])
        if last is None:
            raise AuditUnavailable("somebody's key was erased while events about them were kept; try again")
        place = last - sum(len(waiting.sealed) for waiting in taken)
        self._count(last - place)
        for waiting in taken:
            place += len(waiting.sealed)
            if not waiting.done.done():
                waiting.done.set_result(Position(place))

    async def _keep_witnessing(self) -> None:
        while not self._closing:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), self._often.seconds)
            self._due.clear()
            if self._trouble and not self._closing:
                # A file that was full, or a database that was away, may be back.
                self._unwitnessed = max(1, self._unwitnessed)
            with suppress(AuditUnavailable):
                await self.witness()


async def _append(connection: psycopg.AsyncConnection[Any], sealed: Sequence[Sealed]) -> Position | None:
    """The last place; None where a key was erased meanwhile."""
    if not sealed:
        raise AuditUnavailable("there is nothing to put on record")
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_APPEND, _columns(sealed))
        row = await cursor.fetchone()
    return None if row is None or row[0] is None else Position(int(row[0]))


def _columns(sealed: Sequence[Sealed]) -> dict[str, str]:
    """Arrays as the database writes them: a driver that looks at each member takes longer than sealing it."""
    return {
        "kinds": _array(each.event.kind for each in sealed),
        "moments": _array(each.event.at.isoformat() for each in sealed),
        "actors": _array(str(each.actor) for each in sealed),
        "abouts": _array(str(each.about) for each in sealed),
        "proposals": _array(each.event.proposal for each in sealed),
        "sites": _array(each.event.site for each in sealed),
        "seals": _array(f"\\x{each.contents.hex()}" for each in sealed),
        "leaves": _array(f"\\x{each.leaf.hex()}" for each in sealed),
    }


def _array(texts: Iterable[str]) -> str:
    quoted = (text.replace("\\", r"\\").replace('"', r"\"") for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def _both(keys: dict[str, SubjectKey], event: AuditEvent) -> tuple[SubjectKey, SubjectKey]:
    return keys[event.actor or SYSTEM], keys[event.about or SYSTEM]


async def _configure(connection: psycopg.AsyncConnection[tuple[Any, ...]]) -> None:
    await connection.execute(f"set statement_timeout = {_PATIENCE_MS}")


def _contradiction(is_same: bool, there: bytes | None, hash: bytes, position: int) -> str:
    if not is_same:
        what = "is of another database"
    elif there is None:
        what = f"says that there were {position} events, and there are fewer: the database was set back"
    elif bytes(there) != hash:
        what = f"says otherwise about event {position}: the audit was rewritten"
    else:
        return ""
    return (
        f"the latest checkpoint of the audit {what}. Nothing is written until somebody has looked at it"
        " (`plantwright audit verify`) and, where it was meant, moved the file of checkpoints away"
    )


def _unavailable(error: Exception) -> AuditUnavailable:
    if isinstance(error, AuditUnavailable):
        return error
    reason = str(error).partition("\n")[0] if not isinstance(error, psycopg.DataError) else "unusable text"
    return AuditUnavailable(
        f"what happens cannot be put on record ({reason}); nothing is written until it can"
    )
