"""Cases as textbooks put them, worked by hand: other shapes of input than those that were published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tools.engines.variance.case_file import results
from tools.engines.variance.cases import Result

FILE = Path(__file__).with_name("worked_variances.json")
CASES: list[dict[str, object]] = json.loads(FILE.read_text(encoding="utf-8"))["cases"]
LACKING: dict[str, tuple[str, dict[str, object]]] = {
    "standard_price": (
        "material_price_quantity",
        {"actual_qty": 450, "actual_cost": 2925, "standard_qty": 430},
    ),
    "budget_price": (
        "flexible_budget",
        {"actual": {"units": 10, "revenue": 90, "variable_cost": 60, "fixed": 20}},
    ),
    "'p0' of 'C'": (
        "price_volume_mix",
        {"q0": {"A": 1, "C": 2}, "p0": {"A": 4}, "q1": {"A": 1, "C": 2}, "p1": {"A": 4, "C": 5}},
    ),
    "actual_rate": (
        "labour_rate_efficiency",
        {"actual_hours": 450, "standard_hours": 430, "standard_rate": 12},
    ),
    "does not hold": (
        "fixed_overhead_absorption",
        {
            "budget_output": 1000,
            "actual_output": 900,
            "standard_rate_per_unit": 5,
            "budgeted_fixed_overhead": 6000,
            "actual_fixed_overhead": 5200,
        },
    ),
}


@pytest.fixture(scope="module")
def found() -> dict[str, Result]:
    return {each.id: each for each in results(FILE.read_text(encoding="utf-8"))}


def signed(record: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every variance of a result under its path."""
    assert isinstance(record, Mapping), path
    if "amount" in record:
        yield path, f"{float(record['amount']):.2f} {record['effect']}"
        return
    for key, value in record.items():
        yield from signed(value, f"{path}/{key}")


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']} {case['family']}" for case in CASES])
def test_worked_case(case: dict[str, object], found: dict[str, Result]) -> None:
    """The result has the keys of `expected` and its figures to the cent, by item too."""
    result = found[str(case["id"])]
    assert not result.error
    record = {key: value for key, value in result.record().items() if key != "conventions"}
    assert dict(signed(record)) == dict(signed(case["expected"]))


@pytest.mark.parametrize("named", LACKING)
def test_what_is_missing_is_named(named: str) -> None:
    """A missing standard, plan or rate, or figures that contradict each other, are no zero: they are told."""
    family, inputs = LACKING[named]
    wanted = {"expected_keys": ["total"]} if family == "labour_rate_efficiency" else {}
    case = {"id": "R", "family": family, "inputs": inputs, **wanted}
    [result] = results(json.dumps(case))
    assert named in result.error
