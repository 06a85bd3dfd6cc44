"""What to do when a plan meets an event: nothing, shift right, a stable repair, or all anew, side by side.

The order of aims is fixed: weighted tardiness first, then cost, then how much of the plan moves.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from tools.engines.scheduling.dispatching import dispatched, quickly, tardiness
from tools.engines.scheduling.improving import has_costs, improved
from tools.engines.scheduling.overtime import has_overtime, overtime_cost, overtime_of, without_overtime
from tools.engines.scheduling.repairing import gap_repair
from tools.engines.scheduling.shop import (
    Shop,
    ShopInvalid,
    Slot,
    Time,
    in_order,
    makespan,
)
from tools.engines.scheduling.situations import (
    Event,
    Figures,
    Situation,
    aims_of,
    broken,
    by_time,
    cost_of,
    figures,
    is_gone,
    is_hit,
    situation,
    stuck,
)
from tools.engines.scheduling.solving import Status, cp
from tools.engines.scheduling.stopping import Stopping
from tools.engines.scheduling.violations import violations

Way = Literal["do_nothing", "right_shift", "stable_repair", "full_resolve"]


_PREFERRED: tuple[Way, ...] = ("do_nothing", "stable_repair", "right_shift", "full_resolve")
"""Of ways that are worth the same."""


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


def replanned(
    shop: Shop,
    plan: Sequence[Slot],
    event: Event,
    time_limit: float,
    workers: int = 8,
    seed: int = 0,
    stop: Stopping | None = None,
    wanted: Sequence[Time | None] | None = None,
) -> Proposal:
    """The four ways to go on after an event.

    Args:
        wanted: by job, the due dates that the full re-solve goes for where they are other than the promises
            that the ways are compared by, as where a plan is late before anything has happened.
        stop: asked from another thread, it ends the search; what was found by then is compared.

    Raises:
        ShopInvalid: the plan is none of this shop.
        PlanningNotInstalled: OR-Tools is not there; `by_rule` needs none.
    """
    # Loading the solver for the first time takes seconds that are none of searching.
    cp()
    began = time.monotonic()
    where = _situation(shop, plan, event, stop)
    nowhere = stuck(where)
    nothing = _as_planned(where)
    if nowhere:
        return _nowhere(where, nothing, nowhere)
    shifted = _alternative(where, "right_shift", right_shift(where), "RULE", None, time.monotonic())
    # A tenth is for what solving takes beside its own time: building models, looking results over.
    ends = began + 0.9 * time_limit
    where.stop.looking_for("stable_repair")
    repaired = _stable(where, shifted.slots, (ends - time.monotonic()) * 0.55, workers, seed)
    left = max(0.1, (ends - time.monotonic()) * 0.8)
    where.stop.looking_for("full_resolve")
    anew = _anew(where, repaired.slots, left, workers, seed, wanted)
    if wanted is None and anew.figures.tardiness < repaired.figures.tardiness:
        # The repair had less time to look for service than the search without regard to the plan.
        repaired = _stable(where, anew.slots, max(0.1, ends - time.monotonic()), workers, seed)
    return _compared(where, (nothing, shifted, repaired, anew))


def by_rule(shop: Shop, plan: Sequence[Slot], event: Event) -> Proposal:
    """The two ways that need no solver: nothing, and a shift to the right.

    Raises:
        ShopInvalid: the plan is none of this shop.
    """
    where = _situation(shop, plan, event, None)
    nowhere = stuck(where)
    nothing = _as_planned(where)
    if nowhere:
        return _nowhere(where, nothing, nowhere)
    shifted = _alternative(where, "right_shift", right_shift(where), "RULE", None, time.monotonic())
    return _compared(where, (nothing, shifted))


def _situation(shop: Shop, plan: Sequence[Slot], event: Event, stop: Stopping | None) -> Situation:
    wrong = violations(shop, plan)
    if wrong:
        raise ShopInvalid(f"the given schedule cannot be carried out even before the event: {wrong[0]}")
    return situation(shop, plan, event, stop)


def _nowhere(where: Situation, nothing: Alternative, relax: Sequence[str]) -> Proposal:
    return Proposal(
        where.shop, where.before, (nothing,), None, "no way can be gone", tuple(relax), where.notes
    )


def _compared(where: Situation, alternatives: tuple[Alternative, ...]) -> Proposal:
    best = min(
        (one for one in alternatives if not one.broken),
        key=lambda one: (aims_of(where, one.slots), _PREFERRED.index(one.way)),
    )
    return Proposal(
        where.shop, where.before, alternatives, best.way, _why(best, alternatives), (), where.notes
    )


def _as_planned(where: Situation) -> Alternative:
    begins = time.monotonic()
    return _alternative(where, "do_nothing", where.before, "RULE", None, begins)


def right_shift(where: Situation) -> tuple[Slot, ...]:
    """The plan's machines and sequence, each operation as early as it can then be; new jobs behind them."""
    order = {(one.job, one.operation): at for at, one in enumerate(sorted(where.before, key=by_time))}
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
    usable = own if own and not is_gone(where.shop.machines[own[0].machine]) else ()
    rest = tuple(one for one in step.choices if not is_gone(where.shop.machines[one.machine]))
    return replace(step, choices=usable or rest or step.choices)


def _stable(where: Situation, first: Sequence[Slot], seconds: float, workers: int, seed: int) -> Alternative:
    """As little tardiness as can be found, and of plans with that the one that costs and moves least."""
    begins = time.monotonic()
    gaps = gap_repair(where.shop, where.before, where.kept, where.now)
    candidates = [tuple(first), *([] if broken(where, gaps) else [gaps])]
    least_tardy = min(tardiness(where.shop, one) for one in candidates)
    candidates += _matched_up(where, least_tardy, seconds * 0.4, workers, seed)
    found = min(candidates, key=lambda one: aims_of(where, one))
    status: Status = "OPTIMAL"
    bound = 0
    if tardiness(where.shop, found):
        found, status, bound = _less_late(where, found, seconds * 0.4, workers, seed)
    limits = {"tardiness": tardiness(where.shop, found)}
    if has_costs(where.shop):
        if cost_of(where.shop, found):
            found, _, _ = improved(where, "cost", found, seconds * 0.2, workers, seed, limits)
        limits["cost"] = cost_of(where.shop, found)
    least = min((*candidates, found), key=lambda one: aims_of(where, one))
    left = seconds - (time.monotonic() - begins)
    there = _as_paid(where, limits.get("cost", 0))
    found, steady, _ = improved(there, "instability", least, max(0.2, left), workers, seed, limits)
    better = min((least, found), key=lambda one: aims_of(where, one))
    found = _settled(where, better, begins + max(seconds * 1.05, 0.2))
    proven: Status = "OPTIMAL" if status == steady == "OPTIMAL" else "FEASIBLE"
    return _alternative(where, "stable_repair", found, proven, bound, begins)


def _less_late(
    where: Situation, first: Sequence[Slot], seconds: float, workers: int, seed: int
) -> tuple[tuple[Slot, ...], Status, int]:
    """The least tardiness that is found: in the shifts alone, with overtime where that is not enough."""
    if not has_overtime(where.shop):
        return improved(where, "tardiness", first, seconds, workers, seed, None)
    ends = time.monotonic() + seconds
    plain = replace(where, shop=without_overtime(where.shop))
    found, status, bound = improved(plain, "tardiness", first, seconds * 0.6, workers, seed, None)
    found = min((tuple(first), found), key=lambda one: tardiness(where.shop, one))
    if tardiness(where.shop, found):
        left = max(0.1, ends - time.monotonic())
        found, status, bound = improved(where, "tardiness", found, left, workers, seed, None)
    return found, status, bound


def _as_paid(where: Situation, cost: int) -> Situation:
    """The situation without the overtime that nothing may be spent on: a smaller shop is solved sooner."""
    is_free = any(not one.cost for machine in where.shop.machines for one in machine.overtime)
    return where if cost or is_free else replace(where, shop=without_overtime(where.shop))


def _settled(where: Situation, slots: tuple[Slot, ...], ends: float) -> tuple[Slot, ...]:
    """The plan without moves that are there by chance: what can begin when it was to begin does."""
    before = {(one.job, one.operation): one for one in where.before}
    found, aims = slots, aims_of(where, slots)
    for one in sorted(slots, key=by_time, reverse=True):
        old = before.get((one.job, one.operation))
        if old is None or old.start == one.start or old.start < where.now or one.overtime or old.overtime:
            continue
        if time.monotonic() > ends:
            break
        there = replace(one, start=old.start, end=old.start + one.end - one.start)
        other = tuple(there if each == one else each for each in found)
        if aims_of(where, other) <= aims and not broken(where, other):
            found, aims = other, aims_of(where, other)
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
    hit = {(one.job, one.operation) for one in rest if one.start < where.now or is_hit(where.shop, one)}
    first = max((one.end for one in rest if (one.job, one.operation) in hit), default=where.now) - where.now
    for factor in (1, 2, 3, 5, 8):
        until = where.now + max(1, first) * factor
        left = ends - time.monotonic()
        if left <= 0 or until >= where.now + span:
            break
        later = [one for one in rest if one.start >= until and (one.job, one.operation) not in hit]
        there = replace(where, shop=without_overtime(where.shop), kept=in_order((*where.kept, *later)))
        limits = {"tardiness": tardy}
        found, status, _ = improved(there, "instability", where.before, left / 2, workers, seed, limits)
        if status in ("OPTIMAL", "FEASIBLE") and not broken(where, found):
            return [found]
    return []


def _anew(
    compared: Situation,
    first: Sequence[Slot],
    seconds: float,
    workers: int,
    seed: int,
    wanted: Sequence[Time | None] | None,
) -> Alternative:
    """As little tardiness as can be found, then the earliest end, whatever moves."""
    begins = time.monotonic()
    where = compared if wanted is None else _for_dates(compared, wanted)
    quick = quickly(where.shop, min(0.3, seconds / 10), seed, where.kept, where.now)
    start = min((tuple(first), quick), key=lambda one: (tardiness(where.shop, one), makespan(one)))
    found, bound = start, 0
    status: Status = "OPTIMAL"
    if tardiness(where.shop, start):
        found, status, bound = _less_late(where, start, seconds * 0.6, workers, seed)
    limits = {"tardiness": tardiness(where.shop, found)}
    if overtime_of(found):
        found, _, _ = improved(where, "overtime", found, seconds * 0.15, workers, seed, limits)
    if has_overtime(where.shop):
        limits["overtime"] = overtime_cost(where.shop, found)
    left = seconds - (time.monotonic() - begins)
    there = _as_paid(where, limits.get("overtime", 0))
    found, ended, _ = improved(there, "makespan", found, max(0.1, left), workers, seed, limits)
    proven: Status = "OPTIMAL" if status == ended == "OPTIMAL" else "FEASIBLE"
    return _alternative(compared, "full_resolve", found, proven, bound, begins)


def _for_dates(where: Situation, wanted: Sequence[Time | None]) -> Situation:
    """The same situation with other due dates; jobs behind the last of them keep theirs."""
    jobs = [
        replace(job, due=wanted[at]) if at < len(wanted) else job for at, job in enumerate(where.shop.jobs)
    ]
    return replace(where, shop=replace(where.shop, jobs=tuple(jobs)))


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
        tuple(broken(where, slots)),
    )


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
