"""Drafts another delivery day for a line of a purchase order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field

from policies.drafts.parts import Alternative, Amount, Grounds
from policies.drafts.parts import Named as Code
from policies.drafts.redating import RedatingDraft
from tools.arguments import Arguments, Text
from tools.drafting.parts import DraftSite, ages, fit_to_show, relied_on, site_said
from tools.errors import ToolError
from tools.languages import said
from tools.languages.forms import day_text
from tools.naming import site_by_code
from tools.presenting import figure, table
from tools.registry import Effect, ToolContext, tool
from tools.results import Column, Drafted, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_NAME = "draft_redating"
_OFFERED = 6


class DraftRedating(Arguments):
    """Which line of which purchase order, and the day on which it is to come."""

    order: Text = Field(description="Number of the purchase order, such as '4500001'.")
    line: Text | None = Field(
        None, description="Number of its line, such as '10'; may be left out where only one line is open."
    )
    needed_on: date = Field(description="The day on which it is to come.")
    due_now: date | None = Field(
        None, description="The day that it has now, where the line has several deliveries."
    )
    site: DraftSite = None
    reason: Text | None = Field(None, description="Why, where the person said so, in their own words.")


@dataclass(frozen=True, slots=True)
class _Line:
    site: str
    order_id: str
    status: str
    supplier_code: str
    supplier: str
    line_id: str
    material_code: str
    material: str
    unit: str
    ordered: Decimal
    received: Decimal
    due_on: date | None
    confirmed_on: date | None

    @property
    def name(self) -> str:
        """What people and the ERP call it: the part behind the order's number, without zeros in front."""
        for mark in "/-":
            own = self.line_id.removeprefix(f"{self.order_id}{mark}")
            if own != self.line_id:
                return _plain(own.split("/")[0])
        return self.line_id

    @property
    def left(self) -> Decimal:
        return self.ordered - self.received


_LINES = """
select o.site, o.order_id, o.status, coalesce(v.number, o.supplier_id) as supplier_code,
       coalesce(v.name, '') as supplier, l.line_id, coalesce(m.number, l.material_id) as material_code,
       coalesce(m.name, '') as material, coalesce(l.unit, m.base_unit, '') as unit, l.ordered,
       coalesce(l.received, 0) as received, l.due_on, l.confirmed_on
from erp.purchase_order o
join erp.purchase_line l using (site, order_id)
left join erp.supplier v on v.site = o.site and v.supplier_id = o.supplier_id
left join erp.material m on m.site = l.site and m.material_id = l.material_id
where lower(o.order_id) = lower(%(order)s) and (%(site)s::text is null or o.site = %(site)s)
order by o.site, length(l.line_id), l.line_id, l.due_on limit 500
"""


@tool(
    name=_NAME,
    examples=(
        "Move line 10 of PO 4500001 to 12 May",
        "Postpone purchase order 4500001 to the end of next week",
    ),
    effect=Effect.DRAFT,
    version=_VERSION,
)
async def draft_redating(args: DraftRedating, context: ToolContext) -> ToolResult:
    """Draft another delivery day for a line of a purchase order; a person confirms it first.

    Only for somebody who asks to move a line or an order that is bought: never to answer a question. Moves of
    production orders are `draft_replanning`.

    Example: {"order": "4500001", "line": "10", "needed_on": "2026-05-12"}.
    """
    queries = Queries(context.tx)
    with fit_to_show():
        line, taken = await _line(queries, args)
        assert line.due_on is not None, "a line without a day is refused"
        site = await site_by_code(queries.tx, line.site)
        if args.needed_on < site.today:
            raise ToolError(said("[[day]] is over: name a day from today on", day=args.needed_on))
        told, stale = await ages(queries, (line.site,))
        confirmed = (
            (f"The supplier has confirmed {line.confirmed_on.isoformat()}.",) if line.confirmed_on else ()
        )
        draft = RedatingDraft(
            site=line.site,
            order=line.order_id,
            line=line.name,
            supplier=Code(code=line.supplier_code, name=line.supplier),
            material=Code(code=line.material_code, name=line.material),
            open=Amount(value=line.left, unit=line.unit),
            expected_due=line.due_on,
            due_on=args.needed_on,
            note=args.reason or "",
            grounds=Grounds(
                why=(*confirmed, "The order is changed in the ERP; the supplier is told as the ERP does it."),
                without_it=f"It stays due on {line.due_on.isoformat()}.",
                alternatives=(Alternative(kind="nothing", what="Do nothing: the line keeps its day."),),
                freshness=told,
                flags=(*taken, *stale),
                facts=await relied_on(queries, line.site, [("purchase_line", (line.line_id,))]),
            ),
        )
    proof = await queries.evidence(
        tool=_NAME,
        version=_VERSION,
        arguments=args,
        records=("purchase_order", "purchase_line"),
        site=line.site,
    )
    columns = (
        Column("order", "Purchase order", "id"),
        Column("line", "Line", "id"),
        Column("material", "Material", "text"),
        Column("due_on", "Due now", "date"),
        Column("new_due", "To be due", "date"),
    )
    cells = (line.order_id, line.name, line.material or line.material_code, line.due_on, args.needed_on)
    return ToolResult(
        tool=_NAME,
        reading=said(
            "Draft of another day for line [[line]] of purchase order [[order]], at [[site]]",
            line=line.name,
            order=line.order_id,
            site=line.site,
        ),
        tables=(table("Line and its days", columns, [cells]),),
        figures=(figure("open", line.left, "quantity", proof.id, line.unit),),
        evidence=(proof,),
        sentence=said(
            "Drafted: line {{tables[0].rows[0].line}} of purchase order {{tables[0].rows[0].order}} is to"
            " come on {{tables[0].rows[0].new_due}} instead of {{tables[0].rows[0].due_on}}."
        ),
        drafted=Drafted(draft, site.today),
    )


async def _line(queries: Queries, args: DraftRedating) -> tuple[_Line, tuple[str, ...]]:
    """The one line that is meant, and how it was found where its number is another.

    Raises:
        ToolError: there is none, or several; the message says what there is.
    """
    site = await site_said(queries, args.site) if args.site else None
    found = await queries.rows(_Line, _LINES, {"order": args.order.strip(), "site": site})
    if not found:
        raise ToolError(
            said("no site that you see has a purchase order [[order]] with lines", order=repr(args.order))
        )
    if len(sites := sorted({each.site for each in found})) > 1:
        text = "[[order]] is a purchase order at [[sites]]: name the site"
        raise ToolError(said(text, order=args.order, sites=", ".join(sites)))
    if found[0].status not in ("pending", "approved"):
        raise ToolError(
            said(
                "purchase order [[order]] is [[status]]: only what is open can be moved",
                order=found[0].order_id,
                status=said(found[0].status),
            )
        )
    open_ = [each for each in found if each.left > 0 and each.due_on is not None]
    meant, taken = _meant(found, open_, args.line)
    if args.due_now is not None:
        meant = [each for each in meant if each.due_on == args.due_now]
    if len(meant) == 1:
        return meant[0], taken
    shown = _shown(meant or open_)
    if not shown:
        raise ToolError(said("nothing of purchase order [[order]] is still to come", order=args.order))
    if meant:
        raise ToolError(
            said("several deliveries are meant: [[lines]]; name the line, or the day it has now", lines=shown)
        )
    raise ToolError(
        said("[[order]] has no such open line; still to come are [[lines]]", order=args.order, lines=shown)
    )


def _meant(
    found: Sequence[_Line], open_: Sequence[_Line], asked: str | None
) -> tuple[list[_Line], tuple[str, ...]]:
    """The open deliveries that a line's number means: by its name, or by its place in the order."""
    if asked is None:
        return list(open_), ()
    wanted = _plain(asked.strip())
    if any(wanted in (each.name, each.line_id) for each in found):
        return [each for each in open_ if wanted in (each.name, each.line_id)], ()
    names = list(dict.fromkeys(each.name for each in found))
    if not all(name.isdigit() for name in (wanted, *names)):
        return [], ()
    # The ERP numbers lines otherwise than people count them: 1, 2, 3, or as SAP does 10, 20, 30.
    number, numbers = int(wanted), [int(name) for name in names]
    place = number // 10 if number % 10 == 0 else number
    if not 1 <= place <= len(names) or not (
        number < min(numbers) or (number % 10 == 0 and number > max(numbers))
    ):
        return [], ()
    name = names[place - 1]
    counted = f"Line {wanted} was taken to be the order's line number {place}, which the ERP calls {name}."
    return [each for each in open_ if each.name == name], (counted,)


def _shown(lines: Sequence[_Line]) -> str:
    texts = [
        f"{each.name} ({each.material or each.material_code}, {day_text(each.due_on)})"
        for each in lines
        if each.due_on is not None
    ]
    more = f", +{len(texts) - _OFFERED}" if len(texts) > _OFFERED else ""
    return ", ".join(texts[:_OFFERED]) + more


def _plain(number: str) -> str:
    return number.lstrip("0") or number
