"""Inputs as textbooks write them, and what is refused by name."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.engines.variance.case_file import CasesUnreadable, results
from tools.engines.variance.cases import Result
from tools.engines.variance.catalogue import FAMILIES, PRODUCTION_ORDER
from tools.engines.variance.order_records import LISTS, ORDER_WORDS

Inputs = dict[str, object]


def solved(family: str, inputs: Inputs, *keys: str, **case: object) -> Result:
    [found] = results(
        json.dumps({"id": "T", "family": family, "inputs": inputs, "expected_keys": keys, **case})
    )
    return found


def amounts(result: Result) -> dict[str, str]:
    """Each variance as `12.00 U`; of items as `key.item`."""
    assert not result.error
    flat = {}
    for key, record in result.record().items():
        if isinstance(record, dict):
            entries = {key: record} if "amount" in record else {f"{key}.{i}": r for i, r in record.items()}
            flat |= {name: f"{each['amount']} {each['effect']}" for name, each in entries.items()}  # type: ignore[index]
    return flat


@pytest.mark.parametrize(
    "inputs",
    [
        {"actual_qty": 10, "actual_price": 6, "standard_qty": 12, "standard_price": 3},
        {"AQ": 10, "AP": 6, "SQ": 12, "SP": 3},
        {"actual quantity": 10, "Actual Cost": "60", "units": 4, "std_qty_per_unit": 3, "std_price": 3},
        {"actual": {"qty": 10, "price": 6}, "standard": {"qty": 12, "price": 3}},
        {"qty_used": 10, "actual_cost": 60, "standard_quantity_allowed": 12, "standard_cost": 36},
        {"opening_stock": 4, "qty_purchased": 8, "closing_stock": 2, "actual_price": 6, "sq": 12, "sp": 3},
    ],
)
def test_spellings_of_the_same_case(inputs: Inputs) -> None:
    """Prices or costs, totals or per unit, abbreviations, groups: one answer."""
    found = solved("material_price_quantity", inputs)
    assert amounts(found) == {"price": "30.00 U", "quantity": "6.00 F", "total": "24.00 U"}


@pytest.mark.parametrize(
    "inputs",
    [
        {"standard_mix": [{"m": "A", "share": 0.6, "price": 8}, {"m": "B", "share": 0.4, "price": 5}]},
        {"standard_mix": {"A": 60, "B": 40}, "standard_price": {"A": 8, "B": 5}},
        {"materials": ["A", "B"], "share": [3, 2], "standard_price": [8, 5]},
        {
            "standard_input": [
                {"material": "A", "qty": 6, "price": 8},
                {"material": "B", "qty": 4, "price": 5},
            ]
        },
    ],
)
def test_spellings_of_a_mix(inputs: Inputs) -> None:
    """Shares, percentages, ratios or a recipe; records, items or lists side by side."""
    rest = {"actual_input": {"A": 620, "B": 430}, "standard_yield": 0.9, "actual_output": 940}
    found = solved("material_mix_yield", {**inputs, **rest}, "mix", "yield", "usage", "mix_by_material")
    assert amounts(found) == {
        "mix": "30.00 F",
        "yield": "37.78 U",
        "usage": "7.78 U",
        "mix_by_material.A": "80.00 F",
        "mix_by_material.B": "50.00 U",
    }


def test_a_variance_can_be_what_is_given() -> None:
    """Of a total and one part the other one follows."""
    given = {
        "actual_qty": 10,
        "standard_price": 3,
        "standard_qty": 12,
        "total": {"amount": 24, "effect": "A"},
    }
    assert amounts(solved("material_price_usage", given, "price", "usage")) == {
        "price": "30.00 U",
        "usage": "6.00 F",
    }


def test_several_materials_are_summed() -> None:
    """A family of single figures takes records of items as well."""
    rows = [
        {"name": "X", "std_qty": 10, "std_price": 3, "act_qty": 11, "act_price": 4},
        {"name": "Y", "std_qty": 20, "std_price": 2, "act_qty": 19, "act_price": 2},
    ]
    found = solved("material_price_quantity", {"materials": rows}, "price", "quantity", "total")
    assert amounts(found) == {"price": "11.00 U", "quantity": "1.00 U", "total": "12.00 U"}


def test_idle_time_is_paid_and_not_worked() -> None:
    """Rate on hours paid, idle at the standard rate, efficiency on hours worked."""
    given = {"hours_paid": 7500, "hours_worked": 7000, "wages_paid": 50000, "units": 3000}
    given |= {"std_hours_per_unit": 2.3, "standard_rate_per_hour": 6.5}
    assert amounts(solved("labor_rate_efficiency", given, "rate", "idle_time", "efficiency", "total")) == {
        "rate": "1250.00 U",
        "idle_time": "3250.00 U",
        "efficiency": "650.00 U",
        "total": "5150.00 U",
    }


OVERHEAD: Inputs = {
    "actual_variable_overhead": 51600,
    "actual_fixed_overhead": 35000,
    "actual_hours": 22500,
    "variable_overhead_rate": 2.3,
    "budgeted_fixed_overhead": 34800,
    "denominator_hours": 29000,
    "standard_hours_allowed": 23000,
}


def test_overhead_two_three_and_four_ways() -> None:
    """Four parts, three and two are sums of one another, and the total is the same."""
    four = amounts(solved("overhead_four_way", OVERHEAD))
    assert four == {
        "variable_spending": "150.00 F",
        "variable_efficiency": "1150.00 F",
        "fixed_spending": "200.00 U",
        "fixed_volume": "7200.00 U",
        "total": "6100.00 U",
    }
    three = amounts(solved("overhead_three_way", OVERHEAD, "spending", "efficiency", "volume", "total"))
    assert three == {
        "spending": "50.00 U",
        "efficiency": "1150.00 F",
        "volume": "7200.00 U",
        "total": "6100.00 U",
    }
    two = amounts(solved("overhead_two_way", OVERHEAD, "controllable", "volume", "total"))
    assert two == {"controllable": "1100.00 F", "volume": "7200.00 U", "total": "6100.00 U"}


def test_market_size_and_share_are_the_quantity() -> None:
    """10,000 to 12,000 of which 1,000 and 1,100 were ours, at a contribution of 5."""
    given = {"budget_market_size": 10000, "actual_market_size": 12000, "budget_units": 1000}
    given |= {"actual_units": 1100, "contribution_per_unit": 5}
    assert amounts(solved("market_size_share", given, "market_size", "market_share", "sales_quantity")) == {
        "market_size": "1000.00 F",
        "market_share": "500.00 U",
        "sales_quantity": "500.00 F",
    }


def test_cost_centre_by_element() -> None:
    """Energy varies, wages do not: 10 % less activity is worth 50; 110 of the fixed cost is not absorbed."""
    rows = [
        {"name": "energy", "plan_fixed": 100, "plan_variable": 500, "actual": 580},
        {"name": "wages", "plan_fixed": 1000, "plan_variable": 0, "actual": 1010},
    ]
    found = solved("cost_center", {"plan_activity": 100, "actual_activity": 90, "elements": rows})
    assert amounts(found) == {
        "plan_to_target": "50.00 F",
        "target_to_actual": "40.00 U",
        "total": "10.00 F",
        "volume": "110.00 U",
        "absorption": "150.00 U",
        "target_to_actual_by.energy": "30.00 U",
        "target_to_actual_by.wages": "10.00 U",
    }


def test_a_bridge_names_its_corner() -> None:
    """Where the case says none the result says which was taken; where it does, that one."""
    inputs: Inputs = {"q0": 10, "p0": 5, "q1": 12, "p1": 6}
    assert solved("price_volume", inputs).record()["conventions"] == ["corner: late_corner"]
    assert amounts(solved("price_volume", {**inputs, "corner": "shapley"}, "price", "volume")) == {
        "price": "11.00 F",
        "volume": "11.00 F",
    }
    assert "it must be one of late_corner" in solved("price_volume", {**inputs, "corner": "early"}).error


def test_a_production_order_from_records() -> None:
    """Components and activities, a target scaled to what was delivered, set-up, scrap at an operation."""
    found = solved(
        "production_order",
        {
            "planned_qty": 100,
            "delivered_qty": 90,
            "scrap": {"qty": 5, "operation": 10},
            "components": [
                {"name": "steel", "operation": 10, "target_qty": 180, "target_price": 3, "actual_qty": 195}
                | {"actual_price": 3.1},
                {"name": "glue", "operation": 20, "actual": {"qty": 2, "price": 5}},
            ],
            "activities": [
                {
                    "name": "set-up",
                    "setup": True,
                    "std_qty": 2,
                    "std_rate": 50,
                    "actual_qty": 2.5,
                    "actual_rate": 50,
                },
                {"name": "running", "operation": 20, "std_qty": 10, "std_rate": 40, "actual_cost": 396}
                | {"actual_qty": 9.9},
            ],
        },
        "scrap",
        "input_price",
        "resource_usage",
        "input_quantity",
        "lot_size",
        "total",
    )
    assert amounts(found) == {
        "scrap": "30.00 U",
        "input_price": "19.50 U",
        "resource_usage": "10.00 U",
        "input_quantity": "76.00 U",
        "lot_size": "10.00 U",
        "total": "145.50 U",
    }
    assert found.conventions == ("target cost version 0",)


def test_rounded_inputs_are_said() -> None:
    """A price rounded to cents beside its cost: both stand, and the result says so."""
    given = {"actual_qty": 3, "actual_price": 3.33, "actual_cost": 10, "standard_qty": 3, "standard_price": 3}
    found = solved("material_price_quantity", given)
    assert amounts(found)["price"] == "1.00 U"
    assert found.conventions == ("actual_cost = actual_qty * actual_price holds only nearly: 10 and 9.99",)


@pytest.mark.parametrize(
    ("family", "inputs", "keys", "said"),
    [
        ("labour_rate_eficiency", {}, (), "'labour_rate_efficiency' may be meant"),
        ("astrology", {}, (), "there are material_price_quantity"),
        ("material_price_quantity", {"actual_qty": 1, "moon": 2}, (), "'moon' is not known"),
        ("material_price_quantity", {"actual_qtty": 1}, (), "'actual_qty' may be meant"),
        (
            "material_price_quantity",
            {"actual_qty": "many"},
            (),
            "'actual_qty' is 'many'; it must be a number",
        ),
        ("material_price_quantity", {"actual_qty": -1}, (), "'actual_qty' is below 0"),
        ("material_price_quantity", {"actual_qty": None}, (), "'actual_qty' is empty"),
        ("material_price_quantity", {"actual_qty": True}, (), "not true or false"),
        ("material_price_quantity", {"actual_qty": float("nan")}, (), "'actual_qty' is NaN"),
        ("material_price_quantity", {"actual_qty": 10**500}, (), "'actual_qty' is beyond 1e400"),
        (
            "material_price_quantity",
            {"actual_qty": 1, "aq": 2},
            (),
            "'aq' says something else than 'actual_qty'",
        ),
        (
            "material_price_quantity",
            {"actual_qty": 1, "actual_price": 2},
            ("price",),
            "give 'standard_price'",
        ),
        ("material_price_quantity", {"aq": 2, "ap": 3, "actual_cost": 9}, (), "does not hold: 9 is not 6"),
        ("material_price_quantity", {"aq": 0, "ap": 3, "actual_cost": 9}, (), "'actual_qty' is 'aq'"),
        ("material_price_quantity", {}, (), "'price' does not follow"),
        ("material_price_quantity", {"aq": 1, "ap": 1, "sp": 1, "sq": 1}, ("moon",), "'moon' is no result"),
        ("material_price_quantity", {"total": 4}, (), "give {'amount': ..., 'effect': 'F' or 'U'}"),
        (
            "material_price_quantity",
            {"total": {"amount": 4, "effect": "X"}},
            (),
            "it must be 'F', 'U' or 'N'",
        ),
        ("material_mix_yield", {"share": {"A": 0, "B": 0}}, ("mix",), "'mix' does not follow"),
        ("flexible_budget", {"actual": {"units": 1, "moon": 2}}, (), "'actual.moon' is not known"),
        ("flexible_budget", {"actual_units": {"A": 1}}, (), "must be one number"),
        ("price_volume", {"q0": 1, "q1": 2, "p0": 3}, (), "'p1' of 'all' is missing"),
        ("price_volume", {}, (), "no quantities were given"),
        ("price_volume_mix", {"q0": 1, "p0": 3, "q1": 1, "p1": 1}, ("cross_by",), "'cross_by' is no part"),
        ("production_order", {"delivered_qty": 1}, (), "'planned_qty' is missing"),
        (
            "production_order",
            {"planned_qty": 0, "delivered_qty": 1, "lines": [{"name": "x"}]},
            (),
            "must be above 0",
        ),
        ("production_order", {"planned_qty": 1, "delivered_qty": 1}, (), "'lines' is missing"),
        (
            "production_order",
            {"planned_qty": 1, "delivered_qty": 1, "lines": 3},
            (),
            "must be a list of records",
        ),
        (
            "production_order",
            {"planned_qty": 1, "delivered_qty": 1, "lines": [{"name": "x", "moon": 1}]},
            (),
            "'x.moon' is not known",
        ),
        (
            "production_order",
            {"planned_qty": 1, "delivered_qty": 1, "lines": [{"name": "x", "actual_qty": 1}]},
            (),
            "give actual_price or actual_cost",
        ),
        (
            "production_order",
            {"planned_qty": 1, "delivered_qty": 1, "version": 7, "lines": [{"name": "x", "actual_cost": 1}]},
            (),
            "'version' must be 0",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    family: str, inputs: Inputs, keys: tuple[str, ...], said: str
) -> None:
    """The key and what would be valid, in place of a zero."""
    found = solved(family, inputs, *keys)
    assert said in found.error
    assert found.values == {}


def test_facts_of_other_families_are_left_aside_and_said() -> None:
    """Textbooks tell more than a question needs; what no family knows is a slip."""
    given = {"AQ": 10, "AP": 6, "SQ": 12, "SP": 3, "standard_hours": 4, "price_note": "per kg"}
    found = solved("material_price_quantity", given)
    assert found.conventions == ("standard_hours is not used in the family material_price_quantity",)


def test_an_actual_figure_never_stands_for_a_budget() -> None:
    """Volume is valued at the budgeted contribution; the actual one is left aside and said."""
    given = {
        "budget": {"A": {"units": 100, "contribution": 5}},
        "actual": {"A": {"units": 90, "contribution": 9}},
    }
    found = solved("sales_mix_quantity", given, "sales_volume")
    assert amounts(found) == {"sales_volume": "50.00 U"}
    assert found.conventions == ("actual.contribution is not used in the family sales_mix_quantity",)


def test_a_loss_in_percent_is_a_yield() -> None:
    """10 % lost of 1050: 945 expected, 940 had; in a batch it is 9 of 10."""
    mix: Inputs = {"share": {"A": 6, "B": 4}, "standard_price": {"A": 8, "B": 5}, "actual_output": 940}
    mix |= {"actual_qty": {"A": 620, "B": 430}}
    batch = {**mix, "standard_batch_input": 10, "standard_output": 9}
    for inputs in ({**mix, "normal_loss_pct": 10}, {**mix, "standard_loss": 0.1}, batch):
        assert amounts(solved("material_mix_yield", inputs, "yield")) == {"yield": "37.78 U"}


def test_small_amounts_show_more_digits_and_digits_can_be_named() -> None:
    """A variance of a third of a cent is not nil; who wants whole units says so."""
    given = {"AQ": 1, "actual_cost": "0.0051", "SQ": 1, "SP": "0.002"}
    assert amounts(solved("material_price_quantity", given, "price")) == {"price": "0.00310 U"}
    big = {"AQ": 1, "actual_cost": "10.51", "SQ": 1, "SP": 2}
    assert amounts(solved("material_price_quantity", big, "price", digits=0)) == {"price": "9 U"}
    assert "'digits' must be a whole number" in solved("material_price_quantity", big, digits=99).error


def test_large_figures_keep_every_digit() -> None:
    """Forty digits are more than a float or a decimal context holds."""
    given = {"AQ": 1, "actual_cost": "1" + "0" * 39 + ".01", "SQ": 1, "SP": 1}
    [found] = solved("material_price_quantity", given, "price").values.values()
    assert found.delta == Decimal("9" * 39 + ".01")  # type: ignore[union-attr]


def test_each_case_stands_for_itself() -> None:
    """What is wrong with one leaves the others as they are; ids that are missing or taken get a place."""
    good = {"family": "ppv", "inputs": {"actual_price": 2, "standard_price": 1, "qty": 3}}
    found = results(
        json.dumps([{**good, "id": "A"}, 7, {**good, "id": "A"}, {"id": "B"}, {**good, "moon": 1}])
    )
    assert [(each.id, bool(each.error)) for each in found] == [
        ("A", False),
        ("case 2", True),
        ("A (3)", False),
        ("B", True),
        ("case 5", True),
    ]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 50)
    | st.floats()
    | st.sampled_from(["A", "4 U", "7", "late_corner"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["A", "qty", "price", "actual", "name", "amount", "effect"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
SPELLED = {each.name: sorted(each.spellings) for each in FAMILIES} | {
    PRODUCTION_ORDER: sorted(ORDER_WORDS) + sorted(LISTS)
}


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_a_case_there_is_a_result(data: st.DataObject) -> None:
    """Values or an error, never an exception and never neither."""
    family = data.draw(st.sampled_from(sorted(SPELLED)))
    inputs = data.draw(st.dictionaries(st.sampled_from(SPELLED[family]), json_values, max_size=6))
    found = solved(family, inputs)
    assert bool(found.error) != bool(found.values)


@pytest.mark.parametrize("text", ["", "{", "3", "{}", '{"cases": 3}', "[" * 100_000])
def test_a_file_without_cases_is_refused(text: str) -> None:
    """No JSON, or JSON of something else."""
    with pytest.raises(CasesUnreadable):
        results(text)
