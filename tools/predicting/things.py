"""A quantity of something that is foretold, as a multiple of what is usual there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.engines.predictions.calibration import Chance
from tools.engines.predictions.quantities import Estimate
from tools.rows import Queries


@dataclass(frozen=True, slots=True)
class Thing:
    """A material, work centre or cost centre with what is known of it."""

    site: str
    subject: str
    name: str
    values: tuple[float | None, ...]
    """By the inputs of its kind; None where it is not known."""
    usual: float
    """What one multiple is in the unit; above zero."""
    unit: str
    rule: Estimate
    """What answers where no model may speak, as multiples of the usual."""
    rule_chance: Chance
    """How likely that crosses the line of its kind."""
    known: float = 1.0
    """Share of what its inputs are told from that was there."""

    @property
    def quality(self) -> float:
        """Share of the inputs that are there."""
        return sum(value is not None for value in self.values) / len(self.values) * self.known


def by_rule_of_things(things: Sequence[Thing]) -> Mapping[tuple[str, str], Chance]:
    """How likely each crosses its line by the rule, by site and subject."""
    return {(each.site, each.subject): each.rule_chance for each in things}


@dataclass(frozen=True, slots=True)
class _Came:
    subject: str
    value: float


async def came_of(queries: Queries, sql: str, asked: Mapping[str, object]) -> dict[str, float]:
    """What came, by subject, of a query that answers `subject` and `value`."""
    return {each.subject: each.value for each in await queries.rows(_Came, sql, asked)}
