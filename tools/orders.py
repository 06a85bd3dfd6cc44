"""One order by its number: a work order, or a purchase order with its lines."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.arguments import Arguments, SiteName, Text
from tools.errors import ToolError
from tools.languages import said
from tools.languages.forms import joined
from tools.naming import site_of
from tools.purchase_orders import PurchaseOrder, purchase_order_card, purchase_orders
from tools.registry import ToolContext, tool
from tools.results import ToolResult
from tools.rows import Queries
from tools.work_orders import WorkOrder, work_order_card, work_orders

_VERSION = "1.0.0"
OrderKind = Literal["work_order", "purchase_order"]
_PREFIXES: dict[str, OrderKind] = {
    "wo": "work_order",
    "work order": "work_order",
    "production order": "work_order",
    "po": "purchase_order",
    "purchase order": "purchase_order",
}


class OrderStatus(Arguments):
    """Which order."""

    order: Text = Field(description="The order's number: '43', 'PO 43', 'work order 43'.")
    kind: OrderKind | None = Field(
        None, description="'work_order' or 'purchase_order'; needed where a number is used by both."
    )
    site: SiteName = None


@tool(
    name="order_status",
    examples=(
        "Status of purchase order 3796",
        "Is work order 43 late?",
        "What is still open on PO 3806?",
    ),
    version=_VERSION,
)
async def order_status(args: OrderStatus, context: ToolContext) -> ToolResult:
    """One work order or purchase order by its number: header, lines, dates, days late, quantity still open.

    A work order is late by the days from due date to end date, or to today while it is open. Of a purchase
    order, open lines are late from their due (or confirmed) date to today; where the source keeps no receipt
    dates, nothing is said about lines already received. Where a number is both, give `kind` or write 'PO 43'
    or 'WO 43'.

    Example: {"order": "3796", "kind": "purchase_order"}.
    """
    number, kind = _number(args)
    site = await site_of(context.tx, args.site)
    queries = Queries(context.tx)
    works = await work_orders(queries, number, site) if kind != "purchase_order" else []
    buys = await purchase_orders(queries, number, site) if kind != "work_order" else []
    if len(works) + len(buys) != 1:
        raise ToolError(_question(number, kind, works, buys))
    if works:
        return await work_order_card("order_status", _VERSION, args, queries, works[0])
    return await purchase_order_card("order_status", _VERSION, args, queries, buys[0])


def _number(args: OrderStatus) -> tuple[str, OrderKind | None]:
    text = args.order.removeprefix("#").strip()
    for prefix, kind in _PREFIXES.items():
        rest = text[len(prefix) :]
        if text.lower().startswith(prefix) and not rest[:1].isalpha():
            return rest.strip(" -#:.") or text, args.kind or kind
    return text, args.kind


def _question(number: str, kind: OrderKind | None, works: list[WorkOrder], buys: list[PurchaseOrder]) -> str:
    if not works and not buys:
        return said(_UNKNOWN[kind], number=repr(number))
    listed = [
        said(
            "work order [[order]] for [[material]] at [[site]]",
            order=each.order_id,
            material=each.material,
            site=each.site,
        )
        for each in works
    ]
    listed += [
        said(
            "purchase order [[order]] to [[supplier]] at [[site]]",
            order=each.order_id,
            supplier=each.supplier,
            site=each.site,
        )
        for each in buys
    ]
    return said(
        "[[number]] may mean [[orders]]; say which kind and site"
        if len(works) > 1 or len(buys) > 1
        else "[[number]] may mean [[orders]]; say which kind",
        number=repr(number),
        orders=joined(listed[:5], "or"),
    )


_UNKNOWN: dict[OrderKind | None, str] = {
    None: "there is no work order or purchase order with the number [[number]]",
    "work_order": "there is no work order with the number [[number]]",
    "purchase_order": "there is no purchase order with the number [[number]]",
}
