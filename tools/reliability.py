"""How reliable suppliers are: on time, in full, delays and their trend, rejects and price changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from pydantic import Field

from erp_adapters.store.checks.naming import without_legal_form
from tools.arguments import Arguments, MaterialName, SiteName, SupplierName
from tools.engines.reliability import FEW, HALF_YEAR, Receipt, Reliability, reliability
from tools.languages import counted, said
from tools.languages.forms import day_text, numeral
from tools.matching import meant
from tools.naming import Kind, Thing, all_sites, candidates, one, site_of
from tools.presenting import figure, several, table
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_ZERO = Decimal(0)


class SupplierReliability(Arguments):
    """Whose reliability: one supplier, those of a material, or all."""

    supplier: SupplierName | None = Field(None, description="Name, id or number; all suppliers if left out.")
    material: MaterialName | None = Field(None, description="Name, id or number; all materials if left out.")
    since: date | None = Field(None, description="Lines due from this day on; all if left out.")
    until: date | None = Field(None, description="Lines due up to this day.")
    limit: int = Field(20, ge=1, le=200, description="Suppliers listed, the least reliable first.")
    site: SiteName = None


@dataclass(frozen=True, slots=True)
class _Line:
    site: str
    supplier_id: str
    name: str
    tax_id: str | None
    material_id: str
    ordered_on: date
    due_on: date
    confirmed_on: date | None
    received_on: date | None
    ordered: Decimal
    received: Decimal
    rejected: Decimal
    unit_price: Decimal | None

    @property
    def shared_as(self) -> str:
        """What is the same for one supplier at several sites: its tax number, or its name."""
        return self.tax_id or self.name.casefold()


@dataclass(frozen=True, slots=True)
class _Supplier:
    name: str
    sites: tuple[str, ...]
    found: Reliability
    price_changes: int
    price_change_pct: Decimal | None
    """Mean of the changes from one order of a material to the next, in percent."""


_LINES = """
select l.site, o.supplier_id, coalesce(s.name, o.supplier_id) as name, s.tax_id, l.material_id, o.ordered_on,
       l.due_on, l.confirmed_on, l.received_on, l.ordered, coalesce(l.received, 0) as received,
       coalesce(l.rejected, 0) as rejected, l.unit_price
from erp.purchase_line l
join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
left join erp.supplier s on s.site = o.site and s.supplier_id = o.supplier_id
where l.site = any(%(sites)s) and l.due_on is not null and o.status <> 'rejected'
  and (%(names)s::text[] is null or coalesce(s.name, o.supplier_id) = any(%(names)s))
  and (%(material)s::text is null or l.material_id = %(material)s)
  and (%(since)s::date is null or l.due_on >= %(since)s)
  and (%(until)s::date is null or l.due_on <= %(until)s)
order by l.site, o.ordered_on, l.line_id
"""


@tool(
    name="supplier_reliability",
    examples=(
        "How reliable is Chicago City Saddles?",
        "Which suppliers are the least reliable?",
        "Do the suppliers of Chainring Bolts deliver on time and in full?",
    ),
    version=_VERSION,
)
async def supplier_reliability(args: SupplierReliability, context: ToolContext) -> ToolResult:
    """Share of purchase lines on time and in full, delays, trend, rejects and price changes by supplier.

    For one supplier, for those of a material, or for all. On time is against the due date; lines overdue
    without a receipt count as late. Shares come with a 95 % Wilson interval, and few receipts are said to be
    few. The trend sets the last half year against the one before; a change of level in the delays is named
    where Pettitt's test finds one below one percent. A supplier of several sites is one.

    Example: {"supplier": "Chicago City Saddles"}.
    """
    named = await site_of(context.tx, args.site)
    sites = [site for site in await all_sites(context.tx) if named in (None, site.site)]
    taken: tuple[str, ...] = ()
    names: list[str] | None = None
    if args.supplier:
        things = await _suppliers(context, args.supplier, named)
        names = sorted({thing.name for thing in things})
        sites = [site for site in sites if site.site in {thing.site for thing in things}]
    material = await one(context.tx, Kind.MATERIAL, args.material, named) if args.material else None
    if material is not None:
        taken = material.caveats
        sites = [site for site in sites if site.site == material.thing.site]
    queries = Queries(context.tx)
    asked = {
        "sites": [site.site for site in sites],
        "names": names,
        "material": material.thing.id if material else None,
        "since": args.since,
        "until": args.until,
    }
    lines = await queries.rows(_Line, _LINES, asked)
    today = max((site.today for site in sites), default=date.max)
    found = sorted(_of_suppliers(lines, {site.site: site.name for site in sites}, today), key=_worst_first)
    proof = await queries.evidence(
        tool="supplier_reliability",
        version=_VERSION,
        arguments=args,
        records=["purchase_line", "purchase_order", "supplier"],
        site=sites[0].site if len(sites) == 1 else None,
    )
    return ToolResult(
        tool="supplier_reliability",
        reading=_reading(args, names, material.thing if material else None, named),
        tables=(_table(found, args.limit), _delays(found, args.limit)),
        figures=_figures(found, proof.id),
        evidence=(proof,),
        sentence=_sentence(found),
        caveats=(*taken, *_caveats(found)),
        suggestions=_suggestions(args, names),
    )


async def _suppliers(context: ToolContext, text: str, site: str | None) -> list[Thing]:
    """The supplier that is meant, at every site that knows it by the same name, and its further entries."""
    found = meant(await candidates(context.tx, Kind.SUPPLIER, text, site))
    if len({_company(match.thing.name) for match in found}) == 1:
        things = [match.thing for match in found]
    else:
        things = [(await one(context.tx, Kind.SUPPLIER, text, site)).thing]
    # Entered twice, with its legal form written otherwise: some orders went to either.
    again = await candidates(context.tx, Kind.SUPPLIER, without_legal_form(things[0].name), site)
    also = [match.thing for match in again if _company(match.thing.name) == _company(things[0].name)]
    return list(dict.fromkeys([*things, *also]))


def _company(name: str) -> str:
    return without_legal_form(name).casefold()


def _of_suppliers(lines: Sequence[_Line], sites: dict[str, str], today: date) -> list[_Supplier]:
    grouped: dict[str, list[_Line]] = defaultdict(list)
    for line in lines:
        grouped[line.shared_as].append(line)
    found = []
    for of in grouped.values():
        receipts = [
            Receipt(
                each.due_on, each.confirmed_on, each.received_on, each.ordered, each.received, each.rejected
            )
            for each in of
        ]
        changes = _price_changes(of)
        at = tuple(sorted({sites[each.site] for each in of}))
        average = sum(changes, _ZERO) / len(changes) if changes else None
        found.append(_Supplier(of[0].name, at, reliability(receipts, today), len(changes), average))
    return found


def _price_changes(lines: Sequence[_Line]) -> list[Decimal]:
    """Changes in percent from one order of a material at a site to the next, where there was one."""
    prices: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for line in lines:
        if line.unit_price:
            prices[line.site, line.material_id].append(line.unit_price)
    return [
        (after - before) / before * 100
        for each in prices.values()
        for before, after in pairwise(each)
        if before != after
    ]


def _worst_first(one: _Supplier) -> tuple[bool, Decimal, str]:
    share = one.found.both
    return one.found.few, Decimal(101) if share is None else share, one.name


def _table(found: Sequence[_Supplier], limit: int) -> Table:
    columns = (
        Column("supplier", "Supplier", "text"),
        Column("sites", "Sites", "text"),
        Column("receipts", "Receipts", "count"),
        Column("overdue", "Overdue", "count", good="down"),
        Column("both", "On time and in full", "percent", "%", good="up"),
        Column("low", "95 % interval from", "percent", "%"),
        Column("high", "95 % interval to", "percent", "%"),
        Column("on_time", "On time", "percent", "%", good="up"),
        Column("in_full", "In full", "percent", "%", good="up"),
        Column("confirmed", "By the confirmed date", "percent", "%", good="up"),
        Column("before", "Half year before", "percent", "%", good="up"),
        Column("recent", "Last half year", "percent", "%", good="up"),
        Column("few", "Few receipts", "flag"),
    )
    rows: list[list[Cell]] = []
    for one_of in found:
        each = one_of.found
        low, high = (each.interval.low, each.interval.high) if each.interval else (None, None)
        row: list[Cell] = [
            one_of.name,
            ", ".join(one_of.sites),
            each.receipts,
            each.overdue,
            each.both,
            low,
            high,
        ]
        rows.append([*row, each.on_time, each.in_full, each.confirmed, each.before, each.recent, each.few])
    return table("Reliability of suppliers", columns, rows, limit=limit)


def _delays(found: Sequence[_Supplier], limit: int) -> Table:
    columns = (
        Column("supplier", "Supplier", "text"),
        Column("mean", "Mean delay", "days", "days", good="down"),
        Column("median", "Median delay", "days", "days", good="down"),
        Column("p90", "90th percentile", "days", "days", good="down"),
        Column("spread", "Standard deviation", "days", "days", good="down"),
        Column("shifted_on", "Level changed on", "date"),
        Column("shift_before", "Median before", "days", "days"),
        Column("shift_after", "Median after", "days", "days"),
        Column("p_value", "p-value", "ratio"),
        Column("reject_rate", "Reject rate", "percent", "%", good="down"),
        Column("price_changes", "Price changes", "count"),
        Column("price_change", "Mean price change", "percent", "%", good="down"),
    )
    rows: list[list[Cell]] = []
    for one_of in found:
        each, moved = one_of.found, one_of.found.shifted
        row: list[Cell] = [one_of.name, each.mean_delay, each.median_delay, each.late_tail, each.spread]
        row += [each.shifted_on, *((moved.before, moved.after, moved.p_value) if moved else (None,) * 3)]
        rows.append([*row, each.reject_rate, one_of.price_changes, one_of.price_change_pct])
    return table("Delays, rejects and prices", columns, rows, limit=limit)


def _figures(found: Sequence[_Supplier], proof: str) -> tuple[Figure, ...]:
    figures = [
        figure("suppliers", len(found), "count", proof),
        figure("receipts", sum(each.found.receipts for each in found), "count", proof),
    ]
    if len(found) == 1:
        each = found[0].found
        if each.both is not None:
            figures.append(figure("on time and in full", each.both, "percent", proof, "%"))
        if each.median_delay is not None:
            figures.append(figure("median delay", each.median_delay, "days", proof, "days"))
        if each.late_tail is not None:
            figures.append(figure("90th percentile of the delay", each.late_tail, "days", proof, "days"))
    return tuple(figures)


def _sentence(found: Sequence[_Supplier]) -> str:
    if not found or not any(each.found.receipts or each.found.overdue for each in found):
        return said("There is no delivery to judge.")
    if len(found) > 1:
        return said(
            "Of {{figures[0]}} suppliers, {{tables[0].rows[0].supplier}} is the least reliable:"
            " {{tables[0].rows[0].both}} on time and in full in {{tables[0].rows[0].receipts}} receipts."
        )
    if not found[0].found.receipts:
        return said("Nothing has been delivered yet; {{tables[0].rows[0].overdue}} lines are overdue.")
    text = said(
        "{{tables[0].rows[0].supplier}} delivered {{figures[2]}} on time and in full in {{figures[1]}}"
        " receipts; half of them came within {{figures[3]}} of the due date, nine in ten within"
        " {{figures[4]}}."
    )
    moved = found[0].found.shifted
    if moved is None:
        return text
    worse = (
        "Its delays have been longer since {{tables[1].rows[0].shifted_on}}."
        if moved.after > moved.before
        else "Its delays have been shorter since {{tables[1].rows[0].shifted_on}}."
    )
    return f"{text} {said(worse)}"


def _caveats(found: Sequence[_Supplier]) -> list[str]:
    notes = [
        said("On time is against the due date of the order line; overdue lines that have not come are late."),
        said("The trend sets the last [[days]] days against as many before, by due date.", days=HALF_YEAR),
    ]
    few = [each.name for each in found if each.found.few]
    if few:
        notes.append(
            counted(
                len(few),
                "[[number]] supplier has fewer than [[least]] receipts, which is few: [[names]].",
                "[[number]] suppliers have fewer than [[least]] receipts, which is few: [[names]].",
                least=FEW,
                names=several(few),
            )
        )
    for each in found[:5]:
        if each.found.shifted and each.found.shifted_on:
            notes.append(
                said(
                    "[[name]]: the level of its delays changed on [[day]] (Pettitt test, p = [[p]]).",
                    name=each.name,
                    day=day_text(each.found.shifted_on),
                    p=numeral(f"{each.found.shifted.p_value:f}"),
                )
            )
    entries: dict[str, set[str]] = {}
    for each in found:
        entries.setdefault(_company(each.name), set()).add(each.name)
    for names in entries.values():
        if len(names) > 1:
            notes.append(
                said(
                    "This looks like one supplier that was entered twice: [[names]].",
                    names=several(sorted(names)),
                )
            )
    shared = [each.name for each in found if len(each.sites) > 1]
    if shared:
        notes.append(said("Suppliers of several sites count once: [[names]].", names=several(shared)))
    return notes


def _reading(
    args: SupplierReliability, names: Sequence[str] | None, material: Thing | None, site: str | None
) -> str:
    parts = [
        said("Reliability of [[supplier]]", supplier=several(names))
        if names
        else said("Reliability of suppliers")
    ]
    if material:
        parts.append(said("of [[material]]", material=material))
    if args.since:
        parts.append(said("since [[day]]", day=day_text(args.since)))
    if args.until:
        parts.append(said("until [[day]]", day=day_text(args.until)))
    parts.append(said("at [[site]]", site=site) if site else said("at all sites"))
    return ", ".join(parts)


def _suggestions(args: SupplierReliability, names: Sequence[str] | None) -> tuple[str, ...]:
    del args
    if names:
        return (
            said("What does [[supplier]] supply?", supplier=names[0]),
            said("Which suppliers are the least reliable?"),
        )
    return (said("Average delay of late receipts by supplier"),)
