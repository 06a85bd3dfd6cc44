"""The suite of hostile writing starts from the command line, as `make eval` starts it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.long
@pytest.mark.timeout(400)
def test_it_runs_as_a_module() -> None:
    """Its processes begin anew, import it and find the database: it once ended at that."""
    ran = subprocess.run(
        [sys.executable, "-m", "eval.adversarial.writing", "--traces", "2", "--processes", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("2 traces, ")
    assert "writes: unconfirmed 0, duplicate 0, other than shown 0, out of scope 0, lost 0" in ran.stdout
