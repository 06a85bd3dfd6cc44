"""A flexible job shop: what has to be made, where it can be made, and when machines are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Time = int
"""Whole time units; what a unit is, a minute or a shift, is for the caller to know."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A machine that an operation can run on, and for how long."""

    machine: int
    duration: Time
    cost: int = 0
    """Of running it there."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A step of a job."""

    choices: tuple[Choice, ...]
    lag: Time = 0
    """From its end to the next operation's start: transport, cooling."""
    uses: tuple[int, ...] = ()
    """Resources beside the machine that it holds while it runs: a crew, a tool."""
    family: int | None = None
    """Of set-ups; None needs none."""
    release: Time = 0
    """When what it needs is there; it does not start earlier."""


@dataclass(frozen=True, slots=True)
class Job:
    """Operations one after another."""

    operations: tuple[Operation, ...]
    release: Time = 0
    """When material is there; nothing starts earlier."""
    due: Time | None = None
    weight: int = 1
    """Of a time unit of tardiness."""
    name: str = ""
    after: tuple[int, ...] = ()
    """Jobs that supply it, by their place in the shop: nothing of it starts before their last end."""


@dataclass(frozen=True, slots=True)
class Window:
    """A time from `start` to `end`, its end exclusive."""

    start: Time
    end: Time


@dataclass(frozen=True, slots=True)
class Overtime:
    """Time after a shift that can be worked at a cost: the operation that runs when the shift ends goes on.

    Where nights are no part of the time line, so that one shift ends when the next begins, it lies at that
    moment and takes none of the line: what is worked on in it ends earlier. Nothing begins in it.
    """

    at: Time
    """When the shift ends."""
    length: Time
    """The most that can be worked then."""
    cost: int = 0
    """Of a time unit."""
    period: int = 0
    """The week, or whatever else a machine's limit is for."""


@dataclass(frozen=True, slots=True)
class Worked:
    """Overtime that an operation takes."""

    at: Time
    length: Time


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine and when it is not there: outside the shifts, in maintenance, broken down."""

    name: str
    closed: tuple[Window, ...] = ()
    overtime: tuple[Overtime, ...] = ()
    """At different times."""
    overtime_limit: Time | None = None
    """The most overtime in a period."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that operations share beside machines."""

    name: str
    capacity: int
    absent: tuple[Window, ...] = ()
    """Times in which there is one less; of two at once two windows."""


@dataclass(frozen=True, slots=True)
class Shop:
    """Everything that a schedule has to respect."""

    jobs: tuple[Job, ...]
    machines: tuple[Machine, ...]
    resources: tuple[Resource, ...] = ()
    setups: tuple[tuple[Time, ...], ...] = field(default_factory=tuple)
    """Time between operations of two families on one machine, by the earlier and the later one."""
    setup_cost: int = 0
    """Of each change of family."""
    families: tuple[str, ...] = ()
    """Their names, in the order of `setups`."""

    @property
    def count(self) -> int:
        """Operations of all jobs."""
        return sum(len(job.operations) for job in self.jobs)

    def setup(self, earlier: int | None, later: int | None) -> Time:
        """Time that a machine needs from one family to another."""
        if earlier is None or later is None or not self.setups:
            return 0
        return self.setups[earlier][later]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where and when an operation runs."""

    job: int
    operation: int
    machine: int
    start: Time
    end: Time
    overtime: tuple[Worked, ...] = ()
    """By which it takes less of the line than it lasts."""


class ShopInvalid(ValueError):
    """A shop or a schedule for it that cannot be; the message names the place and what would be valid."""


def in_order(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """Slots by job and operation."""
    return tuple(sorted(slots, key=lambda one: (one.job, one.operation)))


def makespan(slots: Sequence[Slot]) -> Time:
    """When the last operation ends."""
    return max((one.end for one in slots), default=0)
