"""What suppliers confirmed against what was ordered: other days, quantities, prices, and what is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field

from tools.arguments import Arguments, SiteName, SupplierName, Text
from tools.errors import NotRecorded
from tools.evidence import shares
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Kind, Site, all_sites, one, site_of
from tools.presenting import figure, plain, table
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow

_VERSION = "1.0.0"
_ITEM = 5
"""Digits at the end of a line's id that are its number in the order, where the id has both."""
_SHOWN = 50


class SupplierConfirmations(Arguments):
    """Whose confirmations: of one order, one supplier, or all."""

    order: Text | None = Field(None, description="Number of our purchase order; all open ones if left out.")
    supplier: SupplierName | None = Field(None, description="Name, id or number; all suppliers if left out.")
    site: SiteName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line(SourcedRow):
    """An open line of a purchase order."""

    site: str
    line_id: str
    order_id: str
    supplier: str
    material_id: str
    number: str
    material: str
    due_on: date | None
    confirmed_on: date | None
    ordered: Decimal
    received: Decimal
    unit: str
    unit_price: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told(SourcedRow):
    """The newest that a supplier has said of a line."""

    site: str
    order_id: str
    line: str
    material: str
    reference: str
    decision: str
    quantity: Decimal | None
    unit_price: Decimal | None
    currency: str
    delivered_on: date | None
    told_on: date


_LINES = f"""
select l.site, l.line_id, l.order_id, coalesce(v.name, o.supplier_id) as supplier, l.material_id,
       coalesce(m.number, l.material_id) as number, coalesce(m.name, l.material_id) as material, l.due_on,
       l.confirmed_on, l.ordered, coalesce(l.received, 0) as received,
       coalesce(l.unit, m.base_unit, '') as unit, l.unit_price,
       coalesce(l.currency, o.currency, '') as currency, {PROVENANCE.format("l")}
from erp.purchase_line l
join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
left join erp.supplier v on v.site = o.site and v.supplier_id = o.supplier_id
left join erp.material m on m.site = l.site and m.material_id = l.material_id
where l.site = any(%(sites)s) and o.status in ('pending', 'approved')
  and l.ordered > coalesce(l.received, 0) and (%(order)s::text is null or l.order_id = %(order)s)
  and (%(supplier)s::text is null or o.supplier_id = %(supplier)s)
order by l.site, l.order_id, length(l.line_id), l.line_id
"""
_TOLD = f"""
select distinct on (c.site, c.order_id, coalesce(c.line, ''), coalesce(c.material, ''))
       c.site, c.order_id, coalesce(c.line, '') as line, coalesce(c.material, '') as material,
       coalesce(c.reference, '') as reference, c.decision, c.quantity, c.unit_price,
       coalesce(c.currency, '') as currency, c.delivered_on, c.told_on, {PROVENANCE.format("c")}
from erp.supplier_confirmation c
where c.site = any(%(sites)s) and (%(order)s::text is null or c.order_id = %(order)s)
order by c.site, c.order_id, coalesce(c.line, ''), coalesce(c.material, ''), c.told_on desc,
         c.confirmation_id desc
"""


@dataclass(frozen=True, slots=True)
class _Compared:
    line: _Line
    told: _Told
    days: int | None
    """Later than we asked for; below zero where earlier."""
    short: Decimal | None
    """Less than is open; below zero where more."""
    dearer: Decimal | None
    """More for one unit; None where either has no price, or another currency."""

    @property
    def differs(self) -> bool:
        return self.told.decision == "rejected" or bool(self.days or self.short or self.dearer)


@tool(
    name="supplier_confirmations",
    examples=(
        "Which suppliers confirmed something else than we ordered?",
        "What did the supplier confirm for purchase order 1400595?",
    ),
    version=_VERSION,
)
async def supplier_confirmations(args: SupplierConfirmations, context: ToolContext) -> ToolResult:
    """What suppliers confirmed against the open lines of purchase orders, and which lines are overdue.

    Day, quantity and price of each confirmation beside those of the order, from EDIFACT ORDRSP messages and
    files that were loaded; what was refused; open lines whose day is over; lines that nobody confirmed.

    Example: {"order": "1400595"}.
    """
    queries = Queries(context.tx)
    named = await site_of(context.tx, args.site)
    sites = [site for site in await all_sites(context.tx) if named in (None, site.site)]
    supplier = await one(context.tx, Kind.SUPPLIER, args.supplier, named) if args.supplier else None
    if supplier is not None:
        sites = [site for site in sites if site.site == supplier.thing.site]
    given = {
        "sites": [site.site for site in sites],
        "order": args.order,
        "supplier": supplier.thing.id if supplier else None,
    }
    told = await queries.rows(_Told, _TOLD, given)
    if not told:
        raise NotRecorded(
            said(
                "no confirmation of a supplier is loaded for that: `plantwright import confirmations FOLDER`"
                " loads them"
            )
        )
    lines = await queries.rows(_Line, _LINES, given)
    pairs, strange = _matched(lines, told)
    today = {site.site: site for site in sites}
    differing = [pair for pair in pairs if pair.differs]
    overdue = _overdue(lines, pairs, today)
    missing = {id(line) for line in lines} - {id(pair.line) for pair in pairs}
    proof = await queries.evidence(
        tool="supplier_confirmations",
        version=_VERSION,
        arguments=args,
        records=[*shares("supplier_confirmation", told), *shares("purchase_line", lines)],
        site=sites[0].site if len(sites) == 1 else None,
    )
    return ToolResult(
        tool="supplier_confirmations",
        reading=_reading(args, supplier.thing.name if supplier else "", named),
        tables=(_differences(differing), _late(overdue)),
        figures=(
            figure("lines that differ", len(differing), "count", proof.id),
            figure("overdue lines", len(overdue), "count", proof.id),
            figure("lines without a confirmation", len(missing), "count", proof.id),
        ),
        evidence=(proof,),
        sentence=_sentence(differing, overdue),
        caveats=(*(supplier.caveats if supplier else ()), *_notes(strange, told)),
        suggestions=(said("Which suppliers deliver late?"),),
    )


def _matched(lines: Sequence[_Line], told: Sequence[_Told]) -> tuple[list[_Compared], int]:
    """Each confirmation with the line that it means, and how many mean none that is open."""
    pairs, strange = list[_Compared](), 0
    for one_ in told:
        of_order = [line for line in lines if (line.site, line.order_id) == (one_.site, one_.order_id)]
        meant = [line for line in of_order if _is_line(line, one_)]
        if len(meant) != 1:
            named = one_.material
            meant = [line for line in of_order if named and named in (line.number, line.material_id)]
        if len(meant) != 1:
            strange += 1
            continue
        pairs.append(_compared(meant[0], one_))
    return pairs, strange


def _is_line(line: _Line, told: _Told) -> bool:
    if not told.line:
        return False
    if told.line == line.line_id:
        return True
    item = line.line_id.rpartition("-")[2] if "-" in line.line_id else line.line_id[-_ITEM:]
    return item.isdigit() and told.line.isdigit() and int(item) == int(told.line)


def _compared(line: _Line, told: _Told) -> _Compared:
    days = (told.delivered_on - line.due_on).days if told.delivered_on and line.due_on else None
    short = None if told.quantity is None else line.ordered - told.quantity
    same = told.currency in ("", line.currency)
    dearer = told.unit_price - line.unit_price if same and told.unit_price and line.unit_price else None
    return _Compared(line, told, days, short, dearer)


def _overdue(
    lines: Sequence[_Line], pairs: Sequence[_Compared], sites: dict[str, Site]
) -> list[tuple[_Line, date, int]]:
    """Open lines whose day is over: the newest that was confirmed, or else the one that was asked for."""
    promised = {id(pair.line): pair.told.delivered_on for pair in pairs if pair.told.decision != "rejected"}
    found = []
    for line in lines:
        day = promised.get(id(line)) or line.confirmed_on or line.due_on
        today = sites[line.site].today
        if day is not None and day < today:
            found.append((line, day, (today - day).days))
    return sorted(found, key=lambda row: (-row[2], row[0].order_id, row[0].line_id))


def _differences(pairs: Sequence[_Compared]) -> Table:
    columns = (
        Column("order_id", "Purchase order", "id"),
        Column("line", "Line", "id"),
        Column("supplier", "Supplier", "text"),
        Column("material", "Material", "text"),
        Column("decision", "Decision", "text", words="decision"),
        Column("due_on", "Asked for", "date"),
        Column("delivered_on", "Confirmed for", "date"),
        Column("days_later", "Days later", "days", "days", good="down"),
        Column("ordered", "Ordered", "quantity"),
        Column("confirmed", "Confirmed", "quantity"),
        Column("unit", "Unit", "text"),
        Column("price", "Price", "text"),
        Column("price_told", "Price confirmed", "text"),
        Column("told_on", "Told on", "date"),
    )
    rows: list[list[Cell]] = [
        [
            one_.line.order_id,
            one_.line.line_id,
            one_.line.supplier,
            one_.line.material,
            one_.told.decision,
            one_.line.due_on,
            one_.told.delivered_on,
            one_.days,
            one_.line.ordered,
            one_.told.quantity,
            one_.line.unit,
            _price(one_.line.unit_price, one_.line.currency),
            _price(one_.told.unit_price, one_.told.currency or one_.line.currency),
            one_.told.told_on,
        ]
        for one_ in sorted(pairs, key=lambda pair: (pair.told.decision != "rejected", -(pair.days or 0)))
    ]
    return table("Confirmed otherwise than ordered", columns, rows, limit=_SHOWN)


def _price(price: Decimal | None, currency: str) -> str | None:
    return None if price is None else f"{plain(price):f} {currency}".rstrip()


def _late(overdue: Sequence[tuple[_Line, date, int]]) -> Table:
    columns = (
        Column("order_id", "Purchase order", "id"),
        Column("line", "Line", "id"),
        Column("supplier", "Supplier", "text"),
        Column("material", "Material", "text"),
        Column("day", "Due", "date"),
        Column("days_late", "Days late", "days", "days", good="down"),
        Column("open", "Open quantity", "quantity"),
        Column("unit", "Unit", "text"),
    )
    rows = [
        (
            line.order_id,
            line.line_id,
            line.supplier,
            line.material,
            day,
            days,
            line.ordered - line.received,
            line.unit,
        )
        for line, day, days in overdue
    ]
    return table("Overdue lines", columns, rows, limit=_SHOWN)


def _sentence(differing: Sequence[_Compared], overdue: Sequence[object]) -> str:
    if not differing:
        first = said("Nothing was confirmed otherwise than ordered.")
    else:
        first = counted(
            len(differing),
            "{{figures[0]}} line was confirmed otherwise than ordered.",
            "{{figures[0]}} lines were confirmed otherwise than ordered.",
        )
    if not overdue:
        return f"{first} {said('No open line is overdue.')}"
    last = counted(
        len(overdue),
        "{{figures[1]}} open line is overdue: {{tables[1].rows[0].material}} of"
        " {{tables[1].rows[0].supplier}}.",
        "{{figures[1]}} open lines are overdue, the longest {{tables[1].rows[0].material}} of"
        " {{tables[1].rows[0].supplier}}.",
    )
    return f"{first} {last}"


def _notes(strange: int, told: Sequence[_Told]) -> list[str]:
    notes = [
        said("The newest confirmation is of [[day]].", day=day_text(max(one_.told_on for one_ in told))),
    ]
    if strange:
        notes.append(
            counted(
                strange,
                "[[number]] confirmation names no open line of ours and was left out.",
                "[[number]] confirmations name no open line of ours and were left out.",
            )
        )
    return notes


def _reading(args: SupplierConfirmations, supplier: str, site: str | None) -> str:
    what = said("What suppliers confirmed against what was ordered")
    if args.order:
        what = said("What was confirmed of purchase order [[order]]", order=args.order)
    elif supplier:
        what = said("What [[supplier]] confirmed against what was ordered", supplier=supplier)
    return f"{what}, {said('at [[site]]', site=site)}" if site else what
