"""Cost centres: plan to target, target to actual, what was absorbed; the percentage in SAP's postings."""

from __future__ import annotations

from tools.engines.variance.families import family

COST_CENTRE = family(
    "cost_centre",
    also="cost_center cost_centre_variance cost_center_variance cost_centre_plan_target_actual target_costs"
    " plan_target_actual cost_centre_absorption cost_center_absorption over_under_absorption"
    " overhead_absorption under_over_absorption overhead_over_under_absorption",
    text="""
        plan_cost[i] = plan_fixed_cost[i] + plan_variable_cost[i]
        plan_variable_cost[i] = plan_activity * variable_rate[i]
        target_variable_cost[i] = actual_activity * variable_rate[i]
        target_cost[i] = plan_fixed_cost[i] + target_variable_cost[i]
        plan_total_cost = sum(plan_cost[i])
        target_total_cost = sum(target_cost[i])
        actual_total_cost = sum(actual_cost[i])
        plan_total_cost = plan_activity * plan_rate
        absorbed_cost = actual_activity * plan_rate
        plan_to_target_by[i] = target_cost[i] - plan_cost[i]
        target_to_actual_by[i] = actual_cost[i] - target_cost[i]
        total_by[i] = plan_to_target_by[i] + target_to_actual_by[i]
        plan_to_target = target_total_cost - plan_total_cost
        target_to_actual = actual_total_cost - target_total_cost
        total = plan_to_target + target_to_actual
        total = actual_total_cost - plan_total_cost
        volume = target_total_cost - absorbed_cost
        absorption = target_to_actual + volume
        absorption = actual_total_cost - absorbed_cost
    """,
    cost="plan_to_target target_to_actual total volume absorption plan_to_target_by"
    " target_to_actual_by total_by",
    sums="""
        total: plan_to_target target_to_actual
        absorption: target_to_actual volume
        plan_to_target: plan_to_target_by*
        target_to_actual: target_to_actual_by*
        total_by*: plan_to_target_by* target_to_actual_by*
    """,
    shown="plan_to_target target_to_actual total volume absorption target_to_actual_by",
    amounts="absorbed_cost target_total_cost",
    spellings="""
        plan_cost: plan budget_cost planned_cost budget elements.plan elements.budget plan_costs
        plan_fixed_cost: fixed_cost budget_fixed_cost plan_fixed fixed elements.fixed elements.plan_fixed
        plan_fixed_cost: plan.fixed
        plan_fixed_cost: budget_fixed planned_fixed_cost
        plan_variable_cost: variable_cost budget_variable_cost plan_variable variable elements.variable
        plan_variable_cost: plan.variable
        plan_variable_cost: elements.plan_variable budget_variable planned_variable_cost
        actual_cost: actual elements.actual actual_costs
        plan_cost: budget_overhead plan_overhead
        actual_cost: actual_overhead overhead_incurred
        target_cost: target elements.target target_costs
        variable_rate: variable_cost_per_hours variable_rate_per_hours variable_cost_per_unit
        plan_activity: budget_activity plan_hours planned_activity plan_qty budget_hours plan_activity_qty
        plan_activity: planned_hours
        actual_activity: actual_hours activity actual_qty actual_activity_qty hours
        plan_rate: plan_price activity_rate activity_price absorption_rate rate standard_rate
        plan_rate: plan_activity_rate
        plan_total_cost: total_plan_cost plan_total total_budget_cost
        actual_total_cost: total_actual_cost actual_total
        target_total_cost: total_target_cost target_total
        absorbed_cost: absorbed credit credits absorption_credit absorbed_overhead allocated_cost
    """,
    outputs="""
        plan_to_target: activity activity_variance plan_target
        target_to_actual: spending spending_variance target_actual
        volume: volume_variance output_volume idle_capacity capacity
        absorption: under_absorption over_absorption over_under_absorption absorption_variance
        total: total_variance plan_to_actual
        target_to_actual_by: target_to_actual_by_element by_element target_to_actual_by_cost_element
        target_to_actual_by: by_cost_element
        plan_to_target_by: plan_to_target_by_element plan_to_target_by_cost_element
        target_total_cost: target_cost target_costs
    """,
    assumptions=(
        ("plan_fixed_cost[i] = 0", "no fixed cost was given: all planned costs vary with the activity"),
    ),
)

POSTING_PERCENTAGE = family(
    "sap_posting_percentage",
    also="posting_percentage sap_price_variance_percentage sap_input_price_variance price_variance_percentage"
    " sap_wage_variance",
    text="""
        (100 + percentage) * variance = actual_cost * percentage
        remaining_actual = actual_cost - variance
    """,
    sums="",
    amounts="variance remaining_actual",
    spellings="""
        actual_cost: cost posted_amount amount posting actual_amount posted_cost actual_labour_cost actual
        percentage: pct percent posting_percentage variance_percentage
        variance: variances
    """,
    outputs="""
        variance: wage_variance price_variance input_price_variance
        remaining_actual: remaining actual_after remaining_cost remaining_actual_cost
    """,
)
