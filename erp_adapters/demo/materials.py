"""Material masters with their planning data, and requisitions for what runs low."""

from __future__ import annotations

from datetime import date, timedelta

from erp_adapters.demo.book import Book
from erp_adapters.demo.costing import Costs
from erp_adapters.demo.planning import Plan
from erp_adapters.demo.plant import AS_OF_DAY, Plant, WorkingDays
from erp_adapters.demo.products import Product, in_units
from erp_adapters.demo.suppliers import Offer

_DAYS_TO_MAKE = {"finished": 3, "assembly": 2, "component": 2}
_LOT_RULES = {
    "finished": "lot for lot",
    "assembly": "weekly",
    "component": "weekly",
    "bought": "reorder point",
}
_DISCONTINUED = date(2025, 12, 31)
_REQUISITIONS = 64
_INCHES = {
    10: "3/8",
    15: "1/2",
    25: "1",
    32: "1 1/4",
    40: "1 1/2",
    50: "2",
    65: "2 1/2",
    80: "3",
    100: "4",
    150: "6",
}


def write_materials(
    book: Book, plan: Plan, days: WorkingDays, costs: Costs, offers: tuple[Offer, ...]
) -> None:
    """One row a material, with safety stocks and reorder points that follow from its use."""
    plant = book.plant
    main = {offer.product.id: offer for offer in offers if offer.share >= 0.5}
    classes = _abc(plant, plan, days, costs)
    for product in plant.products:
        use = plan.daily(product.id, days.today)
        offer = main.get(product.id)
        lead = offer.supplier.lead_days if offer else None
        cost = costs.standard(product.id, AS_OF_DAY)
        safety = _round5(use * (3 if product.is_made else 4))
        covered = 4 if lead is None else lead * 5 / 7 / 2 + 2
        is_finished = product.kind == "finished"
        number = int(product.id)
        book.add(
            "material",
            product.id,
            flags=("no_standard_cost",) if cost is None else (),
            material_id=product.id,
            number=product.number,
            name=product.name,
            is_made=product.is_made,
            is_finished=is_finished,
            category=product.category,
            subcategory=product.subcategory,
            model=product.model,
            colour=product.colour,
            size=_size(product, plant),
            size_unit=("MM" if plant.unit_system == "metric" else "IN") if product.bore else None,
            weight=f"{product.kg * plant.mass_per_kg / in_units(product, plant.mass_per_kg):.2f}",
            weight_unit=plant.mass,
            base_unit=plant.mass if product.by_weight else plant.piece,
            currency=plant.currency,
            standard_cost=cost,
            list_price=costs.list_price(product.id, AS_OF_DAY) if is_finished else None,
            safety_stock=safety,
            reorder_point=safety + _round5(use * covered),
            days_to_make=_DAYS_TO_MAKE.get(product.kind),
            delivery_days=lead,
            receipt_days=1 if offer else None,
            mrp_controller=plant.planners[0 if is_finished else 1],
            purchasing_group=plant.buyers[number % len(plant.buyers)] if offer else None,
            abc_class=classes[product.id],
            lot_rule=_LOT_RULES.get(product.kind, "reorder point"),
            minimum_lot=offer.minimum if offer else 5,
            maximum_lot=None,
            rounding_value=5,
            scrap_pct="1.2" if product.is_made else None,
            setup_group=product.setup_group or None,
            sell_start_on=date(2019 + number % 5, 1 + number % 12, 1) if is_finished else None,
            sell_end_on=_DISCONTINUED if product.ends_early else None,
            discontinued_on=_DISCONTINUED if product.ends_early else None,
        )
    _write_requisitions(book, plan, days, offers)


def _abc(plant: Plant, plan: Plan, days: WorkingDays, costs: Costs) -> dict[str, str]:
    """A for the fifth of the materials with the highest value of use, B for the next three tenths."""
    values = {
        product.id: float(costs.standard(product.id, AS_OF_DAY) or 0) * plan.daily(product.id, days.today)
        for product in plant.products
    }
    ranked = sorted(values, key=lambda id: (-values[id], id))
    return {
        id: "A" if rank < len(ranked) * 0.2 else "B" if rank < len(ranked) * 0.5 else "C"
        for rank, id in enumerate(ranked)
    }


def _round5(quantity: float) -> int:
    return round(quantity / 5) * 5


def _size(product: Product, plant: Plant) -> str | None:
    if product.bore is None:
        return None
    return str(product.bore) if plant.unit_system == "metric" else _INCHES[product.bore]


def _write_requisitions(book: Book, plan: Plan, days: WorkingDays, offers: tuple[Offer, ...]) -> None:
    chance = book.plant.random("requisitions")
    used = [offer for offer in offers if offer.share]
    for number in range(1, _REQUISITIONS + 1):
        offer = chance.choice(used)
        asked = AS_OF_DAY - timedelta(days=chance.randint(0, 75))
        # What was asked for weeks ago has long been decided.
        is_new = (AS_OF_DAY - asked).days < 14
        status = "open" if is_new else chance.choice(("ordered", "ordered", "ordered", "rejected"))
        quantity = max(
            offer.minimum, _round5(plan.daily(offer.product.id, days.today) * chance.uniform(3, 9))
        )
        id = book.plant.document(5, 50_000 + number)
        book.add(
            "requisition",
            id,
            requisition_id=id,
            material_id=offer.product.id,
            quantity=quantity,
            unit=book.plant.mass if offer.product.by_weight else book.plant.piece,
            requested_on=asked,
            needed_on=asked + timedelta(days=offer.supplier.lead_days + chance.randint(2, 10)),
            status=status,
            requester=chance.choice(book.plant.planners),
            supplier_id=offer.supplier.id,
        )
