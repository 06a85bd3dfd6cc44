"""A Postgres of one's own, from the Python package: started in a folder, shared, stopped by its last user.

Layout of the folder::

    data/            the cluster; renamed into place only when it is complete
    run/             its socket; only the account that runs the server (and root) can enter
    log/             one log file per weekday, overwritten after a week
    control.lock     held while the server is being started or stopped
    users.lock       held, shared, by every process that uses the server

The server listens on a Unix socket only, so no port can be taken, it works without a network, and whoever
may enter `run/` is trusted. A process that ends, however it ends, loses its hold on `users.lock` because the
kernel releases it; `stop` therefore stops the server exactly when nobody else holds on. After `kill -9` of
the last user the server stays up, the next `start` attaches to it, and that process's `stop` ends it.

As root the server runs under the account `plantwright`, which is created. No folder above the given one is
ever opened to others: where that account cannot reach it, `start` says so.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

import psycopg
from psycopg.conninfo import make_conninfo

from erp_adapters.errors import ConfigurationError, StoreUnavailable
from erp_adapters.store.programs import Programs
from erp_adapters.store.provision import ADMIN_ROLE, APP_ROLE, DATABASE, provision

_MAJOR = "18"
_MEGABYTES_TO_INITIALISE = 300
_PATIENCE_S = 120.0
# Linux allows 108 bytes, macOS 104; Postgres adds "/.s.PGSQL.5432".
_LONGEST_SOCKET_FOLDER = 85

_SETTINGS = """\
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = '{log}'
log_filename = 'postgres-%a.log'
log_rotation_age = 1d
log_truncate_on_rotation = on
# Statements hold people's questions and names; the log is no place for them.
log_min_error_statement = panic
max_connections = 100
shared_buffers = 128MB
work_mem = 32MB
jit = off
# A shared hash table lives in /dev/shm, which containers limit to 64 MB.
enable_parallel_hash = off
"""
# Many processes of a test run share one server.
_FORGETFUL = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 300\n"


class EmbeddedPostgres:
    """The packaged Postgres in a folder: `start` attaches to a running server or starts one, `stop` lets go.

    Args:
        folder: holds everything of the server; created if absent. For root, not below a private folder.
        keep_running: leave the server up when the last process lets go, for faster next starts.
        durable: False trades safety against power loss for speed, for tests.
    """

    def __init__(self, folder: Path, *, keep_running: bool = False, durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.keep_running = keep_running
        self._durable = durable
        self._held: IO[bytes] | None = None
        self._programs = Programs(self.folder)

    @property
    def data(self) -> Path:
        """Folder of the cluster itself."""
        return self.folder / "data"

    @property
    def _control_lock(self) -> Path:
        return self.folder / "control.lock"

    @property
    def _users_lock(self) -> Path:
        return self.folder / "users.lock"

    @property
    def socket(self) -> Path:
        """Folder of the server's socket: in `folder`, or in the temporary folder where that is too long."""
        inside = self.folder / "run"
        if len(os.fsencode(inside)) <= _LONGEST_SOCKET_FOLDER:
            return inside
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"plantwright-{os.geteuid()}-{digest}"

    @property
    def attached(self) -> bool:
        """True between `start` and `stop`: the server will not be stopped by others."""
        return self._held is not None

    def dsn(self, role: str = APP_ROLE, database: str = DATABASE) -> str:
        """Connection string for a role and a database of this server."""
        return make_conninfo(host=str(self.socket), port=5432, user=role, dbname=database)

    def start(self) -> None:
        """Bring the server up with its roles and database, creating the cluster first where there is none.

        Raises:
            ConfigurationError: the folder, the account, the disk or another version stands in the way.
            StoreUnavailable: the server did not come up; the message ends with its last log lines.
        """
        if self.attached:
            return
        self._make_folders()
        with self._control():
            self._held = _locked(self._users_lock, fcntl.LOCK_SH)
            try:
                self._bring_up()
            except BaseException:
                self._leave()
                raise
        atexit.register(self.stop)

    def stop(self) -> bool:
        """Let go of the server; the last process to do so stops it. True where it was stopped."""
        atexit.unregister(self.stop)
        if self._held is None:
            return False
        if not self.folder.exists():
            # Deleted under it; the server notices within a minute and ends.
            self._let_go()
            return False
        with self._control():
            return self._leave()

    def _bring_up(self) -> None:
        for left in self.folder.glob("data.new-*"):
            # Best effort: the initialisation of a killed process may still be writing there.
            shutil.rmtree(left, ignore_errors=True)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        if not self._is_serving():
            self._clear_stale()
            self._launch()
        provision(self.dsn(ADMIN_ROLE, "postgres"))

    def _leave(self) -> bool:
        self._let_go()
        if self.keep_running:
            return False
        try:
            alone = _locked(self._users_lock, fcntl.LOCK_EX)
        except BlockingIOError:
            return False
        with alone:
            self._shut_down()
        return True

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _make_folders(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0:
                self.folder.chmod(self.folder.stat().st_mode | 0o011)
            self._programs.prepare(self.data)
            for lock in (self._control_lock, self._users_lock):
                lock.touch(mode=0o600)
                self._programs.give(lock)
            for own in (self.socket, self.folder / "log"):
                self._programs.make_private(own)
        except PermissionError as error:
            raise ConfigurationError(
                f"no permission for {str(error.filename or self.folder)!r}: choose another data folder with"
                " PLANTWRIGHT_HOME, or point DATABASE_URL at a Postgres"
            ) from error
        except OSError as error:
            raise ConfigurationError(
                f"the data folder {str(self.folder)!r} cannot be made: {error.strerror}; choose another with"
                " PLANTWRIGHT_HOME"
            ) from error

    @contextlib.contextmanager
    def _control(self) -> Iterator[None]:
        deadline = time.monotonic() + _PATIENCE_S
        held: IO[bytes] | None = None
        while held is None:
            try:
                held = _locked(self._control_lock, fcntl.LOCK_EX)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StoreUnavailable(
                        f"another process has been starting or stopping the database in {str(self.folder)!r}"
                        f" for {_PATIENCE_S:.0f} s; end it and try again"
                    ) from None
                time.sleep(0.05)
        with held:
            yield

    def _initialise(self) -> None:
        """Make the cluster aside and rename it, so that an interruption leaves nothing half made."""
        if self.data.exists() and any(self.data.iterdir()):
            raise ConfigurationError(
                f"{str(self.data)!r} is not empty and holds no database; move it away, or choose another"
                " PLANTWRIGHT_HOME"
            )
        if shutil.disk_usage(self.folder).free < _MEGABYTES_TO_INITIALISE * 2**20:
            raise ConfigurationError(
                f"the disk of {str(self.folder)!r} has less than {_MEGABYTES_TO_INITIALISE} MB free; free"
                " some, or choose another folder with PLANTWRIGHT_HOME"
            )
        fresh = Path(tempfile.mkdtemp(prefix="data.new-", dir=self.folder))
        self._programs.give(fresh)
        done = self._programs.run(
            "initdb", "-D", fresh.name, "-U", ADMIN_ROLE, "--auth-local=trust", "--auth-host=reject",
            "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
            *(() if self._durable else ("--no-sync",)),
        )  # fmt: skip
        if done.code != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise self._failure("the database could not be initialised", done.said)
        with (fresh / "postgresql.conf").open("a") as settings:
            settings.write("\ninclude_if_exists = 'plantwright.conf'\n")
        if self.data.exists():
            self.data.rmdir()
        fresh.rename(self.data)

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != _MAJOR:
            raise ConfigurationError(
                f"{str(self.data)!r} was made by PostgreSQL {found}, this program brings {_MAJOR}; import the"
                " sources into a new PLANTWRIGHT_HOME, or dump with the old version and restore"
            )

    def _is_serving(self) -> bool:
        """True where the server answers, after waiting for one that is starting up or recovering."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                psycopg.connect(self.dsn(ADMIN_ROLE, "postgres"), connect_timeout=5).close()
                return True
            except psycopg.OperationalError as error:
                starting = "starting up" in str(error) or "recovery" in str(error)
                if not starting or time.monotonic() > deadline:
                    return False
                time.sleep(0.1)

    def _postmaster(self) -> int | None:
        """Process id of a living server of this cluster; None where the pid file is absent or stale."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        if Path("/proc/self").exists():
            try:
                return pid if Path(f"/proc/{pid}/cwd").resolve(strict=True) == self.data.resolve() else None
            except OSError:
                return None
        ps = ["ps", "-o", "command=", "-p", str(pid)]
        return (
            pid
            if "postgres" in subprocess.run(ps, capture_output=True, text=True, check=False).stdout
            else None
        )

    def _clear_stale(self) -> None:
        """Remove what a dead server left: its process id may be a stranger's by now and bar a new one."""
        if self._postmaster() is not None:
            # It lives but does not answer: shutting down, or its socket was swept away.
            self._shut_down()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.socket.glob(".s.PGSQL.*"):
            left.unlink()

    def _launch(self) -> None:
        settings = self.data / "plantwright.conf"
        quoted = {"socket": _quoted(self.socket), "log": _quoted(self.folder / "log")}
        settings.write_text(_SETTINGS.format(**quoted) + ("" if self._durable else _FORGETFUL))
        self._programs.give(settings)
        output = ""
        # After a crash, the old server's children may hold its shared memory for another moment.
        for _ in range(4):
            try:
                done = self._programs.run(
                    "pg_ctl", "start", "-D", "data", "-w", "-t", f"{_PATIENCE_S:.0f}", "-l", "log/start.log"
                )
            except KeyboardInterrupt:
                # The server that pg_ctl was starting lives on; it can be stopped once its pid file is there.
                time.sleep(0.5)
                raise
            if done.code == 0:
                return
            output = done.said + self._log_tail()
            if "shared memory block" not in output:
                break
            time.sleep(0.5)
        raise self._failure("the database did not start", output)

    def _shut_down(self) -> None:
        for mode in ("fast", "immediate"):
            if self._postmaster() is None:
                return
            self._programs.run("pg_ctl", "stop", "-D", "data", "-w", "-t", "30", "-m", mode)

    def _log_tail(self) -> str:
        logs = sorted((self.folder / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        return "\n".join(
            line for path in logs[-2:] for line in path.read_text(errors="replace").splitlines()[-8:]
        )

    def _failure(self, what: str, output: str) -> ConfigurationError | StoreUnavailable:
        if "No space left on device" in output:
            return StoreUnavailable(
                f"{what}: the disk of {str(self.folder)!r} is full; free some space and try again"
            )
        if "could not look up effective user ID" in output:
            return ConfigurationError(
                f"{what}: this process's user id has no account, which Postgres needs; run under an account,"
                " or point DATABASE_URL at a Postgres"
            )
        last = "\n".join(output.strip().splitlines()[-12:])
        return StoreUnavailable(f"{what} in {str(self.folder)!r}; its last words:\n{last}")


def _locked(path: Path, kind: int) -> IO[bytes]:
    """The opened file with a lock of that kind, at once; the lock goes with the file or the process.

    Raises:
        BlockingIOError: another process holds it.
    """
    handle = path.open("ab")
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BaseException:
        handle.close()
        raise
    return handle


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
