"""What became of a requisition, as its ERP says it: the order lines made from it, and what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from erp_adapters.store.session import ReadTransaction
from tools.languages import said
from tools.languages.forms import day_text
from tools.presenting import plain
from tools.rows import PROVENANCE, Queries, SourcedRow

SHOWN = 200
"""Lines of a requisition that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailLine(SourcedRow):
    """A line of a requisition with one order line that was made from it, where there is one."""

    site: str
    requisition_id: str
    number: str
    material_id: str
    material: str
    quantity: Decimal
    unit: str
    needed_on: date | None
    status: str
    order_id: str | None
    line_id: str | None
    supplier: str
    ordered: Decimal
    order_unit: str
    due_on: date | None
    received: Decimal
    received_on: date | None
    order_system: str | None
    order_key: str | None
    read_at: datetime
    """When the newest of it was read."""

    @property
    def is_ordered(self) -> bool:
        return self.order_id is not None

    @property
    def has_all(self) -> bool:
        """True where all that was ordered has come."""
        return self.is_ordered and self.received >= self.ordered > 0


_TRAIL = f"""
select r.site, r.requisition_id, split_part(r.requisition_id, '/', 1) as number,
       coalesce(m.number, r.material_id) as material_id, coalesce(m.name, r.material_id) as material,
       r.quantity, coalesce(r.unit, m.base_unit, '') as unit, r.needed_on, r.status, l.order_id, l.line_id,
       coalesce(v.name, o.supplier_id, '') as supplier, coalesce(l.ordered, 0) as ordered,
       coalesce(l.unit, r.unit, m.base_unit, '') as order_unit, coalesce(l.confirmed_on, l.due_on) as due_on,
       coalesce(l.received, g.came, 0) as received, coalesce(g.came_on, l.received_on) as received_on,
       l.source_system as order_system, l.source_key as order_key,
       greatest(r.ingested_at, l.ingested_at, g.read_at) as read_at, {PROVENANCE.format("r")}
from erp.requisition r
left join erp.material m on m.site = r.site and m.material_id = r.material_id
left join erp.purchase_line l on l.site = r.site and l.requisition_id = r.requisition_id
left join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
left join erp.supplier v on v.site = o.site and v.supplier_id = o.supplier_id
left join lateral (
    select sum(g.quantity) as came, max(g.received_on) as came_on, max(g.ingested_at) as read_at
    from erp.goods_receipt g where g.site = l.site and g.line_id = l.line_id
) g on l.line_id is not null
where split_part(r.requisition_id, '/', 1) = %(number)s and (%(site)s::text is null or r.site = %(site)s)
order by r.site, length(r.requisition_id), r.requisition_id, l.order_id, length(l.line_id), l.line_id
limit {SHOWN}
"""


async def trail_of(queries: Queries, number: str, site: str | None) -> list[TrailLine]:
    """The lines of the requisition of that number, each with what was ordered for it and what came."""
    return await queries.rows(TrailLine, _TRAIL, {"number": number, "site": site})


async def as_of(tx: ReadTransaction, site: str) -> str:
    """To which day the data of a site reaches, in words."""
    found = await tx.fetch(
        "select (as_of at time zone time_zone)::date from erp.site where site = %(site)s", {"site": site}
    )
    day = found.rows[0][0] if found.rows else None
    return day_text(day) if isinstance(day, date) else said("an unknown day")


@dataclass(frozen=True, slots=True)
class Ordered:
    """It became a purchase order, or a part of it did."""

    order: str
    supplier: str
    due_on: date | None

    @property
    def name(self) -> str:
        """What tells it from other news of the same requisition."""
        return f"ordered {self.order}"


@dataclass(frozen=True, slots=True)
class Received:
    """Goods have come for a line of it."""

    order: str
    line: str
    material: str
    quantity: Decimal
    ordered: Decimal
    unit: str
    on: date | None

    @property
    def name(self) -> str:
        """What tells it from other news of the same requisition."""
        return f"received {self.line} {plain(self.quantity)}"

    @property
    def is_all(self) -> bool:
        return self.quantity >= self.ordered


@dataclass(frozen=True, slots=True)
class Ended:
    """The ERP closed it, or says nothing of its order any more."""

    status: Literal["closed", "cancelled", "rejected", "gone"]

    @property
    def name(self) -> str:
        """What tells it from other news of the same requisition."""
        return f"ended {self.status}"


Step: TypeAlias = Ordered | Received | Ended
_ENDS: dict[str, Literal["closed", "cancelled", "rejected"]] = {
    "closed": "closed",
    "cancelled": "cancelled",
    "rejected": "rejected",
}


def steps_of(lines: Sequence[TrailLine], known: frozenset[str] = frozenset()) -> tuple[Step, ...]:
    """What has happened, in its order.

    Args:
        lines: as `trail_of` read them.
        known: names of steps that were told before: what was ordered and is read no more has ended.
    """
    found: list[Step] = []
    for order in dict.fromkeys(line.order_id for line in lines if line.order_id is not None):
        of_order = [line for line in lines if line.order_id == order]
        due = min((line.due_on for line in of_order if line.due_on), default=None)
        found.append(Ordered(order, of_order[0].supplier, due))
        found += [
            Received(
                order,
                str(line.line_id),
                line.material_id,
                line.received,
                line.ordered,
                line.order_unit,
                line.received_on,
            )
            for line in of_order
            if line.received > 0
        ]
    states = {line.status for line in lines}
    is_there = any(line.is_ordered for line in lines)
    end = _ENDS.get(next(iter(states))) if len(states) == 1 else None
    # An ERP closes a requisition once it is ordered: its goods are still to come.
    if end and not (end == "closed" and is_there):
        found.append(Ended(end))
    elif lines and not is_there and any(name.startswith("ordered ") for name in known):
        found.append(Ended("gone"))
    return tuple(found)


def is_over(lines: Sequence[TrailLine], steps: Sequence[Step]) -> bool:
    """True where nothing more is expected."""
    return _has_all(lines) or any(isinstance(step, Ended) for step in steps)


def _has_all(lines: Sequence[TrailLine]) -> bool:
    return bool(lines) and all(line.has_all for line in lines)


def in_words(step: Step, number: str) -> str:
    """A step in a sentence, in the language spoken."""
    match step:
        case Ordered(order, supplier, due_on):
            given = {"number": number, "order": order, "supplier": supplier or said("an unnamed supplier")}
            if due_on is None:
                return said(
                    "Requisition [[number]] is ordered: purchase order [[order]] to [[supplier]].", **given
                )
            return said(
                "Requisition [[number]] is ordered: purchase order [[order]] to [[supplier]], due [[day]].",
                day=day_text(due_on),
                **given,
            )
        case Received() as came:
            given = {
                "number": number,
                "order": came.order,
                "quantity": f"{plain(came.quantity):f}",
                "unit": came.unit,
                "material": came.material,
            }
            if came.is_all:
                return said(
                    "Goods received for requisition [[number]], purchase order [[order]]: [[quantity]]"
                    " [[unit]] of [[material]], all that was ordered.",
                    **given,
                )
            return said(
                "Goods received for requisition [[number]], purchase order [[order]]: [[quantity]] of"
                " [[ordered]] [[unit]] of [[material]].",
                ordered=f"{plain(came.ordered):f}",
                **given,
            )
        case Ended("closed"):
            return said("The ERP has closed requisition [[number]].", number=number)
        case Ended("cancelled"):
            return said("Requisition [[number]] is cancelled in the ERP.", number=number)
        case Ended("rejected"):
            return said("Requisition [[number]] is rejected in the ERP.", number=number)
        case Ended():
            return said(
                "The order of requisition [[number]] is open in the ERP no more: all has come, or it was"
                " closed.",
                number=number,
            )
