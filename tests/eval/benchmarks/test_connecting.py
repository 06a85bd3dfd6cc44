"""What is proposed for a source that has a mapping: most of it, and next to nothing else."""

from __future__ import annotations

import pytest

from erp_adapters.store.consistency import packaged_mapping
from eval.benchmarks.connecting import LEAST_RIGHT, MOST_WRONG, compare
from tests.conftest import ADVENTUREWORKS


@pytest.mark.slow
def test_adventureworks_is_proposed_nearly_whole() -> None:
    """Of the columns that its mapping reads; a status without words stays open and is no wrong proposal."""
    if not ADVENTUREWORKS.is_dir():
        pytest.skip(f"AdventureWorks is not there: put its CSV files into {ADVENTUREWORKS}")
    found = compare("AdventureWorks", ADVENTUREWORKS, packaged_mapping("adventureworks"))
    assert found.share("right") >= LEAST_RIGHT
    assert found.share("wrong") <= MOST_WRONG, found.said
    assert not found.beyond
    assert found.verdicts["material.category"] == "right"
    assert found.verdicts["ledger_line.currency"] == "right"
    assert found.verdicts["cost_centre.name"] == "open"
