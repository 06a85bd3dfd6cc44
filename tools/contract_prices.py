"""What was paid against what was agreed: contracts and price scales, line by line, and contracts used up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName, SupplierName
from tools.engines.agreed_prices import Agreed, Basis, Contract, Step, agreed
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Kind, Thing, all_sites, one, site_of
from tools.presenting import common, figure, table, unit_column
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_ZERO = Decimal(0)
BASES: dict[Basis, str] = {
    "contract": "contract",
    "scale": "price scale",
    "expired": "contract not valid",
    "elsewhere": "contract with another supplier",
    "none": "nothing agreed",
}


class PriceAgainstContract(Arguments):
    """Which purchases: by supplier, material and the days on which they were ordered."""

    supplier: SupplierName | None = Field(None, description="Name, id or number; all suppliers if left out.")
    material: MaterialName | None = Field(None, description="Name, id or number; all materials if left out.")
    since: date | None = Field(None, description="Ordered from this day on; all if left out.")
    until: date | None = Field(None, description="Ordered up to this day.")
    over_only: bool = Field(False, description="Only lines that cost more than agreed.")
    limit: int = Field(50, ge=1, le=500, description="Lines listed, most money at stake first.")
    site: SiteName = None


@dataclass(frozen=True, slots=True)
class _Line:
    site: str
    site_name: str
    line_id: str
    order_id: str
    supplier_id: str
    supplier: str
    material_id: str
    number: str
    material: str
    ordered_on: date
    ordered: Decimal
    received: Decimal
    unit: str | None
    order_price: Decimal
    invoiced_price: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class _Contract:
    site: str
    site_name: str
    contract_id: str
    supplier_id: str
    supplier: str
    material_id: str
    material: str
    unit_price: Decimal | None
    currency: str
    target_quantity: Decimal | None
    valid_from: date | None
    valid_to: date | None
    today: date


@dataclass(frozen=True, slots=True)
class _Step:
    site: str
    supplier_id: str
    material_id: str
    from_quantity: Decimal
    unit_price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class _Judged:
    """A line with what was agreed for it."""

    line: _Line
    agreed: Agreed

    @property
    def paid(self) -> Decimal:
        """The invoiced unit price, or the order's while nothing is invoiced."""
        return self.line.order_price if self.line.invoiced_price is None else self.line.invoiced_price

    @property
    def at_stake(self) -> Decimal | None:
        """Paid above agreed, for the ordered quantity; None where nothing comparable was agreed."""
        price = self.agreed.unit_price
        if price is None or self.agreed.currency != self.line.currency:
            return None
        return (self.paid - price) * self.line.ordered

    @property
    def other_currency(self) -> bool:
        """True where the agreement is in a currency other than the order."""
        return self.agreed.unit_price is not None and self.agreed.currency != self.line.currency


_WHERE = """
where {0}.site = any(%(sites)s) and (%(supplier)s::text is null or {1}.supplier_id = %(supplier)s)
  and (%(material)s::text is null or {0}.material_id = %(material)s)
"""
_LINES = f"""
select l.site, t.name as site_name, l.line_id, l.order_id, o.supplier_id,
       coalesce(s.name, o.supplier_id) as supplier, l.material_id, m.number, m.name as material, o.ordered_on,
       l.ordered, coalesce(l.received, 0) as received, coalesce(l.unit, m.base_unit) as unit,
       l.unit_price as order_price, i.price as invoiced_price,
       coalesce(l.currency, o.currency, t.currency) as currency
from erp.purchase_line l
join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
join erp.site t on t.site = l.site
join erp.material m on m.site = l.site and m.material_id = l.material_id
left join erp.supplier s on s.site = o.site and s.supplier_id = o.supplier_id
left join (select site, line_id, sum(amount) / nullif(sum(quantity), 0) as price from erp.supplier_invoice
           where quantity > 0 group by site, line_id) i on i.site = l.site and i.line_id = l.line_id
{_WHERE.format("l", "o")}
  and o.status <> 'rejected' and l.unit_price is not null
order by l.site, o.ordered_on, l.line_id
"""
_CONTRACTS = """
select c.site, t.name as site_name, c.contract_id, c.supplier_id, coalesce(s.name, c.supplier_id) as supplier,
       c.material_id, coalesce(m.name, c.material_id) as material, c.unit_price,
       coalesce(c.currency, t.currency) as currency, c.target_quantity, c.valid_from, c.valid_to,
       t.as_of::date as today
from erp.contract c
join erp.site t on t.site = c.site
left join erp.supplier s on s.site = c.site and s.supplier_id = c.supplier_id
left join erp.material m on m.site = c.site and m.material_id = c.material_id
where c.site = any(%(sites)s) and c.material_id is not null
  and (%(material)s::text is null or c.material_id = %(material)s)
order by c.site, c.contract_id
"""
_STEPS = """
select p.site, p.supplier_id, p.material_id, p.from_quantity, p.unit_price,
       coalesce(p.currency, t.currency) as currency
from erp.price_scale p join erp.site t on t.site = p.site
where p.site = any(%(sites)s) and (%(material)s::text is null or p.material_id = %(material)s)
"""


@tool(
    name="price_against_contract",
    examples=(
        "Are we paying more than the contract price?",
        "Which purchases were made outside of a contract?",
        "Paid prices against contract for Chainring Bolts",
    ),
    version=_VERSION,
)
async def price_against_contract(args: PriceAgainstContract, context: ToolContext) -> ToolResult:
    """Purchase lines with what was paid, what was agreed, and the money at stake between the two.

    Agreed is the supplier's contract that was valid on the day of the order; without one, its price scale at
    the ordered quantity. Purchases after a contract ended, or from others while a contract was valid, are
    named as such. Paid is the invoiced price, or the order's while nothing is invoiced. Also how much of
    each contract's target quantity was ordered. Prices in other currencies are not compared.

    Example: {"supplier": "Chicago City Saddles", "since": "2024-01-01", "over_only": true}.
    """
    named = await site_of(context.tx, args.site)
    supplier = await one(context.tx, Kind.SUPPLIER, args.supplier, named) if args.supplier else None
    material = await one(context.tx, Kind.MATERIAL, args.material, named) if args.material else None
    of_things = {each.thing.site for each in (supplier, material) if each}
    only: set[str | None] = {*of_things} or {named}
    sites = [site.site for site in await all_sites(context.tx) if only == {None} or site.site in only]
    queries = Queries(context.tx)
    asked = {
        "sites": sites,
        "supplier": supplier.thing.id if supplier else None,
        "material": material.thing.id if material else None,
    }
    lines = await queries.rows(_Line, _LINES, asked)
    contracts = await queries.rows(_Contract, _CONTRACTS, asked)
    steps = await queries.rows(_Step, _STEPS, asked)
    every = _judged(lines, contracts, steps)
    judged = [each for each in every if _within(each.line.ordered_on, args)]
    shown = [each for each in judged if not args.over_only or (each.at_stake or _ZERO) > 0]
    proof = await queries.evidence(
        tool="price_against_contract",
        version=_VERSION,
        arguments=args,
        records=["purchase_line", "contract", "price_scale", "supplier_invoice"],
        site=sites[0] if len(sites) == 1 else None,
    )
    things = [each.thing for each in (supplier, material) if each]
    own = [each for each in contracts if supplier is None or each.supplier_id == supplier.thing.id]
    return ToolResult(
        tool="price_against_contract",
        reading=_reading(args, things, named),
        tables=(_by_basis(judged), _lines(shown, args.limit), _consumption(own, every)),
        figures=_figures(judged, proof.id),
        evidence=(proof,),
        sentence=_sentence(judged),
        caveats=(
            *(note for each in (supplier, material) if each for note in each.caveats),
            *_caveats(judged, own),
        ),
        suggestions=(said("Which invoices differ from the order price?"),),
    )


def _judged(lines: Sequence[_Line], contracts: Sequence[_Contract], steps: Sequence[_Step]) -> list[_Judged]:
    of_material: dict[tuple[str, str], list[Contract]] = defaultdict(list)
    for row in contracts:
        of_material[row.site, row.material_id].append(
            Contract(
                row.contract_id, row.supplier_id, row.unit_price, row.currency, row.valid_from, row.valid_to
            )
        )
    scales: dict[tuple[str, str, str], list[Step]] = defaultdict(list)
    for step in steps:
        scales[step.site, step.material_id, step.supplier_id].append(
            Step(step.from_quantity, step.unit_price, step.currency)
        )
    return [
        _Judged(
            line,
            agreed(
                line.supplier_id,
                line.ordered_on,
                line.ordered,
                of_material[line.site, line.material_id],
                scales[line.site, line.material_id, line.supplier_id],
            ),
        )
        for line in lines
    ]


def _within(day: date, args: PriceAgainstContract) -> bool:
    return (args.since is None or args.since <= day) and (args.until is None or day <= args.until)


def _by_basis(judged: Sequence[_Judged]) -> Table:
    """What was agreed for how many lines, how much was paid, and how much of it is over and under."""
    sums: dict[tuple[Basis, str], list[_Judged]] = defaultdict(list)
    for each in judged:
        sums[each.agreed.basis, each.line.currency].append(each)
    currencies = [currency for _, currency in sums]
    currency, own = common(currencies), unit_column(currencies, "Currency")
    columns = (
        Column("basis", "What was agreed", "text", words="agreed"),
        Column("lines", "Lines", "count"),
        Column("paid", "Paid", "money", currency),
        Column("over", "Above what was agreed", "money", currency, good="down"),
        Column("under", "Below what was agreed", "money", currency),
        *own,
    )
    rows: list[list[Cell]] = []
    for basis in BASES:
        for (of, money), lines in sorted(sums.items(), key=lambda item: item[0][1]):
            if of != basis:
                continue
            stakes = [line.at_stake for line in lines if line.at_stake is not None]
            over = sum((stake for stake in stakes if stake > 0), _ZERO) if stakes else None
            under = sum((-stake for stake in stakes if stake < 0), _ZERO) if stakes else None
            paid = sum((line.paid * line.line.ordered for line in lines), _ZERO)
            rows.append([BASES[basis], len(lines), paid, over, under, *([money] if own else [])])
    return table("By what was agreed", columns, rows)


def _lines(judged: Sequence[_Judged], limit: int) -> Table:
    currencies = [each.line.currency for each in judged]
    units = [each.line.unit for each in judged]
    currency, own = common(currencies), unit_column(currencies, "Currency")
    unit, own_unit = common(units), unit_column(units)
    columns = (
        Column("order", "Purchase order", "id"),
        Column("site", "Site", "text"),
        Column("ordered_on", "Ordered", "date"),
        Column("supplier", "Supplier", "text"),
        Column("material", "Material", "text"),
        Column("quantity", "Ordered quantity", "quantity", unit),
        *own_unit,
        Column("basis", "What was agreed", "text", words="agreed"),
        Column("contract", "Contract", "id"),
        Column("agreed", "Agreed price", "money", currency),
        Column("scale", "Price of the scale", "money", currency),
        Column("paid", "Paid price", "money", currency),
        Column("at_stake", "At stake", "money", currency, good="down"),
        *own,
    )
    ordered = sorted(judged, key=lambda each: (-abs(each.at_stake or _ZERO), -each.paid * each.line.ordered))
    rows: list[list[Cell]] = []
    for each in ordered:
        line, of = each.line, each.agreed
        row: list[Cell] = [line.order_id, line.site_name, line.ordered_on, line.supplier, line.material]
        row += [
            line.ordered,
            *([line.unit] if own_unit else []),
            BASES[of.basis],
            of.contract_id or None,
        ]
        row += [None if each.other_currency else of.unit_price, of.scale_price, each.paid, each.at_stake]
        rows.append(row + ([line.currency] if own else []))
    return table("Order lines", columns, rows, limit=limit)


def _consumption(contracts: Sequence[_Contract], judged: Sequence[_Judged]) -> Table:
    """Each contract with what was ordered on it while it was valid."""
    columns = (
        Column("contract", "Contract", "id"),
        Column("site", "Site", "text"),
        Column("supplier", "Supplier", "text"),
        Column("material", "Material", "text"),
        Column("valid_from", "From", "date"),
        Column("valid_to", "To", "date"),
        Column("target", "Target quantity", "quantity"),
        Column("ordered", "Ordered on it", "quantity"),
        Column("received", "Received on it", "quantity"),
        Column("used", "Used", "percent", "%"),
        Column("expired", "Expired", "flag"),
    )
    rows: list[list[Cell]] = []
    for contract in contracts:
        of = [
            each.line
            for each in judged
            if each.line.site == contract.site
            and each.agreed.contract_id == contract.contract_id
            and each.agreed.basis == "contract"
        ]
        ordered, received = sum((x.ordered for x in of), _ZERO), sum((x.received for x in of), _ZERO)
        target = contract.target_quantity
        row: list[Cell] = [contract.contract_id, contract.site_name, contract.supplier, contract.material]
        row += [contract.valid_from, contract.valid_to, target, ordered, received]
        row += [ordered / target * 100 if target else None]
        row.append(contract.valid_to is not None and contract.valid_to < contract.today)
        rows.append(row)
    return table("Contracts used", columns, rows)


def _figures(judged: Sequence[_Judged], proof: str) -> tuple[Figure, ...]:
    over = [each for each in judged if (each.at_stake or _ZERO) > 0]
    outside = [each for each in judged if each.agreed.basis in ("expired", "elsewhere")]
    figures = [
        figure("order lines", len(judged), "count", proof),
        figure("lines above what was agreed", len(over), "count", proof),
        figure("lines outside of a contract", len(outside), "count", proof),
    ]
    for currency in sorted({each.line.currency for each in judged}):
        total = sum((each.at_stake or _ZERO for each in over if each.line.currency == currency), _ZERO)
        figures.append(figure("paid above what was agreed", total, "money", proof, currency))
    return tuple(figures)


def _sentence(judged: Sequence[_Judged]) -> str:
    if not judged:
        return said("There is no purchase to compare.")
    if len({each.line.currency for each in judged}) == 1:
        return said(
            "{{figures[1]}} of {{figures[0]}} order lines cost more than agreed, {{figures[3]}} in all;"
            " {{figures[2]}} were bought outside of a contract."
        )
    return said(
        "{{figures[1]}} of {{figures[0]}} order lines cost more than agreed, {{figures[2]}} were bought"
        " outside of a contract; the first table has the money of each currency."
    )


def _caveats(judged: Sequence[_Judged], contracts: Sequence[_Contract]) -> list[str]:
    notes = [
        said("A contract goes before a price scale; paid is the invoiced price where there is an invoice."),
    ]
    other = sum(each.other_currency for each in judged)
    if other:
        notes.append(
            counted(
                other,
                "[[number]] line was agreed in another currency than ordered and is not compared.",
                "[[number]] lines were agreed in another currency than ordered and are not compared.",
            )
        )
    expired = sum(each.valid_to is not None and each.valid_to < each.today for each in contracts)
    if expired:
        notes.append(
            counted(expired, "[[number]] contract has expired.", "[[number]] contracts have expired.")
        )
    return notes


def _reading(args: PriceAgainstContract, things: Sequence[Thing], site: str | None) -> str:
    parts = [said("Paid against agreed prices")]
    parts += [said("of [[material]]", material=thing) for thing in things]
    if args.over_only:
        parts.append(said("only above what was agreed"))
    if args.since:
        parts.append(said("ordered since [[day]]", day=day_text(args.since)))
    if args.until:
        parts.append(said("ordered until [[day]]", day=day_text(args.until)))
    parts.append(said("at [[site]]", site=site) if site else said("at all sites"))
    return ", ".join(parts)
