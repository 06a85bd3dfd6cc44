"""An order that another one supplies starts when that one has ended, however the plan is made."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tools.engines.scheduling.dispatching import dispatched
from tools.engines.scheduling.replanning import by_rule, replanned
from tools.engines.scheduling.shop import Choice, Job, Machine, Operation, Shop, Window
from tools.engines.scheduling.situations import Event
from tools.engines.scheduling.solving import solve
from tools.engines.scheduling.violations import violations


def shop_of(chance: random.Random) -> Shop:
    """Parts and the products that they go into, the parts behind the products in the list."""
    products, parts = 4, 6
    jobs = []
    for at in range(products + parts):
        steps = tuple(
            Operation((Choice(chance.randrange(3), chance.randint(2, 9)),))
            for _ in range(chance.randint(1, 3))
        )
        after = tuple(sorted(chance.sample(range(products, products + parts), 2))) if at < products else ()
        jobs.append(Job(steps, due=chance.randint(20, 60), after=after))
    return Shop(tuple(jobs), tuple(Machine(name) for name in "abc"))


@pytest.mark.parametrize("seed", range(4))
def test_no_way_starts_an_order_before_what_supplies_it_has_ended(seed: int) -> None:
    """Dispatched, solved, and in all four ways after an outage."""
    chance = random.Random(seed)
    shop = shop_of(chance)
    rule = {
        (at, step): chance.random() for at, job in enumerate(shop.jobs) for step in range(len(job.operations))
    }
    plan = dispatched(shop, rule)
    assert violations(shop, plan) == []
    found = solve(shop, 2.0, 1, seed)
    assert violations(shop, found.slots) == []
    free = replace(shop, jobs=tuple(replace(job, after=()) for job in shop.jobs))
    assert found.value >= solve(free, 2.0, 1, seed).value
    event = Event(5, "machine_down", {0: (Window(5, 30),)}, {7: 25}, frozen=3)
    for ways in (replanned(shop, plan, event, 2.0, 1, seed), by_rule(shop, plan, event)):
        assert all(violations(ways.shop, one.slots) == [] for one in ways.alternatives[1:])


def test_a_plan_that_does_not_wait_is_found_out() -> None:
    """By code that knows nothing of how it was made."""
    made = (Operation((Choice(0, 5),)),)
    shop = Shop((Job(made, after=(1,)), Job((Operation((Choice(1, 5),)),))), (Machine("a"), Machine("b")))
    plan = dispatched(
        replace(shop, jobs=(replace(shop.jobs[0], after=()), shop.jobs[1])), {(0, 0): 0, (1, 0): 1}
    )
    assert violations(shop, plan) == [
        "job 1 operation 1 starts before job 2 operation 1, which supplies it, ends"
    ]
