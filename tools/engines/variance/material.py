"""Material: price, usage, purchase price, mix and yield."""

from __future__ import annotations

from tools.engines.variance.families import Renaming, family

MATERIAL = family(
    "material_price_quantity",
    also="material_price_usage material_price_qty material_price material_usage material_qty direct_material"
    " direct_material_price_qty direct_material_price_usage material materials material_variance raw_material"
    " material_price_efficiency direct_material_variance",
    text="""
        actual_cost = actual_qty * actual_price
        purchase_cost = purchased_qty * actual_price
        actual_qty = opening_qty + purchased_qty - closing_qty
        standard_qty = units * standard_qty_per_unit
        standard_cost = standard_qty * standard_price
        standard_cost_per_unit = standard_qty_per_unit * standard_price
        standard_cost = units * standard_cost_per_unit
        price = actual_cost - actual_qty * standard_price
        quantity = (actual_qty - standard_qty) * standard_price
        total = price + quantity
        total = actual_cost - standard_cost
        ppv = purchase_cost - purchased_qty * standard_price
    """,
    cost="price quantity total ppv",
    sums="total: price quantity",
    shown="price quantity total",
    by_items="material_mix_yield",
    spellings="""
        actual_qty: qty aq actual_usage qty_used used_qty actual_qty_used usage actual_input
        actual_qty: actual_qty_consumed
        actual_price: ap actual_unit_cost actual_cost_per_unit actual_price_per_unit actual_unit_price
        actual_price: price_paid
        actual_cost: actual_total_cost total_actual_cost actual_material_cost cost_paid total_cost ac
        purchased_qty: purchases_qty qty_purchased actual_qty_purchased qty_bought actual_purchases purchases
        purchase_cost: cost_of_purchases purchases_cost total_purchase_cost actual_purchase_cost
        standard_qty: sq standard_qty_allowed standard_usage standard_input qty_allowed
        standard_qty: standard_qty_for_output
        standard_qty: flexed_qty
        standard_price: sp standard_unit_cost standard_unit_price budget_price standard_price_per_unit
        standard_price: standard_cost_per_unit_of_material standard_price_per_kg standard_price_per_lb
        actual_price: actual_price_per_kg actual_price_per_lb
        units: actual_output output actual_units actual_production units_produced good_output good_units
        units: units_made
        units: production output_units actual_output_units
        standard_qty_per_unit: standard_usage_per_unit standard_input_per_unit qty_per_unit
        standard_qty_per_unit: standard_kg_per_unit
        standard_qty_per_unit: standard_lb_per_unit standard_lbs_per_unit budget_qty_per_unit
        standard_cost_per_unit: standard_material_cost_per_unit
        standard_cost: total_standard_cost standard_total_cost standard_material_cost flexed_cost
        opening_qty: opening_stock opening_inventory
        closing_qty: closing_stock closing_inventory
    """,
    outputs="""
        price: price_variance material_price rate
        quantity: usage usage_variance qty qty_variance quantity_variance material_usage material_quantity
        quantity: efficiency
        total: cost total_variance material_cost total_cost cost_variance
        ppv: purchase_price purchase_price_variance
    """,
    assumptions=(("actual_qty = purchased_qty", "what was purchased was taken as used"),),
    renamings=(
        Renaming(
            "purchased_qty",
            "actual_cost",
            "purchase_cost",
            "the actual cost was taken as that of the quantity purchased; price is of the quantity used",
        ),
    ),
)

PURCHASE_PRICE = family(
    "purchase_price_variance",
    also="ppv purchase_price material_purchase_price",
    text="""
        purchase_cost = purchased_qty * actual_price
        standard_purchase_cost = purchased_qty * standard_price
        ppv = purchase_cost - standard_purchase_cost
        price_used = used_qty * actual_price - used_qty * standard_price
    """,
    cost="ppv price_used",
    sums="",
    shown="ppv",
    spellings="""
        purchase_cost: actual_cost actual_purchase_cost cost_of_purchases total_cost actual_total_cost
        purchase_cost: invoice_amount
        purchased_qty: purchases_qty qty_purchased qty actual_qty actual_qty_purchased qty_bought aq
        purchased_qty: units_purchased units
        purchased_qty: qty_received
        used_qty: qty_used actual_qty_used
        actual_price: ap actual_unit_cost actual_unit_price invoice_price purchase_price actual_purchase_price
        actual_price: actual_cost_per_unit actual_price_per_unit
        standard_price: sp standard_unit_cost standard_unit_price budget_price standard_cost
        standard_price: standard_cost_per_unit
        standard_price: standard_price_per_unit baseline_price
    """,
    outputs="""
        ppv: price purchase_price purchase_price_variance price_variance total material_price
        price_used: usage_price
    """,
)

MIX_YIELD = family(
    "material_mix_yield",
    also="material_mix mix_yield mix_and_yield material_mix_and_yield material_yield"
    " labour_mix_yield labour_mix"
    " direct_material_mix_yield material_mix_yield_price labour_mix_and_yield",
    text="""
        actual_cost[i] = actual_qty[i] * actual_price[i]
        standard_batch_input = sum(standard_input[i])
        whole = sum(share[i])
        portion[i] * whole = share[i]
        portion[i] * standard_batch_input = standard_input[i]
        portion[i] * standard_total_qty = standard_qty[i]
        standard_total_qty = sum(standard_qty[i])
        standard_qty[i] = actual_output * standard_qty_per_unit[i]
        standard_yield * standard_batch_input = standard_batch_output
        standard_yield = 1 - standard_loss
        actual_total_qty = sum(actual_qty[i])
        actual_output = actual_total_qty * actual_yield
        standard_total_qty * standard_yield = actual_output
        expected_output = actual_total_qty * standard_yield
        standard_yield * 100 = standard_yield_percent
        standard_loss * 100 = standard_loss_percent
        average_price = sum(portion[i] * standard_price[i])
        average_price = standard_yield * standard_cost_per_output
        standard_cost = standard_total_qty * average_price
        total_actual_cost = sum(actual_cost[i])
        price_by[i] = actual_cost[i] - actual_qty[i] * standard_price[i]
        mix_by[i] = (actual_qty[i] - portion[i] * actual_total_qty) * standard_price[i]
        yield_by[i] = (portion[i] * actual_total_qty - standard_qty[i]) * standard_price[i]
        usage_by[i] = mix_by[i] + yield_by[i]
        price = sum(price_by[i])
        mix = sum(mix_by[i])
        yield_ = (actual_total_qty - standard_total_qty) * average_price
        usage = mix + yield_
        total = price + usage
        total = total_actual_cost - standard_cost
    """,
    cost="price mix yield_ usage total price_by mix_by yield_by usage_by",
    sums="""
        total: price usage
        usage: mix yield_
        price: price_by*
        usage: usage_by*
        mix: mix_by*
        usage_by*: mix_by* yield_by*
        yield_: yield_by*
    """,
    shown="price mix yield_ usage total mix_by",
    spellings="""
        share: ratio standard_mix standard_share mix_share budget_mix proportion standard_mix.pct
        share: standard_mix.percent
        share: standard_mix.percentage standard_proportion standard_ratio mix_ratio standard_mix.mix
        share: materials.mix
        standard_input: standard_input.qty standard_mix.qty standard.qty standard_batch_input.qty
        standard_input: standard_mix.kg
        standard_input: standard_mix.standard_qty standard_batch.qty standard.input standard_recipe.qty
        standard_input: recipe.qty
        standard_input: standard_input.kg standard_input.hours standard_input.litres standard_mix.litres
        standard_input: standard_mix.hours standard_input.standard_qty standard.hours
        standard_price: standard_mix.price standard_input.price standard.price standard_cost_per_kg
        standard_price: materials.standard
        standard_price: sp standard_rate standard_mix.rate standard_input.rate standard_batch.price
        standard_price: standard.rate
        standard_price: standard_mix.cost standard_recipe.price recipe.price materials.price
        standard_price: standard_mix.cost_per_kg
        standard_price: materials.sp standard_unit_cost
        actual_price: materials.actual actual.price actual_rate ap actual.rate actual_input.price
        actual_price: actual_unit_cost
        actual_price: actual_cost_per_kg materials.ap actual_input.rate
        actual_qty: actual_input materials.qty actual.qty actual_hours aq actual.input actual_input.qty
        actual_qty: actual.hours
        actual_qty: actual_mix actual_usage actual_qty_used actual_input.kg materials.aq actual_input.hours
        actual_qty: qty
        actual_qty: actual_input.litres actual_mix.qty actual_kg
        actual_cost: actual.cost actual_input.cost actual_mix.cost
        standard_qty: sq standard_qty_allowed standard_hours materials.sq standard_qty_for_output
        standard_qty_per_unit: standard_hours_per_unit qty_per_unit
        actual_output: output actual.output actual_production good_output actual_yield_qty actual_units units
        standard_batch_output: standard_output_per_batch batch_output standard_output_qty standard.output
        standard_batch_output: standard_input.output standard_yield_qty normal_output standard_yield_output
        standard_batch_input: batch_input standard_input_qty standard_total_input
        standard_yield: expected_yield yield_rate standard_yield_rate
        standard_batch_output: standard_output
        standard_price: standard_unit_price standard_price_per_kg
        actual_price: actual_unit_price actual_price_per_kg
        standard_yield_percent: standard_yield_pct yield_percent standard_yield_percentage
        standard_yield_percent: expected_yield_percent
        standard_loss_percent: normal_loss_pct normal_loss_percent normal_loss_percentage standard_loss_pct
        standard_loss: normal_loss standard_loss_rate expected_loss normal_loss_rate
        total: total_material_cost_variance material_cost_variance total_variance cost_variance
        usage: material_usage_variance usage_variance total_usage_variance
        price: material_price_variance price_variance
        mix: material_mix_variance mix_variance
        yield_: material_yield_variance yield_variance
        total_actual_cost: actual_total_cost total_cost
        standard_cost_per_output: standard_cost_per_unit standard_cost_per_unit_of_output
    """,
    outputs="""
        yield_: yield yield_variance material_yield labour_yield
        mix: mix_variance material_mix labour_mix
        usage: quantity usage_variance material_usage efficiency quantity_variance qty material_quantity
        price: price_variance rate material_price
        total: cost total_variance total_cost material_cost cost_variance
        mix_by: mix_by_material mix_by_product mix_by_grade mix_by_item
        yield_by: yield_by_material yield_by_item
        price_by: price_by_material price_by_item
        usage_by: usage_by_material quantity_by_material usage_by_item
    """,
)
