"""Questions of every shape about every entity, the usual ones more often."""

from __future__ import annotations

from collections.abc import Callable

from agents.models.embedded.training.phrases import Phrases
from agents.models.embedded.training.shapes.asked import Asked
from agents.models.embedded.training.shapes.dice import Dice
from agents.models.embedded.training.shapes.figures import aggregate, count, figure, two_parts
from agents.models.embedded.training.shapes.groups import count_groups, grouped, ranked, two_values
from agents.models.embedded.training.shapes.lists import gap, listed, missing, records_ranked
from agents.models.embedded.training.shapes.relations import having, related
from agents.models.embedded.training.shapes.shares import share, top_share
from agents.models.embedded.training.shapes.times import compared, extreme_period, trend

_SHAPES: dict[Callable[[Dice], Asked | None], float] = {
    figure: 5,
    count: 5,
    listed: 4,
    grouped: 4,
    ranked: 3.5,
    records_ranked: 2.5,
    trend: 2.5,
    compared: 2,
    share: 3,
    having: 2,
    related: 2,
    aggregate: 1.6,
    gap: 1,
    missing: 1.2,
    two_parts: 2,
    top_share: 1.2,
    two_values: 1,
    count_groups: 1.5,
    extreme_period: 0.8,
}


class Shapes:
    """Generates questions."""

    def __init__(self, phrases: Phrases) -> None:
        self._dice = Dice(phrases)

    def one(self) -> Asked | None:
        """A question, or nothing where the dice gave one that makes no sense."""
        shape = self._dice.chance.choices(tuple(_SHAPES), tuple(_SHAPES.values()))[0]
        return shape(self._dice)
