"""Exact answers by trying everything: what the benchmark of certified tasks compares the engines with.

Nothing here is shared with the engines: no model, no solver, no class of theirs. A requisition is solved by
counting up all quantities (dynamic programming), a repair by decoding every order of the operations on every
choice of machines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

_INFINITE = (10**18, Decimal(10**18))


@dataclass(frozen=True, slots=True)
class Seller:
    """A source in whole units."""

    name: str
    scale: tuple[tuple[int, Decimal], ...]
    """From a quantity on, the price of every unit."""
    least: int
    most: int
    multiple: int
    days_late: int


def price_of(seller: Seller, quantity: int) -> Decimal:
    """What a unit costs at a quantity."""
    return next(price for begins, price in reversed(seller.scale) if begins <= quantity)


def least_cost(wanted: int, sellers: Sequence[Seller]) -> tuple[int, Decimal] | None:
    """Fewest unit-days late, then least cost, of having at least a quantity; None where it cannot be had."""
    best: list[tuple[int, Decimal]] = [(0, Decimal(0))] + [_INFINITE] * wanted
    for seller in sellers:
        offers = list(_offers(seller, wanted))
        following = list(best)
        for have, (late, cost) in enumerate(best):
            if (late, cost) == _INFINITE:
                continue
            for quantity, more_late, more_cost in offers:
                at = min(wanted, have + quantity)
                following[at] = min(following[at], (late + more_late, cost + more_cost))
        best = following
    return None if best[wanted] == _INFINITE else best[wanted]


def _offers(seller: Seller, wanted: int) -> Iterator[tuple[int, int, Decimal]]:
    beyond = max(wanted, seller.least, *(begins for begins, _ in seller.scale)) + seller.multiple
    first = -(-max(1, seller.least) // seller.multiple) * seller.multiple
    for quantity in range(first, min(seller.most, beyond) + 1, seller.multiple):
        yield quantity, quantity * seller.days_late, quantity * price_of(seller, quantity)


def kept(wanted: int, sellers: Mapping[str, Seller], taken: Mapping[str, int]) -> list[str]:
    """What of the sellers' terms, or of the need, a choice breaks."""
    broken = [] if sum(taken.values()) >= wanted else [f"{sum(taken.values())} is less than {wanted}"]
    for name, quantity in taken.items():
        one = sellers[name]
        if not max(1, one.least) <= quantity <= one.most:
            broken.append(f"{quantity} of {name} is not between {one.least} and {one.most}")
        if quantity % one.multiple:
            broken.append(f"{quantity} of {name} is no multiple of {one.multiple}")
    return broken


# ── repairs ──
@dataclass(frozen=True, slots=True)
class Work:
    """A job as plain numbers."""

    ready: int
    due: int
    weight: int
    steps: tuple[tuple[tuple[tuple[int, int], ...], int, int], ...]
    """By step: machines with durations, the wait after it, and when its material is there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a step runs."""

    job: int
    step: int
    machine: int
    start: int
    end: int


def least_tardiness(works: Sequence[Work], closed: Mapping[int, Sequence[tuple[int, int]]], now: int) -> int:
    """The least weighted tardiness of any schedule from now on.

    An order of all operations, each placed as early as the ones before it allow, reaches every schedule that
    is worth looking at: tardiness never gains from waiting.
    """
    counts = [len(work.steps) for work in works]
    best = 10**18
    choices = [range(len(step[0])) for work in works for step in work.steps]
    offsets = [sum(counts[:at]) for at in range(len(counts))]
    for chosen in product(*choices):
        best = _searched(works, closed, now, chosen, offsets, counts, best)
    return best


def _searched(
    works: Sequence[Work],
    closed: Mapping[int, Sequence[tuple[int, int]]],
    now: int,
    chosen: Sequence[int],
    offsets: Sequence[int],
    counts: Sequence[int],
    best: int,
) -> int:
    def deeper(
        done: tuple[int, ...], free: dict[int, int], ends: tuple[int, ...], cost: int, best: int
    ) -> int:
        if cost >= best:
            return best
        if list(done) == list(counts):
            return cost
        for job, work in enumerate(works):
            step = done[job]
            if step == counts[job]:
                continue
            machines, lag, there = work.steps[step]
            machine, duration = machines[chosen[offsets[job] + step]]
            start = max(free.get(machine, now), ends[job], there, now)
            start = _open(start, duration, closed.get(machine, ()))
            end = start + duration
            late = work.weight * max(0, end - work.due) if step + 1 == counts[job] else 0
            best = deeper(
                (*done[:job], step + 1, *done[job + 1 :]),
                {**free, machine: end},
                (*ends[:job], end + lag, *ends[job + 1 :]),
                cost + late,
                best,
            )
        return best

    ready = tuple(work.ready for work in works)
    return deeper((0,) * len(works), {}, ready, 0, best)


def _open(start: int, duration: int, closed: Sequence[tuple[int, int]]) -> int:
    for begins, ends in sorted(closed):
        if start < ends and begins < start + duration:
            start = ends
    return start


def possible(
    works: Sequence[Work],
    closed: Mapping[int, Sequence[tuple[int, int]]],
    now: int,
    places: Sequence[Place],
) -> list[str]:
    """What of the shop's terms a schedule breaks."""
    broken: list[str] = []
    by_step = {(one.job, one.step): one for one in places}
    for job, work in enumerate(works):
        before = max(work.ready, now)
        for step, (machines, lag, there) in enumerate(work.steps):
            one = by_step.get((job, step))
            if one is None:
                broken.append(f"step {step} of job {job} is missing")
                break
            if (one.machine, one.end - one.start) not in machines:
                broken.append(f"step {step} of job {job} cannot run so on machine {one.machine}")
            if one.start < max(before, there):
                broken.append(f"step {step} of job {job} starts too early")
            if any(one.start < ends and begins < one.end for begins, ends in closed.get(one.machine, ())):
                broken.append(f"step {step} of job {job} runs while machine {one.machine} is closed")
            before = one.end + lag
    for one in places:
        for other in places:
            at_once = one.start < other.end and other.start < one.end
            if (one.job, one.step) < (other.job, other.step) and one.machine == other.machine and at_once:
                broken.append(f"two steps run on machine {one.machine} at once")
    return broken


def tardiness_of(works: Sequence[Work], places: Sequence[Place]) -> int:
    """Weighted tardiness of a schedule."""
    ends = {job: max(one.end for one in places if one.job == job) for job in range(len(works))}
    return sum(work.weight * max(0, ends[job] - work.due) for job, work in enumerate(works))
