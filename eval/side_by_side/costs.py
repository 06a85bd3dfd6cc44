"""What a hundred questions cost with a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from eval.results import Try
from eval.scoring.costs import Cost


@dataclass(frozen=True, slots=True)
class NotAccounted:
    """No cost is known."""

    why: str


def per_hundred(tries: Sequence[Try]) -> Cost | NotAccounted:
    """The mean cost of a hundred questions; it is never guessed from a part of them."""
    if not any(one.prompt_tokens + one.completion_tokens for one in tries):
        return Cost(Decimal(0), "")
    known = [one.cost for one in tries if one.cost is not None]
    if not known:
        return NotAccounted("not accounted: the answers name no cost")
    if len(known) < len(tries):
        return NotAccounted(f"not accounted: {len(tries) - len(known)} of {len(tries)} answers name no cost")
    currencies = {one.currency for one in tries}
    if len(currencies) > 1:
        return NotAccounted(f"not accounted: several currencies, {', '.join(sorted(currencies))}")
    return Cost(100 * sum(known, Decimal(0)) / len(tries), currencies.pop())
