"""The best plan that CP-SAT finds for one aim, no worse than a given one in the aims before it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tools.engines.scheduling.overtime import has_overtime
from tools.engines.scheduling.shop import (
    Shop,
    Slot,
    Time,
    makespan,
)
from tools.engines.scheduling.situations import Situation, nearness
from tools.engines.scheduling.solving import (
    Status,
    Variables,
    built,
    configure,
    cp,
    hinted,
    overtime_costs,
    read,
    watching,
)

_Aim = Literal["tardiness", "cost", "overtime", "instability", "makespan"]


def improved(
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
    began = time.monotonic()
    if where.stop.is_stopped:
        return tuple(first), "UNKNOWN", 0
    shop = where.shop
    model = module.CpModel()
    kept = {(one.job, one.operation): one for one in where.kept}
    # Later than either plan may be worth it: for the jobs that are due, others can wait.
    horizon = max(makespan(first), makespan(where.before)) * 5 // 4
    variables = built(module, model, shop, horizon, where.now, kept)
    terms = {
        "tardiness": lambda: _tardy(model, shop, variables, horizon),
        "cost": lambda: _costs(shop, variables) + overtime_costs(shop, variables),
        "overtime": lambda: overtime_costs(shop, variables),
        "instability": lambda: _moves(model, where, variables, first),
        "makespan": lambda: _end(model, shop, variables, horizon),
    }
    for name, limit in (limits or {}).items():
        model.add(terms[name]() <= limit)
    hinted(
        model,
        {key: of for key, of in variables.items() if key not in kept},
        [one for one in first if (one.job, one.operation) not in kept],
    )
    model.minimize(terms[aim]())
    solver = module.CpSolver()
    # Building a big model takes its part of the time.
    configure(solver, seconds - (time.monotonic() - began), workers, seed)
    with where.stop.searching(solver):
        status = solver.solve(
            model, watching(module, lambda value, bound: where.stop.found(aim, value, max(0, bound)))
        )
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
    weights = nearness(where)
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


def has_costs(shop: Shop) -> bool:
    """True where ways differ in what they cost."""
    return has_overtime(shop) or any(
        choice.cost for job in shop.jobs for step in job.operations for choice in step.choices
    )
