"""Labour: rate, idle time and efficiency."""

from __future__ import annotations

from tools.engines.variance.families import family

LABOUR = family(
    "labour_rate_efficiency",
    also="labour labour_rate labour_efficiency direct_labour direct_labour_rate_efficiency"
    " labour_rate_idle_efficiency"
    " labour_idle_time labour_rate_time direct_labour_variance labour_variance labour_idle"
    " labour_efficiency_idle",
    text="""
        actual_cost = paid_hours * actual_rate
        paid_hours = worked_hours + idle_hours
        standard_hours = units * standard_hours_per_unit
        standard_hours_per_unit * 60 = standard_minutes_per_unit
        standard_hours_per_unit * standard_units_per_hour = 1
        standard_cost = standard_hours * standard_rate
        standard_cost_per_unit = standard_hours_per_unit * standard_rate
        standard_cost = units * standard_cost_per_unit
        rate = actual_cost - paid_hours * standard_rate
        idle = idle_hours * standard_rate
        efficiency = (worked_hours - standard_hours) * standard_rate
        total = rate + idle + efficiency
        total = actual_cost - standard_cost
    """,
    cost="rate idle efficiency total",
    sums="total: rate idle efficiency",
    shown="rate efficiency idle total",
    by_items="material_mix_yield",
    spellings="""
        paid_hours: actual_hours ah hours_paid actual_hours_paid hours total_hours actual_labour_hours
        paid_hours: actual_time
        worked_hours: hours_worked actual_hours_worked productive_hours active_hours
        idle_hours: idle_time hours_idle idle downtime_hours idle_time_hours
        actual_rate: ar actual_rate_per_hours actual_wage_rate actual_labour_rate actual_hours_rate wage_rate
        actual_rate: actual_price actual_cost_per_hours
        actual_cost: actual_labour_cost wages wages_paid labour_cost actual_wages actual_total_cost total_cost
        actual_cost: total_actual_cost actual_payroll payroll gross_wages
        standard_rate: sr standard_rate_per_hours standard_wage_rate standard_labour_rate standard_hours_rate
        standard_rate: standard_price standard_cost_per_hours budget_rate
        standard_hours: sh standard_hours_allowed standard_hours_for_output standard_labour_hours
        standard_hours: hours_allowed
        standard_hours: standard_time standard_hours_for_actual_output flexed_hours
        standard_hours_per_unit: hours_per_unit standard_labour_hours_per_unit standard_time_per_unit
        standard_hours_per_unit: budget_hours_per_unit
        standard_minutes_per_unit: minutes_per_unit
        standard_units_per_hour: standard_units_per_hours units_per_hours standard_output_per_hours
        units: actual_output output actual_units actual_production units_produced good_output production
        units: output_units units_made actual_output_units good_units
        standard_cost_per_unit: standard_labour_cost_per_unit
        standard_cost: total_standard_cost standard_labour_cost flexed_cost
    """,
    outputs="""
        rate: rate_variance labour_rate price price_variance
        idle: idle_time idle_time_variance labour_idle
        efficiency: efficiency_variance labour_efficiency time usage quantity productivity
        total: cost total_variance labour_cost total_cost cost_variance
    """,
    assumptions=(("idle_hours = 0", ""),),
)
