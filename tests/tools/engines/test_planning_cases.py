"""Planning cases as files hold them: published answers, spellings, conventions, and what is refused."""

# ruff: noqa: E501 - a case is read as one line
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.engines.planning_cases import CasesUnreadable, results
from tools.engines.planning_cases.families import FAMILIES, NAMED, SAME
from tools.engines.planning_cases.keys import SPELLINGS

WORKED = Path(__file__).with_name("worked_mrp_cases.json")
PUBLISHED = Path(__file__).parents[4] / "shared" / "data" / "mrp_cases.json"


def _computed(family: str, asked: list[str] | None = None, **inputs: object) -> dict[str, Any]:
    (found,) = results(json.dumps([{"family": family, "inputs": inputs, "expected_keys": asked or []}]))
    return found.as_json()


@pytest.mark.parametrize("file", [PUBLISHED, WORKED], ids=["published", "worked by hand"])
def test_cases_of_a_file_come_out_as_they_say(file: Path) -> None:
    """Every case is computed, has all keys that it asks for, and equals its answer where there is one."""
    if not file.is_file():
        pytest.skip("../shared/data is not there")
    cases = {case["id"]: case for case in json.loads(file.read_text("utf-8"))["cases"]}
    found = {one.id: one for one in results(file.read_text("utf-8"))}
    assert list(found) == list(cases)
    for name, case in cases.items():
        assert not found[name].error, found[name].error
        assert not found[name].not_computed
        shown = found[name].as_json()
        for key, value in case.get("expected", {}).items():
            # The one answer that its source rounds says so.
            tolerance = 0.1 if "tolerance 0.1" in case.get("note", "") else 1e-9
            assert shown[key] == (
                pytest.approx(value, abs=tolerance) if isinstance(value, int | float) else value
            )


# Worked by hand or in textbooks other than those of the case file.
@pytest.mark.parametrize(
    ("family", "inputs", "expected"),
    [
        ("eoq", {"D": 1000, "S": 10, "H": 0.5, "working_days": 250, "L": 3},
         {"q": 200, "cost": 100, "orders": 5, "days_between_orders": 50, "reorder_point": 12}),
        ("epq", {"D": 1000, "S": 10, "H": 0.5, "p": 8, "d": 4}, {"q": 282.842712}),
        ("epq", {"demand": 48000, "K": 45, "h": 1, "production_rate": 800, "working_days": 240},
         {"q": 2400, "max_inventory": 1800, "production_time": 3, "cost": 1800}),
        ("quantity_discount", {"D": 5000, "S": 49, "I": 0.2, "breaks": [0, 1000, 2000], "prices": [5, 4.8, 4.75]},
         {"q": 1000, "cost": 24725, "region": 1}),
        ("quantity_discount",
         {"annual_demand": 816, "ordering_cost": 12, "holding_cost": 4,
          "brackets": [{"min": 1, "max": 49, "price": 20}, {"min": 50, "price": 18}, {"min": 80, "price": 17},
                       {"min": 100, "price": 16}]},
         {"q": 100, "cost": 13353.92}),
        ("planned_shortages", {"K": 8, "h": 0.225, "b": 5, "D": 1300},
         {"q": 310.812555, "cost": 66.921364, "stockout_fraction": 0.0430622}),
        ("newsvendor", {"cu": 0.6, "co": 0.2, "min": 300, "max": 500}, {"base_stock": 450}),
        ("newsvendor", {"price": 1, "cost": 0.3, "salvage": 0.1, "demand": {"10": 0.3, "20": 0.4, "30": 0.3}},
         {"base_stock": 30, "expected_profit": 12}),
        ("newsvendor", {"co": 1, "cu": 4, "distribution": "poisson", "mean": 5}, {"base_stock": 7}),
        ("safety_stock", {"service_level": 0.97, "demand": 50, "sd": 5, "lead_time": 4, "z": 1.88},
         {"safety_stock": 18.8, "reorder_point": 218.8}),
        ("safety_stock", {"daily_demand": 20, "sd_demand": 4, "lead_time": 10, "lead_time_sd": 2, "z": 2},
         {"sd_lead_time_demand": 41.952354}),
        ("safety_stock", {"average_demand": 40, "max_daily_usage": 60, "lead_time": 6, "max_lead_time": 8},
         {"safety_stock": 240, "reorder_point": 480}),
        ("periodic_review", {"d": 10, "sd": 3, "review_period": 30, "lead_time": 14, "on_hand": 150, "z": 2.05},
         {"order_up_to": 480.794485, "order_quantity": 330.794485}),
        ("mrp_netting",
         {"gross": [35, 30, 40, 0, 10, 40, 30, 0, 30, 55], "on_hand": 35, "lot": "FOQ", "lot_size": 73, "lead_time": 1},
         {"net": [0, 30, 0, 0, 7, 0, 4, 0, 0, 16], "planned_releases": [73, 0, 0, 73, 0, 73, 0, 0, 73, 0]}),
        ("mrp_netting", {"gross": [10, 20], "lot": {"rule": "fixed", "quantity": 25}, "safety_stock": 5, "lead_time": 1},
         {"net": [15, 10], "planned_releases": [25, 0], "past_due_releases": {"0": 25}}),
        ("mrp_netting", {"gross": [90], "scrap_pct": 10, "scrap_convention": "yield"}, {"planned_releases": [100]}),
        ("fixed_period", {"demand": [1, 2, 3, 0, 4], "periods": 2}, {"order_qty": [3, 0, 3, 0, 4]}),
        ("min_max", {"demand": [30, 30, 30], "on_hand": 50, "min": 10, "max": 60}, {"order_qty": [0, 70, 0]}),
        ("rounding", {"quantity": 130, "min": 150, "multiple": 48, "max": 192}, {"orders": [192]}),
        ("scrap_assembly", {"yield_qty": 90, "scrap": 10, "convention": "yield"}, {"required_qty": 100}),
        ("scrap_operation",
         {"required_qty": 100, "components": {"x": {"component_scrap_pct": 5, "quantity_per": 2}}}, {"x_qty": 210}),
        ("bom_requirements", {"bom": {"A": {"B": 2, "C": 3}, "B": {"C": 4}}, "quantity": 10, "on_hand": {"B": 5}},
         {"net": {"A": 10, "B": 15, "C": 90}}),
        ("kanban", {"demand": 100, "lead_time": 2, "container": 30, "alpha": 0.1}, {"containers": 8}),
        ("mps", {"on_hand": 45, "forecast": [50] * 4, "orders": [35, 25, 25, 20], "mps_quantity": 75},
         {"mps": [75, 0, 75, 75], "projected_on_hand": [70, 20, 45, 70]}),
        ("atp", {"on_hand": 10, "receipts": [0, 100, 0, 100], "orders": [0, 80, 0, 115]},
         {"atp": [10, 5, 0, 0], "cumulative_atp": [10, 15, 15, 15]}),
    ],
)  # fmt: skip
def test_cases_of_the_class_come_out_as_textbooks_have_them(
    family: str, inputs: dict[str, object], expected: dict[str, object]
) -> None:
    """In the spellings that textbooks use, with the keys of the family's results."""
    found = _computed(family, **inputs)
    assert "error" not in found, found
    for key, value in expected.items():
        assert found[key] == (pytest.approx(value, rel=1e-6) if isinstance(value, float) else value), key


def test_results_are_named_as_the_case_asks() -> None:
    """A case that asks for `Q` or `EOQ` gets it; what a family has not is said."""
    found = _computed("eoq", ["Q", "EOQ", "annual holding cost", "colour"], D=1000, S=10, H=0.5)
    assert found["Q"] == found["EOQ"] == found["q"] == 200
    assert found["annual holding cost"] == 50
    assert found["not_computed"] == ["colour"]


def test_conventions_that_inputs_leave_open_are_said() -> None:
    """Which one was taken stands in the result."""
    assert any(
        "taken for percent" in one
        for one in _computed("safety_stock", d=10, L=6, sd=3, service=98)["conventions"]
    )
    assert any("past due" in one for one in _explosion({"A": {"B": 1}}, {"A": 2, "B": 2})["conventions"])
    assert any("closest" in one for one in _computed("ppb", demand=[1, 2], K=3, h=1)["conventions"])


def _explosion(bom: object, lead_time: object = 1, **more: object) -> dict[str, Any]:
    return _computed("mrp_bom_explosion", bom=bom, demand={"A": {"3": 10}}, lead_time=lead_time, **more)


def test_requirements_by_date_keep_to_the_calendar() -> None:
    """Made parts over working days and holidays, bought ones over calendar days."""
    found = _computed(
        "mrp_bom_explosion",
        bom={"A": {"B": {"qty": 2, "scrap_pct": 10}}},
        demand={"A": {"2025-06-30": 10}},
        lead_time={"A": 2, "B": 5},
        calendar={"holidays": ["2025-06-27"]},
        lot={"B": {"rule": "l4l", "multiple": 25}},
    )
    assert found["releases"] == {"A": {"2025-06-25": 10}, "B": {"2025-06-20": 25}}
    assert found["gross"]["B"] == {"2025-06-25": 22}


@pytest.mark.parametrize(
    ("family", "inputs", "message"),
    [
        ("guesswork", {}, "'family' 'guesswork' is not known; valid: lot_for_lot"),
        ("eoq", {"D": 1, "S": 3, "h": 1, "wobble": 4}, "'wobble' is not a key of 'eoq'; valid keys: demand"),
        ("eoq", {"D": -1, "S": 3, "h": 1}, "'D' is -1, not a number above 0"),
        ("eoq", {"D": True, "S": 3, "h": 1}, "'D' is True, not a number above 0"),
        ("eoq", {"D": "many", "S": 3, "h": 1}, "'D' is 'many', not a number above 0"),
        ("eoq", {"D": 1, "demand": 1, "S": 3, "h": 1}, "'demand' is given more than once: D, demand"),
        ("eoq", {"S": 3, "h": 1}, "'demand' is missing"),
        ("eoq", {"D": 1, "S": 3}, "'holding_cost' is missing"),
        ("epq", {"D": 10, "S": 1, "h": 1, "p": 9}, "'production_rate' is 9, not above"),
        ("quantity_discount", {"D": 1, "S": 1, "i": 0.2, "breaks": [0, 5], "prices": [1, 2]}, "rise with the quantity"),
        ("quantity_discount", {"D": 1, "S": 1, "i": 0.2, "breaks": [5, 0], "prices": [2, 1]}, "do not rise"),
        ("newsvendor", {"cu": 1, "co": 1, "mean": 5}, "'sd' is missing"),
        ("newsvendor", {"price": 1, "cost": 2, "mean": 5, "sd": 1}, "both must be above 0"),
        ("safety_stock", {"d": 1, "sd": 1, "L": 1}, "'service_level' is missing"),
        ("safety_stock", {"d": 1, "sd": 1, "L": 1, "service": 1}, "'service' is 1, not a share"),
        ("r_q", {"K": 900, "h": 50, "p": 0.1, "D": 10, "sd": 2, "L": 1}, "allows no"),
        ("wagner_whitin", {"demand": [1, -2], "K": 1, "h": 1}, "'demand[2]' is -2"),
        ("wagner_whitin", {"demand": [1, 2], "K": [1], "h": 1}, "'setup_cost' has 1 periods; the others have 2"),
        ("wagner_whitin", {"demand": []}, "'demand' has 0 entries"),
        ("silver_meal", {"demand": [1]}, "'setup_cost' is missing"),
        ("rounding", {"quantity": 1, "min": 10, "max": 9}, "'maximum_lot' cannot be kept"),
        ("mrp_netting", {"gross": [1], "lot": "magic"}, "'lot' is 'magic'; valid: L4L"),
        ("mrp_bom_explosion", {"bom": {"A": {"B": 1}, "B": {"A": 1}}, "demand": {"A": {"3": 1}}}, "circle: A > B > A"),
        ("mrp_bom_explosion", {"bom": {"A": {"B": 1}}, "demand": {"A": {"soon": 1}}}, "has the period 'soon'"),
        ("mrp_bom_explosion", {"bom": {}, "demand": {"A": {"3": 1}}, "on_hand": {"Z": 1}}, "'on_hand' has 'Z'"),
        ("mps", {"forecast": [1], "rule": "when it rains"}, "'rule' is"),
        ("scrap_assembly", {"yield_qty": 1, "scrap": 100, "convention": "yield"}, "below 100"),
        ("eoq", {"D": 1e29, "S": 1, "h": 1e-9999}, "'h' is"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_case_is_its_result(
    family: str, inputs: dict[str, object], message: str
) -> None:
    """The key, what it held and what would be valid; the other cases of the file are computed."""
    good = {"id": "good", "family": "eoq", "inputs": {"D": 1000, "S": 10, "H": 0.5}}
    bad, computed = results(json.dumps({"cases": [{"id": "bad", "family": family, "inputs": inputs}, good]}))
    assert message in bad.error
    assert bad.as_json() == {"error": bad.error, "family": family}
    assert computed.as_json()["q"] == 200


@pytest.mark.parametrize("text", ["", "{", "3", "[NaN]", '{"a": 1}', '"cases"', "null"])
def test_a_file_without_cases_is_refused(text: str) -> None:
    """What it should hold is said."""
    with pytest.raises(CasesUnreadable):
        results(text)


def test_cases_without_or_with_the_same_id_are_told_apart() -> None:
    """No result hides another one."""
    case = {"family": "kanban", "inputs": {"D": 1, "L": 1, "C": 1}}
    found = results(json.dumps([case, {**case, "id": "x"}, {**case, "id": "x"}, 5, {"id": 7}]))
    assert [one.id for one in found] == ["case 1", "x", "x#2", "case 4", "7"]
    assert [bool(one.error) for one in found] == [False, False, False, True, True]


def test_every_spelling_belongs_to_something() -> None:
    """No row of the table is for a key, family or result that there is not."""
    keys = {key.name for family in FAMILIES.values() for key in family.keys}
    assert set(SPELLINGS["keys"]) <= keys | {"operation_scrap_pct"}
    assert set(SPELLINGS["families"]) <= set(FAMILIES)
    assert set(NAMED.values()) == set(FAMILIES)
    assert all(len(set(names)) == len(names) for names in SAME)


_figures = st.one_of(
    st.integers(-5, 2000),
    st.floats(0, 1e6),
    st.sampled_from([0, 1, 1e-30, 1e29, "7", "10%", "x", None, True]),
)
_values = st.recursive(
    _figures,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(st.sampled_from(["1", "2", "A", "B", "rule", "2025-06-30"]), inner, max_size=3),
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_inputs_make_a_case_crash(data: st.DataObject) -> None:
    """Whatever stands in a case, it has a result: figures that are finite, or a message."""
    name = data.draw(st.sampled_from(sorted(FAMILIES)))
    keys = [key.name for key in FAMILIES[name].keys]
    inputs = data.draw(st.dictionaries(st.sampled_from(keys), _values, max_size=len(keys)))
    for key in FAMILIES[name].keys:
        if key.required and data.draw(st.booleans()):
            inputs.setdefault(key.name, data.draw(st.sampled_from([3, [4, 0, 9], {"A": {"B": 2}}])))
    (found,) = results(json.dumps([{"family": name, "inputs": inputs}]))
    assert json.dumps(found.as_json(), allow_nan=False)
