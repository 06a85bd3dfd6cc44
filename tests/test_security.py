"""docs/security.md promises nothing that no test proves: every promise names tests, and every test exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
TEST = re.compile(r"`(?P<file>tests/[\w/]+\.py)::(?P<name>test_\w+)`")
PROMISES = [
    line for line in PAGE.splitlines() if re.match(r"\| [A-Z0-9]", line) and not line.startswith("| Promise")
]


def test_there_are_promises() -> None:
    """A page that lost its tables would pass everything below."""
    assert len(PROMISES) >= 25


@pytest.mark.parametrize("promise", PROMISES, ids=lambda line: line.split("|")[1].strip()[:60])
def test_a_promise_names_the_tests_that_prove_it(promise: str) -> None:
    """By file and function, as pytest names them; each is there, and none is switched off."""
    named = list(TEST.finditer(promise))
    assert named, promise
    for each in named:
        tree = ast.parse((ROOT / each["file"]).read_text(encoding="utf-8"))
        found = [
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == each["name"]
        ]
        assert found, each.group()
        marks = " ".join(ast.unparse(mark) for mark in found[0].decorator_list)
        assert "skip(" not in marks, each.group()
        assert "xfail" not in marks, each.group()
