"""Cases of an uncertain demand: newsvendor, safety stock, reorder points, review periods, (r, Q)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal

from tools.engines import reorder_points
from tools.engines.demand_distributions import (
    Discrete,
    Distribution,
    Exponential,
    Newsvendor,
    Normal,
    Poisson,
    Uniform,
    mean_of,
    newsvendor,
    stocked,
    z_for,
)
from tools.engines.planning_cases.keys import CaseInvalid, Given, Json, Key, checked, keys_of, read, shown
from tools.engines.structure import ZERO

_ONE = Decimal(1)
NEWSVENDOR_KEYS = keys_of(
    "newsvendor",
    Key("holding_cost", "positive"),
    Key("stockout_cost", "positive"),
    Key("price", "positive"),
    Key("unit_cost", "not_negative"),
    Key("salvage", "number"),
    Key("goodwill", "not_negative"),
    Key("distribution", "text", choices=("normal", "uniform", "poisson", "exponential", "discrete")),
    Key("mean", "not_negative"),
    Key("sd", "not_negative"),
    Key("low", "not_negative"),
    Key("high", "positive"),
    Key("demand", "any"),
    Key("probabilities", "series"),
    Key("order_quantity", "not_negative"),
)
SAFETY_KEYS = keys_of(
    "safety",
    Key("daily_demand", "not_negative"),
    Key("sd_daily", "not_negative"),
    Key("lead_time", "not_negative"),
    Key("lead_time_sd", "not_negative"),
    Key("sd_lead_time_demand", "not_negative"),
    Key("lead_time_demand", "not_negative"),
    Key("service_level", "share"),
    Key("z", "number"),
    Key("fill_rate", "share"),
    Key("order_quantity", "positive"),
    Key("cases", "any"),
    Key("review_period", "not_negative"),
    Key("on_hand", "number"),
    Key("on_order", "not_negative"),
    Key("forecast_mad", "not_negative"),
    Key("safety_stock", "not_negative"),
    Key("max_daily_demand", "not_negative"),
    Key("max_lead_time", "not_negative"),
)
_MAD = Decimal("1.25")
"""Standard deviations in a mean absolute deviation, as the trade counts (sqrt(pi/2) is 1.2533)."""


# ── one selling period ────────────────────────────────────────────────────────────────────────────────────
def one_period(given: Given) -> dict[str, Json]:
    """The stock for one selling period."""
    over, under = _overage(given)
    demand = _distribution(given)
    best = newsvendor(over, under, demand)
    found: dict[str, Json] = {
        "base_stock": best.level,
        "cost": best.cost,
        "critical_ratio": best.critical_ratio,
        "overage_cost": over,
        "underage_cost": under,
        "expected_leftover": best.leftover,
        "expected_shortage": best.lost,
        "expected_sales": best.sales,
    }
    if isinstance(demand, Normal):
        found["z"] = z_for(best.critical_ratio)
    if isinstance(demand, Discrete | Poisson):
        given.note("base_stock is the smallest quantity whose probability reaches the critical ratio")
    if given.has("price"):
        found["expected_profit"] = _profit(best, mean_of(demand), given)
    if given.has("order_quantity"):
        other = stocked(given.number("order_quantity"), over, under, demand)
        found["cost_of_order_quantity"] = other.cost
    given.note("cost is what is expected of overage and underage")
    return found


def _overage(given: Given) -> tuple[Decimal, Decimal]:
    """What a unit too many and one too few cost."""
    if given.has("price"):
        if not given.has("unit_cost"):
            raise CaseInvalid("'unit_cost' is missing beside 'price'")
        price, cost = given.number("price"), given.number("unit_cost")
        goodwill, salvage = given.number("goodwill", ZERO), given.number("salvage", ZERO)
        given.note("underage = price - unit_cost + goodwill, overage = unit_cost - salvage + holding_cost")
        over = cost - salvage + given.number("holding_cost", ZERO)
        under = price - cost + goodwill + given.number("stockout_cost", ZERO)
    else:
        for name in ("holding_cost", "stockout_cost"):
            if not given.has(name):
                raise CaseInvalid(f"{name!r} is missing: give it, or 'price' and 'unit_cost'")
        over, under = given.number("holding_cost"), given.number("stockout_cost")
    if over <= 0 or under <= 0:
        raise CaseInvalid(
            f"'unit_cost' leaves an overage of {over} and an underage of {under}; both must be above 0"
        )
    return over, under


def _profit(best: Newsvendor, mean: Decimal, given: Given) -> Decimal:
    price, cost = given.number("price"), given.number("unit_cost")
    return (
        price * best.sales
        + given.number("salvage", ZERO) * best.leftover
        - cost * best.level
        - given.number("goodwill", ZERO) * best.lost
        - given.number("holding_cost", ZERO) * best.leftover
        - given.number("stockout_cost", ZERO) * best.lost
    )


def _distribution(given: Given) -> Distribution:
    named = given.text("distribution", "") or _implied(given)
    match named:
        case "discrete":
            return _discrete(given)
        case "uniform":
            low, high = given.number("low"), given.number("high")
            if high <= low:
                raise CaseInvalid(f"'high' is {high}, not above 'low' {low}")
            return Uniform(low, high)
        case "poisson":
            return Poisson(given.number("mean"))
        case "exponential":
            return Exponential(given.number("mean"))
        case _:
            return Normal(given.number("mean"), given.number("sd"))


def _implied(given: Given) -> str:
    if given.has("demand"):
        return "discrete"
    if given.has("low") or given.has("high"):
        return "uniform"
    if given.has("mean") and not given.has("sd"):
        raise CaseInvalid("'sd' is missing: give it, or 'distribution' as poisson or exponential")
    return "normal"


def _discrete(given: Given) -> Discrete:
    value = given.raw("demand")
    if isinstance(value, Mapping):
        pairs = [
            (_figure("demand", level), _figure(f"demand[{level}]", share)) for level, share in value.items()
        ]
    elif isinstance(value, list):
        levels = [_figure(f"demand[{at}]", each) for at, each in enumerate(value, 1)]
        if given.has("probabilities"):
            shares = given.series("probabilities", len(levels))
        else:
            shares = [_ONE] * len(levels)
            given.note("demand without probabilities: each value counts the same")
        pairs = list(zip(levels, shares, strict=True))
    else:
        raise CaseInvalid("'demand' is missing: the values that it may take, with 'probabilities'")
    total = sum((share for _, share in pairs), ZERO)
    if total <= 0:
        raise CaseInvalid("'probabilities' add up to nothing")
    if abs(total - 1) > Decimal("0.001"):
        given.note(f"probabilities add up to {total}: they are taken for weights")
    found: dict[Decimal, Decimal] = {}
    for level, share in pairs:
        found[level] = found.get(level, ZERO) + share / total
    return Discrete(found)


def _figure(name: str, value: Json) -> Decimal:
    found = checked(name, value, "not_negative", [])
    assert isinstance(found, Decimal)
    return found


# ── safety stock ──────────────────────────────────────────────────────────────────────────────────────────
def safety_stock(given: Given) -> dict[str, Json]:
    """Safety stock and reorder point for a service level, a factor or a fill rate."""
    if given.has("max_daily_demand"):
        return _extremes(given)
    expected, spread = _over_protection(given)
    if given.has("cases"):
        return _for_each(given, expected, spread)
    guard = reorder_points.guarded(_factor(given, spread), spread, expected)
    found: dict[str, Json] = {
        "safety_stock": guard.safety_stock,
        "reorder_point": guard.reorder_point,
        "order_point": guard.reorder_point,
        "z": guard.z,
        "sd_lead_time_demand": spread,
        "lead_time_demand": expected,
        "cycle_service": guard.cycle_service,
        "expected_shortage": guard.short_per_cycle,
    }
    if given.has("order_quantity"):
        found["fill_rate"] = _ONE - guard.short_per_cycle / given.number("order_quantity")
    if given.has("review_period"):
        found["order_up_to"] = guard.reorder_point
        found["order_quantity"] = max(
            ZERO, guard.reorder_point - given.number("on_hand", ZERO) - given.number("on_order", ZERO)
        )
    return found


def _over_protection(given: Given) -> tuple[Decimal, Decimal]:
    """Demand that is expected until goods arrive, and its standard deviation."""
    time = given.number("lead_time", ZERO) + given.number("review_period", ZERO)
    if given.has("review_period"):
        given.note("the protection time is the review period and the lead time")
    demand = given.number("daily_demand", ZERO)
    expected = given.number("lead_time_demand") if given.has("lead_time_demand") else demand * time
    if given.has("sd_lead_time_demand"):
        return expected, given.number("sd_lead_time_demand")
    if given.has("safety_stock"):
        return expected, ZERO
    if given.has("forecast_mad"):
        given.note("standard deviation = 1.25 x mean absolute deviation")
        sd = _MAD * given.number("forecast_mad")
    elif given.has("sd_daily") or given.has("lead_time_sd"):
        sd = given.number("sd_daily", ZERO)
    else:
        raise CaseInvalid(
            "'sd_daily' is missing: give it with 'lead_time', or 'sd_lead_time_demand' as a whole"
        )
    if not given.has("lead_time"):
        raise CaseInvalid("'lead_time' is missing: in the time unit of the demand")
    if given.has("lead_time_sd") and not given.has("daily_demand"):
        raise CaseInvalid(
            "'daily_demand' is missing: an uncertain lead time counts by what is used meanwhile"
        )
    return expected, reorder_points.spread_over(time, sd, demand, given.number("lead_time_sd", ZERO))


def _factor(given: Given, spread: Decimal) -> Decimal:
    if given.has("safety_stock"):
        return ZERO if spread == 0 else given.number("safety_stock") / spread
    if given.has("z"):
        if given.has("service_level"):
            given.note("z is taken as given; the service level is not read again from it")
        return given.number("z")
    if given.has("service_level"):
        given.note("service_level is that of a cycle (no shortage in it), not a fill rate")
        return z_for(given.number("service_level"))
    if given.has("fill_rate"):
        if not given.has("order_quantity"):
            raise CaseInvalid("'order_quantity' is missing: a fill rate depends on it")
        if spread == 0:
            return ZERO
        given.note("fill rate: expected shortage of a cycle = (1 - fill_rate) x order_quantity")
        return reorder_points.z_for_fill(given.number("fill_rate"), given.number("order_quantity"), spread)
    raise CaseInvalid("'service_level' is missing: give it, or 'z', or 'fill_rate' with 'order_quantity'")


_CASE_KEYS = keys_of(
    "service_case",
    Key("service_level", "share"),
    Key("z", "number"),
    Key("fill_rate", "share"),
    Key("name", "text"),
)


def _for_each(given: Given, expected: Decimal, spread: Decimal) -> dict[str, Json]:
    cases = given.raw("cases")
    if not isinstance(cases, list) or not cases:
        raise CaseInvalid("'cases' is no list of objects with 'service' or 'factor'")
    stocks: list[Json] = []
    points: list[Json] = []
    factors: list[Json] = []
    for each in cases:
        if not isinstance(each, Mapping):
            raise CaseInvalid(f"'cases' holds {shown(each)}, not an object with 'service' or 'factor'")
        one = read("cases", each, _CASE_KEYS)
        values = {
            name: value
            for name, value in given.values.items()
            if name not in ("service_level", "z", "fill_rate")
        }
        guard = reorder_points.guarded(
            _factor(Given({**values, **one.values}, given.notes), spread), spread, expected
        )
        stocks.append(guard.safety_stock)
        points.append(guard.reorder_point)
        factors.append(guard.z)
    given.note("lists are in the order of cases")
    return {"safety_stock": stocks, "order_point": points, "reorder_point": points, "z": factors}


def _extremes(given: Given) -> dict[str, Json]:
    """The rule of thumb by the largest usage and the longest lead time."""
    expected = given.number("daily_demand") * given.number("lead_time")
    most = given.number("max_daily_demand") * given.number("max_lead_time", given.number("lead_time"))
    given.note("safety stock = largest demand x longest lead time - average demand x average lead time")
    return {
        "safety_stock": most - expected,
        "reorder_point": most,
        "order_point": most,
        "lead_time_demand": expected,
    }


# ── policies ──────────────────────────────────────────────────────────────────────────────────────────────
R_Q_KEYS = keys_of(
    "r_q",
    Key("setup_cost", "positive", required=True),
    Key("holding_cost", "positive", required=True),
    Key("stockout_cost", "positive", required=True),
    Key("demand_mean", "positive", required=True),
    Key("demand_sd", "not_negative"),
    Key("lead_time", "not_negative"),
    Key("lead_time_demand", "not_negative"),
    Key("sd_lead_time_demand", "not_negative"),
    Key("order_quantity", "positive"),
)


def r_q(given: Given) -> dict[str, Json]:
    """Reorder point and quantity under continuous review."""
    demand = given.number("demand_mean")
    if given.has("sd_lead_time_demand") and (given.has("lead_time_demand") or given.has("lead_time")):
        mean = given.number("lead_time_demand", demand * given.number("lead_time", ZERO))
        spread = given.number("sd_lead_time_demand")
    else:
        lead = given.number("lead_time")
        mean, spread = demand * lead, reorder_points.spread_over(lead, given.number("demand_sd"))
        given.note("lead_time is in the time unit of the demand")
    if spread == 0:
        raise CaseInvalid("'demand_sd' leaves no uncertainty over the lead time; use the family 'eoq'")
    try:
        found = reorder_points.continuous_review(
            given.number("setup_cost"),
            given.number("holding_cost"),
            given.number("stockout_cost"),
            demand,
            Normal(mean, spread),
            given.number("order_quantity") if given.has("order_quantity") else None,
        )
    except reorder_points.NoPolicy as exc:
        raise CaseInvalid(f"'stockout_cost' allows no (r, Q) policy: {exc}") from exc
    given.note("approximation by expected inventory level, iterated; stockout_cost is for each missing unit")
    return {
        "r": found.reorder_point,
        "Q": found.quantity,
        "cost": found.cost,
        "safety_stock": found.safety_stock,
        "expected_shortage": found.short_per_cycle,
        "ordering_cost": found.ordering_cost,
        "holding_cost": found.holding_cost,
        "shortage_cost": found.shortage_cost,
    }


KANBAN_KEYS = keys_of(
    "kanban",
    Key("demand", "not_negative", required=True),
    Key("lead_time", "not_negative", required=True),
    Key("container_size", "positive", required=True),
    Key("safety_factor", "not_negative"),
    Key("safety_stock", "not_negative"),
)


def kanban(given: Given) -> dict[str, Json]:
    """Containers that a loop needs."""
    need = given.number("demand") * given.number("lead_time")
    stock = given.number("safety_stock", need * given.number("safety_factor", ZERO))
    exact = (need + stock) / given.number("container_size")
    given.note("containers are rounded up; lead_time is in the time unit of the demand")
    return {
        "containers": exact.to_integral_value(ROUND_CEILING),
        "containers_exact": exact,
        "safety_stock": stock,
    }
