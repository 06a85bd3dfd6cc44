"""A site's shop for the scheduling engine, with the plan that it has: minutes of work from now on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import cached_property

from tools.engines.netting import STOCK
from tools.engines.pegging import Network
from tools.engines.scheduling.dispatching import dispatched
from tools.engines.scheduling.shop import Choice, Job, Machine, Operation, Overtime, Shop, Slot, Time, Window
from tools.languages import said
from tools.planning import Book, Entry
from tools.replanning.floor import Floor, OpenOrder, Step, left_of
from tools.replanning.proposal import LeftOut

FOR_CUSTOMERS = 3
"""What a minute of lateness weighs where a customer waits, against one where only stock does."""
_TRANSFER = 0
"""Minutes between two operations that no record tells of."""
_NUMBERED = re.compile(r"^(?P<kind>.*\D)\s*\d+$")
_FEWEST_EVENINGS, _MOST_EVENINGS = 4, 700
"""Days whose overtime is weighed at least, and at most with one order; with many orders their share of it."""
_MOST_AT_ONCE = 60
"""Operations on a work centre up to which the order of its set-ups is weighed."""


@dataclass(frozen=True, slots=True)
class Task:
    """An order with the operations that it has left."""

    order: OpenOrder
    steps: tuple[tuple[Step, Decimal], ...]


@dataclass(frozen=True)
class Present:
    """A shop, its plan, and what its numbers stand for."""

    floor: Floor
    book: Book
    shop: Shop
    plan: tuple[Slot, ...]
    tasks: tuple[Task, ...]
    """By job of the shop."""
    centres: tuple[str, ...]
    """Ids by machine of the shop."""
    left_out: tuple[LeftOut, ...]
    beyond: int
    """Orders that start behind the horizon."""
    horizon: date
    has_setups: bool

    @cached_property
    def network(self) -> Network:
        """What is pegged to what at the site."""
        return self.book.network(self.floor.site)

    @cached_property
    def supplies(self) -> Mapping[str, Entry]:
        """The receipt that an order is, by its number."""
        return _supplies(self.floor, self.book)

    @cached_property
    def job_of(self) -> Mapping[str, int]:
        """Numbers of the shop's jobs by order."""
        return {task.order.order_id: at for at, task in enumerate(self.tasks)}

    @cached_property
    def machine_of(self) -> Mapping[str, int]:
        """Numbers of the shop's machines by work centre."""
        return {centre: at for at, centre in enumerate(self.centres)}

    def job(self, task: Task, release: Time, due: Time | None, weight: int) -> Job:
        """An order as a job of this shop."""
        return _Making(self.floor, self.centres, self.has_setups).job(task, release, due, weight)


def present_of(floor: Floor, book: Book, horizon: date) -> Present:
    """The shop of all orders that start up to the horizon, with the plan that the shop floor follows.

    The source keeps dates of orders, not of operations: operations are placed first come, first served, no
    order before its start date or its parts.
    """
    network = book.network(floor.site)
    supplies = _supplies(floor, book)
    tasks: list[Task] = []
    releases: list[Time] = []
    left_out: list[LeftOut] = []
    beyond = 0
    for order in floor.orders:
        if order.start_on is not None and order.start_on > horizon:
            beyond += 1
            continue
        steps = tuple(left_of(floor, order))
        reason = _unplannable(floor, order, steps)
        _, missing = _ready(floor, book, network, supplies.get(order.order_id), {})
        if reason or missing:
            left_out.append(LeftOut(order.order_id, reason or missing))
        elif steps:
            tasks.append(Task(order, steps))
            assert order.start_on is not None
            releases.append(floor.hours.day_begins(order.start_on))
    centres = tuple(floor.centres)
    has_setups = _weighs_setups(floor, tasks)
    making = _Making(floor, centres, has_setups)
    jobs = []
    job_of = {task.order.order_id: at for at, task in enumerate(tasks)}
    waits = _supplying(book, network, supplies, job_of)
    for at, (task, release) in enumerate(zip(tasks, releases, strict=True)):
        planned = {tasks[one].order.order_id: one for one in waits[at]}
        ready, _ = _ready(floor, book, network, supplies.get(task.order.order_id), planned)
        supply = supplies.get(task.order.order_id)
        is_sold = supply is not None and any(
            book.by_key[step.demand].record == "sales_line"
            for step in network.up([supply.key])
            if step.demand in book.by_key
        )
        due = None if task.order.due_on is None else floor.hours.day_ends(task.order.due_on)
        job = making.job(task, max(release, ready), due, FOR_CUSTOMERS if is_sold else 1)
        jobs.append(replace(job, after=waits[at]))
    shop = Shop(
        tuple(jobs),
        tuple(_machine(floor, one, horizon, len(jobs)) for one in centres),
        setups=making.matrix(),
        families=making.families,
    )
    return Present(
        floor,
        book,
        shop,
        _as_it_runs(shop, tasks),
        tuple(tasks),
        centres,
        tuple(left_out),
        beyond,
        horizon,
        has_setups,
    )


def _supplies(floor: Floor, book: Book) -> dict[str, Entry]:
    return {
        entry.order_id: entry
        for entry in book.entries
        if entry.record == "production_order" and entry.site == floor.site.site and entry.quantity > 0
    }


def _as_it_runs(shop: Shop, tasks: Sequence[Task]) -> tuple[Slot, ...]:
    """First come, first served; of what is ready at once, the order that was to start first."""
    first = date.max.toordinal()
    starts = [one.order.start_on.toordinal() if one.order.start_on else first for one in tasks]
    priority = {
        (at, step): float(starts[at])
        for at, job in enumerate(shop.jobs)
        for step in range(len(job.operations))
    }
    # Any entry makes the sequence that of readiness; this one is of no operation.
    return dispatched(shop, priority, not_before={(-1, 0): 0}) if shop.jobs else ()


def _unplannable(floor: Floor, order: OpenOrder, steps: Sequence[tuple[Step, Decimal]]) -> str:
    """What is missing to plan an order, and what would make it possible; empty where nothing is."""
    if order.material_id not in floor.routes:
        return said(
            "[[material]] has no routing: enter one, and the order can be planned", material=order.material
        )
    if order.start_on is None or order.due_on is None:
        return said("it has no dates: give it a start and a due date")
    gone = [step.work_centre_id for step, _ in steps if step.work_centre_id not in floor.centres]
    if gone:
        return said("its routing names the work centre [[centre]], which is not loaded", centre=repr(gone[0]))
    if steps and all(step.run_minutes <= 0 and step.setup_minutes <= 0 for step, _ in steps):
        return said("the routing of [[material]] holds no minutes", material=order.material)
    return ""


def _supplying(
    book: Book, network: Network, supplies: Mapping[str, Entry], job_of: Mapping[str, int]
) -> list[tuple[int, ...]]:
    """By job, the jobs of the orders that its parts are pegged to; never round in a circle."""
    found: list[tuple[int, ...]] = [()] * len(job_of)

    def leads(start: int, to: int) -> bool:
        return start == to or any(leads(one, to) for one in found[start])

    for order, at in job_of.items():
        supply = supplies.get(order)
        for part in network.parts_of(supply.key) if supply else ():
            for peg in network.allocation(book.by_key[part].material_id).pegs:
                entry = book.by_key.get(peg.supply) if peg.demand == part else None
                other = job_of.get(entry.order_id) if entry and entry.record == "production_order" else None
                if other is not None and other not in found[at] and not leads(other, at):
                    found[at] = (*found[at], other)
    return found


def _ready(
    floor: Floor, book: Book, network: Network, supply: Entry | None, planned: Mapping[str, int]
) -> tuple[Time, str]:
    """When the parts of an order are there; or which of them nothing covers.

    Args:
        planned: orders that it waits for in the plan itself, whatever their date.
    """
    ready = 0
    for part in network.parts_of(supply.key) if supply else ():
        entry = book.by_key[part]
        allocation = network.allocation(entry.material_id)
        missing = allocation.uncovered.get(part)
        if missing:
            material = book.materials.get((entry.site, entry.material_id))
            name = material.name if material else entry.material_id
            amount = f"{missing:f}".rstrip("0").rstrip(".") if "." in f"{missing:f}" else f"{missing:f}"
            return 0, said(
                "nothing covers [[quantity]] of [[material]]: order or transfer it",
                quantity=f"{amount} {material.unit if material else ''}".strip(),
                material=name,
            )
        for peg in allocation.pegs:
            if peg.demand != part or peg.supply == STOCK:
                continue
            receipt = book.by_key[peg.supply]
            due = receipt.due
            if receipt.record == "production_order" and receipt.order_id in planned:
                continue
            if due is not None:
                ready = max(ready, floor.hours.day_begins(due))
    return ready, ""


def _services(floor: Floor, centre: str) -> tuple[Window, ...]:
    found = []
    for one in floor.services:
        if one.work_centre_id != centre:
            continue
        start = floor.hours.minute(one.starts_at) if one.starts_at else floor.hours.day_begins(one.starts_on)
        minutes = int((one.hours * 60).to_integral_value(ROUND_CEILING))
        found.append(Window(start, start + minutes))
    return tuple(found)


def _machine(floor: Floor, centre: str, horizon: date, jobs: int) -> Machine:
    """A work centre with its services and the overtime that it may work up to the horizon."""
    windows = []
    weekly: dict[int, Decimal] = {}
    for evening in floor.hours.evenings(min(horizon, _last_evening(floor, jobs))):
        extra = floor.extra_of(centre, evening.closes.date())
        if extra is None:
            continue
        # The minutes themselves cost what they cost in a shift; only the surcharge comes on top.
        cents = int((extra.surcharge / 60 * 100).to_integral_value(ROUND_CEILING))
        year, week, _ = evening.closes.isocalendar()
        length = min(int(extra.daily_minutes), evening.free)
        windows.append(Overtime(evening.minute, length, max(1, cents), year * 100 + week))
        if extra.weekly_minutes is not None:
            weekly[year * 100 + week] = extra.weekly_minutes
    limit = min((int(one) for one in weekly.values()), default=None)
    return Machine(centre, _services(floor, centre), tuple(windows), limit)


def _last_evening(floor: Floor, jobs: int) -> date:
    """The last day whose overtime is weighed: fewer days with more orders, so that a search stays quick."""
    return floor.site.today + timedelta(days=max(_FEWEST_EVENINGS, _MOST_EVENINGS // max(1, jobs)))


def _weighs_setups(floor: Floor, tasks: Sequence[Task]) -> bool:
    loads: dict[str, int] = {}
    for task in tasks:
        for step, _ in task.steps:
            loads[step.work_centre_id] = loads.get(step.work_centre_id, 0) + 1
    return bool(floor.setups) and max(loads.values(), default=0) <= _MOST_AT_ONCE


def sisters(floor: Floor, centre: str) -> tuple[str, ...]:
    """Work centres of the same line whose names differ only in their number, itself among them."""
    own = floor.centres[centre]
    kind = _NUMBERED.match(own.name)
    if kind is None:
        return (centre,)

    def is_like(name: str) -> bool:
        other = _NUMBERED.match(name)
        return other is not None and other["kind"].casefold() == kind["kind"].casefold()

    return tuple(
        one.work_centre_id for one in floor.centres.values() if one.line == own.line and is_like(one.name)
    )


class _Making:
    """Makes jobs; families of set-ups are kept apart by the kind of work centre."""

    def __init__(self, floor: Floor, centres: Sequence[str], has_setups: bool) -> None:
        self._floor = floor
        self._machine = {centre: at for at, centre in enumerate(centres)}
        self._has_setups = has_setups
        kinds = {centre: sisters(floor, centre)[0] for centre in centres}
        groups = sorted({group for table in floor.setups.values() for pair in table for group in pair})
        self._kinds = kinds
        self._family = (
            {
                (kind, group): at
                for at, (kind, group) in enumerate(
                    (kind, group) for kind in sorted(set(kinds.values())) for group in groups
                )
            }
            if has_setups
            else {}
        )

    @property
    def families(self) -> tuple[str, ...]:
        return tuple(f"{kind} {group}" for kind, group in self._family)

    def matrix(self) -> tuple[tuple[Time, ...], ...]:
        """What a change between two groups takes beyond a set-up within the later one."""
        rows = []
        for kind, before in self._family:
            row = []
            for other, after in self._family:
                row.append(self._extra(kind, before, after) if kind == other else 0)
            rows.append(tuple(row))
        return tuple(rows)

    def _extra(self, kind: str, before: str, after: str) -> Time:
        table = self._floor.setups.get(kind, {})
        within = table.get((after, after))
        change = table.get((before, after))
        if before == after or within is None or change is None:
            return 0
        return max(0, int((change - within).to_integral_value(ROUND_CEILING)))

    def job(self, task: Task, release: Time, due: Time | None, weight: int) -> Job:
        operations = tuple(self._operation(task.order, step, quantity) for step, quantity in task.steps)
        return Job(operations, release, due, weight, task.order.order_id)

    def _operation(self, order: OpenOrder, step: Step, quantity: Decimal) -> Operation:
        own = step.work_centre_id
        family = self._family.get((self._kinds[own], order.setup_group))
        setup = step.setup_minutes
        if family is not None:
            setup = self._floor.setups.get(own, {}).get((order.setup_group, order.setup_group), setup)
        minutes = max(1, int((setup + step.run_minutes * quantity).to_integral_value(ROUND_CEILING)))
        cents = {
            one: int((self._floor.centres[one].rate * minutes / 60 * 100).to_integral_value())
            for one in sisters(self._floor, own)
        }
        # Only what one work centre costs more than another can be decided on.
        least = min(cents.values())
        choices = tuple(
            Choice(self._machine[one], minutes, cost - least)
            for one, cost in sorted(cents.items(), key=lambda pair: (pair[0] != own, pair[0]))
        )
        return Operation(choices, _TRANSFER, (), family)
