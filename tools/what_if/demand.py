"""Material requirements of a site through all levels, as the data says and as supposed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tools.engines.material_requirements import Component, Item, PlannedOrder, exploded
from tools.engines.netting import STOCK
from tools.engines.structure import ZERO, CircularStructure
from tools.planning import Book, Entry
from tools.replanning.floor import Floor, left_of
from tools.rows import Queries
from tools.structures import Line, named_cycle, parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """How long a material takes to come."""

    material_id: str
    days: int


LEADS = """
select material_id, coalesce(case when is_made then days_to_make else delivery_days end, 0)::int as days
from erp.material where site = %(site)s
"""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What of a material is on order by nobody and has to be."""

    material_id: str
    quantity: Decimal
    first: date
    """Day on which the first of it is needed."""
    is_late: bool
    """True where its lead time does not reach."""


@dataclass(frozen=True)
class Requirements:
    """Everything that has to be ordered or made beyond what is on order."""

    by_material: Mapping[str, Requirement]
    orders: tuple[PlannedOrder, ...]


async def structure_error(queries: Queries, site: str, cycle: CircularStructure) -> Exception:
    """The refusal that names what goes into itself."""
    return named_cycle(cycle, await parts(queries, site, cycle.path))


def required(
    book: Book, lines: Sequence[Line], leads: Mapping[str, int], site: str, today: date, horizon: date
) -> Requirements:
    """Net requirements up to a day, lot for lot, each level when the one above it starts.

    Raises:
        CircularStructure: a material goes into itself.
    """
    first = today.toordinal()
    components: dict[str, list[Component]] = defaultdict(list)
    for line in lines:
        components[line.parent_id].append(Component(line.component_id, line.quantity))
    receipts: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    demand: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for entry in book.entries:
        if entry.site != site or entry.due is None:
            continue
        at = max(first, entry.due.toordinal())
        if entry.quantity > 0:
            receipts[entry.material_id][at] += entry.quantity
        elif entry.due <= horizon:
            demand[entry.material_id][at] -= entry.quantity
    named = {id for code, id in book.materials if code == site}
    named |= {end for line in lines for end in (line.parent_id, line.component_id)} | {*receipts, *demand}
    items = {}
    for id in sorted(named):
        material = book.materials.get((site, id))
        items[id] = Item(
            tuple(components[id]), material.on_hand if material else ZERO, receipts=dict(receipts[id])
        )
    plan = exploded(items, demand, lambda id, at: max(first, at - leads.get(id, 0)))
    found: dict[str, Requirement] = {}
    for order in plan.orders:
        if order.receipt > horizon.toordinal():
            continue
        known = found.get(order.item)
        late = order.receipt - leads.get(order.item, 0) < first
        found[order.item] = Requirement(
            order.item,
            order.quantity + (known.quantity if known else ZERO),
            min(date.fromordinal(order.receipt), known.first if known else date.max),
            late or (known is not None and known.is_late),
        )
    return Requirements(found, plan.orders)


def hours_by_centre(floor: Floor, need: Requirements, horizon: date) -> dict[str, Decimal]:
    """Hours of work by work centre: what is left of open orders, and what has to be made beside them."""
    minutes: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for order in floor.orders:
        if order.start_on is not None and order.start_on <= horizon:
            for step, quantity in left_of(floor, order):
                minutes[step.work_centre_id] += step.setup_minutes + step.run_minutes * quantity
    for planned in need.orders:
        if planned.release <= horizon.toordinal():
            for step in floor.routes.get(planned.item, ()):
                minutes[step.work_centre_id] += step.setup_minutes + step.run_minutes * planned.started
    return {centre: amount / 60 for centre, amount in minutes.items() if centre in floor.centres}


class Lateness:
    """By how many days each requirement is met too late, through all levels; worked out once for each."""

    def __init__(self, book: Book, site: str, today: date) -> None:
        self._book, self._today = book, today
        self._network = book.network(book.sites[site])
        self._pegs: dict[str, list[str]] = defaultdict(list)
        self._lacking: set[str] = set()
        for id in {entry.material_id for entry in book.entries if entry.site == site}:
            allocation = self._network.allocation(id)
            self._lacking |= set(allocation.uncovered)
            for peg in allocation.pegs:
                self._pegs[peg.demand].append(peg.supply)
        self._there: dict[str, date | None] = {}

    def days(self, entry: Entry) -> int | None:
        """Days after the day of need; 0 where in time, None where nothing covers it."""
        there = self._met(entry.key, frozenset())
        due = max(entry.due or self._today, self._today)
        return None if there is None else max(0, (there - due).days)

    def _met(self, demand: str, path: frozenset[str]) -> date | None:
        if demand in self._lacking:
            return None
        latest = self._today
        for supply in self._pegs[demand]:
            there = self._today if supply == STOCK else self._comes(supply, path)
            if there is None:
                return None
            latest = max(latest, there)
        return latest

    def _comes(self, supply: str, path: frozenset[str]) -> date | None:
        """The day of an order, put off by the part of it that comes latest."""
        if supply in self._there:
            return self._there[supply]
        entry = self._book.by_key[supply]
        due = max(entry.due or self._today, self._today)
        if supply in path:
            return due
        behind = 0
        for part in self._network.parts_of(supply):
            met = self._met(part, path | {supply})
            if met is None:
                self._there[supply] = None
                return None
            needed = max(self._book.by_key[part].due or self._today, self._today)
            behind = max(behind, (met - needed).days)
        self._there[supply] = due + timedelta(days=behind)
        return self._there[supply]
