"""What stockpyl makes of planning cases: cases as JSON on stdin, their figures as JSON on stdout.

Runs in an environment of its own, which has nothing of plantwright.
"""

import json
import sys
from typing import Any

from scipy import stats  # type: ignore[import-not-found]
from stockpyl import eoq, helpers, loss_functions, newsvendor, rq  # type: ignore[import-not-found]
from stockpyl.wagner_whitin import wagner_whitin  # type: ignore[import-not-found]


def economic(of: dict[str, Any]) -> dict[str, Any]:
    q, cost = eoq.economic_order_quantity(of["K"], of["h"], of["D"])
    return {"q": q, "cost": cost}


def produced(of: dict[str, Any]) -> dict[str, Any]:
    q, cost = eoq.economic_production_quantity(of["K"], of["h"], of["D"], of["production_rate"])
    return {"q": q, "cost": cost}


def waiting(of: dict[str, Any]) -> dict[str, Any]:
    q, share, cost = eoq.economic_order_quantity_with_backorders(of["K"], of["h"], of["p"], of["D"])
    return {"q": q, "stockout_fraction": share, "cost": cost}


def discounted(of: dict[str, Any]) -> dict[str, Any]:
    given = of["K"], of["i"], of["D"], of["breakpoints"], of["unit_costs"]
    q, region, cost = eoq.economic_order_quantity_with_all_units_discounts(*given)
    return {"q": q, "region": region, "cost": cost}


def above_breaks(of: dict[str, Any]) -> dict[str, Any]:
    given = of["K"], of["i"], of["D"], of["breakpoints"], of["unit_costs"]
    q, region, cost = eoq.economic_order_quantity_with_incremental_discounts(*given)
    return {"q": q, "region": region, "cost": cost}


def dynamic(of: dict[str, Any]) -> dict[str, Any]:
    quantities, cost, to_go, _ = wagner_whitin(
        len(of["demand"]), of["holding_cost"], of["setup_cost"], of["demand"], of["unit_cost"]
    )
    return {"total_cost": cost, "cost_to_go": list(to_go)[1:-1], "order_qty": list(quantities)[1:]}


def one_period(of: dict[str, Any]) -> dict[str, Any]:
    over, under = of["holding_cost"], of["stockout_cost"]
    match of["distribution"]:
        case "normal":
            level, cost = newsvendor.newsvendor_normal(over, under, of["mean"], of["sd"])
        case "poisson":
            level, cost = newsvendor.newsvendor_poisson(over, under, of["mean"])
        case "uniform":
            spread = stats.uniform(of["low"], of["high"] - of["low"])
            level, cost = newsvendor.newsvendor_continuous(over, under, spread)
        case "exponential":
            level, cost = newsvendor.newsvendor_continuous(over, under, stats.expon(scale=of["mean"]))
        case _:
            shares = dict(zip(of["demand"], of["probabilities"], strict=True))
            level, cost = newsvendor.newsvendor_discrete(over, under, demand_pmf=shares)
    return {"base_stock": level, "cost": cost}


def reviewed(of: dict[str, Any]) -> dict[str, Any]:
    """A base stock of a service level is a newsvendor's whose costs stand in that ratio."""
    level, _ = newsvendor.newsvendor_normal(
        1 - of["service_level"], of["service_level"], of["d"], of["sd"], of["lead_time"]
    )
    over = of["lead_time"] + of["review_period"]
    short, _ = loss_functions.normal_loss(level, of["d"] * over, of["sd"] * over**0.5)
    return {"order_up_to": level, "safety_stock": level - of["d"] * over, "expected_shortage": short}


def uncertain_lead(of: dict[str, Any]) -> dict[str, Any]:
    """Mean and spread of the demand over a lead time that is drawn too, from the mixed distribution."""
    mean = square = 0.0
    for days, share in of["lead_times"].items():
        over = helpers.sum_of_discretes_distribution(int(days), of["low"], of["high"], of["probabilities"])
        mean += share * over.mean()
        square += share * (over.var() + over.mean() ** 2)
    return {"lead_time_demand": mean, "sd_lead_time_demand": (square - mean**2) ** 0.5}


def filled(of: dict[str, Any]) -> dict[str, Any]:
    """The share of demand that a reorder point of ours serves from stock."""
    short, _ = loss_functions.normal_loss(of["reorder_point"], of["ltd"], of["sd_ltd"])
    return {"fill_rate": 1 - short / of["order_quantity"]}


def continuous(of: dict[str, Any]) -> dict[str, Any]:
    r, quantity, cost = rq.r_q_eil_approximation(
        of["holding_cost"], of["stockout_cost"], of["setup_cost"], of["demand_mean"], of["demand_sd"],
        of["lead_time"], tol=1e-10,
    )  # fmt: skip
    return {"r": r, "Q": quantity, "cost": cost}


ASKED = {
    "eoq": economic,
    "epq": produced,
    "eoq_backorders": waiting,
    "eoq_all_units_discount": discounted,
    "eoq_incremental_discount": above_breaks,
    "wagner_whitin": dynamic,
    "newsvendor": one_period,
    "periodic_review": reviewed,
    "uncertain_lead": uncertain_lead,
    "fill_rate": filled,
    "r_q": continuous,
}


def main() -> None:
    cases = json.load(sys.stdin)
    json.dump([ASKED[one["family"]](one["inputs"]) for one in cases], sys.stdout, default=float)


if __name__ == "__main__":
    main()
