"""Questions of controllers about accounts, cost centres, periods and rates are read as they name them."""

from __future__ import annotations

import pytest

from agents.copilot import Copilot
from agents.models.embedded.compound.ledger_names import says_ledger
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.store import Store
from tools.all_tools import registry

_MODEL = EmbeddedModel()


@pytest.mark.parametrize(
    ("question", "read"),
    [
        (
            "Energy costs of the machining cost centre in February: actual, plan, and how far off in percent"
            " of plan?",
            "where account is Energy and cost centre is Machining, in 2026-02",
        ),
        (
            "consumables in Q4 2025 by cost centre, actual minus plan, only where we overspent",
            "where account is Consumables, with variance (actual - budget) above 0, in 2025-Q4",
        ),
        ("scrap cost in the ledger (5300 actuals): Q4 2025 versus Q1 2026?", "account is Scrap"),
        (
            "March operating expenses (6000 accounts), plan against actual per cost centre",
            "by cost centre, where account Operating expenses with all below it, in 2026-03",
        ),
        (
            "machine hour rate of Machining (cc 4110) for February: planned and actual?",
            "Planned activity rate and actual activity rate, where cost centre is Machining, in 2026-02",
        ),
        ("Is February 2026 closed?", "Fiscal periods with"),
    ],
)
async def test_a_controller_is_understood(demo_store: Store, question: str, read: str) -> None:
    """Each account, cost centre and period limits the figures, and each figure is there."""
    caller = await demo_store.caller("controller.kassel")
    answer = await Copilot(demo_store, registry(), _MODEL).ask(caller, question)
    assert answer.status == "answered", answer.answer
    assert read in answer.reading
    assert answer.figures or answer.tables


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("Ausschusskosten Februar laut Hauptbuch?", "Ist, nur Konto: Scrap"),
        (
            "Energiekosten 2025 je Kostenstelle nach Hauptbuch: Ist, Plan und Abweichung in Prozent",
            "je Kostenstelle, nur Konto: Energy, im Jahr 2025",
        ),
        (
            "Um wie viel liegen die Energiekosten der Kostenstelle 4110 in Q1 2026 über Plan?",
            "Energy",
        ),
        ("Ist der Februar schon zu?", "Geschäftsperioden"),
    ],
)
async def test_so_is_one_who_speaks_german(demo_store: Store, question: str, read: str) -> None:
    """The account that is named limits the figures, and is not passed over for all accounts together."""
    caller = await demo_store.caller("controller.kassel")
    answer = await Copilot(demo_store, registry(), _MODEL).ask(caller, question)
    assert answer.status == "answered", answer.answer
    assert read in answer.reading


def test_what_is_said_of_the_ledger() -> None:
    """Words that leave the figures of other records out of account."""
    assert says_ledger("scrap cost in the ledger")
    assert says_ledger("Ausschusskosten laut Hauptbuch")
    assert not says_ledger("scrap cost in February")
