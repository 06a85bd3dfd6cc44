"""The benchmark of readings runs in small, and says what it is for."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from eval.benchmarks import syncing
from eval.benchmarks.syncing import Cost, shown


@pytest.mark.long
@pytest.mark.slow
def test_readings_are_measured_in_small() -> None:
    """Each step with its rows: an unchanged source is asked for none, a changed one for what changed."""
    import typer

    app = typer.Typer()
    app.command()(syncing.main)
    done = CliRunner().invoke(app, ["--rows", "6000"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    counts = {
        line[:38].strip(): line[38:48].strip() for line in done.output.splitlines() if line[37:38] == " "
    }
    assert counts["first reading"] == "6,000"
    assert counts["again, unchanged"] == "0"
    assert counts["again, a thousand changed"] == "1,000"
    assert counts["again, all compared by digest"] == "6,000"


def test_what_costs_too_much_is_said() -> None:
    """By processor time, since the clock also says what else a machine did."""
    costs = [Cost(name, 1_000_000, 20.0, 10.0, 10.0) for name in ("copied", "read", "first")]
    again = Cost("again", 0, 0.5, 0.1, 0.1)
    assert shown([*costs, again], 100.0)[1]
    assert not shown([*costs, again], 400.0)[1]
    assert not shown([*costs, Cost("again", 200_000, 0.5, 0.1, 0.1)], 100.0)[1]
    assert not shown([*costs[:2], Cost("first", 1_000_000, 90.0, 40.0, 30.0), again], 100.0)[1]
