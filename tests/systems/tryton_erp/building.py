"""Builds the database of a small Tryton plant; run by the Python of `.venv-tryton`, never imported.

python building.py CONFIGURATION DATABASE
"""

import datetime as dt
import sys
from decimal import Decimal

from proteus import Model, Wizard, config

_, CONFIGURATION, DATABASE = sys.argv
CONNECTION = config.set_trytond(f"sqlite:///{DATABASE}", user="admin", config_file=CONFIGURATION)

from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts  # noqa: E402
from trytond.modules.account_invoice.tests.tools import (  # noqa: E402
    create_payment_term,
    set_fiscalyear_invoice_sequences,
)
from trytond.modules.account_stock_continental.tests.tools import add_stock_accounts  # noqa: E402
from trytond.modules.company.tests.tools import create_company, get_company  # noqa: E402

TODAY = dt.datetime.now(dt.UTC).date()


def get(name):
    return Model.get(name)


def organisation():
    """The company, its books, and the two people that requisitions are written for."""
    create_company(currency="EUR")
    company = get_company()
    fiscal = set_fiscalyear_invoice_sequences(create_fiscalyear(company))
    fiscal.account_stock_method = "continental"
    fiscal.save()
    fiscal.click("create_period")
    create_chart(company)
    for name, code in (("Planner of Kassel", "planner.kassel"), ("Buyer of Kassel", "buyer.kassel")):
        party = get("party.party")(name=name, code=code)
        party.save()
        get("company.employee")(party=party, company=company).save()
    return company


def accounts(company):
    """A category of products whose movements are booked by the continental method."""
    found = add_stock_accounts(get_accounts(company), company)
    [stock_out] = found["stock_expense"].duplicate()
    category = get("product.category")(name="Bought and made", accounting=True)
    category.account_expense = found["expense"]
    category.account_revenue = found["revenue"]
    category.account_stock = found["stock"]
    category.account_stock_in, category.account_stock_out = found["stock_expense"], stock_out
    category.save()
    return category


def warehouses():
    location = get("stock.location")
    [kassel] = location.find([("type", "=", "warehouse")])
    kassel.name, kassel.code = "Kassel", "KAS"
    kassel.save()
    made = []
    for kind in ("input", "output", "storage", "production"):
        one = location(
            name=f"Hamm {kind}", code=f"HAM-{kind.upper()}", type="storage" if kind != "production" else kind
        )
        one.save()
        made.append(one)
    hamm = location(name="Hamm", code="HAM", type="warehouse")
    hamm.input_location, hamm.output_location, hamm.storage_location, hamm.production_location = made
    hamm.save()
    return kassel, hamm


def product(code, name, unit, category, *, price="0", made=False):
    template = get("product.template")(name=name, type="goods", code=code, account_category=category)
    template.default_uom = unit
    template.purchasable, template.producible = not made, made
    template.cost_price_method = "fixed"
    template.save()
    [one] = template.products
    one.cost_price = Decimal(price)
    one.save()
    return one


def main():
    company = organisation()
    category = accounts(company)
    kassel, _ = warehouses()
    uom = get("product.uom")
    [unit] = uom.find([("symbol", "=", "u")])
    [kilogram] = uom.find([("symbol", "=", "kg")])
    tube = product("T-100", "Steel tube 28", kilogram, category, price="2.4")
    grip = product("G-200", "Grip, rubber", unit, category, price="0.85")
    frame = product("F-900", "Frame, welded", unit, category, price="31.5", made=True)

    supplier = get("party.party")(name="Rohrwerk Nord", code="S-77")
    if not supplier.addresses:
        supplier.addresses.new()
    supplier.save()
    for bought, price, days in ((tube, "2.35", 9), (grip, "0.80", 14)):
        source = get("purchase.product_supplier")(party=supplier, company=company, currency=company.currency)
        source.template, source.product = bought.template, bought
        source.code = f"RN-{bought.code}"
        source.lead_time = dt.timedelta(days=days)
        line = source.prices.new()
        line.quantity, line.unit_price = 0, Decimal(price)
        source.save()

    bom = get("production.bom")(name="Frame, welded")
    for made, quantity in ((tube, 3.2), (grip, 2)):
        line = bom.inputs.new()
        line.product, line.quantity = made, quantity
    output = bom.outputs.new()
    output.product, output.quantity = frame, 1
    bom.save()
    routing = get("production.routing")(name="Welding and fitting")
    routing.boms.append(get("production.bom")(bom.id))
    for name in ("Weld", "Fit"):
        operation = get("production.routing.operation")(name=name)
        operation.save()
        step = routing.steps.new()
        step.operation = operation
    routing.save()
    get("production.work.center.category")(name="Welding").save()
    [centres] = get("production.work.center.category").find([])
    centre = get("production.work.center")(
        name="Welding cell 1", category=centres, company=company, warehouse=kassel
    )
    centre.cost_price, centre.cost_method = Decimal(42), "hour"
    centre.save()
    choice = frame.boms.new()
    choice.bom = bom
    choice.routing = get("production.routing")(routing.id)
    frame.save()

    inventory = get("stock.inventory")(location=kassel.storage_location)
    for held, quantity in ((tube, 820.5), (grip, 240), (frame, 12)):
        line = inventory.lines.new()
        line.product, line.quantity = held, quantity
    inventory.save()
    inventory.click("confirm")

    order = get("purchase.purchase")(party=supplier, warehouse=kassel, company=company)
    for bought, quantity, price in ((tube, 500, "2.35"), (grip, 600, "0.80")):
        line = order.lines.new()
        line.product, line.quantity, line.unit_price = bought, quantity, Decimal(price)
    order.payment_term = create_payment_term()
    order.payment_term.save()
    order.invoice_address = supplier.addresses[0]
    order.save()
    order.click("quote")
    order.click("confirm")

    # The components' moves are made as soon as there is a quantity, from where the warehouse says.
    production = get("production")(company=company)
    production.warehouse, production.location = kassel, kassel.production_location
    production.product, production.bom, production.quantity = frame, bom, 40
    production.planned_date = TODAY + dt.timedelta(days=6)
    production.reference = "first lot"
    production.save()
    production.click("wait")
    bought_as_requisitioned(company, kassel, supplier, grip, order.payment_term)


def bought_as_requisitioned(company, warehouse, supplier, material, term):
    """A requisition that became a purchase order, of which a part has come."""
    [employee] = get("company.employee").find([("party.code", "=", "planner.kassel")])
    requisition = get("purchase.requisition")(company=company, employee=employee, warehouse=warehouse)
    requisition.description, requisition.supply_date = "Grips for May", TODAY + dt.timedelta(days=20)
    line = requisition.lines.new()
    line.product, line.quantity, line.supplier, line.unit_price = material, 90, supplier, Decimal("0.81")
    requisition.save()
    requisition.click("wait")
    requisition.click("approve")
    requests = get("purchase.request").find([("state", "=", "draft")])
    Wizard("purchase.request.create_purchase", requests)
    [purchase] = get("purchase.purchase").find([("state", "=", "draft")])
    purchase.payment_term, purchase.invoice_address = term, supplier.addresses[0]
    purchase.save()
    purchase.click("quote")
    purchase.click("confirm")
    shipment = get("stock.shipment.in")(company=company, supplier=supplier, warehouse=warehouse)
    [move] = get("stock.move").find([("purchase", "=", purchase.id), ("state", "=", "draft")])
    move = get("stock.move")(move.id)
    shipment.incoming_moves.append(move)
    move.quantity = 30
    shipment.save()
    shipment.click("receive")
    shipment.click("do")


main()
