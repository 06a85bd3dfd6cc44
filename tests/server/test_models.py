"""Models in files, from the command line and from the settings."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.models.local.model import names_here
from agents.models.local.picker import Picker
from server.bootstrap import opened
from server.commands.home import prepare
from server.commands.tree import app
from server.models import fallback_of, readiness
from server.settings import Settings
from tests.agents.models.local.scripted import ScriptedEngine
from tests.conftest import Database

CONTENT = b"GGUF" + bytes(1000)
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line, in a home that is not there yet."""
    monkeypatch.setenv("PLANTWRIGHT_HOME", str(tmp_path / "home"))
    return CliRunner()


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    """A folder that somebody brought, with a model in it."""
    folder = tmp_path / "carried"
    folder.mkdir()
    (folder / "small.gguf").write_bytes(CONTENT)
    return folder


def test_a_model_is_fetched_and_listed(run: CliRunner, carried: Path, tmp_path: Path) -> None:
    """Into the home, without a database; the name to ask it by is said."""
    done = run.invoke(app, ["models", "fetch", str(carried), "--sha256", HASH])
    assert done.exit_code == 0, done.output
    assert "--model local:small" in done.output
    assert (tmp_path / "home" / "models" / "small.gguf").read_bytes() == CONTENT
    listed = run.invoke(app, ["models", "list"]).output
    assert "small  0.0 GB" in listed
    assert "Apache-2.0, not fetched" in listed


def test_what_nobody_vouches_for_is_not_fetched(run: CliRunner, carried: Path, tmp_path: Path) -> None:
    """Nor what is something else."""
    for options, message in (
        ([], "nothing vouches for small.gguf"),
        (["--sha256", "0" * 64], "is not the file"),
    ):
        done = run.invoke(app, ["models", "fetch", str(carried), *options])
        assert done.exit_code == 1
        assert message in done.output
    assert not (tmp_path / "home" / "models" / "small.gguf").exists()


def test_what_cannot_be_prepared_says_why(run: CliRunner, tmp_path: Path) -> None:
    """In one line, without a traceback."""
    done = run.invoke(app, ["models", "prepare", str(tmp_path / "none.gguf")])
    assert done.exit_code == 1
    assert "none.gguf' cannot be read: No such file" in done.output


def test_readiness_is_told_without_loading(tmp_path: Path) -> None:
    """A missing file, by its path or by a name."""
    for name in (str(tmp_path / "none.gguf"), "none"):
        told = readiness(Settings(home=tmp_path, model=f"local:{name}"))
        assert "cannot be used" in told
        assert "the embedded model answers" in told


async def test_the_embedded_model_answers_for_a_file_that_is_missing(demo: Database, tmp_path: Path) -> None:
    """And the first note says whose answer it is, and why."""
    settings = Settings(DATABASE_URL=demo.dsn(), home=tmp_path, model="local:none.gguf")
    async with opened(settings) as house:
        assert house.breaker is None
        caller = await house.person(None)
        answer = await house.copilot.ask(caller, "How many suppliers do we have?")
    assert answer.status == "answered"
    assert answer.model.startswith("embedded")
    assert any("local:none failed" in note and "cannot be read" in note for note in answer.caveats)


def test_a_local_model_is_not_a_hosted_one() -> None:
    """Nothing is sent anywhere, so there is no endpoint to watch; the embedded model stands behind it."""
    settings = Settings(model="local:none.gguf")
    assert (settings.is_local, settings.is_hosted) == (True, False)
    assert fallback_of(settings) is not None


@pytest.mark.slow
def test_the_command_line_waits_and_says_how_far_it_is() -> None:
    """For minutes at the first start: not silently, and not for ever where the model is broken."""
    engine = ScriptedEngine(slow=True)
    log = _Log(engine)
    prepare(Picker(engine, names_here()), log)
    assert "Preparing scripted: 50% of the catalogue is read." in log.getvalue()
    quiet = io.StringIO()
    prepare(Picker(ScriptedEngine(broken="no memory"), names_here()), quiet)
    assert quiet.getvalue() == ""


class _Log(io.StringIO):
    """Lets the preparation go on once something was said."""

    def __init__(self, engine: ScriptedEngine) -> None:
        super().__init__()
        self._engine = engine

    def write(self, text: str) -> int:
        self._engine.go.set()
        return super().write(text)
