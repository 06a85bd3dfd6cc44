"""A purchase order with its lines as its status card shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from tools.engines.structure import ZERO
from tools.evidence import keyed, remarks, shares
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.metrics.labels import sense
from tools.naming import Site, site_by_code
from tools.presenting import common, figure, table
from tools.results import Column, Figure, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrder(SourcedRow):
    """The header of a purchase order with the names of what it refers to."""

    site: str
    order_id: str
    supplier_id: str
    supplier: str
    status: str
    revision: int | None
    buyer_id: str | None
    ordered_on: date
    shipped_on: date | None
    subtotal: Decimal | None
    tax: Decimal | None
    freight: Decimal | None
    total: Decimal | None
    currency: str | None
    ship_method: str | None
    supplier_key: str | None

    @property
    def is_open(self) -> bool:
        return self.status in ("pending", "approved")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line(SourcedRow):
    line_id: str
    material_id: str
    material: str
    ordered: Decimal
    received: Decimal
    rejected: Decimal
    stocked: Decimal
    unit: str | None
    due_on: date | None
    confirmed_on: date | None
    received_on: date | None
    unit_price: Decimal | None
    line_total: Decimal | None
    currency: str | None

    @property
    def left(self) -> Decimal:
        return max(ZERO, self.ordered - self.received)


_PURCHASE_ORDERS = f"""
select o.site, o.order_id, o.supplier_id, coalesce(v.name, o.supplier_id) as supplier, o.status, o.revision,
       o.buyer_id, o.ordered_on, o.shipped_on, o.subtotal, o.tax, o.freight, o.total, o.currency,
       s.name as ship_method, v.source_key as supplier_key, {PROVENANCE.format("o")}
from erp.purchase_order o
left join erp.supplier v on v.site = o.site and v.supplier_id = o.supplier_id
left join erp.ship_method s on s.site = o.site and s.ship_method_id = o.ship_method_id
where o.order_id = %(order)s and (%(site)s::text is null or o.site = %(site)s)
order by o.site
"""
_LINES = f"""
select l.line_id, l.material_id, coalesce(m.name, l.material_id) as material, l.ordered,
       coalesce(l.received, 0) as received, coalesce(l.rejected, 0) as rejected,
       coalesce(l.stocked, 0) as stocked, coalesce(l.unit, m.base_unit) as unit, l.due_on, l.confirmed_on,
       l.received_on, l.unit_price, l.line_total, l.currency, {PROVENANCE.format("l")}
from erp.purchase_line l
left join erp.material m on m.site = l.site and m.material_id = l.material_id
where l.order_id = %(order)s and l.site = %(site)s
order by length(l.line_id), l.line_id
"""


async def purchase_orders(queries: Queries, number: str, site: str | None) -> list[PurchaseOrder]:
    """The purchase orders of that number: one for each site that has it."""
    return await queries.rows(PurchaseOrder, _PURCHASE_ORDERS, {"order": number, "site": site})


async def purchase_order_card(
    tool: str, version: str, arguments: BaseModel, queries: Queries, order: PurchaseOrder
) -> ToolResult:
    """What is to be said of one purchase order and its lines."""
    site = await site_by_code(queries.tx, order.site)
    lines = await queries.rows(_Line, _LINES, {"order": order.order_id, "site": order.site})
    proof = await queries.evidence(
        tool=tool,
        version=version,
        arguments=arguments,
        records=[
            *shares("purchase_order", [order]),
            *shares("purchase_line", lines),
            *keyed("supplier", [(order.source_system, order.supplier_key)]),
        ],
        flags=(*remarks("orders", [order]), *remarks("lines", lines)),
        site=site.site,
    )
    late = {line.line_id: days for line in lines if (days := _line_late(order, line, site)) is not None}
    open_lines = [line for line in lines if order.is_open and line.left > 0]
    units = common(line.unit for line in lines)
    currency = order.currency or ""
    figures: list[Figure] = [
        figure("open lines", len(open_lines), "count", proof.id),
        figure("open quantity", sum((line.left for line in open_lines), ZERO), "quantity", proof.id, units),
    ]
    if order.total is not None:
        figures.append(figure("total with tax and freight", order.total, "money", proof.id, currency))
    if any(days > 0 for days in late.values()):
        figures.append(figure(_DAYS_LATE, max(late.values()), "days", proof.id, "days"))
    return ToolResult(
        tool=tool,
        reading=", ".join(
            (
                said("Status of purchase order [[order]] with its lines", order=order.order_id),
                said("today [[day]]", day=day_text(site.today)),
                said("at [[site]]", site=site.site),
            )
        ),
        tables=(_header_table(order), _lines_table(order, lines, late)),
        figures=tuple(figures),
        evidence=(proof,),
        sentence=_purchase_sentence(order, open_lines, figures),
        caveats=_purchase_caveats(order, lines),
        suggestions=(
            said("What does [[supplier]] supply?", supplier=order.supplier),
            *(
                said("Stock and requirements of [[material]]", material=line.material)
                for line in (open_lines or lines)[:1]
            ),
            said("Spend with [[supplier]] by year", supplier=order.supplier),
        ),
    )


def _line_late(order: PurchaseOrder, line: _Line, site: Site) -> int | None:
    promised = line.confirmed_on or line.due_on
    if promised is None:
        return None
    if order.is_open and line.left > 0:
        return max(0, (site.today - promised).days)
    return (line.received_on - promised).days if line.received_on else None


def _header_table(order: PurchaseOrder) -> Table:
    currency = order.currency or ""
    columns = (
        Column("order_id", "Purchase order", "id"),
        Column("supplier_id", "Supplier id", "id"),
        Column("supplier", "Supplier", "text"),
        Column("status", "Status", "text", words="status"),
        Column("ordered_on", sense("Ordered", "purchase order"), "date"),
        Column("shipped_on", "Shipped", "date"),
        Column("subtotal", "Goods value", "money", currency),
        Column("tax", "Tax", "money", currency),
        Column("freight", "Freight", "money", currency),
        Column("total", "Total", "money", currency),
        Column("ship_method", "Ship method", "text"),
        Column("buyer_id", "Buyer", "id"),
        Column("revision", "Revision", "count"),
    )
    return table("Purchase order", columns, [tuple(getattr(order, column.name) for column in columns)])


def _lines_table(order: PurchaseOrder, lines: list[_Line], late: dict[str, int]) -> Table:
    unit = common(line.unit for line in lines)
    currency = common(line.currency for line in lines)
    columns = (
        Column("line_id", "Line", "id"),
        Column("material_id", "Material id", "id"),
        Column("material", "Material", "text"),
        Column("ordered", "Ordered", "quantity", unit),
        Column("received", "Received", "quantity", unit),
        Column("rejected", "Rejected", "quantity", unit, good="down"),
        Column("stocked", "Put into stock", "quantity", unit),
        Column("open", "Open", "quantity", unit),
        Column("due_on", "Due", "date"),
        Column("received_on", "Received on", "date"),
        Column("days_late", "Late", "days", "days", good="down"),
        Column("unit_price", "Unit price", "money", currency),
        Column("line_total", "Line total", "money", currency),
    )
    return table(
        "Lines",
        columns,
        (
            (
                line.line_id,
                line.material_id,
                line.material,
                line.ordered,
                line.received,
                line.rejected,
                line.stocked,
                line.left if order.is_open else ZERO,
                line.confirmed_on or line.due_on,
                line.received_on,
                late.get(line.line_id),
                line.unit_price,
                line.line_total,
            )
            for line in lines
        ),
    )


def _purchase_sentence(order: PurchaseOrder, open_lines: list[_Line], figures: list[Figure]) -> str:
    text = said(
        "Purchase order {{tables[0].rows[0].order_id}} to {{tables[0].rows[0].supplier}} of"
        " {{tables[0].rows[0].ordered_on}} is {{tables[0].rows[0].status}}."
    )
    if not open_lines:
        return f"{text} {said('Nothing on it is open.')}"
    late = next((at for at, each in enumerate(figures) if each.label == _DAYS_LATE), None)
    of_one, of_many = _OPEN if late is None else _OPEN_LATE
    each_piece = figures[1].value == 1
    return f"{text} " + counted(
        len(open_lines), of_one[not each_piece], of_many[not each_piece], late=f"{{{{figures[{late}]}}}}"
    )


_DAYS_LATE = "days late, latest line"
_OPEN = (
    (
        "{{figures[1]}} is still open on {{figures[0]}} line.",
        "{{figures[1]}} are still open on {{figures[0]}} line.",
    ),
    (
        "{{figures[1]}} is still open on {{figures[0]}} lines.",
        "{{figures[1]}} are still open on {{figures[0]}} lines.",
    ),
)
_OPEN_LATE = (
    (
        "{{figures[1]}} is still open on {{figures[0]}} line, up to [[late]] late.",
        "{{figures[1]}} are still open on {{figures[0]}} line, up to [[late]] late.",
    ),
    (
        "{{figures[1]}} is still open on {{figures[0]}} lines, up to [[late]] late.",
        "{{figures[1]}} are still open on {{figures[0]}} lines, up to [[late]] late.",
    ),
)
"""For one line and for several, each for one piece and for several."""


def _purchase_caveats(order: PurchaseOrder, lines: list[_Line]) -> tuple[str, ...]:
    found = []
    short = sum(line.left > 0 for line in lines)
    if short and not order.is_open:
        found.append(
            counted(
                short,
                "[[number]] line came short, but the order is [[status]]: nothing more is expected.",
                "[[number]] lines came short, but the order is [[status]]: nothing more is expected.",
                status=sense(order.status, "status"),
            )
        )
    over = sum(line.received > line.ordered for line in lines)
    if over:
        found.append(
            counted(
                over,
                "[[number]] line was received above the quantity ordered.",
                "[[number]] lines were received above the quantity ordered.",
            )
        )
    if lines and not any(line.received_on for line in lines) and any(line.received for line in lines):
        found.append(said("The source keeps no receipt dates, so lateness of received lines is not known."))
    if not lines:
        found.append(said("The order has no lines in this data."))
    return tuple(found)
