"""The processes of a run, and the processor time that each has taken."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from erp_adapters.store import EmbeddedPostgres
from eval.benchmarks.turns.clock import spent
from eval.benchmarks.turns.load import Seen, Specification

_PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True)
class Served:
    """A server that is up."""

    url: str
    pid: int
    path: str
    """Where a conversation's questions go, with `{}` for its id."""

    @property
    def seconds(self) -> float:
        """Processor time of all its threads so far."""
        return spent(self.pid)


def spent_by_postgres(server: EmbeddedPostgres) -> float:
    """Seconds of processor time of a server with all its backends, those that have ended among them."""
    postmaster = int((server.data / "postmaster.pid").read_text().split()[0])
    ticks = [
        int(part) for part in Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()[11:15]
    ]
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    total = (ticks[2] + ticks[3]) / 100
    for child in children:
        try:
            total += spent(int(child))
        except (FileNotFoundError, SystemExit):
            continue
    return total


@contextmanager
def model(model_ms: float) -> Iterator[str]:
    """The scripted model's address."""
    with up([sys.executable, "-m", "eval.benchmarks.turns.endpoint", str(model_ms)]) as (url, _):
        yield url


@contextmanager
def bare(dsn: str, model_url: str, durability: str) -> Iterator[Served]:
    """The yardstick."""
    command = [sys.executable, "-m", "eval.benchmarks.turns.bare", dsn, model_url, durability]
    with up(command) as (url, pid):
        yield Served(url, pid, "/conversations/{}/messages")


@contextmanager
def ours(dsn: str, model_url: str, home: Path, *, second_reader: bool = False) -> Iterator[Served]:
    """The service as `plantwright serve` starts it, with the scripted model for its hosted one."""
    command = [
        "env",
        f"PLANTWRIGHT_HOME={home}",
        f"DATABASE_URL={dsn}",
        "PLANTWRIGHT_MODEL=openai:referring",
        f"PLANTWRIGHT_SECOND_READER={second_reader}",
        f"OPENAI_BASE_URL={model_url}v1",
        "OPENAI_API_KEY=none",
        "PLANTWRIGHT_MODEL_FORM=tools",
        sys.executable,
        *("-m", "server", "serve", "--port", "0"),
    ]
    with up(command) as (url, pid):
        yield Served(url, pid, "/v1/conversations/{}/messages")


@contextmanager
def up(command: list[str]) -> Iterator[tuple[str, int]]:
    """The address that a process tells once it is up, and its id."""
    # Into a file: a pipe that nobody reads is full after some hundred lines, and then the process waits.
    with (
        NamedTemporaryFile(prefix="plantwright-turns-") as told,
        subprocess.Popen(command, stdout=told, stderr=subprocess.STDOUT) as process,
    ):
        try:
            yield _address(process, Path(told.name)), process.pid
        finally:
            process.terminate()


def _address(process: subprocess.Popen[bytes], told: Path) -> str:
    """Where it is, once it says so."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        _, found, rest = told.read_text().partition(" is at ")
        if found and "\n" in rest:
            return rest.split()[0]
        time.sleep(0.05)
    raise SystemExit(f"{process.args!r} did not come up: {told.read_text()[-2000:]}")


def load(what: Specification) -> Seen:
    """What clients in a process of their own see.

    Raises:
        SystemExit: a question was not answered; the message says which.
    """
    done = subprocess.run(
        [sys.executable, "-m", "eval.benchmarks.turns.load"],
        input=json.dumps(asdict(what)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    print(done.stderr, end="", file=sys.stderr)
    return Seen.parsed(done.stdout)


def declared(model_url: str, model_ms: float) -> None:
    """Have the model take so long from now on."""
    request = urllib.request.Request(f"{model_url}model_ms", data=str(model_ms).encode())
    urllib.request.urlopen(request, timeout=_PATIENCE_S).read()


def ends(model_url: str) -> list[float]:
    """When the model's sentences ended since this was asked last."""
    with urllib.request.urlopen(f"{model_url}ends", timeout=_PATIENCE_S) as response:
        found: list[float] = json.loads(response.read())
    return found


def warmed(served: Served, materials: tuple[str, ...]) -> None:
    """Let a server have read what it reads once."""
    load(Specification((served.url.rstrip("/"),), served.path, 4, 2, materials))
    time.sleep(0.5)
