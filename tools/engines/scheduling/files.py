"""Shops, plans and events as JSON files hold them, with jobs and machines by their names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tools.engines.scheduling import fjsp_text
from tools.engines.scheduling.fjsp_text import Instance
from tools.engines.scheduling.shop import (
    Choice,
    Job,
    Machine,
    Operation,
    Overtime,
    Resource,
    Shop,
    ShopInvalid,
    Slot,
    Window,
    Worked,
)
from tools.engines.scheduling.situations import FOREVER, Event

_Name = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]
_Time = Annotated[int, Field(ge=0, le=FOREVER)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


_ModelT = TypeVar("_ModelT", bound=BaseModel)


class _Run(_Part):
    duration: _Time
    cost: int = Field(0, ge=0)


class _Operation(_Part):
    machines: dict[str, _Run | _Time] = Field(min_length=1)
    lag: _Time = 0
    uses: list[_Name] = []
    family: _Name | None = None


class _Job(_Part):
    name: _Name = ""
    operations: list[_Operation] = Field(min_length=1)
    release: _Time = 0
    due: _Time | None = None
    weight: int = Field(1, ge=0, le=10**6)


_Pair = Annotated[list[_Time], Field(min_length=2, max_length=2)]


class _Overtime(_Part):
    at: _Time
    length: int = Field(ge=1, le=FOREVER)
    cost: int = Field(0, ge=0)
    period: int = Field(0, ge=0)


class _Machine(_Part):
    name: _Name
    closed: list[_Pair] = []
    overtime: list[_Overtime] = []
    overtime_limit: _Time | None = None


class _Resource(_Part):
    name: _Name
    capacity: int = Field(1, ge=1)
    absent: list[_Pair] = []


class _Shop(_Part):
    machines: list[_Machine] = Field(min_length=1)
    jobs: list[_Job] = Field(min_length=1)
    resources: list[_Resource] = []
    setups: dict[str, dict[str, _Time]] = {}
    """From family to family."""
    setup_cost: int = Field(0, ge=0)


class _Worked(_Part):
    at: _Time
    length: _Time


class _Slot(_Part):
    job: _Name
    operation: int = Field(ge=1)
    machine: _Name
    start: _Time
    end: _Time
    overtime: list[_Worked] = []


class _Event(_Part):
    kind: Literal[
        "machine_down", "material_late", "quality_hold", "rush_order", "crew_absent", "move", "none"
    ]
    machine: _Name | None = None
    job: _Name | None = None
    resource: _Name | None = None
    from_: _Time | None = Field(None, alias="from")
    to: _Time | None = None
    """Without it an outage has no end."""
    until: _Time | None = None
    order: _Job | None = None


class _Replan(_Part):
    now: _Time | None = None
    event: _Event | None = None
    events: list[_Event] = []
    schedule: list[_Slot] | None = None
    due: dict[str, _Time] = {}
    weight: dict[str, Annotated[int, Field(ge=0, le=10**6)]] = {}
    frozen: _Time = 0


def shop_of(text: str) -> Instance:
    """The shop of a file, JSON or the usual text format.

    Raises:
        ShopInvalid: it is neither, or it contradicts itself.
    """
    if not text.lstrip("﻿ \t\r\n").startswith("{"):
        return fjsp_text.read(text)
    read = _validated(_Shop, text)
    machines = _numbered("machine", [one.name for one in read.machines])
    resources = _numbered("resource", [one.name for one in read.resources])
    families = {name: at for at, name in enumerate(_families(read))}
    shop = Shop(
        tuple(_job(one, at, machines, resources, families) for at, one in enumerate(read.jobs, 1)),
        tuple(_machine(one) for one in read.machines),
        tuple(Resource(one.name, one.capacity, _windows(one.absent)) for one in read.resources),
        tuple(tuple(read.setups.get(one, {}).get(other, 0) for other in families) for one in families),
        read.setup_cost,
        tuple(families),
    )
    _numbered("job", [one.name for one in shop.jobs])
    return Instance(_runnable(shop), "JSON, times in whole units, windows without their end")


def slots_of(shop: Shop, given: Sequence[_Slot]) -> tuple[Slot, ...]:
    """A plan by the names of its jobs and machines.

    Raises:
        ShopInvalid: a name is not one of the shop.
    """
    jobs = _numbered("job", [one.name for one in shop.jobs])
    machines = _numbered("machine", [one.name for one in shop.machines])
    return tuple(
        Slot(
            _known(jobs, one.job, "job"),
            one.operation - 1,
            _known(machines, one.machine, "machine"),
            one.start,
            one.end,
            tuple(Worked(each.at, each.length) for each in one.overtime),
        )
        for one in given
    )


def event_of(shop: Shop, text: str, plan: str = "") -> tuple[Shop, tuple[Slot, ...], Event]:
    """What happened, the plan that it meets, and the shop with the promises that the file gives.

    Args:
        plan: the plan's own file where the event's has none; what `engine schedule --json` printed is one.

    Raises:
        ShopInvalid: something is missing or not of this shop.
    """
    read = _validated(_Replan, text)
    jobs = _numbered("job", [one.name for one in shop.jobs])
    for name in (*read.due, *read.weight):
        _known(jobs, name, "job")
    shop = replace(
        shop,
        jobs=tuple(
            replace(one, due=read.due.get(one.name, one.due), weight=read.weight.get(one.name, one.weight))
            for one in shop.jobs
        ),
    )
    events = [*read.events, *([read.event] if read.event else [])]
    if not events:
        raise ShopInvalid("'event' is missing: an object with 'kind', such as machine_down")
    now = read.now if read.now is not None else min((one.from_ or 0 for one in events), default=0)
    event = _event(shop, read, events, now)
    return shop, slots_of(shop, _plan(read, plan)), event


def _plan(read: _Replan, plan: str) -> list[_Slot]:
    if read.schedule is not None:
        return read.schedule
    if not plan:
        raise ShopInvalid(
            "'schedule' is missing: the plan to repair, as a list of slots, or give --plan FILE"
        )
    try:
        content = json.loads(plan)
    except (ValueError, RecursionError) as exc:
        raise ShopInvalid(f"the plan is no JSON: {exc}") from exc
    slots = content.get("assignment", content.get("schedule")) if isinstance(content, dict) else content
    return _validated(_Replan, json.dumps({"schedule": slots})).schedule or []


def _event(shop: Shop, read: _Replan, events: list[_Event], now: int) -> Event:
    jobs = _numbered("job", [one.name for one in shop.jobs])
    machines = _numbered("machine", [one.name for one in shop.machines])
    resources = _numbered("resource", [one.name for one in shop.resources])
    closed: dict[int, tuple[Window, ...]] = {}
    absent: dict[int, tuple[Window, ...]] = {}
    releases: dict[int, int] = {}
    arrivals: list[Job] = []
    for one in events:
        match one.kind:
            case "machine_down":
                at = _known(machines, _needed(one.machine, "machine", one.kind), "machine")
                closed[at] = (*closed.get(at, ()), _span(one, now))
            case "crew_absent":
                at = _known(resources, _needed(one.resource, "resource", one.kind), "resource")
                absent[at] = (*absent.get(at, ()), _span(one, now))
            case "material_late" | "quality_hold" | "move":
                at = _known(jobs, _needed(one.job, "job", one.kind), "job")
                until = one.until if one.until is not None else one.to
                if until is None:
                    raise ShopInvalid(f"'until' is missing: when the job of {one.kind!r} can go on")
                releases[at] = max(until, releases.get(at, 0))
            case "rush_order":
                if one.order is None:
                    raise ShopInvalid("'order' is missing: the job of 'rush_order', with its operations")
                families = {name: number for number, name in enumerate(shop.families)}
                arrivals.append(_job(one.order, len(jobs) + len(arrivals) + 1, machines, resources, families))
            case "none":
                pass
    return Event(
        now, " and ".join(one.kind for one in events), closed, releases, absent, tuple(arrivals), read.frozen
    )


def _needed(value: str | None, key: str, kind: str) -> str:
    if value is None:
        raise ShopInvalid(f"{key!r} is missing: which one {kind!r} is about")
    return value


def _span(event: _Event, now: int) -> Window:
    start = now if event.from_ is None else event.from_
    end = FOREVER if event.to is None else event.to
    if end <= start:
        raise ShopInvalid(f"'to' is {end}, not after 'from' {start}")
    return Window(start, end)


def _validated(kind: type[_ModelT], text: str) -> _ModelT:
    try:
        return kind.model_validate_json(text)
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        field = next((str(one) for one in reversed(first["loc"]) if isinstance(one, str)), "")
        if len(first["loc"]) > 1 and (remedy := _REMEDIES.get((field, first["type"]))) is not None:
            raise ShopInvalid(f"{_called(text, first['loc'])} {remedy}") from exc
        place = ".".join(str(one) for one in first["loc"]) or "the file"
        valid = ", ".join(name.rstrip("_") for name in kind.model_fields)
        raise ShopInvalid(f"{place!r}: {first['msg']}; keys of the file: {valid}") from exc


_REMEDIES = {
    ("operations", "too_short"): "has no operations: enter its routing, one operation at least",
    ("machines", "too_short"): "can run nowhere: name one machine at least, with its time",
    ("capacity", "greater_than_equal"): "has no capacity, so that nothing that uses it can run: give it 1 or"
    " more, or name the times in which it is 'absent'",
    ("due", "greater_than_equal"): "is due in the past: times count from now on, name one from 0 on",
    (
        "until",
        "greater_than_equal",
    ): "has an 'until' in the past: times count from now on, name one from 0 on",
}
"""What would make a file usable, by the field and what is wrong with it."""


def _called(text: str, place: Sequence[int | str]) -> str:
    """What a place of a file is, by its name where it has one: `job 4711`."""
    at = json.loads(text)
    called = "the file"
    for number, step in enumerate(place[:-1]):
        at = at[step]
        if isinstance(step, int):
            kind = str(place[number - 1]).removesuffix("s")
            name = at.get("name", step + 1) if isinstance(at, dict) else step + 1
            called = f"{kind} {name!r}" if number < 2 else f"{called}, {kind} {name}"
        elif step not in ("machines", "jobs", "resources", "operations"):
            called = f"{step!r}"
    return called


def _runnable(shop: Shop) -> Shop:
    """The shop again.

    Raises:
        ShopInvalid: an operation can never run, for machines that are closed or resources that are absent.
    """
    closed = [any(window.end >= FOREVER for window in machine.closed) for machine in shop.machines]
    absent = [
        sum(window.end >= FOREVER for window in resource.absent) >= resource.capacity
        for resource in shop.resources
    ]
    for job in shop.jobs:
        for number, step in enumerate(job.operations, 1):
            what = f"job {job.name!r}, operation {number} can never run"
            if all(closed[choice.machine] for choice in step.choices):
                names = ", ".join(repr(shop.machines[choice.machine].name) for choice in step.choices)
                raise ShopInvalid(
                    f"{what}: {names} is closed without an end; name an end, or another machine"
                )
            if (gone := next((one for one in step.uses if absent[one]), None)) is not None:
                raise ShopInvalid(
                    f"{what}: {shop.resources[gone].name!r} is absent without an end; name an end"
                )
    return shop


def _numbered(kind: str, names: Sequence[str]) -> dict[str, int]:
    found = {name: at for at, name in enumerate(names)}
    if len(found) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ShopInvalid(f"{kind} {twice!r} is there twice")
    return found


def _known(names: Mapping[str, int], name: str, kind: str) -> int:
    if name not in names:
        raise ShopInvalid(f"{kind} {name!r} is not one of the shop; valid: {', '.join(list(names)[:20])}")
    return names[name]


def _families(read: _Shop) -> list[str]:
    used = [step.family for job in read.jobs for step in job.operations if step.family is not None]
    rows = [*read.setups, *(other for row in read.setups.values() for other in row)]
    return sorted({*used, *rows})


def _job(
    job: _Job,
    number: int,
    machines: Mapping[str, int],
    resources: Mapping[str, int],
    families: Mapping[str, int],
) -> Job:
    steps = []
    for step in job.operations:
        choices = tuple(
            Choice(_known(machines, name, "machine"), run, 0)
            if isinstance(run, int)
            else Choice(_known(machines, name, "machine"), run.duration, run.cost)
            for name, run in step.machines.items()
        )
        uses = tuple(_known(resources, name, "resource") for name in step.uses)
        family = None if step.family is None else families.get(step.family)
        steps.append(Operation(choices, step.lag, uses, family))
    return Job(tuple(steps), job.release, job.due, job.weight, job.name or str(number))


def _machine(read: _Machine) -> Machine:
    moments = [one.at for one in read.overtime]
    if len(set(moments)) < len(moments):
        raise ShopInvalid(f"machine {read.name!r} has overtime twice at the same time; add the two up")
    longer = tuple(Overtime(one.at, one.length, one.cost, one.period) for one in read.overtime)
    return Machine(read.name, _windows(read.closed), longer, read.overtime_limit)


def _windows(pairs: Sequence[Sequence[int]]) -> tuple[Window, ...]:
    for start, end in pairs:
        if end <= start:
            raise ShopInvalid(f"the window from {start} to {end} ends before it begins")
    return tuple(Window(start, end) for start, end in pairs)
