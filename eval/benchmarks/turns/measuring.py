"""The measurements of a run, each of one or two servers on the same Postgres, clients and model."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

import psycopg

from erp_adapters.store import ADMIN_ROLE, APP_ROLE, OWNER_ROLE, EmbeddedPostgres
from eval.benchmarks.turns.kept import BARE, OURS, Kept, Size, kept, materials, size
from eval.benchmarks.turns.load import Seen, Specification
from eval.benchmarks.turns.processes import (
    Served,
    bare,
    declared,
    ends,
    load,
    model,
    ours,
    spent_by_postgres,
    warmed,
)
from eval.benchmarks.turns.script import SITE
from policies.audit.checkpoints import CheckpointLog
from policies.audit.keys import AuditKeys
from policies.audit.reading import tables
from policies.audit.verify import verify, witnesses

Name = Literal["bare", "bare, durable", "ours", "ours, read twice"]


@dataclass(frozen=True, slots=True)
class Place:
    """A demo in a database, the scripted model, and a home for the service's keys."""

    server: EmbeddedPostgres
    dsn: Callable[[str], str]
    """Address of the database by role."""
    home: Path
    model_url: str
    materials: tuple[str, ...]

    def up(self, name: Name) -> AbstractContextManager[Served]:
        """A server of that name."""
        match name:
            case "bare":
                return bare(self.dsn(ADMIN_ROLE), self.model_url, "async")
            case "bare, durable":
                return bare(self.dsn(ADMIN_ROLE), self.model_url, "exit")
            case "ours":
                return ours(self.dsn(APP_ROLE), self.model_url, self.home)
            case "ours, read twice":
                return ours(self.dsn(APP_ROLE), self.model_url, self.home, second_reader=True)

    def specification(self, *served: Served, conversations: int, turns: int) -> Specification:
        """So many conversations of so many turns."""
        urls = tuple(one.url.rstrip("/") for one in served)
        return Specification(urls, served[0].path, conversations, turns, self.materials)


@dataclass(frozen=True, slots=True)
class Pace:
    """What a server did at some number of conversations."""

    conversations: int
    per_second: float
    cpu_ms: float
    """Processor time of the server for a turn."""
    database_ms: float
    """Processor time of Postgres for a turn."""
    median_ms: float
    p95_ms: float
    unanswered: int = 0


def pace(at: Place, served: Served, conversations: int, turns: int) -> Pace:
    """Ask so many turns in each of so many conversations, as fast as answers come."""
    what = at.specification(served, conversations=conversations, turns=turns)
    before, database = served.seconds, spent_by_postgres(at.server)
    seen = load(what)
    count = len(seen.asked) / 1000
    return Pace(
        conversations,
        seen.per_second,
        (served.seconds - before) / count,
        (spent_by_postgres(at.server) - database) / count,
        seen.at(0.5) * 1000,
        seen.at(0.95) * 1000,
        len(seen.asked) - len(seen.answered),
    )


@dataclass(frozen=True, slots=True)
class Added:
    """What a server adds to the time that its model takes, one conversation at a time."""

    model_ms: float
    median_ms: float
    p95_ms: float
    clause_ms: tuple[float, ...] = ()
    """From a sentence's end at the model to its clause at the client, in ascending order."""

    def clause_at(self, share: float) -> float:
        """The milliseconds that this share of the clauses stayed below."""
        return self.clause_ms[min(len(self.clause_ms) - 1, int(len(self.clause_ms) * share))]


def added(at: Place, served: Served, model_ms: float, turns: int) -> Added:
    """Ask one question after the other."""
    declared(at.model_url, model_ms)
    ends(at.model_url)
    seen = load(at.specification(served, conversations=1, turns=turns))
    sent = ends(at.model_url)
    declared(at.model_url, 0)
    arrived = [moment for one in seen.asked for moment in one.clauses]
    late = sorted((got - end) * 1000 for got, end in zip(arrived, sent, strict=True)) if arrived else []
    return Added(model_ms, seen.at(0.5) * 1000 - model_ms, seen.at(0.95) * 1000 - model_ms, tuple(late))


@dataclass(frozen=True, slots=True)
class Ageing:
    """The last turns of a long conversation against its first ones."""

    turns: int
    first_ms: float
    """Processor time of the server."""
    last_ms: float
    first: Size
    last: Size

    @property
    def cpu(self) -> float:
        """How many times the processor time of the first turns the last ones take."""
        return self.last_ms / self.first_ms

    @property
    def stored(self) -> float:
        """How many times the bytes."""
        return self.last.stored / self.first.stored


def ageing(at: Place, served: Served, turns: int, *, sample: int = 10) -> Ageing:
    """One conversation of so many turns; what its ends store is compared, and the server's time for a turn.

    A machine's pace changes within seconds: its last turns and the first ones of another are asked in turns.
    """
    stored = OURS if served.path.startswith("/v1/") else BARE
    conversation = load(at.specification(served, conversations=1, turns=1)).asked[0].conversation
    # Begun afresh: the one above was to be warm.
    conversation, other = conversation[:-4] + "0000", conversation[:-4] + "0001"

    def kept(first: int) -> Size:
        with psycopg.connect(at.dsn(ADMIN_ROLE), autocommit=True) as connection:
            before = size(connection, stored)
            load(_more(at, served, conversation, first, sample))
            return size(connection, stored).since(before, sample)

    first = kept(0)
    load(_more(at, served, conversation, sample, turns - 3 * sample))
    last = kept(turns - 2 * sample)
    both = load(_more(at, served, conversation, turns - sample, sample, beside=other)).asked
    first_ms, last_ms = (
        1000 * median(one.processor_s for one in both if one.conversation == name)
        for name in (other, conversation)
    )
    return Ageing(turns, first_ms, last_ms, first, last)


def _more(
    at: Place, served: Served, conversation: str, first: int, turns: int, *, beside: str = ""
) -> Specification:
    return Specification(
        (served.url.rstrip("/"),),
        served.path,
        1,
        turns,
        at.materials,
        conversation,
        first,
        beside,
        served.pid,
    )


@dataclass(frozen=True, slots=True)
class Replicas:
    """Two services on one Postgres."""

    per_second: float
    kept: Kept
    events: int
    """Of the audit's chain, which verifies."""


def replicas(at: Place, conversations: int, turns: int) -> Replicas:
    """Conversations whose turns go to one service and the other by turns.

    Raises:
        SystemExit: the audit's chain does not verify.
    """
    with at.up("ours") as one, at.up("ours") as other:
        seen = load(at.specification(one, other, conversations=conversations, turns=turns))
        time.sleep(1.5)
    with psycopg.connect(at.dsn(ADMIN_ROLE), autocommit=True) as connection:
        found = kept(connection, seen.asked)
    return Replicas(seen.per_second, found, _verified(at))


def _verified(at: Place) -> int:
    keys = AuditKeys.kept_in(at.home / "audit")
    log = CheckpointLog(at.home / "audit" / "checkpoints.jsonl", keys.signing)
    with tables(at.dsn(OWNER_ROLE)) as (source, _):
        report = verify(source, witnesses(log.file, keys.public), keys.public)
    if not report.is_intact:
        raise SystemExit(f"the chain is not intact: {report.findings[0].what}")
    return report.events


def opened(stack: ExitStack, server: EmbeddedPostgres, dsn: Callable[[str], str], home: Path) -> Place:
    """A place whose database holds the demo; the model is up until the stack closes."""
    with psycopg.connect(dsn(ADMIN_ROLE)) as connection:
        found = materials(connection, SITE)
    return Place(server, dsn, home, stack.enter_context(model(0)), found)


__all__ = [
    "Added",
    "Ageing",
    "Pace",
    "Place",
    "Replicas",
    "Seen",
    "added",
    "ageing",
    "opened",
    "pace",
    "replicas",
    "warmed",
]
