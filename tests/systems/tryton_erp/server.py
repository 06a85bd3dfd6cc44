"""A running Tryton 8.2 with a small plant in it: built once, kept as a template, copied for each run."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from erp_adapters.http import Secret
from erp_adapters.tryton import Connection

TREE = Path(__file__).parents[3]
ENVIRONMENT = TREE / ".venv-tryton"
BUILDING = Path(__file__).with_name("building.py")
LOCK = TREE / "requirements-tryton.txt"
LOGIN, PASSWORD = "admin", "only-in-this-test"
_DATABASE = "plant"
_MODULES = (
    "purchase_requisition",
    "stock_supply_production",
    "production_work",
    "production_routing",
    "account_stock_continental",
)
_PATIENCE_S = 120.0
_CONFIGURATION = """
[database]
uri = sqlite://
path = {folder}
[web]
listen = 127.0.0.1:{port}
"""


def missing() -> str:
    """What is not there, and how to get it; empty where everything is."""
    return "" if (ENVIRONMENT / "bin" / "trytond").exists() else "needs Tryton 8.2: `make tryton`"


@dataclass(frozen=True, slots=True)
class Served:
    """A Tryton that answers."""

    url: str
    """Address of its database."""
    log: Path

    def connection(self, url: str = "", **given: object) -> Connection:
        """How the program reaches it, or what stands in front of it."""
        reason = "Tryton's JSON-RPC takes no token of another sign-in"
        return Connection(url or self.url, LOGIN, Secret(PASSWORD), reason, **given)  # type: ignore[arg-type]


def template() -> Path:
    """The plant's database, built where this lock and this building have none yet (half a minute)."""
    given = b"\0".join([LOCK.read_bytes(), BUILDING.read_bytes(), *map(str.encode, _MODULES)])
    kept = ENVIRONMENT / f"plant-{hashlib.sha256(given).hexdigest()[:12]}.sqlite"
    with (ENVIRONMENT / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            for old in ENVIRONMENT.glob("plant-*.sqlite"):
                old.unlink()
            _build(kept)
    return kept


def _build(kept: Path) -> None:
    folder = ENVIRONMENT / "building"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    configuration = _configured(folder, 0)
    (folder / f"{_DATABASE}.sqlite").touch()
    (folder / "password").write_text(PASSWORD + "\n")
    named = ["-c", str(configuration), "-d", _DATABASE]
    _run(
        ["trytond-admin", *named, "-u", *_MODULES, "--activate-dependencies", "--email", "a@example.org"],
        {"TRYTONPASSFILE": str(folder / "password")},
    )
    _run(["python", str(BUILDING), str(configuration), _DATABASE], {})
    (folder / f"{_DATABASE}.sqlite").rename(kept)
    shutil.rmtree(folder)


def _run(command: list[str], environment: dict[str, str]) -> None:
    program, *arguments = command
    done = subprocess.run(
        [str(ENVIRONMENT / "bin" / program), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{program} failed:\n{done.stderr[-3000:]}"


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Tryton on a port of its own with a copy of the plant.

    Args:
        folder: takes the database and the log.
    """
    shutil.copy(template(), folder / f"{_DATABASE}.sqlite")
    port = free_port()
    configuration, log = _configured(folder, port), folder / "trytond.log"
    with log.open("wb") as out:
        running = subprocess.Popen(
            [str(ENVIRONMENT / "bin" / "trytond"), "-c", str(configuration), "-d", _DATABASE],
            stdout=out,
            stderr=out,
        )
    try:
        _wait(f"http://127.0.0.1:{port}/", running, log)
        yield Served(f"http://127.0.0.1:{port}/{_DATABASE}/", log)
    finally:
        running.terminate()
        running.wait(timeout=10)


def _configured(folder: Path, port: int) -> Path:
    file = folder / "trytond.conf"
    file.write_text(_CONFIGURATION.format(folder=folder, port=port))
    return file


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def _wait(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="OPTIONS"), timeout=5):
                return
        except OSError:
            if running.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"Tryton did not start:\n{log.read_text()[-2000:]}") from None
            time.sleep(0.2)


if __name__ == "__main__":
    print(template())
