"""A schedule at once: operations one after another, each where it ends first. What solving begins with."""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.engines.scheduling.bounds import heads_and_tails
from tools.engines.scheduling.overtime import without_overtime
from tools.engines.scheduling.shop import Shop, Slot, Time, Window, in_order, makespan

_Key = tuple[int, int]


@dataclass(slots=True)
class _Line:
    """What runs on a machine, in the order of time."""

    closed: tuple[Window, ...]
    free: Time = 0
    family: int | None = None

    def start(self, shop: Shop, ready: Time, duration: Time, family: int | None) -> Time:
        """The first start behind all that is there, outside of closed windows."""
        at = max(ready, self.free + shop.setup(self.family, family))
        for window in self.closed:
            if at < window.end and window.start < at + duration:
                at = window.end
        return at


def dispatched(
    shop: Shop,
    priority: Mapping[_Key, float],
    kept: Sequence[Slot] = (),
    now: Time = 0,
    not_before: Mapping[_Key, Time] | None = None,
) -> tuple[Slot, ...]:
    """A schedule that can be carried out: of the operations that can start first, the one to take first.

    Args:
        priority: of each operation; a smaller one is taken first.
        kept: slots that stay as they are.
        now: nothing else starts earlier.
        not_before: the sequence is that of `priority` alone, and no operation starts before this.
    """
    lines = [_Line(tuple(sorted(one.closed, key=lambda window: window.start))) for one in shop.machines]
    held: list[list[tuple[Time, Time]]] = [
        [(window.start, window.end) for window in one.absent] for one in shop.resources
    ]
    ready = [max(job.release, now) for job in shop.jobs]
    following = [0] * len(shop.jobs)
    missing = [set(job.after) for job in shop.jobs]
    supplied: dict[int, list[int]] = defaultdict(list)
    for at, job in enumerate(shop.jobs):
        for supplying in job.after:
            supplied[supplying].append(at)
    found: list[Slot] = []

    def take(slot: Slot) -> None:
        step = shop.jobs[slot.job].operations[slot.operation]
        line = lines[slot.machine]
        if slot.end >= line.free:
            line.free = slot.end
            line.family = step.family if step.family is not None else line.family
        for resource in step.uses:
            held[resource].append((slot.start, slot.end))
        ready[slot.job] = max(ready[slot.job], slot.end + step.lag)
        following[slot.job] = slot.operation + 1
        found.append(slot)
        if following[slot.job] == len(shop.jobs[slot.job].operations):
            for other in supplied[slot.job]:
                missing[other].discard(slot.job)
                ready[other] = max(ready[other], slot.end)

    for slot in sorted(kept, key=lambda one: (one.start, one.operation)):
        take(slot)
    open_jobs = {at for at, job in enumerate(shop.jobs) if following[at] < len(job.operations)}
    while open_jobs:
        # What has begun goes on, whatever it was to wait for.
        able = [at for at in open_jobs if following[at] or not missing[at]]
        earliest = min(max(ready[at], now) for at in able)
        near = able if not_before else [at for at in able if ready[at] <= earliest]
        chosen = min(near, key=lambda at: (priority[at, following[at]], at))
        start = max(ready[chosen], now, (not_before or {}).get((chosen, following[chosen]), 0))
        take(_placed(shop, chosen, following[chosen], lines, held, start))
        if following[chosen] == len(shop.jobs[chosen].operations):
            open_jobs.remove(chosen)
    return in_order(found)


def _placed(
    shop: Shop, job: int, operation: int, lines: list[_Line], held: list[list[tuple[Time, Time]]], ready: Time
) -> Slot:
    step = shop.jobs[job].operations[operation]
    ready = max(ready, step.release)
    best: Slot | None = None
    for choice in step.choices:
        line = lines[choice.machine]
        start = line.start(shop, ready, choice.duration, step.family)
        while True:
            later = when_free(shop, step.uses, held, start, choice.duration)
            if later == start:
                break
            start = line.start(shop, later, choice.duration, step.family)
        slot = Slot(job, operation, choice.machine, start, start + choice.duration)
        if best is None or (slot.end, choice.duration) < (best.end, best.end - best.start):
            best = slot
    assert best is not None
    return best


def when_free(
    shop: Shop, uses: tuple[int, ...], held: list[list[tuple[Time, Time]]], start: Time, duration: Time
) -> Time:
    """`start`, or the first end of what holds a resource that is short meanwhile."""
    for resource in uses:
        changes: Counter[Time] = Counter()
        for begin, end in held[resource]:
            if begin < start + duration and start < end:
                changes[max(begin, start)] += 1
                changes[end] -= 1
        running = 0
        for at in sorted(changes):
            running += changes[at]
            if running >= shop.resources[resource].capacity:
                return min(end for begin, end in held[resource] if end > start)
    return start


def quickly(
    shop: Shop, seconds: float, seed: int = 0, kept: Sequence[Slot] = (), now: Time = 0
) -> tuple[Slot, ...]:
    """The best of several such schedules: by remaining work, by due date, and by chance for some time."""
    machines = without_overtime(shop).machines
    tails = {
        (at, step): tail
        for at, job in enumerate(shop.jobs)
        for step, tail in enumerate(heads_and_tails(job, machines)[1])
    }
    work = {key: -float(tail) for key, tail in tails.items()}
    due = {(at, step): float(shop.jobs[at].due or 10**9) - tail for (at, step), tail in tails.items()}
    rules = [work, due] if any(job.due is not None for job in shop.jobs) else [work]
    best = min((dispatched(shop, rule, kept, now) for rule in rules), key=lambda one: value(shop, one))
    chance = random.Random(seed)
    ends = time.monotonic() + seconds
    rounds = 0
    while time.monotonic() < ends and rounds < 2_000:
        rounds += 1
        rule = rules[rounds % len(rules)]
        spread = 0.3 * (max(abs(one) for one in rule.values()) or 1)
        other = dispatched(shop, {key: one + chance.gauss(0, spread) for key, one in rule.items()}, kept, now)
        if value(shop, other) < value(shop, best):
            best = other
    return best


def tardiness(shop: Shop, slots: Sequence[Slot]) -> int:
    """Weighted time by which jobs with a due date end after it."""
    ends: dict[int, Time] = {}
    for one in slots:
        ends[one.job] = max(ends.get(one.job, 0), one.end)
    return sum(
        job.weight * max(0, ends.get(at, 0) - job.due)
        for at, job in enumerate(shop.jobs)
        if job.due is not None
    )


def value(shop: Shop, slots: Sequence[Slot]) -> tuple[int, Time]:
    """What a schedule is judged by at first: tardiness, then its end."""
    return tardiness(shop, slots), makespan(slots)
