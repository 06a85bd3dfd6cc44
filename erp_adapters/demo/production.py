"""Production as the system shows it: orders, confirmations, scrap, downtime, quality and maintenance."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from erp_adapters.demo.assortment import parts_of
from erp_adapters.demo.book import Book
from erp_adapters.demo.costing import Costs
from erp_adapters.demo.inventory import Stock
from erp_adapters.demo.planning import setup_minutes
from erp_adapters.demo.plant import AS_OF_DAY, WorkingDays, cents
from erp_adapters.demo.products import Product
from erp_adapters.demo.shopfloor import History, Order, Step, Stop, reasons_of, setup_factor

_UNDATED = 6
"""Orders, of those not started, whose dates are missing."""
_LONG_STOP = 150
"""Minutes from which a stop leads to a repair order."""
_SPARE_SUPPLIES = ("seals", "motors", "electronics")
_SPARES = 3
"""Parts that services take: those that there is most of."""
_REPORTS = {
    "Agitator blocked": "Agitator current at its limit, product crusted at the shaft",
    "Filter change": "Pressure before the filter too high, bag changed",
    "Cooling water warm": "Cooling water above 24 degrees, charge held back",
    "Hydraulic leak": "Oil on the floor below the ram, pressure drops under load",
    "Sensor fault": "Light curtain trips without anybody near it",
    "Tool change": "Tool broke, spare had to be fetched from the store",
    "Spindle alarm": "Spindle load alarm at low feed, stopped to check the bearing",
    "No operator": "Cell not manned after shift change",
    "Material missing": "Waited for parts from the component store",
}


def write_production(book: Book, history: History, days: WorkingDays, costs: Costs) -> None:
    """Orders with everything that was reported about them."""
    for centre in book.plant.work_centres:
        book.add(
            "work_centre",
            centre.id,
            work_centre_id=centre.id,
            name=centre.name,
            line=centre.line,
            cost_centre_id=centre.cost_centre,
            hourly_rate=costs.rates[centre.id],
            currency=book.plant.currency,
        )
    for reason, name in reasons_of(book.plant):
        book.add("scrap_reason", reason, scrap_reason_id=reason, name=name)
    groups = sorted({product.setup_group for product in book.plant.products if product.route})
    for centre in book.plant.work_centres:
        for before in groups:
            for after in groups:
                minutes = setup_minutes(centre) * setup_factor(before, after)
                book.add(
                    "setup_time",
                    *(centre.id, before, after),
                    work_centre_id=centre.id,
                    from_group=before,
                    to_group=after,
                    minutes=f"{minutes:.1f}",
                )
    waiting = [order.id for order in history.orders if order.status == "created"]
    undated = set(waiting[:: max(1, len(waiting) // _UNDATED)][:_UNDATED])
    for order in history.orders:
        _write_order(book, order, days, is_undated=order.id in undated)
        _write_reservations(book, order, days)
        for step in order.steps:
            _write_confirmation(book, order, step)
        if order.is_complete and order.lot.product.kind == "finished" and int(order.id) % 3 == 0:
            _write_inspection(book, order)
    for number, stop in enumerate(history.stops, start=1):
        _write_stop(book, number, stop)


def _write_order(book: Book, order: Order, days: WorkingDays, *, is_undated: bool) -> None:
    scrap = next((step for step in order.steps if step.scrapped), None)
    flags = ("undated",) if is_undated else ()
    if scrap is not None and scrap.reason is None:
        flags = ("scrap_without_reason",)
    start = order.started_on or days.day(order.lot.start)
    book.add(
        "production_order",
        order.id,
        flags=flags,
        order_id=order.id,
        material_id=order.lot.product.id,
        status=order.status,
        ordered=order.lot.quantity,
        stocked=order.steps[-1].good if order.is_complete else 0,
        scrapped=order.scrapped,
        start_on=None if is_undated else start,
        end_on=order.ended_on,
        due_on=None if is_undated else days.day(order.due),
        scrap_reason_id=scrap.reason if scrap else None,
        line="Pumps and valves" if order.lot.product.kind == "finished" else "Parts",
        priority=1 + int(order.id) % 3,
    )


def _write_reservations(book: Book, order: Order, days: WorkingDays) -> None:
    if order.is_complete:
        return
    for part, each in parts_of(order.lot.product, book.plant.mass_per_kg):
        quantity = each * order.lot.quantity
        book.add(
            "reservation",
            order.id,
            part,
            reservation_id=f"{order.id}-{part}",
            material_id=part,
            order_id=order.id,
            quantity=quantity,
            withdrawn=quantity if order.steps else 0,
            needed_on=days.day(order.lot.start),
        )


def _write_confirmation(book: Book, order: Order, step: Step) -> None:
    id = f"{order.id}-{step.operation.number}"
    book.add(
        "operation_confirmation",
        order.id,
        str(step.operation.number),
        flags=("posted_late",) if step.posted - step.ended > timedelta(days=1) else (),
        confirmation_id=id,
        order_id=order.id,
        operation=step.operation.number,
        work_centre_id=step.operation.work_centre,
        started_at=step.started,
        ended_at=step.ended,
        posted_at=step.posted,
        good=step.good,
        scrapped=step.scrapped,
        reworked=step.reworked,
        planned_minutes=f"{step.planned_minutes:.2f}",
        actual_minutes=step.actual_minutes,
        scrap_reason_id=step.reason,
    )


def _write_inspection(book: Book, order: Order) -> None:
    """The final inspection of one order in three: what fails the bench is rejected."""
    bench = order.steps[1]
    book.add(
        "quality_lot",
        f"FI{order.id}",
        lot_id=f"FI{order.id}",
        material_id=order.lot.product.id,
        order_id=order.id,
        supplier_id=None,
        inspected_on=bench.ended.date(),
        inspected=bench.good + bench.scrapped,
        rejected=bench.scrapped,
        decision="rejected in part" if bench.scrapped else "accepted",
    )


def _write_stop(book: Book, number: int, stop: Stop) -> None:
    id = book.plant.document(7, number)
    book.add(
        "downtime",
        id,
        downtime_id=id,
        work_centre_id=stop.work_centre,
        started_at=stop.started,
        ended_at=stop.started + timedelta(minutes=stop.minutes),
        minutes=stop.minutes,
        reason=stop.reason,
        is_planned=stop.is_planned,
    )


def write_maintenance(book: Book, history: History, days: WorkingDays, stock: Stock) -> None:
    """Services done and due with their spare parts, repairs after long stops, and what led to them."""
    chance = book.plant.random("maintenance")
    number = 0
    for stop in history.stops:
        number += 1
        day = stop.started.date()
        if stop.is_planned:
            _write_job(book, number, stop.work_centre, "preventive", day, day, Decimal("1.5"))
        elif stop.minutes >= _LONG_STOP:
            notification = book.plant.document(8, number)
            book.add(
                "maintenance_notification",
                notification,
                notification_id=notification,
                work_centre_id=stop.work_centre,
                reported_at=stop.started,
                text=_REPORTS[stop.reason],
                priority=1 if stop.minutes > 2 * _LONG_STOP else 2,
            )
            done = days.day(days.number(day) + chance.randint(0, 2))
            hours = (Decimal(stop.minutes) / 60).quantize(Decimal("0.1"))
            _write_job(book, number, stop.work_centre, "repair", day, done, hours)
    spares = _spares(book, stock)
    for position, centre in enumerate(book.plant.work_centres):
        number += 1
        due = days.day(days.today + 1 + position)
        _write_job(book, number, centre.id, "preventive", due, None, Decimal("1.5"))
        _write_spares(book, number, spares, due)


def _spares(book: Book, stock: Stock) -> list[Product]:
    """Bought parts that services take as well: of those that there is plenty of, so that none runs short."""
    plant = book.plant
    bought = sorted(
        (
            product
            for product in plant.products
            if product.kind == "bought" and product.id not in (*plant.short, *plant.negative, *plant.uncosted)
        ),
        key=lambda product: (-stock.balance(product.id, AS_OF_DAY), product.id),
    )
    return ([product for product in bought if product.supply in _SPARE_SUPPLIES] or bought)[:_SPARES]


def _write_spares(book: Book, number: int, spares: list[Product], due: date) -> None:
    """What a service needs; for every fourth nobody has said."""
    if not spares or not number % 4:
        return
    order = book.plant.document(5, number)
    chance = book.plant.random(f"spare parts {number}")
    for product in chance.sample(spares, min(len(spares), chance.randint(1, 2))):
        book.add(
            "reservation",
            order,
            product.id,
            reservation_id=f"{order}-{product.id}",
            material_id=product.id,
            order_id=order,
            quantity=chance.randint(1, 4),
            withdrawn=0,
            needed_on=due,
        )


def _write_job(
    book: Book, number: int, centre: str, kind: str, planned: date, done: date | None, hours: Decimal
) -> None:
    is_done = done is not None and done <= AS_OF_DAY
    id = book.plant.document(5, number)
    book.add(
        "maintenance_order",
        id,
        order_id=id,
        work_centre_id=centre,
        kind=kind,
        status="complete" if is_done else "planned" if kind == "preventive" else "in process",
        planned_on=planned,
        completed_on=done if is_done else None,
        hours=hours,
        cost=cents(book.plant.money(68) * hours) if is_done else None,
        currency=book.plant.currency,
    )
