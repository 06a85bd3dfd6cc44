"""Variances of purchases and of stock: prices, invoices, counts, new standards, each from its own record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tools.rows import Queries
from tools.variance.contributions import ZERO, Contribution
from tools.variance.standards import Standards

_MOVED = """
select m.material_id, m.moved_on, m.kind, m.quantity, m.unit_cost, m.order_id, m.order_line,
       p.supplier_id
from erp.stock_movement m
left join erp.purchase_order p on m.kind = 'purchase' and p.site = m.site and p.order_id = m.order_id
where m.site = %(site)s and m.kind in ('purchase', 'adjustment') and m.moved_on between %(first)s and %(last)s
  and (%(product)s::text is null or m.material_id = %(product)s)
order by m.moved_on, m.movement_id
"""
_INVOICES = """
select i.line_id, i.supplier_id, i.invoiced_on, i.amount, i.quantity, l.unit_price, l.material_id, l.order_id
from erp.supplier_invoice i
join erp.purchase_line l on l.site = i.site and l.line_id = i.line_id
where i.site = %(site)s and i.invoiced_on between %(first)s and %(last)s
  and i.amount <> i.quantity * l.unit_price
  and (%(product)s::text is null or l.material_id = %(product)s)
order by i.invoiced_on, i.invoice_id
"""
_BALANCES = """
select material_id, quantity from erp.stock_snapshot
where site = %(site)s and month = %(month)s and (%(product)s::text is null or material_id = %(product)s)
"""


@dataclass(frozen=True, slots=True)
class _Moved:
    material_id: str
    moved_on: date
    kind: str
    quantity: Decimal
    unit_cost: Decimal | None
    order_id: str | None
    order_line: str | None
    supplier_id: str | None


@dataclass(frozen=True, slots=True)
class _Invoice:
    line_id: str
    supplier_id: str
    invoiced_on: date
    amount: Decimal
    quantity: Decimal
    unit_price: Decimal
    material_id: str
    order_id: str


@dataclass(frozen=True, slots=True)
class _Balance:
    material_id: str
    quantity: Decimal


async def stock_contributions(
    queries: Queries, standards: Standards, site: str, first: date, last: date, product: str | None = None
) -> list[Contribution]:
    """What was bought, invoiced, counted and valued anew in these days, against standard."""
    asked: dict[str, object] = {"site": site, "first": first, "last": last, "product": product}
    moved = await queries.rows(_Moved, _MOVED, asked)
    invoices = await queries.rows(_Invoice, _INVOICES, asked)
    found = [part for each in moved if (part := _of_movement(each, standards))]
    found += [
        Contribution(
            "invoice", "invoice", each.amount - each.quantity * each.unit_price, each.invoiced_on,
            order=each.order_id, line=each.line_id, product=each.material_id, supplier=each.supplier_id,
        )
        for each in invoices
    ]  # fmt: skip
    return [*found, *await _revalued(queries, standards, site, first, last, product)]


def _of_movement(moved: _Moved, standards: Standards) -> Contribution | None:
    standard = standards.on(moved.material_id, moved.moved_on)
    valued = (standard or ZERO) * moved.quantity
    if moved.kind == "adjustment":
        # More counted than booked is a gain.
        return (
            Contribution("count", "count", -valued, moved.moved_on, product=moved.material_id)
            if valued
            else None
        )
    if moved.unit_cost is None or moved.unit_cost * moved.quantity == valued:
        return None
    return Contribution(
        "purchase_price" if standard is not None else "no_standard",
        "purchase_price" if standard is not None else "unvalued",
        moved.unit_cost * moved.quantity - valued,
        moved.moved_on,
        order=moved.order_id,
        line=moved.order_line,
        product=moved.material_id,
        supplier=moved.supplier_id,
    )


async def _revalued(
    queries: Queries, standards: Standards, site: str, first: date, last: date, product: str | None
) -> Sequence[Contribution]:
    """What new standards did to the stock that was there, where the stock of the day before is known."""
    changes = [
        each
        for each in standards.changes(first, last)
        if each.valid_from.day == 1 and product in (None, each.material_id)
    ]
    found: list[Contribution] = []
    for day in sorted({each.valid_from for each in changes}):
        before = day - timedelta(days=1)
        changed = {each.material_id: each.cost for each in changes if each.valid_from == day}
        balances = await queries.rows(
            _Balance, _BALANCES, {"site": site, "month": before.replace(day=1), "product": product}
        )
        for each in balances:
            if each.material_id not in changed:
                continue
            gain = (
                changed[each.material_id] - (standards.on(each.material_id, before) or ZERO)
            ) * each.quantity
            if gain:
                found.append(Contribution("revaluation", "revaluation", -gain, day, product=each.material_id))
    return found
