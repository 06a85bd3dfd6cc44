"""Once installed, everything runs without a network, and nothing tries to reach one."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.tour import OPENERS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

LOOPBACK = """
import fcntl, os, socket, struct, sys
SIOCSIFFLAGS, UP_AND_RUNNING = 0x8914, 0x41
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", UP_AND_RUNNING))
assert [name for _, name in socket.if_nameindex()] == ["lo"], "the namespace has a way out"
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""

# An audit hook cannot be undone, and leaving at once cannot be caught: a swallowed attempt still counts.
GUARDED = """
import os, sys
HERE = {"", "localhost", "127.0.0.1", "::1"}
def guard(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0] or ""
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in HERE:
        os.write(2, f"reached for {host!r} ({event})".encode())
        os._exit(97)
sys.addaudithook(guard)
from server.cli import main
sys.argv[0] = "plantwright"
main()
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


def isolation() -> list[str]:
    """The words before a command that take its network away; none where only root could."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return []
    possible = subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode == 0
    return ["unshare", "-n", "--", sys.executable, "-c", LOOPBACK] if possible else []


@pytest.fixture(scope="module")
def offline() -> Iterator[Run]:
    """The command line on a new home, under the guard, and in a namespace without a network as root."""
    # The database's own account must be able to enter it, so it is neither tmp_path nor private.
    home = Path(tempfile.mkdtemp(prefix="plantwright-offline-"))
    home.chmod(0o755)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "HOME") if name in os.environ}
    prefix = isolation() or [sys.executable]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*prefix, "-c", GUARDED, *arguments],
            env={**kept, "PLANTWRIGHT_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    yield run
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.long
def test_first_start_and_answers_need_no_network(offline: Run) -> None:
    """Database, data and tour are made from what is installed; a question is answered with evidence."""
    demo = offline("demo", "--small", "--tour-only")
    assert demo.returncode == 0, demo.stdout + demo.stderr
    asked = offline("ask", "--json", OPENERS[0])
    assert asked.returncode == 0, asked.stdout + asked.stderr
    answer = json.loads(asked.stdout)
    assert answer["status"] == "answered"
    assert answer["evidence"]


def test_guard_notices_an_attempt() -> None:
    """The proof above would fail if anything reached out, even where the error is swallowed."""
    attempt = "import socket\ntry: socket.getaddrinfo('example.invalid', 80)\nexcept OSError: pass"
    guarded = GUARDED.replace("from server.cli import main", attempt)
    done = subprocess.run([sys.executable, "-c", guarded], capture_output=True, text=True)
    assert done.returncode == 97
    assert "example.invalid" in done.stderr
