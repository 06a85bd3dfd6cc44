"""The commands as a person or a script runs them, each a process of its own on a real demo home."""

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
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from eval.benchmarks.service import LIMIT_MIB, resident_mib

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ADVENTUREWORKS = Path(__file__).resolve().parents[3] / "shared" / "data" / "adventureworks"
QUESTION = "Top five scrap reasons by scrapped quantity"


class Shell:
    """`plantwright` in a home."""

    def __init__(self, home: Path) -> None:
        kept = {
            name: os.environ[name]
            for name in ("PATH", "LANG", "TMPDIR", "HOME", "PYTHONPATH")
            if name in os.environ
        }
        self.home = home
        self.environment = {**kept, "PLANTWRIGHT_HOME": str(home), "COLUMNS": "100"}

    def __call__(
        self, *arguments: str | bytes, stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "server", *arguments],
            env={**self.environment, **environment},
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
        )

    def started(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "server", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not tmp_path: the database's own account could not enter it.
    made = Path(tempfile.mkdtemp(prefix="plantwright-commands-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def shell(folder: Path) -> Shell:
    """A demo home with the built-in data."""
    shell = Shell(folder / "home")
    done = shell("demo", "--small", "--tour-only")
    assert done.returncode == 0, done.stdout + done.stderr
    return shell


def test_new_home_names_the_remedy(folder: Path) -> None:
    """A question before any data says which command brings some."""
    done = Shell(folder / "new")("ask", QUESTION)
    assert done.returncode == 1
    assert "plantwright demo" in done.stderr
    assert done.stdout == ""


def test_answer_with_its_evidence(shell: Shell) -> None:
    """Table, reading, source and age; without a terminal no colour and no trailing blanks."""
    done = shell("ask", QUESTION)
    assert done.returncode == 0, done.stderr
    assert "read as" in done.stdout
    assert "data as of" in done.stdout
    assert "\x1b" not in done.stdout
    assert not any(line.endswith(" ") for line in done.stdout.splitlines())


def test_json_has_the_whole_answer_and_nothing_else(shell: Shell) -> None:
    """Stdout is one object; numbers are strings; an earlier answer is replayed from another process."""
    done = shell("ask", "--json", "-", stdin=QUESTION)
    answer = json.loads(done.stdout)
    assert answer["status"] == "answered"
    assert all(
        value is None or isinstance(value, str | bool) for row in answer["tables"][0]["rows"] for value in row
    )
    assert answer["evidence"][0]["sources"]
    replayed = json.loads(shell("replay", answer["id"], "--json").stdout)
    assert replayed["tables"] == answer["tables"]


def test_file_is_answered_line_by_line(shell: Shell, folder: Path) -> None:
    """In one process, with the input's ids, going on after a bad line."""
    questions = folder / "questions.jsonl"
    lines = [{"id": "a", "question": QUESTION}, {"id": "b", "question": QUESTION, "as": "nobody"}]
    questions.write_text(
        "\n".join([*map(json.dumps, lines), "{", json.dumps({"id": "c", "question": QUESTION})])
    )
    done = shell("ask", "--file", str(questions))
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [(record["id"], "error" in record) for record in records] == [
        ("a", False),
        ("b", True),
        (None, True),
        ("c", False),
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ask"], 2, "give a question"),
        (["ask", "a", "--file", "b"], 2, "give a question"),
        (["ask", "--file", "/none.jsonl"], 2, "/none.jsonl"),
        (["ask", "a", "--as", "nobody"], 1, "planner"),
        (["ask", "a", "--model", "openai:x"], 1, "OPENAI_API_KEY"),
        (["ask", "a", "--model", "gpt"], 1, "PLANTWRIGHT_MODEL"),
        (["replay", "x"], 1, "'x'"),
        (["import", "adventureworks", "/none"], 1, "/none"),
        (["serve", "--host", "203.0.113.1"], 1, "--host"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_mistakes_are_named(shell: Shell, arguments: list[str], code: int, said: str) -> None:
    """The message names the thing, without a traceback, and stdout stays empty."""
    done = shell(*arguments)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("question", ["", "   ", "???", "x" * 100_000, b"\xff\xfe\x00\x01"[:2], "a\x07b"])
def test_what_is_no_question_is_refused(shell: Shell, question: str | bytes) -> None:
    """Empty, huge or binary: an answer that says so, with its exit code."""
    done = shell("ask", "--json", question)
    assert json.loads(done.stdout)["status"] in ("refused", "cannot_answer"), done.stderr
    assert done.returncode in (4, 5)


def test_key_is_mentioned_and_not_used(shell: Shell) -> None:
    """Said once, on stderr, with the way to switch; the embedded model answers."""
    done = shell("ask", "--json", QUESTION, OPENAI_API_KEY="sk-test", OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert done.stderr.count("OPENAI_API_KEY") == 1
    assert "PLANTWRIGHT_MODEL" in done.stderr
    assert json.loads(done.stdout)["model"].startswith("embedded")


def test_tracing_of_the_environment_is_off(shell: Shell) -> None:
    """Settings for LangChain's tracing service, as developers have them, send no turn anywhere."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(2)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        tracing = {"LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING_V2": "true", "LANGSMITH_API_KEY": "x"}
        shell("ask", QUESTION, **tracing, LANGSMITH_ENDPOINT=url, LANGCHAIN_ENDPOINT=url)
        with pytest.raises(TimeoutError):
            listening.accept()


def test_status_says_what_is_loaded(shell: Shell) -> None:
    """Sources with rows and age, the kind of home, the model."""
    shown = json.loads(shell("status", "--json").stdout)
    assert shown["is_demo"]
    assert all(source["rows"] > 0 for source in shown["sources"])
    assert "demo home" in shell("status").stdout


def test_demo_runs_again(shell: Shell) -> None:
    """What is there is used; the second start is quicker than the first."""
    began = time.monotonic()
    done = shell("demo", "--small", "--tour-only")
    assert done.returncode == 0
    assert "loaded already" in done.stderr
    assert time.monotonic() - began < 60


@pytest.mark.long
def test_import_prints_its_report_and_makes_a_demo_home(folder: Path) -> None:
    """Two commands from nothing to an answer on one's own files."""
    if not ADVENTUREWORKS.is_dir():
        pytest.skip(f"AdventureWorks is not there: put its CSV files into {ADVENTUREWORKS}")
    shell = Shell(folder / "imported")
    done = shell("import", "adventureworks", str(ADVENTUREWORKS), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["site"] == "AW"
    assert "demo home" in done.stderr
    assert shell("ask", QUESTION).returncode == 0
    again = shell("demo", "--small", "--tour-only", "--data", str(ADVENTUREWORKS))
    assert "loaded already" in again.stderr


def test_database_of_ones_own_that_is_away(shell: Shell) -> None:
    """Code 6, so that a script can wait for it."""
    done = shell("ask", QUESTION, DATABASE_URL="postgresql://plantwright_app@127.0.0.1:9/plantwright")
    assert done.returncode == 6
    assert "does not answer" in done.stderr
    wrong = shell("ask", QUESTION, DATABASE_URL="http://example")
    assert wrong.returncode == 1
    assert "DATABASE_URL" in wrong.stderr


def test_service_rests_small_and_ends_cleanly(shell: Shell) -> None:
    """At rest it has the memory that is promised; Ctrl-C: code 130, one line, and no database left behind."""
    with shell.started("serve", "--port", "0") as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert "is at http://127.0.0.1:" in line
            with urlopen(f"{line.partition(' is at ')[2].split()[0]}readyz", timeout=30):
                assert resident_mib(process.pid) <= LIMIT_MIB
            process.send_signal(signal.SIGINT)
            said = process.stderr.read()
            process.wait(30)
        finally:
            process.kill()
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert not (shell.home / "postgres" / "data" / "postmaster.pid").exists()


@pytest.mark.long
@pytest.mark.parametrize("seconds", [0.3, 1.5, 3.0])
def test_interrupted_set_up_leaves_nothing_half_loaded(folder: Path, seconds: float) -> None:
    """Ctrl-C at any time of the first start; the next start finishes it."""
    shell = Shell(folder / f"interrupted-{seconds}")
    process = shell.started("demo", "--small", "--tour-only")
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert "Traceback" not in said, said
    # Before the interpreter runs a line of the program, the signal itself ends it, and nothing was said.
    assert process.returncode == 130 or (process.returncode == -signal.SIGINT and not said), said
    done = shell("demo", "--small", "--tour-only")
    assert done.returncode == 0, done.stderr
