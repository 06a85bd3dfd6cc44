"""Set-up survives repetition and interruption, and names what stands in its way."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from server.doctor.finding import World

ROOT = Path(__file__).parents[1]
LOCK = "plantwright-absent==1 \\\n    --hash=sha256:" + "0" * 64 + "\n"

pytestmark = pytest.mark.slow


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small tree whose lock names a package that no index has."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "environment.py", tmp_path / ".ci")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "requirements.txt").write_text(LOCK, encoding="utf-8")
    return tmp_path


def command(tree: Path, *arguments: str) -> list[str]:
    return [sys.executable, str(tree / ".ci" / "environment.py"), "requirements.txt", *arguments]


def run(tree: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    # Nothing listens on the discard port, so pip is refused at once.
    unreachable = {
        "PIP_INDEX_URL": "http://somebody:secret@127.0.0.1:9/simple",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_RETRIES": "1",
    }
    environment = {**os.environ, **unreachable, **variables}
    return subprocess.run(command(tree, *arguments), capture_output=True, text=True, env=environment)


def test_unreachable_index_is_named_with_the_remedy(tree: Path) -> None:
    """The address that failed, without its password, and both ways out."""
    done = run(tree)
    assert done.returncode == 1
    assert "could not be reached: http://127.0.0.1:9/simple" in done.stdout
    assert "PIP_INDEX_URL" in done.stdout
    assert "WHEELHOUSE=" in done.stdout
    assert "secret" not in done.stdout + done.stderr
    assert not (tree / ".venv" / "installed.json").exists()


def test_wheelhouse_that_lacks_a_package_is_named(tree: Path) -> None:
    """No index is asked, and the folder is the culprit."""
    (tree / "wheels").mkdir()
    done = run(tree, "--wheelhouse", str(tree / "wheels"))
    assert done.returncode == 1
    assert "wheels' lacks a package" in done.stdout
    missing = run(tree, "--wheelhouse", str(tree / "nowhere"))
    assert missing.returncode == 1
    assert "nowhere' is not a folder" in missing.stdout


def test_interrupted_set_up_is_built_anew(tree: Path) -> None:
    """A half-made environment is never taken for a finished one."""
    with subprocess.Popen(
        command(tree), stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while not (tree / ".venv").exists() and process.poll() is None:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode != 0
    (tree / ".venv" / "left-behind").touch()
    (tree / ".venv" / "unfinished").touch()
    assert run(tree).returncode == 1
    assert not (tree / ".venv" / "left-behind").exists()


def test_finished_environment_is_left_alone(tree: Path) -> None:
    """A second run does nothing, and asks no index."""
    (tree / ".venv" / "bin").mkdir(parents=True)
    (tree / ".venv" / "bin" / "python").symlink_to(sys.executable)
    digests = {
        name: hashlib.sha256((tree / name).read_bytes()).hexdigest()
        for name in ("requirements.txt", "pyproject.toml")
    }
    record = {**digests, "root": str(tree)}
    (tree / ".venv" / "installed.json").write_text(json.dumps(record), encoding="utf-8")
    done = run(tree)
    assert (done.returncode, done.stdout) == (0, "")


def test_an_interpreter_that_was_built_with_optimisations_comes_first(tmp_path: Path) -> None:
    """Whatever it is called; one that is too old or cannot make an environment is passed over."""

    def python(name: str, says: str, code: int = 0) -> str:
        (tmp_path / name).write_text(f"#!/bin/sh\necho {says}\nexit {code}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
        return str(tmp_path / name)

    def chosen(*names: str) -> str:
        command = [str(ROOT / ".ci" / "interpreter"), *names]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    old, plain, fast = python("old", "fast", 1), python("plain", "plain"), python("fast", "fast")
    assert chosen(old, plain, fast) == fast
    assert chosen(old, plain, str(tmp_path / "absent")) == plain
    assert chosen(old) == "python3"
    real = "fast" if World().is_optimised else "plain"
    assert chosen(sys.executable, fast) == (sys.executable if real == "fast" else fast)
