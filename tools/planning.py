"""Everything that is there, will come and will be taken, of many materials at once, as planning nets it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from tools.engines.netting import Demand, Outlook, Supply, outlook
from tools.engines.pegging import Network, Plan
from tools.engines.structure import ZERO
from tools.errors import ToolError
from tools.evidence import shares
from tools.languages import counted, said
from tools.naming import Site, all_sites
from tools.planning_scope import Key, Scope
from tools.presenting import several
from tools.requirements import CLOSED, MANY, OPEN_ORDER, receipts_of, requirements_of
from tools.results import SourceShare
from tools.rows import PROVENANCE, Queries, SourcedRow
from tools.structures import VALID


@dataclass(frozen=True, slots=True, kw_only=True)
class Material(SourcedRow):
    """What planning knows of a material."""

    site: str
    material_id: str
    number: str
    name: str
    unit: str
    is_made: bool | None
    safety_stock: Decimal
    mrp_controller: str
    purchasing_group: str
    standard_cost: Decimal | None
    currency: str
    group: str
    """Category and subcategory."""
    on_hand: Decimal
    """Unrestricted stock over all locations."""

    @property
    def key(self) -> Key:
        return self.site, self.material_id

    @property
    def responsible(self) -> str:
        """The purchasing group where it is bought, otherwise the MRP controller."""
        return self.purchasing_group or self.mrp_controller


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(SourcedRow):
    """A dated receipt or requirement."""

    site: str
    material_id: str
    record: str
    kind: str
    order_id: str
    partner: str
    due: date | None
    quantity: Decimal
    status: str
    price: Decimal | None
    """Of one, where the record has a price of its own."""
    currency: str

    @property
    def key(self) -> str:
        """Unique among all entries of all sites."""
        return f"{self.site}/{self.record}/{self.order_id}/{self.source_key}/{self.material_id}"

    @property
    def order(self) -> str:
        """The order that it belongs to, as other entries of the same order say it."""
        return f"{self.site}/{_ORDERS.get(self.record, self.record)}/{self.order_id}"


_ORDERS = {"reservation": "production_order", "purchase_line": "purchase_order", "sales_line": "sales_order"}

_MATERIALS = f"""
select m.site, m.material_id, m.number, m.name, coalesce(m.base_unit, '') as unit, m.is_made,
       coalesce(m.safety_stock, 0) as safety_stock, coalesce(m.mrp_controller, '') as mrp_controller,
       coalesce(m.purchasing_group, '') as purchasing_group, m.standard_cost,
       coalesce(m.currency, t.currency) as currency, concat_ws(' / ', m.category, m.subcategory) as "group",
       coalesce(s.quantity, 0) as on_hand,
       {PROVENANCE.format("m")}
from erp.material m
join erp.site t on t.site = m.site
left join (select site, material_id, sum(quantity) as quantity from erp.stock
           where status = 'unrestricted' group by site, material_id) s
  on s.site = m.site and s.material_id = m.material_id
where {MANY.format("m")}
"""
# Orders whose components are reserved already say what they need.
_DEPENDENT = f"""
select b.site, b.component_id as material_id, o.record, 'dependent requirement' as kind, o.order_id,
       coalesce(a.name, o.material_id) as partner, o.due,
       -o.quantity * b.quantity_per * coalesce(u.factor, 1) * (1 + coalesce(b.scrap_pct, 0) / 100)
         as quantity, o.status, o.source_system, o.source_key, o.flags
from (
    select p.site, p.material_id, 'production_order' as record, p.order_id,
           coalesce(p.start_on, p.due_on) as due,
           p.ordered - coalesce(p.stocked, 0) - coalesce(p.scrapped, 0) as quantity,
           coalesce(p.status, '') as status, {PROVENANCE.format("p")}
    from erp.production_order p
    where {OPEN_ORDER.format("p")}
      and not exists (select from erp.reservation r where r.site = p.site and r.order_id = p.order_id)
    union all
    select d.site, d.material_id, 'planned_order', d.planned_order_id, coalesce(d.starts_on, d.due_on),
           d.quantity, 'planned', {PROVENANCE.format("d")}
    from erp.planned_order d
) o
join (select s.site, (coalesce(s.as_of, now()) at time zone s.time_zone)::date as today from erp.site s) t
  on t.site = o.site
join erp.bom_item b
  on b.site = o.site and b.parent_id = o.material_id and {VALID.replace("%(on)s", "t.today")}
left join erp.material a on a.site = o.site and a.material_id = o.material_id
left join erp.material m on m.site = b.site and m.material_id = b.component_id
left join lateral (
    select case when c.from_unit = b.unit then c.factor else 1 / nullif(c.factor, 0) end as factor
    from erp.unit_conversion c
    where c.site = b.site and c.material_id in ('', b.component_id)
      and ((c.from_unit = b.unit and c.to_unit = m.base_unit)
        or (c.from_unit = m.base_unit and c.to_unit = b.unit))
    order by c.material_id desc, c.from_unit = b.unit desc limit 1
) u on b.unit <> m.base_unit
where (%(site)s::text is null or b.site = %(site)s)
  and (%(materials)s::text[] is null or b.component_id = any(%(materials)s))
"""
_ENTRIES = f"""
select e.*, l.unit_price as price, coalesce(l.currency, '') as currency
from ({receipts_of(MANY)} union all {requirements_of(MANY)} union all {_DEPENDENT}) e
left join erp.purchase_line l
  on e.record = 'purchase_line' and l.site = e.site and l.source_key = e.source_key
 and l.order_id = e.order_id and l.material_id = e.material_id and l.source_system = e.source_system
"""
_RECORDS = {
    "production_order": "production orders",
    "purchase_order": "purchase orders",
    "planned_order": "planned orders",
    "requisition": "requisitions",
    "reservation": "reservations",
    "sales_line": "sales orders",
}
_KEPT = " union all ".join(
    f"select '{called}' where not exists (select from erp.{record} x"
    " where %(site)s::text is null or x.site = %(site)s)"
    for record, called in _RECORDS.items()
)


@dataclass(frozen=True)
class Book:
    """All entries in scope, by material."""

    sites: Mapping[str, Site]
    materials: Mapping[Key, Material]
    entries: Sequence[Entry]
    not_kept: tuple[str, ...]
    """Kinds of records of which there is none in scope."""

    @cached_property
    def by_material(self) -> Mapping[Key, list[Entry]]:
        """Entries by the material that they add to or take from."""
        found: dict[Key, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            found[entry.site, entry.material_id].append(entry)
        return found

    @cached_property
    def by_key(self) -> Mapping[str, Entry]:
        """Every entry by its key."""
        return {entry.key: entry for entry in self.entries}

    def plan(self, key: Key) -> Plan:
        """A material's dated entries as the engines take them."""
        dated = [entry for entry in self.by_material.get(key, ()) if entry.due is not None]
        material = self.materials.get(key)
        return Plan(
            material.on_hand if material else ZERO,
            tuple(Supply(e.key, e.due, e.quantity) for e in dated if e.due and e.quantity > 0),
            tuple(Demand(e.key, e.due, -e.quantity) for e in dated if e.due and e.quantity < 0),
        )

    def outlook(self, material: Material, days: int) -> Outlook:
        """Whether and when a material falls short, or below its safety stock, from its site's today on."""
        plan, today = self.plan(material.key), self.sites[material.site].today
        end = today + timedelta(days=days)
        return outlook(plan.opening, plan.supplies, plan.demands, today, end, material.safety_stock)

    def network(self, site: Site) -> Network:
        """Every plan of a site, pegged through all levels; made once, however often it is asked for."""
        if site.site not in self._networks:
            self._networks[site.site] = self._network(site)
        return self._networks[site.site]

    @cached_property
    def _networks(self) -> dict[str, Network]:
        return {}

    def _network(self, site: Site) -> Network:
        of_site = [entry for entry in self.entries if entry.site == site.site and entry.due is not None]
        supplies = {entry.order: entry.key for entry in of_site if entry.quantity > 0}
        return Network(
            {id: self.plan((code, id)) for code, id in self.by_material if code == site.site},
            {e.key: supplies[e.order] for e in of_site if e.quantity < 0 and e.order in supplies},
            {entry.key: entry.material_id for entry in of_site if entry.quantity > 0},
            site.today,
        )

    def sources(self, entries: Iterable[Entry]) -> list[SourceShare]:
        """The source rows that an answer about these entries rests on."""
        by_record: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            by_record[entry.record].append(entry)
        return [share for record, rows in by_record.items() for share in shares(record, rows)]


async def book_of(queries: Queries, scope: Scope, *, whole: bool = False) -> Book:
    """All stock, receipts and requirements in scope, in one statement each.

    `whole` reads everything of the site, whatever materials are asked about: pegging follows the chain.
    """
    site = scope.site.site if scope.site else None
    chosen = None if whole or scope.materials is None else sorted({id for _, id in scope.materials})
    params = {"site": site, "materials": chosen, "closed": list(CLOSED)}
    sites = {each.site: each for each in await all_sites(queries.tx)}
    materials = await queries.rows(Material, _MATERIALS, params)
    entries = await queries.rows(Entry, _ENTRIES, params)
    none = (await queries.tx.fetch(_KEPT, {"site": site})).rows
    return Book(
        sites,
        {each.key: each for each in materials},
        sorted(entries, key=lambda e: (e.due is None, e.due or date.max, e.quantity < 0, e.key)),
        tuple(str(row[0]) for row in none),
    )


def responsible(
    book: Book, scope: Scope, *, controller: str | None, mine: tuple[str, ...] | None
) -> tuple[list[Material], tuple[str, ...], tuple[str, ...]]:
    """The materials in scope of a controller, or of the caller's own, with words and notes about that.

    Raises:
        ToolError: nobody plans under that code.
    """
    found = [m for m in book.materials.values() if scope.materials is None or m.key in scope.materials]
    if controller is not None:
        codes = sorted({code for m in found for code in (m.mrp_controller, m.purchasing_group) if code})
        if controller.upper() not in {code.upper() for code in codes}:
            raise ToolError(
                said(
                    "no material has the MRP controller or purchasing group [[code]]; there are [[codes]]",
                    code=repr(controller),
                    codes=several(codes, 12) or said("none"),
                )
            )
        wanted = [
            m for m in found if controller.upper() in (m.mrp_controller.upper(), m.purchasing_group.upper())
        ]
        return wanted, (said("of controller [[code]]", code=controller.upper()),), ()
    if mine is None:
        return found, (), ()
    if not mine:
        return (
            found,
            (),
            (said("No MRP controller is kept for you, so these are the materials of everybody."),),
        )
    return (
        [m for m in found if m.mrp_controller in mine],
        (said("of your MRP controllers [[codes]]", codes=", ".join(mine)),),
        (),
    )


def left_out(book: Book, entries: Sequence[Entry]) -> list[str]:
    """What did not count, and why."""
    found: list[str] = []
    undated = list(dict.fromkeys(entry.order_id for entry in entries if entry.due is None))
    if undated:
        found.append(
            counted(
                len(undated),
                "[[number]] order has no date and was left out: [[orders]].",
                "[[number]] orders have no date and were left out: [[orders]].",
                orders=several(undated),
            )
        )
    late = sum(
        1 for e in entries if e.due is not None and e.quantity > 0 and e.due < book.sites[e.site].today
    )
    if late:
        found.append(
            counted(
                late,
                "[[number]] receipt is overdue, and counted as if it came today.",
                "[[number]] receipts are overdue, and counted as if they came today.",
            )
        )
    pending = sum(entry.record == "purchase_line" and entry.status == "pending" for entry in entries)
    if pending:
        found.append(
            counted(
                pending,
                "[[number]] purchase order line is counted although the order is not approved yet.",
                "[[number]] purchase order lines are counted although the order is not approved yet.",
            )
        )
    if book.not_kept:
        kinds = ", ".join(map(said, book.not_kept))
        found.append(said("The source holds no [[kinds]], so none can show here.", kinds=kinds))
    found.append(said("Only unrestricted stock counts; forecasts are no requirements here."))
    return found
