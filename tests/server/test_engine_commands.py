"""`plantwright engine`: files in, results out, each with its exit code."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from server.commands.tree import app
from server.exact_json import exact_json

PPV = {"id": "P", "family": "purchase_price_variance", "inputs": {"actual_price": 2.5, "sp": 2, "qty": 3}}
UNKNOWN = {"id": "Q", "family": "astrology", "inputs": {}}


def variance(file: Path | str, *options: str, stdin: str | None = None) -> Result:
    runner = CliRunner(env={"COLUMNS": "120"})
    return runner.invoke(app, ["engine", "variance", "--file", str(file), *options], input=stdin)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": [PPV]}), encoding="utf-8")
    return path


def test_json_has_a_result_by_id(file: Path) -> None:
    """Amounts are numbers, with effect, sign and what it does to the profit."""
    done = variance(file, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "P": {"ppv": {"amount": 1.5, "effect": "U", "delta": 1.5, "profit_impact": -1.5}}
    }


def test_a_case_that_cannot_be_is_told_beside_the_others() -> None:
    """Its own result has the error; the exit code says whether any could be calculated."""
    assert variance("-", "--json", stdin=json.dumps([UNKNOWN])).exit_code == 4
    done = variance("-", "--json", stdin=json.dumps([UNKNOWN, PPV]))
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert "'astrology' is not known" in found["Q"]["error"]
    assert found["P"]["ppv"]["amount"] == 1.5


def test_a_table_for_people() -> None:
    """Without --json: names, amounts, effects in words, and what failed."""
    done = variance("-", stdin=json.dumps([PPV, UNKNOWN]))
    assert done.exit_code == 0
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "P purchase_price_variance" in lines
    assert "ppv 1.50 unfavourable" in lines
    assert any(line.startswith("cannot be calculated: family 'astrology' is not known") for line in lines)
    assert "1 cases calculated, 1 could not be" in lines


@pytest.mark.parametrize("text", ["no json", "{}"])
def test_a_file_that_is_none_is_a_usage_error(tmp_path: Path, text: str) -> None:
    """The file is named, and nothing is printed as a result."""
    path = tmp_path / "cases.json"
    path.write_text(text, encoding="utf-8")
    done = variance(path, "--json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "cases.json" in done.stderr


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    """Not a traceback."""
    done = variance(tmp_path / "none.json")
    assert done.exit_code == 2
    assert "cannot be read" in done.stderr


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.50"), "1.5"),
        (Decimal("-0.00"), "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("123456789012345678901234567890.12"), "123456789012345678901234567890.12"),
        ({}, "{}"),
        ([], "[]"),
        ({"a": [1, None, True, "é"]}, '{\n "a": [\n  1,\n  null,\n  true,\n  "\\u00e9"\n ]\n}'),
    ],
)
def test_decimals_are_numbers_with_all_their_digits(value: object, text: str) -> None:
    """Through floating point the last digits of large amounts would be others."""
    assert exact_json(value) == text  # type: ignore[arg-type]
