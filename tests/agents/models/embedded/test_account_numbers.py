"""Ledger accounts are found by their numbers, as controllers name them."""

from __future__ import annotations

import pytest

from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.store import Store
from tools.all_tools import registry


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("actual of account 6200 in Kassel in March 2026", "account is 6200"),
        ("Budget on account 6300 in Kassel in 2025", "account is 6300"),
        ("Actual on account 6000 in Kassel in March 2026", "account Operating expenses with all below it"),
    ],
)
async def test_an_account_is_found_by_its_number(demo_store: Store, question: str, read: str) -> None:
    """One that others belong to stands for all of them, as it does by its name."""
    caller = await demo_store.caller("controller.kassel")
    answer = await Copilot(demo_store, registry(), EmbeddedModel()).ask(caller, question)
    assert answer.status == "answered", answer.answer
    assert read in answer.reading
    assert answer.figures
