"""What an answer cost, where it says so."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from agents.answer import Answer


@dataclass(frozen=True, slots=True)
class Cost:
    """Money paid to whoever runs a model."""

    amount: Decimal
    currency: str
    """Empty where nothing was bought."""


def cost_of(answer: Answer | None) -> Cost | None:
    """What the answer says it cost; None where it does not say."""
    usage = answer.usage if answer is not None else None
    if usage is None or usage.cost is None or usage.currency is None:
        return None
    return Cost(Decimal(usage.cost), usage.currency)
