"""A run says which code it was made with."""

from __future__ import annotations

import subprocess
from pathlib import Path

from eval.versions import code_version


def git(root: Path, *arguments: str) -> None:
    names = ("-c", "user.name=n", "-c", "user.email=e")
    subprocess.run(["git", "-C", str(root), *names, *arguments], check=True, capture_output=True)


def test_changed_code_is_another_version_and_a_changed_page_is_not(tmp_path: Path) -> None:
    """A comparison that has written its table into a page goes on afterwards; prompts are pages and code."""
    files = ("README.md", "docs/evaluation.md", "prompts/plan.md", "agents/graph.py")
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1", encoding="utf-8")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "one")
    clean = code_version(tmp_path)
    found = []
    for name in files:
        (tmp_path / name).write_text("2", encoding="utf-8")
        found.append(code_version(tmp_path).removeprefix(clean))
        (tmp_path / name).write_text("1", encoding="utf-8")
    assert found == ["", "", "+", "+"]
