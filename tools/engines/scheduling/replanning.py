"""What to do when a plan meets an event: nothing, shift right, a stable repair, or all anew, side by side.

The order of aims is fixed: weighted tardiness first, then cost, then how much of the plan moves.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

from tools.engines.scheduling.dispatching import dispatched, quickly, tardiness
from tools.engines.scheduling.repairing import gap_repair
from tools.engines.scheduling.shop import (
    Job,
    Machine,
    Shop,
    ShopInvalid,
    Slot,
    Time,
    Window,
    in_order,
    makespan,
)
from tools.engines.scheduling.solving import Status, Variables, built, configure, cp, hinted, merged, read
from tools.engines.scheduling.violations import violations

Way = Literal["do_nothing", "right_shift", "stable_repair", "full_resolve"]
_PREFERRED: tuple[Way, ...] = ("do_nothing", "stable_repair", "right_shift", "full_resolve")
"""Of ways that are worth the same."""
_NEAR = 4
"""Times that a move weighs more right now than at the end of the plan."""


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


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to go on."""

    way: Way
    slots: tuple[Slot, ...]
    figures: Figures
    status: Status | Literal["RULE"]
    """`RULE`: no solver was asked."""
    bound: int | None
    """No plan is less tardy, as far as the solver has shown."""
    seconds: float
    broken: tuple[str, ...]
    """What cannot be carried out; empty where all can."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The ways to go on side by side, and the one to take."""

    shop: Shop
    before: tuple[Slot, ...]
    alternatives: tuple[Alternative, ...]
    recommended: Way | None
    why: str
    relax: tuple[str, ...]
    """What would have to give where no way can be gone."""
    notes: tuple[str, ...]


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


def replanned(
    shop: Shop, plan: Sequence[Slot], event: Event, time_limit: float, workers: int = 8, seed: int = 0
) -> Proposal:
    """The four ways to go on after an event.

    Raises:
        ShopInvalid: the plan is none of this shop.
    """
    began = time.monotonic()
    wrong = violations(shop, plan)
    if wrong:
        raise ShopInvalid(f"the given schedule cannot be carried out even before the event: {wrong[0]}")
    where = situation(shop, plan, event)
    stuck = _stuck(where)
    nothing = _as_planned(where)
    if stuck:
        return Proposal(
            where.shop, where.before, (nothing,), None, "no way can be gone", tuple(stuck), where.notes
        )
    shifted = _alternative(where, "right_shift", right_shift(where), "RULE", None, time.monotonic())
    # A tenth is for what solving takes beside its own time: building models, looking results over.
    ends = began + 0.9 * time_limit
    repaired = _stable(where, shifted.slots, (ends - time.monotonic()) * 0.55, workers, seed)
    anew = _anew(where, repaired.slots, max(0.1, (ends - time.monotonic()) * 0.8), workers, seed)
    if anew.figures.tardiness < repaired.figures.tardiness:
        # The repair had less time to look for service than the search without regard to the plan.
        repaired = _stable(where, anew.slots, max(0.1, ends - time.monotonic()), workers, seed)
    alternatives = (nothing, shifted, repaired, anew)
    best = min(
        (one for one in alternatives if not one.broken),
        key=lambda one: (_aims(where, one.slots), _PREFERRED.index(one.way)),
    )
    return Proposal(
        where.shop, where.before, alternatives, best.way, _why(best, alternatives), (), where.notes
    )


def situation(shop: Shop, plan: Sequence[Slot], event: Event) -> Situation:
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
        Machine(one.name, tuple(merged((*one.closed, *event.closed.get(at, ())))))
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
    whole = _whole(kept)
    after = replace(after, jobs=_released(after.jobs, whole, event.releases))
    if event.frozen:
        notes.append("what is planned within the frozen time stays, unless the event itself hits it")
    return Situation(after, in_order(plan), whole, event.now, tuple(notes))


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


def _whole(kept: list[Slot]) -> tuple[Slot, ...]:
    """What stays, without operations whose predecessor in the job does not."""
    found: list[Slot] = []
    expected: dict[int, int] = defaultdict(int)
    for one in in_order(kept):
        if one.operation == expected[one.job]:
            expected[one.job] += 1
            found.append(one)
    return tuple(found)


def _stuck(where: Situation) -> list[str]:
    """Operations that no machine will ever take again."""
    begun = {(one.job, one.operation) for one in where.kept}
    found = []
    for at, job in enumerate(where.shop.jobs):
        for number, step in enumerate(job.operations):
            gone = [one.machine for one in step.choices if _is_gone(where.shop.machines[one.machine])]
            if len(gone) == len(step.choices) and (at, number) not in begun:
                names = ", ".join(where.shop.machines[one].name for one in gone)
                found.append(
                    f"job {job.name or at + 1} operation {number + 1} runs only on {names}, whose outage "
                    "has no end: name an end, or another machine"
                )
    return found


FOREVER = 10**9


def _is_gone(machine: Machine) -> bool:
    return any(window.end >= FOREVER for window in machine.closed)


# ── ways ──────────────────────────────────────────────────────────────────────────────────────────────────
def _as_planned(where: Situation) -> Alternative:
    begins = time.monotonic()
    return _alternative(where, "do_nothing", where.before, "RULE", None, begins)


def right_shift(where: Situation) -> tuple[Slot, ...]:
    """The plan's machines and sequence, each operation as early as it can then be; new jobs behind them."""
    order = {(one.job, one.operation): at for at, one in enumerate(sorted(where.before, key=_by_time))}
    machine = {(one.job, one.operation): one.machine for one in where.before}
    behind = len(order)
    for at, job in enumerate(where.shop.jobs):
        for number in range(len(job.operations)):
            order.setdefault((at, number), behind + number)
    jobs = tuple(
        replace(
            job,
            operations=tuple(
                _there(step, machine.get((at, number)), where) for number, step in enumerate(job.operations)
            ),
        )
        for at, job in enumerate(where.shop.jobs)
    )
    planned = {(one.job, one.operation): one.start for one in where.before}
    return dispatched(replace(where.shop, jobs=jobs), order, where.kept, where.now, not_before=planned)


def _there(step: Any, machine: int | None, where: Situation) -> Any:
    """The operation with the machine of the plan alone, unless that is gone for good."""
    own = tuple(one for one in step.choices if one.machine == machine)
    usable = own if own and not _is_gone(where.shop.machines[own[0].machine]) else ()
    rest = tuple(one for one in step.choices if not _is_gone(where.shop.machines[one.machine]))
    return replace(step, choices=usable or rest or step.choices)


def _by_time(slot: Slot) -> tuple[Time, Time, int, int]:
    return slot.start, slot.end, slot.job, slot.operation


def _stable(where: Situation, first: Sequence[Slot], seconds: float, workers: int, seed: int) -> Alternative:
    """As little tardiness as can be found, and of plans with that the one that costs and moves least."""
    begins = time.monotonic()
    gaps = gap_repair(where.shop, where.before, where.kept, where.now)
    candidates = [tuple(first), *([] if _broken(where, gaps) else [gaps])]
    least_tardy = min(tardiness(where.shop, one) for one in candidates)
    candidates += _matched_up(where, least_tardy, seconds * 0.4, workers, seed)
    found = min(candidates, key=lambda one: _aims(where, one))
    status: Status = "OPTIMAL"
    bound = 0
    if tardiness(where.shop, found):
        found, status, bound = _solved(where, "tardiness", found, seconds * 0.4, workers, seed, None)
    limits = {"tardiness": tardiness(where.shop, found)}
    if _has_costs(where.shop):
        found, _, _ = _solved(where, "cost", found, seconds * 0.2, workers, seed, limits)
        limits["cost"] = _cost(where.shop, found)
    least = min((*candidates, found), key=lambda one: _aims(where, one))
    left = seconds - (time.monotonic() - begins)
    found, steady, _ = _solved(where, "instability", least, max(0.2, left), workers, seed, limits)
    better = min((least, found), key=lambda one: _aims(where, one))
    found = _settled(where, better, begins + max(seconds * 1.05, 0.2))
    proven: Status = "OPTIMAL" if status == steady == "OPTIMAL" else "FEASIBLE"
    return _alternative(where, "stable_repair", found, proven, bound, begins)


def _settled(where: Situation, slots: tuple[Slot, ...], ends: float) -> tuple[Slot, ...]:
    """The plan without moves that are there by chance: what can begin when it was to begin does."""
    before = {(one.job, one.operation): one for one in where.before}
    found, aims = slots, _aims(where, slots)
    for one in sorted(slots, key=_by_time, reverse=True):
        old = before.get((one.job, one.operation))
        if old is None or old.start == one.start or old.start < where.now:
            continue
        if time.monotonic() > ends:
            break
        there = replace(one, start=old.start, end=old.start + one.end - one.start)
        other = tuple(there if each == one else each for each in found)
        if _aims(where, other) <= aims and not _broken(where, other):
            found, aims = other, _aims(where, other)
    return found


def _matched_up(
    where: Situation, tardy: int, seconds: float, workers: int, seed: int
) -> list[tuple[Slot, ...]]:
    """A plan that is the old one again from some time on, the earliest at which that can be; or none.

    Only what was to begin before that time is free: few operations, so that the solver is through at once.
    """
    ends = time.monotonic() + seconds
    kept = {(one.job, one.operation) for one in where.kept}
    rest = [one for one in where.before if (one.job, one.operation) not in kept]
    span = max(1, makespan(where.before) - where.now)
    hit = {(one.job, one.operation) for one in rest if one.start < where.now or _is_hit(where.shop, one)}
    first = max((one.end for one in rest if (one.job, one.operation) in hit), default=where.now) - where.now
    for factor in (1, 2, 3, 5, 8):
        until = where.now + max(1, first) * factor
        left = ends - time.monotonic()
        if left <= 0 or until >= where.now + span:
            break
        later = [one for one in rest if one.start >= until and (one.job, one.operation) not in hit]
        there = replace(where, kept=in_order((*where.kept, *later)))
        limits = {"tardiness": tardy}
        found, status, _ = _solved(there, "instability", where.before, left / 2, workers, seed, limits)
        if status in ("OPTIMAL", "FEASIBLE") and not _broken(where, found):
            return [found]
    return []


def _is_hit(shop: Shop, slot: Slot) -> bool:
    """True where a slot cannot stay for what its machine, its resources or its release have become."""
    step = shop.jobs[slot.job].operations[slot.operation]
    windows = [*shop.machines[slot.machine].closed]
    for resource in step.uses:
        windows += shop.resources[resource].absent
    return slot.start < max(shop.jobs[slot.job].release, step.release) or any(
        slot.start < one.end and one.start < slot.end for one in windows
    )


def _aims(where: Situation, slots: Sequence[Slot]) -> tuple[int, int, int]:
    """The order of aims."""
    one = figures(where, slots)
    return one.tardiness, one.cost, one.instability


def _anew(where: Situation, first: Sequence[Slot], seconds: float, workers: int, seed: int) -> Alternative:
    """As little tardiness as can be found, then the earliest end, whatever moves."""
    begins = time.monotonic()
    quick = quickly(where.shop, min(0.3, seconds / 10), seed, where.kept, where.now)
    start = min((tuple(first), quick), key=lambda one: (tardiness(where.shop, one), makespan(one)))
    found, bound = start, 0
    status: Status = "OPTIMAL"
    if tardiness(where.shop, start):
        found, status, bound = _solved(where, "tardiness", start, seconds * 0.6, workers, seed, None)
    limits = {"tardiness": tardiness(where.shop, found)}
    left = seconds - (time.monotonic() - begins)
    found, ended, _ = _solved(where, "makespan", found, max(0.1, left), workers, seed, limits)
    proven: Status = "OPTIMAL" if status == ended == "OPTIMAL" else "FEASIBLE"
    return _alternative(where, "full_resolve", found, proven, bound, begins)


_Aim = Literal["tardiness", "cost", "instability", "makespan"]


def _solved(
    where: Situation,
    aim: _Aim,
    first: Sequence[Slot],
    seconds: float,
    workers: int,
    seed: int,
    limits: Mapping[str, int] | None,
) -> tuple[tuple[Slot, ...], Status, int]:
    """The best plan for an aim, no worse than `first`, within what earlier aims allow."""
    module = cp()
    shop = where.shop
    model = module.CpModel()
    kept = {(one.job, one.operation): one for one in where.kept}
    # Later than either plan may be worth it: for the jobs that are due, others can wait.
    horizon = max(makespan(first), makespan(where.before)) * 5 // 4
    variables = built(module, model, shop, horizon, where.now, kept)
    aims = {
        "tardiness": lambda: _tardy(model, shop, variables, horizon),
        "cost": lambda: _costs(shop, variables),
        "instability": lambda: _moves(model, where, variables, first),
        "makespan": lambda: _end(model, shop, variables, horizon),
    }
    for name, limit in (limits or {}).items():
        model.add(aims[name]() <= limit)
    hinted(
        model,
        {key: of for key, of in variables.items() if key not in kept},
        [one for one in first if (one.job, one.operation) not in kept],
    )
    model.minimize(aims[aim]())
    solver = module.CpSolver()
    configure(solver, seconds, workers, seed)
    status = solver.solve(model)
    if status not in (module.OPTIMAL, module.FEASIBLE):
        return tuple(first), "INFEASIBLE" if status == module.INFEASIBLE else "UNKNOWN", 0
    return (
        read(solver, variables),
        "OPTIMAL" if status == module.OPTIMAL else "FEASIBLE",
        max(0, round(solver.best_objective_bound)),
    )


def _tardy(model: Any, shop: Shop, variables: Mapping[tuple[int, int], Variables], horizon: Time) -> Any:
    terms = []
    for at, job in enumerate(shop.jobs):
        if job.due is not None and job.weight:
            late = model.new_int_var(0, max(0, horizon - job.due), "")
            model.add(late >= variables[at, len(job.operations) - 1].end - job.due)
            terms.append(job.weight * late)
    return sum(terms)


def _end(model: Any, shop: Shop, variables: Mapping[tuple[int, int], Variables], horizon: Time) -> Any:
    end = model.new_int_var(0, horizon, "")
    for at, job in enumerate(shop.jobs):
        model.add(end >= variables[at, len(job.operations) - 1].end)
    return end


def _costs(shop: Shop, variables: Mapping[tuple[int, int], Variables]) -> Any:
    return sum(
        choice.cost * variables[at, number].on[choice.machine]
        for at, job in enumerate(shop.jobs)
        for number, step in enumerate(job.operations)
        for choice in step.choices
        if choice.cost and choice.machine in variables[at, number].on
    )


def _moves(
    model: Any, where: Situation, variables: Mapping[tuple[int, int], Variables], first: Sequence[Slot]
) -> Any:
    now_at = {(one.job, one.operation): one for one in first}
    kept = {(one.job, one.operation) for one in where.kept}
    weights = _nearness(where)
    terms = []
    for one in where.before:
        key = (one.job, one.operation)
        if key in kept:
            continue
        of = variables[key]
        moved = model.new_bool_var("")
        if one.start < where.now or one.machine not in of.on:
            model.add(moved == 1)
        else:
            model.add(of.start == one.start).only_enforce_if(~moved)
            model.add_implication(~moved, of.on[one.machine])
        changed = 1 - of.on[one.machine] if one.machine in of.on else 1
        terms.append(weights[key] * moved + changed)
        to = now_at.get(key)
        model.add_hint(moved, to is None or (to.start, to.machine) != (one.start, one.machine))
    return sum(terms)


def _nearness(where: Situation) -> dict[tuple[int, int], int]:
    """How much the move of an operation counts: more, the sooner it was to begin."""
    span = max(1, makespan(where.before) - where.now)
    return {
        (one.job, one.operation): 1
        + _NEAR * max(0, makespan(where.before) - max(one.start, where.now)) // span
        for one in where.before
    }


def _has_costs(shop: Shop) -> bool:
    return any(choice.cost for job in shop.jobs for step in job.operations for choice in step.choices)


# ── figures ───────────────────────────────────────────────────────────────────────────────────────────────
def figures(where: Situation, slots: Sequence[Slot]) -> Figures:
    """What a plan is worth beside the one before the event."""
    before = {(one.job, one.operation): one for one in where.before}
    weights = _nearness(where)
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
        tardiness(where.shop, slots), late, makespan(slots), _cost(where.shop, slots), instability, moved,
        changes, _inversions(where.before, slots),
    )  # fmt: skip


def _cost(shop: Shop, slots: Sequence[Slot]) -> int:
    total = 0
    queues: dict[int, list[Slot]] = defaultdict(list)
    for slot in slots:
        step = shop.jobs[slot.job].operations[slot.operation]
        total += sum(choice.cost for choice in step.choices if choice.machine == slot.machine)
        queues[slot.machine].append(slot)
    for queue in queues.values():
        queue.sort(key=_by_time)
        families = [shop.jobs[slot.job].operations[slot.operation].family for slot in queue]
        total += shop.setup_cost * sum(
            one is not None and other is not None and one != other for one, other in pairwise(families)
        )
    return total


def _inversions(before: Sequence[Slot], slots: Sequence[Slot]) -> int:
    """Neighbours of the plan on a machine that are both still there and now in the other order."""
    now = {(slot.job, slot.operation): slot for slot in slots}
    queues: dict[int, list[Slot]] = defaultdict(list)
    for slot in sorted(before, key=_by_time):
        queues[slot.machine].append(slot)
    found = 0
    for queue in queues.values():
        for earlier, later in pairwise(queue):
            one, other = now.get((earlier.job, earlier.operation)), now.get((later.job, later.operation))
            if one is not None and other is not None and one.machine == other.machine:
                found += other.start < one.start
    return found


def _alternative(
    where: Situation,
    way: Way,
    slots: Sequence[Slot],
    status: Status | Literal["RULE"],
    bound: int | None,
    began: float,
) -> Alternative:
    return Alternative(
        way,
        in_order(slots),
        figures(where, slots),
        status,
        bound,
        time.monotonic() - began,
        tuple(_broken(where, slots)),
    )


def _broken(where: Situation, slots: Sequence[Slot]) -> list[str]:
    """What cannot be carried out, but for what has happened already."""
    done = {(one.job, one.operation) for one in where.kept}
    past = [
        f"job {one.job + 1} operation {one.operation + 1} would start at {one.start}, before now"
        for one in slots
        if (one.job, one.operation) not in done and one.start < where.now
    ]
    return [*past, *violations(where.shop, slots)]


def _why(best: Alternative, alternatives: Sequence[Alternative]) -> str:
    if best.way == "do_nothing":
        return "the plan can be carried out as it is"
    others = [one for one in alternatives if not one.broken and one.way != best.way]
    parts = []
    for one in others:
        difference = one.figures.tardiness - best.figures.tardiness
        if difference > 0:
            parts.append(f"{difference} less weighted tardiness than {one.way}")
        elif one.figures.cost > best.figures.cost:
            parts.append(f"cost {one.figures.cost - best.figures.cost} below {one.way}")
        elif one.figures.moved > best.figures.moved:
            parts.append(
                f"as punctual as {one.way} with {one.figures.moved - best.figures.moved} fewer moves"
            )
        else:
            parts.append(f"no worse than {one.way}")
    return "; ".join(parts)
