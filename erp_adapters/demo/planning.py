"""What is to be made when, from what is wanted: lots of every level, and what they need of the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from erp_adapters.demo.assortment import BY_ID, parts_of
from erp_adapters.demo.book import Book
from erp_adapters.demo.plant import Plant, WorkCentre, WorkingDays
from erp_adapters.demo.products import Product

_SETUP_MINUTES = {"L": 25, "M": 30, "P": 12, "A": 9, "G": 20, "W": 14, "R": 45, "X": 20, "Q": 12}
_SETUP_OTHERWISE = 15
_AHEAD = {"finished": 5, "assembly": 5, "component": 5}
"""Days before the need at which a lot is started."""
_USUAL_YIELD = 0.987
_HORIZON = 40
"""Days after today that the plan reaches."""
_RELEASED, _CREATED = 3, 8
"""Days after today up to which lots are released, or at least turned into orders."""


@dataclass(frozen=True, slots=True)
class Lot:
    """A quantity of one material to be started on one day."""

    product: Product
    start: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Operation:
    """A step of a routing."""

    number: int
    work_centre: str
    setup: int
    run: float
    """Minutes a piece."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Lots of all made materials, and the needs of every material."""

    lots: tuple[Lot, ...]
    needs: dict[str, list[int]]
    """Pieces needed on each day from day 0 on, by material."""
    routes: dict[str, tuple[Operation, ...]]
    horizon: int

    def daily(self, material: str, today: int) -> float:
        """Average use a working day over the history."""
        return sum(self.needs[material][: today + 1]) / (today + 1)


def plan(plant: Plant, days: WorkingDays, wanted: Mapping[str, Sequence[tuple[int, int]]]) -> Plan:
    """The plant's plan over its history and the weeks ahead.

    Args:
        wanted: day and pieces of each sale, known or expected, by material.
    """
    chance = plant.random("planning")
    horizon = days.today + _HORIZON
    products = plant.products
    # What the first days need was made before the history begins: opening stock covers it.
    needs = {product.id: [0] * (horizon + 1) for product in products}
    for material, sales in wanted.items():
        for due, quantity in sales:
            if 0 <= due <= horizon:
                needs[material][due] += quantity
    lots: list[Lot] = []
    spacing = days.today / plant.scale.lots
    for product in (p for p in products if p.is_made):
        ahead = _AHEAD[product.kind]
        day: float = chance.uniform(0, spacing)
        left_over = 0
        while day + spacing + ahead <= horizon:
            wanted_now = sum(needs[product.id][round(day) + ahead : round(day + spacing) + ahead])
            quantity = _lot_size(wanted_now - left_over, product)
            left_over += round(quantity * _USUAL_YIELD) - wanted_now
            if quantity:
                lots.append(Lot(product, round(day), quantity))
                for part, each in parts_of(product, plant.mass_per_kg):
                    needs[part][round(day)] += each * quantity
            day += spacing
    return Plan(tuple(lots), needs, _routes(plant, lots, days), horizon)


def _lot_size(wanted: int, product: Product) -> int:
    """Enough for what is wanted and the usual scrap, in round numbers."""
    step = 5 if product.kind == "finished" else 10
    return max(0, ceil(wanted / _USUAL_YIELD / step) * step)


def setup_minutes(centre: WorkCentre) -> int:
    """Minutes that a routing plans for a set-up."""
    return _SETUP_MINUTES.get(centre.id[0], _SETUP_OTHERWISE)


def _routes(plant: Plant, lots: list[Lot], days: WorkingDays) -> dict[str, tuple[Operation, ...]]:
    """Routings whose run times fill each work centre to the share that it is meant to be busy."""
    setups = {centre.id: setup_minutes(centre) for centre in plant.work_centres}
    ways = {
        product.id: [(plant.work_centre(named, product.id), minutes) for named, minutes in product.route]
        for product in {lot.product.id: lot.product for lot in lots}.values()
    }
    changing = dict.fromkeys(setups, 0.0)
    running = dict.fromkeys(setups, 0.0)
    for lot in lots:
        if lot.start <= days.today:
            for centre, minutes in ways[lot.product.id]:
                changing[centre] += setups[centre]
                running[centre] += minutes * lot.quantity
    capacity = (days.today + 1) * plant.day_minutes
    factor = {
        centre.id: max(0.05, (capacity * centre.load - changing[centre.id]) / running[centre.id])
        for centre in plant.work_centres
        if running[centre.id]
    }
    return {
        id: tuple(
            Operation(number * 10, centre, setups[centre], round(minutes * factor.get(centre, 1.0), 2))
            for number, (centre, minutes) in enumerate(way, start=1)
        )
        for id, way in ways.items()
    }


def status_of(lot: Lot, today: int) -> str:
    """How far a lot that was not started is: released, created, or only planned."""
    if lot.start <= today + _RELEASED:
        return "released"
    return "created" if lot.start <= today + _CREATED else "planned"


def write_plan(book: Book, plan: Plan, days: WorkingDays) -> None:
    """Bills of materials, routings and planned orders."""
    plant = book.plant
    for product in plant.products:
        _write_bom(book, product)
        for step in plan.routes.get(product.id, ()):
            book.add(
                "routing_operation",
                product.id,
                str(step.number),
                material_id=product.id,
                operation=step.number,
                work_centre_id=step.work_centre,
                setup_minutes=step.setup,
                run_minutes=f"{step.run:.2f}",
            )
    planned = [lot for lot in plan.lots if status_of(lot, days.today) == "planned"]
    for number, lot in enumerate(planned, start=1):
        order = plant.document(2, number)
        book.add(
            "planned_order",
            order,
            planned_order_id=order,
            material_id=lot.product.id,
            quantity=lot.quantity,
            starts_on=days.day(lot.start),
            due_on=days.day(lot.start + _AHEAD[lot.product.kind]),
        )


_LEVELS = {"finished": 1, "assembly": 2, "component": 3}
_REPLACED = {
    "2001": ("4002", date(2025, 6, 30)),
    "2004": ("4011", date(2025, 8, 31)),
    "2009": ("4008", date(2025, 10, 31)),
}
"""Parts that an assembly had until a day."""


def _write_bom(book: Book, product: Product) -> None:
    plant = book.plant
    parts: list[tuple[str, int, date | None]] = [
        (part, each, None) for part, each in parts_of(product, plant.mass_per_kg)
    ]
    if product.id in _REPLACED:
        part, until = _REPLACED[product.id]
        parts.append((part, 1, until))
    for position, (part, each, until_day) in enumerate(parts, start=1):
        item = f"{product.id}-{position:02d}"
        book.add(
            "bom_item",
            item,
            item_id=item,
            parent_id=product.id,
            component_id=part,
            quantity_per=each,
            unit=plant.mass if BY_ID[part].by_weight else plant.piece,
            level=_LEVELS[product.kind],
            valid_from=date(2024, 1, 1),
            valid_to=until_day,
            scrap_pct=1 if product.kind == "component" else 0,
        )
