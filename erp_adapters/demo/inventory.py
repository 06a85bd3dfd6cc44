"""Stock: every movement, the balance that follows from them, and where it lies today."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from erp_adapters.demo.assortment import BY_ID, parts_of
from erp_adapters.demo.book import Book
from erp_adapters.demo.costing import Costs
from erp_adapters.demo.demand import Demand
from erp_adapters.demo.planning import Plan
from erp_adapters.demo.plant import AS_OF_DAY, Plant, WorkingDays, month_end, months
from erp_adapters.demo.products import Product
from erp_adapters.demo.purchasing import Purchases
from erp_adapters.demo.shopfloor import History

Movement: TypeAlias = Literal["production", "purchase", "sale", "consumption", "adjustment"]
_SIGN = {"production": 1, "purchase": 1, "sale": -1, "consumption": -1, "adjustment": 1}
_COUNTS = 28
"""Count differences booked over the history."""
_LOCATIONS = (
    ("Raw material store", 0, 0),
    ("Component store", 0, 0),
    ("Line-side stock", 0, 0),
    ("Finished goods store", 0, 0),
    ("Quarantine cage", 0, 0),
    ("Machining hall", 66, 320),
    ("Assembly hall", 44, 320),
    ("Test and paint shop", 50, 160),
    ("Returns area", 0, 0),
)
_HOME = {"raw": "10", "bought": "20", "component": "20", "assembly": "30", "finished": "40"}
_LINE_SIDE, _CAGE = "30", "50"
_HOLD_REASONS = (
    "Certificate missing",
    "Leak test failed",
    "Surface defect",
    "Wrong label",
    "Customer complaint",
)
_HELD_NOW, _HELD_BEFORE = 5, 30
_MOVING = 3
"""Parts of which some are between two places."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement. The quantity has no sign but for adjustments: the kind says which way it went."""

    product: Product
    day: date
    posted: datetime
    kind: Movement
    quantity: int
    order: str | None = None
    line: str | None = None
    price: Decimal | None = None
    """What a unit was bought or sold for: sales show at their price. Standard cost otherwise."""

    @property
    def change(self) -> int:
        return _SIGN[self.kind] * self.quantity


class Stock:
    """All movements of one plant, and balances on any day."""

    def __init__(self, movements: list[Moved], opening: dict[str, int]) -> None:
        self.movements = movements
        self.opening = opening
        self._days: dict[str, list[date]] = defaultdict(list)
        self._after: dict[str, list[int]] = defaultdict(list)
        balance = dict(opening)
        for moved in movements:
            material = moved.product.id
            balance[material] += moved.change
            self._days[material].append(moved.day)
            self._after[material].append(balance[material])

    def balance(self, material: str, day: date) -> int:
        """Stock at the end of a day."""
        position = bisect_right(self._days[material], day)
        return self._after[material][position - 1] if position else self.opening[material]


def move(
    plant: Plant, days: WorkingDays, plan: Plan, demand: Demand, history: History, purchases: Purchases
) -> Stock:
    """Everything that moved, with an opening stock that lets it."""
    chance = plant.random("inventory")
    movements = [
        *_production(plant, history),
        *_purchases(plant, days, purchases),
        *_sales(plant, days, demand),
    ]
    products = plant.products
    for _ in range(_COUNTS):
        product = chance.choice(products)
        day = days.day(chance.randint(5, days.today - 25))
        counted = chance.choice((-1, -1, 1)) * chance.randint(1, 12)
        movements.append(Moved(product, day, _at(plant, day, 15), "adjustment", counted))
    movements.sort(
        key=lambda moved: (moved.day, moved.posted, moved.product.id, moved.kind, moved.order or "")
    )
    lowest: dict[str, int] = dict.fromkeys((product.id for product in products), 0)
    running = dict(lowest)
    for moved in movements:
        running[moved.product.id] += moved.change
        lowest[moved.product.id] = min(lowest[moved.product.id], running[moved.product.id])
    opening = {}
    for product in products:
        reserve = round(plan.daily(product.id, days.today) * chance.uniform(0.5, 4.0))
        if product.id in plant.short:
            reserve = chance.randint(2, 9)
        if product.ends_early:
            reserve += 140
        opening[product.id] = max(0, reserve - lowest[product.id])
    return Stock(movements, opening)


def _at(plant: Plant, day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour, 5), plant.zone)


def _production(plant: Plant, history: History) -> list[Moved]:
    found: list[Moved] = []
    for order in history.orders:
        if not order.steps:
            continue
        first, last = order.steps[0], order.steps[-1]
        for part in parts_of(order.lot.product, plant.mass_per_kg):
            found.append(
                Moved(
                    BY_ID[part[0]],
                    first.started.date(),
                    first.started,
                    "consumption",
                    part[1] * order.lot.quantity,
                    order.id,
                )
            )
        if order.is_complete and last.good:
            found.append(
                Moved(order.lot.product, last.ended.date(), last.posted, "production", last.good, order.id)
            )
    return found


def _purchases(plant: Plant, days: WorkingDays, purchases: Purchases) -> list[Moved]:
    return [
        Moved(
            line.product,
            days.day(receipt.day),
            _at(plant, days.day(receipt.day), 9),
            "purchase",
            receipt.quantity - receipt.rejected,
            order.id,
            line.id,
            line.price,
        )
        for order in purchases.orders
        for line in order.lines
        for receipt in line.receipts
        if receipt.quantity > receipt.rejected
    ]


def _sales(plant: Plant, days: WorkingDays, demand: Demand) -> list[Moved]:
    return [
        Moved(
            line.product,
            days.day(line.delivered),
            _at(plant, days.day(line.delivered), 14),
            "sale",
            line.shipped,
            line.order,
            line.id,
            line.price,
        )
        for line in demand.lines
        if line.delivered is not None
    ]


def write_stock(book: Book, stock: Stock, days: WorkingDays, costs: Costs) -> None:
    """Locations, movements, snapshots, batches, stock by place, and the holds on it."""
    for number, (name, rate, hours) in enumerate(_LOCATIONS, start=1):
        place = str(number * 10)
        book.add(
            "location",
            place,
            location_id=place,
            name=name,
            cost_rate=book.plant.money(rate),
            availability=hours,
        )
    unvalued = book.plant.uncosted
    for number, moved in enumerate(stock.movements, start=1):
        cost = moved.price or costs.standard(moved.product.id, moved.day)
        id = book.plant.document(3, number)
        book.add(
            "stock_movement",
            id,
            flags=("no_cost",) if cost is None else (),
            movement_id=id,
            material_id=moved.product.id,
            moved_on=moved.day,
            posted_at=moved.posted,
            kind=moved.kind,
            quantity=moved.quantity,
            unit=_unit(book.plant, moved.product),
            unit_cost=cost,
            currency=book.plant.currency,
            order_id=moved.order,
            order_line=moved.line,
        )
    for product in book.plant.products:
        for month in months(book.plant.first_day - timedelta(days=1), AS_OF_DAY):
            quantity = stock.balance(product.id, month_end(month))
            is_valued = product.id not in unvalued
            book.add(
                "stock_snapshot",
                product.id,
                f"{month:%Y-%m}",
                flags=() if is_valued else ("no_standard_cost",),
                material_id=product.id,
                month=month,
                quantity=quantity,
                value=costs.value(product.id, quantity, month) if is_valued else None,
                currency=book.plant.currency,
            )
    holds = _write_holds(book, stock, days)
    moving = _moving(book.plant, stock, holds)
    for product in book.plant.products:
        _write_places(book, product, stock, days, holds.get(product.id, 0), moving=moving.get(product.id, 0))


def _moving(plant: Plant, stock: Stock, held: dict[str, int]) -> dict[str, int]:
    """Pieces that are between two places, of parts that there is so much of that none runs short by it."""
    able = [
        (stock.balance(product.id, AS_OF_DAY), product.id)
        for product in plant.products
        if product.kind == "bought"
        and not product.by_batch
        and product.supply != "bearings"  # the tour and the examples draft for these: they stay as they are
        and product.id not in (*held, *plant.short, *plant.negative, *plant.uncosted)
    ]
    most = sorted(able, reverse=True)[:_MOVING]
    return {id: max(1, balance // 50) for balance, id in most if balance > 0}


def _unit(plant: Plant, product: Product) -> str:
    return plant.mass if product.by_weight else plant.piece


def _write_holds(book: Book, stock: Stock, days: WorkingDays) -> dict[str, int]:
    """Holds of the past and those still open; the quantities that are on hold now."""
    chance = book.plant.random("holds")
    able = [p for p in book.plant.products if p.by_batch or p.supply == "seals"]
    now = [p for p in able if stock.balance(p.id, AS_OF_DAY) >= 20]
    held = {
        product.id: min(40, stock.balance(product.id, AS_OF_DAY) // 3)
        for product in chance.sample(now, min(_HELD_NOW, len(now)))
    }
    past = [(chance.choice(able), None) for _ in range(_HELD_BEFORE)]
    for number, (product, quantity) in enumerate(
        [*past, *((p, held[p.id]) for p in able if p.id in held)], start=1
    ):
        is_open = quantity is not None
        placed = days.day(
            days.today - chance.randint(1, 12) if is_open else chance.randint(3, days.today - 20)
        )
        placed_at = _at(book.plant, placed, 10)
        released_at = None if is_open else placed_at + timedelta(days=chance.randint(1, 16), hours=3)
        id = f"H{book.plant.number_range}{number:03d}"
        book.add(
            "quality_hold",
            id,
            hold_id=id,
            material_id=product.id,
            batch_id=_batch(book, product, placed) if product.by_batch else None,
            quantity=quantity if quantity is not None else chance.randint(2, 60),
            reason=chance.choice(_HOLD_REASONS),
            severity=chance.choice(("low", "medium", "medium", "high")),
            placed_at=placed_at,
            released_at=released_at,
        )
    return held


def _write_places(
    book: Book, product: Product, stock: Stock, days: WorkingDays, held: int, *, moving: int
) -> None:
    """The material's stock, split over its places so that they add up to its balance."""
    chance = book.plant.random(f"places {product.id}")
    left = stock.balance(product.id, AS_OF_DAY) - held
    if held:
        _write_place(book, product, _CAGE, "", held, days, status="quality" if held % 2 else "blocked")
    if product.id in book.plant.negative:
        missing = chance.randint(15, 60)
        _write_place(book, product, _LINE_SIDE, "", -missing, days)
        left += missing
    elif product.kind in ("bought", "component") and left > 30:
        at_line = round(left * chance.uniform(0.1, 0.3))
        _write_place(book, product, _LINE_SIDE, "", at_line, days)
        left -= at_line
    if not product.by_batch:
        _write_place(book, product, _HOME[product.kind], "", left - moving, days)
        if moving:
            _write_place(book, product, _HOME[product.kind], "", moving, days, status="transit")
        return
    oldest = 14 if product.ends_early else 3
    for back, share in ((2, 0.2), (1, 0.35), (0, None)):
        made_on = days.day(days.today - oldest * 5 - back * 21)
        quantity = left if share is None else round(left * share)
        left -= quantity
        batch = _batch(book, product, made_on)
        _write_place(book, product, _HOME[product.kind], batch, quantity, days)


def _batch(book: Book, product: Product, made_on: date) -> str:
    """A batch of that day, with a number that no other has."""
    number = len(book.sheets["batch"].keys) + 1 if "batch" in book.sheets else 1
    batch = f"{product.number}-{made_on:%y%m%d}-{number:03d}"
    book.add(
        "batch",
        batch,
        batch_id=batch,
        material_id=product.id,
        made_on=made_on,
        expires_on=made_on + timedelta(days=270) if product.supply == "coatings" else None,
    )
    return batch


def _write_place(
    book: Book,
    product: Product,
    place: str,
    batch: str,
    quantity: int,
    days: WorkingDays,
    *,
    status: str = "unrestricted",
) -> None:
    flags: tuple[str, ...] = ("no_standard_cost",) if product.id in book.plant.uncosted else ()
    if quantity < 0:
        flags = (*flags, "negative_stock")
    number = int(product.id)
    book.add(
        "stock",
        product.id,
        place,
        batch or status,
        flags=flags,
        material_id=product.id,
        location_id=place,
        batch_id=batch,
        shelf="ABCDEF"[number % 6],
        bin=str(number % 17 + 1),
        status=status,
        quantity=quantity,
        unit=_unit(book.plant, product),
        counted_on=days.day(days.today - number * 7 % 90),
    )
