"""The archive for places without a network: whole, with a bill of what lies in it, enough to start from."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.systems.deploying.conftest import ROOT
from tests.test_offline import GUARDED, isolation

pytestmark = [pytest.mark.systems, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def bundle(tools: Path) -> Iterator[Path]:
    """The unpacked archive, in a folder that the account of the embedded database can enter."""
    if not (ROOT / "server" / "panel" / "dist" / "index.html").exists():
        pytest.skip("the panel is not built: make panel")
    folder = Path(tempfile.mkdtemp(prefix="plantwright-bundle-"))
    folder.chmod(0o755)
    try:
        made = subprocess.run(
            [sys.executable, ROOT / ".ci" / "bundle.py", "--out", folder], capture_output=True, text=True
        )
        assert made.returncode == 0, made.stdout + made.stderr
        (archive,) = folder.glob("*.tar")
        # As docs/operations.md says.
        subprocess.run(["tar", "xf", archive, "-C", folder], check=True)
        archive.unlink()
        (unpacked,) = folder.iterdir()
        yield unpacked
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bill(bundle: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((bundle / "bill.cdx.json").read_text(encoding="utf-8"))
    return found


def test_every_wheel_and_every_package_of_the_panel_is_on_the_bill_with_its_licence(bundle: Path) -> None:
    """Valid CycloneDX (it is not written otherwise), as many as there are, hashed as they lie there."""
    held = bill(bundle)
    assert (held["bomFormat"], held["specVersion"]) == ("CycloneDX", "1.6")
    components = [*held["components"], held["metadata"]["component"]]
    wheels = sorted(each.name for each in (bundle / "wheels").iterdir())
    packages = [each for each in components if each["purl"].startswith("pkg:pypi/")]
    assert len(packages) == len(wheels)
    sums = dict(
        reversed(line.split("  ", 1))
        for line in (bundle / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    )
    of_wheels = {digest for name, digest in sums.items() if name.startswith("wheels/")}
    assert {each["hashes"][0]["content"] for each in packages} == of_wheels
    panel = {each["name"] for each in components if each["purl"].startswith("pkg:npm/")}
    assert {"webcomponents", "echarts", "lit"} <= panel
    assert "vite" not in panel
    assert [each["name"] for each in components if not each.get("licenses")] == []
    graph = {each["ref"]: each.get("dependsOn", []) for each in held["dependencies"]}
    ours = graph[held["metadata"]["component"]["bom-ref"]]
    assert any(each.startswith("pypi:fastapi@") for each in ours)
    assert not [name for name in sums if name.endswith((".key", ".pyc")) or "secrets" in name]


def test_it_installs_and_answers_with_the_network_off(bundle: Path) -> None:
    """From the archive alone, by the system's Python: no index, no guess; a damaged file is refused first."""
    into = bundle.parent / "installed"
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    bare = {**kept, "PYTHON": getattr(sys, "_base_executable", sys.executable), "PIP_CONFIG_FILE": os.devnull}
    apart = ["unshare", "-n", "--"] if isolation() else []
    (lock,) = bundle.glob("plantwright.txt")
    text = lock.read_text(encoding="utf-8")
    lock.write_text(text.replace("sha256:", "sha256:0"), encoding="utf-8")
    refused = subprocess.run([*apart, bundle / "install", into], env=bare, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "not whole" in refused.stderr
    assert not into.exists()
    lock.write_text(text, encoding="utf-8")

    done = subprocess.run([*apart, bundle / "install", into], env=bare, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"plantwright \d+\.\d+\.\d+", done.stdout.strip().splitlines()[-1])
    assert subprocess.run([bundle / "install", into], env=bare, capture_output=True).returncode == 1
    assert list(into.glob("lib/python*/site-packages/server/panel/dist/index.html"))

    home = bundle.parent / "home"
    home.mkdir(mode=0o755)
    prefix = [str(into / "bin" / "python") if word == sys.executable else word for word in isolation()]
    demo = subprocess.run(
        [*(prefix or [into / "bin" / "python"]), "-c", GUARDED, "demo", "--small", "--tour-only"],
        env={**kept, "PLANTWRIGHT_HOME": str(home)},
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert demo.returncode == 0, demo.stdout + demo.stderr
