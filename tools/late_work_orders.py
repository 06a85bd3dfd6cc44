"""Why a work order is late, as an answer: the reasons, its operations, and what cannot be told."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel

from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.late_work_records import LateOrder, late_order
from tools.presenting import figure, table
from tools.results import Cell, Column, Figure, SourceShare, Table, ToolResult
from tools.rows import Queries
from tools.work_orders import WorkOrder

_WORDS = {
    "downtime": "work centre stood still",
    "parts": "parts missing",
    "predecessor": "part from another work order missing",
    "busy": "work centre busy with other orders",
    "hold": "component on quality hold",
    "rework": "rework",
    "longer": "took longer than planned",
    "faster": "took less than planned",
    "cushion": "began before it had to",
    "unconfirmed": "next operation not confirmed yet",
    "unexplained": "not explained by the records",
}
"""What people call the reasons of a delay."""


async def why_work_order_late(
    tool: str, version: str, arguments: BaseModel, queries: Queries, order: WorkOrder
) -> ToolResult:
    """The delay of one work order, and where the time went."""
    told = await late_order(queries, order)
    proof = await queries.evidence(
        tool=tool,
        version=version,
        arguments=arguments,
        records=[
            *shares("production_order", [order]),
            *shares("operation_confirmation", told.operations),
            *shares("downtime", told.stops),
            *([SourceShare(order.source_system, "shift")] if told.operations else ()),
        ],
        flags=remarks("confirmations", told.operations),
        site=order.site,
    )
    return ToolResult(
        tool=tool,
        reading=", ".join(
            (
                said("Why work order [[order]] is late", order=order.order_id),
                said("today [[day]]", day=day_text(told.site.today)),
                said("at [[site]]", site=order.site),
            )
        ),
        tables=(_reasons(told), _operations(told), _header(told)),
        figures=_figures(told, proof.id),
        evidence=(proof,),
        sentence=_sentence(told),
        caveats=tuple(_caveats(told)),
        suggestions=(
            said("Status of work order [[order]]", order=order.order_id),
            said("Stock and requirements of [[material]]", material=order.material),
        ),
    )


def _reasons(told: LateOrder) -> Table:
    columns = (
        Column("reason", "Reason", "text", words="remark"),
        Column("operation", "Operation", "id"),
        Column("work_centre", "Work centre", "text"),
        Column("what", "What it was", "text"),
        Column("minutes", "Working minutes", "quantity", "min", good="down"),
    )
    rows: list[list[Cell]] = []
    for one in told.reasons:
        operation, _, centre = one.where.partition(" ") if " " in one.where else ("", "", one.where)
        rows.append(
            [
                _WORDS[one.kind],
                operation or None,
                told.centres.get(centre, centre) or None,
                one.what or None,
                Decimal(one.minutes),
            ]
        )
    return table("Where the time went, largest first", columns, rows)


def _operations(told: LateOrder) -> Table:
    unit = told.order.unit
    columns = (
        Column("operation", "Operation", "id"),
        Column("work_centre", "Work centre", "text"),
        Column("started_at", "Started", "date"),
        Column("ended_at", "Ended", "date"),
        Column("planned", "Planned minutes", "quantity", "min"),
        Column("actual", "Actual minutes", "quantity", "min"),
        Column("good", "Good", "quantity", unit),
        Column("scrapped", "Scrapped", "quantity", unit, good="down"),
        Column("reworked", "Reworked", "quantity", unit, good="down"),
        Column("scrap_reason", "Scrap reason", "text"),
    )
    return table(
        "Operations as confirmed",
        columns,
        [
            (
                str(each.operation),
                each.work_centre,
                each.started_at,
                each.ended_at,
                each.planned_minutes,
                each.actual_minutes,
                each.good,
                each.scrapped,
                each.reworked,
                each.scrap_reason,
            )
            for each in told.operations
        ],
    )


def _header(told: LateOrder) -> Table:
    order = told.order
    columns = (
        Column("order_id", "Work order", "id"),
        Column("material", "Material", "text"),
        Column("due_on", "Due", "date"),
        Column("start_on", "Start", "date"),
        Column("end_on", "End", "date"),
        Column("days_late", "Days late", "days", "days", good="down"),
    )
    days = told.days if told.is_late else None
    return table(
        "Work order",
        columns,
        [(order.order_id, order.material, order.due_on, order.start_on, order.end_on, days)],
    )


def _figures(told: LateOrder, proof: str) -> tuple[Figure, ...]:
    if not told.is_late or told.days is None:
        return ()
    rest = next((one.minutes for one in told.reasons if one.kind == "unexplained"), 0)
    return (
        figure("days late", told.days, "days", proof, "days"),
        figure("delay in working minutes", told.minutes, "quantity", proof, "min"),
        figure("not explained by the records", rest, "quantity", proof, "min"),
    )


def _sentence(told: LateOrder) -> str:
    if told.order.due_on is None:
        return said("The source has no due date for it, so nobody can say whether it is late.")
    if not told.is_late:
        return said("Work order {{tables[2].rows[0].order_id}} is not late.")
    text = said(
        "Work order {{tables[2].rows[0].order_id}} is {{figures[0]}} late so far."
        if told.order.end_on is None
        else "Work order {{tables[2].rows[0].order_id}} ended {{figures[0]}} late."
    )
    largest = told.reasons[0] if told.reasons else None
    if largest is None or largest.kind == "unexplained":
        return f"{text} {said('The records do not say why.')}"
    return f"{text} {said(_LARGEST if largest.where else _LARGEST_ALONE)}"


_LARGEST = (
    "The largest reason: {{tables[0].rows[0].reason}}, {{tables[0].rows[0].minutes}} at"
    " {{tables[0].rows[0].work_centre}}."
)
_LARGEST_ALONE = "The largest reason: {{tables[0].rows[0].reason}}, {{tables[0].rows[0].minutes}}."


def _caveats(told: LateOrder) -> list[str]:
    found: list[str] = []
    if told.order.due_on is None:
        return found
    if not told.operations and told.is_late:
        found.append(
            said(
                "No confirmation of an operation is loaded for it, so waiting, set-up, run and "
                "downtime cannot"
                " be told apart."
            )
        )
    if told.is_late and told.operations:
        found.append(
            said(
                "Counted are working minutes from the latest start, which is the due date less the planned"
                " minutes of the operations done, to the end; all rows add up to the delay."
            )
        )
    scrapped = sum(bool(each.scrapped) for each in told.operations)
    if scrapped:
        found.append(
            counted(
                scrapped,
                "[[number]] operation reported scrap; that took no time of its own that could be counted.",
                "[[number]] operations reported scrap; that took no time of its own that could be counted.",
            )
        )
    return found
