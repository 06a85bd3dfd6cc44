"""What things cost and sell for: standard costs rolled up the BOM, and list prices, over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from erp_adapters.demo.assortment import parts_of
from erp_adapters.demo.book import Book
from erp_adapters.demo.planning import Operation, Plan
from erp_adapters.demo.plant import Plant, cents
from erp_adapters.demo.products import Product, in_units

YEARS = (2024, 2025, 2026)
_LEVEL = {2024: 0.962, 2025: 1.0, 2026: 1.031}
"""Purchase prices of a year against 2025."""
_PRICE_DATES = (date(2024, 1, 1), date(2025, 4, 1), date(2026, 1, 1))


@dataclass(frozen=True, slots=True)
class Costs:
    """Standard costs and list prices of one plant, by material and day."""

    standards: dict[str, dict[int, Decimal]]
    """By material and year; a material without a standard cost is not in it."""
    prices: dict[str, tuple[tuple[date, Decimal], ...]]
    """List prices with the day from which they are valid, for what is sold."""
    rates: dict[str, Decimal]
    """Hourly rates of the work centres in the plant's currency."""

    def standard(self, material: str, day: date) -> Decimal | None:
        """The standard cost on a day, or None where the material has none."""
        years = self.standards.get(material)
        return None if years is None else years[day.year]

    def value(self, material: str, quantity: int, day: date) -> Decimal:
        """Quantity at standard cost; materials without one are worth nothing."""
        return (self.standard(material, day) or Decimal(0)) * quantity

    def list_price(self, material: str, day: date) -> Decimal:
        """The list price on a day."""
        return next(price for since, price in reversed(self.prices[material]) if since <= day)


def roll_up(plant: Plant, plan: Plan) -> Costs:
    """Standard costs from the lowest level up, and list prices that follow them."""
    chance = plant.random("costs")
    rates = {centre.id: plant.money(centre.rate) for centre in plant.work_centres}
    lot_sizes = _lot_sizes(plan)
    standards: dict[str, dict[int, Decimal]] = {}
    # Highest number first: a product comes after everything that it consists of.
    for product in sorted(plant.products, key=lambda p: p.id, reverse=True):
        if product.id in plant.uncosted:
            continue
        moves = {year: _LEVEL[year] * chance.uniform(0.985, 1.02) for year in YEARS}
        standards[product.id] = {
            year: plant.money(product.price * moves[year] / in_units(product, plant.mass_per_kg))
            if product.price is not None
            else _made(product, year, plant, plan.routes[product.id], lot_sizes[product.id], standards, rates)
            for year in YEARS
        }
    prices = {
        product.id: _list_prices(product, plant, standards[product.id], chance.uniform(0.3, 0.46))
        for product in plant.products
        if product.kind == "finished"
    }
    return Costs(standards, prices, rates)


def _lot_sizes(plan: Plan) -> dict[str, int]:
    sizes: dict[str, list[int]] = {}
    for lot in plan.lots:
        sizes.setdefault(lot.product.id, []).append(lot.quantity)
    return {material: round(sum(found) / len(found)) for material, found in sizes.items()}


def _made(
    product: Product,
    year: int,
    plant: Plant,
    route: tuple[Operation, ...],
    lot: int,
    standards: dict[str, dict[int, Decimal]],
    rates: dict[str, Decimal],
) -> Decimal:
    material = sum(
        (
            standards[part][year] * each
            for part, each in parts_of(product, plant.mass_per_kg)
            if part in standards
        ),
        Decimal(0),
    )
    work = sum(
        (
            rates[step.work_centre] * Decimal(str(round(step.setup / lot + step.run, 4))) / 60
            for step in route
        ),
        Decimal(0),
    )
    return cents(material + work)


def _list_prices(
    product: Product, plant: Plant, standard: dict[int, Decimal], margin: float
) -> tuple[tuple[date, Decimal], ...]:
    if product.id == plant.below_cost:
        margin = -0.06
    first = standard[2024] / Decimal(str(round(1 - margin, 3)))
    # Every fourth product kept its price in 2025.
    raises = (1.0, 1.0 if int(product.id) % 4 == 0 else 1.025, 1.04)
    return tuple(
        (since, cents(first * Decimal(str(factor))))
        for since, factor in zip(_PRICE_DATES, raises, strict=True)
    )


def write_costs(book: Book, costs: Costs) -> None:
    """Versions of standard costs and list prices."""
    currency = book.plant.currency
    for material, years in sorted(costs.standards.items()):
        for year, cost in years.items():
            book.add(
                "standard_cost_version",
                material,
                str(year),
                material_id=material,
                valid_from=date(year, 1, 1),
                valid_to=None if year == YEARS[-1] else date(year, 12, 31),
                standard_cost=cost,
                currency=currency,
            )
    for material, versions in sorted(costs.prices.items()):
        ends = [since for since, _ in versions[1:]]
        for number, (since, price) in enumerate(versions):
            book.add(
                "list_price_version",
                material,
                since.isoformat(),
                material_id=material,
                valid_from=since,
                valid_to=date.fromordinal(ends[number].toordinal() - 1) if number < len(ends) else None,
                list_price=price,
                currency=currency,
            )
