"""The Dockerfile, as a linter and a reader see it; it is built nowhere here, for want of an engine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.systems.deploying.conftest import ROOT

pytestmark = pytest.mark.systems

FILE = ROOT / "deploy" / "Dockerfile"


def test_the_linter_finds_nothing_and_finds_what_is_wrong(tools: Path, tmp_path: Path) -> None:
    """Not by looking away: the same file with an unpinned base and root at its end is refused."""
    assert subprocess.run([tools / "hadolint", FILE], capture_output=True).returncode == 0
    worse = tmp_path / "Dockerfile"
    text = FILE.read_text(encoding="utf-8")
    worse.write_text(
        text.replace("python:3.12.12-slim-bookworm", "python").replace("USER 10001:10001", "USER root")
    )
    done = subprocess.run([tools / "hadolint", worse], capture_output=True, text=True)
    assert {"DL3006", "DL3002"} <= set(re.findall(r"DL\d+", done.stdout))


def test_it_copies_what_there_is_and_runs_as_nobody() -> None:
    """Sources exist and are not kept out of the context; bases are pinned; packages are hashed."""
    text = FILE.read_text(encoding="utf-8")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    assert ignored[1] == "*"
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        for source in line.split():
            assert source == "." or list(ROOT.glob(source)), source
            assert source == "." or source.split("/")[0] in let_in
    for name in let_in:
        assert list(ROOT.glob(name)), name
    for base in re.findall(r"^FROM (\S+)", text, re.MULTILINE):
        assert re.fullmatch(r"[a-z]+:\d+\.\d+\.\d+-[a-z-]+", base), base
    assert "--require-hashes" in text
    assert "://" not in text.replace("http://127.0.0.1:8046/healthz", "")
    assert re.findall(r"^USER (.*)$", text, re.MULTILINE) == ["10001:10001"]
