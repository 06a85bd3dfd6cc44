"""Why lines of a purchase order are late: ordered too late, confirmed for later, or not come in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.late_lines import LateLine, LineReason, late_lines
from tools.naming import site_by_code
from tools.purchase_orders import PurchaseOrder
from tools.results import ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow


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


async def why_purchase_order_late(
    tool: str, version: str, arguments: BaseModel, queries: Queries, order: PurchaseOrder
) -> ToolResult:
    """The delay of each late line of a purchase order."""
    site = await site_by_code(queries.tx, order.site)
    lines = await queries.rows(PurchaseLine, _PURCHASE_LINES, {"site": order.site, "order": order.order_id})
    rows: list[LineReason] = []
    late: list[LateLine] = []
    unknown = 0
    for line in lines:
        end = site.today if line.open > 0 else line.received_on
        if line.due_on is None or end is None:
            unknown += 1
            continue
        days = (end - line.due_on).days
        if days > 0:
            late.append(LateLine(line.line_id, line.material, line.due_on, None if line.open else end, days))
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
    return late_lines(tool, reading, site, rows, late, proof=proof, notes=notes)


def _bought_late(line: PurchaseLine, end: date) -> list[LineReason]:
    """Parts of the days from the due date to the receipt, or to today."""
    assert line.due_on is not None
    promised = line.confirmed_on or line.due_on
    if line.open > 0:
        promised = min(promised, end)  # what is promised for later has not been missed yet
    moved = (promised - line.due_on).days
    after = (end - promised).days
    least = round(line.lead_days) if line.lead_days is not None else 0
    too_late = max(0, least - (line.due_on - line.ordered_on).days)
    found: list[LineReason] = []

    def add(reason: str, days: int, what: str = "") -> None:
        if days:
            found.append(LineReason(line.line_id, line.material, reason, what, days))

    # An order that left too little time explains the date first, and then the delivery.
    of_date = min(too_late, max(0, moved))
    of_delivery = min(too_late - of_date, max(0, after))
    add("ordered late", of_date + of_delivery)
    add("confirmed late" if moved > 0 else "confirmed early", moved - of_date)
    name = "before date" if after < 0 else "not here" if line.open > 0 else "after date"
    add(name, after - of_delivery)
    return sorted(found, key=lambda row: -row.days)
