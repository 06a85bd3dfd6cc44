"""What a way to go on comes to: lateness by the due dates, customers, cost, and what moves."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from policies.drafts.parts import FactVersion
from tools.engines.scheduling.overtime import overtime_of
from tools.engines.scheduling.replanning import Alternative
from tools.engines.scheduling.shop import Shop, Slot, Time
from tools.engines.structure import ZERO
from tools.replanning.disturbances import RUSH
from tools.replanning.present import Present, Task
from tools.replanning.proposal import Bar, OrderChange, OrderMove, Outcome

_OPERATION = re.compile(r"\bjob (\d+) operation (\d+)\b")
_MACHINE = re.compile(r"\bmachine (\d+)\b")
_MOMENT = re.compile(r"\b(start at|starts before|from|times at) (-?\d+)\b")
_CENT = Decimal("0.01")
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Sale:
    """What is open of a sales order line."""

    source_key: str
    amount: Decimal
    """In the site's own currency."""


@dataclass(frozen=True)
class Weighing:
    """What every way is measured against."""

    present: Present
    shop: Shop
    """With the disturbance in it, and with the days that the present plan keeps as due dates."""
    tasks: tuple[Task, ...]
    """By job, the rush order's last."""
    dues: tuple[Time | None, ...]
    """By job, the true due dates."""
    excused: frozenset[int]
    """Jobs that somebody wants later than planned."""
    sales: Mapping[str, Sale]
    facts: Mapping[str, FactVersion]

    def outcome(self, way: Alternative) -> Outcome:
        """A way in the terms of the site."""
        ends = _ends(way.slots)
        late = {
            job: end - due for job, end in ends.items() if (due := self.dues[job]) is not None and end > due
        }
        later = {
            job: end - promise
            for job, end in ends.items()
            if (promise := self.shop.jobs[job].due) is not None and end > promise and job not in self.excused
        }
        customers, at_risk = self._hit(later)
        changes = self._changes(way.slots)
        cost = self.cost(way.slots)
        typical = self.present.floor.hours.typical
        return Outcome(
            way.way,
            len(late),
            _days(sum(late.values()), typical),
            len(later),
            _days(sum(later.values()), typical),
            customers,
            cost,
            self.cost(self.present.plan) - cost,
            at_risk,
            len({one.order for one in changes}),
            len(changes),
            sum(
                one.before is not None and one.before.work_centre != one.after.work_centre for one in changes
            ),
            overtime_of(way.slots),
            self.overtime_cost(way.slots),
            way.status == "OPTIMAL",
            _gap(way),
            way.status == "RULE",
            tuple(map(self.in_words, way.broken)),
            tuple(self.bar(slot) for slot in way.slots),
            changes,
            self._moves(way.slots, changes),
        )

    def in_words(self, broken: str) -> str:
        """What an engine says cannot be, with orders, work centres and times for its numbers."""
        present = self.present

        def operation(found: re.Match[str]) -> str:
            task, number = self.tasks[int(found[1]) - 1], int(found[2]) - 1
            named = f"operation {task.steps[number][0].operation}" if number < len(task.steps) else "the end"
            return f"{named} of order {task.order.order_id}"

        def centre(found: re.Match[str]) -> str:
            return present.floor.centres[present.centres[int(found[1]) - 1]].name

        def moment(found: re.Match[str]) -> str:
            return f"{found[1]} {present.floor.hours.start(int(found[2])):%Y-%m-%d %H:%M}"

        text = _OPERATION.sub(operation, broken)
        text = _MACHINE.sub(centre, text)
        for code in present.centres:
            text = text.replace(
                f"while {code} is closed", f"while {present.floor.centres[code].name} is closed"
            )
        return _MOMENT.sub(moment, text)

    def bar(self, slot: Slot) -> Bar:
        """An operation in the plant's own time."""
        step, _ = self.tasks[slot.job].steps[slot.operation]
        old = next(
            (one for one in self.present.plan if (one.job, one.operation) == (slot.job, slot.operation)), None
        )
        moved = old is None or (old.start, old.machine) != (slot.start, slot.machine)
        return _bar(self.present, self.tasks[slot.job], step.operation, slot, moved)

    def cost(self, slots: Sequence[Slot]) -> Decimal:
        """Of work centres for what is left, with the set-ups between groups, in the site's currency."""
        floor = self.present.floor
        total = self.overtime_cost(slots)
        queues: dict[int, list[Slot]] = defaultdict(list)
        for slot in slots:
            rate = floor.centres[self.present.centres[slot.machine]].rate
            total += rate * (slot.end - slot.start) / 60
            queues[slot.machine].append(slot)
        for machine, queue in queues.items():
            queue.sort(key=lambda one: (one.start, one.end, one.job))
            rate = floor.centres[self.present.centres[machine]].rate
            family: int | None = None
            for slot in queue:
                step = self.shop.jobs[slot.job].operations[slot.operation]
                total += rate * self.shop.setup(family, step.family) / 60
                family = step.family if step.family is not None else family
        return total.quantize(_CENT)

    def overtime_cost(self, slots: Sequence[Slot]) -> Decimal:
        """Of the overtime alone: the rates of the work centres and what comes on top of them."""
        floor = self.present.floor
        total = ZERO
        for slot in slots:
            centre = self.present.centres[slot.machine]
            for one in slot.overtime:
                extra = floor.extra_of(centre, floor.hours.end(one.at).date())
                rate = floor.centres[centre].rate + (extra.surcharge if extra else ZERO)
                total += rate * one.length / 60
        return total.quantize(_CENT)

    def _hit(self, later: Mapping[int, Time]) -> tuple[tuple[str, ...], Decimal]:
        """Customers whose open orders wait for an order that ends later, and what these lines are worth."""
        present = self.present
        typical = present.floor.hours.typical
        found: dict[str, None] = {}
        lines: dict[str, Decimal] = {}
        for job, minutes in later.items():
            supply = present.supplies.get(self.tasks[job].order.order_id)
            if supply is None:
                continue
            days = -(-minutes // typical)
            for step in present.network.up([supply.key], days):
                entry = present.book.by_key.get(step.demand)
                if entry is None or entry.record != "sales_line" or step.late <= 0:
                    continue
                found[entry.partner or entry.order_id] = None
                sale = self.sales.get(entry.source_key)
                if sale is not None:
                    lines[entry.source_key] = sale.amount
        return tuple(found), sum(lines.values(), ZERO).quantize(_CENT)

    def _changes(self, slots: Sequence[Slot]) -> tuple[OrderChange, ...]:
        before = {(one.job, one.operation): one for one in self.present.plan}
        found = []
        for slot in sorted(slots, key=lambda one: (one.start, one.job, one.operation)):
            old = before.get((slot.job, slot.operation))
            if old is not None and (old.start, old.machine, old.overtime) == (
                slot.start,
                slot.machine,
                slot.overtime,
            ):
                continue
            task = self.tasks[slot.job]
            step, _ = task.steps[slot.operation]
            found.append(
                OrderChange(
                    task.order.order_id,
                    task.order.material,
                    step.operation,
                    _bar(self.present, task, step.operation, old, False) if old else None,
                    _bar(self.present, task, step.operation, slot, True),
                )
            )
        return tuple(found)

    def _moves(self, slots: Sequence[Slot], changes: Sequence[OrderChange]) -> tuple[OrderMove, ...]:
        present, hours = self.present, self.present.floor.hours
        moved = dict.fromkeys(one.order for one in changes)
        found = []
        for job, task in enumerate(self.tasks):
            order = task.order
            if order.order_id not in moved:
                continue
            new = [one for one in slots if one.job == job]
            old = [one for one in present.plan if one.job == job]
            is_rush = order.order_id == RUSH
            found.append(
                OrderMove(
                    order.order_id,
                    order.material_id,
                    order.material,
                    None if is_rush else order.start_on,
                    None if is_rush else order.due_on,
                    hours.start(min(one.start for one in old)) if old else None,
                    hours.end(max(one.end for one in old)) if old else None,
                    hours.start(min(one.start for one in new)),
                    hours.end(max(one.end for one in new)),
                    tuple(
                        present.centres[one.machine] for one in sorted(new, key=lambda each: each.operation)
                    ),
                    self.facts.get(order.order_id),
                )
            )
        return tuple(found)


def _bar(present: Present, task: Task, operation: int, slot: Slot, is_moved: bool) -> Bar:
    hours = present.floor.hours
    # What ends in overtime ends after the shift; what goes on after it ends with the work of another day.
    longer = sum(one.length for one in slot.overtime if one.at == slot.end)
    return Bar(
        task.order.order_id,
        operation,
        present.centres[slot.machine],
        hours.start(slot.start),
        hours.end(slot.end) + timedelta(minutes=longer),
        overtime_of([slot]),
        is_moved,
    )


def _gap(way: Alternative) -> Decimal | None:
    if way.status == "RULE" or way.bound is None or way.way != "stable_repair":
        # The full re-solve goes for other due dates than those that ways are compared by.
        return None
    late, bound = way.figures.tardiness, max(0, way.bound)
    return ZERO if late <= bound else (Decimal(late - bound) / late * 100).quantize(_TENTH)


def _ends(slots: Sequence[Slot]) -> dict[int, Time]:
    found: dict[int, Time] = {}
    for one in slots:
        found[one.job] = max(found.get(one.job, 0), one.end)
    return found


def _days(minutes: int, typical: int) -> Decimal:
    return (Decimal(minutes) / typical).quantize(_TENTH)
