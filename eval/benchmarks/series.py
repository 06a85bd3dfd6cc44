"""What time series cost: samples a second into the store with flat memory, and a month of a signal read.

Yardstick of the same run: the same samples into a table with one row a sample and an index. Processor time of
this process and of the database's processes stands beside the clock, since other programs of the machine hide
the latter.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import numpy as np
import psycopg
import typer

from erp_adapters.caller import Caller
from erp_adapters.series.batch import MICROSECONDS, Batch, micros
from erp_adapters.series.keeping import Keeper
from erp_adapters.series.reading import trend
from erp_adapters.series.signal import Rule, Signal
from erp_adapters.store import ADMIN_ROLE, OWNER_ROLE, EmbeddedPostgres, Store, migrate, provision

WANTED = 20_000
"""Samples a second."""
MOST_MS = 50.0
"""For a month of a signal in steps of five minutes."""
MOST_GROWTH_MIB = 16
"""By which memory may grow after the third batch."""
BATCH_S = 10
_START = datetime(2026, 3, 1, tzinfo=UTC)
_TICK = os.sysconf("SC_CLK_TCK")
_PERSON = Caller("bench", "bench", frozenset(), frozenset({"KAS"}), frozenset())


@dataclass(frozen=True, slots=True)
class Cost:
    """What keeping samples took."""

    samples: int
    seconds: float
    own_cpu_s: float
    database_cpu_s: float
    megabytes: float
    growth_mib: float

    @property
    def a_second(self) -> float:
        """Samples a second by the clock."""
        return self.samples / self.seconds

    @property
    def share(self) -> float:
        """Of one core, at the rate that is wanted."""
        return (self.own_cpu_s + self.database_cpu_s) / self.samples * WANTED


def signals_of(number: int) -> list[Signal]:
    """That many thermometers with every rule in force."""
    rule = Rule(source_unit="F", low=-20, high=200, gap_s=60, frozen_s=3600)
    return [
        Signal(site="KAS", name=f"t{n}", address=f"t{n}", measures="temperature", unit="C", rule=rule)
        for n in range(number)
    ]


def batch_of(number: int, signals: int, per_s: float, span_s: int = BATCH_S) -> Batch:
    """The n-th stretch of all signals, in the order of time, the fifth of a degree at a time."""
    steps = max(1, round(per_s * span_s))
    begins = micros(_START) + number * span_s * MICROSECONDS
    times = begins + np.arange(steps) * (span_s * MICROSECONDS // steps)
    noise = np.random.default_rng(number).normal(0, 1, steps * signals)
    return Batch(
        "bench",
        number,
        tuple(f"t{n}" for n in range(signals)),
        np.tile(np.arange(signals, dtype=np.int32), steps),
        np.repeat(times, signals).astype(np.int64),
        np.round(122 + noise, 1),
        np.zeros(steps * signals, np.uint8),
        _START + timedelta(seconds=(number + 1) * span_s),
    )


def kept(dsn: str, server: Path, signals: int, batches: int) -> Cost:
    """The cost of so many batches at the rate that is wanted."""
    with Keeper.open(dsn) as keeper:
        keeper.declare("bench", signals_of(signals))
        per_s = WANTED / signals
        first = 0
        began, own, database = time.monotonic(), time.process_time(), _database_cpu_s(server)
        for number in range(batches):
            keeper.keep(batch_of(number, signals, per_s))
            if number == 2:
                first = _resident_kib()
        seconds = time.monotonic() - began
        own, database = time.process_time() - own, _database_cpu_s(server) - database
    growth = (_resident_kib() - first) / 1024
    return Cost(batches * WANTED * BATCH_S, seconds, own, database, _megabytes(dsn, "series"), growth)


def plain_rows(dsn: str, server: Path, signals: int, batches: int) -> Cost:
    """The yardstick: nothing looked at, a row a sample."""
    with psycopg.connect(dsn) as connection:
        connection.execute("create schema plain")
        connection.execute(
            "create table plain.sample (signal int, at timestamptz, value float8, quality smallint)"
        )
        connection.execute("create index on plain.sample (signal, at)")
        began, own, database = time.monotonic(), time.process_time(), _database_cpu_s(server)
        for number in range(batches):
            given = batch_of(number, signals, WANTED / signals)
            with connection.cursor() as cursor, cursor.copy("copy plain.sample from stdin") as copy:
                copy.write(
                    "".join(
                        f"{which}\t{_START + timedelta(microseconds=at)}\t{value}\t0\n"
                        for which, at, value in zip(
                            given.which.tolist(),
                            (given.at - micros(_START)).tolist(),
                            given.values.tolist(),
                            strict=True,
                        )
                    )
                )
            connection.commit()
        seconds = time.monotonic() - began
        own, database = time.process_time() - own, _database_cpu_s(server) - database
    return Cost(batches * WANTED * BATCH_S, seconds, own, database, _megabytes(dsn, "plain"), 0.0)


async def month_ms(app_dsn: str, owner_dsn: str, rounds: int = 20) -> tuple[float, float]:
    """Milliseconds of a month at five minutes by the clock, and of this process; the median of all."""
    with Keeper.open(owner_dsn) as keeper:
        for day in range(30):
            keeper.keep(batch_of(10_000 + day, 20, 1 / 10, 86_400))
    first = _START + timedelta(days=10_000)
    clock, own = [], []
    async with await Store.open(app_dsn) as store:
        async with store.reading(_PERSON) as tx:
            found = await tx.fetch("select signal from app.signal where name = 't7'")
        signal = int(str(found.rows[0][0]))
        for _ in range(rounds):
            began, spent = time.monotonic(), time.process_time()
            async with store.reading(_PERSON) as tx:
                read = await trend(tx, signal, first, first + timedelta(days=30))
            clock.append(time.monotonic() - began)
            own.append(time.process_time() - spent)
            assert len(read) == 30 * 288
            assert read.number.all()
    return sorted(clock)[rounds // 2] * 1000, sorted(own)[rounds // 2] * 1000


def _resident_kib() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def _database_cpu_s(server: Path) -> float:
    """Of the postmaster and its children, those that have ended too."""
    postmaster = (server / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0]
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if stat.parent.name == postmaster:
            ticks += sum(int(fields[n]) for n in (11, 12, 13, 14))
        elif fields[1] == postmaster:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICK


def _megabytes(dsn: str, schema: str) -> float:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "select coalesce(sum(pg_total_relation_size(oid)), 0) from pg_class"
            " where relkind = 'r' and relnamespace = to_regnamespace(%s)",
            (schema,),
        ).fetchone()
    assert row is not None, "an aggregate has a row"
    return float(row[0]) / 1e6


def main(
    batches: Annotated[
        int, typer.Option(min=4, help="Batches of ten seconds for each number of signals.")
    ] = 12,
) -> None:
    """Print what samples cost to keep and a month to read."""
    folder = Path(tempfile.mkdtemp(prefix="plantwright-bench-"))
    folder.chmod(0o755)
    is_fine = True
    try:
        with EmbeddedPostgres(folder) as server:
            print(
                f"\nTime series, {WANTED:,} samples a second in batches of {BATCH_S} s\n"
                "| how | samples a second | of a core at that rate | bytes a sample | memory grew by |\n"
                "|---|---:|---:|---:|---:|"
            )
            for name, signals in (
                ("packed", 200),
                ("packed", 2000),
                ("packed", 20_000),
                ("a row each", 2000),
            ):
                database = f"bench_{signals}_{name[:1]}"
                provision(server.dsn(ADMIN_ROLE, "postgres"), database)
                dsn = server.dsn(OWNER_ROLE, database)
                migrate(dsn)
                cost = (plain_rows if name == "a row each" else kept)(dsn, folder, signals, batches)
                print(
                    f"| {name}, {signals:,} signals | {cost.a_second:,.0f} | {cost.share:.0%}"
                    f" | {cost.megabytes * 1e6 / cost.samples:.1f} | {cost.growth_mib:.0f} MiB |"
                )
                if name == "packed":
                    is_fine &= cost.a_second >= WANTED and cost.growth_mib <= MOST_GROWTH_MIB
            clock, own = asyncio.run(
                month_ms(server.dsn(database="bench_200_p"), server.dsn(OWNER_ROLE, "bench_200_p"))
            )
            is_fine &= clock <= MOST_MS
            print(f"\nA month of a signal at five minutes: {clock:.1f} ms, {own:.1f} of them this process's")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"Wanted: {WANTED:,} a second, {MOST_MS:.0f} ms: {'kept' if is_fine else 'MISSED'}")
    raise SystemExit(0 if is_fine else 1)


if __name__ == "__main__":
    typer.run(main)
