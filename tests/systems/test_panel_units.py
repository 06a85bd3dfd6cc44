"""What the panel holds without a browser: its types, and the tests beside its sources."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PANEL = Path(__file__).parents[2] / "server" / "panel"

pytestmark = [
    pytest.mark.systems,
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs Node 20.19 or newer with npm"),
    pytest.mark.skipif(
        not (PANEL / "node_modules").is_dir(), reason="needs the panel's packages: `make panel`"
    ),
]


def test_types_and_units_hold() -> None:
    """Numbers, tables, drawings, languages, and a turn whose connection breaks."""
    done = subprocess.run(["npm", "test", "--silent"], cwd=PANEL, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_panel_is_built_from_these_sources() -> None:
    """A build that fails is a note at set-up, so that it stops nobody; here it is a failure."""
    done = subprocess.run(
        ["python3", str(PANEL.parents[1] / ".ci" / "panel.py")], capture_output=True, text=True, timeout=110
    )
    assert "was not built" not in done.stdout
    assert (PANEL / "dist" / "embed.js").is_file()
