"""Overtime is worked only where it pays, as much as allowed, and on the clock it is what it says."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from tests.tools.engines.scheduling.shops import random_shop
from tools.engines.scheduling.dispatching import quickly
from tools.engines.scheduling.files import event_of, shop_of
from tools.engines.scheduling.overtime import overtime_of
from tools.engines.scheduling.replanning import Alternative, replanned
from tools.engines.scheduling.shop import (
    Choice,
    Job,
    Machine,
    Operation,
    Overtime,
    Shop,
    Slot,
    Window,
    Worked,
)
from tools.engines.scheduling.situations import Event
from tools.engines.scheduling.solving import solve
from tools.engines.scheduling.violations import violations

_SHIFT, _LONGER, _DAYS = 6, 2, 4
_NOTHING = Event(0, "none", {}, {})


def _shop(seed: int) -> Shop:
    """Three jobs, two machines, four days of six hours with two of overtime, and a limit for two days."""
    chance = random.Random(seed)

    def operation() -> Operation:
        machines = chance.choice(((0,), (1,), (0, 1)))
        return Operation(tuple(Choice(each, chance.randint(2, 6), chance.randint(0, 2)) for each in machines))

    jobs = tuple(
        Job(
            tuple(operation() for _ in range(chance.choice((1, 2)))),
            chance.choice((0, 0, 2)),
            chance.randint(4, 12),
            chance.randint(1, 3),
            str(at),
        )
        for at in range(3)
    )

    def machine(name: str) -> Machine:
        windows = tuple(
            Overtime((day + 1) * _SHIFT, _LONGER, chance.randint(1, 3), day // 2) for day in range(_DAYS)
        )
        return Machine(name, (), windows, chance.choice((None, 1, 3)))

    return Shop(jobs, (machine("a"), machine("b")))


def _best(shop: Shop) -> tuple[int, int]:
    """The least tardiness, and the least cost of that: every order, machine and length of overtime."""
    best = (10**9, 10**9)
    windows = [{one.at: one for one in machine.overtime} for machine in shop.machines]

    def lengths(machine: int, start: int, duration: int) -> Iterator[dict[int, int]]:
        """All overtime of an operation that starts then: each shift's end that it comes to, in turn."""

        def on(moment: int, left: int) -> Iterator[dict[int, int]]:
            ahead = (-(moment + 1) % _SHIFT) + 1
            if left < ahead or moment + ahead not in windows[machine]:
                yield {}
                return
            at = moment + ahead
            for extra in range(min(windows[machine][at].length, left - ahead) + 1):
                for rest in on(at, left - ahead - extra):
                    yield {at: extra, **rest} if extra else rest

        yield from on(start, duration)

    def further(
        following: list[int], ready: list[int], free: list[int], used: dict[tuple[int, int], int], cost: int
    ) -> None:
        nonlocal best
        late = sum(
            job.weight * max(0, ready[at] - (job.due or 0))
            for at, job in enumerate(shop.jobs)
            if following[at] == len(job.operations)
        )
        if (late, cost) >= best:
            return
        if all(following[at] == len(job.operations) for at, job in enumerate(shop.jobs)):
            best = (late, cost)
            return
        for at, job in enumerate(shop.jobs):
            if following[at] == len(job.operations):
                continue
            for choice in job.operations[following[at]].choices:
                start = max(ready[at], free[choice.machine])
                for longer in lengths(choice.machine, start, choice.duration):
                    now = dict(used)
                    for moment, extra in longer.items():
                        key = (choice.machine, windows[choice.machine][moment].period)
                        now[key] = now.get(key, 0) + extra
                    limit = shop.machines[choice.machine].overtime_limit
                    if limit is not None and any(
                        extra > limit for (machine, _), extra in now.items() if machine == choice.machine
                    ):
                        continue
                    end = start + choice.duration - sum(longer.values())
                    paid = sum(windows[choice.machine][m].cost * extra for m, extra in longer.items())
                    further(
                        [one + (each == at) for each, one in enumerate(following)],
                        [end if each == at else one for each, one in enumerate(ready)],
                        [end if each == choice.machine else one for each, one in enumerate(free)],
                        now,
                        cost + choice.cost + paid,
                    )

    further([0] * len(shop.jobs), [job.release for job in shop.jobs], [0] * len(shop.machines), {}, 0)
    return best


def _on_the_clock(shop: Shop, slots: tuple[Slot, ...]) -> None:
    """Hour by hour, nights among them: each operation has all its hours, and no machine two at once."""
    day = _SHIFT + _LONGER
    hours: dict[tuple[int, int], list[int]] = defaultdict(list)
    busy: dict[tuple[int, int], tuple[int, int]] = {}
    for slot in slots:
        own = [minute // _SHIFT * day + minute % _SHIFT for minute in range(slot.start, slot.end)]
        for one in slot.overtime:
            evening = (one.at // _SHIFT - 1) * day + _SHIFT
            own += range(evening, evening + one.length)
        for hour in own:
            assert (slot.machine, hour) not in busy
            busy[slot.machine, hour] = (slot.job, slot.operation)
        hours[slot.job, slot.operation] = sorted(own)
    for (job, number), own in hours.items():
        (wanted,) = {
            one.duration
            for one in shop.jobs[job].operations[number].choices
            if one.machine == next(s.machine for s in slots if (s.job, s.operation) == (job, number))
        }
        assert len(own) == wanted
        assert number == 0 or hours[job, number - 1][-1] < own[0]


def _of(way: str, alternatives: tuple[Alternative, ...]) -> Alternative:
    return next(one for one in alternatives if one.way == way)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_overtime_is_worked_where_it_makes_less_late_and_no_more_of_it(seed: int) -> None:
    """Tardiness first, then cost: both are the least of all schedules, each tried; the clock agrees."""
    shop = _shop(seed)
    found = replanned(shop, quickly(shop, 0), _NOTHING, 20, workers=1)
    repair = _of("stable_repair", found.alternatives)
    assert (repair.figures.tardiness, repair.figures.cost) == _best(shop)
    for one in found.alternatives:
        assert one.broken == ()
        assert one.figures.overtime == overtime_of(one.slots)
        _on_the_clock(shop, one.slots)
    assert _of("right_shift", found.alternatives).figures.overtime == 0
    assert repair.figures.tardiness == _of("full_resolve", found.alternatives).figures.tardiness


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_overtime_keeps_to_all_else_that_a_shop_has(seed: int) -> None:
    """Calendars, crews, families, an outage, a frozen time: an independent look finds nothing wrong."""
    plain = random_shop(seed, 4, 3, 3, rich=True)
    windows = tuple(Overtime(at, 3, 1, at // 20) for at in range(10, 60, 10))
    shop = replace(plain, machines=tuple(replace(one, overtime=windows) for one in plain.machines))
    event = Event(4, "machine_down", {seed % 3: (Window(4, 15),)}, {}, frozen=seed % 2 * 6)
    found = replanned(shop, quickly(shop, 0), event, 1, workers=1)
    for one in found.alternatives[1:]:
        assert one.broken == ()
        assert violations(found.shop, one.slots) == []


def test_some_of_these_shops_need_overtime() -> None:
    """The cases above would be idle where none is worked, or where it always helps."""
    late = {seed: _best(_shop(seed))[0] for seed in range(12)}
    plain = {
        seed: _best(replace(shop, machines=tuple(replace(one, overtime=()) for one in shop.machines)))[0]
        for seed, shop in ((seed, _shop(seed)) for seed in range(12))
    }
    assert all(late[seed] <= plain[seed] for seed in late)
    assert 3 <= sum(late[seed] < plain[seed] for seed in late) < 12


def _one() -> Shop:
    job = Job((Operation((Choice(0, 9),)),), due=7, name="4711")
    return Shop((job,), (Machine("press", (), (Overtime(6, 4, 5, 0),), 3),))


def test_no_more_is_worked_than_the_due_date_and_the_limit_want() -> None:
    """Nine hours, due after seven: two of overtime; due after five: three, since more is not allowed."""
    shop = _one()
    plan = (Slot(0, 0, 0, 0, 9),)
    repair = _of("stable_repair", replanned(shop, plan, _NOTHING, 5, workers=1).alternatives)
    assert repair.slots == (Slot(0, 0, 0, 0, 7, (Worked(6, 2),)),)
    assert (repair.figures.tardiness, repair.figures.cost, repair.figures.overtime) == (0, 10, 2)
    sooner = replace(shop, jobs=(replace(shop.jobs[0], due=5),))
    repair = _of("stable_repair", replanned(sooner, plan, _NOTHING, 5, workers=1).alternatives)
    assert (repair.figures.tardiness, repair.figures.overtime) == (1, 3)


def test_no_overtime_is_worked_while_the_machine_is_down() -> None:
    """An outage over the end of the shift leaves nobody anything to work on."""
    shop = _one()
    event = Event(0, "machine_down", {0: (Window(4, 8),)}, {})
    found = replanned(shop, (Slot(0, 0, 0, 0, 9),), event, 5, workers=1)
    assert all(one.figures.overtime == 0 for one in found.alternatives[1:])


def test_what_of_overtime_cannot_be_is_named() -> None:
    """Too long, at another time, while it does not run, beyond the limit: each is a violation."""
    shop = _one()

    def said(slot: Slot) -> list[str]:
        return violations(shop, [slot])

    assert said(Slot(0, 0, 0, 0, 6, (Worked(6, 3),))) == []
    assert said(Slot(0, 0, 0, 0, 6)) == ["job 1 operation 1 takes 9, not 6"]
    assert said(Slot(0, 0, 0, 0, 6, (Worked(5, 3),))) == [
        "job 1 operation 1 takes overtime at 5, when press has none"
    ]
    assert said(Slot(0, 0, 0, 6, 12, (Worked(6, 3),))) == [
        "job 1 operation 1 takes overtime at 6, when it does not run"
    ]
    assert said(Slot(0, 0, 0, 1, 6, (Worked(6, 4),))) == ["press works 4 of overtime in 0, of 3"]
    assert said(Slot(0, 0, 0, 2, 6, (Worked(6, 5),))) == ["job 1 operation 1 takes 5 of overtime at 6, of 4"]


def test_overtime_is_read_from_files_and_shortens_a_schedule_no_more_than_it_must() -> None:
    """The earliest end, with the cheapest overtime that reaches it; a plan that has some is read again."""
    dear = {"at": 6, "length": 2, "cost": 9}
    text = json.dumps(
        {
            "machines": [
                {"name": "a", "overtime": [dear, {"at": 12, "length": 2, "cost": 1}]},
                {"name": "b"},
            ],
            "jobs": [
                {"name": 1, "operations": [{"machines": {"a": 13}}]},
                {"name": 2, "operations": [{"machines": {"b": 12}}]},
            ],
        }
    )  # fmt: skip
    shop = shop_of(text).shop
    found = solve(shop, 5, workers=1)
    assert (found.status, found.value) == ("OPTIMAL", 12)
    assert found.slots[0] == Slot(0, 0, 0, 0, 12, (Worked(12, 1),))
    worked = [{"at": 12, "length": 1}]
    plan = [
        {"job": 1, "operation": 1, "machine": "a", "start": 0, "end": 12, "overtime": worked},
        {"job": 2, "operation": 1, "machine": "b", "start": 0, "end": 12},
    ]  # fmt: skip
    event = {"now": 1, "event": {"kind": "none"}, "schedule": plan}
    assert event_of(shop, json.dumps(event))[1] == found.slots


@pytest.mark.parametrize("choices", list(product((0, 1), repeat=2)))
def test_what_has_begun_keeps_its_overtime_and_its_part_of_the_limit(choices: tuple[int, int]) -> None:
    """An operation under way has taken two of three hours of the week: one is left for the other."""
    first, second = (Operation((Choice(0, duration),)) for duration in (7, 7))
    windows = (Overtime(6, 2, 1, 0), Overtime(12, 2, 1, 0))
    shop = Shop(
        (Job((first,), due=20, name="1"), Job((second,), due=10, name="2")),
        (Machine("a", (), windows, 2 + choices[0]),),
    )
    plan = (Slot(0, 0, 0, 1, 6, (Worked(6, 2),)), Slot(1, 0, 0, 6, 13))
    found = replanned(shop, plan, Event(2 + choices[1], "none", {}, {}), 5, workers=1)
    repair = _of("stable_repair", found.alternatives)
    assert plan[0] in repair.slots
    assert repair.figures.overtime == 2 + choices[0]
    assert repair.broken == ()
