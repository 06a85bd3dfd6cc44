"""Drafts moves of work orders: a way that `replan` offers, one order on another day, or what an earlier draft
left undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from pydantic import Field, model_validator

from policies.drafts.parts import Grounds, Named
from policies.drafts.replanning import (
    FROZEN,
    MOST_MOVES,
    Dates,
    OrderMoved,
    ReplanningDraft,
    Way,
    WayShown,
)
from tools.arguments import Arguments, MaterialName, SiteName, Text
from tools.drafting.parts import ages, fit_to_show
from tools.errors import ToolError
from tools.languages import said, speaking
from tools.presenting import figure, table
from tools.registry import Effect, ToolContext, tool
from tools.replanning.arguments import MOST_SECONDS, Replan
from tools.replanning.disturbances import RUSH
from tools.replanning.following import FollowUp, followed
from tools.replanning.present import Present
from tools.replanning.proposal import Bar, DisturbanceKind, OrderMove, Replanning
from tools.replanning.replanner import WAYS, replanning_of
from tools.replanning.tool import event_words, told_as
from tools.results import Column, Drafted, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_NAME = "draft_replanning"
_BROKEN_SHOWN = 3


class DraftReplanning(Arguments):
    """The disturbance as `replan` takes it and the way to go, or an earlier draft and what to do about it."""

    kind: DisturbanceKind | None = Field(
        None, description="As of `replan`; left out where `follows` names an earlier draft."
    )
    about: Text | None = Field(None, description="As of `replan`: the number of the order for a move.")
    site: SiteName = None
    since: date | None = Field(None, description="As of `replan`.")
    until: date | None = Field(None, description="As of `replan`: for a move the day wanted.")
    late_days: int | None = Field(None, ge=1, le=365, description="As of `replan`.")
    hours: int | None = Field(None, ge=1, le=2000, description="As of `replan`.")
    material: MaterialName | None = Field(None, description="As of `replan`.")
    quantity: Decimal | None = Field(None, gt=0, le=10**9, description="As of `replan`.")
    horizon_days: int = Field(21, ge=1, le=60, description="As of `replan`.")
    frozen_hours: int = Field(0, ge=0, le=240, description="As of `replan`.")
    seconds: int = Field(10, ge=1, le=MOST_SECONDS, description="As of `replan`.")
    seed: int = Field(1, ge=0, le=10**6, description="As of `replan`.")
    workers: int = Field(4, ge=1, le=8, description="As of `replan`.")
    way: Way | None = Field(None, description="The way that the person chose; the recommended one if not.")
    follows: Text | None = Field(
        None, description="Id of an earlier draft of moves, or its end, whose rest or undoing is wanted."
    )
    what: FollowUp | None = Field(
        None, description="`rest`: what was not written of it; `undo`: back to the dates before it."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> DraftReplanning:
        if (self.kind is None) == (self.follows is None):
            raise ValueError("name what has happened, or the earlier draft that it follows")
        if (self.follows is None) != (self.what is None):
            raise ValueError("say of an earlier draft whether its rest or its undoing is wanted")
        if self.kind is not None:
            self.replan()
        return self

    def replan(self) -> Replan:
        """The disturbance, as the look-up takes it."""
        return Replan.model_validate({name: getattr(self, name) for name in Replan.model_fields})


@tool(
    name=_NAME,
    examples=("Draft moving work order 1102494 to Thursday", "Draft the stable repair"),
    effect=Effect.DRAFT,
    version=_VERSION,
)
async def draft_replanning(args: DraftReplanning, context: ToolContext) -> ToolResult:
    """Draft moves of work orders for a person to confirm; nothing is moved until then.

    Only for somebody who asks to draft, propose or carry out a way that `replan` has shown, to move one work
    order, or to go on with an earlier draft of moves: never to answer a question.

    Example: {"kind": "machine_down", "about": "Press 2", "site": "Kassel", "until": "2026-04-02",
    "way": "stable_repair"}.
    """
    queries = Queries(context.tx)
    if args.follows is not None:
        assert args.what is not None, "the one is not there without the other"
        return await _following(args, args.follows, args.what, queries)
    asked = args.replan()
    found, present, notes = await replanning_of(queries, asked, context.tell)
    chosen = args.way or found.recommended
    _check(found, chosen)
    found = replace(found, picked=chosen)
    result = await told_as(queries, asked, found, present, notes, _NAME, _VERSION)
    with fit_to_show(), speaking("en"):
        draft = await _draft(found, present, queries, result.evidence[0].id)
    return replace(
        result,
        reading=said("Draft of moves of work orders: [[event]]", event=event_words(found.event)),
        figures=(
            figure("orders moved", len(draft.moves), "count", result.evidence[0].id),
            *result.figures[1:],
        ),
        sentence=said("Drafted: {{figures[0]}} work orders moved, as the card says."),
        drafted=Drafted(draft, present.floor.site.today),
        suggestions=(),
    )


def _check(found: Replanning, chosen: Way | None) -> None:
    """Raise for a way that cannot be drafted."""
    if chosen is None:
        raise ToolError(said("no way can be gone as things stand, so there is nothing to draft"))
    outcome = found.of(chosen)
    name = said(WAYS[chosen])
    if outcome is None:
        ways = ", ".join(said(WAYS[one.way]) for one in found.alternatives)
        raise ToolError(said("[[way]] is not among the ways: there are [[ways]]", way=name, ways=ways))
    if outcome.broken:
        raise ToolError(said("[[way]] cannot be carried out: [[why]]", way=name, why=outcome.broken[0]))
    moves = [one for one in outcome.moves if one.order != RUSH]
    if not moves:
        raise ToolError(said("[[way]] moves no work order, so there is nothing to draft", way=name))
    if len(moves) > MOST_MOVES:
        raise ToolError(
            said(
                "[[way]] moves [[number]] work orders, and one draft at most [[most]]; choose another way or"
                " fewer days ahead",
                way=name,
                number=len(moves),
                most=MOST_MOVES,
            )
        )


async def _draft(found: Replanning, present: Present, queries: Queries, proof: str) -> ReplanningDraft:
    assert found.chosen is not None, "it was looked at"
    way = found.chosen.way
    told, stale = await ages(queries, (found.site,))
    moves = tuple(
        _moved(one, found.before, found.chosen.bars, present)
        for one in found.chosen.moves
        if one.order != RUSH
    )
    draft = ReplanningDraft(
        site=found.site,
        zone=found.zone,
        now=found.now,
        event=event_words(found.event),
        way=way,
        moves=moves,
        ways=tuple(_way(found, one.way) for one in found.alternatives),
        currency=found.currency,
        relaxed=(*found.relax, *_later(moves)),
        note=event_words(found.event),
        grounds=Grounds(
            why=(
                f"{WAYS[way].capitalize()}"
                f"{' is recommended' if way == found.recommended else ' was asked for'}"
                + (f": {'; '.join(found.why)}." if way == found.recommended and found.why else "."),
                f"Times are those of the plant's clocks, {found.zone}.",
            ),
            without_it=_without(found),
            freshness=told,
            flags=(
                *_overtime(found, present),
                *(
                    ("The rush order itself is not drafted: create it in the ERP.",)
                    if any(one.order == RUSH for one in found.chosen.moves)
                    else ()
                ),
                *(
                    ("No solver was there: only ways without a search are compared.",)
                    if not found.is_complete
                    else ()
                ),
                *stale,
            ),
            facts=found.facts,
            evidence=(proof,),
        ),
    )
    if draft.frozen:
        hours = int(FROZEN.total_seconds() // 3600)
        flag = f"{len(draft.frozen)} of the orders start within {hours} hours, now or then: two people sign."
        grounds = draft.grounds.model_copy(update={"flags": (flag, *draft.grounds.flags)})
        return draft.model_copy(update={"grounds": grounds})
    return draft


def _moved(one: OrderMove, before: Sequence[Bar], after: Sequence[Bar], present: Present) -> OrderMoved:
    end = one.after_end.date()
    begun = any(order == one.order for order, _ in present.floor.confirmed)
    start = one.after_start.date()
    if one.recorded_start is not None and (begun or one.after_start == one.before_start):
        start = one.recorded_start
    due = end if one.recorded_due is None else max(one.recorded_due, end)
    return OrderMoved(
        order=one.order,
        material=_named(present, one),
        before=Dates(
            start_on=one.recorded_start,
            due_on=one.recorded_due,
            starts_at=one.before_start,
            ends_at=one.before_end,
            work_centres=_centres(one.order, before, present),
        ),
        after=Dates(
            start_on=min(start, due),
            due_on=due,
            starts_at=one.after_start,
            ends_at=one.after_end,
            work_centres=_centres(one.order, after, present),
        ),
    )


def _overtime(found: Replanning, present: Present) -> tuple[str, ...]:
    """What has to be arranged beside the moves, by work centre."""
    assert found.chosen is not None, "it was looked at"
    minutes: dict[str, int] = {}
    for bar in found.chosen.bars:
        if bar.overtime:
            minutes[bar.work_centre] = minutes.get(bar.work_centre, 0) + bar.overtime
    if not minutes:
        return ()
    told = ", ".join(f"{present.floor.centres[centre].name} {each} min" for centre, each in minutes.items())
    return (f"It takes overtime, which is not written anywhere: arrange it ({told}).",)


def _named(present: Present, one: OrderMove) -> Named:
    known = present.book.materials.get((present.floor.site.site, one.material_id))
    return Named(code=(known.number if known else "") or one.material_id, name=one.material)


def _centres(order: str, bars: Sequence[Bar], present: Present) -> tuple[Named, ...]:
    own = sorted((bar for bar in bars if bar.order == order), key=lambda bar: bar.operation)
    return tuple(Named(code=bar.work_centre, name=present.floor.centres[bar.work_centre].name) for bar in own)


def _way(found: Replanning, way: Way) -> WayShown:
    one = found.of(way)
    assert one is not None, "it is among the alternatives"
    if one.broken:
        return WayShown(way=way, is_possible=False)
    return WayShown(
        way=way,
        is_possible=True,
        later_orders=one.later_orders,
        later_days=one.later_days,
        customers=len(one.customers),
        cost=one.cost,
        margin=one.margin,
        moved_orders=one.moved_orders,
        overtime_minutes=one.overtime_minutes,
    )


def _later(moves: Sequence[OrderMoved]) -> list[str]:
    """Due days that give way."""
    return [
        f"Order {one.order} is due on {one.after.due_on} instead of {one.before.due_on}."
        for one in moves
        if one.before.due_on is not None
        and one.after.due_on is not None
        and one.after.due_on > one.before.due_on
    ]


def _without(found: Replanning) -> str:
    nothing = found.of("do_nothing")
    if nothing is None:
        return ""
    if nothing.broken:
        more = len(nothing.broken) - _BROKEN_SHOWN
        rest = f"; and {more} more" if more > 0 else ""
        return f"The present plan cannot be carried out: {'; '.join(nothing.broken[:_BROKEN_SHOWN])}{rest}."
    if not nothing.later_orders:
        return "The present plan goes on: no order ends later than planned."
    orders = "1 order ends" if nothing.later_orders == 1 else f"{nothing.later_orders} orders end"
    days = "1 day" if nothing.later_days == 1 else f"{nothing.later_days} days"
    return f"The present plan goes on: {orders} later than planned, by {days} of work in all."


async def _following(args: DraftReplanning, follows: str, what: FollowUp, queries: Queries) -> ToolResult:
    """What puts right or takes back an earlier draft."""
    with fit_to_show(), speaking("en"):
        draft, today = await followed(queries, follows, what)
    proof = await queries.evidence(
        tool=_NAME, version=_VERSION, arguments=args, records=("production_order",), site=draft.site
    )
    columns = (
        Column("order_id", "Work order", "id"),
        Column("material", "Material", "text"),
        Column("from_start", "Start before", "date"),
        Column("to_start", "Start after", "date"),
        Column("from_due", "Due before", "date"),
        Column("to_due", "Due after", "date"),
    )
    rows = [
        (
            one.order,
            one.material.name,
            one.before.start_on,
            one.after.start_on,
            one.before.due_on,
            one.after.due_on,
        )
        for one in draft.moves
    ]
    earlier = draft.follows[-8:]
    return ToolResult(
        tool=_NAME,
        reading=said("Draft that takes back draft [[draft]]", draft=earlier)
        if what == "undo"
        else said("Draft of the rest of draft [[draft]]", draft=earlier),
        tables=(table("What it changes", columns, rows),),
        figures=(figure("orders moved", len(rows), "count", proof.id),),
        evidence=(proof,),
        sentence=said("Drafted: {{figures[0]}} work orders moved, as the card says."),
        drafted=Drafted(draft, today),
    )
