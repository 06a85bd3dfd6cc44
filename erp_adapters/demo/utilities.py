"""Energy by day, tied to what the ledger says it cost; recipes of the process plant."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from erp_adapters.demo.assortment import parts_of
from erp_adapters.demo.book import Book
from erp_adapters.demo.ledger import Journal
from erp_adapters.demo.planning import Plan
from erp_adapters.demo.plant import cents
from erp_adapters.demo.shopfloor import History

ENERGY = "6200"
_KILOWATTS = {"L": 14, "M": 18, "G": 11, "W": 22, "P": 26, "A": 4, "T": 9, "F": 35}
_PROCESS_KILOWATTS = {"R": 90, "D": 70, "X": 32, "H": 45, "K": 12, "Q": 8}
_STEAM = ("R", "D")
"""Groups of work centres that are heated with steam rather than electricity."""
_CHARGE_KG = 100


def write_utilities(book: Book, history: History, journal: Journal) -> None:
    """Kilowatt hours by cost centre and day; the amounts of a month are what was posted for it."""
    plant = book.plant
    centres = {centre.id: centre.cost_centre for centre in plant.work_centres}
    power = _KILOWATTS | _PROCESS_KILOWATTS
    used: dict[tuple[str, date], dict[tuple[str, str], float]] = defaultdict(lambda: defaultdict(float))
    for order in history.orders:
        for step in order.steps:
            centre = step.operation.work_centre
            day = step.ended.date()
            utility = "steam" if centre[0] in _STEAM else "electricity"
            hours = step.actual_minutes / 60
            used[centres[centre], day.replace(day=1)][utility, day.isoformat()] += hours * power[centre[0]]
    posted: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    for posting in journal.postings:
        if posting.account == ENERGY and posting.cost_centre is not None:
            posted[posting.cost_centre, posting.day.replace(day=1)] += posting.amount
    for (centre, month), days in sorted(used.items()):
        total, left = sum(days.values()), posted[centre, month]
        for number, ((utility, on), hours) in enumerate(sorted(days.items()), start=1):
            share = cents(posted[centre, month] * Decimal(str(round(hours / total, 6))))
            amount = left if number == len(days) else share
            left -= amount
            book.add(
                "utility_use",
                *(utility, centre, on),
                utility=utility,
                cost_centre_id=centre,
                day=date.fromisoformat(on),
                quantity=f"{hours:.1f}",
                unit="KWH",
                amount=amount,
                currency=plant.currency,
            )


def write_recipes(book: Book, plan: Plan) -> None:
    """Recipes of what is made in charges, with their phases; nothing at a plant that makes pieces."""
    plant = book.plant
    if not plant.is_process:
        return
    names = {"R": "React", "X": "Mix", "H": "Homogenise", "D": "Dry", "K": "Cool", "Q": "Fill"}
    for product in plant.products:
        if product.id not in plan.routes:
            continue
        recipe = f"RC-{product.number}"
        weighed = sum(quantity for _, quantity in parts_of(product, plant.mass_per_kg))
        book.add(
            "recipe",
            recipe,
            recipe_id=recipe,
            material_id=product.id,
            version="3",
            batch_quantity=_CHARGE_KG if product.kind == "assembly" else weighed,
            unit=plant.mass if product.kind == "assembly" else plant.piece,
            yield_pct="98.7",
            valid_from=date(2024, 1, 1),
            valid_to=None,
        )
        for step in plan.routes[product.id]:
            book.add(
                "recipe_phase",
                recipe,
                str(step.number),
                recipe_id=recipe,
                phase=step.number,
                name=names[step.work_centre[0]],
                work_centre_id=step.work_centre,
                minutes=f"{step.setup + step.run:.1f}",
            )
