"""Lots, safety stocks and reorder points are those that another program computes for the same cases."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tools.engines.planning_cases import results

TREE = Path(__file__).parents[3]
PYTHON = TREE / ".venv-stockpyl" / "bin" / "python"
pytestmark = [
    pytest.mark.systems,
    pytest.mark.skipif(
        not PYTHON.exists(), reason="needs stockpyl: make test-systems installs it into .venv-stockpyl"
    ),
]
_OF_EACH = 40
_HEURISTICS = ("lot_for_lot", "silver_meal", "least_unit_cost", "part_period_balancing")
Case = dict[str, Any]


def _stockpyl(cases: list[Case]) -> list[dict[str, Any]]:
    command = [PYTHON, Path(__file__).with_name("stockpyl_oracle.py")]
    ran = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


def _ours(cases: list[Case]) -> list[dict[str, Any]]:
    return [one.as_json() for one in results(json.dumps(cases))]


def _steady(chance: random.Random) -> list[Case]:
    """Cases of a demand that is known and the same all the time."""
    given = {
        "K": chance.randint(1, 500),
        "h": round(chance.uniform(0.05, 9), 3),
        "D": chance.randint(50, 20_000),
    }
    prices = sorted((round(chance.uniform(1, 90), 2) for _ in range(chance.randint(1, 5))), reverse=True)
    breaks = [0, *sorted(chance.sample(range(10, 3_000), len(prices) - 1))]
    listed = {
        "K": given["K"], "D": given["D"], "i": round(chance.uniform(0.05, 0.5), 2),
        "breakpoints": breaks, "unit_costs": prices,
    }  # fmt: skip
    return [
        {"family": "eoq", "inputs": given},
        {
            "family": "epq",
            "inputs": {**given, "production_rate": given["D"] + chance.randint(1, 9_000)},
        },
        {"family": "eoq_backorders", "inputs": {**given, "p": round(chance.uniform(0.1, 40), 2)}},
        {"family": "eoq_all_units_discount", "inputs": listed},
        {"family": "eoq_incremental_discount", "inputs": listed},
    ]


def _by_period(chance: random.Random) -> list[Case]:
    """A requirement by period with its costs.

    The holding cost is one: the other program holds a lot at that of the period of its order, we at that of
    each period in which it lies.
    """
    count = chance.randint(1, 14)

    def drawn(most: int) -> list[int]:
        return [chance.randint(0, most) for _ in range(count)]

    inputs = {
        "demand": [chance.choice((0, 1, 1, 1)) * each for each in drawn(120)],
        "setup_cost": [each + 1 for each in drawn(400)],
        "holding_cost": chance.randint(0, 4),
        "unit_cost": drawn(6),
    }
    return [{"family": "wagner_whitin", "inputs": inputs}]


def _uncertain(chance: random.Random) -> list[Case]:
    """Cases of a demand of which only the distribution is known."""
    costs = {
        "holding_cost": round(chance.uniform(0.1, 5), 2),
        "stockout_cost": round(chance.uniform(0.1, 30), 2),
    }
    mean, low = chance.randint(5, 400), chance.randint(0, 50)
    levels = chance.sample(range(1, 60), chance.randint(2, 6))
    shares = [chance.randint(1, 9) for _ in levels]
    # In binary parts they add up exactly to one on either side, so that a ratio falls on the same side.
    shares[0] += 64 - sum(shares)
    demands: list[Case] = [
        {"distribution": "normal", "mean": mean, "sd": round(chance.uniform(0.5, mean / 3), 2)},
        {"distribution": "poisson", "mean": chance.randint(1, 60)},
        {"distribution": "uniform", "low": low, "high": low + chance.randint(1, 200)},
        {"distribution": "exponential", "mean": mean},
        {
            "distribution": "discrete",
            "demand": levels,
            "probabilities": [one / 64 for one in shares],
        },
    ]
    demand, lead = chance.randint(50, 5_000), round(chance.uniform(0.02, 0.4), 3)
    return [
        *({"family": "newsvendor", "inputs": {**costs, **one}} for one in demands),
        {
            "family": "periodic_review",
            "inputs": {
                "d": mean, "sd": round(chance.uniform(0.5, mean / 3), 2), "lead_time": chance.randint(0, 12),
                "review_period": 1, "service_level": round(chance.uniform(0.55, 0.995), 3),
            },
        },
        {
            "family": "r_q",
            "inputs": {
                "holding_cost": round(chance.uniform(0.1, 2), 3),
                "stockout_cost": round(chance.uniform(5, 40), 2),
                "setup_cost": chance.randint(5, 60), "demand_mean": demand,
                "demand_sd": round(demand * chance.uniform(0.05, 0.4), 2), "lead_time": lead,
            },
        },
    ]  # fmt: skip


def test_formulas_agree_with_those_of_another_program() -> None:
    """Hundreds of drawn cases: quantities and costs are the same; no lot rule costs less than its optimum."""
    chance = random.Random(9)
    cases = [
        case for _ in range(_OF_EACH) for case in (*_steady(chance), *_by_period(chance), *_uncertain(chance))
    ]
    others, ours = _stockpyl(cases), _ours(cases)
    for case, theirs, own in zip(cases, others, ours, strict=True):
        assert "error" not in own, (own, case)
        for key, value in theirs.items():
            # Of two plans that cost the same either may be given.
            if key != "order_qty":
                assert own[key] == pytest.approx(value, rel=1e-6, abs=1e-6), (key, own, theirs, case)
    dynamic = [at for at, case in enumerate(cases) if case["family"] == "wagner_whitin"]
    for rule in _HEURISTICS:
        found = _ours([{**cases[at], "family": rule} for at in dynamic])
        for at, own in zip(dynamic, found, strict=True):
            assert own["total_cost"] >= others[at]["total_cost"] - 1e-9, (rule, cases[at])


def _lead(chance: random.Random) -> tuple[Case, Case]:
    """A daily demand and a lead time that are both drawn, and the safety stock of their means and spreads."""
    low = chance.randint(0, 20)
    weights = [chance.randint(1, 9) for _ in range(chance.randint(2, 6))]
    shares = [one / sum(weights) for one in weights]
    days = {str(one): chance.randint(1, 9) for one in chance.sample(range(1, 12), 3)}
    lead = {one: share / sum(days.values()) for one, share in days.items()}
    spelled = {
        "lead_times": lead,
        "low": low,
        "high": low + len(shares) - 1,
        "probabilities": shares,
    }
    demand, demand_sd = _moments({low + at: share for at, share in enumerate(shares)})
    time, time_sd = _moments({int(one): share for one, share in lead.items()})
    inputs = {
        "daily_demand": demand, "sd_daily": demand_sd, "lead_time": time, "lead_time_sd": time_sd,
        "fill_rate": round(chance.uniform(0.8, 0.99), 3), "order_quantity": chance.randint(100, 900),
    }  # fmt: skip
    return {"family": "uncertain_lead", "inputs": spelled}, {"family": "safety_stock", "inputs": inputs}


def _moments(shares: Mapping[int, float]) -> tuple[float, float]:
    mean = sum(value * share for value, share in shares.items())
    return mean, (sum(value**2 * share for value, share in shares.items()) - mean**2) ** 0.5


def test_an_uncertain_lead_time_counts_as_it_does_spelled_out() -> None:
    """Demand until goods arrive spreads as spelled out, and the fill rate is the one that was asked for."""
    chance = random.Random(11)
    drawn = [_lead(chance) for _ in range(_OF_EACH)]
    own = _ours([case for _, case in drawn])
    wanted: list[Case] = [
        {
            "family": "fill_rate",
            "inputs": {
                "reorder_point": found["reorder_point"], "ltd": found["lead_time_demand"],
                "sd_ltd": found["sd_lead_time_demand"], "order_quantity": case["inputs"]["order_quantity"],
            },
        }
        for found, (_, case) in zip(own, drawn, strict=True)
    ]  # fmt: skip
    others = _stockpyl([*(mixed for mixed, _ in drawn), *wanted])
    for found, theirs in zip(own, others, strict=False):
        for key, value in theirs.items():
            assert found[key] == pytest.approx(value, rel=1e-6, abs=1e-4), (found, theirs)
    for theirs, (_, case) in zip(others[len(drawn) :], drawn, strict=True):
        assert theirs["fill_rate"] == pytest.approx(case["inputs"]["fill_rate"], abs=1e-6)
