"""Why lines of a purchase order or a sales order are late, in days that add up to the whole delay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from tools.engines.pegging import Network
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Site, site_by_code
from tools.planning import Book, Scope, book_of
from tools.presenting import figure, table
from tools.purchase_orders import PurchaseOrder
from tools.results import Cell, Column, Evidence, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow

_WORDS = {
    "ordered late": "ordered later than the lead time allows",
    "confirmed late": "supplier confirmed a later date",
    "confirmed early": "supplier confirmed an earlier date",
    "after date": "came after its date",
    "before date": "came before its date",
    "not here": "is overdue",
    "own date": "its own date is later than needed",
    "own slack": "its own date is earlier than needed",
    "not covered": "nothing on order covers it",
    "stock": "covered by stock, not delivered",
    "unexplained": "not explained by the records",
}
"""What people call the reasons of a late line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLine(SourcedRow):
    """A line of a purchase order with what dates and lead times say of it."""

    line_id: str
    material: str
    unit: str
    ordered_on: date
    due_on: date | None
    confirmed_on: date | None
    received_on: date | None
    open: Decimal
    lead_days: Decimal | None
    """Of the info record, or of the material."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesLine(SourcedRow):
    """A line of a sales order."""

    site: str
    order_id: str
    line_id: str
    customer: str
    material: str
    unit: str
    due_on: date | None
    delivered_on: date | None
    open: Decimal


@dataclass(frozen=True, slots=True)
class _Row:
    line: str
    material: str
    reason: str
    what: str
    days: int


@dataclass(frozen=True, slots=True)
class _Late:
    line: str
    material: str
    due: date
    end: date | None
    days: int


_PURCHASE_LINES = f"""
select l.line_id, coalesce(m.name, l.material_id) as material, coalesce(m.base_unit, l.unit, '') as unit,
       o.ordered_on, l.due_on, l.confirmed_on,
       coalesce(g.received_on, l.received_on) as received_on,
       case when o.status in ('pending', 'approved') then greatest(l.ordered - coalesce(l.received, 0), 0)
            else 0 end as open,
       coalesce(i.lead_time_days, m.delivery_days) as lead_days, {PROVENANCE.format("l")}
from erp.purchase_line l
join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
left join erp.material m on m.site = l.site and m.material_id = l.material_id
left join erp.info_record i
  on i.site = l.site and i.material_id = l.material_id and i.supplier_id = o.supplier_id
left join (select site, line_id, max(received_on) as received_on from erp.goods_receipt
           group by site, line_id) g on g.site = l.site and g.line_id = l.line_id
where l.site = %(site)s and l.order_id = %(order)s
order by l.line_id
"""
_SALES_LINES = f"""
select l.site, l.order_id, l.line_id, coalesce(c.name, o.customer_id) as customer,
       coalesce(m.name, l.material_id) as material, coalesce(m.base_unit, '') as unit,
       l.due_on, l.delivered_on, greatest(l.ordered - coalesce(l.delivered, 0), 0) as open,
       {PROVENANCE.format("l")}
from erp.sales_line l
join erp.sales_order o on o.site = l.site and o.order_id = l.order_id
left join erp.customer c on c.site = o.site and c.customer_id = o.customer_id
left join erp.material m on m.site = l.site and m.material_id = l.material_id
where l.order_id = %(order)s and (%(site)s::text is null or l.site = %(site)s)
order by l.site, l.line_id
"""


async def sales_lines(queries: Queries, number: str, site: str | None) -> list[SalesLine]:
    """The lines of sales orders of that number, of every site that has one."""
    return await queries.rows(SalesLine, _SALES_LINES, {"order": number, "site": site})


async def why_purchase_order_late(
    tool: str, version: str, arguments: BaseModel, queries: Queries, order: PurchaseOrder
) -> ToolResult:
    """The delay of each late line of a purchase order."""
    site = await site_by_code(queries.tx, order.site)
    lines = await queries.rows(PurchaseLine, _PURCHASE_LINES, {"site": order.site, "order": order.order_id})
    rows: list[_Row] = []
    late: list[_Late] = []
    unknown = 0
    for line in lines:
        end = site.today if line.open > 0 else line.received_on
        if line.due_on is None or end is None:
            unknown += 1
            continue
        days = (end - line.due_on).days
        if days > 0:
            late.append(_Late(line.line_id, line.material, line.due_on, None if line.open else end, days))
            rows += _bought_late(line, end)
    notes = []
    if unknown:
        notes.append(
            counted(
                unknown,
                "[[number]] line has no due date or no receipt date, so nothing is said of it.",
                "[[number]] lines have no due date or no receipt date, so nothing is said of them.",
            )
        )
    if any(line.lead_days is None for line in lines):
        notes.append(said("Where no lead time is kept, nobody can say whether it was ordered too late."))
    proof = await queries.evidence(
        tool=tool,
        version=version,
        arguments=arguments,
        records=[*shares("purchase_order", [order]), *shares("purchase_line", lines)],
        flags=remarks("purchase order lines", lines),
        site=order.site,
    )
    reading = said("Why purchase order [[order]] is late", order=order.order_id)
    return _result(tool, reading, site, rows, late, proof=proof, notes=notes)


def _bought_late(line: PurchaseLine, end: date) -> list[_Row]:
    """Parts of the days from the due date to the receipt, or to today."""
    assert line.due_on is not None
    promised = line.confirmed_on or line.due_on
    moved = (promised - line.due_on).days
    after = (end - promised).days
    least = round(line.lead_days) if line.lead_days is not None else 0
    too_late = max(0, least - (line.due_on - line.ordered_on).days)
    found: list[_Row] = []

    def add(reason: str, days: int, what: str = "") -> None:
        if days:
            found.append(_Row(line.line_id, line.material, reason, what, days))

    # An order that left too little time explains the date first, and then the delivery.
    of_date = min(too_late, max(0, moved))
    of_delivery = min(too_late - of_date, max(0, after))
    add("ordered late", of_date + of_delivery)
    add("confirmed late" if moved > 0 else "confirmed early", moved - of_date)
    name = "before date" if after < 0 else "not here" if line.open > 0 else "after date"
    add(name, after - of_delivery)
    return sorted(found, key=lambda row: -row.days)


async def why_sales_order_late(
    tool: str, version: str, arguments: BaseModel, queries: Queries, lines: Sequence[SalesLine]
) -> ToolResult:
    """The delay of each late line of a sales order; open ones by what covers them."""
    site = await site_by_code(queries.tx, lines[0].site)
    book = await book_of(queries, Scope(site, None, (), ()), whole=True)
    network = book.network(site)
    rows: list[_Row] = []
    late: list[_Late] = []
    uncovered = past = 0
    for line in lines:
        if line.due_on is None:
            continue
        if line.open <= 0 or line.delivered_on:
            days = ((line.delivered_on or site.today) - line.due_on).days
            if days > 0:
                past += 1
                late.append(_Late(line.line_id, line.material, line.due_on, line.delivered_on, days))
                rows.append(_Row(line.line_id, line.material, "unexplained", "", days))
            continue
        found, lacking = _expected(line, site, book, network)
        if found or lacking:
            days = sum(row.days for row in found)
            uncovered += lacking
            late.append(_Late(line.line_id, line.material, line.due_on, None, days))
            rows += found
    notes = [
        said(
            "Of open lines this is what is to be expected: receipts cover requirements in the order of dates,"
            " first in, first out, and each order ends as much later as its latest part."
        )
    ]
    if past:
        notes.append(
            said(
                "Which receipt a delivery was made from is not recorded, so delays of the past are "
                "not explained."
            )
        )
    if uncovered:
        notes.append(
            counted(
                uncovered,
                "[[number]] line waits for something that nothing on order covers; its days are not known.",
                "[[number]] lines wait for something that nothing on order covers; their days are not known.",
            )
        )
    proof = await queries.evidence(
        tool=tool,
        version=version,
        arguments=arguments,
        records=[*shares("sales_line", lines), "stock", "production_order", "purchase_line"],
        flags=remarks("sales order lines", lines),
        site=site.site,
    )
    reading = said("Why sales order [[order]] is late", order=lines[0].order_id)
    return _result(tool, reading, site, rows, late, proof=proof, notes=notes)


def _expected(line: SalesLine, site: Site, book: Book, network: Network) -> tuple[list[_Row], bool]:
    """Parts of the days by which an open line is to be late; whether something in it is not covered."""
    key = next(
        (e.key for e in book.entries if e.record == "sales_line" and e.source_key == line.source_key), None
    )
    if key is None:
        return [], False
    days, causes = network.causes(key)
    lacking = any(not cause.covered for cause in causes)
    overdue = max(0, (site.today - line.due_on).days) if line.due_on else 0
    if days <= 0 and not lacking and not overdue:
        return [], False
    found: list[_Row] = []
    for cause in causes:
        entry = book.by_key.get(cause.supply)
        part = book.materials.get((site.site, entry.material_id)) if entry else None
        what = f"{part.name} ({entry.order_id})" if part and entry else ""
        if not cause.covered:
            lacked = book.by_key[cause.demand]
            of = book.materials.get((site.site, lacked.material_id))
            found.append(_Row(line.line_id, line.material, "not covered", of.name if of else "", 0))
        elif cause.days:
            found.append(
                _Row(
                    line.line_id,
                    line.material,
                    "own date" if cause.days > 0 else "own slack",
                    what,
                    cause.days,
                )
            )
    known = sum(row.days for row in found)
    if overdue > known:
        # It is late already, whatever was to be expected of what covers it.
        found.append(
            _Row(line.line_id, line.material, "stock" if not causes else "not here", "", overdue - known)
        )
    return sorted(found, key=lambda row: (row.reason != "not covered", -row.days)), lacking


def _result(
    tool: str,
    reading: str,
    site: Site,
    rows: Sequence[_Row],
    late: Sequence[_Late],
    *,
    proof: Evidence,
    notes: Sequence[str],
) -> ToolResult:
    worst = max((each.days for each in late), default=0)
    return ToolResult(
        tool=tool,
        reading=", ".join(
            (
                reading,
                said("today [[day]]", day=day_text(site.today)),
                said("at [[site]]", site=site.site),
            )
        ),
        tables=(_reasons(rows), _lines(late)),
        figures=(
            figure("late lines", len(late), "count", proof.id),
            figure("days late at worst", worst, "days", proof.id, "days"),
        ),
        evidence=(proof,),
        sentence=_sentence(rows, late),
        caveats=tuple(notes),
        suggestions=(said("What should I expedite today?"),),
    )


def _reasons(rows: Sequence[_Row]) -> Table:
    columns = (
        Column("line", "Line", "id"),
        Column("material", "Material", "text"),
        Column("reason", "Reason", "text", words="remark"),
        Column("what", "What it was", "text"),
        Column("days", "Days", "days", "days", good="down"),
    )
    cells: list[list[Cell]] = [
        [row.line, row.material, _WORDS[row.reason], row.what or None, row.days] for row in rows
    ]
    return table("Reasons, line by line", columns, cells)


def _lines(late: Sequence[_Late]) -> Table:
    columns = (
        Column("line", "Line", "id"),
        Column("material", "Material", "text"),
        Column("due_on", "Due", "date"),
        Column("end_on", "Received or delivered", "date"),
        Column("days_late", "Days late", "days", "days", good="down"),
    )
    return table("Late lines", columns, [(e.line, e.material, e.due, e.end, e.days) for e in late])


def _sentence(rows: Sequence[_Row], late: Sequence[_Late]) -> str:
    if not late:
        return said("No line of it is late.")
    text = counted(
        len(late),
        "{{figures[0]}} line is late, at worst {{figures[1]}}.",
        "{{figures[0]}} lines are late, at worst {{figures[1]}}.",
    )
    if not rows or rows[0].reason == "unexplained":
        return f"{text} {said('The records do not say why.')}"
    return f"{text} {said('First reason: {{tables[0].rows[0].material}}: {{tables[0].rows[0].reason}}.')}"
