"""What chat channels cost: how soon events are acknowledged, what a channel adds to an answer, idle memory.

Builds a demo home, starts `plantwright serve` with the platform set to a stand-in of its web API here, and
sends signed events as the platform does. The yardstick is the service's own HTTP interface in the same run:
the same questions of the same people, asked in turn with those of the channel. Processor time of the service
stands beside the clock's: a busy machine lengthens the one and not the other.

    python -m eval.benchmarks.channels
    .venv-teams/bin/python -m eval.benchmarks.channels --platform teams   # after `make teams`
    .venv-teams/bin/python -m eval.benchmarks.channels --platform teams --beside slack   # both in one service
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from erp_adapters.store import OWNER_ROLE, EmbeddedPostgres
from eval.benchmarks.chat_platforms import PlatformName, StandIn, stand_in_of
from eval.benchmarks.service import plantwright, resident_mib

LIMIT_ACK_S = 1.0
LIMIT_OVERHEAD_MS = 30.0
LIMIT_MIB = 300.0
_QUESTION = "Inventory value by location at standard cost at Kassel"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run came to."""

    idle_mib: float
    asked_mib: float
    api_ms: float
    channel_ms: float
    api_cpu_ms: float
    """Processor time of the service for an answer; the mean."""
    channel_cpu_ms: float
    acks_s: tuple[float, ...]
    drained_s: float
    """From the last event of the load to its last answer."""

    @property
    def ack_p99_s(self) -> float:
        """Of the load."""
        return sorted(self.acks_s)[max(0, int(len(self.acks_s) * 0.99) - 1)]


async def measured(
    home: Path, stand_in: StandIn, seconds: int, a_second: int, pairs: int, beside: StandIn | None = None
) -> Measured:
    """Start the service, ask over HTTP and over the platform in turn, then load it.

    Args:
        home: a demo home.
        stand_in: the platform that is measured.
        seconds: how long events are sent.
        a_second: how many.
        pairs: questions asked both ways.
        beside: a platform that the service is set to as well, and that says nothing.

    Raises:
        SystemExit: it did not come up, or refused what it should take.
    """
    async with _listening(stand_in, beside), _served(home, _settings(stand_in, beside)) as (port, pid):
        people = await asyncio.to_thread(_mapped, home, stand_in)
        idle = resident_mib(pid)
        for at in range(4):
            await _asked(port, people[at % len(people)])
            await _through(port, stand_in, people[at % len(people)], f"D0WARM{at}")
            await asyncio.to_thread(_done, home)
        ours, theirs = [], []
        spent = {"api": 0.0, "channel": 0.0}
        for at in range(pairs):
            who = people[at % len(people)]
            before = _processor_s(pid)
            theirs.append(await _asked(port, who))
            between = _processor_s(pid)
            ours.append(await _through(port, stand_in, who, f"D0PAIR{at}"))
            # Its chart is drawn after the answer: the next question would be charged with it.
            await asyncio.to_thread(_done, home)
            spent["api"] += between - before
            spent["channel"] += _processor_s(pid) - between
        acks, drained = await _loaded(port, stand_in, people, seconds, a_second)
        return Measured(
            idle,
            resident_mib(pid),
            statistics.median(theirs) * 1000,
            statistics.median(ours) * 1000,
            spent["api"] / pairs * 1000,
            spent["channel"] / pairs * 1000,
            tuple(acks),
            drained,
        )


def _processor_s(pid: int) -> float:
    """Seconds that all threads of a process have had a processor."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9


async def _loaded(
    port: int, stand_in: StandIn, people: list[str], seconds: int, a_second: int
) -> tuple[list[float], float]:
    """Acknowledgements of so many questions a second, each sent at its moment, whatever those before take."""
    began = time.perf_counter()

    async def one(at: int) -> float:
        await asyncio.sleep(max(0.0, began + at / a_second - time.perf_counter()))
        sent = time.perf_counter()
        await _event(port, stand_in, people[at % len(people)], f"D0LOAD{at}")
        return time.perf_counter() - sent

    number = seconds * a_second
    acks = await asyncio.gather(*(one(at) for at in range(number)))
    ended = time.perf_counter()
    for at in range(number):
        await stand_in.wait(f"D0LOAD{at}")
    return list(acks), time.perf_counter() - ended


async def _through(port: int, stand_in: StandIn, who: str, conversation: str) -> float:
    began = time.perf_counter()
    await _event(port, stand_in, who, conversation)
    return await stand_in.wait(conversation) - began


async def _event(port: int, stand_in: StandIn, who: str, conversation: str) -> None:
    body, headers = stand_in.sent(who, conversation)
    await _post(port, stand_in.path, body, headers)


async def _asked(port: int, who: str) -> float:
    """Seconds of the same question over the service's own interface."""
    began = time.perf_counter()
    headers = {"x-plantwright-person": who, "accept": "application/json"}
    conversation = json.loads(await _post(port, "/v1/conversations", b"", headers))["id"]
    body = json.dumps({"question": _QUESTION}).encode()
    await _post(port, f"/v1/conversations/{conversation}/messages", body, headers)
    return time.perf_counter() - began


async def _post(port: int, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"POST {path} HTTP/1.1", f"host: 127.0.0.1:{port}", "connection: close"]
    lines += [f"content-length: {len(body)}", *(["content-type: application/json"] if body else [])]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    await writer.drain()
    answered = await reader.read()
    writer.close()
    head, _, rest = answered.partition(b"\r\n\r\n")
    if head.split(b" ")[1] not in (b"200", b"201"):
        sys.exit(f"{path}: {answered[:300]!r}")
    return rest


def _settings(stand_in: StandIn, beside: StandIn | None) -> dict[str, str]:
    return {**(beside.settings() if beside else {}), **stand_in.settings()}


@asynccontextmanager
async def _listening(stand_in: StandIn, beside: StandIn | None) -> AsyncIterator[None]:
    server = await asyncio.start_server(stand_in.serve, "127.0.0.1", 0)
    async with server:
        stand_in.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        if beside:
            beside.origin = stand_in.origin
        yield


@asynccontextmanager
async def _served(home: Path, settings: dict[str, str]) -> AsyncIterator[tuple[int, int]]:
    command = ["env", *(f"{name}={value}" for name, value in settings.items())]
    process = await asyncio.create_subprocess_exec(
        *command, *plantwright(home, "serve", "--port", "0"), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        address = ""
        while not address:
            line = (await process.stderr.readline()).decode()
            if not line:
                sys.exit("the service did not start; `plantwright serve` says why")
            address = line.partition(" is at ")[2].partition(" ")[0]
        told = asyncio.create_task(process.stderr.read())
        port = int(address.rstrip("/").rpartition(":")[2])
        await asyncio.sleep(2)
        yield port, process.pid
        told.cancel()
    finally:
        process.terminate()
        await process.wait()


def _mapped(home: Path, stand_in: StandIn) -> list[str]:
    """People of the demo who see Kassel, each with an account."""
    dsn = EmbeddedPostgres(home / "postgres").dsn(OWNER_ROLE)
    with psycopg.connect(dsn, autocommit=True) as owner:
        found = owner.execute(
            "select subject from erp.person where active and 'KAS' = any(sites) order by subject"
        ).fetchall()
        people = [str(row[0]) for row in found]
        # What an earlier run left would be done first.
        owner.execute("delete from app.channel_event")
        for who in people:
            owner.execute(
                "insert into app.channel_person (platform, tenant, account, subject, made_by, waiting)"
                " values (%s, %s, %s, %s, 'benchmark', false) on conflict do nothing",
                (stand_in.path.rpartition("/")[2], stand_in.tenant, stand_in.account(who), who),
            )
    return people


def _done(home: Path) -> None:
    """Return once nothing that came in is being done."""
    dsn = EmbeddedPostgres(home / "postgres").dsn(OWNER_ROLE)
    with psycopg.connect(dsn, autocommit=True) as owner:
        while owner.execute("select 1 from app.channel_event where ended_at is null").fetchone():
            time.sleep(0.02)


@contextmanager
def _home(given: Path | None) -> Iterator[Path]:
    """A demo home that the database's own account can enter; gone afterwards where it was not given."""
    if given is not None:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="plantwright-channels-"))
    folder.chmod(0o755)
    try:
        subprocess.run(plantwright(folder, "demo", "--tour-only"), check=True, stdout=subprocess.DEVNULL)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(found: Measured, platform: PlatformName, a_second: int) -> str:
    """The table to print."""
    acks = sorted(found.acks_s)
    overhead = found.channel_ms - found.api_ms
    return "\n".join(
        [
            f"{'acknowledged, p50':34} {acks[len(acks) // 2]:8.3f} s at {a_second} events a second",
            f"{'acknowledged, p99':34} {found.ack_p99_s:8.3f} s of {LIMIT_ACK_S:g} allowed",
            f"{'last answer after the last event':34} {found.drained_s:8.1f} s",
            f"{'yardstick: answer over HTTP':34} {found.api_ms:8.1f} ms, median",
            f"{f'answer in {platform.title()}':34} {found.channel_ms:8.1f} ms, median",
            f"{'overhead of the channel':34} {overhead:8.1f} ms of {LIMIT_OVERHEAD_MS:g} allowed",
            f"{'  of the processor, over HTTP':34} {found.api_cpu_ms:8.1f} ms, mean",
            f"{'  of the processor, of the channel':34} {found.channel_cpu_ms:8.1f} ms, mean",
            f"{'idle, ready':34} {found.idle_mib:8.1f} MiB of {LIMIT_MIB:g} allowed",
            f"{'after the load':34} {found.asked_mib:8.1f} MiB",
            f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        ]
    )


def main(
    platform: Annotated[PlatformName, typer.Option(help="Which one is measured.")] = "slack",
    beside: Annotated[
        PlatformName | None, typer.Option(help="One that the service is set to as well.")
    ] = None,
    home: Annotated[Path | None, typer.Option(help="A demo home to use instead of a new one.")] = None,
    seconds: Annotated[int, typer.Option(help="How long events are sent.", min=1)] = 10,
    a_second: Annotated[int, typer.Option(help="Events a second.", min=1)] = 20,
    pairs: Annotated[int, typer.Option(help="Questions asked both ways.", min=1)] = 30,
) -> None:
    """Measure a channel; exit code 1 where it takes longer or more memory than it may."""
    with _home(home) as used:
        other = stand_in_of(beside, _QUESTION) if beside else None
        found = asyncio.run(measured(used, stand_in_of(platform, _QUESTION), seconds, a_second, pairs, other))
    print(report(found, platform, a_second))
    within = (
        found.ack_p99_s <= LIMIT_ACK_S
        and found.channel_ms - found.api_ms <= LIMIT_OVERHEAD_MS
        and found.idle_mib <= LIMIT_MIB
    )
    raise typer.Exit(0 if within else 1)


if __name__ == "__main__":
    typer.run(main)
