"""How much memory the idle service takes, what of it each part is, and how soon a later start answers.

Builds the small data set in a scratch home, starts `plantwright serve` there as a user would, waits until
it is ready, asks once over HTTP, and reads the resident memory. Postgres is a process of its own and is not
counted; its shared memory is not either.

    python -m eval.benchmarks.service
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

LIMIT_MIB = 200.0
LIMIT_START_S = 10.0
_PATIENCE_S = 60.0
QUESTION = "Top five scrap reasons by scrapped quantity"

PARTS = (
    ("Python, asyncio", ("asyncio", "json", "decimal")),
    ("pydantic, settings", ("pydantic", "pydantic_settings")),
    ("psycopg and pool", ("psycopg", "psycopg_pool")),
    ("FastAPI, uvicorn", ("fastapi", "uvicorn")),
    ("sqlglot", ("sqlglot",)),
    ("numpy, rapidfuzz, yaml", ("numpy", "rapidfuzz", "yaml")),
    ("langgraph", ("langgraph.graph", "langgraph.checkpoint.postgres.aio")),
    ("rich, typer", ("rich.console", "typer")),
    ("plantwright", ("server.bootstrap", "server.serving", "agents.models.embedded.model")),
)
"""What the service imports, in the order of its floors; each is charged with what it adds."""

_IMPORTS = """
import importlib, json, os, subprocess, sys
from agents.untraced import keep_langsmith_out
keep_langsmith_out()
def resident():
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, text=True).stdout
    return int(said) / 1024
taken, before = [["interpreter", resident()]], resident()
for name, modules in json.loads(sys.argv[1]):
    for module in modules:
        importlib.import_module(module)
    now = resident()
    taken.append([name, now - before])
    before = now
print(json.dumps(taken))
"""


@dataclass(frozen=True, slots=True)
class Service:
    """A running service as measured."""

    ready_s: float
    """From the command to the first successful `/readyz`."""
    answer_s: float
    """From the command to the first answer."""
    idle_mib: float
    """Resident memory when ready, before any question."""
    asked_mib: float
    """Resident memory when idle again after a question."""


def resident_mib(pid: int) -> float:
    """Resident memory of a process."""
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(said.stdout) / 1024


def by_part() -> list[tuple[str, float]]:
    """What each part of the imports adds, in MiB, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTS, json.dumps(PARTS)], capture_output=True, text=True, check=True
    )
    return [(str(name), float(mib)) for name, mib in json.loads(done.stdout)]


def plantwright(home: Path, *arguments: str) -> list[str]:
    """The command line in that home."""
    return ["env", f"PLANTWRIGHT_HOME={home}", sys.executable, "-m", "server", *arguments]


def measure(home: Path) -> Service:
    """Start the service, ask once, end it.

    Raises:
        SystemExit: it did not come up or did not answer.
    """
    began = time.perf_counter()
    with subprocess.Popen(
        plantwright(home, "serve", "--port", "0"), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            url = _address(process)
            _call(f"{url}readyz")
            ready = time.perf_counter() - began
            idle = resident_mib(process.pid)
            conversation = json.loads(_call(f"{url}v1/conversations", {}))["id"]
            answer = json.loads(
                _call(f"{url}v1/conversations/{conversation}/messages", {"question": QUESTION})
            )
            answered = time.perf_counter() - began
            if answer["status"] != "answered":
                sys.exit(f"the service did not answer: {answer['answer']}")
            time.sleep(2)
            return Service(ready, answered, idle, resident_mib(process.pid))
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        _, found, rest = line.partition(" is at ")
        if found:
            return rest.split()[0]
    sys.exit("the service did not start; `plantwright serve` says why")


def _call(url: str, body: dict[str, str] | None = None) -> str:
    request = urllib.request.Request(url, headers={"accept": "application/json"})
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("content-type", "application/json")
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_S) as response:
                return str(response.read().decode())
        except urllib.error.HTTPError as error:
            sys.exit(f"{url}: {error.code} {error.read().decode()}")
        except urllib.error.URLError as error:
            if time.monotonic() > deadline:
                sys.exit(f"{url}: {error.reason}")
            time.sleep(0.05)


@contextmanager
def _scratch() -> Iterator[Path]:
    """A home that the database's own account can enter; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="plantwright-service-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(parts: list[tuple[str, float]], service: Service, first_s: float) -> str:
    """The tables to print."""
    lines = [f"{name:24} {mib:+8.1f} MiB" for name, mib in parts]
    lines += [
        "",
        f"{'idle, ready':24} {service.idle_mib:8.1f} MiB of {LIMIT_MIB:g} allowed",
        f"{'idle, after a question':24} {service.asked_mib:8.1f} MiB of {LIMIT_MIB:g} allowed",
        "",
        f"{'new home, tour ended':24} {first_s:8.1f} s",
        f"{'later start, ready':24} {service.ready_s:8.1f} s",
        f"{'later start, first answer':24} {service.answer_s:7.1f} s of {LIMIT_START_S:g} allowed",
    ]
    return "\n".join(lines)


def main(
    home: Annotated[Path | None, typer.Option(help="A demo home to use instead of a new one.")] = None,
) -> None:
    """Measure the service; exit code 1 where it takes more memory or time than it may."""
    with _scratch() as scratch:
        began = time.perf_counter()
        if home is None:
            subprocess.run(
                plantwright(scratch, "demo", "--small", "--tour-only"), check=True, stdout=subprocess.DEVNULL
            )
        first = time.perf_counter() - began
        service = measure(home or scratch)
        print(report(by_part(), service, first))
    within = max(service.idle_mib, service.asked_mib) <= LIMIT_MIB and service.answer_s <= LIMIT_START_S
    raise typer.Exit(0 if within else 1)


if __name__ == "__main__":
    typer.run(main)
