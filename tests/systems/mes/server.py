"""A running FactorySemantics MES with a small plant in it: built once, kept as a template, then copied."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from erp_adapters.fsmes import Connection
from erp_adapters.http import Secret
from tests.systems.tryton_erp.server import free_port

TREE = Path(__file__).parents[3]
ENVIRONMENT = TREE / ".venv-mes"
LOCK = TREE / "requirements-mes.txt"
LOGIN, PASSWORD = "COPILOT", "only-in-this-test"
ADMIN = ("ADMIN", "admin-of-this-test")
PLANT = "NG1"
_REASON = "the MES knows its own logins only"
_PATIENCE_S = 120.0


def missing() -> str:
    """What is not there, and how to get it; empty where everything is."""
    if (ENVIRONMENT / "bin" / "fsmes").exists():
        return ""
    return "needs the MES, and with it Python 3.12 or newer: `make mes` (PYTHON_312=python3.12 names one)"


@dataclass
class Served:
    """A MES that answers."""

    url: str
    folder: Path
    _tokens: dict[str, str] = field(default_factory=dict)

    def connection(self, url: str = "", **given: Any) -> Connection:
        """How the program reaches it, or what stands in front of it."""
        given = {"plants": {"KAS": PLANT}, "units": {"PC": "ea", "M": "m"}, **given}
        return Connection(url or self.url, LOGIN, Secret(PASSWORD), _REASON, **given)

    def call(self, method: str, path: str, body: object = None, *, who: tuple[str, str] = ADMIN) -> Any:
        """What the MES answers to somebody at the shop floor."""
        if who[0] not in self._tokens:
            given = {"code": who[0], "password": who[1]}
            self._tokens[who[0]] = _call(self.url, "POST", "/auth/login", given, "")["token"]
        return _call(self.url, method, path, body, self._tokens[who[0]])

    def rename(self, material: str, name: str) -> None:
        """Another name for a material: the MES has no screen for that, so its own database gets it."""
        with closing(sqlite3.connect(self.folder / "mes.db", timeout=30)) as database, database:
            database.execute("update materials set name = ? where code = ?", (name, material))


def template() -> Path:
    """The plant's database, built where this lock and this building have none yet."""
    given = b"\0".join([LOCK.read_bytes(), Path(__file__).read_bytes()])
    kept = ENVIRONMENT / f"plant-{hashlib.sha256(given).hexdigest()[:12]}.db"
    with (ENVIRONMENT / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            for old in ENVIRONMENT.glob("plant-*.db"):
                old.unlink()
            _build(kept)
    return kept


def _build(kept: Path) -> None:
    """The machining plant of the package, with orders in every state, all booked over its own interface."""
    folder = ENVIRONMENT / "building"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    port = free_port()
    [pack] = ENVIRONMENT.glob("lib/python3*/site-packages/fsmes/data/packs/machining")
    shutil.copytree(pack, folder / "pack")
    _run(folder, port, "pack", "apply", "pack", "--data-dir", ".")
    _run(folder, port, "add-user", ADMIN[0], "Administrator", ADMIN[1], "--role", "admin")
    with _running(folder, port):
        served = Served(f"http://127.0.0.1:{port}/", folder)
        _fill(served)
    with closing(sqlite3.connect(folder / "mes.db")) as database:
        database.execute("pragma wal_checkpoint(truncate)")
    (folder / "mes.db").rename(kept)
    shutil.rmtree(folder)


def _fill(mes: Served) -> None:
    role = {
        "code": "copilot",
        "name": "Copilot",
        "description": "Reads the plant; creates, holds and resumes work orders.",
        "capabilities": ["plant.read", "audit.read", "orders.create", "orders.close"],
    }
    mes.call("POST", "/admin/roles", role)
    user = {"code": LOGIN, "name": "Copilot", "password": PASSWORD, "role": "copilot"}
    mes.call("POST", "/auth/users", user)
    for order in ("WO-NG-7002", "WO-NG-7003", "WO-NG-7004"):
        mes.call("POST", f"/workorders/{order}/release")
    mes.call("POST", "/masterdata/materials/FG-BRACKET/bom", {"component": "RAW-BAR-40", "quantity": 0.25})
    mes.call("POST", "/execution/consume",
             {"order": "WO-NG-7001", "lot": "LOT-BAR-001", "quantity": 150, "seq": 10})  # fmt: skip
    for seq, good, scrap in ((10, 590, 10), (20, 580, 10), (30, 575, 5)):
        mes.call("POST", f"/workorders/WO-NG-7001/operations/{seq}/start")
        booked = {"order": "WO-NG-7001", "seq": seq, "good": good, "scrap": scrap}
        mes.call("POST", "/execution/report", booked)
        mes.call("POST", f"/workorders/WO-NG-7001/operations/{seq}/complete")
    mes.call("POST", "/execution/consume",
             {"order": "WO-NG-7002", "lot": "LOT-BAR-001", "quantity": 300, "seq": 10})  # fmt: skip
    mes.call("POST", "/workorders/WO-NG-7002/operations/10/start")
    mes.call("POST", "/execution/report", {"order": "WO-NG-7002", "seq": 10, "good": 1200, "scrap": 18})
    mes.call("POST", "/workorders/WO-NG-7003/hold", {"reason": "burr on the first article"})
    mes.call("POST", "/equipment/MILL01/state", {"state": "running"})
    mes.call("POST", "/equipment/MILL01/state", {"state": "down", "reason_code": "breakdown"})
    mes.call("POST", "/equipment/SAW01/state", {"state": "setup"})
    mes.call("POST", "/equipment/SAW01/state", {"state": "idle"})
    specs = mes.call("GET", "/quality/specs")["items"]
    check = {"material": "FG-BRACKET", "characteristic": specs[0]["characteristic"], "order": "WO-NG-7002"}
    mes.call("POST", "/quality/checks", {**check, "value": 10_000})
    [found] = mes.call("GET", "/quality/nonconformances")["items"]
    decided = {"disposition": "rework", "reason": "file the burr off"}
    mes.call("POST", f"/quality/nonconformances/{found['code']}/disposition", decided)


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """The MES on a port of its own with a copy of the plant.

    Args:
        folder: takes the database and the log.
    """
    shutil.copy(template(), folder / "mes.db")
    port = free_port()
    with _running(folder, port):
        yield Served(f"http://127.0.0.1:{port}/", folder)


@contextmanager
def _running(folder: Path, port: int) -> Iterator[None]:
    log = folder / "mes.log"
    with log.open("wb") as out:
        running = subprocess.Popen(
            [str(ENVIRONMENT / "bin" / "fsmes"), "run-api"],
            env=_environment(folder, port),
            cwd=folder,
            stdout=out,
            stderr=out,
        )
    try:
        _wait(f"http://127.0.0.1:{port}/health", running, log)
        yield
    finally:
        running.terminate()
        running.wait(timeout=20)


def _environment(folder: Path, port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "FSMES_HOME": str(folder),
        "MES_DATABASE_URL": f"sqlite:///{folder / 'mes.db'}",
        "MES_API_PORT": str(port),
        "MES_LOG_DIR": str(folder / "logs"),
        "MES_PLANT_NAME": "machining",
        "MES_PLANT_TIMEZONE": "America/New_York",
        "MES_SECRET_KEY": "a key of this test, long enough for anybody",
    }


def _run(folder: Path, port: int, *command: str) -> None:
    done = subprocess.run(
        [str(ENVIRONMENT / "bin" / "fsmes"), *command],
        env=_environment(folder, port),
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"fsmes {command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-3000:]}"


def _call(url: str, method: str, path: str, body: object, token: str) -> Any:
    signed = {"authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(
        url.rstrip("/") + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json", **signed},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()[:500]}") from error


def _wait(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            if running.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"the MES did not start:\n{log.read_text()[-2000:]}") from None
            time.sleep(0.2)


if __name__ == "__main__":
    print(template())
