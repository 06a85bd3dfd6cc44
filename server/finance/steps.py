"""The steps of a bridge as a chart draws them: where each begins and ends."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from server.finance.report import Report


@dataclass(frozen=True, slots=True)
class Step:
    """A bar of the bridge."""

    name: str
    amount: Decimal
    start: Decimal
    is_total: bool = False

    @property
    def end(self) -> Decimal:
        """Where it ends, which is where the next one begins."""
        return self.start + self.amount


def steps_of(report: Report, total: str) -> list[Step]:
    """The steps one after the other from nothing, and the total last.

    Args:
        total: what the last bar is called.
    """
    names = report.bridge.names
    name, amount = names.index("step"), names.index("amount")
    found: list[Step] = []
    reached = Decimal(0)
    for row in report.bridge.rows:
        step = Step(str(row[name]), Decimal(str(row[amount])), reached)
        found.append(step)
        reached = step.end
    return [*found, Step(total, reached, Decimal(0), is_total=True)]
