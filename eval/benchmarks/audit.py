"""Events a second that the audit keeps, each fsynced before its caller goes on, and what a turn pays for it.

Beside it, as a yardstick in the same run and on the same disk: bare inserts into a table without hashes, keys
and checkpoints, one transaction and one fsync each. Every chain is verified before its figure counts.

    python -m eval.benchmarks.audit
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from erp_adapters.store import APP_ROLE, OWNER_ROLE, EmbeddedPostgres, migrate
from policies.audit.checkpoints import CheckpointLog
from policies.audit.event import AuditEvent
from policies.audit.keys import AuditKeys
from policies.audit.reading import tables
from policies.audit.trail import PostgresTrail
from policies.audit.verify import verify, witnesses

WANTED = 500.0
"""Events a second."""
LIMIT_TURN_MS = 5.0
CALLERS = (1, 10, 50)
"""Callers at once; each waits for its event to be durable before it has the next one."""
_TURN = ("question", "policy_decision", "model_call", "tool_call", "tool_call", "answer")
_PAYLOAD = {"question": "What is short in Kassel next week? " * 8, "arguments": '{"top":3}' * 8}


@dataclass(frozen=True, slots=True)
class Place:
    """A fresh durable database with the audit's keys and second place beside it."""

    server: EmbeddedPostgres
    folder: Path

    @property
    def keys(self) -> AuditKeys:
        return AuditKeys.kept_in(self.folder / "audit")

    @property
    def log(self) -> CheckpointLog:
        return CheckpointLog(self.folder / "audit" / "checkpoints.jsonl", self.keys.signing)


@dataclass(frozen=True, slots=True)
class Rate:
    """What a number of callers got through."""

    callers: int
    events: int
    seconds: float
    median_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        """Events a second."""
        return self.events / self.seconds


@contextmanager
def place() -> Iterator[Place]:
    """Started, durable, and gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="plantwright-audit-"))
    folder.chmod(0o755)
    try:
        with EmbeddedPostgres(folder / "postgres") as server:
            migrate(server.dsn(OWNER_ROLE))
            yield Place(server, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bare_inserts(at: Place, seconds: float) -> float:
    """Rows a second, one transaction and fsync each, by one connection: what the disk allows."""
    with psycopg.connect(at.server.dsn(OWNER_ROLE), autocommit=True) as connection:
        connection.execute("create table if not exists public.bare (id bigserial primary key, held text)")
        text = str(_PAYLOAD)
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            connection.execute("insert into public.bare (held) values (%s)", (text,))
            count += 1
        return count / (time.perf_counter() - began)


def bare_fsyncs(at: Place, seconds: float) -> float:
    """Writes of 8 KiB a second with fsync each, to a file beside the database."""
    with (at.folder / "bare").open("wb", buffering=0) as handle:
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            handle.write(b"x" * 8192)
            os.fsync(handle.fileno())
            count += 1
        return count / (time.perf_counter() - began)


async def appends(trail: PostgresTrail, callers: int, seconds: float) -> Rate:
    """Callers that each keep one event after the other."""
    spent: list[float] = []
    until = time.perf_counter() + seconds

    async def keep(number: int) -> None:
        while (began := time.perf_counter()) < until:
            subject = f"person-{number}"
            await trail.append([AuditEvent("tool_call", datetime.now(UTC), subject, subject, _PAYLOAD)])
            spent.append(time.perf_counter() - began)

    await asyncio.gather(*(keep(number) for number in range(callers)))
    return _rate(callers, len(spent), seconds, spent)


async def joined(at: Place, trail: PostgresTrail, seconds: float) -> Rate:
    """One caller whose own transaction changes a row and ends with the event, as a confirmation does."""
    spent: list[float] = []
    until = time.perf_counter() + seconds
    async with await psycopg.AsyncConnection.connect(at.server.dsn(OWNER_ROLE)) as connection:
        while (began := time.perf_counter()) < until:
            async with connection.transaction():
                await connection.execute("update public.bare set held = held where id = 1")
                await trail.append_in(
                    connection, [AuditEvent("confirmation", datetime.now(UTC), "buyer", "buyer", _PAYLOAD)]
                )
            spent.append(time.perf_counter() - began)
    return _rate(1, len(spent), seconds, spent)


async def turns(trail: PostgresTrail, count: int) -> list[float]:
    """Milliseconds that a turn's six events take, one turn after the other."""
    spent = []
    for number in range(count):
        now, subject = datetime.now(UTC), f"person-{number % 5}"
        began = time.perf_counter()
        await trail.append([AuditEvent(kind, now, subject, subject, _PAYLOAD) for kind in _TURN])  # type: ignore[arg-type]
        spent.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.005)
    return sorted(spent)


def _rate(callers: int, events: int, seconds: float, spent: list[float]) -> Rate:
    ordered = sorted(spent)
    return Rate(
        callers, events, seconds, ordered[len(ordered) // 2] * 1000, ordered[len(ordered) * 99 // 100] * 1000
    )


async def measured(at: Place, seconds: float) -> tuple[list[Rate], Rate, list[float]]:
    """Rates by callers, of joined transactions, and the milliseconds of turns."""
    async with await PostgresTrail.open(at.server.dsn(APP_ROLE), at.keys, log=at.log) as trail:
        await appends(trail, 10, 0.5)
        rates = [await appends(trail, callers, seconds) for callers in CALLERS]
        return rates, await joined(at, trail, seconds), await turns(trail, 200)


def verified(at: Place) -> tuple[int, float]:
    """Events of the chain that was measured, and how many of them a second a verification gets through."""
    began = time.perf_counter()
    seen = witnesses(at.log.file, at.keys.public)
    with tables(at.server.dsn(OWNER_ROLE)) as (source, _):
        report = verify(source, seen, at.keys.public)
    if not report.is_intact:
        raise SystemExit(f"the chain that was measured is not intact: {report.findings[0].what}")
    return report.events, report.events / (time.perf_counter() - began)


def main(seconds: Annotated[float, typer.Option(help="Seconds a row.", min=0.2)] = 3.0) -> None:
    """Measure the audit; exit code 1 where it keeps fewer events, or costs a turn more, than it may."""
    with place() as at:
        bare, fsyncs = bare_inserts(at, seconds), bare_fsyncs(at, seconds)
        rates, join, spent = asyncio.run(measured(at, seconds))
        events, speed = verified(at)
    print(f"{'yardstick: fsync of 8 KiB':34} {fsyncs:8.0f} a second")
    print(f"{'yardstick: bare insert, fsync each':34} {bare:8.0f} a second")
    for rate in rates:
        print(
            f"{f'audit, {rate.callers} at once':34} {rate.per_second:8.0f} a second"
            f"   median {rate.median_ms:6.1f} ms   p99 {rate.p99_ms:6.1f} ms"
        )
    print(
        f"{'audit in the own transaction':34} {join.per_second:8.0f} a second"
        f"   median {join.median_ms:6.1f} ms   p99 {join.p99_ms:6.1f} ms"
    )
    median, p99 = spent[len(spent) // 2], spent[len(spent) * 99 // 100]
    print(f"{'a turn of six events':34} {median:8.1f} ms median, {p99:.1f} ms p99, {LIMIT_TURN_MS:g} allowed")
    print(f"{'verified':34} {events:8} events, {speed:.0f} a second")
    best = max(rate.per_second for rate in rates)
    print(f"{'most':34} {best:8.0f} a second, {WANTED:g} wanted")
    raise typer.Exit(0 if best >= WANTED and median <= LIMIT_TURN_MS else 1)


if __name__ == "__main__":
    typer.run(main)
