"""The processes that die: a server's request and a worker, each started anew and killed for real."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import UUID

from erp_adapters.errors import AuditUnavailable, ConfirmationInvalid, CopilotError, ErpUnavailable
from erp_adapters.store.provision import APP_ROLE, DEMO_ERP_ROLE, OWNER_ROLE, WORKER_ROLE
from erp_adapters.store.session import Store
from eval.crash.desks import Desk, Setting, desk, worker
from eval.crash.record import trail
from eval.crash.stand_ins import OpenPolicy
from policies.drafts.proposal import AnyDraft
from policies.execution.working import work as loop
from policies.failpoints import Failpoint, Failpoints, failpoints
from policies.publications import Publication

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["eval.crash.children"])


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a lane's database is, for each login."""

    app: str
    worker: str
    owner: str
    erp: str
    sites: frozenset[str]
    """Codes of the sites that the ERP is for."""
    keys: Path
    """Folder of the audit's keys."""

    @classmethod
    def of(cls, dsn: Callable[[str], str], sites: frozenset[str], keys: Path) -> Addresses:
        """From a function that gives a role's address."""
        return cls(dsn(APP_ROLE), dsn(WORKER_ROLE), dsn(OWNER_ROLE), dsn(DEMO_ERP_ROLE), sites, keys)


@dataclass(frozen=True, slots=True)
class Said:
    """What a request answered before its process ended."""

    proposal: UUID
    digest: str
    state: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A request that failed without dying."""

    what: str
    is_passing: bool
    """True where asking again may succeed."""


class Child:
    """A process of its own, whose answer is read while it lives or after it died."""

    def __init__(self, work: Callable[..., None], *given: object) -> None:
        self._answers, theirs = _processes.Pipe(duplex=False)
        self._process = _processes.Process(target=_begin, args=(theirs, work, given), daemon=True)
        self._process.start()
        theirs.close()

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.is_alive()

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self._process.kill()
        self._process.join()

    def ended(self, patience_s: float) -> bool:
        """Wait for its end; True where it came in time."""
        self._process.join(patience_s)
        return not self._process.is_alive()

    def was_killed(self) -> bool:
        """True where SIGKILL ended it, its own or from outside."""
        return self._process.exitcode == -signal.SIGKILL

    def answer(self) -> Any:
        """What it answered; None where it died before."""
        with contextlib.suppress(EOFError, OSError):
            if self._answers.poll():
                return self._answers.recv()
        return None

    def close(self) -> None:
        """Let go of a process that has ended."""
        self._answers.close()
        self._process.close()


def _begin(answers: Connection, work: Callable[..., None], given: tuple[object, ...]) -> None:
    logging.disable(logging.CRITICAL)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    work(answers, *given)


def _end_with(parent: int) -> None:
    """Leave no process behind where the crash test itself was killed."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGKILL)


def propose(
    answers: Connection, where: Addresses, subject: str, draft: AnyDraft, day: date, point: str
) -> None:
    """A request that proposes."""

    async def ask(at: Desk) -> Said:
        proposed = await at.proposals.propose(await at.store.caller(subject), draft, business_date=day)
        shown = proposed.shown
        return Said(shown.proposal.id, shown.digest, shown.state)

    asyncio.run(_request(answers, where, point, ask))


def confirm(answers: Connection, where: Addresses, subject: str, said: Said, day: date, point: str) -> None:
    """A request that confirms; one that was confirmed before answers with what it is now."""

    async def ask(at: Desk) -> Said:
        caller = await at.store.caller(subject)
        try:
            shown = await at.confirmations.confirm(caller, said.proposal, said.digest, business_date=day)
        except ConfirmationInvalid:
            shown = await at.proposals.read(caller, said.proposal)
            if shown.state == "awaiting_confirmation":
                raise
        return Said(said.proposal, said.digest, shown.state)

    asyncio.run(_request(answers, where, point, ask))


def explain(answers: Connection, where: Addresses, subject: str, site: str, number: int, point: str) -> None:
    """A request that drafts an explanation; the same again is the same."""

    async def ask(at: Desk) -> Said:
        caller = await at.store.caller(subject)
        content = {"text": f"crash test {number}\n\nall of it"}
        made, _ = await at.publications.draft(caller, f"crash test {number}", frozenset({site}), content)
        return Said(made.id, made.digest, made.state)

    asyncio.run(_request(answers, where, point, ask))


def publish(answers: Connection, where: Addresses, subject: str, said: Said, point: str) -> None:
    """A request that publishes an explanation; what it answers with is the draft of its text."""

    async def ask(at: Desk) -> Said:
        caller = await at.store.caller(subject)
        with contextlib.suppress(ConfirmationInvalid):
            await at.publications.publish(caller, said.proposal, said.digest, _as_it_was)
        [text] = await at.publications.texts(caller, said.proposal)
        shown = await at.proposals.read(caller, text.proposal)
        return Said(text.proposal, shown.digest, shown.state)

    asyncio.run(_request(answers, where, point, ask))


async def _as_it_was(_: Publication) -> str:
    return ""


async def _request(
    answers: Connection,
    where: Addresses,
    point: str,
    ask: Callable[[Desk], Awaitable[Said]],
) -> None:
    try:
        async with (
            trail(where.app, where.keys) as record,
            desk(where.app, Setting(OpenPolicy(), record, failpoints=failpoints(point))) as at,
        ):
            answers.send(await ask(at))
    except CopilotError as error:
        passing = isinstance(error, ErpUnavailable | AuditUnavailable)
        answers.send(Trouble(f"{type(error).__name__}: {error}", passing))


def work(answers: Connection, where: Addresses, point: str) -> None:
    """A worker, until it is killed."""
    asyncio.run(_work(answers, where, failpoints(point)))


async def _work(answers: Connection, where: Addresses, points: Failpoints) -> None:
    async with (
        await Store.open(where.worker) as store,
        trail(where.worker, where.keys) as record,
        worker(
            where.worker, store, where.erp, where.sites, Setting(OpenPolicy(), record, failpoints=points)
        ) as executor,
    ):
        answers.send(os.getpid())
        # The shipped worker's own loop, as often as it looks.
        await loop(executor, where.worker)


def spell(point: Failpoint | None) -> str:
    """A failpoint as a setting writes it."""
    return "" if point is None else str(point)


def until(condition: Callable[[], bool], patience_s: float, every_s: float = 0.03) -> float | None:
    """Seconds until the condition held; None where it did not in time."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > patience_s:
            return None
        time.sleep(every_s)
    return time.monotonic() - began
