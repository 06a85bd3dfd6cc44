"""Plants as the engine of net requirements takes them, read from the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from tools.drafting.sources import Market, markets_of
from tools.engines.lot_sizing import Rule, Size
from tools.engines.material_requirements import Calendar, Component, LotPolicy, PlantMaterial
from tools.engines.material_requirements.calendars import NoWorkingDays
from tools.engines.material_requirements.plants import contradiction
from tools.engines.shortage_risk import Lateness
from tools.engines.sourcing import Lots, Need, Sourced, Unsourceable, source
from tools.engines.structure import ZERO
from tools.naming import Site
from tools.planning import Book, Entry, Material
from tools.rows import Queries
from tools.structures import all_lines

_HUNDRED = Decimal(100)
REMADE = frozenset({"planned_order", "requisition"})
"""What planning proposed before: netting anew does without it."""


@dataclass(frozen=True, slots=True)
class Master:
    """How a material is planned."""

    site: str
    material_id: str
    days_to_make: Decimal | None
    delivery_days: Decimal | None
    receipt_days: Decimal | None
    lot_rule: str
    minimum_lot: Decimal | None
    maximum_lot: Decimal | None
    rounding_value: Decimal | None
    reorder_point: Decimal | None
    scrap_pct: Decimal
    discontinued_on: date | None


_MASTERS = """
select m.site, m.material_id, m.days_to_make, m.delivery_days, m.receipt_days,
       lower(coalesce(m.lot_rule, '')) as lot_rule, m.minimum_lot, m.maximum_lot, m.rounding_value,
       m.reorder_point, coalesce(m.scrap_pct, 0) as scrap_pct, m.discontinued_on
from erp.material m where m.site = %(site)s
"""


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    is_working: bool


_DAYS = """
select c.day, bool_or(c.is_working) as is_working from erp.work_calendar c
where c.site = %(site)s and c.day >= %(today)s::date - 7 group by c.day
"""


@dataclass(frozen=True, slots=True)
class _Late:
    name: str
    days: int


_LATENESS = """
select coalesce(v.name, o.supplier_id) as name,
       greatest(0, l.received_on - coalesce(l.confirmed_on, l.due_on)) as days
from erp.purchase_line l
join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
left join erp.supplier v on v.site = o.site and v.supplier_id = o.supplier_id
where l.site = %(site)s and l.received_on is not null and coalesce(l.confirmed_on, l.due_on) is not null
  and l.received_on >= %(today)s::date - 365
"""
_RULES: Mapping[str, tuple[Rule, int]] = {
    "": ("lot_for_lot", 1),
    "lot for lot": ("lot_for_lot", 1),
    "lot-for-lot": ("lot_for_lot", 1),
    "ex": ("lot_for_lot", 1),
    "daily": ("lot_for_lot", 1),
    "tb": ("lot_for_lot", 1),
    "weekly": ("periods", 7),
    "wb": ("periods", 7),
    "monthly": ("periods", 30),
    "mb": ("periods", 30),
    "reorder point": ("min_max", 1),
    "vb": ("min_max", 1),
    "fixed": ("fixed", 1),
    "fx": ("fixed", 1),
}
"""What the systems call their lot rules."""


@dataclass(frozen=True, slots=True)
class PlantData:
    """One site, ready to be netted."""

    site: Site
    materials: Mapping[str, PlantMaterial]
    calendar: Calendar
    keeps_calendar: bool
    masters: Mapping[str, Master]
    markets: Mapping[str, Market]
    lateness: Mapping[str, Lateness]
    """Of the deliveries of the last year, by the supplier's name."""
    unruly: Mapping[str, str]
    """Materials whose lot rules no order could keep to, with the reason: planned lot for lot."""
    unknown_rules: tuple[str, ...]
    """Names of lot rules that are taken for lot for lot."""

    def sourced(self, material: str, quantity: Decimal, needed_on: date, market: Market) -> Sourced | None:
        """Where a quantity is bought by the plain rule; None where nobody can be ordered from."""
        master = self.masters[material]
        try:
            return source(
                Need(quantity, "", needed_on, self.site.today),
                market.offers,
                contracts=market.contracts,
                steps=market.steps,
                quotas=market.quotas,
                lots=Lots(master.minimum_lot, master.rounding_value, master.maximum_lot),
                receipt_days=master.receipt_days or ZERO,
                is_working=self.calendar.works,
            )
        except Unsourceable:
            return None


async def plant_data(queries: Queries, book: Book, site: Site, *, anew: bool = False) -> PlantData:
    """A site as its records are today.

    Args:
        anew: leave out planned orders and requisitions, and what those need.
    """
    here = {"site": site.site, "today": site.today}
    masters = {one.material_id: one for one in await queries.rows(Master, _MASTERS, here)}
    markets = await markets_of(queries, site)
    calendar, keeps = await _calendar(queries, here)
    components: dict[str, list[Component]] = defaultdict(list)
    for line in await all_lines(queries, site.site, site.today):
        if line.component_id in masters and line.parent_id in masters:
            bare = line.quantity * _HUNDRED / (_HUNDRED + line.scrap_pct)
            components[line.parent_id].append(
                Component(line.component_id, bare.quantize(Decimal("1e-9")), line.scrap_pct)
            )
    data = PlantData(site, {}, calendar, keeps, masters, markets, await _lateness(queries, here), {}, ())
    materials: dict[str, PlantMaterial] = {}
    unruly: dict[str, str] = {}
    rules: dict[str, None] = {}
    for id, master in masters.items():
        known = book.materials.get((site.site, id))
        if known is None:
            continue
        entries = [e for e in book.by_material.get(known.key, ()) if not (anew and e.record in REMADE)]
        one = _material(data, known, master, entries, tuple(components.get(id, ())))
        problem = contradiction(one.policy)
        if problem:
            unruly[id] = problem
            one = replace(one, policy=LotPolicy())
        if master.lot_rule not in _RULES:
            rules[master.lot_rule] = None
        materials[id] = one
    return replace(data, materials=materials, unruly=unruly, unknown_rules=tuple(rules))


async def _calendar(queries: Queries, here: Mapping[str, object]) -> tuple[Calendar, bool]:
    days = await queries.rows(_Day, _DAYS, here)
    calendar = Calendar(
        closed=frozenset(one.day for one in days if not one.is_working),
        opened=frozenset(one.day for one in days if one.is_working),
    )
    try:
        calendar.on_or_after(max((one.day for one in days), default=date.min))
    except NoWorkingDays:
        return Calendar(), False
    return calendar, bool(days)


async def _lateness(queries: Queries, here: Mapping[str, object]) -> dict[str, Lateness]:
    delays: dict[str, list[int]] = defaultdict(list)
    for one in await queries.rows(_Late, _LATENESS, here):
        delays[one.name].append(one.days)
    return {name: Lateness(tuple(days)) for name, days in delays.items()}


def _material(
    data: PlantData, known: Material, master: Master, entries: list[Entry], parts: tuple[Component, ...]
) -> PlantMaterial:
    receipts: dict[date, Decimal] = defaultdict(lambda: ZERO)
    demand: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for entry in entries:
        if entry.due is None:
            continue
        if entry.quantity > 0:
            receipts[entry.due] += entry.quantity
        else:
            demand[entry.due] -= entry.quantity
    is_made = bool(known.is_made) if known.is_made is not None else bool(parts)
    first = None
    if not is_made and (market := data.markets.get(known.material_id)) is not None:
        first = data.sourced(known.material_id, Decimal(1), data.site.today, market)
    lead = master.days_to_make if is_made else master.delivery_days
    if first is not None and first.offer.lead_time_days is not None:
        lead = first.offer.lead_time_days
    return PlantMaterial(
        is_made=is_made,
        lead=_days(lead),
        receipt_days=0 if is_made else _days(master.receipt_days),
        on_hand=known.on_hand,
        safety=known.safety_stock,
        receipts=receipts,
        demand=demand,
        policy=_policy(master, known.safety_stock, first),
        scrap_pct=master.scrap_pct if is_made else ZERO,
        components=parts if is_made else (),
    )


def _policy(master: Master, safety: Decimal, first: Sourced | None) -> LotPolicy:
    rule, periods = _RULES.get(master.lot_rule, ("lot_for_lot", 1))
    minimum = max(master.minimum_lot or ZERO, (first.offer.minimum or ZERO) if first else ZERO)
    mosts = [most for most in (master.maximum_lot, first.offer.maximum if first else None) if most]
    rounding = master.rounding_value or ZERO
    most = max(safety, master.reorder_point or ZERO)
    return LotPolicy(
        rule,
        lot=minimum if rule == "fixed" else ZERO,
        periods=periods,
        reorder_at=safety if rule == "min_max" else ZERO,
        maximum=most if rule == "min_max" else ZERO,
        size=Size(minimum, rounding, min(mosts) if mosts else None),
    )


def _days(value: Decimal | None) -> int:
    return max(0, int(-(-(value or ZERO) // 1)))
