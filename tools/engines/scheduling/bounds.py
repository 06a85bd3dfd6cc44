"""Times below which no schedule can end: longest jobs, and the load of machines that share their work."""

from __future__ import annotations

from collections.abc import Sequence

from tools.engines.scheduling.overtime import most_of
from tools.engines.scheduling.shop import Job, Machine, Operation, Shop, Time

_MOST_SETS = 400


def shortest_of(step: Operation, machines: Sequence[Machine]) -> Time:
    """The least of the time line that an operation takes, with all overtime that there is."""
    return min(max(0, one.duration - most_of(machines[one.machine])) for one in step.choices)


def heads_and_tails(job: Job, machines: Sequence[Machine]) -> tuple[list[Time], list[Time]]:
    """Of each operation, the least time before its start (from 0) and after its end."""
    shortest = [shortest_of(step, machines) for step in job.operations]
    heads, at = [], job.release
    for step, duration in zip(job.operations, shortest, strict=True):
        at = max(at, step.release)
        heads.append(at)
        at += duration + step.lag
    tails: list[Time] = []
    after = 0
    for step, duration in zip(reversed(job.operations), reversed(shortest), strict=True):
        tails.append(after + (step.lag if tails else 0))
        after = tails[-1] + duration
    return heads, tails[::-1]


def lower_bound(shop: Shop) -> Time:
    """A time before which no schedule ends.

    For sets of machines: what can only run on them, at its shortest, shared out evenly, after the least time
    before and before the least time after it.
    """
    found = 0
    loads: list[tuple[frozenset[int], Time, Time, Time]] = []
    for job in shop.jobs:
        heads, tails = heads_and_tails(job, shop.machines)
        for step, head, tail in zip(job.operations, heads, tails, strict=True):
            shortest = shortest_of(step, shop.machines)
            found = max(found, head + shortest + tail)
            loads.append((frozenset(one.machine for one in step.choices), shortest, head, tail))
    for machines in _sets({one[0] for one in loads}):
        inside = [one for one in loads if one[0] <= machines]
        load = sum(one[1] for one in inside)
        shared = -(-load // len(machines))
        found = max(found, min(one[2] for one in inside) + shared + min(one[3] for one in inside))
    return found


def _sets(given: set[frozenset[int]]) -> set[frozenset[int]]:
    """The sets of machines that operations name, their unions as far as there are few, and all machines."""
    found = set(given)
    if given:
        found.add(frozenset.union(*given))
    for one in sorted(given, key=lambda each: (len(each), sorted(each))):
        for other in list(found):
            if len(found) >= _MOST_SETS:
                return found
            found.add(one | other)
    return found
