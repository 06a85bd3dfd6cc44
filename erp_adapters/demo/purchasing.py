"""Purchase orders from the plan's needs: placed, promised, delivered, inspected and invoiced."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from random import Random

from erp_adapters.demo.book import Book
from erp_adapters.demo.markets import index_of, moved_against_plan
from erp_adapters.demo.planning import Plan
from erp_adapters.demo.plant import AS_OF_DAY, Plant, WorkingDays, cents
from erp_adapters.demo.products import Product
from erp_adapters.demo.suppliers import Offer, Supplier, offers_of, suppliers_of

_COVER_FROM = 3
"""Days between the due date and the first need that a delivery covers."""
_MISSING_DAYS = 24
"""Working days for which nothing came of the parts that are short."""
_INSPECTED = ("castings", "seals", "motors", "resins", "additives")
"""Trades whose deliveries are inspected."""
_RAISE_FROM = date(2025, 10, 1)
_PASSED_ON = 0.5
"""How much of a move in exchange rates a foreign supplier passes on."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One delivery of a line."""

    id: str
    day: int
    quantity: int
    rejected: int
    invoiced: int
    """Day of the supplier's invoice; it may lie in the future."""
    surcharge: Decimal
    """By how much the invoice exceeds the ordered price, a unit."""


@dataclass(slots=True)
class Line:
    """One position of a purchase order."""

    id: str
    offer: Offer
    quantity: int
    due: int
    price: Decimal
    confirmed: int | None
    receipts: list[Receipt] = field(default_factory=list)
    is_closed: bool = False

    @property
    def product(self) -> Product:
        return self.offer.product

    @property
    def received(self) -> int:
        return sum(receipt.quantity for receipt in self.receipts)

    @property
    def rejected(self) -> int:
        return sum(receipt.rejected for receipt in self.receipts)


@dataclass(slots=True)
class PurchaseOrder:
    """An order with one supplier."""

    id: str
    supplier: Supplier
    ordered_on: date
    due: int
    status: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Purchases:
    """Everything bought."""

    offers: tuple[Offer, ...]
    orders: tuple[PurchaseOrder, ...]

    def lines(self) -> list[Line]:
        return [line for order in self.orders for line in order.lines]


def buy(plant: Plant, days: WorkingDays, plan: Plan) -> Purchases:
    """The plant's purchase orders, in the order of their dates."""
    offers = offers_of(plant)
    chance = plant.random("purchasing")
    drifts = {offer.product.id: chance.uniform(-0.02, 0.03) for offer in offers}
    found: list[PurchaseOrder] = []
    for supplier in suppliers_of(plant):
        own = [offer for offer in offers if offer.supplier is supplier]
        if supplier.is_used:
            found += _orders(plant, supplier, own, days, plan, chance)
    found.sort(key=lambda order: (order.ordered_on, order.supplier.id))
    for number, order in enumerate(found, start=1):
        order.id = plant.document(4, number)
        for position, line in enumerate(order.lines, start=1):
            line.id = f"{order.id}-{position}"
            line.price = _price(line.offer, order.ordered_on, drifts[line.product.id], plant, chance)
        _deliver(order, plant, days, chance)
    return Purchases(offers, tuple(found))


def _orders(
    plant: Plant, supplier: Supplier, offers: list[Offer], days: WorkingDays, plan: Plan, chance: Random
) -> list[PurchaseOrder]:
    found: list[PurchaseOrder] = []
    spacing = days.today / plant.scale.orders
    due_at, left_over = chance.uniform(0, spacing), dict.fromkeys((offer.product.id for offer in offers), 0.0)
    while round(due_at + spacing) + _COVER_FROM <= plan.horizon:
        due = round(due_at)
        placed = days.day(days.number(days.day(due) - timedelta(days=supplier.lead_days)))
        if placed <= AS_OF_DAY:
            lines = []
            for offer in offers:
                material = offer.product.id
                covered = plan.needs[material][due + _COVER_FROM : round(due_at + spacing) + _COVER_FROM]
                wanted = sum(covered) * offer.share * chance.uniform(0.95, 1.09) - left_over[material]
                quantity = _rounded(wanted, offer.minimum) if wanted >= 1 else 0
                left_over[material] = quantity - wanted
                if quantity:
                    lines.append(Line("", offer, quantity, due, Decimal(0), None))
            if lines:
                found.append(PurchaseOrder("", supplier, placed, due, "approved", lines))
        due_at += spacing
    return found


def _rounded(wanted: float, minimum: int) -> int:
    return max(minimum, ceil(wanted / 5) * 5)


def _price(offer: Offer, ordered_on: date, drift: float, plant: Plant, chance: Random) -> Decimal:
    """The agreed price, moved with the index of its trade and the supplier's currency."""
    elapsed = (ordered_on - plant.first_day).days / (AS_OF_DAY - plant.first_day).days
    factor = (0.995 + drift * elapsed) * chance.uniform(0.99, 1.01)
    factor *= index_of(offer.supplier.supply, ordered_on)
    factor *= moved_against_plan(offer.supplier.country, plant, ordered_on) ** _PASSED_ON
    if ordered_on >= _RAISE_FROM:
        factor *= 1 + offer.supplier.raises
    return cents(offer.price * Decimal(str(round(factor, 4))))


def _deliver(order: PurchaseOrder, plant: Plant, days: WorkingDays, chance: Random) -> None:
    """Set what came of the order by now, and its status."""
    if (AS_OF_DAY - order.ordered_on).days <= 4:
        order.status = "pending"
        return
    if chance.random() < 0.025:
        order.status = "rejected"
        return
    supplier = order.supplier
    for line in order.lines:
        if chance.random() > 0.06:
            line.confirmed = line.due + (chance.randint(1, 6) if chance.random() < supplier.late / 2 else 0)
        share, days_late = supplier.lateness(days.day(line.due))
        late = chance.random() < share
        delay = 1 + round(chance.expovariate(1 / days_late)) if late else -chance.randint(0, 1)
        is_missing = line.product.id in plant.short and line.due > days.today - _MISSING_DAYS
        quantity = _delivered(line.quantity, chance)
        parts = [(0, quantity)]
        if chance.random() < 0.12:
            parts = [(0, round(quantity * 0.6)), (chance.randint(2, 7), quantity - round(quantity * 0.6))]
        for number, (after, pieces) in enumerate(parts, start=1):
            day = max(0, line.due + delay + after)
            if day < days.today and not is_missing and pieces:
                line.receipts.append(_receipt(f"{line.id}-{number}", day, pieces, supplier, line, chance))
        line.is_closed = line.received == quantity
    if all(line.is_closed for line in order.lines):
        order.status = "complete"


def _delivered(quantity: int, chance: Random) -> int:
    draw = chance.random()
    if draw < 0.035:
        return max(1, round(quantity * 0.93))
    return round(quantity * 1.04) + 1 if draw < 0.05 else quantity


def _receipt(id: str, day: int, pieces: int, supplier: Supplier, line: Line, chance: Random) -> Receipt:
    rejected = round(pieces * chance.uniform(0.2, 2.2) * supplier.rejects) if chance.random() < 0.85 else 0
    surcharge = cents(line.price * Decimal("0.015")) if chance.random() < 0.03 else Decimal(0)
    return Receipt(id, day, pieces, min(rejected, pieces), day + chance.randint(2, 9), surcharge)


def write_purchases(book: Book, purchases: Purchases, days: WorkingDays) -> None:
    """Orders with lines, receipts, inspections and invoices, and the info records that follow from them."""
    for number, (name, base, rate) in enumerate(
        (("Road freight", 35, "0.0120"), ("Parcel", 12, "0.0300"), ("Sea freight", 180, "0.0080")), start=1
    ):
        book.add(
            "ship_method",
            str(number),
            ship_method_id=str(number),
            name=name,
            base_charge=book.plant.money(base),
            rate=Decimal(rate),
        )
    for order in purchases.orders:
        _write_order(book, order, days)
        for line in order.lines:
            _write_line(book, order, line, days)
    _write_info_records(book, purchases, days)


def _write_order(book: Book, order: PurchaseOrder, days: WorkingDays) -> None:
    plant = book.plant
    subtotal = sum((line.price * line.quantity for line in order.lines), Decimal(0))
    method, base, rate = (
        ("1", 35, "0.012") if order.supplier.country == plant.country else ("3", 180, "0.008")
    )
    freight = cents(plant.money(base) + subtotal * Decimal(rate))
    tax = cents(subtotal * plant.tax_pct / 100)
    received = [receipt.day for line in order.lines for receipt in line.receipts]
    shipped = days.day(min(received) - 1) if received else None
    book.add(
        "purchase_order",
        order.id,
        order_id=order.id,
        supplier_id=order.supplier.id,
        status=order.status,
        revision=int(order.id) % 4,
        buyer_id=plant.buyers[int(order.supplier.id) % len(plant.buyers)],
        ship_method_id=method,
        ordered_on=order.ordered_on,
        shipped_on=max(shipped, order.ordered_on) if shipped else None,
        subtotal=subtotal,
        tax=tax,
        freight=freight,
        total=subtotal + tax + freight,
        currency=plant.currency,
    )


def _write_line(book: Book, order: PurchaseOrder, line: Line, days: WorkingDays) -> None:
    plant = book.plant
    has_come = bool(line.receipts)
    book.add(
        "purchase_line",
        order.id,
        line.id,
        flags=("over_received",) if line.received > line.quantity else (),
        line_id=line.id,
        order_id=order.id,
        material_id=line.product.id,
        due_on=days.day(line.due),
        confirmed_on=None if line.confirmed is None else days.day(line.confirmed),
        received_on=days.day(line.receipts[-1].day) if has_come else None,
        ordered=line.quantity,
        received=line.received if has_come else None,
        rejected=line.rejected if has_come else None,
        stocked=line.received - line.rejected if has_come else None,
        unit=plant.mass if line.product.by_weight else plant.piece,
        unit_price=line.price,
        line_total=line.price * line.quantity,
        currency=plant.currency,
    )
    for receipt in line.receipts:
        _write_receipt(book, order, line, receipt, days)


def _write_receipt(book: Book, order: PurchaseOrder, line: Line, receipt: Receipt, days: WorkingDays) -> None:
    day = days.day(receipt.day)
    accepted = receipt.quantity - receipt.rejected
    book.add(
        "goods_receipt",
        receipt.id,
        receipt_id=receipt.id,
        line_id=line.id,
        received_on=day,
        posted_at=datetime.combine(day, time(9 + receipt.day % 7, 20), book.plant.zone),
        quantity=receipt.quantity,
    )
    if line.product.supply in _INSPECTED:
        book.add(
            "quality_lot",
            f"IN{receipt.id}",
            lot_id=f"IN{receipt.id}",
            material_id=line.product.id,
            order_id=order.id,
            supplier_id=order.supplier.id,
            inspected_on=day,
            inspected=receipt.quantity,
            rejected=receipt.rejected,
            decision="rejected in part" if receipt.rejected else "accepted",
        )
    if accepted and days.day(receipt.invoiced) <= AS_OF_DAY:
        book.add(
            "supplier_invoice",
            receipt.id,
            invoice_id=f"R{receipt.id}",
            line_id=line.id,
            supplier_id=order.supplier.id,
            invoiced_on=days.day(receipt.invoiced),
            quantity=accepted,
            amount=(line.price + receipt.surcharge) * accepted,
            currency=book.plant.currency,
        )


def _write_info_records(book: Book, purchases: Purchases, days: WorkingDays) -> None:
    plant = book.plant
    by_offer: dict[tuple[str, str], list[tuple[PurchaseOrder, Line]]] = {}
    for order in purchases.orders:
        for line in order.lines:
            by_offer.setdefault((line.product.id, order.supplier.id), []).append((order, line))
    for offer in purchases.offers:
        bought = by_offer.get((offer.product.id, offer.supplier.id), [])
        came = [line for _, line in bought if line.receipts]
        last = max(came, key=lambda line: line.receipts[-1].day) if came else None
        is_priced = offer.supplier.is_used
        book.add(
            "info_record",
            offer.product.id,
            offer.supplier.id,
            flags=() if is_priced else ("no_price",),
            material_id=offer.product.id,
            supplier_id=offer.supplier.id,
            lead_time_days=offer.supplier.lead_days,
            standard_price=offer.price if is_priced else None,
            last_price=last.price if last else None,
            last_receipt_on=days.day(last.receipts[-1].day) if last else None,
            minimum_order=offer.minimum,
            maximum_order=offer.minimum * 100,
            on_order=sum(
                line.quantity - line.received
                for order, line in bought
                if order.status in ("pending", "approved") and not line.is_closed
            ),
            unit=plant.mass if offer.product.by_weight else plant.piece,
            currency=plant.currency,
            valid_from=date(2025, 1, 1),
            valid_to=None,
        )
