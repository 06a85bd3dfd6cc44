"""The shortest schedule that CP-SAT finds in a time, with a bound that no schedule can beat.

OR-Tools is an extra of its own (`pip install "plantwright[planning]"`): it is imported where it is used.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tools.engines.scheduling.bounds import heads_and_tails, lower_bound, shortest_of
from tools.engines.scheduling.dispatching import quickly
from tools.engines.scheduling.overtime import has_overtime
from tools.engines.scheduling.shop import (
    Choice,
    Machine,
    Operation,
    Overtime,
    Shop,
    Slot,
    Time,
    Window,
    Worked,
    in_order,
    makespan,
)
from tools.errors import ToolError

Status = Literal["OPTIMAL", "FEASIBLE", "INFEASIBLE", "UNKNOWN"]


class PlanningNotInstalled(ToolError):
    """OR-Tools is not there."""

    def __init__(self) -> None:
        super().__init__(
            "scheduling needs OR-Tools, which is not installed; "
            'install it with: pip install "plantwright[planning]"'
        )


def cp() -> Any:
    """The module of CP-SAT.

    Raises:
        PlanningNotInstalled: OR-Tools is not there.
    """
    try:
        from ortools.sat.python import cp_model as module
    except ImportError as exc:
        raise PlanningNotInstalled from exc
    return module


@dataclass(frozen=True, slots=True)
class Progress:
    """Where solving stands; a better schedule has been found."""

    seconds: float
    value: int
    bound: int


Watch = Callable[[Progress], bool]
"""Told of each better schedule; solving ends with the best one when it returns False."""


@dataclass(frozen=True, slots=True)
class Solved:
    """The best schedule that was found."""

    status: Status
    slots: tuple[Slot, ...]
    value: int
    """Its end."""
    bound: int
    """No schedule ends before it."""
    seconds: float

    @property
    def gap(self) -> float:
        """By how much of its value the schedule could at most be better."""
        return 0.0 if self.value <= self.bound else (self.value - self.bound) / self.value


@dataclass(slots=True)
class Variables:
    """What CP-SAT decides on for an operation."""

    start: Any
    end: Any
    on: dict[int, Any]
    """By machine; true where the operation runs there."""
    overtime: dict[tuple[int, Time], Any] = field(default_factory=dict)
    """By machine and end of a shift; how much it works longer then."""
    kept: Slot | None = None

    def taken(self, machine: int, duration: Time) -> Any:
        """What of the line it takes on a machine, where it runs there."""
        return duration - sum(length for (at, _), length in self.overtime.items() if at == machine)


def solve(
    shop: Shop,
    time_limit: float,
    workers: int = 8,
    seed: int = 0,
    hint: Sequence[Slot] = (),
    watch: Watch | None = None,
) -> Solved:
    """The schedule that ends first.

    With one worker the result of a seed is the same on each run that ends before the time limit.
    """
    module = cp()
    began = time.monotonic()
    first = tuple(hint) or quickly(shop, min(0.3, time_limit / 20) if workers > 1 else 0.0, seed)
    least = lower_bound(shop)
    horizon = makespan(first)
    if horizon <= least:
        return Solved("OPTIMAL", first, horizon, least, time.monotonic() - began)
    model = module.CpModel()
    variables = built(module, model, shop, horizon)
    end = model.new_int_var(least, horizon, "end")
    for at, job in enumerate(shop.jobs):
        model.add(end >= variables[at, len(job.operations) - 1].end)
    _loads(model, shop, variables, end)
    hinted(model, variables, first)
    model.add_hint(end, horizon)
    model.minimize(end)
    solver = module.CpSolver()
    longer = has_overtime(shop)
    configure(solver, (0.8 if longer else 1.0) * time_limit - (time.monotonic() - began), workers, seed)
    status = solver.solve(model, _watching(module, began, watch))
    seconds = time.monotonic() - began
    if status not in (module.OPTIMAL, module.FEASIBLE):
        # Ours is one: only the time was too short.
        return Solved("FEASIBLE", first, horizon, max(least, round(solver.best_objective_bound)), seconds)
    slots = read(solver, variables)
    bound = max(least, round(solver.best_objective_bound))
    value = makespan(slots)
    if longer:
        model.add(end <= value)
        model.minimize(overtime_costs(shop, variables))
        model.clear_hints()
        hinted(model, variables, slots)
        configure(solver, time_limit - (time.monotonic() - began), workers, seed)
        if solver.solve(model) in (module.OPTIMAL, module.FEASIBLE):
            slots = read(solver, variables)
        seconds = time.monotonic() - began
    return Solved("OPTIMAL" if value <= bound else "FEASIBLE", slots, value, bound, seconds)


def configure(solver: Any, seconds: float, workers: int, seed: int) -> None:
    """Time, workers and seed of a solver."""
    solver.parameters.max_time_in_seconds = max(0.05, seconds)
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed


def built(
    module: Any,
    model: Any,
    shop: Shop,
    horizon: Time,
    now: Time = 0,
    kept: Mapping[tuple[int, int], Slot] | None = None,
) -> dict[tuple[int, int], Variables]:
    """Variables and all rules of the shop.

    Args:
        now: nothing that is not kept starts earlier.
        kept: operations that stay where and when they are.
    """
    fixed = kept or {}
    found: dict[tuple[int, int], Variables] = {}
    on_machine: list[list[_OnMachine]] = [[] for _ in shop.machines]
    holding: list[list[Any]] = [[] for _ in shop.resources]
    for at, job in enumerate(shop.jobs):
        heads, tails = heads_and_tails(job, shop.machines)
        before: Variables | None = None
        lag = 0
        for number, step in enumerate(job.operations):
            slot = fixed.get((at, number))
            of = (
                _kept(model, slot)
                if slot
                else _free(model, shop, step, max(now, heads[number]), horizon - tails[number])
            )
            for choice in step.choices:
                if choice.machine not in of.on:
                    continue
                duration = slot.end - slot.start if slot else choice.duration
                literal = of.on[choice.machine]
                interval = _interval(model, of, choice.machine, duration)
                on_machine[choice.machine].append(
                    _OnMachine(interval, of.start, of.taken(choice.machine, duration), literal, step.family)
                )
                for number_of in step.uses:
                    holding[number_of].append(interval)
            # What has begun before an outage was seen is as it is; it need not keep to rules any more.
            if before is not None and not (slot and (at, number - 1) in fixed):
                model.add(of.start >= before.end + lag)
            before, lag = of, step.lag
            found[at, number] = of
    for at, job in enumerate(shop.jobs):
        for supplying in job.after:
            last = len(shop.jobs[supplying].operations) - 1
            if not ((at, 0) in fixed and (supplying, last) in fixed):
                model.add(found[at, 0].start >= found[supplying, last].end)
    for machine, there in zip(shop.machines, on_machine, strict=True):
        _on_machine(model, shop, machine, there, horizon)
    _limited(model, shop, found, fixed)
    for resource, intervals in zip(shop.resources, holding, strict=True):
        absent = [
            model.new_fixed_size_interval_var(one.start, min(one.end, horizon) - one.start, "")
            for one in resource.absent
            if one.start < horizon
        ]
        if intervals:
            model.add_cumulative(
                [*intervals, *absent], [1] * (len(intervals) + len(absent)), resource.capacity
            )
    return found


@dataclass(slots=True)
class _OnMachine:
    """An operation as one machine sees it."""

    interval: Any
    start: Any
    duration: Any
    literal: Any
    family: int | None


def _kept(model: Any, slot: Slot) -> Variables:
    on = {slot.machine: model.new_constant(1)}
    return Variables(model.new_constant(slot.start), model.new_constant(slot.end), on, kept=slot)


def _free(model: Any, shop: Shop, step: Operation, earliest: Time, latest_end: Time) -> Variables:
    shortest = shortest_of(step, shop.machines)
    start = model.new_int_var(earliest, max(earliest, latest_end - shortest), "")
    single = len(step.choices) == 1
    on = {one.machine: model.new_constant(1) if single else model.new_bool_var("") for one in step.choices}
    if not single:
        model.add_exactly_one(on.values())
    end = start + sum(one.duration * on[one.machine] for one in step.choices)
    of = Variables(start, end, on)
    windows = [
        (choice, window)
        for choice in step.choices
        for window in shop.machines[choice.machine].overtime
        if earliest < window.at <= latest_end
    ]
    if windows:
        of.end = model.new_int_var(earliest, max(earliest, latest_end), "")
        for choice, window in windows:
            of.overtime[choice.machine, window.at] = _longer(model, of, choice, window)
        model.add(of.end == end - sum(of.overtime.values()))
    return of


def _longer(model: Any, of: Variables, choice: Choice, window: Overtime) -> Any:
    """How much longer an operation is worked on after a shift: none, unless it runs when that ends."""
    length = model.new_int_var(0, min(window.length, choice.duration), "")
    works = model.new_bool_var("")
    model.add(length >= 1).only_enforce_if(works)
    model.add(length == 0).only_enforce_if(~works)
    model.add_implication(works, of.on[choice.machine])
    model.add(of.start < window.at).only_enforce_if(works)
    model.add(of.end >= window.at).only_enforce_if(works)
    return length


def _interval(model: Any, of: Variables, machine: int, duration: Time) -> Any:
    literal = of.on[machine]
    if not any(at == machine for at, _ in of.overtime):
        return model.new_optional_fixed_size_interval_var(of.start, duration, literal, "")
    taken = model.new_int_var(0, duration, "")
    model.add(taken == of.taken(machine, duration))
    return model.new_optional_interval_var(of.start, taken, of.end, literal, "")


def _limited(
    model: Any,
    shop: Shop,
    variables: Mapping[tuple[int, int], Variables],
    kept: Mapping[tuple[int, int], Slot],
) -> None:
    """No machine works more overtime in a period than it may."""
    for at, machine in enumerate(shop.machines):
        if machine.overtime_limit is None:
            continue
        periods = {one.at: one.period for one in machine.overtime}
        terms: dict[int, list[Any]] = {}
        for of in variables.values():
            for (on, moment), length in of.overtime.items():
                if on == at:
                    terms.setdefault(periods[moment], []).append(length)
        for slot in kept.values():
            for one in slot.overtime if slot.machine == at else ():
                if periods.get(one.at) in terms:
                    terms[periods[one.at]].append(one.length)
        for lengths in terms.values():
            model.add(sum(lengths) <= machine.overtime_limit)


def _on_machine(model: Any, shop: Shop, machine: Machine, there: list[_OnMachine], horizon: Time) -> None:
    """One after another, outside closed windows, with set-ups between families."""
    closed = [
        model.new_fixed_size_interval_var(one.start, min(one.end, horizon) - one.start, "")
        for one in merged(machine.closed)
        if one.start < horizon
    ]
    model.add_no_overlap([*(one.interval for one in there), *closed])
    families = {one.family for one in there if one.family is not None}
    if len(families) < 2 or not any(any(row) for row in shop.setups):
        return
    arcs = [(0, 0, ~_any(model, [one.literal for one in there]))]
    for at, one in enumerate(there, 1):
        arcs += [(0, at, model.new_bool_var("")), (at, 0, model.new_bool_var("")), (at, at, ~one.literal)]
        for to, other in enumerate(there, 1):
            if at == to:
                continue
            follows = model.new_bool_var("")
            arcs.append((at, to, follows))
            gap = one.duration + shop.setup(one.family, other.family)
            model.add(other.start >= one.start + gap).only_enforce_if(follows)
    model.add_circuit(arcs)


def _any(model: Any, literals: list[Any]) -> Any:
    found = model.new_bool_var("")
    model.add_max_equality(found, literals)
    return found


def merged(windows: Sequence[Window]) -> list[Window]:
    """The same times in windows that do not overlap."""
    found: list[Window] = []
    for one in sorted(windows, key=lambda each: each.start):
        if found and one.start <= found[-1].end:
            found[-1] = Window(found[-1].start, max(found[-1].end, one.end))
        elif one.start < one.end:
            found.append(one)
    return found


def overtime_costs(shop: Shop, variables: Mapping[tuple[int, int], Variables]) -> Any:
    """What overtime costs."""
    rates = {(at, one.at): one.cost for at, machine in enumerate(shop.machines) for one in machine.overtime}
    return sum(rates[key] * length for of in variables.values() for key, length in of.overtime.items())


def _loads(model: Any, shop: Shop, variables: dict[tuple[int, int], Variables], end: Any) -> None:
    """No machine ends before its work is done: the bound that the solver does not find for itself."""
    loads: list[list[Any]] = [[] for _ in shop.machines]
    for at, job in enumerate(shop.jobs):
        for number, step in enumerate(job.operations):
            for choice in step.choices:
                of = variables[at, number]
                loads[choice.machine].append(choice.duration * of.on[choice.machine])
                loads[choice.machine] += [
                    -length for (on, _), length in of.overtime.items() if on == choice.machine
                ]
    for terms in loads:
        if terms:
            model.add(sum(terms) <= end)


def hinted(model: Any, variables: dict[tuple[int, int], Variables], slots: Sequence[Slot]) -> None:
    """Begin from a schedule."""
    for one in slots:
        of = variables[one.job, one.operation]
        model.add_hint(of.start, one.start)
        if len(of.on) > 1:
            for machine, literal in of.on.items():
                model.add_hint(literal, machine == one.machine)
        longer = {each.at: each.length for each in one.overtime}
        for (machine, at), length in of.overtime.items():
            model.add_hint(length, longer.get(at, 0) if machine == one.machine else 0)


def read(solver: Any, variables: dict[tuple[int, int], Variables]) -> tuple[Slot, ...]:
    """The schedule that a solver holds."""
    found = []
    for (job, operation), of in variables.items():
        if of.kept is not None:
            found.append(of.kept)
            continue
        machine = next(at for at, literal in of.on.items() if solver.boolean_value(literal))
        longer = tuple(
            Worked(at, length)
            for (on, at), variable in of.overtime.items()
            if on == machine and (length := solver.value(variable))
        )
        found.append(Slot(job, operation, machine, solver.value(of.start), solver.value(of.end), longer))
    return in_order(found)


def watching(module: Any, told: Callable[[int, int], None]) -> Any:
    """A callback that tells of each better solution: its value and the bound."""

    class Watching(module.CpSolverSolutionCallback):  # type: ignore[misc]
        def on_solution_callback(self) -> None:
            told(round(self.objective_value), round(self.best_objective_bound))

    return Watching()


def _watching(module: Any, began: float, watch: Watch | None) -> Any:
    if watch is None:
        return None
    told = watch

    class Watching(module.CpSolverSolutionCallback):  # type: ignore[misc]
        def on_solution_callback(self) -> None:
            seconds = time.monotonic() - began
            if not told(Progress(seconds, round(self.objective_value), round(self.best_objective_bound))):
                self.stop_search()

    return Watching()
