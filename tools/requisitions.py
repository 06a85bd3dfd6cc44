"""What became of a requisition: ordered as what, of whom, for when, and what of it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from tools.arguments import Arguments, SiteName, Text
from tools.errors import ToolError
from tools.evidence import keyed, remarks, shares
from tools.languages import counted, said
from tools.naming import site_of
from tools.presenting import common, figure, table
from tools.registry import ToolContext, tool
from tools.requisition_trail import TrailLine, in_words, steps_of, trail_of
from tools.results import Column, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_NAME = "requisition_status"
_MOST = 5
"""Own requisitions that are shown where none is named."""


class RequisitionStatus(Arguments):
    """Which requisition."""

    requisition: Text | None = Field(
        None, description="Its number in the ERP, such as '10000001'; the person's own last ones if left out."
    )
    site: SiteName = None


@dataclass(frozen=True, slots=True)
class _Own:
    number: str
    site: str


_OWN = """
select p.document_number as number, p.site from app.proposal p
where p.kind = 'purchase_requisition' and p.state = 'executed' and p.requester = %(who)s
  and (%(site)s::text is null or p.site = %(site)s)
order by p.created_at desc limit %(most)s
"""


@tool(
    name=_NAME,
    examples=(
        "What became of requisition 10000001?",
        "Where is my requisition?",
        "Has requisition 10000001 been ordered?",
    ),
    version=_VERSION,
)
async def requisition_status(args: RequisitionStatus, context: ToolContext) -> ToolResult:
    """What became of a purchase requisition: its purchase order, supplier, due date, and what was received.

    Answers where a requisition is, whether it was ordered, as which purchase order, and whether goods came.
    Without a number it tells of the last ones that the person asking has written from here.

    Example: {"requisition": "10000001"}.
    """
    queries = Queries(context.tx)
    site = await site_of(context.tx, args.site)
    if args.requisition is not None:
        number = args.requisition.strip().removeprefix("#")
        wanted = [(number.partition("/")[0], site)]
    else:
        given = {"who": context.caller.subject, "site": site, "most": _MOST}
        wanted = [(own.number, own.site) for own in await queries.rows(_Own, _OWN, given)]
        if not wanted:
            raise ToolError(
                said("you have written no requisition from here; give the number of the one that you mean")
            )
    lines = [line for number, at in wanted for line in await trail_of(queries, number, at)]
    if not lines:
        raise ToolError(
            said(
                "there is no requisition [[number]] in the data that was read; it shows once its ERP was read"
                " again",
                number=", ".join(number for number, _ in wanted),
            )
        )
    sites = {line.site for line in lines}
    if args.requisition is not None and len(sites) > 1:
        raise ToolError(
            said(
                "there is a requisition [[number]] at [[sites]]: say which site",
                number=wanted[0][0],
                sites=", ".join(sorted(sites)),
            )
        )
    proof = await queries.evidence(
        tool=_NAME,
        version=_VERSION,
        arguments=args,
        records=[
            *shares("requisition", lines),
            *keyed("purchase_line", [(line.order_system or "", line.order_key) for line in lines]),
        ],
        flags=remarks("lines", lines),
        site=sites.pop() if len(sites) == 1 else None,
    )
    numbers = list(dict.fromkeys(line.number for line in lines))
    ordered = sum(line.is_ordered for line in lines)
    return ToolResult(
        tool=_NAME,
        reading=counted(
            len(numbers),
            "What became of requisition [[numbers]]",
            "What became of requisitions [[numbers]]",
            numbers=", ".join(numbers),
        ),
        tables=(_table(lines),),
        figures=(
            figure("lines", len(lines), "count", proof.id),
            figure("lines ordered", ordered, "count", proof.id),
            figure("lines received in full", sum(line.has_all for line in lines), "count", proof.id),
        ),
        evidence=(proof,),
        sentence=_sentence(lines, numbers),
        suggestions=tuple(
            said("Status of purchase order [[order]]", order=order)
            for order in dict.fromkeys(line.order_id for line in lines if line.order_id)
        )[:2],
    )


def _sentence(lines: Sequence[TrailLine], numbers: Sequence[str]) -> str:
    if len(numbers) > 1 or len(lines) > 1:
        return said(
            "Of {{figures[0]}} lines, {{figures[1]}} are ordered and {{figures[2]}} have come in full; the"
            " table says which."
        )
    [line] = lines
    if not line.is_ordered:
        ended = steps_of(lines)
        if ended:
            return in_words(ended[-1], "{{tables[0].rows[0].requisition}}")
        return said("Requisition {{tables[0].rows[0].requisition}} is not ordered yet.")
    order = said(
        "Requisition {{tables[0].rows[0].requisition}} is ordered as purchase order"
        " {{tables[0].rows[0].order}} to {{tables[0].rows[0].supplier}}."
    )
    if line.received == 0:
        return f"{order} {said('Nothing of it has come yet.')}"
    if line.has_all:
        return f"{order} {said('All of it has come: {{tables[0].rows[0].received}}.')}"
    return f"{order} {said('{{tables[0].rows[0].received}} of {{tables[0].rows[0].ordered}} have come.')}"


def _table(lines: Sequence[TrailLine]) -> Table:
    asked, bought = common(line.unit for line in lines), common(line.order_unit for line in lines)
    columns = (
        Column("requisition", "Requisition", "id"),
        Column("material", "Material", "text"),
        Column("quantity", "Requested", "quantity", asked),
        Column("needed_on", "Needed on", "date"),
        Column("status", "Status", "text", words="status"),
        Column("order", "Purchase order", "id"),
        Column("supplier", "Supplier", "text"),
        Column("ordered", "Ordered", "quantity", bought),
        Column("due_on", "Due", "date"),
        Column("received", "Received", "quantity", bought),
        Column("received_on", "Received on", "date"),
    )
    return table(
        "Requisitions and what became of them",
        columns,
        (
            (
                line.requisition_id,
                line.material,
                line.quantity,
                line.needed_on,
                line.status,
                line.order_id,
                line.supplier or None,
                line.ordered if line.is_ordered else None,
                line.due_on,
                line.received if line.is_ordered else None,
                line.received_on,
            )
            for line in lines
        ),
    )
