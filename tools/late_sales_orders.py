"""Why lines of a sales order are late: what covers them, down to the part that decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from tools.engines.pegging import Network
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.late_lines import LateLine, LineReason, late_lines
from tools.naming import Site, site_by_code
from tools.planning import Book, book_of
from tools.planning_scope import Scope
from tools.results import ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow


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


async def why_sales_order_late(
    tool: str, version: str, arguments: BaseModel, queries: Queries, lines: Sequence[SalesLine]
) -> ToolResult:
    """The delay of each late line of a sales order; open ones by what covers them."""
    site = await site_by_code(queries.tx, lines[0].site)
    book = await book_of(queries, Scope(site, None, (), ()), whole=True)
    network = book.network(site)
    rows: list[LineReason] = []
    late: list[LateLine] = []
    uncovered = past = 0
    for line in lines:
        if line.due_on is None:
            continue
        if line.open <= 0 or line.delivered_on:
            days = ((line.delivered_on or site.today) - line.due_on).days
            if days > 0:
                past += 1
                late.append(LateLine(line.line_id, line.material, line.due_on, line.delivered_on, days))
                rows.append(LineReason(line.line_id, line.material, "unexplained", "", days))
            continue
        found, lacking = _expected(line, site, book, network)
        if found or lacking:
            days = sum(row.days for row in found)
            uncovered += lacking
            late.append(LateLine(line.line_id, line.material, line.due_on, None, days))
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
    return late_lines(tool, reading, site, rows, late, proof=proof, notes=notes)


def _expected(line: SalesLine, site: Site, book: Book, network: Network) -> tuple[list[LineReason], bool]:
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
    found: list[LineReason] = []
    for cause in causes:
        entry = book.by_key.get(cause.supply)
        part = book.materials.get((site.site, entry.material_id)) if entry else None
        what = f"{part.name} ({entry.order_id})" if part and entry else ""
        if not cause.covered:
            lacked = book.by_key[cause.demand]
            of = book.materials.get((site.site, lacked.material_id))
            found.append(LineReason(line.line_id, line.material, "not covered", of.name if of else "", 0))
        elif cause.days:
            found.append(
                LineReason(
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
            LineReason(
                line.line_id, line.material, "stock" if not causes else "not here", "", overdue - known
            )
        )
    return sorted(found, key=lambda row: (row.reason != "not covered", -row.days)), lacking
