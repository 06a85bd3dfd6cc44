"""One plant, trade by trade: everything that the demo knows of it, from one seed."""

from __future__ import annotations

from erp_adapters.demo.book import Book
from erp_adapters.demo.costing import roll_up, write_costs
from erp_adapters.demo.demand import agree_prices, sell, write_demand
from erp_adapters.demo.faults import plant_faults
from erp_adapters.demo.finance import write_finance
from erp_adapters.demo.inventory import move, write_stock
from erp_adapters.demo.ledger import Journal, post_operations
from erp_adapters.demo.materials import write_materials
from erp_adapters.demo.organisation import write_documents, write_organisation
from erp_adapters.demo.planning import plan, write_plan
from erp_adapters.demo.plant import Plant, WorkingDays
from erp_adapters.demo.predictions import write_contacts, write_predictions
from erp_adapters.demo.production import write_maintenance, write_production
from erp_adapters.demo.purchasing import buy, write_purchases
from erp_adapters.demo.sensors import write_sensors
from erp_adapters.demo.shopfloor import run
from erp_adapters.demo.substitutes import write_substitutes
from erp_adapters.demo.suppliers import write_suppliers
from erp_adapters.demo.utilities import write_recipes, write_utilities


def history_of(plant: Plant) -> Book:
    """Every row of one plant; the same at each call."""
    days = WorkingDays(plant)
    demand = sell(plant, days)
    planned = plan(plant, days, demand.wanted)
    costs = roll_up(plant, planned)
    agree_prices(demand, plant, costs)
    history = run(plant, days, planned)
    purchases = buy(plant, days, planned)
    stock = move(plant, days, planned, demand, history, purchases)
    book = Book(plant)
    write_organisation(book)
    write_materials(book, planned, days, costs, purchases.offers)
    write_plan(book, planned, days)
    write_costs(book, costs)
    write_suppliers(book, purchases.offers)
    write_substitutes(book)
    write_documents(book, purchases.offers)
    write_purchases(book, purchases, days)
    write_production(book, history, days, costs)
    write_maintenance(book, history, days, stock)
    write_demand(book, demand, days, costs)
    write_stock(book, stock, days, costs)
    journal = Journal()
    post_operations(book, journal, days, demand, purchases, history, stock, costs)
    write_finance(book, journal)
    write_utilities(book, history, journal)
    write_recipes(book, planned)
    write_sensors(book, history, days)
    write_predictions(book, history, days)
    write_contacts(book)
    plant_faults(book)
    return book
