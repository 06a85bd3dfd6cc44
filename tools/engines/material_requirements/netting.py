"""Net requirements of one material, period by period, and the lots that cover them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tools.engines.material_requirements.policies import LotPolicy
from tools.engines.structure import ZERO


@dataclass(frozen=True, slots=True)
class Line:
    """One period of a material."""

    period: int
    gross: Decimal
    receipts: Decimal
    """Scheduled before."""
    net: Decimal
    """Missing to the safety stock, after what earlier lots have left."""
    planned: tuple[Decimal, ...]
    """Orders that arrive in it."""
    on_hand: Decimal
    """At its end, with them."""

    @property
    def received(self) -> Decimal:
        """What the planned orders bring."""
        return sum(self.planned, ZERO)


def netted(
    gross: Mapping[int, Decimal],
    receipts: Mapping[int, Decimal],
    opening: Decimal,
    policy: LotPolicy,
    safety: Decimal = ZERO,
    first: int | None = None,
) -> tuple[Line, ...]:
    """The periods in which anything is needed or arrives, in order.

    Args:
        first: the period in which a stock below the safety stock is filled up; without it the first in which
            anything happens.
    """
    periods = sorted({*gross, *receipts, *(() if first is None else (first,))})
    ends: Mapping[int, int] = {}
    alone: Mapping[int, Decimal] = {}
    if policy.looks_ahead:
        alone = _alone(periods, gross, receipts, opening, safety)
        ends = policy.ends(alone)
    found: list[Line] = []
    running = opening
    floor = policy.reorder_at if policy.rule == "min_max" else safety
    for at in periods:
        needed, coming = gross.get(at, ZERO), receipts.get(at, ZERO)
        balance = running + coming - needed
        if balance >= floor:
            running = balance
            found.append(Line(at, needed, coming, ZERO, (), running))
            continue
        missing = floor - balance
        if policy.looks_ahead:
            end = ends.get(at, at)
            wanted = missing + sum((alone[on] for on in alone if at < on <= end), ZERO)
        else:
            wanted = policy.quantity(missing, balance)
        planned = policy.size.orders(wanted)
        running = sum(planned, balance)
        found.append(Line(at, needed, coming, missing, planned, running))
    return tuple(found)


def _alone(
    periods: list[int],
    gross: Mapping[int, Decimal],
    receipts: Mapping[int, Decimal],
    opening: Decimal,
    safety: Decimal,
) -> dict[int, Decimal]:
    """Net requirement of each period where each is covered by a lot of its own."""
    found: dict[int, Decimal] = {}
    running = opening
    for at in periods:
        running += receipts.get(at, ZERO) - gross.get(at, ZERO)
        if running < safety:
            found[at] = safety - running
            running = safety
    return found
