"""A work order as its status card shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from tools.engines.structure import ZERO
from tools.evidence import keyed, remarks, shares
from tools.languages import said
from tools.languages.forms import day_text
from tools.metrics.labels import sense
from tools.naming import Site, site_by_code
from tools.presenting import figure, table
from tools.requirements import CLOSED
from tools.results import Column, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder(SourcedRow):
    """A work order with the names of what it refers to."""

    site: str
    order_id: str
    material_id: str
    material: str
    unit: str
    status: str | None
    ordered: Decimal
    stocked: Decimal
    scrapped: Decimal
    start_on: date | None
    end_on: date | None
    due_on: date | None
    scrap_reason: str | None
    material_key: str | None

    @property
    def is_open(self) -> bool:
        if self.status is not None:
            return self.status.lower() not in CLOSED and self.left > 0
        return self.end_on is None and self.left > 0

    @property
    def left(self) -> Decimal:
        return max(ZERO, self.ordered - self.stocked - self.scrapped)


_WORK_ORDERS = f"""
select p.site, p.order_id, p.material_id, coalesce(m.name, p.material_id) as material,
       coalesce(m.base_unit, '') as unit, p.status, p.ordered, coalesce(p.stocked, 0) as stocked,
       coalesce(p.scrapped, 0) as scrapped, p.start_on, p.end_on, p.due_on, r.name as scrap_reason,
       m.source_key as material_key, {PROVENANCE.format("p")}
from erp.production_order p
left join erp.material m on m.site = p.site and m.material_id = p.material_id
left join erp.scrap_reason r on r.site = p.site and r.scrap_reason_id = p.scrap_reason_id
where p.order_id = %(order)s and (%(site)s::text is null or p.site = %(site)s)
order by p.site
"""


async def work_orders(queries: Queries, number: str, site: str | None) -> list[WorkOrder]:
    """The work orders of that number: one for each site that has it."""
    return await queries.rows(WorkOrder, _WORK_ORDERS, {"order": number, "site": site})


async def work_order_card(
    tool: str, version: str, arguments: BaseModel, queries: Queries, order: WorkOrder
) -> ToolResult:
    """What is to be said of one work order."""
    site = await site_by_code(queries.tx, order.site)
    proof = await queries.evidence(
        tool=tool,
        version=version,
        arguments=arguments,
        records=[
            *shares("production_order", [order]),
            *keyed("material", [(order.source_system, order.material_key)]),
        ],
        flags=remarks("orders", [order]),
        site=site.site,
    )
    late = _late(order, site)
    figures = [
        figure("open quantity", order.left if order.is_open else ZERO, "quantity", proof.id, order.unit),
        figure("scrapped", order.scrapped, "quantity", proof.id, order.unit),
    ]
    if late is not None:
        figures.append(figure("days late" if late > 0 else "days early", abs(late), "days", proof.id, "days"))
    return ToolResult(
        tool=tool,
        reading=", ".join(
            (
                said("Status of work order [[order]]", order=order.order_id),
                said("today [[day]]", day=day_text(site.today)),
                said("at [[site]]", site=site.site),
            )
        ),
        tables=(_work_order_table(order, late),),
        figures=tuple(figures),
        evidence=(proof,),
        sentence=_work_order_sentence(order, late),
        caveats=_work_order_caveats(order),
        suggestions=(
            said("Stock and requirements of [[material]]", material=order.material),
            said("What goes into [[material]]?", material=order.material),
            said("How many work orders for [[material]] were late?", material=order.material),
        ),
    )


def _late(order: WorkOrder, site: Site) -> int | None:
    """Days from due to end, negative when early; None where that is not known or it is not yet due."""
    if order.due_on is None:
        return None
    if order.end_on is not None:
        return (order.end_on - order.due_on).days
    return (site.today - order.due_on).days if order.is_open and site.today > order.due_on else None


def _work_order_table(order: WorkOrder, late: int | None) -> Table:
    columns = (
        Column("order_id", "Work order", "id"),
        Column("material_id", "Material id", "id"),
        Column("material", "Material", "text"),
        Column("state", "State", "text", words="status"),
        Column("ordered", sense("Ordered", "work order"), "quantity", order.unit),
        Column("stocked", "Put into stock", "quantity", order.unit),
        Column("scrapped", "Scrapped", "quantity", order.unit, good="down"),
        Column("open", "Open", "quantity", order.unit),
        Column("start_on", "Start", "date"),
        Column("end_on", "End", "date"),
        Column("due_on", "Due", "date"),
        Column("days_late", "Late (negative: early)", "days", "days", good="down"),
        Column("scrap_reason", "Scrap reason", "text"),
    )
    row = (
        order.order_id,
        order.material_id,
        order.material,
        order.status or _state(order),
        order.ordered,
        order.stocked,
        order.scrapped,
        order.left if order.is_open else ZERO,
        order.start_on,
        order.end_on,
        order.due_on,
        late,
        order.scrap_reason,
    )
    return table("Work order", columns, [row])


def _state(order: WorkOrder) -> str:
    if order.end_on is not None:
        return "ended"
    return "open" if order.is_open else "fully reported"


def _work_order_sentence(order: WorkOrder, late: int | None) -> str:
    text = said(
        "Work order {{tables[0].rows[0].order_id}} for {{tables[0].rows[0].ordered}} of"
        " {{tables[0].rows[0].material}} is {{tables[0].rows[0].state}}."
    )
    return text if late is None else f"{text} {_lateness(order, late)}"


def _lateness(order: WorkOrder, late: int) -> str:
    if late == 0:
        return said("It ended on its due date, {{tables[0].rows[0].due_on}}.")
    if order.end_on is None:
        return said("It is {{figures[2]}} late so far; it was due on {{tables[0].rows[0].due_on}}.")
    return said(
        "It ended {{figures[2]}} late: due on {{tables[0].rows[0].due_on}}, ended on"
        " {{tables[0].rows[0].end_on}}."
        if late > 0
        else "It ended {{figures[2]}} early: due on {{tables[0].rows[0].due_on}}, ended on"
        " {{tables[0].rows[0].end_on}}."
    )


def _work_order_caveats(order: WorkOrder) -> tuple[str, ...]:
    found = []
    if order.status is None:
        found.append(
            said("The source keeps no status for work orders; the state is taken from dates and quantities.")
        )
    days = (("start", order.start_on), ("end", order.end_on), ("due", order.due_on))
    if missing := [sense(role, "date") for role, day in days if not day]:
        found.append(said("The source has no [[roles]] date for it.", roles=", ".join(missing)))
    return tuple(found)
