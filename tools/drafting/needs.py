"""What a draft is for: what lacks the material, what is on its way already, and what happens without more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from policies.drafts.parts import Amount, Demand, Supply
from tools.drafting.names import seen
from tools.drafting.numbers import n
from tools.engines.netting import STOCK, outlook
from tools.engines.pegging import Network
from tools.engines.structure import ZERO
from tools.naming import Site
from tools.planning import Book, Entry, Material

_MOST = 20
_COVERS = {
    "requisition": "requisition",
    "planned_order": "planned_order",
    "purchase_line": "purchase_order",
    "production_order": "production_order",
}
_NEEDS = {
    "reservation": "production_order",
    "production_order": "production_order",
    "planned_order": "planned_order",
    "sales_line": "sales_order",
}


@dataclass(frozen=True, slots=True)
class Needed:
    """A material's need at one site."""

    demands: tuple[Demand, ...]
    covering: tuple[Supply, ...]
    without_it: str
    flags: tuple[str, ...]
    free: Decimal
    """Stock that no requirement takes and that is not safety stock."""


def needed(book: Book, site: Site, material: Material, quantity: Decimal, by: date) -> Needed:
    """What is pegged to a draft of so much, first in, first out."""
    entries = book.by_material.get(material.key, ())
    network = book.network(site)
    lacking = network.allocation(material.material_id)
    demands: list[Demand] = []
    left = quantity
    for key in sorted(lacking.uncovered, key=lambda key: _due(book, key)):
        entry = book.by_key.get(key)
        if entry is None or left <= 0 or len(demands) == _MOST:
            break
        part = min(left, lacking.uncovered[key])
        left -= part
        demands.append(_demand(book, network, entry, part, material.unit))
    covering = tuple(_supply(entry, site.today, material.unit) for entry in entries if _covers(entry))[:_MOST]
    text, flags = _without(book, site, material, by)
    if not demands and not flags:
        flags = ("Nothing on record needs it: stock and what is on its way cover every requirement.",)
    free = max(ZERO, lacking.free.get(STOCK, material.on_hand) - material.safety_stock)
    return Needed(tuple(demands), covering, text, flags, free)


def _due(book: Book, key: str) -> date:
    entry = book.by_key.get(key)
    return entry.due if entry is not None and entry.due is not None else date.max


def _covers(entry: Entry) -> bool:
    return entry.quantity > 0 and entry.record in _COVERS


def _supply(entry: Entry, today: date, unit: str) -> Supply:
    number = entry.order_id if not entry.partner else f"{entry.order_id} ({seen(entry.partner)})"
    return Supply(
        kind=_COVERS[entry.record],
        number=number[:300],
        quantity=Amount(value=entry.quantity, unit=unit),
        due_on=entry.due,
        overdue=entry.due is not None and entry.due < today,
        note="not approved yet" if entry.record == "purchase_line" and entry.status == "pending" else "",
    )


def _demand(book: Book, network: Network, entry: Entry, part: Decimal, unit: str) -> Demand:
    return Demand(
        kind=_NEEDS.get(entry.record, entry.record),
        number=entry.order_id,
        quantity=Amount(value=part, unit=unit),
        needed_on=entry.due,
        customer=customer_of(book, network, entry),
    )


def customer_of(book: Book, network: Network, entry: Entry) -> str:
    """The first customer at the end of the chain that starts with this requirement."""
    if entry.record == "sales_line":
        return seen(entry.partner)
    order = next((e for e in book.entries if e.quantity > 0 and e.order == entry.order), None)
    if order is None:
        return ""
    ends = (book.by_key.get(step.demand) for step in network.up([order.key]))
    return next((seen(end.partner) for end in ends if end is not None and end.record == "sales_line"), "")


def _without(book: Book, site: Site, material: Material, by: date) -> tuple[str, tuple[str, ...]]:
    plan = book.plan(material.key)
    days = [one.due for one in plan.supplies] + [one.due for one in plan.demands]
    end = max([by, *days])
    ahead = outlook(plan.opening, plan.supplies, plan.demands, site.today, end, material.safety_stock)
    unit = material.unit
    if ahead.short is None and ahead.low_on is None:
        return "Nothing runs short: stock and what is on its way cover all that is required.", ()
    if ahead.short is None:
        return (
            f"Stock falls below the safety stock of {n(material.safety_stock)} {unit} on {ahead.low_on}, by"
            f" {n(ahead.low_by)} {unit}; no order waits for it.",
            ("No order waits for it: it fills up the safety stock.",),
        )
    short = ahead.short
    waiting = book.by_key.get(short.waiting)
    who = ""
    if waiting is not None:
        customer = customer_of(book, book.network(site), waiting)
        kind = _NEEDS.get(waiting.record, waiting.record).replace("_", " ")
        who = f"; {kind} {waiting.order_id} waits first" + (f", for {customer}" if customer else "")
    worst = f", {n(short.deepest)} {unit} at worst" if short.deepest > short.missing else ""
    return (
        f"It runs short on {short.first}: {n(short.missing)} {unit} are missing on that day{worst}{who}.",
        (),
    )
