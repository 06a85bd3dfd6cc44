"""Who buys what, when and at which price: customers, sales orders, deliveries, billing, forecasts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import pi, sin
from random import Random

from erp_adapters.demo.book import Book
from erp_adapters.demo.costing import Costs
from erp_adapters.demo.partners import GROUP_COMPANIES, GROUP_NAMES, GROUP_TRADE
from erp_adapters.demo.plant import AS_OF_DAY, Plant, WorkingDays, cents, months
from erp_adapters.demo.products import Product

_STOPPED = date(2025, 12, 31)


@dataclass(slots=True)
class SalesLine:
    """A position of a sales order; its dates are numbers of working days."""

    product: Product
    customer: int
    quantity: int
    due: int
    ordered_on: date
    delivered: int | None = None
    shipped: int = 0
    price: Decimal = Decimal(0)
    id: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Demand:
    """What customers want."""

    lines: tuple[SalesLine, ...]
    """Orders that are in, past and open."""
    wanted: dict[str, list[tuple[int, int]]]
    """Day and pieces by material, known orders and expected ones: what the plan is made for."""


def sell(plant: Plant, days: WorkingDays) -> Demand:
    """The plant's sales: the orders in hand, and what is expected after them."""
    chance = plant.random("demand")
    wanted: dict[str, list[tuple[int, int]]] = {}
    lines: list[SalesLine] = []
    for product in plant.products:
        if product.kind == "finished":
            found = _lines(product, plant, days, chance)
            wanted[product.id] = [(line.due, line.quantity) for line in found]
            lines += [line for line in found if line.ordered_on <= AS_OF_DAY]
    for line in lines:
        _deliver(line, days, chance)
    return Demand(tuple(_numbered(plant, lines)), wanted)


def _lines(product: Product, plant: Plant, days: WorkingDays, chance: Random) -> list[SalesLine]:
    found: list[SalesLine] = []
    base = dict(product.demand)[plant.code]
    trend = chance.uniform(-0.06, 0.14) / 12
    swing = chance.uniform(0.06, 0.2)
    for number, month in enumerate(months(plant.first_day, AS_OF_DAY + timedelta(days=61))):
        if product.ends_early and month > _STOPPED:
            break
        season = 1 + swing * sin(2 * pi * (month.month - 2) / 12)
        quantity = base * (1 + trend * number) * season * chance.uniform(0.88, 1.12)
        if product.intermittent:
            quantity = quantity * 2.2 if chance.random() < 0.42 else 0
        orders = max(1, round(quantity / max(base / 8, 6)))
        for share in _shares(orders, chance):
            pieces = round(quantity * share)
            if pieces:
                first = days.number(month)
                last = days.number((month + timedelta(days=32)).replace(day=1)) - 1
                due = chance.randint(first, last)
                customer = int(chance.random() ** 1.6 * (len(plant.customers) + len(GROUP_TRADE[plant.code])))
                ordered = days.day(due) - timedelta(days=chance.randint(9, 38))
                found.append(SalesLine(product, customer, pieces, due, ordered))
    return found


def _shares(count: int, chance: Random) -> list[float]:
    parts = [chance.uniform(0.5, 1.5) for _ in range(count)]
    return [part / sum(parts) for part in parts]


def _deliver(line: SalesLine, days: WorkingDays, chance: Random) -> None:
    late = chance.random() < (0.24 if line.product.number.startswith("IP") else 0.09)
    delay = 1 + int(chance.expovariate(1 / 3.5)) if late else -(chance.random() < 0.3)
    delivered = max(0, line.due + int(delay))
    partly = chance.random() < 0.03
    if delivered < days.today:
        line.delivered = delivered
        line.shipped = max(1, round(line.quantity * 0.8)) if partly else line.quantity


def _numbered(plant: Plant, lines: list[SalesLine]) -> list[SalesLine]:
    """Lines of one customer and week become one order, numbered in the order of their dates."""
    orders: dict[tuple[date, int], list[SalesLine]] = defaultdict(list)
    for line in lines:
        monday = line.ordered_on - timedelta(days=line.ordered_on.weekday())
        orders[monday, line.customer].append(line)
    found: list[SalesLine] = []
    for number, key in enumerate(sorted(orders), start=1):
        order = orders[key]
        # Nobody writes an order on a Sunday.
        day = min(min(line.ordered_on for line in order), key[0] + timedelta(days=4))
        for position, line in enumerate(order, start=1):
            line.ordered_on = day
            line.order = plant.document(6, number)
            line.id = f"{line.order}-{position}"
        found += order
    return found


def agree_prices(demand: Demand, plant: Plant, costs: Costs) -> None:
    """Set the price of each line: the list price of the day less the customer's discount."""
    chance = plant.random("prices")
    for line in demand.lines:
        discount = Decimal(5 + line.customer % 5 * 4 + chance.randint(0, 2)) / 100
        line.price = cents(costs.list_price(line.product.id, line.ordered_on) * (1 - discount))


def write_demand(book: Book, demand: Demand, days: WorkingDays, costs: Costs) -> None:
    """Customers, sales orders, billing and forecasts."""
    plant = book.plant
    group = tuple((*GROUP_NAMES[code], GROUP_COMPANIES[code]) for code in GROUP_TRADE[plant.code])
    for number, (name, country, company) in enumerate(
        (*((name, country, None) for name, country in plant.customers), *group)
    ):
        customer = _customer(plant, number)
        book.add(
            "customer", customer, customer_id=customer, name=name, country=country, group_company=company
        )
    orders: dict[str, list[SalesLine]] = defaultdict(list)
    for line in demand.lines:
        orders[line.order].append(line)
    for order, lines in orders.items():
        # After a month a customer no longer waits for the rest of a short delivery.
        missing = [
            line
            for line in lines
            if line.delivered is None or (line.shipped < line.quantity and line.delivered > days.today - 20)
        ]
        status = "delivered" if not missing else "open" if len(missing) == len(lines) else "partly delivered"
        book.add(
            "sales_order",
            order,
            order_id=order,
            customer_id=_customer(plant, lines[0].customer),
            ordered_on=lines[0].ordered_on,
            status=status,
        )
        for line in lines:
            _write_line(book, line, days, costs)
    _write_forecasts(book, demand, days)


def _customer(plant: Plant, number: int) -> str:
    return plant.document(9, number + 1)


def _write_line(book: Book, line: SalesLine, days: WorkingDays, costs: Costs) -> None:
    currency = book.plant.currency
    delivered_on = None if line.delivered is None else days.day(line.delivered)
    book.add(
        "sales_line",
        line.order,
        line.id,
        line_id=line.id,
        order_id=line.order,
        material_id=line.product.id,
        due_on=days.day(line.due),
        delivered_on=delivered_on,
        ordered=line.quantity,
        delivered=line.shipped if delivered_on else None,
        unit_price=line.price,
        line_total=line.price * line.quantity,
        currency=currency,
    )
    if delivered_on:
        cost = costs.standard(line.product.id, delivered_on)
        book.add(
            "billing_line",
            line.id,
            billing_id=f"B{line.id}",
            line_id=line.id,
            material_id=line.product.id,
            customer_id=_customer(book.plant, line.customer),
            billed_on=delivered_on,
            quantity=line.shipped,
            amount=line.price * line.shipped,
            cost=None if cost is None else cost * line.shipped,
            currency=currency,
        )


def _write_forecasts(book: Book, demand: Demand, days: WorkingDays) -> None:
    """One forecast a product and month; some are biased, and months to come have no actual demand yet."""
    chance = book.plant.random("forecast")
    for product_id, wanted in demand.wanted.items():
        bias = chance.choice((0.94, 0.98, 1.0, 1.03, 1.08, 1.35))
        error = chance.uniform(0.06, 0.2)
        by_month: dict[date, int] = defaultdict(int)
        for day, quantity in wanted:
            by_month[days.day(day).replace(day=1)] += quantity
        for month in months(book.plant.first_day, AS_OF_DAY + timedelta(days=61)):
            expected = by_month[month] * bias * chance.uniform(1 - error, 1 + error)
            book.add(
                "forecast",
                product_id,
                f"{month:%Y-%m}",
                material_id=product_id,
                month=month,
                version="base",
                quantity=round(expected / 5) * 5,
                actual=by_month[month] if month <= AS_OF_DAY else None,
            )
