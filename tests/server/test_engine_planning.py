"""`plantwright engine planning`: results by case id, and what a script can tell from the exit code."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from server.commands.tree import app

CASES = {
    "cases": [
        {
            "id": "lot",
            "family": "eoq",
            "inputs": {"D": 1000, "S": 10, "H": 0.5},
            "expected_keys": ["q", "cost"],
        },
        {"id": "wrong", "family": "eoq", "inputs": {"D": "\x1b[31m"}},
    ]
}


def _run(*arguments: str, text: str | None = None) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["engine", "planning", *arguments], input=text)
    return found.exit_code, found.output


def test_json_has_a_result_for_each_case(tmp_path: Path) -> None:
    """By id, with figures as numbers; a case that cannot be computed has its error and stops no other."""
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(CASES), encoding="utf-8")
    code, output = _run("--file", str(file), "--json")
    found = json.loads(output)
    assert (code, found["lot"]["q"], found["lot"]["cost"]) == (0, 200, 100)
    assert "'D' is" in found["wrong"]["error"]


def test_a_table_is_shown_without_json() -> None:
    """Figures and conventions to read, without what a case could do to a terminal."""
    code, output = _run("--file", "-", text=json.dumps(CASES))
    assert code == 0
    assert "q: 200" in output
    assert "cannot be computed" in output
    assert "\x1b" not in output


def test_exit_codes_tell_nothing_computed_from_nothing_readable(tmp_path: Path) -> None:
    """4 where no case could be computed, 2 where there is no file of cases."""
    assert _run("--file", "-", text=json.dumps([{"family": "eoq"}]))[0] == 4
    assert _run("--file", "-", text="no json")[0] == 2
    assert _run("--file", str(tmp_path / "none.json"))[0] == 2
