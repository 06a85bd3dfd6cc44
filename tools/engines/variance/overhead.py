"""Overhead: one set of equations; two, three and four ways, variable and fixed are views of it."""

from __future__ import annotations

from tools.engines.variance.families import Family, family

_EQUATIONS = """
    actual_overhead = actual_variable_overhead + actual_fixed_overhead
    actual_variable_overhead = actual_hours * actual_variable_rate
    budget_overhead = budget_variable_overhead + budget_fixed_overhead
    budget_variable_overhead = budget_hours * variable_rate
    budget_fixed_overhead = budget_hours * fixed_rate
    overhead_rate = variable_rate + fixed_rate
    budget_hours = budget_output * standard_hours_per_unit
    standard_hours = actual_output * standard_hours_per_unit
    standard_hours_per_unit * 60 = standard_minutes_per_unit
    variable_rate_per_unit = variable_rate * standard_hours_per_unit
    fixed_rate_per_unit = fixed_rate * standard_hours_per_unit
    budget_fixed_overhead = budget_output * fixed_rate_per_unit
    budget_variable_overhead = budget_output * variable_rate_per_unit
    absorbed_fixed_overhead = standard_hours * fixed_rate
    absorbed_fixed_overhead = actual_output * fixed_rate_per_unit
    absorbed_variable_overhead = standard_hours * variable_rate
    absorbed_variable_overhead = actual_output * variable_rate_per_unit
    absorbed_overhead = absorbed_variable_overhead + absorbed_fixed_overhead
    absorbed_overhead = standard_hours * overhead_rate
    worked_hours = actual_hours - idle_hours
    variable_spending = actual_variable_overhead - worked_hours * variable_rate
    variable_efficiency = (worked_hours - standard_hours) * variable_rate
    variable_controllable = variable_spending + variable_efficiency
    variable_controllable = actual_variable_overhead - absorbed_variable_overhead
    fixed_spending = actual_fixed_overhead - budget_fixed_overhead
    fixed_volume = budget_fixed_overhead - absorbed_fixed_overhead
    fixed_capacity = budget_fixed_overhead - actual_hours * fixed_rate
    fixed_efficiency = (actual_hours - standard_hours) * fixed_rate
    fixed_volume = fixed_capacity + fixed_efficiency
    fixed_total = fixed_spending + fixed_volume
    fixed_total = actual_fixed_overhead - absorbed_fixed_overhead
    spending = actual_overhead - worked_hours * variable_rate - budget_fixed_overhead
    spending = variable_spending + fixed_spending
    controllable = actual_overhead - absorbed_variable_overhead - budget_fixed_overhead
    controllable = spending + variable_efficiency
    controllable = variable_controllable + fixed_spending
    total = controllable + fixed_volume
    total = actual_overhead - absorbed_overhead
"""
_COSTS = (
    "variable_spending variable_efficiency variable_controllable fixed_spending fixed_volume fixed_capacity"
    " fixed_efficiency fixed_total spending controllable total"
)
_SUMS = """
    total: controllable fixed_volume
    controllable: variable_controllable fixed_spending
    fixed_total: fixed_spending fixed_volume
    controllable: spending variable_efficiency
    variable_controllable: variable_spending variable_efficiency
    spending: variable_spending fixed_spending
    fixed_volume: fixed_capacity fixed_efficiency
"""
_SPELLINGS = """
    actual_overhead: actual_total_overhead total_actual_overhead actual_factory_overhead actual_overhead_cost
    actual_overhead: actual_overhead_incurred overhead_incurred actual_total_factory_overhead
    actual_variable_overhead: actual_variable_cost variable_overhead_incurred actual_variable_overhead_cost
    actual_variable_overhead: actual_variable_factory_overhead actual_variable_manufacturing_overhead
    actual_fixed_overhead: actual_fixed_cost fixed_overhead_incurred actual_fixed_overhead_cost
    actual_fixed_overhead: actual_fixed_factory_overhead actual_fixed_manufacturing_overhead
    actual_fixed_overhead: actual_expenditure
    budget_overhead: budget_total_overhead total_budget_overhead budget_factory_overhead
    budget_variable_overhead: budget_variable_cost budget_variable_overhead_cost
    budget_fixed_overhead: budget_fixed_cost fixed_overhead_budget budget_expenditure
    budget_fixed_overhead: budget_fixed_factory_overhead
    budget_fixed_overhead: budget_fixed_manufacturing_overhead budget_fixed_overhead_cost
    budget_hours: normal_hours denominator_hours normal_capacity capacity_hours denominator_activity bh
    budget_hours: normal_capacity_hours budget_labour_hours budget_machine_hours practical_capacity
    budget_hours: normal_activity
    budget_hours: denominator_level normal_volume budget_activity budget_direct_labour_hours planned_hours
    standard_hours: standard_hours_for_output standard_hours_allowed sh hours_allowed
    standard_hours: standard_hours_for_actual_output
    standard_hours: standard_hours_produced standard_machine_hours_allowed standard_direct_labour_hours
    actual_hours: ah hours hours_worked actual_hours_worked actual_labour_hours actual_machine_hours
    actual_hours: actual_direct_labour_hours machine_hours actual_activity
    idle_hours: idle_time
    variable_rate: standard_variable_rate standard_variable_overhead_rate variable_overhead_rate svr
    variable_rate: variable_rate_per_hours standard_variable_rate_per_hours
    variable_rate: standard_variable_overhead_rate_per_hours
    variable_rate: budget_variable_rate variable_overhead_rate_per_hours budget_variable_overhead_rate
    variable_rate: variable_factory_overhead_rate variable_overhead_per_hours
    fixed_rate: standard_fixed_rate standard_fixed_overhead_rate fixed_overhead_rate fixed_rate_per_hours foar
    fixed_rate: for
    fixed_rate: standard_fixed_rate_per_hours fixed_overhead_absorption_rate absorption_rate oar
    fixed_rate: standard_fixed_overhead_rate_per_hours fixed_overhead_rate_per_hours
    fixed_rate: budget_fixed_overhead_rate
    fixed_rate: fixed_factory_overhead_rate absorption_rate_per_hours fixed_overhead_per_hours
    fixed_rate: predetermined_fixed_overhead_rate
    overhead_rate: standard_overhead_rate total_overhead_rate predetermined_overhead_rate
    overhead_rate: overhead_rate_per_hours
    overhead_rate: total_rate
    actual_variable_rate: actual_variable_overhead_rate avr
    standard_hours_per_unit: hours_per_unit standard_time_per_unit standard_labour_hours_per_unit
    standard_hours_per_unit: standard_machine_hours_per_unit budget_hours_per_unit
    standard_minutes_per_unit: minutes_per_unit
    variable_rate_per_unit: standard_variable_overhead_per_unit variable_overhead_per_unit
    variable_rate_per_unit: standard_variable_cost_per_unit standard_variable_rate_per_unit
    fixed_rate_per_unit: standard_fixed_overhead_per_unit fixed_overhead_per_unit standard_fixed_cost_per_unit
    fixed_rate_per_unit: absorption_rate_per_unit standard_fixed_rate_per_unit
    fixed_rate_per_unit: fixed_overhead_absorption_rate_per_unit
    fixed_rate_per_unit: fixed_overhead_rate_per_unit
    budget_output: budget_units budget_production budget_volume planned_output normal_output
    budget_output: budget_output_units
    budget_output: budget_units_produced normal_production planned_units
    actual_output: actual_units units output actual_production units_produced actual_volume production
    actual_output: good_output
    actual_output: actual_output_units actual_units_produced
    absorbed_fixed_overhead: fixed_overhead_absorbed applied_fixed_overhead fixed_overhead_applied
    absorbed_variable_overhead: variable_overhead_absorbed applied_variable_overhead variable_overhead_applied
    absorbed_overhead: overhead_absorbed applied_overhead overhead_applied overhead_recovered
"""
_OUTPUTS = """
    fixed_volume: volume volume_variance production_volume fixed_overhead_volume fixed_volume_variance
    fixed_volume: denominator_variance production_volume_variance
    fixed_spending: fixed_expenditure fixed_overhead_spending fixed_overhead_expenditure fixed_budget
    fixed_spending: fixed_overhead_budget fixed_spending_variance
    variable_spending: variable_expenditure variable_overhead_spending variable_rate_variance
    variable_spending: variable_overhead_expenditure variable_spending_variance
    variable_efficiency: variable_overhead_efficiency variable_efficiency_variance
    variable_controllable: variable_total variable_overhead_total
    fixed_capacity: fixed_overhead_capacity
    fixed_efficiency: fixed_overhead_efficiency
    fixed_total: fixed_overhead_total
    controllable: budget controllable_variance budget_variance
    spending: spending_variance
    total: total_variance total_overhead overhead_total
"""
_NO_IDLE = (("idle_hours = 0", ""),)


def _view(name: str, also: str, shown: str, outputs: str = "", spellings: str = "") -> Family:
    return family(
        name,
        also=also,
        text=_EQUATIONS,
        cost=_COSTS,
        sums=_SUMS,
        spellings=_SPELLINGS + spellings,
        outputs=_OUTPUTS + outputs,
        shown=shown,
        assumptions=_NO_IDLE,
    )


TWO_WAY = _view(
    "overhead_two_way",
    "overhead overhead_2_way two_way_overhead overhead_controllable_volume factory_overhead overhead_variance"
    " factory_overhead_two_way",
    "variable_controllable controllable fixed_volume total",
    "variable_controllable: variable",
)
THREE_WAY = _view(
    "overhead_three_way",
    "overhead_3_way three_way_overhead",
    "spending variable_efficiency fixed_volume total",
    "variable_efficiency: efficiency efficiency_variance",
)
FOUR_WAY = _view(
    "overhead_four_way",
    "overhead_4_way four_way_overhead",
    "variable_spending variable_efficiency fixed_spending fixed_volume total",
    "variable_efficiency: efficiency\nfixed_spending: expenditure budget",
)
VARIABLE = _view(
    "variable_overhead",
    "variable_overhead_spending_efficiency variable_overhead_expenditure_efficiency"
    " variable_overhead_variance"
    " variable_overhead_rate_efficiency variable_overhead_efficiency variable_manufacturing_overhead",
    "spending efficiency total",
    "variable_spending: spending expenditure rate spending_variance expenditure_variance rate_variance price"
    "\nvariable_efficiency: efficiency efficiency_variance"
    "\nvariable_controllable: total total_variance cost",
    "actual_variable_overhead: actual_overhead actual_cost actual_total_overhead actual_overhead_cost"
    " actual_total_cost\n"
    "actual_variable_rate: actual_rate ar\n"
    "variable_rate: standard_rate overhead_rate standard_overhead_rate sr rate\n"
    "variable_rate_per_unit: standard_cost_per_unit standard_rate_per_unit\n"
    "budget_variable_overhead: budget_overhead\n",
)
FIXED = _view(
    "fixed_overhead_absorption",
    "fixed_overhead fixed_overhead_volume fixed_overhead_capacity_efficiency fixed_overhead_variance"
    " fixed_overhead_expenditure_volume fixed_production_overhead fixed_overhead_spending_volume"
    " fixed_manufacturing_overhead",
    "expenditure volume capacity efficiency total",
    "fixed_spending: expenditure spending budget expenditure_variance spending_variance budget_variance"
    "\nfixed_volume: volume volume_variance"
    "\nfixed_capacity: capacity capacity_variance\nfixed_efficiency: efficiency efficiency_variance"
    "\nfixed_total: total total_variance absorption over_under_absorption cost",
    "actual_fixed_overhead: actual_overhead actual_cost actual_total_overhead actual_overhead_cost\n"
    "budget_fixed_overhead: budget_overhead budget_cost budget_total_overhead\n"
    "fixed_rate: overhead_rate standard_rate standard_overhead_rate rate rate_per_hours"
    " standard_rate_per_hours\n"
    "fixed_rate_per_unit: overhead_rate_per_unit rate_per_unit standard_cost_per_unit\n"
    "fixed_rate_per_unit: standard_rate_per_unit\n",
)
