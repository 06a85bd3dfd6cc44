"""`plantwright eval` ends with a report, or with a sentence that names the remedy."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from eval.command import app, main
from eval.ragas import RagasUnusable, comparable, ragas_scores
from eval.results import Recording
from eval.scoring.verdict import Outcome
from tests.eval.replies import tried
from tests.eval.test_running import MANIFEST

CALLS: dict[str, Any] = {
    "expected_calls": ({"tool": "order_status", "arguments": {"order": "43"}},),
    "calls": (
        {"tool": "order_status", "arguments": {"order": "43", "site": None}},
        {"tool": "freshness", "arguments": {"site": None}},
    ),
}


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    recording = Recording(tmp_path / "run", MANIFEST)
    for one in (tried(case="A"), tried(Outcome.WRONG, case="B", part="frozen", figures=1, grounded=1)):
        recording.add(one)
    return recording.folder


def ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0)


def test_a_report_is_written_anew_with_the_gates_of_today(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It fails where a gate does not hold, and says which."""
    gates = tmp_path / "gates.toml"
    text = "[[gate]]\nname='never wrong'\nwhy='w'\nmeasure='wrong'\nat_most={}\n"
    gates.write_text(text.format(0.5), encoding="utf-8")
    assert ended("report", str(run_folder), "--gates", str(gates)) == 0
    assert "holds  never wrong: 0.5" in capsys.readouterr().out
    gates.write_text(text.format(0.4), encoding="utf-8")
    assert ended("report", str(run_folder), "--gates", str(gates)) == 1
    assert "FAILS  never wrong: 0.5" in capsys.readouterr().out
    assert {"report.html", "report.md", "report.json"} <= {path.name for path in run_folder.iterdir()}


def test_two_runs_are_compared(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By their folders."""
    assert ended("compare", str(run_folder), str(run_folder)) == 0
    assert "2 tries in both" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("report", "/none"), "holds no run"),
        (("compare", "/none", "/none"), "holds no run"),
        (("compare", "/none"), "needs the folders of two runs, or --models"),
        (("compare", "--models", " ,", "shared"), "--models needs one model at least"),
        (("compare", "--models", "embedded", "nothing"), "there is no suite 'nothing'"),
        (("compare", "--models", "embedded", "calls", "--data", "/none"), "--data names the folder"),
        (("run", "--suite", "nothing"), "there is no suite 'nothing'"),
        (("run", "--suite", "/none.yaml"), "cannot be read"),
        (("run", "--gates", "/none.toml"), "holds no gates"),
        (("run", "--suite", "calls", "--data", "/none", "--out", "{out}"), "--data names the folder"),
    ],
)
def test_what_cannot_be_used_is_named(
    arguments: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2 and no traceback."""
    given = [part.format(out=tmp_path / "out") for part in arguments]
    assert ended(*given) == 2
    assert said in capsys.readouterr().err


def test_arguments_that_no_case_names_are_kept_from_ragas() -> None:
    """It compares whole arguments."""
    fed = comparable(tried(**CALLS))
    assert fed["made"] == [
        {"tool": "order_status", "arguments": {"order": "43"}},
        {"tool": "freshness", "arguments": {}},
    ]


def test_ragas_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the command that makes its environment; without expected calls there is nothing to ask it."""
    with pytest.raises(RagasUnusable, match="make ragas"):
        ragas_scores(tmp_path / "python", [tried(**CALLS)])
    with pytest.raises(RagasUnusable, match="No module named 'ragas'"):
        ragas_scores(Path(sys.executable), [tried(**CALLS)])
    assert ragas_scores(tmp_path / "python", [tried()]) is None


@pytest.mark.systems
def test_ragas_agrees_with_the_scores_of_the_tree() -> None:
    """Both calls of two expected, in order, or one of them."""
    python = Path(".venv-eval/bin/python")
    if not python.exists():
        pytest.skip("ragas is not installed: make ragas")
    one = CALLS["expected_calls"]
    exact = tried(expected_calls=one, calls=one)
    found = ragas_scores(python, [exact, tried(**CALLS)])
    assert found is not None
    assert found.tries == 2
    assert found.accuracy == pytest.approx(0.5)
    # ragas rounds each to four places.
    assert found.f1 == pytest.approx((1 + 2 / 3) / 2, abs=1e-4)


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """Each has a sentence, and each option of `run` and `compare` too; a key is not typed into a command."""
    assert ended("compare", "--help") == 0
    shown = capsys.readouterr().out
    assert all(
        word in shown for word in ("--models", "--home", "--out", "--write-pages", "--openai-base-url")
    )
    assert "--openai-key" not in shown
    assert ended("run", "--help") == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("--suite", "--trials", "--jobs", "--seed", "--out", "--ragas"))
    assert all(command.callback and command.callback.__doc__ for command in app.registered_commands)
