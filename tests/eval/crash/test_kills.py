"""Processes die for real, at every place and under every fault, and the ERP has each document once."""

from __future__ import annotations

from pathlib import Path

import pytest

from erp_adapters.store import EmbeddedPostgres
from eval.crash.homes import lanes_of
from eval.crash.plan import DEATHS, plan
from eval.crash.reporting import summary, table
from eval.crash.running import RECOVERY_S, run


@pytest.mark.long
@pytest.mark.timeout(180)
def test_forty_deaths_lose_nothing_and_double_nothing(
    postgres: EmbeddedPostgres, demo_template: str, tmp_path: Path
) -> None:
    """Kill -9 of server and worker at every place, with every fault: counted at the ERP's own side."""
    with lanes_of(postgres, 8, tmp_path, demo_template) as lanes:
        done = run(lanes, plan(40, seed=0), lambda trial: None)
    results, said = done.results, f"{table(done)}\n{summary(done)}"
    assert done.is_sound, said
    assert len(results) == 40, said
    assert sum(result.kills for result in results) >= 40, said
    assert max(result.recovery_s or 0.0 for result in results) <= RECOVERY_S, said
    died = {result.trial.death for result in results if result.reached}
    assert died >= {death for death in DEATHS if death.point}, said
    assert {result.count.state for result in results} >= {"executed", "refused", "needs_reconciliation"}, said
