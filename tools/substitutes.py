"""What can stand in for a material at a site, how much of it is free, and what it costs against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName
from tools.engines.netting import STOCK, outlook
from tools.engines.pegging import Network
from tools.engines.structure import ZERO
from tools.engines.substitution import Hindrance, Judged, Pair, Spare, Standing, judged
from tools.evidence import keyed, shares
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Kind, Site, one, site_by_code
from tools.planning import Book, book_of
from tools.planning_scope import Scope
from tools.presenting import figure, table
from tools.purchasing import info_records
from tools.registry import ToolContext, tool
from tools.results import Column, SourceShare, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow

_VERSION = "1.0.0"
_FIRM = frozenset({"purchase_line", "production_order"})
"""Receipts that somebody has ordered: a planned order may still go away."""
STATES: dict[Hindrance | None, str] = {
    None: "may stand in",
    "same": "it is the material itself",
    "turned_down": "turned down by quality",
    "not_yet": "not valid yet",
    "no_longer": "no longer valid",
    "unknown": "not kept at the site",
    "discontinued": "discontinued by then",
    "on_hold": "on hold",
    "short": "short itself",
    "none_free": "may stand in, none is free",
}


class Substitutes(Arguments):
    """Which material is to be replaced, and when."""

    material: MaterialName
    on: date | None = Field(
        None, description="Day on which something else is to be used; the site's today if left out."
    )
    site: SiteName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row(SourcedRow):
    replaced_by: str
    number: str
    name: str
    unit: str
    is_kept: bool
    ratio: Decimal
    valid_from: date
    valid_to: date | None
    needs_approval: bool
    is_blocked: bool
    note: str
    discontinued_on: date | None
    is_on_hold: bool
    price: Decimal | None
    currency: str
    lead_time_days: Decimal | None
    material_key: str | None


# The price is the lowest that an active supplier asks today.
_PAIRS = f"""
select s.replaced_by, coalesce(nullif(m.number, ''), s.replaced_by) as number,
       coalesce(m.name, s.replaced_by) as name, coalesce(m.base_unit, '') as unit,
       m.material_id is not null as is_kept, s.ratio, s.valid_from, s.valid_to, s.needs_approval,
       s.is_blocked, coalesce(s.note, '') as note, m.discontinued_on,
       exists (select from erp.quality_hold h where h.site = s.site and h.material_id = s.replaced_by
               and h.batch_id is null and h.released_at is null) as is_on_hold,
       o.price, coalesce(o.currency, '') as currency, o.lead_time_days, m.source_key as material_key,
       {PROVENANCE.format("s")}
from erp.substitute s
join erp.site t on t.site = s.site
left join erp.material m on m.site = s.site and m.material_id = s.replaced_by
left join lateral (
    select i.standard_price as price, coalesce(i.currency, t.currency) as currency, i.lead_time_days
    from erp.info_record i
    left join erp.supplier p on p.site = i.site and p.supplier_id = i.supplier_id
    where i.site = s.site and i.material_id = s.replaced_by and coalesce(p.is_active, true)
      and (i.valid_from is null or i.valid_from <= %(today)s)
      and (i.valid_to is null or i.valid_to >= %(today)s)
    order by i.standard_price nulls last, i.lead_time_days nulls last, i.supplier_id limit 1
) o on true
where s.site = %(site)s and s.material_id = %(material)s
order by s.replaced_by, s.valid_from
"""


@dataclass(frozen=True, slots=True)
class Substitute:
    """A material that the site keeps as a substitute for another, and whether it may stand in."""

    number: str
    name: str
    unit: str
    judged: Judged
    note: str
    """Untrusted: what engineering or quality wrote."""
    price: Decimal | None
    """Of one of it, from the cheapest active supplier."""
    currency: str
    lead_time_days: Decimal | None

    @property
    def price_for_one(self) -> Decimal | None:
        """What stands in for one of the replaced material costs."""
        return None if self.price is None else self.price * self.judged.pair.ratio


async def substitutes_of(
    queries: Queries, site: Site, material: str, day: date, need: Decimal, book: Book | None = None
) -> tuple[list[Substitute], list[str | SourceShare]]:
    """All that the site keeps as substitutes for a material, usable ones first, with the records behind it.

    Args:
        day: on which they would be used.
        need: units of the material that are needed; zero where no quantity is asked about.
        book: holds everything of the site; read for the substitutes alone where it is None.
    """
    asked = {"site": site.site, "material": material, "today": site.today}
    rows = await queries.rows(_Row, _PAIRS, asked)
    if not rows:
        return [], ["substitute"]
    if book is None:
        keys = frozenset((site.site, row.replaced_by) for row in rows)
        book = await book_of(queries, Scope(site, keys, (), ()))
    network = book.network(site)
    standings = {row.replaced_by: _standing(book, network, site, row, day) for row in rows if row.is_kept}
    pairs = {(row.replaced_by, row.valid_from): row for row in rows}
    found = []
    for each in judged(material, need, [_pair(row) for row in rows], standings, day):
        row = pairs[each.pair.replaced_by, each.pair.valid_from]
        found.append(
            Substitute(
                row.number, row.name, row.unit, each, row.note, row.price, row.currency, row.lead_time_days
            )
        )
    behind: list[str | SourceShare] = [
        *shares("substitute", rows),
        *keyed("material", ((row.source_system, row.material_key) for row in rows)),
        "stock",
        "info_record",
    ]
    return found, behind


def _pair(row: _Row) -> Pair:
    return Pair(row.replaced_by, row.ratio, row.valid_from, row.valid_to, row.needs_approval, row.is_blocked)


def _standing(book: Book, network: Network, site: Site, row: _Row, day: date) -> Standing:
    key = (site.site, row.replaced_by)
    material, plan = book.materials.get(key), book.plan(key)
    safety = material.safety_stock if material else ZERO
    days = [*(each.due for each in plan.supplies), *(each.due for each in plan.demands)]
    ahead = outlook(plan.opening, plan.supplies, plan.demands, site.today, max([day, *days]))
    free = network.allocation(row.replaced_by).free if days else {STOCK: max(ZERO, plan.opening)}
    spare = [Spare(site.today, free.get(STOCK, ZERO))]
    for each in plan.supplies:
        entry = book.by_key[each.key]
        # What is overdue has no day that anybody could count on.
        if site.today <= each.due <= day and entry.record in _FIRM:
            spare.append(Spare(each.due, free.get(each.key, ZERO)))
    return Standing(
        _without_safety(spare, safety), ahead.short is not None, row.is_on_hold, row.discontinued_on
    )


def _without_safety(spare: Sequence[Spare], safety: Decimal) -> tuple[Spare, ...]:
    """What is left when the safety stock is taken from the first that is spare."""
    left = safety
    kept: list[Spare] = []
    for each in sorted(spare, key=lambda one: one.on):
        part = min(left, each.quantity)
        left -= part
        if each.quantity > part:
            kept.append(Spare(each.on, each.quantity - part))
    return tuple(kept)


@tool(
    name="substitutes",
    examples=(
        "What can replace SB-C45 in Kassel?",
        "Is there a substitute for Electric motor 1.5 kW?",
        "Which material could we use instead of O-ring set at Greenville?",
    ),
    version=_VERSION,
)
async def substitutes(args: Substitutes, context: ToolContext) -> ToolResult:
    """What can stand in for a material at a site: ratio, validity, what quality says, free stock, price.

    Lists every substitute that the site keeps for it, those that may be used on the day first. `Free` is what
    stock and ordered receipts up to the day leave after every requirement and the safety stock; a material
    that quality turned down, that is discontinued, on hold or short itself may not stand in, and the list
    says so.

    Example: {"material": "SB-C45", "site": "Kassel"} -> SB-316, one for one, with its free stock and price.
    """
    named = await one(context.tx, Kind.MATERIAL, args.material, args.site)
    site = await site_by_code(context.tx, named.thing.site)
    queries = Queries(context.tx)
    day = args.on or site.today
    found, behind = await substitutes_of(queries, site, named.thing.id, day, ZERO)
    own = await info_records(queries, site.site, site.today, material=named.thing.id)
    dearest = next((o for o in own if o.is_valid and o.is_active is not False), None)
    usable = [each for each in found if each.judged.is_allowed]
    proof = await queries.evidence(
        tool="substitutes",
        version=_VERSION,
        arguments=args,
        records=behind,
        site=site.site,
    )
    price = dearest.price if dearest else None
    currency = (dearest.currency or site.currency) if dearest else site.currency
    return ToolResult(
        tool="substitutes",
        reading=", ".join(
            (
                said("Substitutes for [[thing]]", thing=named.thing),
                said("on [[day]]", day=day_text(day)),
                said("at [[site]]", site=site.site),
            )
        ),
        tables=(_table(found, price, currency),),
        figures=(figure("substitutes that may stand in", len(usable), "count", proof.id),),
        evidence=(proof,),
        sentence=_sentence(found, usable),
        caveats=(*named.caveats, *_caveats(usable)),
        suggestions=tuple(
            said("Stock and requirements of [[material]]", material=each.name) for each in usable[:2]
        ),
    )


def _table(found: Sequence[Substitute], price: Decimal | None, currency: str) -> Table:
    same = all(each.currency == currency for each in found if each.price is not None)
    return table(
        "Substitutes",
        (
            Column("number", "Number", "id"),
            Column("material", "Material", "text"),
            Column("state", "May stand in", "text", words="state"),
            Column("approval", "Quality approves each use", "flag"),
            Column("ratio", "Quantity for one", "quantity"),
            Column("unit", "Unit", "text"),
            Column("free", "Free", "quantity"),
            Column("covers", "Stands in for", "quantity"),
            Column("price", "Price for one", "money", currency if same else "", good="down"),
            Column("price_change", "Price difference", "money", currency if same else "", good="down"),
            Column("lead_time_days", "Lead time", "days", "days", good="down"),
            Column("valid_from", "Valid from", "date"),
            Column("valid_to", "Valid to", "date"),
            Column("note", "Note", "text"),
        ),
        [
            (
                each.number,
                each.name,
                STATES[each.judged.hindrance],
                each.judged.pair.needs_approval,
                each.judged.pair.ratio,
                each.unit,
                each.judged.free,
                each.judged.covers,
                each.price_for_one if same else None,
                each.price_for_one - price if same and price and each.price_for_one is not None else None,
                each.lead_time_days,
                each.judged.pair.valid_from,
                each.judged.pair.valid_to,
                each.note,
            )
            for each in found
        ],
    )


def _sentence(found: Sequence[Substitute], usable: Sequence[Substitute]) -> str:
    if not found:
        return said("No substitute is on record for it.")
    if not usable:
        return said("Nothing may stand in for it: the list says why.")
    return counted(
        len(usable),
        "{{figures[0]}} material may stand in for it: {{tables[0].rows[0].material}}.",
        "{{figures[0]}} materials may stand in for it, first of all {{tables[0].rows[0].material}}.",
    )


def _caveats(usable: Sequence[Substitute]) -> tuple[str, ...]:
    if not any(each.judged.pair.needs_approval for each in usable):
        return ()
    return (said("Quality decides about each use of those that need approval."),)
