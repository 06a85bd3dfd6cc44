"""How old stock is, in layers of what came last, and how far it reaches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from tools.arguments import Arguments, SiteName
from tools.engines.layers import BUCKETS, UNKNOWN, Layer, by_age, layers
from tools.languages import counted, said
from tools.metrics.comparability import bases_of_sites, because, reason
from tools.naming import Site, all_sites, site_of
from tools.presenting import common, figure, table, unit_column
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, NotComparable, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_ZERO = Decimal(0)
_YEAR = Decimal(365)
GroupBy = Literal["site", "location", "category"]
_GROUPS: dict[GroupBy, str] = {"site": "Site", "location": "Location", "category": "Category"}
_READINGS: dict[GroupBy, str] = {
    "site": "Age of stock by last receipts, by site",
    "location": "Age of stock by last receipts, by location",
    "category": "Age of stock by last receipts, by category",
}
_ORDERED = (*(bucket.name for bucket in BUCKETS), UNKNOWN)


class InventoryAgeing(Arguments):
    """Which stock, by what, and from how many days of cover on it is excess."""

    by: GroupBy = Field("site", description="What the age is shown by, beside the site.")
    category: str | None = Field(None, max_length=120, description="Materials of this category only.")
    cover_days: int = Field(
        180, ge=1, le=3650, description="Days of use that stock may reach; more is excess."
    )
    limit: int = Field(
        20, ge=1, le=500, description="Materials listed, of the largest value over a year old."
    )
    site: SiteName = None


@dataclass(frozen=True, slots=True)
class _Stock:
    site: str
    material_id: str
    number: str
    name: str
    category: str | None
    location: str
    quantity: Decimal
    unit: str | None
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class _Receipt:
    site: str
    material_id: str
    day: date
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class _Use:
    site: str
    material_id: str
    used: Decimal
    last_on: date | None


@dataclass(frozen=True, slots=True)
class _Start:
    site: str
    first_on: date


@dataclass(frozen=True, slots=True)
class _Aged:
    """One material at one site with the age of all that lies there."""

    stock: _Stock
    quantity: Decimal
    ages: Mapping[str, Decimal]
    oldest: date | None
    use: _Use | None

    @property
    def cost(self) -> Decimal:
        return self.stock.cost or _ZERO

    def cover(self) -> Decimal | None:
        """Days that the stock lasts at the use of the last year; None without use."""
        used = self.use.used if self.use else _ZERO
        return self.quantity / used * _YEAR if used > 0 else None

    def excess(self, days: int) -> Decimal:
        """Quantity beyond that many days of use."""
        used = self.use.used if self.use else _ZERO
        return max(_ZERO, self.quantity - used / _YEAR * days)


_STOCK = """
select s.site, s.material_id, m.number, m.name, m.category, coalesce(l.name, s.location_id) as location,
       sum(s.quantity) as quantity, coalesce(s.unit, m.base_unit) as unit, m.standard_cost as cost
from erp.stock s
join erp.material m on m.site = s.site and m.material_id = s.material_id
left join erp.location l on l.site = s.site and l.location_id = s.location_id
where s.site = any(%(sites)s) and (%(category)s::text is null or m.category ilike %(category)s)
group by s.site, s.material_id, m.number, m.name, m.category, coalesce(l.name, s.location_id),
         coalesce(s.unit, m.base_unit), m.standard_cost
order by s.site, s.material_id, location
"""
# Only the receipts that what is there can be made of: those whose later ones do not cover it already.
_RECEIPTS = """
select r.site, r.material_id, r.day, r.quantity
from (select site, material_id, moved_on as day, sum(quantity) as quantity,
             sum(sum(quantity)) over (partition by site, material_id order by moved_on desc) - sum(quantity)
             as later
      from erp.stock_movement
      where site = any(%(sites)s) and quantity > 0
        and kind in ('production', 'purchase', 'transfer', 'adjustment')
      group by site, material_id, moved_on) r
join (select site, material_id, sum(quantity) as quantity from erp.stock
      where site = any(%(sites)s) group by site, material_id) s
  on s.site = r.site and s.material_id = r.material_id and r.later < s.quantity
"""
_USES = """
select m.site, m.material_id, max(m.moved_on) as last_on,
       coalesce(sum(abs(m.quantity)) filter (where m.kind in ('sale', 'consumption')
                and m.moved_on > s.as_of::date - 365), 0) as used
from erp.stock_movement m join erp.site s on s.site = m.site
where m.site = any(%(sites)s) group by m.site, m.material_id
"""
_STARTS = """
select site, min(moved_on) as first_on from erp.stock_movement where site = any(%(sites)s) group by site
"""


@tool(
    name="inventory_ageing",
    examples=(
        "How old is our stock?",
        "Inventory ageing by category at Kassel",
        "Which stock has not moved for a year?",
        "Excess stock over 180 days of cover",
    ),
    version=_VERSION,
)
async def inventory_ageing(args: InventoryAgeing, context: ToolContext) -> ToolResult:
    """Stock by age in buckets of days (0-30, 31-90, 91-180, 181-365, over 365), as quantity and value.

    First in, first out: what lies there is taken to be what came last. Value is at standard cost and ties to
    the stock value; quantities of different units are never added. Also how long each material lasts at the
    use of the last 365 days, and what is excess over `cover_days`.

    Example: {"by": "category", "site": "Kassel", "cover_days": 90}.
    """
    named = await site_of(context.tx, args.site)
    sites = [site for site in await all_sites(context.tx) if named in (None, site.site)]
    queries = Queries(context.tx)
    asked = {"sites": [site.site for site in sites], "category": args.category}
    stock = await queries.rows(_Stock, _STOCK, asked)
    receipts = await queries.rows(_Receipt, _RECEIPTS, asked)
    uses = await queries.rows(_Use, _USES, asked)
    starts = {start.site: start.first_on for start in await queries.rows(_Start, _STARTS, asked)}
    aged = _aged(stock, receipts, uses, starts, {site.site: site.today for site in sites})
    finding = await _finding(sites, context)
    proof = await queries.evidence(
        tool="inventory_ageing",
        version=_VERSION,
        arguments=args,
        records=["stock", "stock_movement", "material"],
        site=named,
    )
    known = {site.site: site for site in sites}
    by_value = _by_value(args, stock, aged, known)
    return ToolResult(
        tool="inventory_ageing",
        reading=_reading(args, named),
        tables=(by_value, _by_unit(aged), _materials(args, aged, known)),
        figures=_figures(args, aged, known, proof.id),
        evidence=(proof,),
        sentence=_sentence(aged, by_value),
        caveats=(*(map(because, finding)), *_caveats(aged, known)),
        not_comparable=finding,
        suggestions=(said("Inventory value by location"), said("Which materials have no movement?")),
    )


def _aged(
    stock: Sequence[_Stock],
    receipts: Sequence[_Receipt],
    uses: Sequence[_Use],
    starts: Mapping[str, date],
    today: Mapping[str, date],
) -> list[_Aged]:
    came: dict[tuple[str, str], list[Layer]] = defaultdict(list)
    for receipt in receipts:
        came[receipt.site, receipt.material_id].append(Layer(receipt.day, receipt.quantity))
    used = {(use.site, use.material_id): use for use in uses}
    lying: dict[tuple[str, str], list[_Stock]] = defaultdict(list)
    for row in stock:
        lying[row.site, row.material_id].append(row)
    found = []
    for key, rows in lying.items():
        quantity = sum((row.quantity for row in rows), _ZERO)
        if not quantity:
            continue
        of = layers(came[key], quantity)
        oldest = None if any(layer.day is None for layer in of) else of[-1].day
        ages = by_age(of, today[key[0]], starts.get(key[0]))
        found.append(_Aged(rows[0], quantity, ages, oldest, used.get(key)))
    return found


async def _finding(sites: Sequence[Site], context: ToolContext) -> tuple[NotComparable, ...]:
    if len(sites) < 2:
        return ()
    bases = await bases_of_sites("movements_from", [site.site for site in sites], context.tx)
    if not bases:
        return ()
    metric = said("Age of stock")
    return (NotComparable(metric, "movements_from", reason("movements_from", bases), bases),)


def _by_value(
    args: InventoryAgeing, stock: Sequence[_Stock], aged: Sequence[_Aged], sites: Mapping[str, Site]
) -> Table:
    """Value by group and age. What lies at a location is as old as all of its material, in proportion."""
    of = {(one.stock.site, one.stock.material_id): one for one in aged}
    sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in stock:
        one = of.get((row.site, row.material_id))
        if one is None:
            continue
        group = {"site": "", "location": row.location, "category": row.category or ""}[args.by]
        for name, quantity in one.ages.items():
            sums[row.site, group][name] += quantity * row.quantity / one.quantity * one.cost
    used = [name for name in _ORDERED if any(name in each for each in sums.values())]
    currencies = [sites[site].currency for site, _ in sums]
    currency, own = common(currencies), unit_column(currencies, "Currency")
    columns = (
        Column("site", "Site", "text"),
        *((Column("group", _GROUPS[args.by], "text"),) if args.by != "site" else ()),
        *(_aged_column(name, "money", currency) for name in used),
        Column("total", "Total", "money", currency),
        *own,
    )
    rows: list[list[Cell]] = []
    for (site, group), each in sorted(sums.items()):
        cells: list[Cell] = [sites[site].name, *([group or None] if args.by != "site" else [])]
        cells += [each.get(name, _ZERO) for name in used]
        cells.append(sum(each.values(), _ZERO))
        rows.append(cells + ([sites[site].currency] if own else []))
    return table("Value by age in days", columns, rows)


def _by_unit(aged: Sequence[_Aged]) -> Table:
    """Quantity by unit and age."""
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in aged:
        for name, quantity in one.ages.items():
            sums[one.stock.unit or ""][name] += quantity
    used = [name for name in _ORDERED if any(name in each for each in sums.values())]
    columns = (
        Column("unit", "Unit", "text"),
        *(_aged_column(name, "quantity", "") for name in used),
        Column("total", "Total", "quantity"),
    )
    rows: list[list[Cell]] = [
        [unit, *(each.get(name, _ZERO) for name in used), sum(each.values(), _ZERO)]
        for unit, each in sorted(sums.items())
    ]
    return table("Quantity by age in days", columns, rows)


def _aged_column(name: str, kind: Literal["money", "quantity"], unit: str) -> Column:
    machine = "age_" + name.replace("-", "_").replace(" ", "_")
    label = said("unknown age") if name == UNKNOWN else said("over 365") if name == "over 365" else name
    return Column(machine, label, kind, unit)


def _materials(args: InventoryAgeing, aged: Sequence[_Aged], sites: Mapping[str, Site]) -> Table:
    """The materials with most value over a year old or of unknown age, then with most excess."""
    currencies = [sites[one.stock.site].currency for one in aged]
    currency, own = common(currencies), unit_column(currencies, "Currency")
    units = [one.stock.unit for one in aged]
    unit, own_unit = common(units), unit_column(units)
    columns = (
        Column("number", "Number", "id"),
        Column("material", "Material", "text"),
        Column("site", "Site", "text"),
        Column("quantity", "On hand", "quantity", unit),
        *own_unit,
        Column("value", "Value", "money", currency),
        Column("old_value", "Value over a year old", "money", currency, good="down"),
        *own,
        Column("oldest", "Oldest receipt", "date"),
        Column("last_on", "Last movement", "date"),
        Column("cover", "Days of cover", "days", "days", good="down"),
        Column("excess", "Excess quantity", "quantity", unit, good="down"),
        Column("excess_value", "Excess value", "money", currency, good="down"),
    )
    ordered = sorted(aged, key=lambda one: (_old(one), one.excess(args.cover_days) * one.cost), reverse=True)
    rows: list[list[Cell]] = []
    for one in ordered:
        stock, excess = one.stock, one.excess(args.cover_days)
        row: list[Cell] = [stock.number, stock.name, sites[stock.site].name, one.quantity]
        row += [stock.unit] if own_unit else []
        row += [one.quantity * one.cost, _old(one), *([sites[stock.site].currency] if own else [])]
        row += [one.oldest, one.use.last_on if one.use else None, one.cover(), excess, excess * one.cost]
        rows.append(row)
    return table("Materials", columns, rows, limit=args.limit)


def _old(one: _Aged) -> Decimal:
    return one.ages.get(BUCKETS[-1].name, _ZERO) * one.cost


def _figures(
    args: InventoryAgeing, aged: Sequence[_Aged], sites: Mapping[str, Site], proof: str
) -> tuple[Figure, ...]:
    figures = [figure("materials in stock", len(aged), "count", proof)]
    unused = sum(one.cover() is None for one in aged)
    figures.append(figure("materials without use for a year", unused, "count", proof))
    for currency in sorted({sites[one.stock.site].currency for one in aged}):
        own = [one for one in aged if sites[one.stock.site].currency == currency]
        total = sum((one.quantity * one.cost for one in own), _ZERO)
        old = sum((_old(one) for one in own), _ZERO)
        excess = sum((one.excess(args.cover_days) * one.cost for one in own), _ZERO)
        figures.append(figure("value of the stock", total, "money", proof, currency))
        figures.append(figure("over a year old", old, "money", proof, currency))
        figures.append(figure("excess value", excess, "money", proof, currency))
    return tuple(figures)


def _sentence(aged: Sequence[_Aged], by_value: Table) -> str:
    if not aged:
        return said("There is no stock.")
    if len({row[0] for row in by_value.rows}) > 1:
        return said(
            "Of {{figures[0]}} materials in stock, {{figures[1]}} had no use for a year; the first table has"
            " the value of each site by age."
        )
    return said(
        "Of {{figures[2]}} in stock, {{figures[3]}} is over a year old and {{figures[4]}} is excess;"
        " {{figures[1]}} of {{figures[0]}} materials had no use for a year."
    )


def _caveats(aged: Sequence[_Aged], sites: Mapping[str, Site]) -> list[str]:
    del sites
    found = [said("First in, first out: what is there is taken to be what came last.")]
    without = sum(one.stock.cost in (None, _ZERO) for one in aged)
    if without:
        found.append(
            counted(
                without,
                "[[number]] material in stock has no standard cost and counts as zero.",
                "[[number]] materials in stock have no standard cost and count as zero.",
            )
        )
    unknown = sum(UNKNOWN in one.ages for one in aged)
    if unknown:
        found.append(
            counted(
                unknown,
                "[[number]] material was partly there before movements are recorded: of unknown age.",
                "[[number]] materials were partly there before movements are recorded: of unknown age.",
            )
        )
    return found


def _reading(args: InventoryAgeing, site: str | None) -> str:
    parts = [said(_READINGS[args.by])]
    if args.category:
        parts.append(said("of category [[category]]", category=args.category))
    parts.append(said("excess over [[days]] days of cover", days=args.cover_days))
    parts.append(said("at [[site]]", site=site) if site else said("at all sites"))
    return ", ".join(parts)
