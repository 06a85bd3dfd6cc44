"""From a disturbance to a proposal: reads the shop, searches beside the event loop, weighs what it finds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from policies.drafts.parts import FactVersion
from policies.facts import fact_versions
from tools.ending import ending
from tools.engines.scheduling.replanning import Proposal, Way, by_rule, replanned
from tools.engines.scheduling.shop import Shop, Slot, Time
from tools.engines.scheduling.solving import PlanningNotInstalled, cp
from tools.engines.scheduling.stopping import Stopping
from tools.errors import ToolError
from tools.languages import said
from tools.naming import Kind, Named, all_sites, one, site_of
from tools.planning import book_of
from tools.planning_scope import scope_of
from tools.replanning.arguments import Replan
from tools.replanning.disturbances import URGENT, Meeting, met, rushed
from tools.replanning.floor import floor_of
from tools.replanning.naming import Place, place_named
from tools.replanning.present import Present, present_of
from tools.replanning.proposal import Outcome, Replanning
from tools.replanning.worth import Sale, Weighing
from tools.rows import Queries

_TOLD_EVERY_S = 1.0
_SALES = """
select l.source_key, greatest(l.ordered - coalesce(l.delivered, 0), 0) * coalesce(l.unit_price, 0) as amount
from erp.sales_line l where l.site = %(site)s and l.ordered > coalesce(l.delivered, 0)
"""
_GROUP = "select coalesce(setup_group, '') from erp.material where site = %(site)s and material_id = %(id)s"
_ORDER_AT = """
select site from erp.production_order where order_id = %(number)s
union select site from erp.purchase_line where order_id = %(number)s
"""


async def replanning_of(
    queries: Queries, args: Replan, tell: Callable[[str], None] | None = None
) -> tuple[Replanning, Present, tuple[str, ...]]:
    """The proposal, the shop that it is for, and what has to be said beside it.

    Args:
        tell: hears which way is looked for.

    Raises:
        ToolError: what is named is not there, or nothing can be planned; the message says what would help.
    """
    place: Place | None = None
    notes: list[str] = []
    if args.kind in ("machine_down", "crew_absent"):
        assert args.about is not None
        kinds = ("work_centre", "line", "asset", *(("shift",) if args.kind == "crew_absent" else ()))
        place, is_exact = await place_named(queries.tx, args.about, args.site, kinds)
        if not is_exact and place.name.casefold() != args.about.casefold():
            notes.append(said("Took [[asked]] to mean [[thing]].", asked=repr(args.about), thing=place))
    code = place.site if place else await _site(queries, args)
    named: Named | None = None
    if args.kind == "rush_order":
        assert args.material is not None
        named = await one(queries.tx, Kind.MATERIAL, args.material, code)
    floor = await floor_of(queries, code, [named.thing.id] if named else [])
    book = await book_of(queries, await scope_of(queries, site=code), whole=True)
    present = present_of(floor, book, floor.site.today + timedelta(days=args.horizon_days))
    if not present.tasks:
        raise ToolError(_nothing_to_plan(present))
    if named is not None:
        found = await queries.tx.fetch(_GROUP, {"site": code, "id": named.thing.id})
        meeting = rushed(present, args, named, str(found.rows[0][0]) if found.rows else "")
    else:
        shifts = [
            (one.starts_at, one.ends_at)
            for one in floor.shifts
            if place is not None and place.kind == "shift" and one.shift_id == place.id
        ]
        meeting = met(present, args, place, shifts)
    sales = {sale.source_key: sale for sale in await queries.rows(Sale, _SALES, {"site": code})}
    numbers = [task.order.order_id for task in present.tasks]
    versions = await fact_versions(queries.tx, [("production_order", code, (number,)) for number in numbers])
    found_ways, seconds, is_complete = await _searched(meeting, args, tell)
    facts = dict(zip(numbers, versions, strict=True))
    replanning = _told(meeting, args, found_ways, sales, facts, seconds, is_complete)
    return replanning, meeting.present, (*notes, *meeting.notes, *floor.notes)


async def _site(queries: Queries, args: Replan) -> str:
    """The site that is named, the only one, or the one that has an order of that number.

    Raises:
        ToolError: it is not clear which.
    """
    code = await site_of(queries.tx, args.site)
    if code is not None:
        return code
    sites = await all_sites(queries.tx)
    if len(sites) == 1:
        return sites[0].site
    found = [str(row[0]) for row in (await queries.tx.fetch(_ORDER_AT, {"number": args.about})).rows]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{each.site} ({each.name})" for each in sites)
    raise ToolError(
        said("for which site is to be replanned? There are [[known]]", known=known or said("none"))
    )


def _nothing_to_plan(present: Present) -> str:
    if present.left_out:
        first = present.left_out[0]
        return said(
            "none of the open work orders of [[site]] can be planned; [[order]], for one: [[reason]]",
            site=present.floor.site.site,
            order=first.order,
            reason=first.reason,
        )
    return said("[[site]] has no open work order with anything left to do", site=present.floor.site.site)


def promised(meeting: Meeting) -> tuple[Shop, tuple[Time | None, ...]]:
    """The shop whose due dates are the days that the present plan keeps, and the true due dates.

    What is late anyway is no reason to move half the plan: only what the disturbance adds is. Dates of orders
    are days, so that an order may end at any time of its day.
    """
    shop = meeting.present.shop
    ends: dict[int, Time] = {}
    for slot in meeting.present.plan:
        ends[slot.job] = max(ends.get(slot.job, 0), slot.end)
    jobs = tuple(
        job
        if job.due is None or job.weight == URGENT
        else replace(job, due=max(job.due, _end_of_its_day(meeting.present, ends.get(at, job.due))))
        for at, job in enumerate(shop.jobs)
    )
    return replace(shop, jobs=jobs), tuple(job.due for job in shop.jobs)


def _end_of_its_day(present: Present, minute: Time) -> Time:
    hours = present.floor.hours
    return hours.day_ends(hours.end(minute).date())


async def _searched(
    meeting: Meeting, args: Replan, tell: Callable[[str], None] | None
) -> tuple[Proposal, float, bool]:
    """The ways, the seconds that it took, and whether a solver was there; the event loop lives meanwhile."""
    shop, wanted = promised(meeting)
    began = time.monotonic()
    loop = asyncio.get_running_loop()

    def heard(way: str) -> None:
        if tell is not None:
            text = said("Looking for a way to go on: [[way]]", way=said(WAYS[way]))
            loop.call_soon_threadsafe(tell, text)

    told_at = began

    def bettered(aim: str, value: int, bound: int) -> None:
        nonlocal told_at
        if tell is None or aim != "tardiness" or time.monotonic() - told_at < _TOLD_EVERY_S:
            return
        told_at = time.monotonic()
        text = said(
            "Best plan so far: [[value]] weighted minutes late; none has less than [[bound]] (gap [[gap]] %)",
            value=value,
            bound=bound,
            gap=gap_of(value, bound),
        )
        loop.call_soon_threadsafe(tell, text)

    stop = Stopping(heard, bettered)
    with ending().heeding(stop.stop):
        return await _found(meeting, args, shop, wanted, stop)


async def _found(
    meeting: Meeting, args: Replan, shop: Shop, wanted: Sequence[Time | None], stop: Stopping
) -> tuple[Proposal, float, bool]:
    plan: tuple[Slot, ...] = meeting.present.plan
    began = time.monotonic()
    try:
        await asyncio.to_thread(cp)
        began = time.monotonic()
        found = await asyncio.to_thread(
            replanned, shop, plan, meeting.event, float(args.seconds), args.workers, args.seed, stop, wanted
        )
        return found, time.monotonic() - began, True
    except PlanningNotInstalled:
        return by_rule(shop, plan, meeting.event), time.monotonic() - began, False
    finally:
        # A turn that is cancelled leaves no search behind.
        stop.stop()


def gap_of(value: int, bound: int) -> Decimal:
    """By which share of its value, in percent, a plan could at most be better."""
    if value <= max(0, bound):
        return Decimal(0)
    return (Decimal(value - max(0, bound)) / value * 100).quantize(Decimal("0.1"))


def _told(
    meeting: Meeting,
    args: Replan,
    found: Proposal,
    sales: dict[str, Sale],
    facts: dict[str, FactVersion],
    seconds: float,
    is_complete: bool,
) -> Replanning:
    present = meeting.present
    floor = present.floor
    tasks = (*present.tasks, *((meeting.rush,) if meeting.rush else ()))
    dues = (
        *(_due(present, task.order.due_on) for task in present.tasks),
        *(job.due for job in meeting.event.arrivals),
    )
    weighing = Weighing(present, found.shop, tasks, dues, _excused(meeting), sales, facts)
    outcomes = tuple(weighing.outcome(way) for way in found.alternatives)
    recommended = best_of(outcomes)
    return Replanning(
        floor.site.site,
        floor.zone,
        floor.site.currency,
        floor.hours.now,
        present.horizon,
        floor.hours.start(args.frozen_hours * 60),
        meeting.told,
        tuple(weighing.bar(slot) for slot in present.plan),
        outcomes,
        recommended,
        why(outcomes, recommended),
        tuple(_relaxed(present, found)),
        present.left_out,
        tuple(facts.values()),
        round(seconds, 2),
        is_complete,
        ending().is_asked,
    )


def _excused(meeting: Meeting) -> frozenset[int]:
    return frozenset(meeting.event.releases) if meeting.told.kind == "move" else frozenset()


def _due(present: Present, day: date | None) -> Time | None:
    return None if day is None else present.floor.hours.day_ends(day)


def _relaxed(present: Present, found: Proposal) -> list[str]:
    """What would have to give, in words; the engine speaks of jobs, people of orders."""
    if not found.relax:
        return []
    gone = {
        centre
        for at, centre in enumerate(present.centres)
        if any(window.end >= 10**9 for window in found.shop.machines[at].closed)
    }
    orders = dict.fromkeys(
        task.order.order_id
        for at, task in enumerate(present.tasks)
        for step in found.shop.jobs[at].operations
        if all(present.centres[choice.machine] in gone for choice in step.choices)
    )
    return [
        said(
            "[[order]] can run only on [[centres]], whose outage has no end: say until when, or give its"
            " routing another work centre",
            order=order,
            centres=", ".join(sorted(gone)),
        )
        for order in orders
    ]


def best_of(outcomes: tuple[Outcome, ...]) -> Way | None:
    """The way with the least lateness and unrest: ten operations moved weigh like a day of work later.

    None where no way can be gone.
    """
    can = [one for one in outcomes if not one.broken]
    if not can:
        return None
    best = min(can, key=lambda one: (_burden(one), one.cost, _ORDER[one.way]))
    return best.way


def _burden(one: Outcome) -> Decimal:
    return one.later_days + Decimal(one.moved_operations) / _LIKE_A_DAY


def why(outcomes: tuple[Outcome, ...], recommended: Way | None) -> tuple[str, ...]:
    """Why the recommended way, in clauses without figures: those stand in the table beside it."""
    best = next((one for one in outcomes if one.way == recommended), None)
    if best is None:
        return ()
    if best.way == "do_nothing":
        return (said("the plan can be carried out as it is"),)
    found = []
    for other in outcomes:
        if other.broken or other.way in (best.way, "do_nothing"):
            continue
        name = said(WAYS[other.way])
        if other.later_days > best.later_days:
            found.append(said("less late than [[other]]", other=name))
        elif other.moved_operations > best.moved_operations and other.later_days < best.later_days:
            found.append(said("moves far less than [[other]], which is less late", other=name))
        elif other.moved_operations > best.moved_operations:
            found.append(said("as punctual as [[other]], and moves less", other=name))
        else:
            found.append(said("no worse than [[other]]", other=name))
    return tuple(found)


_LIKE_A_DAY = 10
"""Operations moved that weigh like a day of work by which orders end later."""
_ORDER: dict[Way, int] = {"do_nothing": 0, "stable_repair": 1, "right_shift": 2, "full_resolve": 3}
"""Of ways that are worth the same."""
WAYS: Mapping[str, str] = {
    "do_nothing": "do nothing",
    "right_shift": "right-shift",
    "stable_repair": "stable repair",
    "full_resolve": "full re-solve",
}
"""What people call the ways."""
