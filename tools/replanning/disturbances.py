"""What a disturbance does to a shop: which work centres are not there when, and which orders have to wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import assert_never

from tools.engines.scheduling.shop import Job, Time, Window
from tools.engines.scheduling.situations import FOREVER, Event
from tools.errors import ToolError
from tools.languages import said
from tools.matching import fitting, meant, nearest
from tools.naming import Named, Thing
from tools.planning import Book, Entry
from tools.replanning.arguments import Replan
from tools.replanning.floor import Floor, OpenOrder
from tools.replanning.naming import Place
from tools.replanning.present import Present, Task
from tools.replanning.proposal import Disturbance

RUSH = "RUSH"
"""What a rush order is called that has no number yet."""
URGENT = 100
"""What a minute of lateness weighs of what somebody asks for by name."""
_OTHERS = 10
"""Times that other orders count more than one that somebody wants later."""
_OFFERED = 5


@dataclass(frozen=True, slots=True)
class Meeting:
    """A disturbance as the engine takes it."""

    event: Event
    told: Disturbance
    present: Present
    """With the rush order among its tasks, and with what a move asks for."""
    rush: Task | None = None
    notes: tuple[str, ...] = ()


def met(present: Present, args: Replan, place: Place | None, shifts: Sequence[tuple[time, time]]) -> Meeting:
    """The disturbance in the shop's own terms.

    Args:
        place: what stands still or has no people.
        shifts: start and end of the shift that is absent, where it is one.

    Raises:
        ToolError: what is named is none of the shop's, or the days do not fit.
    """
    frozen = args.frozen_hours * 60
    match args.kind:
        case "machine_down" | "crew_absent":
            assert place is not None
            return _standing(present, args, place, shifts, frozen)
        case "material_late":
            assert args.about is not None
            lines = deliveries(present.book, present.floor.site.site, args.about)
            day = args.until or _later_by(present, lines, args.late_days or 0)
            return _waiting(present, args, _pegged(present, lines), day, frozen)
        case "quality_hold":
            assert args.until is not None
            return _waiting(present, args, _held(present, args), args.until, frozen)
        case "move":
            return _moved(present, args, frozen)
        case "rush_order":
            raise AssertionError("a rush order has its material to look up: see `rushed`")
        case _:
            assert_never(args.kind)


def _standing(
    present: Present, args: Replan, place: Place, shifts: Sequence[tuple[time, time]], frozen: Time
) -> Meeting:
    hours = present.floor.hours
    start = hours.day_begins(args.since) if args.since else 0
    if args.hours is not None:
        end = start + args.hours * 60
    else:
        end = FOREVER if args.until is None else hours.day_begins(args.until)
    if end <= start:
        raise ToolError(
            said(
                "it is over before it begins: say until which day after [[day]]",
                day=hours.start(start).date(),
            )
        )
    windows = [Window(start, end)]
    if shifts:
        windows = _of_shifts(present.floor, shifts, start, end)
        if not windows:
            raise ToolError(said("no shift of [[name]] lies in that time", name=place.name))
    centres = place.centres or present.centres
    machines = [present.machine_of[one] for one in centres if one in present.machine_of]
    told = Disturbance(
        args.kind,
        place.id,
        place.name,
        hours.start(windows[0].start),
        None if windows[-1].end >= FOREVER else hours.start(windows[-1].end),
    )
    event = Event(0, args.kind, {one: tuple(windows) for one in machines}, {}, frozen=frozen)
    return Meeting(event, told, present)


def _of_shifts(floor: Floor, shifts: Sequence[tuple[time, time]], start: Time, end: Time) -> list[Window]:
    """The times of a shift between two minutes of work; without an end, for four weeks."""
    hours = floor.hours
    found = []
    day = hours.start(start).date() - timedelta(days=1)
    last = hours.start(end).date() if end < FOREVER else day + timedelta(days=28)
    while day <= last:
        for opens, closes in shifts:
            begins = datetime.combine(day, opens, hours.zone)
            ends = datetime.combine(day + timedelta(days=closes <= opens), closes, hours.zone)
            window = Window(max(start, hours.minute(begins)), min(end, hours.minute(ends)))
            if window.start < window.end:
                found.append(window)
        day += timedelta(days=1)
    return found


def _waiting(
    present: Present, args: Replan, found: tuple[str, str, list[str]], day: date, frozen: Time
) -> Meeting:
    subject, name, orders = found
    _ahead(present, day)
    until = present.floor.hours.day_begins(day)
    jobs = [present.job_of[one] for one in orders if one in present.job_of]
    if not jobs:
        raise ToolError(
            said("no planned work order waits for [[name]], so nothing has to be replanned", name=name)
        )
    told = Disturbance(
        args.kind,
        subject,
        name,
        present.floor.hours.now,
        present.floor.hours.start(until),
        tuple(present.tasks[one].order.order_id for one in jobs),
    )
    return Meeting(Event(0, args.kind, {}, dict.fromkeys(jobs, until), frozen=frozen), told, present)


def _ahead(present: Present, day: date) -> None:
    """Raise for a day that is over."""
    if day < present.floor.hours.now.date():
        raise ToolError(said("[[day]] is over: name a day from today on", day=day))


def _later_by(present: Present, lines: Sequence[Entry], days: int) -> date:
    today = present.floor.site.today
    return max(max(line.due or today, today) for line in lines) + timedelta(days=days)


def _pegged(present: Present, lines: Sequence[Entry]) -> tuple[str, str, list[str]]:
    """The orders whose parts come with the delivery that is late."""
    orders = []
    for line in lines:
        for peg in present.network.allocation(line.material_id).pegs:
            if peg.supply == line.key and peg.demand in present.book.by_key:
                orders.append(present.book.by_key[peg.demand].order_id)
    names = dict.fromkeys(entry.partner for entry in lines)
    name = ", ".join((*dict.fromkeys(line.order_id for line in lines[:3]), *list(names)[:1]))
    return lines[0].order_id, name, list(dict.fromkeys(orders))


def deliveries(book: Book, site: str, text: str) -> list[Entry]:
    """The open lines of a purchase order, or of what a supplier or a material has to come.

    Raises:
        ToolError: nothing to come is called so, or several things are.
    """
    receipts = [
        entry
        for entry in book.entries
        if entry.record == "purchase_line" and entry.quantity > 0 and entry.site == site
    ]
    of_order = [entry for entry in receipts if entry.order_id == text]
    if of_order:
        return of_order
    suppliers = [Thing(site, one, "", one) for one in dict.fromkeys(entry.partner for entry in receipts)]
    coming = {entry.material_id for entry in receipts}
    materials = [
        Thing(site, one.material_id, one.number, one.name)
        for one in book.materials.values()
        if one.site == site and one.material_id in coming
    ]
    taken = meant(fitting(text, [*suppliers, *materials]))
    if len(taken) > 1:
        listed = ", ".join(str(match.thing) for match in taken[:_OFFERED])
        raise ToolError(
            said("[[asked]] may mean several: [[listed]]; which of them?", asked=repr(text), listed=listed)
        )
    ids = {match.thing.id for match in taken}
    lines = [entry for entry in receipts if entry.material_id in ids or entry.partner in ids]
    if not lines:
        raise ToolError(
            said(
                "no open purchase order, supplier or material with a delivery to come is called [[asked]]",
                asked=repr(text),
            )
        )
    return lines


def _held(present: Present, args: Replan) -> tuple[str, str, list[str]]:
    """The order on hold itself, or the orders that take the material on hold and have not got it yet."""
    assert args.about is not None
    site = present.floor.site.site
    if args.about in present.job_of:
        return args.about, args.about, [args.about]
    things = [
        Thing(site, one.material_id, one.number, one.name)
        for one in present.book.materials.values()
        if one.site == site
    ]
    taken = meant(fitting(args.about, things))
    if len(taken) != 1:
        near = [match.thing for match in taken] or nearest(args.about, things, _OFFERED)
        raise ToolError(
            said(
                "[[asked]] is not the one material or work order on hold; the nearest are [[near]]",
                asked=repr(args.about),
                near=", ".join(map(str, near[:_OFFERED])),
            )
        )
    material = taken[0].thing
    orders = [
        entry.order_id
        for entry in present.book.by_material.get((site, material.id), ())
        if entry.record == "reservation"
    ]
    orders += [task.order.order_id for task in present.tasks if task.order.material_id == material.id]
    return material.id, str(material), list(dict.fromkeys(orders))


def task_of(present: Present, number: str) -> int:
    """The job of a work order's number.

    Raises:
        ToolError: it is not open, or cannot be planned; the message says why.
    """
    if number in present.job_of:
        return present.job_of[number]
    left_out = next((one for one in present.left_out if one.order == number), None)
    if left_out is not None:
        raise ToolError(
            said("work order [[order]] cannot be planned: [[reason]]", order=number, reason=left_out.reason)
        )
    near = nearest(number, [Thing("", one, "", one) for one in present.job_of], _OFFERED)
    raise ToolError(
        said(
            "no open work order of [[site]] in the next [[days]] days has the number [[order]]; near it are"
            " [[near]]",
            site=present.floor.site.site,
            days=(present.horizon - present.floor.site.today).days,
            order=repr(number),
            near=", ".join(one.id for one in near),
        )
    )


def _moved(present: Present, args: Replan, frozen: Time) -> Meeting:
    """Later: the order waits for its day. Earlier: the day is when it is wanted, before all else."""
    assert args.about is not None
    assert args.until is not None
    job = task_of(present, args.about)
    hours = present.floor.hours
    _ahead(present, args.until)
    begins, ends = hours.day_begins(args.until), hours.day_ends(args.until)
    planned = [slot for slot in present.plan if slot.job == job]
    first = min(slot.start for slot in planned)
    if first < frozen:
        raise ToolError(
            said(
                "work order [[order]] starts within the frozen hours, up to [[moment]]: with fewer of them it"
                " can be moved; the plan stays as it is",
                order=args.about,
                moment=f"{hours.start(frozen):%Y-%m-%d %H:%M}",
            )
        )
    told = Disturbance("move", args.about, args.about, hours.now, hours.start(begins), (args.about,))
    jobs = list(present.shop.jobs)
    if first < begins:
        # Whoever wants it later takes that it ends later: as soon as it can from that day on.
        work = sum(min(one.duration for one in step.choices) for step in jobs[job].operations)
        soonest = hours.day_ends(hours.end(begins + work).date())
        own = replace(jobs[job], due=max(soonest, jobs[job].due or 0))
        # Its own end matters least: others, and what it supplies, are not to pay for the wish.
        jobs = [replace(one, weight=one.weight * _OTHERS) for one in jobs]
        jobs[job] = own
        shop = replace(present.shop, jobs=tuple(jobs))
        event = Event(0, "move", {}, {job: begins}, frozen=frozen)
        return Meeting(event, told, replace(present, shop=shop))
    jobs[job] = replace(jobs[job], due=ends, weight=URGENT)
    wanted = replace(present, shop=replace(present.shop, jobs=tuple(jobs)))
    note = said("Moved forward: the order is to be done by the end of that day, before all else.")
    return Meeting(Event(0, "move", {}, {}, frozen=frozen), told, wanted, notes=(note,))


def rushed(present: Present, args: Replan, named: Named, group: str) -> Meeting:
    """One more order, made by the routing of its material; its parts are not looked for.

    Raises:
        ToolError: the material has no routing.
    """
    assert args.quantity is not None
    assert args.until is not None
    floor = present.floor
    _ahead(present, args.until)
    steps = floor.routes.get(named.thing.id, ())
    if not steps:
        raise ToolError(
            said("[[material]] has no routing: enter one, and the order can be planned", material=named.thing)
        )
    known = present.book.materials.get((floor.site.site, named.thing.id))
    order = OpenOrder(
        order_id=RUSH,
        material_id=named.thing.id,
        material=named.thing.name,
        unit=known.unit if known else "",
        setup_group=group,
        status="",
        quantity=args.quantity,
        start_on=floor.site.today,
        due_on=args.until,
        source_system="",
        source_key="",
        flags=(),
    )
    task = Task(order, tuple((step, args.quantity) for step in steps))
    job: Job = present.job(task, 0, floor.hours.day_ends(args.until), URGENT)
    told = Disturbance(
        "rush_order",
        named.thing.id,
        str(named.thing),
        floor.hours.now,
        floor.hours.end(max(1, floor.hours.day_ends(args.until))),
        (RUSH,),
        args.quantity,
    )
    event = Event(0, "rush_order", {}, {}, arrivals=(job,), frozen=args.frozen_hours * 60)
    note = said("Whether the parts of the rush order are there was not looked at: ask what goes into it.")
    return Meeting(event, told, present, task, (*named.caveats, note))
