"""Cases of a steady demand: economic order and production quantities, shortages, discounts."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from tools.engines import order_quantities
from tools.engines.order_quantities import Bracket, Discounted, Economic
from tools.engines.planning_cases.keys import CaseInvalid, Given, Json, Key, keys_of, read
from tools.engines.structure import ZERO

_COSTS = (
    Key("setup_cost", "positive", required=True),
    Key("holding_cost", "positive"),
    Key("holding_rate", "share"),
)
_TIMES = (
    Key("days_per_year", "positive"),
    Key("lead_time", "not_negative"),
    Key("order_quantity", "positive"),
)
EOQ_KEYS = keys_of(
    "eoq",
    Key("demand", "positive", required=True),
    *_COSTS,
    Key("unit_cost", "positive"),
    *_TIMES,
    Key("safety_stock", "not_negative"),
)
EPQ_KEYS = keys_of(
    "epq",
    Key("demand", "positive"),
    Key("production_rate", "positive", required=True),
    Key("usage_rate", "positive"),
    *_COSTS,
    Key("unit_cost", "positive"),
    *_TIMES,
)
BACKORDER_KEYS = keys_of(
    "backorder",
    *EOQ_KEYS[:-1],
    Key("stockout_cost", "positive", required=True),
    Key("production_rate", "positive"),
)
DISCOUNT_KEYS = keys_of(
    "discount",
    Key("demand", "positive", required=True),
    *_COSTS,
    Key("breakpoints", "series"),
    Key("unit_costs", "series"),
    Key("discounts", "series"),
    Key("unit_cost", "positive"),
    Key("brackets", "any"),
    Key("days_per_year", "positive"),
)


def _holding(given: Given) -> Decimal:
    if given.has("holding_cost") and given.has("holding_rate"):
        raise CaseInvalid("'holding_rate' and 'holding_cost' are both given; valid: one of them")
    if given.has("holding_cost"):
        return given.number("holding_cost")
    if not given.has("holding_rate"):
        raise CaseInvalid("'holding_cost' is missing: give it, or 'holding_rate' with 'unit_cost'")
    if not given.has("unit_cost"):
        raise CaseInvalid("'unit_cost' is missing: 'holding_rate' is a share of it")
    return given.number("holding_rate") * given.number("unit_cost")


def eoq(given: Given) -> dict[str, Json]:
    """The economic order quantity with its cost."""
    setup, holding, demand = given.number("setup_cost"), _holding(given), given.number("demand")
    unit = given.number("unit_cost", ZERO)
    found = _shown(order_quantities.order_quantity(setup, holding, demand, unit), demand, given)
    if given.has("order_quantity"):
        other = order_quantities.priced(given.number("order_quantity"), setup, holding, demand, unit)
        found["cost_of_order_quantity"] = other.cost
    if given.has("lead_time"):
        found |= _reorder(demand, given)
    return found


def epq(given: Given) -> dict[str, Json]:
    """The economic production quantity: goods come in at a finite rate while they are used."""
    days = given.number("days_per_year") if given.has("days_per_year") else None
    if given.has("demand"):
        demand = given.number("demand")
    elif given.has("usage_rate") and days is not None:
        demand = given.number("usage_rate") * days
    else:
        raise CaseInvalid("'demand' is missing: give it, or 'usage_rate' with 'days_per_year'")
    made = given.number("production_rate")
    used = demand
    if given.has("usage_rate"):
        used = given.number("usage_rate")
        given.note("production_rate is in the time unit of usage_rate")
    elif days is not None and made <= demand:
        used = demand / days
        given.note("production_rate is per day: demand is divided by days_per_year")
    if made <= used:
        raise CaseInvalid(f"'production_rate' is {made}, not above what is used meanwhile ({used})")
    # Only the share of the run that is not used meanwhile counts, in whatever time unit.
    rate = demand * made / used
    setup, holding, unit = given.number("setup_cost"), _holding(given), given.number("unit_cost", ZERO)
    best = order_quantities.order_quantity(setup, holding, demand, unit, rate)
    found = _shown(best, demand, given)
    found |= {
        "max_inventory": best.peak,
        "production_time": best.quantity / made,
        "runs": demand / best.quantity,
    }
    if given.has("order_quantity"):
        other = order_quantities.priced(given.number("order_quantity"), setup, holding, demand, unit, rate)
        found["cost_of_order_quantity"] = other.cost
    return found


def backorders(given: Given) -> dict[str, Json]:
    """The economic quantity where customers wait at a cost for a unit and time."""
    demand = given.number("demand")
    rate = given.number("production_rate") if given.has("production_rate") else None
    if rate is not None and rate <= demand:
        raise CaseInvalid(f"'production_rate' is {rate}, not above the demand {demand}")
    best = order_quantities.with_backorders(
        given.number("setup_cost"),
        _holding(given),
        demand,
        given.number("stockout_cost"),
        given.number("unit_cost", ZERO),
        rate,
    )
    given.note("stockout_cost is for a unit waiting over the time of the demand")
    return {
        **_shown(best, demand, given),
        "backorders": best.backorder,
        "max_inventory": best.peak,
        "stockout_fraction": best.backorder / (best.backorder + best.peak),
        "shortage_cost": best.shortage_cost,
    }


def _shown(best: Economic, demand: Decimal, given: Given) -> dict[str, Json]:
    found: dict[str, Json] = {
        "q": best.quantity,
        "cost": best.cost,
        "ordering_cost": best.ordering_cost,
        "holding_cost": best.holding_cost,
        "orders": demand / best.quantity,
        "cycle_time": best.quantity / demand,
    }
    given.note("q is not rounded; cost is ordering and holding, without purchase")
    if given.has("unit_cost"):
        found |= {"purchase_cost": best.purchase_cost, "total_cost": best.total}
    if given.has("days_per_year"):
        found["days_between_orders"] = best.quantity / demand * given.number("days_per_year")
    return found


def _reorder(demand: Decimal, given: Given) -> dict[str, Json]:
    lead = given.number("lead_time")
    if given.has("days_per_year"):
        rate = demand / given.number("days_per_year")
        given.note("lead_time is in days")
    else:
        rate = demand
        given.note("lead_time is in the time unit of the demand")
    return {"reorder_point": rate * lead + given.number("safety_stock", ZERO)}


# ── discounts ─────────────────────────────────────────────────────────────────────────────────────────────
def all_units(given: Given) -> dict[str, Json]:
    """The best quantity where a larger order makes all its units cheaper."""
    brackets = _brackets(given)
    rate = given.number("holding_rate") if given.has("holding_rate") else None
    if rate is None and not given.has("holding_cost"):
        raise CaseInvalid("'holding_rate' is missing: a share of the unit cost, or give 'holding_cost'")
    holding = [given.number("holding_cost") if rate is None else rate * one.unit_cost for one in brackets]
    best = order_quantities.all_units(given.number("setup_cost"), holding, given.number("demand"), brackets)
    return _discounted(best, given)


def incremental(given: Given) -> dict[str, Json]:
    """The best quantity where only the units above a break are cheaper."""
    best = order_quantities.incremental(
        given.number("setup_cost"),
        given.number("holding_rate", ZERO),
        given.number("demand"),
        _brackets(given),
        _storage(given),
    )
    return _discounted(best, given)


def _storage(given: Given) -> Decimal:
    if not given.has("holding_rate") and not given.has("holding_cost"):
        raise CaseInvalid("'holding_rate' is missing: a share of the unit cost, or give 'holding_cost'")
    return given.number("holding_cost", ZERO)


def _discounted(best: Discounted, given: Given) -> dict[str, Json]:
    economic = best.best.economic
    given.note("cost includes purchase; region counts price brackets from 0; q is not rounded")
    given.note("of equally cheap quantities the smaller one")
    return {
        "q": economic.quantity,
        "cost": economic.total,
        "region": Decimal(best.best.bracket),
        "unit_cost": economic.purchase_cost / given.number("demand"),
        "ordering_cost": economic.ordering_cost,
        "holding_cost": economic.holding_cost,
        "purchase_cost": economic.purchase_cost,
        "orders": given.number("demand") / economic.quantity,
        "candidates": [
            {
                "region": Decimal(one.bracket),
                "q": one.economic.quantity,
                "cost": one.economic.total,
                "eoq": one.unconstrained,
                "is_feasible": one.is_feasible,
            }
            for one in best.candidates
        ],
    }


def _brackets(given: Given) -> list[Bracket]:
    if given.has("brackets"):
        found = _from_objects(given.raw("brackets"))
    else:
        starts = given.series("breakpoints")
        prices = _prices(given, len(starts))
        if len(prices) == len(starts) + 1:
            starts = [ZERO, *starts]
            given.note("the first price holds from 0: breakpoints are one fewer than prices")
        if len(prices) != len(starts):
            raise CaseInvalid(f"'unit_costs' has {len(prices)} prices for {len(starts)} 'breakpoints'")
        found = [Bracket(*each) for each in zip(starts, prices, strict=True)]
    if any(later.from_quantity <= one.from_quantity for one, later in pairwise(found)):
        raise CaseInvalid("'breakpoints' do not rise from one bracket to the next")
    if any(later.unit_cost > one.unit_cost for one, later in pairwise(found)):
        raise CaseInvalid("'unit_costs' rise with the quantity: these are no discounts")
    if not found or any(one.unit_cost <= 0 for one in found):
        raise CaseInvalid("'unit_costs' must be above 0, one for each bracket")
    return found


def _prices(given: Given, brackets: int) -> list[Decimal]:
    if given.has("unit_costs"):
        return given.series("unit_costs")
    if not given.has("discounts") or not given.has("unit_cost"):
        raise CaseInvalid("'unit_costs' is missing: prices by bracket, or 'unit_cost' with 'discounts'")
    given.note("discounts below 1 are shares, others percent")
    listed = given.number("unit_cost")
    shares = given.series("discounts", brackets)
    is_percent = any(one >= 1 for one in shares)
    return [listed * (1 - one / (100 if is_percent else 1)) for one in shares]


def _from_objects(value: Json) -> list[Bracket]:
    if not isinstance(value, list):
        raise CaseInvalid("'brackets' is no list of objects with 'from' and 'unit_cost'")
    keys = keys_of(
        "brackets",
        Key("from", "not_negative"),
        Key("to", "not_negative"),
        Key("unit_cost", "positive", required=True),
    )
    found: list[Bracket] = []
    for each in value:
        if not isinstance(each, dict):
            raise CaseInvalid("'brackets' is no list of objects with 'from' and 'unit_cost'")
        one = read("brackets", each, keys)
        found.append(Bracket(one.number("from", ZERO), one.number("unit_cost")))
    return found
