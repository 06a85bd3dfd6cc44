"""What was agreed for a purchase: a valid contract, else a price scale, else why there is nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tools.engines.agreed_prices import Contract, Step, agreed

OWN = Contract("C1", "S1", Decimal(9), "EUR", date(2025, 1, 1), date(2025, 12, 31))
NEW = Contract("C2", "S1", Decimal(8), "EUR", date(2025, 7, 1), None)
OTHER = Contract("C3", "S2", Decimal(7), "EUR", date(2025, 1, 1), None)
STEPS = (Step(Decimal(1), Decimal(10), "EUR"), Step(Decimal(100), Decimal("9.5"), "EUR"))


@pytest.mark.parametrize(
    ("contracts", "steps", "day", "quantity", "wanted"),
    [
        ((OWN,), STEPS, "2025-03-01", 100, ("contract", 9, "C1")),
        ((OWN, NEW), STEPS, "2025-08-01", 100, ("contract", 8, "C2")),
        ((OWN,), STEPS, "2025-12-31", 1, ("contract", 9, "C1")),
        ((OWN,), STEPS, "2026-01-01", 1, ("expired", None, "C1")),
        ((OWN,), STEPS, "2024-12-31", 1, ("expired", None, "C1")),
        ((OTHER,), STEPS, "2025-03-01", 1, ("elsewhere", None, "C3")),
        ((), STEPS, "2025-03-01", 99, ("scale", 10, "")),
        ((), STEPS, "2025-03-01", 100, ("scale", Decimal("9.5"), "")),
        ((), (), "2025-03-01", 1, ("none", None, "")),
    ],
)
def test_what_was_agreed(
    contracts: tuple[Contract, ...],
    steps: tuple[Step, ...],
    day: str,
    quantity: int,
    wanted: tuple[str, Decimal | None, str],
) -> None:
    """The last day of a contract is one of it; a quantity at a step has the step's price."""
    found = agreed("S1", date.fromisoformat(day), Decimal(quantity), contracts, steps)
    assert (found.basis, found.unit_price, found.contract_id) == wanted
