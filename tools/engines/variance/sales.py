"""Sales: price, quantity, mix and volume, market size and share; and the budget flexed to what was sold."""

from __future__ import annotations

from tools.engines.variance.families import family

SALES = family(
    "sales_mix_quantity",
    also="sales sales_mix sales_quantity sales_volume sales_price_volume sales_price sales_mix_qty"
    " sales_price_mix_qty"
    " sales_variance sales_quantity_mix sales_volume_mix sales_margin sales_price_volume_mix"
    " sales_price_mix_quantity"
    " market_size_share market_share_size sales_market sales_volume_price market_size_market_share",
    text="""
        actual_revenue[i] = actual_units[i] * actual_price[i]
        budget_revenue[i] = budget_units[i] * budget_price[i]
        margin[i] = budget_price[i] - unit_cost[i]
        budget_margin[i] = budget_units[i] * margin[i]
        budget_total_units = sum(budget_units[i])
        actual_total_units = sum(actual_units[i])
        portion[i] * budget_total_units = budget_units[i]
        whole = sum(share[i])
        portion[i] * whole = share[i]
        actual_whole = sum(actual_share[i])
        actual_portion[i] * actual_whole = actual_share[i]
        actual_portion[i] * actual_total_units = actual_units[i]
        average_margin = sum(portion[i] * margin[i])
        budget_total_units = budget_market_size * budget_market_share
        actual_total_units = actual_market_size * actual_market_share
        sales_price_by[i] = actual_revenue[i] - actual_units[i] * budget_price[i]
        quantity_by[i] = (actual_total_units * portion[i] - budget_units[i]) * margin[i]
        mix_by[i] = (actual_units[i] - actual_total_units * portion[i]) * margin[i]
        volume_by[i] = (actual_units[i] - budget_units[i]) * margin[i]
        sales_price = sum(sales_price_by[i])
        sales_quantity = (actual_total_units - budget_total_units) * average_margin
        sales_mix = sum(mix_by[i])
        sales_volume = sales_quantity + sales_mix
        sales_volume = sum(volume_by[i])
        market_size = (actual_market_size - budget_market_size) * budget_market_share * average_margin
        market_share = (actual_market_share - budget_market_share) * actual_market_size * average_margin
        sales_quantity = market_size + market_share
        total = sales_price + sales_volume
    """,
    profit="sales_price sales_quantity sales_mix sales_volume market_size market_share total"
    " sales_price_by quantity_by mix_by volume_by",
    sums="""
        total: sales_price sales_volume
        sales_volume: sales_quantity sales_mix
        sales_quantity: market_size market_share
        sales_price: sales_price_by*
        sales_volume: volume_by*
        sales_mix: mix_by*
        volume_by*: quantity_by* mix_by*
        sales_quantity: quantity_by*
    """,
    signed="margin budget_margin",
    spellings="""
        budget_units: budget budget_qty budget_sales budget.units budget.qty budget_volume budget_sales_units
        budget_units: planned
        budget_units: budget_sales_qty budget_sales_volume standard_units standard_qty budget_units_sold
        budget_units: products.budget
        budget_units: static_units
        actual_units: actual actual_qty actual_sales actual.units actual.qty actual_volume actual_sales_units
        actual_units: actual_sales_qty actual_sales_volume actual_units_sold products.actual units_sold
        budget_price: standard_price budget.price standard_selling_price budget_selling_price selling_price
        budget_price: price
        budget_price: budget.selling_price standard.price
        actual_price: actual.price actual_selling_price actual.selling_price
        actual_revenue: actual.revenue actual_sales_revenue revenue actual_sales_value
        budget_revenue: budget.revenue budget_sales_revenue budget_sales_value
        unit_cost: standard_cost budget_unit_cost standard_unit_cost budget.unit_cost variable_cost_per_unit
        unit_cost: standard_cost_per_unit budget.cost standard_variable_cost unit_variable_cost
        unit_cost: budget.unit_variable_cost
        unit_cost: budget_unit_variable_cost budget_cost_per_unit budget_variable_cost_per_unit
        margin: standard_contribution budget_cm standard_margin standard_profit contribution_per_unit
        margin: budget.margin
        margin: standard_contribution_per_unit standard_profit_per_unit budget_contribution unit_margin cm
        margin: budget_contribution_per_unit contribution profit_per_unit budget.contribution budget.cm
        margin: budget_cm_per_unit budget_contribution_margin contribution_margin_per_unit budget.cm_per_unit
        margin: budget_contribution_margin_per_unit standard_cm budget_unit_cm budget_margin_per_unit
        margin: budget_unit_contribution_margin budget_profit_per_unit standard_unit_contribution
        margin: unit_contribution
        margin: contribution_margin profit margin_per_unit standard_margin_per_unit
        margin: budget.contribution_per_unit
        share: budget_mix standard_mix budget_share budget.share mix
        actual_share: actual_mix actual.share
        actual_total_units: actual_units_total total_actual_units actual_sales_total actual_total_qty
        actual_total_units: total_actual_qty
        actual_total_units: actual_total actual_total_sales total_actual_sales
        budget_total_units: total_budget_units budget_total budget_total_qty total_budget_sales
        budget_total_units: budget_total_sales
        budget_market_size: budget_market estimated_market_size expected_market_size budget_industry_volume
        budget_market_size: budget_industry_sales budget_market_volume
        actual_market_size: actual_market actual_industry_volume actual_industry_sales actual_market_volume
        budget_market_share: expected_market_share target_market_share
        average_margin: average_contribution budget_average_margin weighted_average_margin average_cm
        average_margin: budget_average_cm average_contribution_margin weighted_average_contribution
        average_margin: budget_average_contribution_margin weighted_average_cm
    """,
    outputs="""
        sales_price: price price_variance selling_price sales_price_variance
        sales_quantity: quantity quantity_variance sales_quantity_variance qty sales_qty
        sales_mix: mix mix_variance sales_mix_variance
        sales_volume: volume volume_variance sales_volume_variance
        total: total_variance sales_margin
        market_share: market_share_variance
        market_size: market_size_variance market_volume
        sales_price_by: price_by price_by_product sales_price_by_product
        mix_by: mix_by_product sales_mix_by_product
        quantity_by: quantity_by_product sales_quantity_by_product qty_by
        volume_by: volume_by_product sales_volume_by_product
    """,
)


def _income(of: str) -> str:
    return f"""
        {of}_revenue = {of}_units * {of}_price
        {of}_variable_cost = {of}_units * {of}_unit_variable_cost
        {of}_unit_contribution = {of}_price - {of}_unit_variable_cost
        {of}_contribution = {of}_units * {of}_unit_contribution
        {of}_contribution = {of}_revenue - {of}_variable_cost
        {of}_operating_income = {of}_contribution - {of}_fixed
        {of}_total_cost = {of}_variable_cost + {of}_fixed
        {of}_operating_income = {of}_revenue - {of}_total_cost
    """


_LINES = ("revenue", "variable_cost", "contribution", "fixed", "operating_income", "total_cost")
_COST_LINES = ("variable_cost", "fixed", "total_cost")

FLEXIBLE = family(
    "flexible_budget",
    also="flexible_budget_variance static_budget flexible_static_budget sales_volume_flexible_budget"
    " flex_budget"
    " static_flexible_budget flexed_budget budget_variance",
    text=_income("actual")
    + _income("budget")
    + _income("flexible")
    + """
        flexible_units = actual_units
        flexible_price = budget_price
        flexible_unit_variable_cost = budget_unit_variable_cost
        flexible_unit_contribution = budget_unit_contribution
        flexible_fixed = budget_fixed
    """
    + "\n".join(
        f"fbv_{line} = actual_{line} - flexible_{line}\n"
        f"svv_{line} = flexible_{line} - budget_{line}\n"
        f"static_{line} = actual_{line} - budget_{line}\n"
        f"static_{line} = fbv_{line} + svv_{line}"
        for line in _LINES
    )
    + "\nfbv_operating_income = fbv_contribution - fbv_fixed"
    + "\nfbv_contribution = fbv_revenue - fbv_variable_cost",
    cost=" ".join(f"{view}_{line}" for view in ("fbv", "svv", "static") for line in _COST_LINES),
    profit=" ".join(
        f"{view}_{line}" for view in ("fbv", "svv", "static") for line in _LINES if line not in _COST_LINES
    ),
    sums="""
        static_operating_income: fbv_operating_income svv_operating_income
        fbv_operating_income: fbv_contribution fbv_fixed
        svv_operating_income: svv_contribution svv_fixed
        fbv_contribution: fbv_revenue fbv_variable_cost
        svv_contribution: svv_revenue svv_variable_cost
        static_contribution: fbv_contribution svv_contribution
        static_revenue: fbv_revenue svv_revenue
        static_variable_cost: fbv_variable_cost svv_variable_cost
        static_fixed: fbv_fixed svv_fixed
        fbv_total_cost: fbv_variable_cost fbv_fixed
        svv_total_cost: svv_variable_cost svv_fixed
        static_total_cost: fbv_total_cost svv_total_cost
    """,
    shown="fbv_revenue fbv_variable_cost fbv_contribution fbv_fixed fbv_operating_income svv_revenue"
    " svv_variable_cost svv_contribution svv_operating_income static_revenue static_variable_cost"
    " static_contribution static_fixed static_operating_income",
    signed=" ".join(
        f"{of}_{line}"
        for of in ("actual", "budget", "flexible")
        for line in ("contribution", "operating_income", "unit_contribution")
    ),
    spellings="\n".join(
        f"""
        {of}_units: {of}_volume {of}_qty {of}_output {of}_sales_units {of}_units_sold {of}_sales_volume
        {of}_units: {of}_sales_qty
        {of}_price: {of}_selling_price {of}_unit_price {of}_sales_price {of}_price_per_unit
        {of}_price: {of}_selling_price_per_unit
        {of}_revenue: {of}_sales {of}_sales_revenue {of}_total_revenue {of}_revenues
        {of}_variable_cost: {of}_total_variable_cost {of}_variable_costs
        {of}_unit_variable_cost: {of}_variable_cost_per_unit {of}_unit_cost {of}_vc_per_unit
        {of}_unit_variable_cost: {of}_variable_unit_cost
        {of}_contribution: {of}_contribution_margin {of}_cm {of}_total_contribution
        {of}_unit_contribution: {of}_contribution_per_unit {of}_unit_cm {of}_cm_per_unit
        {of}_unit_contribution: {of}_contribution_margin_per_unit {of}_unit_contribution_margin
        {of}_fixed: {of}_fixed_cost {of}_fixed_overhead {of}_total_fixed_cost
        {of}_operating_income: {of}_profit {of}_operating_profit {of}_income {of}_net_operating_income
        {of}_operating_income: {of}_ebit
        {of}_operating_income: {of}_net_income
        {of}_total_cost: {of}_total_costs {of}_cost
        """.replace("\n\n", "\n").strip()
        for of in ("actual", "budget", "flexible")
    ),
    outputs="\n".join(
        f"{view}_{line}: {long}_{line}" + (f" {view}_fixed_cost {long}_fixed_cost" if line == "fixed" else "")
        for view, longs in (
            ("fbv", ("flexible_budget",)),
            ("svv", ("sales_volume",)),
            ("static", ("static_budget",)),
        )
        for long in longs
        for line in _LINES
    )
    + """
        fbv_revenue: selling_price sales_price selling_price_variance price
        fbv_operating_income: flexible_budget flexible_budget_variance
        svv_operating_income: sales_volume sales_volume_variance
        static_operating_income: static_budget static_budget_variance total
        static_operating_income: static
        fbv_variable_cost: variable_cost
        fbv_fixed: fixed fixed_cost
    """,
)
