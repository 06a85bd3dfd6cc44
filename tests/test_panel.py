"""The panel is built where Node is, and nothing stands still where it is not."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NODE = '#!/bin/sh\necho "{version}"\n'
NPM = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$1" in
  ci) [ -z "$REFUSES" ] || { echo "npm error network: no answer" >&2; exit 1; }; mkdir -p node_modules ;;
  run) mkdir -p dist; echo page > dist/index.html; echo "[weighed] first paint 100 KiB gz of 350" ;;
esac
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with the sources of a panel, and a folder of programs without any."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "panel.py", tmp_path / ".ci")
    (tmp_path / "server" / "panel" / "src").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "index.html", "vite.config.ts", "src/panel.ts"):
        (tmp_path / "server" / "panel" / name).write_text(name, encoding="utf-8")
    (tmp_path / "bin").mkdir()
    for name in ("sh", "mkdir"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    return tmp_path


def with_node(tree: Path, version: str) -> None:
    for name, text in (("node", NODE.format(version=version)), ("npm", NPM)):
        (tree / "bin" / name).write_text(text, encoding="utf-8")
        (tree / "bin" / name).chmod(0o755)


def build(tree: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": str(tree / "bin"), "CALLS": str(tree / "calls"), **variables}
    command = [sys.executable, str(tree / ".ci" / "panel.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def calls(tree: Path) -> list[str]:
    path = tree / "calls"
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


def test_no_node_is_said_and_nothing_stops(tree: Path) -> None:
    """Set-up goes on, and names what the panel needs and what serves in its place."""
    done = build(tree)
    assert (done.returncode, done.stderr) == (0, "")
    assert "needs Node 20.19 or newer with npm, and there is none here" in done.stdout
    assert "the plain page serves in its place" in done.stdout


def test_old_node_is_named(tree: Path) -> None:
    """An old Node would fail in the middle of a build, with less to go by."""
    with_node(tree, "v18.20.4")
    done = build(tree)
    assert done.returncode == 0
    assert "needs Node 20.19 or newer; this is v18.20.4" in done.stdout
    assert calls(tree) == []


def test_it_is_built_once_for_its_sources(tree: Path) -> None:
    """A second run does nothing; changed sources are built, a changed lock is installed too."""
    with_node(tree, "v20.19.0")
    assert "first paint 100 KiB gz" in build(tree).stdout
    again = build(tree)
    assert (again.stdout, calls(tree)) == ("", ["ci", "run"])
    (tree / "server" / "panel" / "src" / "panel.ts").write_text("changed", encoding="utf-8")
    build(tree)
    assert calls(tree) == ["ci", "run", "run"]
    (tree / "server" / "panel" / "package-lock.json").write_text("changed", encoding="utf-8")
    build(tree)
    assert calls(tree) == ["ci", "run", "run", "ci", "run"]


def test_registry_out_of_reach_stops_nothing(tree: Path) -> None:
    """What npm said is passed on; what was built before goes on serving."""
    with_node(tree, "v22.1.0")
    refused = build(tree, REFUSES="yes")
    assert refused.returncode == 0
    assert "npm error network: no answer" in refused.stdout
    assert "the plain page serves" in refused.stdout
    build(tree)
    (tree / "server" / "panel" / "package-lock.json").write_text("changed", encoding="utf-8")
    assert "the one that was built before serves" in build(tree, REFUSES="yes").stdout


def test_wheelhouse_stands_in_for_the_registry(tree: Path) -> None:
    """With a folder that was filled before, nothing is asked of a network."""
    with_node(tree, "v20.19.0")
    build(tree, "--wheelhouse", str(tree / "wheels"))
    first = (tree / "calls").read_text().splitlines()[0]
    assert f"--offline --cache {tree / 'wheels' / 'npm'}" in first


def test_lock_names_no_registry_and_every_file_by_its_hash() -> None:
    """Any mirror serves what is locked, and nothing else passes for it."""
    lock = json.loads((ROOT / "server" / "panel" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name and "version" in entry}
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []


def test_sources_make_no_markup_of_text_and_name_no_other_host() -> None:
    """Texts from data are nodes, never HTML; nothing is loaded from elsewhere and no text is run."""
    forbidden = re.compile(
        r"unsafeHTML|unsafeSVG|innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\("
        r"|new Function|srcdoc|https?://(?!copilot\.example)"
    )
    files = [*(ROOT / "server" / "panel" / "src").rglob("*.ts"), ROOT / "server" / "panel" / "index.html"]
    assert len(files) > 30
    found = [
        f"{path.name}: {line.strip()}"
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if forbidden.search(line)
    ]
    assert found == []


def test_series_have_the_colours_that_everybody_tells_apart() -> None:
    """Those of the plain page, which tests/server/test_page_files tries as others see them."""
    page = (ROOT / "server" / "page" / "style.css").read_text(encoding="utf-8")
    panel = (ROOT / "server" / "panel" / "src" / "theme" / "tokens.ts").read_text(encoding="utf-8")
    drawn = re.findall(r"--pw-series\d: (#[0-9a-f]{6})", panel)
    assert len(drawn) == 12
    assert drawn == re.findall(r"--series\d: (#[0-9a-f]{6})", page)
