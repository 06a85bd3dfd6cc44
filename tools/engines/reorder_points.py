"""Stock that guards against uncertainty: safety stock, reorder points, review periods, (r, Q) policies."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tools.engines.demand_distributions import (
    Normal,
    cycle_service,
    expected_shortage,
    quantile,
    unit_loss,
    z_for_loss,
)
from tools.engines.structure import ZERO

_HIGHEST_ROUNDS = 500
_CLOSE = Decimal("1e-9")


def spread_over(
    lead_time: Decimal, demand_sd: Decimal, demand: Decimal = ZERO, lead_time_sd: Decimal = ZERO
) -> Decimal:
    """Standard deviation of the demand over an uncertain lead time."""
    return (lead_time * demand_sd * demand_sd + demand * demand * lead_time_sd * lead_time_sd).sqrt()


@dataclass(frozen=True, slots=True)
class Guard:
    """A safety stock and what it promises."""

    z: Decimal
    safety_stock: Decimal
    reorder_point: Decimal
    cycle_service: Decimal
    """Probability that no cycle runs short; this is not the share of demand that is served."""
    short_per_cycle: Decimal
    """What is expected to be missing in a cycle."""


def guarded(z: Decimal, spread: Decimal, expected: Decimal) -> Guard:
    """The safety stock of a factor over the demand that is expected until goods arrive."""
    safety = z * spread
    return Guard(z, safety, expected + safety, cycle_service(z), spread * unit_loss(z))


def z_for_fill(fill_rate: Decimal, order_quantity: Decimal, spread: Decimal) -> Decimal:
    """The safety factor that serves a share of demand from stock (backorders, one order outstanding)."""
    return z_for_loss((1 - fill_rate) * order_quantity / spread)


@dataclass(frozen=True, slots=True)
class Continuous:
    """A policy of continuous review: order Q when the stock position comes down to r."""

    reorder_point: Decimal
    quantity: Decimal
    ordering_cost: Decimal
    holding_cost: Decimal
    shortage_cost: Decimal
    safety_stock: Decimal
    short_per_cycle: Decimal

    @property
    def cost(self) -> Decimal:
        """All of it, in the time that demand is given for."""
        return self.ordering_cost + self.holding_cost + self.shortage_cost


class NoPolicy(ValueError):
    """The costs allow no such policy; the message says why."""


def continuous_review(
    setup: Decimal,
    holding: Decimal,
    shortage: Decimal,
    demand: Decimal,
    over_lead_time: Normal,
    quantity: Decimal | None = None,
) -> Continuous:
    """The (r, Q) policy by expected inventory level: r and Q are found in turns until neither moves.

    Args:
        shortage: cost of each unit that cannot be delivered at once, whatever time it waits.
        quantity: an order quantity that is given; only r is looked for then.

    Raises:
        NoPolicy: an order costs so much, or a missing unit so little, that running short is always cheaper.
    """
    lot = (2 * setup * demand / holding).sqrt() if quantity is None else quantity
    point = over_lead_time.mean
    for _ in range(_HIGHEST_ROUNDS):
        risk = lot * holding / (shortage * demand)
        if not 0 < risk < 1:
            raise NoPolicy(
                f"the probability of running short would be {risk:.3f}: a missing unit costs {shortage}, "
                f"too little beside holding cost {holding} and the lot of {lot:.1f}"
            )
        found = quantile(over_lead_time, 1 - risk)
        short = expected_shortage(over_lead_time, found)
        size = (2 * demand * (setup + shortage * short) / holding).sqrt() if quantity is None else quantity
        is_still = abs(found - point) < _CLOSE and abs(size - lot) < _CLOSE
        point, lot = found, size
        if is_still:
            break
    short = expected_shortage(over_lead_time, point)
    safety = point - over_lead_time.mean
    return Continuous(
        point,
        lot,
        setup * demand / lot,
        holding * (safety + lot / 2),
        shortage * demand * short / lot,
        safety,
        short,
    )
