"""Drafts for a shop floor: one more work order, a work order that is to stop, and one that is to go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from policies.drafts.floor import OrderHoldDraft, WorkOrderDraft
from policies.drafts.parts import Alternative, Amount, Grounds
from policies.drafts.parts import Named as Code
from tools.arguments import Arguments, MaterialName, Text
from tools.drafting.parts import Asked, DraftSite, UnitName, ages, doubts, fit_to_show, relied_on, subject_of
from tools.drafting.units import asked_in
from tools.errors import ToolError
from tools.languages import said
from tools.naming import Site, site_by_code, site_of
from tools.presenting import figure, table
from tools.registry import Effect, ToolContext, tool
from tools.results import Column, Drafted, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_STANDS = frozenset({"released", "running"})


class DraftWorkOrder(Arguments):
    """What is to be made, how much of it, and by when."""

    material: MaterialName = Field(description="The material that is to be made: number or name.")
    quantity: Asked
    unit: UnitName = None
    needed_on: date = Field(description="The day by which it is to be done.")
    site: DraftSite = None
    priority: int = Field(50, ge=1, le=999, description="The lower, the more urgent; 50 is usual.")
    reason: Text | None = Field(None, description="Why, where the person said so, in their own words.")


class DraftOrderHold(Arguments):
    """Which work order is to stop or to go on, and why."""

    order: Text = Field(
        description="Number of the work order as the shop floor has it, such as 'WO-NG-7002'."
    )
    action: Literal["hold", "resume"] = Field(description="`hold` stops it, `resume` lets it go on.")
    reason: Text = Field(description="Why, in the person's own words.", min_length=3)
    site: DraftSite = None


@dataclass(frozen=True, slots=True)
class _Order:
    site: str
    order_id: str
    material_id: str
    material: str
    status: str
    unit: str
    ordered: Decimal
    good: Decimal | None
    hold_id: str | None
    held_for: str | None
    held_since: datetime | None


_FIND = """
select o.site, o.order_id, o.material_id, coalesce(m.name, '') as material, o.status,
       coalesce(m.base_unit, '') as unit, o.ordered, o.good, h.hold_id, h.reason as held_for,
       h.placed_at as held_since
from erp.floor_order o
left join erp.material m on m.site = o.site and o.material_id in (m.number, m.material_id)
left join lateral (select hold_id, reason, placed_at from erp.order_hold h where h.site = o.site
                   and h.order_id = o.order_id order by placed_at desc limit 1) h on true
where lower(o.order_id) = lower(%(order)s) and (%(site)s::text is null or o.site = %(site)s)
order by o.site limit 3
"""


@tool(
    name="draft_work_order",
    examples=(
        "Draft a work order for 200 brackets at Kassel by 20 December",
        "Have 50 FG-BRACKET made at Kassel by Friday",
    ),
    effect=Effect.DRAFT,
    version=_VERSION,
)
async def draft_work_order(args: DraftWorkOrder, context: ToolContext) -> ToolResult:
    """Draft one more work order for the MES of a site; it gets there once a person has confirmed it.

    Only for somebody who asks to have something made: never to answer a question. The site has a MES.

    Example: {"material": "FG-BRACKET", "quantity": 200, "needed_on": "2026-12-20", "site": "Kassel"}.
    """
    queries = Queries(context.tx)
    with fit_to_show():
        subject = await subject_of(queries, args.material, args.site)
        site, thing = subject.site, subject.named.thing
        await _has_a_mes(queries, site)
        if args.needed_on < site.today:
            raise ToolError(said("[[day]] is over: name a day from today on", day=args.needed_on))
        unit = await _unit(queries, site, thing.id)
        asked = await asked_in(queries, site.site, thing.id, unit, args.quantity, args.unit)
        told, stale = await ages(queries, (site.site,))
        draft = WorkOrderDraft(
            site=site.site,
            material=Code(code=thing.code or thing.id, name=thing.name),
            quantity=Amount(value=asked.base_value, unit=unit),
            due_on=args.needed_on,
            priority=args.priority,
            note=args.reason or "",
            grounds=Grounds(
                why=(*asked.why, "It is created as planned; somebody at the MES releases it."),
                without_it="Nothing more is made than is planned now.",
                alternatives=(Alternative(kind="nothing", what="Do nothing: the orders stay as they are."),),
                freshness=told,
                flags=(*await doubts(queries, subject, args.material), *stale),
                facts=await relied_on(queries, site.site, [("material", (thing.id,))]),
            ),
        )
    proof = await queries.evidence(
        tool="draft_work_order",
        version=_VERSION,
        arguments=args,
        records=("material", "floor_order"),
        site=site.site,
    )
    columns = (
        Column("number", "Number", "id"),
        Column("material", "Material", "text"),
        Column("due_on", "Due", "date"),
    )
    return ToolResult(
        tool="draft_work_order",
        reading=said("Draft of a work order for [[thing]], at [[site]]", thing=thing, site=site.site),
        tables=(table("What is to be made", columns, [(thing.code, thing.name, args.needed_on)]),),
        figures=(figure("quantity", asked.base_value, "quantity", proof.id, unit),),
        evidence=(proof,),
        sentence=said(
            "Drafted: a work order for {{figures[0]}} of {{tables[0].rows[0].material}}, due"
            " {{tables[0].rows[0].due_on}}."
        ),
        caveats=subject.named.caveats,
        drafted=Drafted(draft, site.today),
    )


@tool(
    name="draft_order_hold",
    examples=(
        "Stop work order WO-NG-7002 because of burrs",
        "Let work order WO-NG-7003 go on: the burr is filed off",
    ),
    effect=Effect.DRAFT,
    version=_VERSION,
)
async def draft_order_hold(args: DraftOrderHold, context: ToolContext) -> ToolResult:
    """Draft the stop of a work order on the shop floor, or that it goes on; a person confirms it first.

    Only for somebody who asks to stop, hold or resume a work order: never to answer a question. It takes a
    reason.

    Example: {"order": "WO-NG-7002", "action": "hold", "reason": "burrs on the edge"}.
    """
    queries = Queries(context.tx)
    with fit_to_show():
        found = await _order(queries, args)
        site = await site_by_code(queries.tx, found.site)
        told, stale = await ages(queries, (site.site,))
        is_hold = args.action == "hold"
        draft = OrderHoldDraft(
            site=site.site,
            order=found.order_id,
            material=Code(code=found.material_id, name=found.material),
            action=args.action,
            reason=args.reason,
            held_since=None if is_hold else found.held_since,
            held_for="" if is_hold else (found.held_for or ""),
            grounds=Grounds(
                why=(f"The order is {found.status} on the floor.",),
                without_it="It is worked on as before." if is_hold else "It stays on hold.",
                freshness=told,
                flags=stale,
                facts=await relied_on(
                    queries,
                    site.site,
                    [("floor_order" if is_hold else "order_hold", (found.order_id,))],
                ),
            ),
        )
    proof = await queries.evidence(
        tool="draft_order_hold",
        version=_VERSION,
        arguments=args,
        records=("floor_order", "order_hold"),
        site=site.site,
    )
    columns = (
        Column("order_id", "Work order", "id"),
        Column("material", "Material", "text"),
        Column("status", "Status", "text", words="status"),
    )
    reading, sentence = (
        (
            said(
                "Draft of a hold of work order [[order]], at [[site]]", order=found.order_id, site=site.site
            ),
            said("Drafted: work order {{tables[0].rows[0].order_id}} is to stop."),
        )
        if is_hold
        else (
            said(
                "Draft of a resumption of work order [[order]], at [[site]]",
                order=found.order_id,
                site=site.site,
            ),
            said("Drafted: work order {{tables[0].rows[0].order_id}} is to go on."),
        )
    )
    return ToolResult(
        tool="draft_order_hold",
        reading=reading,
        tables=(table("Work order", columns, [(found.order_id, found.material, found.status)]),),
        figures=(figure("ordered", found.ordered, "quantity", proof.id, found.unit),),
        evidence=(proof,),
        sentence=sentence,
        drafted=Drafted(draft, site.today),
    )


async def _order(queries: Queries, args: DraftOrderHold) -> _Order:
    """The one order of that number, in a state that admits what is asked."""
    code = await site_of(queries.tx, args.site) if args.site else None
    found = await queries.rows(_Order, _FIND, {"order": args.order, "site": code})
    if len(found) > 1:
        sites = ", ".join(one.site for one in found)
        text = "[[order]] is a work order at [[sites]]: name the site"
        raise ToolError(said(text, order=args.order, sites=sites))
    if not found:
        raise ToolError(
            said("no MES of a site that you see has a work order [[order]]", order=repr(args.order))
        )
    [one] = found
    if args.action == "hold" and one.status not in _STANDS:
        raise ToolError(
            said(
                "work order [[order]] is [[status]]: only one that is released or running can be stopped",
                order=one.order_id,
                status=said(one.status),
            )
        )
    if args.action == "resume" and (one.status != "on hold" or one.held_since is None):
        raise ToolError(
            said(
                "work order [[order]] is [[status]] and not on hold: nothing has to let it go on",
                order=one.order_id,
                status=said(one.status),
            )
        )
    return one


async def _has_a_mes(queries: Queries, site: Site) -> None:
    found = await queries.tx.fetch(
        "select exists (select from erp.floor_order where site = %(site)s)", {"site": site.site}
    )
    if not found.rows[0][0]:
        raise ToolError(
            said(
                "no MES is read at [[site]], so that no work order can be sent to its shop floor",
                site=site.site,
            )
        )


async def _unit(queries: Queries, site: Site, material: str) -> str:
    found = await queries.tx.fetch(
        "select coalesce(base_unit, '') from erp.material"
        " where site = %(site)s and material_id = %(material)s",
        {"site": site.site, "material": material},
    )
    unit = str(found.rows[0][0])
    if not unit:
        raise ToolError(
            said("[[material]] has no unit, so that no quantity of it can be drafted", material=material)
        )
    return unit
