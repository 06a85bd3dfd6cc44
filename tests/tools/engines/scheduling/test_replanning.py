"""Repairs of plans: always possible, never less punctual than right-shift, and near to the plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tools.engines.scheduling.shops import random_shop
from tools.engines.scheduling.dispatching import quickly
from tools.engines.scheduling.replanning import Proposal, replanned
from tools.engines.scheduling.shop import (
    Choice,
    Job,
    Machine,
    Operation,
    Shop,
    ShopInvalid,
    Slot,
    Window,
    makespan,
)
from tools.engines.scheduling.situations import FOREVER, Event
from tools.engines.scheduling.violations import violations

_FEW = settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.too_slow])


def _figures(found: Proposal) -> dict[str, tuple[int, int, int]]:
    return {
        one.way: (one.figures.tardiness, one.figures.cost, one.figures.instability)
        for one in found.alternatives
    }


@pytest.mark.slow
@_FEW
@given(st.integers(0, 10_000), st.integers(0, 20), st.integers(1, 25), st.booleans())
def test_every_way_but_the_old_plan_can_be_gone(seed: int, now: int, length: int, rich: bool) -> None:
    """What was begun stays, nothing is broken, and the repair is no less punctual than right-shift."""
    shop = random_shop(seed, 4, 3, 3, rich=rich)
    plan = quickly(shop, 0)
    event = Event(
        now, "machine_down", {seed % 3: (Window(now, now + length),)}, {seed % 4: now + length // 2}
    )
    found = replanned(shop, plan, event, 0.8, workers=1)
    begun = {
        (one.job, one.operation): one
        for one in plan
        if one.start < now and not (one.machine == seed % 3 and one.end > now)
    }
    values = _figures(found)
    for one in found.alternatives[1:]:
        assert one.broken == ()
        assert violations(found.shop, one.slots) == []
        slots = {(slot.job, slot.operation): slot for slot in one.slots}
        assert all(slots[key].start == slot.start or slot != slots[key] for key, slot in begun.items())
    assert values["stable_repair"] <= values["right_shift"]
    assert values["stable_repair"][0] <= values["full_resolve"][0]
    assert found.recommended is not None


def _line() -> tuple[Shop, tuple[Slot, ...]]:
    """Two machines that can do the same; three jobs of one operation each, with time between them."""
    either = Operation((Choice(0, 4), Choice(1, 4)))
    shop = Shop(tuple(Job((either,), name=str(at)) for at in range(3)), (Machine("a"), Machine("b")))
    return shop, (Slot(0, 0, 0, 0, 4), Slot(1, 0, 0, 6, 10), Slot(2, 0, 0, 12, 16))


def test_one_move_is_found_where_one_is_enough() -> None:
    """The job whose machine is down goes to the other machine, on time; everything else stays."""
    shop, plan = _line()
    found = replanned(shop, plan, Event(5, "machine_down", {0: (Window(5, 11),)}, {}), 2, workers=1)
    repair = next(one for one in found.alternatives if one.way == "stable_repair")
    assert (repair.figures.tardiness, repair.figures.moved, repair.figures.machine_changes) == (0, 1, 1)
    assert repair.slots == (plan[0], Slot(1, 0, 1, 6, 10), plan[2])
    assert found.recommended == "stable_repair"
    assert "right_shift" in found.why
    shifted = next(one for one in found.alternatives if one.way == "right_shift")
    assert [one.start for one in shifted.slots] == [0, 11, 15]


def test_a_plan_that_nothing_happens_to_is_kept() -> None:
    """An event that hits nothing recommends to do nothing."""
    shop, plan = _line()
    found = replanned(shop, plan, Event(5, "machine_down", {1: (Window(5, 50),)}, {}), 1, workers=1)
    assert found.recommended == "do_nothing"
    assert found.alternatives[0].broken == ()


def test_what_is_frozen_stays_and_rush_orders_find_a_place() -> None:
    """Nothing within the frozen time moves; the new job has a slot in each way that can be gone."""
    shop, plan = _line()
    rush = Job((Operation((Choice(0, 3),)),), due=12, weight=5, name="rush")
    found = replanned(shop, plan, Event(5, "rush_order", {}, {}, arrivals=(rush,), frozen=4), 2, workers=1)
    assert found.alternatives[0].broken == ("job 4 operation 1 is not scheduled",)
    for one in found.alternatives[1:]:
        assert plan[1] in one.slots
        assert [slot.job for slot in one.slots] == [0, 1, 2, 3]
    repair = next(one for one in found.alternatives if one.way == "stable_repair")
    # Between 10 and 12 there is no room on its machine: one of two has to give, the lighter one.
    assert repair.figures.tardiness == 5 or repair.figures.machine_changes


def test_an_outage_without_end_says_what_would_have_to_give() -> None:
    """Operations that run nowhere else are named; the plan stays as it is."""
    shop, plan = _line()
    only = replace(shop, jobs=(*shop.jobs[:2], Job((Operation((Choice(0, 4),)),), name="fixed")))
    found = replanned(only, plan, Event(5, "machine_down", {0: (Window(5, FOREVER),)}, {}), 1, workers=1)
    assert found.recommended is None
    assert found.relax == (
        "job fixed operation 1 runs only on a, whose outage has no end: name an end, or another machine",
    )
    assert found.alternatives[0].slots == plan


def test_a_plan_that_is_wrong_from_the_start_is_refused() -> None:
    """Nothing is repaired on a plan that is none of this shop."""
    shop, plan = _line()
    with pytest.raises(ShopInvalid, match="cannot be carried out even before"):
        replanned(shop, plan[:2], Event(5, "none", {}, {}), 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_plan_of_500_operations_is_repaired_with_few_moves(seed: int) -> None:
    """A plan with slack, a short outage: at most a tenth moves, and nobody is late."""
    shop = random_shop(seed, 25, 20, 15, longest=15)
    loose = replace(
        shop,
        jobs=tuple(
            replace(
                job,
                operations=tuple(
                    replace(
                        step, choices=tuple(replace(one, duration=one.duration + 6) for one in step.choices)
                    )
                    for step in job.operations
                ),
            )
            for job in shop.jobs
        ),
    )
    plan = tuple(replace(one, end=one.end - 6) for one in quickly(loose, 0))
    now = makespan(plan) // 3
    found = replanned(shop, plan, Event(now, "machine_down", {3: (Window(now, now + 25),)}, {}), 5, workers=8)
    repair = next(one for one in found.alternatives if one.way == "stable_repair")
    assert repair.figures.tardiness == 0
    assert repair.figures.moved <= shop.count // 10
