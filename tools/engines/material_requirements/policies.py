"""How the lots of one material are formed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import assert_never

from tools.engines import lot_sizing
from tools.engines.lot_sizing import Costs, Rule, Size, Stop
from tools.engines.structure import ZERO


@dataclass(frozen=True, slots=True)
class LotPolicy:
    """A lot rule with what it needs, and what each order may be."""

    rule: Rule = "lot_for_lot"
    lot: Decimal = ZERO
    """Of `fixed` and `eoq`: the quantity of a lot."""
    periods: int = 1
    """Of `periods` and `poq`: how many periods a lot covers."""
    reorder_at: Decimal = ZERO
    """Of `min_max`: the minimum; an order is due where a period would end below it."""
    maximum: Decimal = ZERO
    """Of `min_max`: what an order fills up to."""
    setup: Decimal = ZERO
    holding: Decimal = ZERO
    """Of the rules that weigh costs: an order, and a unit for a period."""
    stop: Stop = "closest"
    """Of `part_period_balancing`."""
    size: Size = field(default_factory=Size)

    @property
    def looks_ahead(self) -> bool:
        """True where a lot covers what later periods need."""
        return self.rule not in ("lot_for_lot", "fixed", "eoq", "min_max")

    def quantity(self, missing: Decimal, balance: Decimal) -> Decimal:
        """What to order by a rule that does not look ahead.

        Args:
            missing: to the safety stock.
            balance: what the period would end with.
        """
        match self.rule:
            case "fixed" | "eoq":
                return (missing / self.lot).to_integral_value(ROUND_CEILING) * self.lot
            case "min_max":
                return self.maximum - balance
            case _:
                return missing

    def ends(self, net: Mapping[int, Decimal]) -> dict[int, int]:
        """Of a rule that looks ahead: for each period with a net requirement, the last one its lot covers."""
        if not net:
            return {}
        first, last = min(net), max(net)
        demand = [net.get(at, ZERO) for at in range(first, last + 1)]
        begins = [first + at for at, amount in enumerate(self._lots(demand)) if amount > 0]
        found: dict[int, int] = {}
        for begin, following in zip(begins, [*begins[1:], last + 1], strict=True):
            found.update(dict.fromkeys(range(begin, following), following - 1))
        return found

    def _lots(self, demand: list[Decimal]) -> tuple[Decimal, ...]:
        costs = Costs.flat(len(demand), self.setup, self.holding)
        match self.rule:
            case "periods" | "poq":
                return lot_sizing.periods_of_supply(demand, self.periods)
            case "silver_meal":
                return lot_sizing.silver_meal(demand, costs).quantities
            case "least_unit_cost":
                return lot_sizing.least_unit_cost(demand, costs).quantities
            case "part_period_balancing" | "least_total_cost":
                return lot_sizing.part_period_balancing(demand, costs, self.stop).quantities
            case "wagner_whitin":
                return lot_sizing.wagner_whitin(demand, costs).quantities
            case "lot_for_lot" | "fixed" | "eoq" | "min_max":
                return tuple(demand)
            case _:
                assert_never(self.rule)
