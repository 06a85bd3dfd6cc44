"""Overtime of a schedule: how much of it, what it costs, and what of it cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tools.engines.scheduling.shop import Machine, Shop, Slot, Time


def has_overtime(shop: Shop) -> bool:
    """True where a machine can work longer than its shifts."""
    return any(machine.overtime for machine in shop.machines)


def without_overtime(shop: Shop) -> Shop:
    """The shop with its shifts alone."""
    return replace(shop, machines=tuple(replace(one, overtime=()) for one in shop.machines))


def most_of(machine: Machine) -> Time:
    """The most by which overtime can shorten an operation on a machine."""
    return sum(one.length for one in machine.overtime)


def overtime_of(slots: Sequence[Slot]) -> Time:
    """All overtime of a schedule."""
    return sum(one.length for slot in slots for one in slot.overtime)


def overtime_cost(shop: Shop, slots: Sequence[Slot]) -> int:
    """What the overtime of a schedule costs."""
    rates = [{one.at: one.cost for one in machine.overtime} for machine in shop.machines]
    return sum(rates[slot.machine].get(one.at, 0) * one.length for slot in slots for one in slot.overtime)


def overtime_violations(shop: Shop, slots: Sequence[Slot]) -> list[str]:
    """Every rule of overtime that a schedule breaks."""
    found: list[str] = []
    in_period: Counter[tuple[int, int]] = Counter()
    for slot in slots:
        machine = shop.machines[slot.machine]
        windows = {one.at: one for one in machine.overtime}
        if len({one.at for one in slot.overtime}) < len(slot.overtime):
            found.append(f"{_at(slot)} takes the same overtime twice")
        for one in slot.overtime:
            window = windows.get(one.at)
            if window is None:
                found.append(f"{_at(slot)} takes overtime at {one.at}, when {machine.name} has none")
            elif not 0 < one.length <= window.length:
                found.append(f"{_at(slot)} takes {one.length} of overtime at {one.at}, of {window.length}")
            elif not slot.start < one.at <= slot.end:
                found.append(f"{_at(slot)} takes overtime at {one.at}, when it does not run")
            else:
                in_period[slot.machine, window.period] += one.length
    # Two operations that run at the end of one shift overlap there, which is looked for elsewhere.
    for (at, period), length in sorted(in_period.items()):
        limit = shop.machines[at].overtime_limit
        if limit is not None and length > limit:
            found.append(f"{shop.machines[at].name} works {length} of overtime in {period}, of {limit}")
    return found


def _at(slot: Slot) -> str:
    return f"job {slot.job + 1} operation {slot.operation + 1}"
