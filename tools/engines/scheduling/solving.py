"""The shortest schedule that CP-SAT finds in a time, with a bound that no schedule can beat.

OR-Tools is an extra of its own (`pip install "plantwright[planning]"`): it is imported where it is used.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tools.engines.scheduling.bounds import heads_and_tails, lower_bound
from tools.engines.scheduling.dispatching import quickly
from tools.engines.scheduling.shop import Shop, Slot, Time, in_order, makespan
from tools.errors import ToolError

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

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
    configure(solver, time_limit - (time.monotonic() - began), workers, seed)
    status = solver.solve(model, _watching(module, began, watch))
    seconds = time.monotonic() - began
    if status not in (module.OPTIMAL, module.FEASIBLE):
        # Ours is one: only the time was too short.
        return Solved("FEASIBLE", first, horizon, max(least, round(solver.best_objective_bound)), seconds)
    slots = read(solver, variables)
    bound = max(least, round(solver.best_objective_bound))
    value = makespan(slots)
    return Solved("OPTIMAL" if value <= bound else "FEASIBLE", slots, value, bound, seconds)


def configure(solver: Any, seconds: float, workers: int, seed: int) -> None:
    """Time, workers and seed of a solver."""
    solver.parameters.max_time_in_seconds = max(0.05, seconds)
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed


def built(
    module: Any, model: Any, shop: Shop, horizon: Time, now: Time = 0
) -> dict[tuple[int, int], Variables]:
    """Variables and all rules of the shop."""
    found: dict[tuple[int, int], Variables] = {}
    on_machine: list[list[Any]] = [[] for _ in shop.machines]
    for at, job in enumerate(shop.jobs):
        heads, tails = heads_and_tails(job)
        before: Variables | None = None
        lag = 0
        for number, step in enumerate(job.operations):
            shortest = min(one.duration for one in step.choices)
            earliest = max(now, heads[number])
            start = model.new_int_var(earliest, max(earliest, horizon - tails[number] - shortest), "")
            on: dict[int, Any] = {}
            for choice in step.choices:
                literal = model.new_constant(1) if len(step.choices) == 1 else model.new_bool_var("")
                on[choice.machine] = literal
                on_machine[choice.machine].append(
                    model.new_optional_fixed_size_interval_var(start, choice.duration, literal, "")
                )
            if len(on) > 1:
                model.add_exactly_one(on.values())
            end = start + sum(one.duration * on[one.machine] for one in step.choices)
            if before is not None:
                model.add(start >= before.end + lag)
            before, lag = Variables(start, end, on), step.lag
            found[at, number] = before
    for intervals in on_machine:
        model.add_no_overlap(intervals)
    return found


def _loads(model: Any, shop: Shop, variables: dict[tuple[int, int], Variables], end: Any) -> None:
    """No machine ends before its work is done: the bound that the solver does not find for itself."""
    loads: list[list[Any]] = [[] for _ in shop.machines]
    earliest = [0] * len(shop.machines)
    for at, job in enumerate(shop.jobs):
        for number, step in enumerate(job.operations):
            for choice in step.choices:
                loads[choice.machine].append(choice.duration * variables[at, number].on[choice.machine])
    for machine, terms in enumerate(loads):
        if terms:
            model.add(sum(terms) + earliest[machine] <= end)


def hinted(model: Any, variables: dict[tuple[int, int], Variables], slots: Sequence[Slot]) -> None:
    """Begin from a schedule."""
    for one in slots:
        of = variables[one.job, one.operation]
        model.add_hint(of.start, one.start)
        if len(of.on) > 1:
            for machine, literal in of.on.items():
                model.add_hint(literal, machine == one.machine)


def read(solver: Any, variables: dict[tuple[int, int], Variables]) -> tuple[Slot, ...]:
    """The schedule that a solver holds."""
    found = []
    for (job, operation), of in variables.items():
        machine = next(at for at, literal in of.on.items() if solver.boolean_value(literal))
        found.append(Slot(job, operation, machine, solver.value(of.start), solver.value(of.end)))
    return in_order(found)


def _watching(module: Any, began: float, watch: Watch | None) -> Any:
    if watch is None:
        return None

    class Watching(module.CpSolverSolutionCallback):  # type: ignore[misc, name-defined]
        def on_solution_callback(self) -> None:
            seconds = time.monotonic() - began
            if not watch(Progress(seconds, round(self.objective_value), round(self.best_objective_bound))):
                self.stop_search()

    return Watching()
