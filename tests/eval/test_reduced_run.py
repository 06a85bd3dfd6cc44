"""CI's part of the evaluation: the embedded model on suites that were looked at, held to reduced gates."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.store import Store
from eval.cases import packaged_suites
from eval.gates import passages, read_gates
from eval.golden import Data
from eval.report.markdown import gate_cells
from eval.respondents import CopilotRespondent, Metered
from eval.results import Recording, Run
from eval.running import run
from tests.eval.test_running import MANIFEST
from tools.all_tools import registry


@pytest.mark.long
@pytest.mark.timeout(400)
async def test_the_reduced_gates_hold(
    adventureworks_store: Store, demo_store: Store, of_adventureworks: Data, of_demo: Data, tmp_path: Path
) -> None:
    """Every figure traced, nothing exposed or changed, an answer to everything, and a cheap harness."""
    tries = []
    for store, data, kind in (
        (adventureworks_store, of_adventureworks, "adventureworks"),
        (demo_store, of_demo, "demo"),
    ):
        model = Metered(EmbeddedModel())
        respondent = CopilotRespondent(Copilot(store, registry(), model), store, model.name)
        suites = [
            one for one in packaged_suites(("shared", "calls", "follow_ups", "demo")) if one.data == kind
        ]
        tries += await run(suites, respondent, data, Recording(tmp_path / kind, MANIFEST))
    found = passages(read_gates(), Run(MANIFEST, tuple(tries)), "reduced")
    closed = [gate_cells(one) for one in found if not one.holds and one.gate.measure != "prompts"]
    assert closed == []
    assert sum(one.is_right for one in tries if one.suite == "shared") == 18
