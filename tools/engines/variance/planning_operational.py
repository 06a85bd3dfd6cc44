"""Planning and operational: the standard as it was, as it should have been, and what was done."""

from __future__ import annotations

from tools.engines.variance.families import family

PLANNING_OPERATIONAL = family(
    "planning_operational",
    also="planning_and_operational planning_operating planning_and_operating planning_variance"
    " operational_variance"
    " planning_operational_variance revised_standard",
    text="""
        actual_cost = actual_qty * actual_price
        ex_ante_total_qty = units * ex_ante_qty
        ex_post_total_qty = units * ex_post_qty
        ex_ante_cost = ex_ante_total_qty * ex_ante_price
        ex_post_cost = ex_post_total_qty * ex_post_price
        planning_usage = (ex_post_total_qty - ex_ante_total_qty) * ex_ante_price
        planning_price = (ex_post_price - ex_ante_price) * ex_post_total_qty
        planning_total = planning_price + planning_usage
        planning_total = ex_post_cost - ex_ante_cost
        operational_price = actual_cost - actual_qty * ex_post_price
        operational_usage = (actual_qty - ex_post_total_qty) * ex_post_price
        operational_total = operational_price + operational_usage
        operational_total = actual_cost - ex_post_cost
        traditional_price = actual_cost - actual_qty * ex_ante_price
        traditional_usage = (actual_qty - ex_ante_total_qty) * ex_ante_price
        total = planning_total + operational_total
        total = actual_cost - ex_ante_cost
        total = traditional_price + traditional_usage
    """,
    cost="planning_usage planning_price planning_total operational_price operational_usage operational_total"
    " traditional_price traditional_usage total",
    sums="""
        total: planning_total operational_total
        planning_total: planning_price planning_usage
        operational_total: operational_price operational_usage
        total: traditional_price traditional_usage
    """,
    shown="planning_total operational_total total planning_price planning_usage operational_price"
    " operational_usage",
    spellings="""
        actual_qty: qty actual_usage actual_hours hours actual_qty_used actual_qty_purchased purchased_qty
        actual_price: actual_rate actual_unit_cost actual_hours_rate actual_cost_per_unit
        actual_cost: actual_total_cost total_actual_cost actual_labour_cost total_cost
        ex_ante_price: original_standard_price original_price original_standard_rate standard_price
        ex_ante_price: original.price
        ex_ante_price: ex_ante.price ex_ante.rate original_rate ex_ante_rate original.rate
        ex_ante_price: ex_ante_standard_price
        ex_ante_price: original_standard_cost_per_unit original_standard.price original_standard.rate
        ex_post_price: revised_standard_price revised_price revised_standard_rate revised.price
        ex_post_price: revised_standard.price
        ex_post_price: ex_post.price ex_post.rate revised_rate ex_post_rate revised.rate market_price
        ex_post_price: ex_post_standard_price revised_standard.rate actual_market_price
        ex_ante_qty: original_standard_qty_per_unit original_qty original.qty original_qty_per_unit
        ex_ante_qty: original.hours
        ex_ante_qty: original_standard_hours_per_unit ex_ante_qty_per_unit original_standard_qty ex_ante.hours
        ex_ante_qty: original_hours_per_unit original_standard_hours standard_qty_per_unit
        ex_ante_qty: ex_ante_hours_per_unit
        ex_ante_qty: original.qty_per_unit original.hours_per_unit original_standard.qty standard_qty
        ex_post_qty: revised_standard_qty_per_unit revised_qty revised.qty revised_qty_per_unit revised.hours
        ex_post_qty: revised_standard_hours_per_unit ex_post_qty_per_unit revised_standard_qty ex_post.hours
        ex_post_qty: revised_hours_per_unit revised_standard_hours ex_post_hours_per_unit
        ex_post_qty: revised.qty_per_unit revised.hours_per_unit revised_standard.qty
        units: actual_output output actual_units actual_production units_produced production
    """,
    outputs="""
        planning_total: planning planning_variance planning_total_variance total_planning
        operational_total: operational operational_variance operating operational_cost total_operational
        operational_price: operational_rate operational_price_variance
        operational_usage: operational_efficiency operational_quantity operational_usage_variance
        planning_price: planning_rate planning_price_variance
        planning_usage: planning_efficiency planning_quantity planning_usage_variance
        traditional_price: traditional_rate traditional_price_variance price
        traditional_usage: traditional_efficiency traditional_quantity usage
        total: traditional total_variance traditional_total
    """,
    assumptions=(
        ("units = 1", "no output was given: the standard quantities were taken as totals"),
        ("ex_post_qty = ex_ante_qty", "no revised quantity was given: the original one was kept"),
        ("ex_ante_qty = ex_post_qty", "no original quantity was given: the revised one was taken for it"),
        ("ex_post_price = ex_ante_price", "no revised price was given: the original one was kept"),
        ("ex_post_total_qty = actual_qty", "no standard quantity was given: the price alone was revised"),
        ("ex_ante_total_qty = ex_post_total_qty", ""),
    ),
)
