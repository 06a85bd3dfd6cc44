"""What is wrong with a schedule: an independent look that knows nothing of how it was made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from tools.engines.scheduling.overtime import overtime_of, overtime_violations
from tools.engines.scheduling.shop import Shop, Slot


def violations(shop: Shop, slots: Sequence[Slot]) -> list[str]:
    """Every rule of the shop that a schedule breaks; empty where it can be carried out."""
    found: list[str] = []
    by_operation = {(one.job, one.operation): one for one in slots}
    wanted = {(j, o) for j, job in enumerate(shop.jobs) for o in range(len(job.operations))}
    if len(by_operation) != len(slots):
        found.append("an operation is scheduled twice")
    found += [
        f"job {j + 1} operation {o + 1} is not scheduled" for j, o in sorted(wanted - set(by_operation))
    ]
    found += [f"job {j + 1} has no operation {o + 1}" for j, o in sorted(set(by_operation) - wanted)]
    known = [by_operation[key] for key in sorted(wanted & set(by_operation))]
    for one in known:
        found += _of_one(shop, one)
    for earlier, later in pairwise(known):
        lag = shop.jobs[earlier.job].operations[earlier.operation].lag
        if later.job == earlier.job and later.start < earlier.end + lag:
            found.append(f"{_at(later)} starts before {_at(earlier)} is there")
    for one in known:
        for supplying in shop.jobs[one.job].after if one.operation == 0 else ():
            last = by_operation.get((supplying, len(shop.jobs[supplying].operations) - 1))
            if last is not None and one.start < last.end:
                found.append(f"{_at(one)} starts before {_at(last)}, which supplies it, ends")
    found += _on_machines(shop, known)
    found += _on_resources(shop, known)
    found += overtime_violations(shop, known)
    return found


def _at(slot: Slot) -> str:
    return f"job {slot.job + 1} operation {slot.operation + 1}"


def _of_one(shop: Shop, slot: Slot) -> list[str]:
    job = shop.jobs[slot.job]
    durations = {one.machine: one.duration for one in job.operations[slot.operation].choices}
    found = []
    if slot.machine not in durations:
        return [f"{_at(slot)} cannot run on machine {slot.machine + 1}"]
    taken = slot.end - slot.start + overtime_of([slot])
    if taken != durations[slot.machine]:
        found.append(f"{_at(slot)} takes {durations[slot.machine]}, not {taken}")
    release = max(job.release, job.operations[slot.operation].release)
    if slot.start < release:
        found.append(f"{_at(slot)} starts before {release}, when it is released")
    found += [
        f"{_at(slot)} runs while {shop.machines[slot.machine].name} is closed from {window.start}"
        for window in shop.machines[slot.machine].closed
        if slot.start < window.end and window.start < slot.end
    ]
    return found


def _on_machines(shop: Shop, slots: Sequence[Slot]) -> list[str]:
    queues: dict[int, list[Slot]] = defaultdict(list)
    for one in slots:
        queues[one.machine].append(one)
    found = []
    for queue in queues.values():
        queue.sort(key=lambda one: (one.start, one.end))
        for earlier, later in pairwise(queue):
            families = [shop.jobs[one.job].operations[one.operation].family for one in (earlier, later)]
            if later.start < earlier.end + shop.setup(*families):
                found.append(
                    f"{_at(later)} overlaps {_at(earlier)} or its set-up on machine {later.machine + 1}"
                )
    return found


def _on_resources(shop: Shop, slots: Sequence[Slot]) -> list[str]:
    changes: dict[int, Counter[int]] = defaultdict(Counter)
    for one in slots:
        for resource in shop.jobs[one.job].operations[one.operation].uses:
            changes[resource][one.start] += 1
            changes[resource][one.end] -= 1
    found = []
    for resource, steps in changes.items():
        held = 0
        for window in shop.resources[resource].absent:
            steps[window.start] += 1
            steps[window.end] -= 1
        for at in sorted(steps):
            held += steps[at]
            if held > shop.resources[resource].capacity:
                found.append(f"{shop.resources[resource].name} is asked for {held} times at {at}")
    return found
