"""Where a plan stands when something happens, and what any plan is worth from there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tools.engines.scheduling.dispatching import tardiness
from tools.engines.scheduling.overtime import overtime_cost, overtime_of
from tools.engines.scheduling.shop import (
    Job,
    Machine,
    Shop,
    Slot,
    Time,
    Window,
    in_order,
    makespan,
)
from tools.engines.scheduling.solving import merged
from tools.engines.scheduling.stopping import Stopping
from tools.engines.scheduling.violations import violations

_NEAR = 4
"""Times that a move weighs more right now than at the end of the plan."""


FOREVER = 10**9


@dataclass(frozen=True, slots=True)
class Event:
    """What has happened, in the terms of the shop."""

    now: Time
    kind: str
    closed: Mapping[int, tuple[Window, ...]]
    """Times in which machines are not there any more, by machine."""
    releases: Mapping[int, Time]
    """Jobs whose material or approval comes later than planned."""
    absent: Mapping[int, tuple[Window, ...]] = field(default_factory=dict)
    """Times in which a resource is one less, by resource."""
    arrivals: tuple[Job, ...] = ()
    """Jobs that the plan does not have."""
    frozen: Time = 0
    """Time from now on in which what is planned stays, but for what the event makes impossible."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Where the plan stands at the event."""

    shop: Shop
    """With the event in it."""
    before: tuple[Slot, ...]
    kept: tuple[Slot, ...]
    """Done, under way, or frozen."""
    now: Time
    notes: tuple[str, ...]
    stop: Stopping = field(default_factory=Stopping, compare=False)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan is worth."""

    tardiness: int
    late: int
    makespan: Time
    cost: int
    instability: int
    moved: int
    """Operations that start at another time or run on another machine."""
    machine_changes: int
    inversions: int
    """Pairs on a machine whose order turned round."""
    overtime: Time
    """Work after the end of shifts; `cost` has what it costs."""


def situation(shop: Shop, plan: Sequence[Slot], event: Event, stop: Stopping | None = None) -> Situation:
    """The shop with the event in it, and what of the plan stays."""
    notes = ["an operation that an outage interrupts is begun anew, on whichever machine"]
    promised = {one.job: one.end for one in in_order(plan)}
    jobs = [
        replace(
            job,
            due=promised.get(at) if job.due is None else job.due,
        )
        for at, job in enumerate(shop.jobs)
    ]
    if all(job.due is None for job in shop.jobs):
        notes.append("no due dates are given: the plan's own completion times are the promises")
    machines = tuple(
        replace(one, closed=tuple(merged((*one.closed, *event.closed.get(at, ())))))
        for at, one in enumerate(shop.machines)
    )
    resources = tuple(
        replace(one, absent=(*one.absent, *event.absent.get(at, ()))) for at, one in enumerate(shop.resources)
    )
    after = replace(shop, jobs=(*jobs, *event.arrivals), machines=machines, resources=resources)
    kept = []
    for one in in_order(plan):
        step = shop.jobs[one.job].operations[one.operation]
        outages = [
            *event.closed.get(one.machine, ()),
            *(window for resource in step.uses for window in event.absent.get(resource, ())),
        ]
        down = any(one.start < window.end and window.start < one.end for window in outages)
        begun = one.start < event.now
        late = not begun and one.start < event.releases.get(one.job, 0)
        frozen = one.start < event.now + event.frozen
        if (begun and not down) or (frozen and not down and not late):
            kept.append(one)
    whole = _whole(shop, kept, event.now)
    notes += _thawed(shop, kept, whole, event)
    after = replace(after, jobs=_released(after.jobs, whole, event.releases))
    if event.frozen:
        notes.append("what is planned within the frozen time stays, unless the event itself hits it")
    return Situation(after, in_order(plan), whole, event.now, tuple(notes), stop or Stopping())


def _thawed(shop: Shop, kept: Sequence[Slot], whole: Sequence[Slot], event: Event) -> list[str]:
    """What of the frozen time cannot stay because what comes before it moves, and what would let it."""
    moved = sorted({*kept} - {*whole}, key=lambda one: one.start)
    frozen = [one for one in moved if event.now <= one.start < event.now + event.frozen]
    if not frozen:
        return []
    named = ", ".join(f"{shop.jobs[one.job].name or one.job + 1}.{one.operation + 1}" for one in frozen[:5])
    return [
        f"the frozen time cannot be kept whole: {named} follow on what the event hits and move with it; a"
        f" frozen time of {frozen[0].start - event.now} would hold"
    ]


def _released(jobs: Sequence[Job], kept: Sequence[Slot], releases: Mapping[int, Time]) -> tuple[Job, ...]:
    """The jobs, with what comes late from their next operation on."""
    done: dict[int, int] = defaultdict(int)
    for one in kept:
        done[one.job] += 1
    found = []
    for at, job in enumerate(jobs):
        steps = list(job.operations)
        if at in releases and done[at] < len(steps):
            following = steps[done[at]]
            steps[done[at]] = replace(following, release=max(following.release, releases[at]))
        found.append(replace(job, operations=tuple(steps)))
    return tuple(found)


def _whole(shop: Shop, kept: list[Slot], now: Time) -> tuple[Slot, ...]:
    """What stays, without operations whose predecessor in the job, or whose supplying job, does not."""
    found: list[Slot] = []
    expected: dict[int, int] = defaultdict(int)
    left = in_order(kept)
    while left:
        rest: list[Slot] = []
        for one in left:
            waits = one.operation == 0 and one.start >= now
            supplied = not waits or all(
                expected[each] == len(shop.jobs[each].operations) for each in shop.jobs[one.job].after
            )
            if one.operation == expected[one.job] and supplied:
                expected[one.job] += 1
                found.append(one)
            else:
                rest.append(one)
        if len(rest) == len(left):
            break
        left = tuple(rest)
    return in_order(found)


def stuck(where: Situation) -> list[str]:
    """Operations that no machine will ever take again."""
    begun = {(one.job, one.operation) for one in where.kept}
    found = []
    for at, job in enumerate(where.shop.jobs):
        for number, step in enumerate(job.operations):
            gone = [one.machine for one in step.choices if is_gone(where.shop.machines[one.machine])]
            if len(gone) == len(step.choices) and (at, number) not in begun:
                names = ", ".join(where.shop.machines[one].name for one in gone)
                found.append(
                    f"job {job.name or at + 1} operation {number + 1} runs only on {names}, whose outage "
                    "has no end: name an end, or another machine"
                )
    return found


def is_gone(machine: Machine) -> bool:
    return any(window.end >= FOREVER for window in machine.closed)


def figures(where: Situation, slots: Sequence[Slot]) -> Figures:
    """What a plan is worth beside the one before the event."""
    before = {(one.job, one.operation): one for one in where.before}
    weights = nearness(where)
    moved, changes, instability = 0, 0, 0
    for one in slots:
        old = before.get((one.job, one.operation))
        if old is None:
            continue
        is_changed = old.machine != one.machine
        is_moved = is_changed or old.start != one.start
        moved, changes = moved + is_moved, changes + is_changed
        instability += weights[one.job, one.operation] * is_moved + is_changed
    ends = {one.job: one.end for one in in_order(slots)}
    late = sum(job.due is not None and ends.get(at, 0) > job.due for at, job in enumerate(where.shop.jobs))
    return Figures(
        tardiness(where.shop, slots), late, makespan(slots), cost_of(where.shop, slots), instability, moved,
        changes, _inversions(where.before, slots), overtime_of(slots),
    )  # fmt: skip


def aims_of(where: Situation, slots: Sequence[Slot]) -> tuple[int, int, int]:
    """The order of aims."""
    one = figures(where, slots)
    return one.tardiness, one.cost, one.instability


def nearness(where: Situation) -> dict[tuple[int, int], int]:
    """How much the move of an operation counts: more, the sooner it was to begin."""
    span = max(1, makespan(where.before) - where.now)
    return {
        (one.job, one.operation): 1
        + _NEAR * max(0, makespan(where.before) - max(one.start, where.now)) // span
        for one in where.before
    }


def cost_of(shop: Shop, slots: Sequence[Slot]) -> int:
    total = overtime_cost(shop, slots)
    queues: dict[int, list[Slot]] = defaultdict(list)
    for slot in slots:
        step = shop.jobs[slot.job].operations[slot.operation]
        total += sum(choice.cost for choice in step.choices if choice.machine == slot.machine)
        queues[slot.machine].append(slot)
    for queue in queues.values():
        queue.sort(key=by_time)
        families = [shop.jobs[slot.job].operations[slot.operation].family for slot in queue]
        total += shop.setup_cost * sum(
            one is not None and other is not None and one != other for one, other in pairwise(families)
        )
    return total


def _inversions(before: Sequence[Slot], slots: Sequence[Slot]) -> int:
    """Neighbours of the plan on a machine that are both still there and now in the other order."""
    now = {(slot.job, slot.operation): slot for slot in slots}
    queues: dict[int, list[Slot]] = defaultdict(list)
    for slot in sorted(before, key=by_time):
        queues[slot.machine].append(slot)
    found = 0
    for queue in queues.values():
        for earlier, later in pairwise(queue):
            one, other = now.get((earlier.job, earlier.operation)), now.get((later.job, later.operation))
            if one is not None and other is not None and one.machine == other.machine:
                found += other.start < one.start
    return found


def by_time(slot: Slot) -> tuple[Time, Time, int, int]:
    return slot.start, slot.end, slot.job, slot.operation


def broken(where: Situation, slots: Sequence[Slot]) -> list[str]:
    """What cannot be carried out, but for what has happened already."""
    done = {(one.job, one.operation) for one in where.kept}
    past = [
        f"job {one.job + 1} operation {one.operation + 1} would start at {one.start}, before now"
        for one in slots
        if (one.job, one.operation) not in done and one.start < where.now
    ]
    return [*past, *violations(where.shop, slots)]


def is_hit(shop: Shop, slot: Slot) -> bool:
    """True where a slot cannot stay for what its machine, its resources or its release have become."""
    step = shop.jobs[slot.job].operations[slot.operation]
    windows = [*shop.machines[slot.machine].closed]
    for resource in step.uses:
        windows += shop.resources[resource].absent
    return slot.start < max(shop.jobs[slot.job].release, step.release) or any(
        slot.start < one.end and one.start < slot.end for one in windows
    )
