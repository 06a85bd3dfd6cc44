"""A repair that moves little: what an event hits goes into gaps, everything else stays where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.engines.scheduling.dispatching import when_free
from tools.engines.scheduling.shop import Choice, Operation, Shop, Slot, Time, Window, in_order

_Key = tuple[int, int]


class _Line:
    """What a machine does and when it is closed, with the family of each operation."""

    def __init__(self, closed: Sequence[Window]) -> None:
        self.taken: dict[_Key, tuple[Time, Time, int | None]] = {}
        self.closed = [(one.start, one.end, None) for one in closed]

    def gap(self, shop: Shop, ready: Time, duration: Time, family: int | None) -> Time:
        """The first start from `ready` on at which something fits between what is there."""
        at = ready
        moved = True
        while moved:
            moved = False
            for start, end, other in (*self.closed, *self.taken.values()):
                after, before = shop.setup(other, family), shop.setup(family, other)
                if at < end + after and start < at + duration + before:
                    at, moved = end + after, True
        return at


def gap_repair(shop: Shop, plan: Sequence[Slot], kept: Sequence[Slot], now: Time) -> tuple[Slot, ...]:
    """The plan with each operation that cannot stay put into the gap where it disturbs least.

    Args:
        shop: with the event in it.
        kept: of the plan, what is done, under way or frozen.
    """
    found: dict[_Key, Slot] = {(one.job, one.operation): one for one in plan}
    fixed = {(one.job, one.operation) for one in kept}
    lines = [_Line(one.closed) for one in shop.machines]
    for key, one in found.items():
        _take(shop, lines, key, one)
    order = sorted(found, key=lambda key: (found[key].start, found[key].end, key))
    known = set(order)
    order += [
        (at, number)
        for at, job in enumerate(shop.jobs)
        for number in range(len(job.operations))
        if (at, number) not in known
    ]
    for key in (one for one in order if one not in fixed):
        job, number = key
        step = shop.jobs[job].operations[number]
        ready = max(shop.jobs[job].release, step.release, now)
        if number:
            before = found[job, number - 1]
            ready = max(ready, before.end + shop.jobs[job].operations[number - 1].lag)
        else:
            ends = [found.get((one, len(shop.jobs[one].operations) - 1)) for one in shop.jobs[job].after]
            ready = max([ready, *(one.end for one in ends if one is not None)])
        old = found.get(key)
        if old is not None:
            del lines[old.machine].taken[key]
        if old is not None and old.start >= ready and _stays(shop, lines, found, old):
            _take(shop, lines, key, old)
            continue
        after = found.get((job, number + 1))
        new = _best(shop, lines, found, key, step, ready, old, None if after is None else after.start)
        found[key] = new
        _take(shop, lines, key, new)
    return in_order(tuple(found.values()))


def _take(shop: Shop, lines: Sequence[_Line], key: _Key, slot: Slot) -> None:
    family = shop.jobs[slot.job].operations[slot.operation].family
    lines[slot.machine].taken[key] = (slot.start, slot.end, family)


def _stays(shop: Shop, lines: Sequence[_Line], found: Mapping[_Key, Slot], slot: Slot) -> bool:
    step = shop.jobs[slot.job].operations[slot.operation]
    duration = slot.end - slot.start
    return (
        lines[slot.machine].gap(shop, slot.start, duration, step.family) == slot.start
        and _free(shop, found, slot, step, slot.start, duration) == slot.start
    )


def _best(
    shop: Shop,
    lines: Sequence[_Line],
    found: Mapping[_Key, Slot],
    key: _Key,
    step: Operation,
    ready: Time,
    old: Slot | None,
    before: Time | None,
) -> Slot:
    """The place that lets the next operation stay, else the one that ends first."""

    def placed(choice: Choice) -> Slot:
        at = ready
        while True:
            start = lines[choice.machine].gap(shop, at, choice.duration, step.family)
            at = _free(shop, found, Slot(*key, choice.machine, start, start), step, start, choice.duration)
            if at == start:
                return Slot(*key, choice.machine, start, start + choice.duration)

    def judged(slot: Slot) -> tuple[bool, bool, Time]:
        disturbs = before is not None and slot.end + step.lag > before
        changes = old is not None and slot.machine != old.machine
        return disturbs, changes and not disturbs, slot.end

    return min((placed(choice) for choice in step.choices), key=judged)


def _free(
    shop: Shop, found: Mapping[_Key, Slot], slot: Slot, step: Operation, start: Time, duration: Time
) -> Time:
    if not step.uses:
        return start
    held = [[(window.start, window.end) for window in one.absent] for one in shop.resources]
    for (job, number), one in found.items():
        if (job, number) != (slot.job, slot.operation):
            for resource in shop.jobs[job].operations[number].uses:
                held[resource].append((one.start, one.end))
    return when_free(shop, step.uses, held, start, duration)
