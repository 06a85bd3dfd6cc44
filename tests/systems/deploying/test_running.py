"""What the chart starts, started here: its arguments and settings, no rights, a database with passwords.

An engine for containers is not needed for that: the processes get the container's environment with its
folders elsewhere, and the account of the container, which can write to none but its own.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from erp_adapters.store import ADMIN_ROLE, EmbeddedPostgres
from erp_adapters.store.programs import Programs
from tests.systems.deploying.conftest import Objects, named

pytestmark = [pytest.mark.systems, pytest.mark.timeout(600)]

ACCOUNT = 10001
PROGRAM = [sys.executable, "-m", "server"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reduced() -> list[str]:
    """The words that give up every right and become the container's account; none where only root could."""
    words = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups", "--no-new-privs"]
    words += ["--bounding-set=-all", "--inh-caps=-all"]
    if os.geteuid() or not shutil.which("setpriv"):
        return []
    reaches = subprocess.run([*words, sys.executable, "-c", "import server"], capture_output=True)
    return words if reaches.returncode == 0 else []


class Cluster:
    """The folders that a cluster would mount, and the processes that it would start."""

    def __init__(self, folder: Path, release: Objects, port: int, admin: str) -> None:
        self.folder, self.release, self.database_port, self.admin = folder, release, port, admin
        self.words = reduced()
        self.places = {
            "/var/lib/plantwright-checkpoints": self._own("checkpoints"),
            "/var/lib/plantwright": self._own("home"),
            "/etc/plantwright/keys": folder / "keys",
        }
        self._own("tmp")

    def _own(self, name: str) -> Path:
        place = self.folder / name
        place.mkdir()
        if self.words:
            os.chown(place, ACCOUNT, ACCOUNT)
        return place

    def mounted(self, name: str, **files: str) -> Path:
        """A secret as a cluster mounts it: root's, and readable through the group."""
        place = self.folder / name
        place.mkdir(exist_ok=True)
        for file, text in files.items():
            (place / file).write_text(text)
        for each in (place, *place.iterdir()):
            each.chmod(0o550 if each.is_dir() else 0o440)
            if self.words:
                os.chown(each, 0, ACCOUNT)
        return place

    def url(self, role: str, password: str, database: str = "plantwright") -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{self.database_port}/{database}"

    def environment(self, kind: str, name: str, secrets: Path, **changed: str) -> dict[str, str]:
        """What the container's environment is, with the places that stand for its own."""
        (container,) = named(self.release, kind, name)["spec"]["template"]["spec"]["containers"]
        given = {each["name"]: each["value"] for each in container["env"]}
        given["PLANTWRIGHT_SECRETS_FOLDER"] = str(secrets)
        given.pop("PLANTWRIGHT_SYSTEMS", None)
        for inside, place in self.places.items():
            given = {each: value.replace(inside, str(place)) for each, value in given.items()}
        kept = {each: os.environ[each] for each in ("PATH", "LANG") if each in os.environ}
        tmp = {"TMPDIR": str(self.folder / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"}
        return {**kept, **tmp, **given, **changed}

    def run(self, arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.words, *PROGRAM, *arguments], env=environment, cwd="/", capture_output=True, text=True
        )

    @contextmanager
    def running(self, kind: str, name: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
        """The container's command, until the block is left; then told to end, as a cluster does."""
        (container,) = named(self.release, kind, name)["spec"]["template"]["spec"]["containers"]
        log = self.folder / f"{name}-{environment.get('PLANTWRIGHT_PORT', '')}.log"
        with (
            log.open("wb") as out,
            subprocess.Popen(
                [*self.words, *PROGRAM, *container["args"]], env=environment, cwd="/", stdout=out, stderr=out
            ) as process,
        ):
            try:
                yield process
                process.send_signal(signal.SIGTERM)
                assert process.wait(40) == 0, log.read_text()
            finally:
                process.kill()
                print(log.read_text())


@pytest.fixture(scope="module")
def cluster(release: Objects) -> Iterator[Cluster]:
    """A database that asks for passwords over TCP, and nothing prepared in it."""
    folder = Path(tempfile.mkdtemp(prefix="plantwright-deployed-"))
    folder.chmod(0o755)
    try:
        server = EmbeddedPostgres(folder / "postgres", durable=False)
        with server, psycopg.connect(server.dsn(ADMIN_ROLE, "postgres"), autocommit=True) as admin:
            admin.execute("drop database plantwright")
            roles = admin.execute("select rolname from pg_roles where rolname like 'plantwright%'").fetchall()
            for (role,) in roles:
                admin.execute(f"drop role {role}".encode())
            admin.execute("alter role postgres password 'of-the-administrator'")
        (server.data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
        port, programs = free_port(), Programs(server.folder)
        programs.prepare(server.data)
        options = f"-c listen_addresses=127.0.0.1 -c port={port}"
        started = programs.run("pg_ctl", "start", "-D", "data", "-w", "-o", options, "-l", "log/start.log")
        assert started.code == 0, started.said
        try:
            yield Cluster(folder, release, port, "of-the-administrator")
        finally:
            programs.run("pg_ctl", "stop", "-D", "data", "-w", "-m", "fast")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def probed(port: int, path: str) -> tuple[int, dict[str, Any]]:
    """What a kubelet gets, which names the pod by its address."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        headers={"Host": f"10.244.0.7:{port}", "User-Agent": "kube-probe/1.32"},
    )
    try:
        with urllib.request.urlopen(request, timeout=6) as answer:
            return int(answer.status), json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, {}


def until(port: int, path: str, process: subprocess.Popen[bytes], of: dict[str, str]) -> dict[str, Any]:
    """The answer once it is 200 and the parts are so."""
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and process.poll() is None:
        status, body = probed(port, path)
        parts = {each["name"]: each["state"] for each in body.get("parts", [])}
        if status == 200 and of.items() <= parts.items():
            return body
        time.sleep(0.3)
    raise AssertionError(f"{path} was not answered with 200 and {of}: {probed(port, path)}, {process.poll()}")


def test_a_release_comes_up_from_an_empty_database_and_ends_when_told(cluster: Cluster) -> None:
    """Provisioned, migrated, two servers and a worker: ready by the chart's own probes, without rights."""
    secrets = cluster.mounted(
        "admin",
        admin_url=cluster.url("postgres", cluster.admin, "postgres"),
        owner_password="of-the-owner",
        service_password="of-the-service",
        auditor_password="of-the-auditor",
        loader_password="of-the-loader",
    )
    service = cluster.mounted(
        "service",
        DATABASE_URL=cluster.url("plantwright_app", "of-the-service"),
        PLANTWRIGHT_RECORD_DATABASE_URL=cluster.url("plantwright_auditor", "of-the-auditor"),
        PLANTWRIGHT_LOADER_DATABASE_URL=cluster.url("plantwright_loader", "of-the-loader"),
    )
    owner = cluster.mounted(
        "owner",
        DATABASE_URL=cluster.url("plantwright_app", "of-the-service"),
        PLANTWRIGHT_OWNER_DATABASE_URL=cluster.url("plantwright_owner", "of-the-owner"),
    )
    bare = cluster.environment("Job", "copilot-migrate", owner)
    done = cluster.run(
        [
            *("store", "provision", f"file:{secrets / 'admin_url'}"),
            *("--owner-password", f"file:{secrets / 'owner_password'}"),
            *("--service-password", f"file:{secrets / 'service_password'}"),
            *("--auditor-password", f"file:{secrets / 'auditor_password'}"),
            *("--loader-password", f"file:{secrets / 'loader_password'}"),
        ],
        bare,
    )
    assert done.returncode == 0, done.stderr
    made = subprocess.run(
        [*PROGRAM, "keys", "make", str(cluster.folder / "keys")], capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    cluster.mounted("keys")
    (arguments,) = [
        each["args"]
        for each in named(cluster.release, "Job", "copilot-migrate")["spec"]["template"]["spec"]["containers"]
    ]
    done = cluster.run(arguments, bare)
    assert done.returncode == 0, done.stderr
    assert cluster.run(arguments, bare).stdout == "nothing to do\n"
    # Neither the service's password nor another's lets in whoever reads the record, or loads.
    for role, own, table in (
        ("auditor", "of-the-auditor", "audit.event"),
        ("loader", "of-the-loader", "erp.load"),
    ):
        with psycopg.connect(cluster.url(f"plantwright_{role}", own)) as connection:
            connection.execute(f"select from {table}".encode())
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(cluster.url(f"plantwright_{role}", "of-the-service"))

    with ExitStack() as stack:
        servers = []
        for _ in range(2):
            port = free_port()
            environment = cluster.environment(
                *("Deployment", "copilot-server", service),
                PLANTWRIGHT_HOST="127.0.0.1",
                PLANTWRIGHT_PORT=str(port),
                PLANTWRIGHT_METRICS_PORT=str(free_port()),
            )
            servers.append(
                (port, stack.enter_context(cluster.running("Deployment", "copilot-server", environment)))
            )
        for port, process in servers:
            until(port, "/healthz", process, {})
            until(port, "/readyz", process, {"database": "ok", "audit": "ok", "worker": "degraded"})
        worker = cluster.environment("Deployment", "copilot-worker", service)
        stack.enter_context(cluster.running("Deployment", "copilot-worker", worker))
        for port, process in servers:
            until(port, "/readyz", process, {"worker": "ok"})
        for name, (_, process) in zip("ab", servers, strict=True):
            status = dict(
                line.split(":\t", 1)
                for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
                if ":\t" in line
            )
            print(f"server {name}: {status['VmRSS'].strip()}")
            if cluster.words:
                assert status["Uid"].split() == [str(ACCOUNT)] * 4
                assert {status[each].strip("0") for each in ("CapEff", "CapPrm", "CapBnd")} == {""}
        doctor = cluster.run(
            ["doctor", "--json"], cluster.environment("Deployment", "copilot-server", service)
        )
        found = {each["name"]: each for each in json.loads(doctor.stdout)}
        for part in ("database", "schema", "roles", "row-level security", "keys", "checkpoints"):
            assert found[part]["state"] == "ok", found[part]
    # Nothing was written but the checkpoints and what is kept beside them.
    home = [
        each.relative_to(cluster.folder) for each in (cluster.folder / "home").rglob("*") if each.is_file()
    ]
    assert home == []
