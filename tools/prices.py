"""How the cost or price of a material changed: standard cost, list price, purchase price."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Kind, Thing, one, site_by_code
from tools.presenting import common, figure, table, unit_column
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow

_VERSION = "1.0.0"
PriceKind = Literal["standard_cost", "list_price", "purchase"]
_NOUNS: dict[PriceKind, str] = {
    "standard_cost": "Standard cost",
    "list_price": "List price",
    "purchase": "Purchase price",
}
_TITLES: dict[PriceKind, str] = {
    "standard_cost": "Standard cost history",
    "list_price": "List price history",
    "purchase": "Purchase price history",
}
_HISTORIES: dict[PriceKind, str] = {
    "standard_cost": "Standard cost history of [[material]]",
    "list_price": "List price history of [[material]]",
    "purchase": "Purchase price history of [[material]]",
}


class PriceHistory(Arguments):
    """Which material, and which of its prices."""

    material: MaterialName
    kind: PriceKind = Field(
        "standard_cost",
        description="'standard_cost': what a unit is valued at; 'list_price': what customers are asked; "
        "'purchase': what purchase orders paid, by supplier.",
    )
    site: SiteName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version(SourcedRow):
    valid_from: date
    valid_to: date | None
    price: Decimal
    currency: str | None
    partner: str
    """Supplier, for purchase prices; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Master(SourcedRow):
    standard_cost: Decimal | None
    list_price: Decimal | None
    currency: str | None

    def price(self, kind: PriceKind) -> Decimal | None:
        """What the master data itself says; suppliers' prices do not stand there."""
        return {"standard_cost": self.standard_cost, "list_price": self.list_price, "purchase": None}[kind]


@dataclass(frozen=True, slots=True)
class _Period:
    """A time during which one price held, with the change against the one before."""

    version: _Version
    until: date | None
    rows: int
    change: Decimal | None
    change_pct: Decimal | None


_RECORDS: dict[PriceKind, str] = {
    "standard_cost": "standard_cost_version",
    "list_price": "list_price_version",
    "purchase": "purchase_line",
}
_MASTER = f"""
select m.standard_cost, m.list_price, m.currency, {PROVENANCE.format("m")}
from erp.material m where m.site = %(site)s and m.material_id = %(material)s
"""
_VERSIONS = f"""
select v.valid_from, v.valid_to, v.{{field}} as price, v.currency, '' as partner, {PROVENANCE.format("v")}
from erp.{{record}} v where v.site = %(site)s and v.material_id = %(material)s order by v.valid_from
"""
_PURCHASES = f"""
select o.ordered_on as valid_from, null::date as valid_to, l.unit_price as price, l.currency,
       coalesce(s.name, o.supplier_id) as partner, {PROVENANCE.format("l")}
from erp.purchase_line l
join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
left join erp.supplier s on s.site = o.site and s.supplier_id = o.supplier_id
where l.site = %(site)s and l.material_id = %(material)s and l.unit_price is not null
  and o.status <> 'rejected'
order by partner, o.ordered_on, l.unit_price, l.line_id
"""


@tool(
    name="price_history",
    examples=(
        "How did the standard cost of Mountain-200 Black, 38 change?",
        "List price history of HL Road Frame - Red, 58",
        "What have we paid for Chainring Bolts over time?",
    ),
    version=_VERSION,
)
async def price_history(args: PriceHistory, context: ToolContext) -> ToolResult:
    """The versions of a material's standard cost, list price or purchase price with each change, by date.

    A change is in currency and in % of the version before. Purchase prices come from purchase order lines
    (rejected orders left out): consecutive orders at the same price from one supplier are one version, dated
    by order.

    Example: {"material": "Mountain-200 Black, 38", "kind": "standard_cost"}.
    """
    named = await one(context.tx, Kind.MATERIAL, args.material, args.site)
    site = await site_by_code(context.tx, named.thing.site)
    queries = Queries(context.tx)
    record = _RECORDS[args.kind]
    sql = _PURCHASES if args.kind == "purchase" else _VERSIONS.format(field=args.kind, record=record)
    versions = await queries.rows(_Version, sql, {"site": site.site, "material": named.thing.id})
    periods = _runs(versions) if args.kind == "purchase" else _periods(versions)
    master = (await queries.rows(_Master, _MASTER, {"site": site.site, "material": named.thing.id}))[0]
    proof = await queries.evidence(
        tool="price_history",
        version=_VERSION,
        arguments=args,
        records=[*(shares(record, versions) or [record]), *shares("material", [master])],
        flags=remarks("rows", versions),
        site=site.site,
    )
    return ToolResult(
        tool="price_history",
        reading=", ".join(
            (
                said(_HISTORIES[args.kind], material=named.thing),
                said("all dates"),
                said("at [[site]]", site=site.site),
            )
        ),
        tables=(replace(_table(args, periods), shows="series" if len(periods) > 2 else ""),),
        figures=_figures(args, periods, master, proof.id),
        evidence=(proof,),
        sentence=_sentence(args, periods, master),
        caveats=(*named.caveats, *_caveats(args, periods, master, site.today)),
        suggestions=_suggestions(args, named.thing),
    )


def _periods(versions: list[_Version]) -> list[_Period]:
    found: list[_Period] = []
    for version in versions:
        change, pct = _change(found[-1].version.price if found else None, version.price)
        found.append(_Period(version, version.valid_to, 1, change, pct))
    return found


def _runs(versions: list[_Version]) -> list[_Period]:
    """Consecutive orders at the same price of the same supplier as one period, up to the last of them."""
    found: list[_Period] = []
    for version in versions:
        last = found[-1] if found and found[-1].version.partner == version.partner else None
        if last and last.version.price == version.price and last.version.currency == version.currency:
            found[-1] = _Period(last.version, version.valid_from, last.rows + 1, last.change, last.change_pct)
            continue
        change, pct = _change(last.version.price if last else None, version.price)
        found.append(_Period(version, version.valid_from, 1, change, pct))
    return found


def _change(before: Decimal | None, now: Decimal) -> tuple[Decimal | None, Decimal | None]:
    if before is None:
        return None, None
    return now - before, (now - before) / before * 100 if before else None


def _table(args: PriceHistory, periods: list[_Period]) -> Table:
    currencies = [period.version.currency for period in periods]
    currency, own_currency = common(currencies), unit_column(currencies, "Currency")
    bought = args.kind == "purchase"
    good: Literal["none", "down"] = "none" if args.kind == "list_price" else "down"
    columns = (
        *((Column("supplier", "Supplier", "text"),) if bought else ()),
        Column("valid_from", "First ordered" if bought else "From", "date"),
        Column("valid_to", "Last ordered" if bought else "To", "date"),
        Column("price", _NOUNS[args.kind], "money", currency, good=good),
        *own_currency,
        Column("change", "Change", "money", currency, good=good),
        Column("change_pct", "Change in %", "percent", "%", good=good),
        *((Column("lines", "Order lines", "count"),) if bought else ()),
    )
    rows: list[list[Cell]] = []
    for period in periods:
        version = period.version
        row: list[Cell] = [version.partner] if bought else []
        row += [version.valid_from, period.until, version.price]
        row += [version.currency] if own_currency else []
        row += [period.change, period.change_pct]
        rows.append(row + ([period.rows] if bought else []))
    return table(_TITLES[args.kind], columns, rows)


def _figures(args: PriceHistory, periods: list[_Period], master: _Master, proof: str) -> tuple[Figure, ...]:
    changes = sum(bool(period.change) for period in periods)
    figures = [figure("changes", changes, "count", proof)]
    current = master.price(args.kind)
    if not periods and current is not None:
        figures.append(figure("in the master data", current, "money", proof, master.currency or ""))
    if periods and args.kind != "purchase":
        first, last = periods[0].version, periods[-1].version
        figures.append(figure("latest", last.price, "money", proof, last.currency or ""))
        if first.price and len(periods) > 1 and first.currency == last.currency:
            over_all = (last.price - first.price) / first.price * 100
            figures.append(figure("change from oldest to latest", over_all, "percent", proof, "%"))
    return tuple(figures)


def _sentence(args: PriceHistory, periods: list[_Period], master: _Master) -> str:
    if not periods and master.price(args.kind) is not None:
        return said(_NO_HISTORY[args.kind])
    if not periods:
        return said(_NOTHING[args.kind])
    changes = sum(bool(period.change) for period in periods)
    day = f"{{{{tables[0].rows[{len(periods) - 1}].valid_from}}}}"
    if changes:
        text = counted(changes, _CHANGED[args.kind][0], _CHANGED[args.kind][1], day=day)
    else:
        text = said(_UNCHANGED[args.kind], day=day)
    if args.kind != "purchase" and len(periods) > 1 and periods[0].version.price:
        return f"{text} {said('Since the oldest version it moved by {{figures[2]}}.')}"
    return text


_NO_HISTORY: dict[PriceKind, str] = {
    "standard_cost": "No standard cost history is on file for it; its master data says {{figures[1]}}.",
    "list_price": "No list price history is on file for it; its master data says {{figures[1]}}.",
}
_NOTHING: dict[PriceKind, str] = {
    "standard_cost": "No standard cost is on file for it.",
    "list_price": "No list price is on file for it.",
    "purchase": "No purchase price is on file for it.",
}
_CHANGED: dict[PriceKind, tuple[str, str]] = {
    "standard_cost": (
        "Its standard cost changed {{figures[0]}} time; the latest is {{figures[1]}} from [[day]].",
        "Its standard cost changed {{figures[0]}} times; the latest is {{figures[1]}} from [[day]].",
    ),
    "list_price": (
        "Its list price changed {{figures[0]}} time; the latest is {{figures[1]}} from [[day]].",
        "Its list price changed {{figures[0]}} times; the latest is {{figures[1]}} from [[day]].",
    ),
    "purchase": (
        "Its purchase price changed {{figures[0]}} time, taking each supplier by itself.",
        "Its purchase price changed {{figures[0]}} times, taking each supplier by itself.",
    ),
}
_UNCHANGED: dict[PriceKind, str] = {
    "standard_cost": "Its standard cost has not changed; the latest is {{figures[1]}} from [[day]].",
    "list_price": "Its list price has not changed; the latest is {{figures[1]}} from [[day]].",
    "purchase": "Its purchase price has not changed, taking each supplier by itself.",
}


def _caveats(args: PriceHistory, periods: list[_Period], master: _Master, today: date) -> list[str]:
    found = []
    current = master.price(args.kind)
    if periods and current is not None and current != periods[-1].version.price:
        found.append(said("The master data holds another value than the latest version."))
    unchanged = sum(period.change == 0 for period in periods)
    if unchanged:
        found.append(
            counted(
                unchanged,
                "[[number]] version repeats the price before.",
                "[[number]] versions repeat the price before.",
            )
        )
    if args.kind == "purchase":
        if len({period.version.partner for period in periods}) > 1:
            found.append(
                said("Changes are counted within one supplier; suppliers follow one another in the list.")
            )
    elif periods and periods[-1].until is not None and periods[-1].until < today:
        found.append(
            said("The latest version ended on [[day]]; none is valid today.", day=day_text(periods[-1].until))
        )
    if len({period.version.currency for period in periods}) > 1:
        found.append(said("Versions are in several currencies; changes between them mean nothing."))
    return found


def _suggestions(args: PriceHistory, material: Thing) -> tuple[str, ...]:
    others: list[PriceKind] = [kind for kind in _NOUNS if kind != args.kind]
    return (
        *(said(_HISTORIES[kind], material=material.name) for kind in others),
        said("Who supplies [[material]]?", material=material.name),
    )
