"""Why an order is late: where the time went, in parts that add up to the delay."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from tools.arguments import Arguments, SiteName, Text
from tools.errors import ToolError
from tools.languages import said
from tools.languages.forms import joined
from tools.late_purchase_orders import why_purchase_order_late
from tools.late_sales_orders import SalesLine, sales_lines, why_sales_order_late
from tools.late_work_orders import why_work_order_late
from tools.naming import site_of
from tools.order_numbers import OrderKind, numbered
from tools.purchase_orders import PurchaseOrder, purchase_orders
from tools.registry import ToolContext, tool
from tools.results import ToolResult
from tools.rows import Queries
from tools.work_orders import WorkOrder, work_orders

_VERSION = "1.0.0"


class WhyLate(Arguments):
    """Which order."""

    order: Text = Field(description="The order's number: '43', 'PO 43', 'work order 43', 'SO 43'.")
    kind: OrderKind | None = Field(
        None,
        description="'work_order', 'purchase_order' or 'sales_order' where the number alone is not enough.",
    )
    site: SiteName = None


@tool(
    name="why_late",
    examples=(
        "Why is work order 1102434 late?",
        "What delayed production order 1102197?",
        "Why is sales order 1600733 late?",
        "Why is PO 1400531 overdue?",
    ),
    version=_VERSION,
)
async def why_late(args: WhyLate, context: ToolContext) -> ToolResult:
    """Why one work order, purchase order or sales order is late, each reason with its minutes or days.

    Of a work order: waiting before each operation (missing parts, stops of the work centre, other orders
    there, quality holds), operations that took longer, rework, a late start, and what the records do not
    explain; the rows add up to the delay in working minutes. Of a purchase order: ordered too late, confirmed
    late, delivered after its date. Of a sales order: what covers it, down to the part that decides. For the
    dates alone ask `order_status`.

    Example: {"order": "1102434", "kind": "work_order"}.
    """
    number, kind = numbered(args.order, args.kind)
    site = await site_of(context.tx, args.site)
    queries = Queries(context.tx)
    works = await work_orders(queries, number, site) if kind in (None, "work_order") else []
    buys = await purchase_orders(queries, number, site) if kind in (None, "purchase_order") else []
    sales = await sales_lines(queries, number, site) if kind in (None, "sales_order") else []
    sold_at = sorted({line.site for line in sales})
    if len(works) + len(buys) + len(sold_at) != 1:
        raise ToolError(_question(number, works, buys, sales))
    if works:
        return await why_work_order_late("why_late", _VERSION, args, queries, works[0])
    if buys:
        return await why_purchase_order_late("why_late", _VERSION, args, queries, buys[0])
    return await why_sales_order_late("why_late", _VERSION, args, queries, sales)


def _question(
    number: str, works: Sequence[WorkOrder], buys: Sequence[PurchaseOrder], sales: Sequence[SalesLine]
) -> str:
    found = [
        *(
            said(
                "work order [[order]] for [[material]] at [[site]]",
                order=e.order_id,
                material=e.material,
                site=e.site,
            )
            for e in works
        ),
        *(
            said(
                "purchase order [[order]] to [[supplier]] at [[site]]",
                order=e.order_id,
                supplier=e.supplier,
                site=e.site,
            )
            for e in buys
        ),
        *dict.fromkeys(
            said(
                "sales order [[order]] of [[customer]] at [[site]]",
                order=e.order_id,
                customer=e.customer,
                site=e.site,
            )
            for e in sales
        ),
    ]
    if not found:
        return said(
            "there is no work order, purchase order or sales order with the number [[number]]",
            number=repr(number),
        )
    return said(
        "[[number]] may mean [[orders]]; say which kind and site",
        number=repr(number),
        orders=joined(found[:5], "or"),
    )
